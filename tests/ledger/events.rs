//! The words of an event, byte for byte: they are kept for years.

use glasskey::ledger::bytes::Hash;
use glasskey::ledger::event::{self, BodyError, is_canonical};
use glasskey::ledger::payload::{Enrolled, Intent, LedgerCreated, Payload};
use glasskey::ledger::{Body, Receipt};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::custody::{Key, nonce, time};

fn created() -> Body {
    let organisation = Some("Müller & Co".into());
    let body = Body::new(time(0), nonce(0xab), Payload::LedgerCreated(LedgerCreated { organisation }));
    Body { program: "glasskey/0.1.0".into(), ..body }
}

#[test]
fn a_body_is_these_bytes_and_its_seal_these() {
    let nonce = "ab".repeat(32);
    let wanted = format!(
        r#"{{"at":"2027-01-15T08:00:00Z","event":{{"kind":"ledger-created","organisation":"Müller & Co"}},"nonce":"{nonce}","program":"glasskey/0.1.0","v":1}}"#
    );
    let text = created().canonical().unwrap();
    assert_eq!(text, wanted);
    assert_eq!(Body::parse(&text).unwrap(), created());
    let seal = event::seal(&Hash::ZERO, &text);
    let by_hand: [u8; 32] =
        Sha256::digest([b"glasskey/event/1", &[0; 32][..], text.as_bytes()].concat()).into();
    assert_eq!(seal.as_bytes(), &by_hand);
    assert_eq!(event::hash(&seal, None).as_bytes(), &<[u8; 32]>::from(Sha256::digest(by_hand)));
    let receipt = Receipt {
        auth_data: vec![0xff; 3].into(),
        client_data: vec![].into(),
        credential_id: vec![1].into(),
        signature: vec![0xfb, 0xff].into(),
    };
    let text = receipt.canonical().unwrap();
    assert_eq!(text, r#"{"auth_data":"____","client_data":"","credential_id":"AQ","signature":"-_8"}"#);
    let by_hand: [u8; 32] = Sha256::digest([&by_hand, text.as_bytes()].concat()).into();
    assert_eq!(event::hash(&seal, Some(&text)).as_bytes(), &by_hand);
}

#[test]
fn a_body_of_another_form_is_refused() {
    let good = created().canonical().unwrap();
    let newer = good.replace(r#""v":1"#, r#""v":2,"x":0"#);
    assert_eq!(Body::parse(&newer), Err(BodyError::Newer(2)));
    for bent in [
        good.replace(r#""v":1"#, r#""v":0"#),
        good.replace(r#""v":1"#, r#""v":1,"x":0"#),
        good.replace(r#""v":1"#, r#""v":1,"v":1"#),
        good.replace("ledger-created", "ledger-made"),
        good.replace(r#""organisation""#, r#""organization""#),
        good.replace("abab", "ABAB"),
        good.replace("2027-01-15", "2027-02-30"),
        format!("{good} x"),
    ] {
        assert!(matches!(Body::parse(&bent), Err(BodyError::Unreadable(_))), "{bent}");
    }
    assert_eq!(is_canonical(&format!("{good} ")), Err(BodyError::NotCanonical));
    assert_eq!(is_canonical(&good.replace("Müller", "M\\u00fcller")), Err(BodyError::NotCanonical));
    is_canonical(&good).unwrap();
}

#[test]
fn numbers_that_json_would_bend_are_kept_as_text() {
    let details = json!({ "most": u64::MAX, "least": i64::MIN, "safe": 9_007_199_254_740_991_u64 });
    let intent = Intent { step: "x".into(), label: None, account: None, details };
    let text = Body::new(time(0), nonce(0), Payload::Intent(intent)).canonical().unwrap();
    assert!(text.contains(
        r#"{"least":"-9223372036854775808","most":"18446744073709551615","safe":9007199254740991}"#
    ));
    is_canonical(&text).unwrap();
}

#[test]
fn a_firmware_beyond_what_json_carries_is_recorded_as_it_was_claimed() {
    for claimed in [0, 0x05_07_04, (1 << 53) - 1, 1 << 53, u64::MAX] {
        let enrolled = Enrolled { firmware: Some(claimed), ..Key::new(1).enrolled("EA-01", false) };
        let body = Body::new(time(0), nonce(0), Payload::Enrolled(enrolled.into()));
        assert_eq!(Body::parse(&body.canonical().unwrap()), Ok(body), "{claimed}");
    }
    let enrolled = Enrolled { firmware: Some(7), ..Key::new(1).enrolled("EA-01", false) };
    let text = Body::new(time(0), nonce(0), Payload::Enrolled(enrolled.into())).canonical().unwrap();
    for bent in ["\"7\"", "-7", "7.5", "\"x\""] {
        let bent = text.replace("\"firmware\":7", &format!("\"firmware\":{bent}"));
        assert!(matches!(Body::parse(&bent), Err(BodyError::Unreadable(_))), "{bent}");
    }
}
