#![no_main]
//! Stored registrations: any bytes as a file, and files of the right shape around a genuine or a changed attestation.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use glasskey::webauthn::stored::{Stored, StoredAnswer};
use glasskey_fuzz::{Input, auth_data, bend};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

#[path = "../../support/mint.rs"]
#[allow(dead_code)]
mod mint;

static VENDOR: LazyLock<(mint::Minted, mint::Maker)> = LazyLock::new(mint::vendor);

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    if input.flag() {
        let answer = answer(input.rest());
        if let Some(answer) = answer.filter(|answer| answer.verified) {
            let file: Value = serde_json::from_slice(input.rest()).expect("it is JSON");
            let object =
                ["/attestationObject", "/response/attestationObject"].iter().find_map(|at| file.pointer(at));
            let text = object
                .and_then(Value::as_str)
                .expect("it is there")
                .trim()
                .replace('+', "-")
                .replace('/', "_");
            let object = BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).expect("it is base64");
            check(&answer, &object);
        }
        return;
    }
    let object = bend(&mut input, &VENDOR.1.object());
    let client_data = bend(&mut input, &VENDOR.1.client_data);
    let engine = if input.flag() { &BASE64_STANDARD } else { &BASE64_URL_SAFE_NO_PAD };
    let mut file = json!({
        "attestationObject": engine.encode(&object),
        "clientDataJSON": engine.encode(&client_data),
    });
    if input.flag() {
        file = json!({ "response": file });
    }
    for member in ["rpId", "origin", "challenge", "at", "response"] {
        if input.flag() {
            file[member] = String::from_utf8_lossy(input.chunk()).into();
        }
    }
    let Some(answer) = answer(file.to_string().as_bytes()) else { panic!("a JSON object is read") };
    if answer.verified {
        assert_eq!(client_data, VENDOR.1.client_data);
        assert!(["glasskey.invalid"].map(Value::from).contains(&file["rpId"]) || file["rpId"].is_null());
        assert!(file["origin"] == "https://glasskey.invalid" || file["origin"].is_null());
        check(&answer, &object);
    }
});

fn answer(file: &[u8]) -> Option<StoredAnswer> {
    let stored = Stored::parse(file).ok()?;
    let now = Timestamp::from_second(1_790_000_000).expect("a time");
    let answer = stored.verify("f", |_| vec![VENDOR.0.issuer()], now);
    assert!(answer.verified || answer.reason.is_some());
    assert_eq!(answer.verified, answer.anchor.is_some());
    serde_json::to_value(&answer).expect("an answer can be written");
    Some(answer)
}

/// The fuzzer has no private key, so only one registration can be verified.
fn check(answer: &StoredAnswer, object: &[u8]) {
    assert_eq!(auth_data(object), Some(VENDOR.1.auth_data()), "a forgery");
    assert_eq!(answer.aaguid.map(|aaguid| *aaguid.as_bytes()), Some(mint::AAGUID));
    assert_eq!((answer.fmt.as_deref(), answer.flags.as_deref()), (Some("packed"), Some("0x45")));
    assert_eq!(answer.anchor.as_deref(), Some("Soft Root CA"));
}
