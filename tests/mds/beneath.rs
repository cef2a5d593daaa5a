//! What imported metadata adds to the catalogue: ours wins, and no warning is lost.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glasskey::catalogue::{Applies, Catalogue, Certification, Confidence, Kind, Model};
use glasskey::mds::store::{self, Import};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::blob::{Blob, NOVEL, entry, roots, then};
use crate::mint::Draft;

const YUBIKEY: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";
/// In the catalogue and not certified, and not in FIDO's metadata at all.
const UNCERTIFIED: &str = "18852056-063b-4042-9814-7d0d383081f9";
const ABSENT: &str = "8652abe9-fbd8-4810-a840-d6fc442a8c2c";

fn id(text: &str) -> Uuid {
    text.parse().unwrap()
}

fn beneath(blob: &Blob, signed: bool) -> Catalogue {
    let raw = if signed { blob.jwt() } else { blob.payload.to_string() };
    let folder = tempfile::tempdir().unwrap();
    let asked = Import { raw: &raw, source: "a", unsigned: true, at: then(), now: then() };
    let (kept, _) = store::import(folder.path(), asked, &roots()).unwrap();
    let mut catalogue = Catalogue::builtin().unwrap();
    catalogue.add_metadata(kept);
    catalogue
}

fn with_roots(aaguid: &str, roots: &[&[u8]]) -> Value {
    let mut entry = entry(aaguid);
    let texts = roots.iter().map(|der| STANDARD.encode(der));
    entry["metadataStatement"]["attestationRootCertificates"] = texts.collect();
    entry
}

fn with_status(aaguid: &str, status: &str) -> Value {
    let mut entry = entry(aaguid);
    entry["statusReports"] = json!([{ "status": status, "effectiveDate": "2026-11-02" }]);
    entry
}

#[test]
fn a_novel_model_is_known_and_never_called_hardware() {
    let root = Draft::ca("Novel Root", 70).self_signed();
    let blob = Blob::with(&[with_roots(NOVEL, &[&root.der])]);
    for signed in [true, false] {
        let catalogue = beneath(&blob, signed);
        let model = catalogue.model(id(NOVEL)).unwrap();
        assert_eq!(
            (model.kind, model.name.as_str(), model.vendor.as_str()),
            (Kind::MetadataOnly, "Novel Key", Model::NO_VENDOR)
        );
        assert!(!model.kind.is_hardware_key(), "metadata do not tell a key from an app");
        let standing = catalogue.certified(id(NOVEL)).unwrap();
        assert_eq!((standing.certification, standing.imported), (Certification::L1, true));
        assert!(catalogue.makers(id(NOVEL)).is_empty());
        let anchors = catalogue.anchors(id(NOVEL));
        assert_eq!(anchors.len(), usize::from(signed), "what nobody signed vouches for nobody");
        if signed {
            assert_eq!((anchors[0].der.clone(), anchors[0].name.as_str()), (root.der.clone(), "Novel Root"));
        }
    }
}

#[test]
fn the_catalogues_own_words_win() {
    let mut entries = entry(YUBIKEY);
    entries["metadataStatement"]["description"] = "Another Name".into();
    entries["statusReports"] = json!([{ "status": "FIDO_CERTIFIED_L1", "effectiveDate": "2026-11-02" }]);
    let (before, after) = (Catalogue::builtin().unwrap(), beneath(&Blob::with(&[entries]), true));
    assert_eq!(before.model(id(YUBIKEY)), after.model(id(YUBIKEY)));
    let standing = after.certified(id(YUBIKEY)).unwrap();
    assert_eq!((standing.certification, standing.imported), (Certification::L2, false));
    assert_eq!(after.metadata_of(id(YUBIKEY)).unwrap().description, "Another Name");
}

#[test]
fn a_certificate_counts_where_the_catalogue_has_none() {
    for (aaguid, before) in [(UNCERTIFIED, Certification::NotCertified), (ABSENT, Certification::NotInMds)] {
        let ours = Catalogue::builtin().unwrap();
        assert_eq!(ours.certified(id(aaguid)).unwrap().certification, before);
        let catalogue = beneath(&Blob::with(&[entry(aaguid)]), true);
        let standing = catalogue.certified(id(aaguid)).unwrap();
        assert_eq!((standing.certification, standing.imported), (Certification::L1, true));
        // An older BLOB than the one that the catalogue was made from tells nothing new.
        let older = Blob::with(&[entry(aaguid)]).bend(|blob| blob.payload["no"] = 290.into());
        let catalogue = beneath(&older, true);
        assert!(catalogue.metadata_is_behind());
        assert_eq!(catalogue.certified(id(aaguid)).unwrap().certification, before);
    }
}

