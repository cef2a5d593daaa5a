//! Mints metadata BLOBs, good ones and bent ones: a JWT signed with ES256 under a root of our own.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use glasskey::webauthn::anchor::Anchor;
use jiff::Timestamp;
use p256::ecdsa::Signature;
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::mint::{Draft, Minted, basic_constraints, extension, key, tlv};

/// A model that the catalogue does not have.
pub(crate) const NOVEL: &str = "0c0ffee0-5afe-4000-8000-00000000beef";

pub(crate) fn when(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When the minted certificates are valid.
pub(crate) fn then() -> Timestamp {
    when("2026-11-22T10:00:00Z")
}

/// The names of hosts (RFC 5280 §4.2.1.6).
pub(crate) fn hosts(names: &[&str]) -> Vec<u8> {
    let names: Vec<u8> = names.iter().flat_map(|name| tlv(0x82, name.as_bytes())).collect();
    extension("2.5.29.17", false, &tlv(0x30, &names))
}

/// A signer's certificate before it is signed.
pub(crate) fn signer() -> Draft {
    Draft {
        subject: ["US", "FIDO ALLIANCE, INC.", "", "mds.fidoalliance.org"],
        extensions: vec![basic_constraints(false, None), hosts(&["mds.fidoalliance.org"])],
        key: key(31),
        ..Draft::leaf()
    }
}

/// The chain of a good BLOB: a root, a CA below it, the signer's certificate.
pub(crate) fn chain() -> (Minted, Minted, Minted) {
    let root = Draft::ca("Metadata Root", 33).self_signed();
    let ca = Draft::ca("Metadata CA", 32).signed_by(&root);
    let leaf = signer().signed_by(&ca);
    (root, ca, leaf)
}

/// A BLOB before it is signed.
#[derive(Clone)]
pub(crate) struct Blob {
    pub(crate) header: Value,
    pub(crate) payload: Value,
    pub(crate) leaf: Minted,
}

impl Blob {
    /// A good one, number 300, with these entries.
    pub(crate) fn with(entries: &[Value]) -> Self {
        let (_, ca, leaf) = chain();
        Self::signed_under(leaf, &[&ca]).entries(entries)
    }

    /// By this certificate, and these beside it.
    pub(crate) fn signed_under(leaf: Minted, others: &[&Minted]) -> Self {
        let all: Vec<_> = [&leaf].iter().chain(others).map(|one| STANDARD.encode(&one.der)).collect();
        let payload =
            json!({ "legalHeader": "…", "no": 300, "nextUpdate": "2026-12-15", "entries": [entry(NOVEL)] });
        Self { header: json!({ "alg": "ES256", "typ": "JWT", "x5c": all }), payload, leaf }
    }

    fn entries(mut self, entries: &[Value]) -> Self {
        self.payload["entries"] = entries.into();
        self
    }

    pub(crate) fn bend(mut self, bend: impl FnOnce(&mut Self)) -> Self {
        bend(&mut self);
        self
    }

    pub(crate) fn jwt(&self) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&self.header), part(&self.payload));
        let signature: Signature = self.leaf.key().sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// The roots that verify minted BLOBs.
pub(crate) fn roots() -> Vec<Anchor> {
    vec![chain().0.issuer()]
}

/// An entry of a certified key.
pub(crate) fn entry(aaguid: &str) -> Value {
    json!({
        "aaguid": aaguid,
        "metadataStatement": {
            "aaguid": aaguid, "description": "Novel Key", "authenticatorVersion": 7, "protocolFamily": "fido2",
            "attachmentHint": ["external", "wired"], "keyProtection": ["hardware", "secure_element"],
            "attestationRootCertificates": [], "icon": "data:image/png;base64,AAAA",
            "authenticatorGetInfo": { "versions": ["FIDO_2_1"], "aaguid": aaguid.replace('-', "") },
        },
        "statusReports": [{ "status": "FIDO_CERTIFIED_L1", "effectiveDate": "2026-11-01" }],
        "timeOfLastStatusChange": "2026-11-01",
    })
}

/// The files of a catalogue folder that trusts the minted root for metadata.
pub(crate) fn folder_files() -> [(&'static str, String); 2] {
    let root = chain().0;
    let pem = STANDARD.encode(&root.der);
    let lines: Vec<&str> = pem.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let sha256 = hex::encode(Sha256::digest(&root.der));
    let toml = format!(
        "updated = \"2026-11-22\"\n[[mds_root]]\nid = \"ours\"\nfile = \"ours.pem\"\nname = \"Metadata Root\"\nkind = \"issuer\"\n\
         sha256 = \"{sha256}\"\nsubject = \"CN=Metadata Root\"\nissuer = \"self\"\nnot_before = \"2020-01-01\"\nnot_after = \"2040-12-31\"\n\
         source = \"a test\"\n"
    );
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    [("anchors.toml", toml), ("anchors/ours.pem", pem)]
}
