#![no_main]
//! Registrations: raw ones, genuine ones that were changed afterwards, and ones that a real key signed over anything.
//!
//! The fuzzer has no private key, so whatever is verified was signed here.

use std::sync::LazyLock;

use glasskey::ctap::cbor;
use glasskey::webauthn::ceremony::UserVerification;
use glasskey::webauthn::registration::{
    ExpectedForeign, ExpectedRegistration, Registration, VerifiedRegistration, verify_foreign,
    verify_registration,
};
use glasskey::webauthn::relying_party::RelyingParty;
use glasskey_fuzz::{Input, assert_harmless, auth_data, bend};
use libfuzzer_sys::fuzz_target;

use mint::{Draft, Maker};

#[path = "../../support/mint.rs"]
#[allow(dead_code)]
mod mint;

static GENUINE: LazyLock<Maker> = LazyLock::new(|| mint::vendor().1);

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let mut maker = GENUINE.clone();
    let object = match input.below(3) {
        0 => input.chunk().to_vec(),
        1 => bend(&mut input, &maker.object()),
        _ => minted(&mut input, &mut maker),
    };
    let client_data =
        if input.flag() { bend(&mut input, &maker.client_data) } else { maker.client_data.clone() };
    let registration = Registration { attestation_object: &object, client_data: &client_data };
    let rp = RelyingParty::custody();
    let user = if input.flag() { UserVerification::Absent } else { UserVerification::Required };
    let expected = ExpectedRegistration { rp: &rp, challenge: &mint::CHALLENGE, user };
    let rp_id = input.flag().then_some("glasskey.invalid");
    let foreign = verify_foreign(&registration, &ExpectedForeign { rp_id, ..Default::default() });
    for error in [foreign.as_ref().err()].into_iter().flatten() {
        assert_harmless(&error.to_string());
    }
    if let Ok(verified) = &foreign {
        genuine(&object, &client_data, &maker, verified);
        assert!(rp_id.is_none() || auth_data(&object).is_some_and(|data| data.starts_with(&rp.id().hash())));
    }
    match verify_registration(&registration, &expected) {
        Ok(verified) => {
            genuine(&object, &client_data, &maker, &verified);
            assert_eq!(verified.flags().0, if user == UserVerification::Required { 0x45 } else { 0x41 });
            assert_eq!(client_data, GENUINE.client_data);
            assert_eq!(foreign.as_ref(), Ok(&verified));
        }
        Err(error) => assert_harmless(&error.to_string()),
    }
});

/// What is verified was signed here, and is told as it was signed.
fn genuine(object: &[u8], client_data: &[u8], maker: &Maker, verified: &VerifiedRegistration) {
    let raw = auth_data(object).expect("it was read");
    let signed = |maker: &Maker| raw == maker.auth_data() && client_data == maker.client_data;
    assert!(signed(maker) || signed(&GENUINE), "a forgery");
    assert_eq!(verified.flags().0, raw[32]);
    assert_eq!(verified.counter().to_be_bytes(), raw[33..37]);
    assert_eq!(verified.aaguid().as_bytes(), &raw[37..53]);
    assert_eq!(verified.credential_id(), &raw[55..71]);
    assert!(raw[71..].starts_with(verified.public_key().cose()));
    assert!(!verified.x5c().is_empty());
}

/// A key that signs whatever it is told to.
fn minted(input: &mut Input<'_>, maker: &mut Maker) -> Vec<u8> {
    if input.flag() {
        maker.flags = input.byte();
    }
    if input.flag() {
        maker.aaguid = input.array();
    }
    if input.flag() {
        maker.counter = u32::from_be_bytes(input.array());
    }
    if input.flag() {
        let bent = bend(input, &cbor::encode(&maker.cose).expect("a key"));
        maker.cose = cbor::decode(&bent).map_or_else(|_| maker.cose.clone(), |decoded| decoded.value);
    }
    if input.flag() {
        maker.tail = input.chunk().to_vec();
    }
    if input.flag() {
        let mut draft = Draft::leaf();
        draft.version = input.below(4);
        draft.extensions.truncate(usize::from(input.below(3)));
        draft.extensions.push(mint::aaguid_extension(input.flag(), &maker.aaguid));
        maker.leaf = draft.self_signed();
    }
    if input.flag() {
        maker.chain.push(input.chunk().to_vec());
    }
    let mut statement = maker.statement();
    if input.flag() {
        statement.push(("ecdaaKeyId", input.chunk().into()));
    }
    if input.flag() {
        statement[0].1 = i64::from(i16::from_be_bytes(input.array())).into();
    }
    maker.object_of("packed", statement)
}
