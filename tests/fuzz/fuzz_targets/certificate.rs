#![no_main]
//! Certificates as bytes: genuine, changed or none at all, in any order, against the genuine root.

use std::sync::LazyLock;

use glasskey::webauthn::anchor::{Anchor, AnchorKind};
use glasskey::webauthn::certificate::certificate_firmware;
use glasskey::webauthn::second_opinion::second_opinion;
use glasskey::webauthn::trust::check_path;
use glasskey_fuzz::{Input, assert_harmless, bend, signed_part};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use mint::{Draft, Great};
use uuid::Uuid;

#[path = "../../support/mint.rs"]
#[allow(dead_code)]
mod mint;

/// The root first; then what leads to it, leaves last.
static GENUINE: LazyLock<Vec<mint::Minted>> = LazyLock::new(|| {
    let root = Draft::ca("Soft Root CA", 2).self_signed();
    let middle = Draft::ca("Soft Middle CA", 3).signed_by(&root);
    let great = p384::ecdsa::SigningKey::from_slice(&[4; 48]).map(Great::P384Sha384).expect("a key");
    let great = Draft { great: Some(great), ..Draft::ca("Soft Great CA", 4) }.signed_by(&root);
    let leaves = [&root, &middle, &great].map(|issuer| Draft::leaf().signed_by(issuer));
    [root, middle, great].into_iter().chain(leaves).collect()
});

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let x5c: Vec<_> = (0..=input.below(5)).map(|_| certificate(&mut input)).collect();
    let aaguid = Uuid::from_bytes(mint::AAGUID);
    let at = Timestamp::from_second(1_700_000_000).expect("a time");
    for der in &x5c {
        let _ = certificate_firmware(der);
    }
    match check_path(&x5c, &[GENUINE[0].issuer()], aaguid, at) {
        Ok(path) => {
            let known = |leaf: &mint::Minted| signed_part(&leaf.der) == signed_part(&x5c[0]);
            assert!(GENUINE[3..].iter().any(known), "a forgery");
            assert!(path.expired_by(at).is_none() && path.aaguid() == aaguid && path.at() == at);
        }
        Err(error) => assert_harmless(&error.to_string()),
    }
    drop(second_opinion(&x5c, &[GENUINE[0].issuer()], aaguid, at));
    // A vendor's certificate may be odd as well, and is trusted as it is.
    let kind = if input.flag() { AnchorKind::Issuer } else { AnchorKind::ExactLeaf };
    let odd = Anchor { der: certificate(&mut input), kind, name: "odd".into(), soft: false };
    if let Ok(path) = check_path(&x5c, std::slice::from_ref(&odd), aaguid, at) {
        assert_eq!((path.anchor(), path.kind()), ("odd", kind));
        assert!(kind == AnchorKind::Issuer || odd.der == x5c[0]);
        assert!(
            kind == AnchorKind::ExactLeaf || odd.der != x5c[0],
            "an issuer as its own attestation certificate"
        );
    }
    drop(second_opinion(&x5c, &[odd], aaguid, at));
});

fn certificate(input: &mut Input<'_>) -> Vec<u8> {
    match input.below(8) {
        known @ 0..6 => bend(input, &GENUINE[usize::from(known)].der),
        _ => input.chunk().to_vec(),
    }
}
