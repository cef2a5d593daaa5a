//! Real registrations, collected from public test suites, against the catalogue's own anchors.
//!
//! The collection is not part of this repository; where it is absent the test says that it was skipped.

#![expect(clippy::disallowed_methods, reason = "reads the collected registrations")]

#[path = "support/skip.rs"]
mod skip;

use glasskey::catalogue::Catalogue;
use glasskey::webauthn::stored::Stored;
use jiff::Timestamp;

/// Why a registration that is genuine by its signature is refused all the same.
fn refusal(format: &str, algorithm: i64, file: &str) -> Option<&'static str> {
    match (format, algorithm) {
        _ if file.starts_with("partial--") => Some("'clientDataJSON' is missing"),
        // Its attestation object is followed by bytes of something else.
        ("fido-u2f", _) if file == "yubico--u2f--fido-u2f--00000000--01.json" => Some("bytes follow the end"),
        ("fido-u2f", _) => Some("format is 'fido-u2f'"),
        (_, -8) => Some("EdDSA"),
        (_, -257) => Some("RS256"),
        (_, -48) => Some("ML-DSA-44"),
        (_, -49) => Some("ML-DSA-65"),
        (_, -50) => Some("ML-DSA-87"),
        // Its certificate does not say which model it is for, so nothing ties it to its AAGUID.
        _ if file.starts_with("trustkey--") => Some("lacks the AAGUID extension"),
        _ => None,
    }
}

#[test]
fn genuine_packed_es256_registrations_lead_to_the_catalogues_anchors_and_others_are_refused_by_name() {
    let Some(vectors) = skip::research("aaguids/vectors") else { return };
    let index = std::fs::read_to_string(vectors.join("index.csv")).unwrap();
    let catalogue = Catalogue::builtin().unwrap();
    let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
    let mut verified = 0;
    for row in index.lines().skip(1) {
        let Some(file) = row.split(',').next().filter(|file| file.ends_with(".json")) else { continue };
        let Ok(bytes) = std::fs::read(vectors.join(file)) else { continue };
        let algorithm =
            row.split(',').find_map(|column| column.parse::<i64>().ok().filter(|number| *number < 0));
        let answer = Stored::parse(&bytes).unwrap().verify(file, |aaguid| catalogue.anchors(aaguid), now);
        let format = if row.contains(",fido-u2f,") { "fido-u2f" } else { "packed" };
        match refusal(format, algorithm.unwrap_or_default(), file) {
            None => {
                assert!(answer.verified && answer.anchor.is_some(), "{file}: {:?}", answer.reason);
                verified += 1;
            }
            Some(reason) => {
                assert!(!answer.verified, "{file}");
                assert!(
                    answer.reason.as_deref().is_some_and(|told| told.contains(reason)),
                    "{file}: {:?}",
                    answer.reason
                );
            }
        }
    }
    assert!(verified >= 20, "only {verified} registrations were verified");
}
