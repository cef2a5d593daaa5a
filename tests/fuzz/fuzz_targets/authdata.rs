#![no_main]
//! Authenticator data: every byte is accounted for.

use glasskey::ctap::authdata::{AuthenticatorData, Flags};
use glasskey::ctap::cbor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(data) = AuthenticatorData::parse(bytes) else { return };
    assert_eq!(data.raw, bytes);
    assert_eq!(data.attested.is_some(), data.flags.has(Flags::AT));
    assert_eq!(data.extensions.is_some(), data.flags.has(Flags::ED));
    let mut again = [&data.rp_id_hash[..], &[data.flags.0], &data.counter.to_be_bytes()].concat();
    if let Some(credential) = &data.attested {
        let length = u16::try_from(credential.credential_id.len()).expect("it fits its length");
        assert!((1..=1023).contains(&length));
        again.extend(credential.aaguid.as_bytes());
        again.extend(length.to_be_bytes());
        again.extend(&credential.credential_id);
        cbor::decode(&credential.public_key).expect("the public key is one item");
        again.extend(&credential.public_key);
    }
    assert!(bytes.starts_with(&again));
    let rest = &bytes[again.len()..];
    match &data.extensions {
        None => assert!(rest.is_empty()),
        Some(extensions) => {
            assert_eq!(cbor::decode(rest).as_ref().map(|again| &again.deviations), Ok(&extensions.deviations))
        }
    }
});