#[test]
fn a_certificate_that_fido_took_back_counts_no_more() {
    for (status, number, signed, wanted) in [
        ("NOT_FIDO_CERTIFIED", 300, true, (Certification::NotCertified, true)),
        ("RETIRED", 291, true, (Certification::NotCertified, true)),
        ("NOT_FIDO_CERTIFIED", 290, true, (Certification::L2, false)),
        ("NOT_FIDO_CERTIFIED", 300, false, (Certification::L2, false)),
        ("UPDATE_AVAILABLE", 300, true, (Certification::L2, false)),
    ] {
        let blob =
            Blob::with(&[with_status(YUBIKEY, status)]).bend(|blob| blob.payload["no"] = number.into());
        let catalogue = beneath(&blob, signed);
        let standing = catalogue.certified(id(YUBIKEY)).unwrap();
        assert_eq!((standing.certification, standing.imported), wanted, "{status}, no. {number}");
        assert!(!standing.imported || standing.status == Some(status));
    }
}

#[test]
fn a_warning_counts_whatever_the_catalogue_says_and_whoever_says_it() {
    for status in ["REVOKED", "ATTESTATION_KEY_COMPROMISE", "USER_VERIFICATION_BYPASS"] {
        for (number, signed) in [(300, true), (290, true), (300, false)] {
            let blob =
                Blob::with(&[with_status(YUBIKEY, status)]).bend(|blob| blob.payload["no"] = number.into());
            let warned = beneath(&blob, signed).warning(id(YUBIKEY)).unwrap();
            assert_eq!(warned.warning.status, status);
            let by = format!("FIDO MDS3 no. {number}{}", if signed { "" } else { ", unsigned" });
            assert_eq!(warned.to_string(), format!("{by}: {status} since 2026-11-02"));
        }
    }
    let calm = beneath(&Blob::with(&[entry(YUBIKEY)]), true);
    assert_eq!(calm.warning(id(YUBIKEY)), None);
    // What the catalogue itself warns of is warned of also where metadata are silent.
    let truu = id("ba86dc56-635f-4141-aef6-00227b1b9af6");
    assert_eq!(calm.warning(truu).unwrap().to_string(), "FIDO MDS3 no. 291: REVOKED since 2023-12-20");
}

#[test]
fn a_further_root_counts_for_a_hardware_key_if_fido_signed_it() {
    let new = Draft::ca("Next Root", 71).self_signed();
    let own = Catalogue::builtin().unwrap().anchors(id(YUBIKEY));
    let blob = Blob::with(&[with_roots(YUBIKEY, &[&new.der, &own[0].der])]);
    let count = |number: u32, signed| {
        let blob = blob.clone().bend(|blob| blob.payload["no"] = number.into());
        let anchors = beneath(&blob, signed).anchors(id(YUBIKEY));
        assert_eq!(anchors[..own.len()], own, "ours come first, and stay");
        anchors.len()
    };
    assert_eq!(count(300, true), own.len() + 1);
    assert_eq!(count(291, true), own.len() + 1);
    assert_eq!((count(290, true), count(300, false)), (own.len(), own.len()));
    // An app gets none, whoever lists it.
    let app = "de1e552d-db1d-4423-a619-566b625cdc84";
    assert!(beneath(&Blob::with(&[with_roots(app, &[&new.der])]), true).anchors(id(app)).is_empty());
}

#[test]
fn roots_for_tests_and_roots_that_issue_to_everybody_vouch_for_nobody() {
    let public: Vec<_> = Catalogue::builtin().unwrap().mds_roots().map(|root| root.der.clone()).collect();
    let own = Catalogue::builtin().unwrap().anchors(id(YUBIKEY)).len();
    let named = |name| Draft::ca(name, 72).self_signed().der;
    for (der, counts) in [
        (public[0].clone(), false),
        (public[1].clone(), false),
        (named("TEST FIDO Root CA"), false),
        (named("Acme 2027 FIDO Preview CA"), false),
        (named("FIDO (test)"), false),
        (b"no certificate".to_vec(), false),
        (named("Attestation Root"), true),
        (named("Contest Root"), true),
    ] {
        for aaguid in [YUBIKEY, NOVEL] {
            let catalogue = beneath(&Blob::with(&[with_roots(aaguid, &[&der])]), true);
            let before = if aaguid == YUBIKEY { own } else { 0 };
            assert_eq!(catalogue.anchors(id(aaguid)).len(), before + usize::from(counts));
        }
    }
}

#[test]
fn a_novel_model_under_a_vendors_root_is_concluded_to_be_theirs() {
    let root = Catalogue::builtin().unwrap().anchors(id(YUBIKEY))[0].der.clone();
    let token2 =
        Catalogue::builtin().unwrap().anchors(id("eabb46cc-e241-80bf-ae9e-96fa6d2975cf"))[0].der.clone();
    let catalogue = beneath(&Blob::with(&[with_roots(NOVEL, &[&root])]), true);
    let makers = catalogue.makers(id(NOVEL));
    assert_eq!((makers[0].name.as_str(), makers[0].confidence), ("Yubico", Confidence::Inferred));
    // What is only concluded condemns nobody, and clears nobody either.
    let advisories = catalogue.advisories_for(id(NOVEL), None);
    assert!(!advisories.is_empty() && advisories.iter().all(|(_, applies)| *applies == Applies::CannotTell));
    // Roots of two vendors conclude nothing.
    let both = beneath(&Blob::with(&[with_roots(NOVEL, &[&root, &token2])]), true);
    assert_eq!(both.model(id(NOVEL)).unwrap().vendor, Model::NO_VENDOR);
}
