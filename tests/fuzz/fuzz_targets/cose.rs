#![no_main]
//! Credential public keys: the key is the point in the bytes, and both readers of COSE_Keys agree on it.

use glasskey::ctap::protocol::{Protocol, SharedSecret};
use glasskey::webauthn::cose::{Algorithm, PublicKey};
use glasskey_fuzz::{Input, assert_harmless};
use libfuzzer_sys::fuzz_target;
use zeroize::Zeroizing;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let (cose, signature) = (input.chunk(), input.chunk());
    drop(Algorithm(i64::from_be_bytes(input.array())).to_string());
    let key = match PublicKey::parse(cose) {
        Ok(key) => key,
        Err(error) => return assert_harmless(&error.to_string()),
    };
    assert_eq!(key.cose(), cose);
    assert!(!key.verifies(b"nobody signed this", signature) || signature.len() >= 8);
    assert!(SharedSecret::agree(Protocol::Two, cose, &Zeroizing::new([1; 32])).is_ok());
});
