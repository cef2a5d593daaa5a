#![no_main]
//! Assertions: raw ones, changed ones, and ones that the credential signed over anything.

use glasskey::webauthn::assertion::{
    Assertion, CounterMove, Credential, ExpectedAssertion, verify_assertion,
};
use glasskey::webauthn::ceremony::UserVerification;
use glasskey::webauthn::client_data::ClientData;
use glasskey::webauthn::cose::PublicKey;
use glasskey::webauthn::relying_party::RelyingParty;
use glasskey_fuzz::{Input, assert_harmless, bend};
use libfuzzer_sys::fuzz_target;
use p256::ecdsa::{DerSignature, signature::Signer};
use sha2::{Digest, Sha256};

#[path = "../../support/mint.rs"]
#[allow(dead_code)]
mod mint;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let rp = RelyingParty::custody();
    let cose = glasskey::ctap::cbor::encode(&mint::es256_key()).expect("a key");
    let key = PublicKey::parse(&cose).expect("a key");
    let credential = Credential { id: vec![0xcd; 16], key, counter: u32::from(input.byte()) };
    let user = if input.flag() { UserVerification::Absent } else { UserVerification::Required };
    let expected = ExpectedAssertion { rp: &rp, challenge: &mint::CHALLENGE, credential: &credential, user };
    // What the key signs.
    let right = if user == UserVerification::Required { 0x05 } else { 0x01 };
    let flags = if input.flag() { input.byte() } else { right };
    let hash = rp.id().hash();
    let mut signed = [&hash[..], &[flags], &input.array::<4>()].concat();
    signed.extend(input.chunk());
    let sent = ClientData::get(&rp, &mint::CHALLENGE).as_bytes().to_vec();
    let message = [&signed[..], &Sha256::digest(&sent)].concat();
    let signature: DerSignature = mint::credential_key().sign(&message);
    // What arrives.
    let client_data = bend(&mut input, &sent);
    let auth_data = bend(&mut input, &signed);
    let signature =
        if input.flag() { input.chunk().to_vec() } else { bend(&mut input, signature.as_bytes()) };
    let id = bend(&mut input, &credential.id);
    let assertion = Assertion {
        credential_id: &id,
        auth_data: &auth_data,
        signature: &signature,
        client_data: &client_data,
    };
    match verify_assertion(&assertion, &expected) {
        Ok(verified) => {
            assert_eq!(
                (auth_data.len(), verified.flags().0, &client_data, &auth_data),
                (37, right, &sent, &signed)
            );
            assert_eq!(verified.credential_id(), id);
            assert_eq!(verified.counter().to_be_bytes(), auth_data[33..]);
            let up = verified.counter() > credential.counter;
            assert_eq!(verified.counter_move() == CounterMove::Advanced, up);
        }
        Err(error) => assert_harmless(&error.to_string()),
    }
});
