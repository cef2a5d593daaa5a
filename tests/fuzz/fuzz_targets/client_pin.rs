#![no_main]
//! The three answers of authenticatorClientPIN, and the requests that follow from them.

use std::sync::LazyLock;

use glasskey::ctap::cbor;
use glasskey::ctap::client_pin::{self, TokenKind};
use glasskey::ctap::pin::Pin;
use glasskey::ctap::protocol::{Protocol, SharedSecret};
use glasskey_fuzz::{Input, assert_harmless};
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
    let mut input = Input::new(bytes);
    let shared = &SHARED[usize::from(input.below(2))];
    let Ok(answer) = cbor::decode(input.chunk()) else { return };
    let answer = answer.value;
    match client_pin::retries(answer.clone()) {
        Ok(retries) => assert!(retries.left <= 255),
        Err(error) => assert_harmless(&error.to_string()),
    }
    match client_pin::key_agreement(answer.clone()) {
        Ok(key) => {
            assert!(cbor::decode(&key).is_ok_and(|key| key.value.is_map()));
            let agreed = SharedSecret::agree(shared.protocol(), &key, &Zeroizing::new([9; 32]));
            if let (Ok(agreed), Ok(pin)) =
                (agreed, Pin::parse(String::from_utf8_lossy(input.rest()).into_owned()))
            {
                let request =
                    client_pin::get_token(&agreed, &pin, TokenKind::Plain, &[3; 16]).expect("a request");
                assert!(
                    request[0] == client_pin::COMMAND
                        && cbor::decode(&request[1..]).is_ok_and(|r| r.deviations.is_empty())
                );
                client_pin::set_pin(&agreed, &pin, &[3; 16]).expect("a request");
                client_pin::change_pin(&agreed, &pin, &pin, [&[3; 16], &[4; 16]]).expect("a request");
            }
        }
        Err(error) => assert_harmless(&error.to_string()),
    }
    match client_pin::token(answer, shared) {
        Ok(token) => {
            let proof = if shared.protocol() == Protocol::One { 16 } else { 32 };
            assert_eq!(token.authenticate(b"client data hash").len(), proof);
        }
        Err(error) => assert_harmless(&error.to_string()),
    }
});
