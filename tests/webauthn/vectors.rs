//! Real attestations, which are not ours to publish: skipped, and said so, where they are not at hand.
#![expect(clippy::disallowed_methods, reason = "the attestations are files")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use glasskey::webauthn::{
    anchor::{Anchor, AnchorKind},
    certificate::certificate_firmware,
    registration::{ExpectedForeign, Registration, verify_foreign},
    second_opinion::{SecondOpinion, second_opinion},
    stored::Stored,
    trust::{TrustError, check_path},
};
use jiff::Timestamp;
use serde_json::Value;

use crate::skip;

/// The research beside the repository, if it is there.
fn aaguids() -> Option<PathBuf> {
    skip::research("aaguids")
}

/// All vendor certificates, as anchors for any model: stricter than no test, laxer than the catalogue.
fn anchors(aaguids: &Path) -> Vec<Anchor> {
    let mut anchors = Vec::new();
    for entry in fs::read_dir(aaguids.join("roots")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "pem") && !name.starts_with("google") {
            let pem = fs::read_to_string(&path).unwrap();
            let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            let der = BASE64_STANDARD.decode(body).unwrap();
            anchors.push(Anchor { der, kind: AnchorKind::Issuer, name, soft: false });
        }
    }
    anchors
}

struct Vector {
    name: String,
    json: Value,
    bytes: Vec<u8>,
}

impl Vector {
    fn field(&self, name: &str) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(self.json[name].as_str().unwrap_or_default()).unwrap()
    }
}

fn vectors(aaguids: &Path) -> Vec<Vector> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(aaguids.join("vectors")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            all.insert(name, fs::read(path).unwrap());
        }
    }
    let read = |(name, bytes): (String, Vec<u8>)| Vector {
        json: serde_json::from_slice(&bytes).unwrap(),
        name,
        bytes,
    };
    all.into_iter().map(read).collect()
}

/// A time at which every path but the preview keys' is valid.
fn then() -> Timestamp {
    "2021-07-01T00:00:00Z".parse().unwrap()
}

#[test]
fn genuine_es256_keys_are_verified_and_all_else_is_refused_by_name() {
    let Some(aaguids) = aaguids() else { return };
    let anchors = anchors(&aaguids);
    let mut verified = 0;
    for vector in vectors(&aaguids) {
        let stored = Stored::parse(&vector.bytes).unwrap();
        let answer = stored.verify(&vector.name, |_| anchors.clone(), then());
        let reason = answer.reason.clone().unwrap_or_default();
        let algorithm = vector.json["checked"]["credential_alg"].as_i64();
        let format = vector.json["fmt"].as_str().unwrap();
        assert_eq!(answer.fmt.as_deref(), Some(format), "{}", vector.name);
        assert_eq!(answer.flags.as_deref(), vector.json["checked"]["flags"].as_str(), "{}", vector.name);
        assert_eq!(answer.aaguid.unwrap().to_string(), vector.json["aaguid"].as_str().unwrap());
        println!("{} {:?} {reason}", vector.name, answer.anchor);
        let wanted = match (format, algorithm) {
            _ if vector.name.starts_with("partial") => "'clientDataJSON' is missing",
            // As collected, this object is followed by its own client data.
            _ if vector.name == "yubico--u2f--fido-u2f--00000000--01.json" => "117 bytes follow the end",
            ("fido-u2f", _) => "'fido-u2f', not 'packed'",
            (_, Some(-8)) => "EdDSA (-8)",
            (_, Some(-48)) => "ML-DSA-44",
            (_, Some(-49)) => "ML-DSA-65",
            (_, Some(-50)) => "ML-DSA-87",
            (_, Some(-257)) => "RS256 (-257)",
            _ if vector.name.starts_with("trustkey") => "lacks the AAGUID extension",
            _ => "",
        };
        assert_eq!(answer.verified, wanted.is_empty(), "{} {reason}", vector.name);
        assert!(reason.contains(wanted), "{} {reason}", vector.name);
        verified += usize::from(answer.verified);
    }
    assert!(verified > 20, "{verified}");
}

