#![no_main]
//! Client data, signed by a genuine key whatever it says: exactly ours for an assertion, the standard's for a
//! registration of another client.

use std::sync::LazyLock;

use glasskey::webauthn::assertion::{Assertion, Credential, ExpectedAssertion, verify_assertion};
use glasskey::webauthn::ceremony::UserVerification;
use glasskey::webauthn::client_data::ClientData;
use glasskey::webauthn::cose::PublicKey;
use glasskey::webauthn::registration::{ExpectedForeign, Registration, verify_foreign};
use glasskey::webauthn::relying_party::RelyingParty;
use glasskey_fuzz::{Input, assert_harmless};
use libfuzzer_sys::fuzz_target;
use p256::ecdsa::{DerSignature, signature::Signer};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[path = "../../support/mint.rs"]
#[allow(dead_code)]
mod mint;

static MAKER: LazyLock<mint::Maker> = LazyLock::new(|| mint::vendor().1);
static KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    PublicKey::parse(&glasskey::ctap::cbor::encode(&mint::es256_key()).expect("a key")).expect("a key")
});

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    if input.flag() { assertion(input.rest()) } else { registration(input) }
});

fn assertion(client_data: &[u8]) {
    let rp = RelyingParty::custody();
    let credential = Credential { id: vec![0xcd; 16], key: KEY.clone(), counter: 0 };
    let expected = ExpectedAssertion {
        rp: &rp,
        challenge: &mint::CHALLENGE,
        credential: &credential,
        user: UserVerification::Required,
    };
    let auth_data = [&rp.id().hash()[..], &[5, 0, 0, 0, 1]].concat();
    let signature: DerSignature =
        mint::credential_key().sign(&[&auth_data[..], &Sha256::digest(client_data)].concat());
    let assertion = Assertion {
        credential_id: &credential.id,
        auth_data: &auth_data,
        signature: signature.as_bytes(),
        client_data,
    };
    let ours = ClientData::get(&rp, &mint::CHALLENGE);
    match verify_assertion(&assertion, &expected) {
        Ok(_) => assert_eq!(client_data, ours.as_bytes()),
        Err(error) => {
            assert_ne!(client_data, ours.as_bytes());
            assert_harmless(&error.to_string());
        }
    }
}

fn registration(mut input: Input<'_>) {
    let origin = input.flag().then_some("https://glasskey.invalid");
    let challenge = input.flag().then_some(mint::CHALLENGE.as_bytes().as_slice());
    let maker = mint::Maker { client_data: input.rest().to_vec(), ..MAKER.clone() };
    let object = maker.object();
    let registration = Registration { attestation_object: &object, client_data: &maker.client_data };
    match verify_foreign(&registration, &ExpectedForeign { rp_id: None, origin, challenge }) {
        Ok(_) => {
            let read: Value = serde_json::from_slice(&maker.client_data).expect("it is JSON");
            let member =
                |name: &str| read.as_object().expect("it is an object").get(name).and_then(Value::as_str);
            assert_eq!(member("type"), Some("webauthn.create"));
            assert!(member("challenge").is_some() && member("origin").is_some());
            assert!(origin.is_none_or(|origin| member("origin") == Some(origin)));
            let exact = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
            assert!(
                challenge.is_none() || member("challenge").is_some_and(|c| c.trim_end_matches('=') == exact)
            );
        }
        Err(error) => assert_harmless(&error.to_string()),
    }
}
