//! Real BLOBs, where the research lies beside the repository; else these tests say that they were skipped.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use glasskey::catalogue::{AnchorRecord, Catalogue, Kind, Model};
use glasskey::mds::store::{self, Import};
use glasskey::mds::{MdsError, Metadata, Proof, Standing};
use glasskey::webauthn::anchor::Anchor;
use serde_json::Value;

use crate::blob::{Blob, roots as minted_roots, then, when};
use crate::skip;

const SIGNED: [(&str, &str, u32, [usize; 4]); 2] = [
    ("mds3-no9-signed.jwt", "2021-11-20T00:00:00Z", 9, [98, 46, 35, 17]),
    ("mds3-no34-signed.jwt", "2023-10-15T00:00:00Z", 34, [175, 109, 49, 17]),
];

fn research(name: &str) -> Option<PathBuf> {
    skip::research(&format!("aaguids/{name}"))
}

fn blob(name: &str) -> Option<String> {
    Some(fs::read_to_string(research(&format!("mds/{name}"))?).unwrap())
}

fn roots() -> Vec<Anchor> {
    Catalogue::builtin().unwrap().mds_roots().map(AnchorRecord::anchor).collect()
}

#[test]
fn both_verify_at_their_time_and_not_today() {
    for (name, at, number, counts) in SIGNED {
        let Some(text) = blob(name) else { return };
        let metadata = Metadata::read(&text, &roots(), when(at), false).unwrap();
        let tally = &metadata.tally;
        assert_eq!((metadata.number, [tally.entries, tally.models, tally.u2f, tally.uaf]), (number, counts));
        assert_eq!(tally.left_out, []);
        assert!(matches!(&metadata.proof, Proof::Signed { root, .. } if root == "GlobalSign Root CA - R3"));
        let now = Metadata::read(&text, &roots(), then(), false);
        assert!(matches!(now, Err(MdsError::NotValid { .. })), "its signer's certificate has run out");
        let r46: Vec<_> = roots().into_iter().filter(|root| root.name.contains("R46")).collect();
        assert_eq!(r46.len(), 1);
        assert!(matches!(Metadata::read(&text, &r46, when(at), false), Err(MdsError::NoPath(_))));
    }
}

#[test]
fn one_flipped_bit_in_each_part_is_refused() {
    // The header, the payload, the signature, and the header's certificates, each as bytes.
    for (name, at, ..) in SIGNED {
        let Some(text) = blob(name) else { return };
        let parts: Vec<Vec<u8>> = text
            .trim_start_matches('\u{feff}')
            .trim()
            .split('.')
            .map(|part| URL_SAFE_NO_PAD.decode(part).unwrap())
            .collect();
        let refused = |parts: &[Vec<u8>], what: &str| {
            let text: Vec<String> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
            let read = Metadata::read(&text.join("."), &roots(), when(at), false);
            assert!(read.is_err(), "{name}: {what}");
        };
        assert!(Metadata::read(&text, &roots(), when(at), false).is_ok());
        for (part, what, every) in [(0, "header", 503), (1, "payload", 80_021), (2, "signature", 13)] {
            for place in (0..parts[part].len()).step_by(every) {
                let mut bent = parts.clone();
                bent[part][place] ^= 1 << (place % 8);
                refused(&bent, &format!("{what}, byte {place}"));
            }
        }
        let header: Value = serde_json::from_slice(&parts[0]).unwrap();
        for (certificate, text) in header["x5c"].as_array().unwrap().iter().enumerate() {
            let der = STANDARD.decode(text.as_str().unwrap()).unwrap();
            for place in (0..der.len()).step_by(173) {
                let (mut header, mut der) = (header.clone(), der.clone());
                der[place] ^= 1 << (place % 8);
                header["x5c"][certificate] = STANDARD.encode(der).into();
                let bent = [header.to_string().into_bytes(), parts[1].clone(), parts[2].clone()];
                refused(&bent, &format!("certificate {certificate}, byte {place}"));
            }
        }
    }
}

/// The payload of no. 291; `whole`: with the root certificates that were taken out of the copy put back.
fn no291(whole: bool) -> Option<Value> {
    let mut payload: Value = serde_json::from_str(&blob("mds3-no291.compact.json")?).unwrap();
    if whole {
        let text = fs::read_to_string(research("roots/all_mds_certs.json")?).unwrap();
        let certificates: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
        for entry in payload["entries"].as_array_mut().unwrap() {
            let statement = &mut entry["metadataStatement"];
            let hashes = statement["attestationRootCertificates_sha256"].as_array().unwrap().clone();
            let pem = |hash: &Value| {
                let lines = certificates[hash.as_str().unwrap()]["pem"].as_str().unwrap().lines();
                lines.filter(|line| !line.starts_with("-----")).collect::<String>()
            };
            statement["attestationRootCertificates"] = hashes.iter().map(pem).collect();
        }
    }
    Some(payload)
}

