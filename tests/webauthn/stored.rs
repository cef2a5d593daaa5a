use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD},
};
use glasskey::webauthn::stored::{Stored, StoredAnswer, StoredError};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::mint::{Draft, Maker, vendor};

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn file(maker: &Maker) -> Value {
    json!({
        "attestationObject": BASE64_URL_SAFE_NO_PAD.encode(maker.object()),
        "clientDataJSON": BASE64_URL_SAFE_NO_PAD.encode(&maker.client_data),
    })
}

fn with(changes: Value) -> StoredAnswer {
    let (root, maker) = vendor();
    let mut file = file(&maker);
    file.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let stored = Stored::parse(file.to_string().as_bytes()).unwrap();
    stored.verify("key.json", |_| vec![root.issuer()], now())
}

fn refused(changes: Value) -> String {
    let answer = with(changes);
    assert!(!answer.verified);
    answer.reason.unwrap()
}

#[test]
fn the_answer_has_the_members_that_are_documented() {
    let answer = with(json!({}));
    assert_eq!(
        serde_json::to_value(answer).unwrap(),
        json!({
            "file": "key.json", "verified": true, "fmt": "packed",
            "aaguid": "736f6674-206d-6f64-656c-206e6f2e2031", "model": null, "anchor": "Soft Root CA",
            "flags": "0x45", "reason": null,
        })
    );
}

#[test]
fn what_else_is_given_is_compared() {
    let all = json!({
        "rpId": "glasskey.invalid", "origin": "https://glasskey.invalid",
        "challenge": BASE64_URL_SAFE_NO_PAD.encode([7; 32]), "at": "2021-01-01T00:00:00Z",
        "notes": ["extra"], "aaguid": "other",
    });
    assert!(with(all).verified);
    assert!(with(json!({"rpId": null, "origin": null, "challenge": null, "at": "2021-01-01"})).verified);
    assert!(refused(json!({"rpId": "login.microsoft.com"})).contains("another relying party"));
    assert!(refused(json!({"origin": "https://login.microsoft.com"})).contains("origin is"));
    assert!(refused(json!({"challenge": "AAAA"})).contains("another challenge"));
    assert!(refused(json!({"at": "2010-01-01"})).contains("is valid from"));
    assert!(refused(json!({"at": "yesterday"})).contains("'at' is not a time"));
    assert!(refused(json!({"rpId": 5})).contains("'rpId' is not a text"));
    assert!(refused(json!({"attestationObject": "~"})).contains("'attestationObject' is not base64url"));
    assert!(refused(json!({"clientDataJSON": null})).contains("'clientDataJSON' is missing"));
    assert!(refused(json!({"attestationObject": null})).contains("'attestationObject' is missing"));
}

#[test]
fn all_kinds_of_base64_and_browsers_own_nesting_are_read() {
    let (root, maker) = vendor();
    for engine in [&BASE64_STANDARD, &BASE64_URL_SAFE] {
        let members = json!({
            "attestationObject": engine.encode(maker.object()),
            "clientDataJSON": engine.encode(&maker.client_data),
        });
        for json in [members.clone(), json!({"id": "x", "response": members})] {
            let stored = Stored::parse(json.to_string().as_bytes()).unwrap();
            assert!(stored.verify("f", |_| vec![root.issuer()], now()).verified);
        }
    }
}

#[test]
fn a_refused_file_still_tells_what_it_is() {
    let (root, mut maker) = vendor();
    maker.flags = 0x41;
    let json = json!({
        "attestationObject": BASE64_URL_SAFE_NO_PAD.encode(maker.object_of("none", vec![])),
        "clientDataJSON": BASE64_URL_SAFE_NO_PAD.encode(&maker.client_data),
    });
    let stored = Stored::parse(json.to_string().as_bytes()).unwrap();
    let answer = stored.verify("f", |_| vec![root.issuer()], now());
    assert_eq!((answer.verified, answer.fmt.as_deref()), (false, Some("none")));
    assert_eq!(answer.flags.as_deref(), Some("0x41"));
    assert_eq!(answer.aaguid.unwrap().as_bytes(), &maker.aaguid);
    assert!(answer.reason.unwrap().contains("'none', not 'packed'"));
}

#[test]
fn an_expired_vendor_root_passes_at_the_recorded_time_only_and_says_so() {
    let root =
        Draft { validity: ["150101000000Z", "230101000000Z"], ..Draft::ca("Old Root", 2) }.self_signed();
    let maker = Maker::new(Draft::leaf().signed_by(&root));
    let ask = |at: Value| {
        let mut json = file(&maker);
        json["at"] = at;
        let stored = Stored::parse(json.to_string().as_bytes()).unwrap();
        stored.verify("f", |_| vec![root.issuer()], now())
    };
    let then = ask("2022-01-01T00:00:00Z".into());
    assert!(then.verified);
    assert!(then.reason.unwrap().contains("expired at 2023-01-01"));
    let today = ask(Value::Null);
    assert!(!today.verified);
    assert!(today.reason.unwrap().contains("'Old Root' was valid from"));
}

#[test]
fn what_is_no_json_object_is_a_fault_of_the_file() {
    for junk in ["", "x", "{", "{\"a\":1}}"] {
        assert!(matches!(Stored::parse(junk.as_bytes()), Err(StoredError::Json(_))), "{junk}");
    }
    for other in ["[]", "1", "null", "\"x\""] {
        assert!(matches!(Stored::parse(other.as_bytes()), Err(StoredError::NotAnObject)), "{other}");
    }
    let empty = Stored::parse(b"{}").unwrap().verify("f", |_| vec![], now());
    assert_eq!((empty.verified, empty.fmt, empty.flags), (false, None, None));
}

proptest! {
    #[test]
    fn arbitrary_members_are_answered(object in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,40}") {
        let _ = Stored::parse(text.as_bytes());
        let changes = json!({
            "attestationObject": BASE64_URL_SAFE_NO_PAD.encode(&object),
            "clientDataJSON": text, "rpId": text, "at": text,
        });
        prop_assert!(!with(changes).verified);
        let junk = with(json!({"clientDataJSON": BASE64_URL_SAFE_NO_PAD.encode(&object)}));
        prop_assert!(!junk.verified);
        let at = with(json!({ "at": text }));
        prop_assert!(!at.verified || text.parse::<Timestamp>().is_ok() || text.len() == 10);
    }
}
