#![no_main]
//! PIN/UV auth protocols against a key that sends any COSE_Key and any bytes for an encrypted value.

use glasskey::ctap::cbor;
use glasskey::ctap::protocol::{Protocol, ProtocolError, SharedSecret, Token};
use glasskey_fuzz::Input;
use libfuzzer_sys::fuzz_target;
use zeroize::Zeroizing;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let protocol = if input.flag() { Protocol::Two } else { Protocol::One };
    let random = Zeroizing::new(input.array());
    let shared = match SharedSecret::agree(protocol, input.chunk(), &random) {
        Ok(shared) => shared,
        Err(error) => return assert!(matches!(error, ProtocolError::PublicKey | ProtocolError::Random)),
    };
    let ours = cbor::decode(shared.our_key()).expect("our key is CBOR");
    assert!(ours.deviations.is_empty() && ours.value.as_map().is_some_and(|members| members.len() == 5));
    let iv: [u8; 16] = input.array();
    let secret = input.chunk();
    let plain = shared.decrypt(secret);
    let head = if protocol == Protocol::Two { 16 } else { 0 };
    assert_eq!(plain.is_ok(), secret.len() > head && secret.len() % 16 == 0);
    if let Ok(plain) = plain {
        let iv = secret.first_chunk().filter(|_| head == 16).copied().unwrap_or_default();
        assert_eq!(shared.encrypt(&plain, &iv).as_deref(), Ok(secret));
        let length = plain.len();
        let token = Token::new(protocol, plain);
        assert_eq!(token.is_ok(), length == 32 || (length == 16 && protocol == Protocol::One));
        if let Ok(token) = token {
            assert_eq!(token.authenticate(b"hash").len(), if protocol == Protocol::Two { 32 } else { 16 });
        }
    }
    if let Ok(sent) = shared.encrypt(input.rest(), &iv) {
        let back = shared.decrypt(&sent);
        assert!(input.rest().is_empty() || back.is_ok_and(|back| back.as_slice() == input.rest()));
    }
});