#[test]
fn genuine_registrations_at_other_parties_times_and_vendors_are_refused() {
    let Some(aaguids) = aaguids() else { return };
    let all = anchors(&aaguids);
    let mut refused = 0;
    for vector in vectors(&aaguids) {
        let ask = |change: &dyn Fn(&mut Value), anchors: &[Anchor]| {
            let mut json = vector.json.clone();
            change(&mut json);
            let stored = Stored::parse(json.to_string().as_bytes()).unwrap();
            stored.verify("file", |_| anchors.to_vec(), then())
        };
        let anchor = match ask(&|_| {}, &all) {
            answer if answer.verified => answer.anchor.unwrap(),
            _ => continue,
        };
        for (member, value) in [
            ("rpId", "evil.example"),
            ("origin", "https://evil.example"),
            ("challenge", "AAAA"),
            ("at", "2010-01-01"),
        ] {
            assert!(!ask(&|json| json[member] = value.into(), &all).verified, "{} {member}", vector.name);
        }
        let others: Vec<_> = all.iter().filter(|other| other.name != anchor).cloned().collect();
        let others: Vec<_> = others.into_iter().filter(|other| !other.name.starts_with("feitian")).collect();
        assert!(!ask(&|_| {}, &others).verified, "{}", vector.name);
        assert!(ask(&|_| {}, &[]).reason.unwrap().contains("no vendor certificate is known"));
        refused += 1;
    }
    assert!(refused > 20, "{refused}");
}

/// Samples of one bit in seven, so that the places differ from vector to vector.
#[test]
fn one_bit_bends_of_genuine_registrations_are_refused() {
    let Some(aaguids) = aaguids() else { return };
    let all = anchors(&aaguids);
    let mut harmless = Vec::new();
    for (start, vector) in vectors(&aaguids).into_iter().enumerate() {
        let (object, client_data) = (vector.field("attestationObject"), vector.field("clientDataJSON"));
        let rp_id = vector.json["rpId"].as_str();
        let check = |object: &[u8], anchors: &[Anchor]| {
            let registration = Registration { attestation_object: object, client_data: &client_data };
            let expected = ExpectedForeign { rp_id, ..Default::default() };
            let verified = verify_foreign(&registration, &expected).ok()?;
            check_path(verified.x5c(), anchors, verified.aaguid(), then()).ok()
        };
        let Some(path) = check(&object, &all) else { continue };
        let anchors: Vec<_> = all.iter().filter(|anchor| anchor.name == path.anchor()).cloned().collect();
        for bit in (start % 7..object.len() * 8).step_by(7) {
            let mut bent = object.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            if check(&bent, &anchors).is_some() {
                harmless.push((vector.name.clone(), bit / 8));
            }
        }
    }
    assert_eq!(harmless, []);
}

#[test]
fn webauthn_rs_is_of_our_opinion_but_where_it_cannot_tell() {
    let Some(aaguids) = aaguids() else { return };
    let all = anchors(&aaguids);
    let mut opinions = BTreeMap::new();
    for vector in vectors(&aaguids) {
        let (object, client_data) = (vector.field("attestationObject"), vector.field("clientDataJSON"));
        let registration = Registration { attestation_object: &object, client_data: &client_data };
        let Ok(verified) = verify_foreign(&registration, &ExpectedForeign::default()) else { continue };
        let Ok(path) = check_path(verified.x5c(), &all, verified.aaguid(), then()) else { continue };
        let anchors: Vec<_> = all.iter().filter(|anchor| anchor.name == path.anchor()).cloned().collect();
        let opinion = second_opinion(verified.x5c(), &anchors, verified.aaguid(), then());
        assert!(!matches!(opinion, SecondOpinion::Refused(_)), "{} {opinion}", vector.name);
        *opinions.entry(opinion.to_string()).or_insert(0) += 1;
        let firmware = certificate_firmware(&verified.x5c()[0]);
        println!("{} {firmware:?} {opinion}", vector.name);
        if vector.name.contains("bio-series") {
            assert!(matches!(firmware, Some([5, 5, 4 | 5])), "{firmware:?}");
        }
    }
    println!("{opinions:#?}");
    assert!(opinions["webauthn-rs chain: ok"] > 20);
    assert!(opinions.keys().any(|opinion| opinion.contains("encodes a certificate anew")));
}

#[test]
fn an_expired_vendor_root_is_told_as_such() {
    let Some(aaguids) = aaguids() else { return };
    // TrustKey's root expired in 2023 and its leaf lacks the AAGUID extension, so take a path that will expire.
    let all = anchors(&aaguids);
    let vectors = vectors(&aaguids);
    let vector = vectors.iter().find(|vector| vector.name.starts_with("authentrend")).unwrap();
    let (object, client_data) = (vector.field("attestationObject"), vector.field("clientDataJSON"));
    let registration = Registration { attestation_object: &object, client_data: &client_data };
    let verified = verify_foreign(&registration, &ExpectedForeign::default()).unwrap();
    let at = |at: &str| check_path(verified.x5c(), &all, verified.aaguid(), at.parse().unwrap());
    let path = at("2030-01-01T00:00:00Z").unwrap();
    assert_eq!(path.expired_by("2050-01-01T00:00:00Z".parse().unwrap()), None);
    assert!(path.expired_by("2051-01-01T00:00:00Z".parse().unwrap()).is_some());
    assert!(matches!(at("2055-01-01T00:00:00Z"), Err(TrustError::AnchorExpired { .. })));
}