#[test]
fn all_520_entries_of_no_291_are_accounted_for() {
    let Some(payload) = no291(true) else { return };
    let metadata = Metadata::read(&payload.to_string(), &[], then(), true).unwrap();
    let tally = &metadata.tally;
    assert_eq!([tally.entries, tally.models, tally.u2f, tally.uaf], [520, 348, 136, 36]);
    assert_eq!(tally.left_out, []);
    let warned: Vec<_> = metadata.entries().filter(|entry| entry.warning().is_some()).collect();
    assert_eq!(warned.len(), 1);
    assert_eq!(warned[0].warning().unwrap().to_string(), "REVOKED since 2023-12-20, of its version 1");
    assert!(metadata.entries().all(|entry| entry.remarks.is_empty()));
}

#[test]
fn what_it_says_of_certification_is_what_the_catalogue_says_row_by_row() {
    let Some(payload) = no291(false) else { return };
    let catalogue = Catalogue::builtin().unwrap();
    let metadata = Metadata::read(&payload.to_string(), &[], then(), true).unwrap();
    for entry in metadata.entries() {
        let model = catalogue.model(entry.aaguid).unwrap();
        let ours = serde_json::to_value(model.certification).unwrap();
        let level = match entry.standing() {
            Standing::Certified { level, .. } => level,
            Standing::NotCertified | Standing::Unsaid => "none",
        };
        // The one that is revoked keeps its level in the catalogue, which warns of it.
        if !model.has_bad_status() {
            assert_eq!(ours, level, "{} {:?}", entry.aaguid, entry.reports);
        }
        assert_eq!(model.mds_name.as_ref().unwrap_or(&model.name), &entry.description, "{}", entry.aaguid);
    }
}

/// Signs a payload with a key of our own, and lays it beneath the catalogue.
fn beneath(payload: Value) -> Catalogue {
    let jwt = Blob::with(&[]).bend(|blob| blob.payload = payload).jwt();
    let folder = tempfile::tempdir().unwrap();
    let asked = Import { raw: &jwt, source: "a", unsigned: false, at: then(), now: then() };
    let (kept, _) = store::import(folder.path(), asked, &minted_roots()).unwrap();
    let mut catalogue = Catalogue::builtin().unwrap();
    catalogue.add_metadata(kept);
    catalogue
}

#[test]
fn the_metadata_that_the_catalogue_was_made_from_adds_nothing_to_it() {
    let Some(payload) = no291(true) else { return };
    let (before, after) = (Catalogue::builtin().unwrap(), beneath(payload));
    assert!(before.models().eq(after.models()), "not even what was left out of the anchors on purpose");
    assert!(before.all_anchors().eq(after.all_anchors()));
}

#[test]
fn of_unknown_models_the_vendor_is_concluded_from_the_root_or_not_at_all() {
    let Some(mut payload) = no291(true) else { return };
    let ours = Catalogue::builtin().unwrap();
    // The same models under AAGUIDs that nobody knows.
    let other = |aaguid: &str| format!("ffff{}", &aaguid[4..]);
    let mut known = BTreeMap::new();
    for entry in payload["entries"].as_array_mut().unwrap() {
        let Some(aaguid) = entry["aaguid"].as_str().map(str::to_owned) else { continue };
        known.insert(other(&aaguid).parse::<uuid::Uuid>().unwrap(), aaguid.parse::<uuid::Uuid>().unwrap());
        entry["aaguid"] = other(&aaguid).into();
        entry["metadataStatement"]["aaguid"] = other(&aaguid).into();
    }
    let catalogue = beneath(payload);
    let (mut right, mut open) = (0, 0);
    for (aaguid, original) in known {
        let (model, original) = (catalogue.model(aaguid).unwrap(), ours.model(original).unwrap());
        assert_eq!(model.kind, Kind::MetadataOnly);
        if original.kind != Kind::Hardware {
            continue;
        }
        if model.vendor == Model::NO_VENDOR {
            assert!(catalogue.makers(aaguid).is_empty(), "nobody is named where nobody is known");
            open += 1;
        } else {
            assert_eq!(model.vendor, original.vendor, "{}", original.name);
            assert_eq!(catalogue.makers(aaguid).len(), 1);
            right += 1;
        }
        let (now, then) = (catalogue.anchors(aaguid), ours.anchors(original.aaguid));
        let ders = |anchors: &[Anchor]| {
            let mut ders: Vec<_> = anchors.iter().map(|anchor| anchor.der.clone()).collect();
            ders.sort();
            ders
        };
        assert_eq!(ders(&now), ders(&then), "{}: trusted like the model that it is", original.name);
    }
    assert!(right > 280 && open < 30, "{right} right, {open} open");
}
