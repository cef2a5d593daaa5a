#![no_main]
//! The answers to makeCredential and getAssertion, the attestation object that is made of the first, and the secrets
//! that come with the second.

use std::sync::LazyLock;

use glasskey::ctap::authdata::Flags;
use glasskey::ctap::cbor::{self, Deviation};
use glasskey::ctap::credential::{AssertionAnswer, Attestation};
use glasskey::ctap::hmac_secret;
use glasskey::ctap::protocol::{Protocol, SharedSecret};
use glasskey_fuzz::assert_harmless;
use libfuzzer_sys::fuzz_target;
use zeroize::Zeroizing;

#[path = "../../support/mint.rs"]
#[allow(dead_code)]
mod mint;

static SHARED: LazyLock<[SharedSecret; 2]> = LazyLock::new(|| {
    let key = cbor::encode(&mint::es256_key()).expect("a key");
    [Protocol::One, Protocol::Two].map(|protocol| {
        SharedSecret::agree(protocol, &key, &Zeroizing::new([5; 32])).unwrap_or_else(|e| panic!("{e}"))
    })
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(decoded) = cbor::decode(bytes) else { return };
    match Attestation::parse(decoded.value.clone()) {
        Ok(made) => {
            assert!(made.auth_data.flags.has(Flags::AT) && made.auth_data.attested.is_some());
            let (object, rest) = cbor::decode_prefix(&made.object).expect("an attestation object is CBOR");
            assert!(rest.is_empty() && !object.deviations.contains(&Deviation::Encoding));
            let members = object.value.as_map().expect("a map");
            let names: Vec<_> = members.iter().filter_map(|(name, _)| name.as_text()).collect();
            assert_eq!(names, ["fmt", "attStmt", "authData"]);
            assert_eq!(members[0].1.as_text(), Some(made.format.as_str()));
            assert_eq!(members[2].1.as_bytes(), Some(&made.auth_data.raw));
        }
        Err(error) => assert_harmless(&error.to_string()),
    }
    match AssertionAnswer::parse(decoded.value) {
        Ok(answer) => {
            assert!(answer.auth_data.raw.len() >= 37);
            for (shared, salts) in SHARED.iter().zip([&[[1; 32]][..], &[[1; 32], [2; 32]]]) {
                match hmac_secret::output(&answer.auth_data, salts, shared) {
                    Ok(secrets) => assert_eq!(secrets.len(), salts.len()),
                    Err(error) => assert_harmless(&error.to_string()),
                }
            }
        }
        Err(error) => assert_harmless(&error.to_string()),
    }
});
