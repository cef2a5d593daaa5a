//! What is not taken into custody, and what leaves the record as it is.

use glasskey::ledger::payload::{Ended, Payload};
use serde_json::Value;

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, sign};

/// YubiKey 5 NFC, firmware 5.4: a fine key that the policy files here do not allow.
const UNLISTED: &str = "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b";

#[test]
fn the_same_key_twice_is_refused_with_its_history() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    let since = rig.ledger().inventory().key("EA-01-A").unwrap().enrolled.at;
    let since = since.strftime("since %Y-%m-%d %H:%M:%SZ").to_string();
    let head = rig.head();
    for account in ["EA-01", "EA-02"] {
        let (code, refused) = rig.json(&["enroll", "--account", account, "--label", "again"]);
        assert_eq!((code, &refused["error"]["kind"]), (1, &"already-enrolled".into()), "{refused}");
        let message = refused["error"]["message"].as_str().unwrap();
        for told in ["EA-01-A", "active", &since] {
            assert!(message.contains(told), "{message}");
        }
    }
    assert_eq!(rig.head(), head);
    // A key that is retired does not come back under another label either.
    assert_eq!(rig.run("", &["inventory", "retire", "EA-01-A", "--why", "scratched"]).code, 0);
    let (code, refused) = rig.json(&["enroll", "--account", "EA-01"]);
    assert_eq!(code, 1);
    assert!(refused["error"]["message"].as_str().unwrap().contains("retired"), "{refused}");
}

#[test]
fn names_that_nobody_knows_and_labels_that_cannot_be_given_end_with_2_before_the_key_is_touched() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    assert_eq!(rig.run("", &["inventory", "relabel", "EA-01-A", "Berlin-1"]).code, 0);
    rig.add("y2", YUBIKEY);
    rig.plug(&["y2"]);
    let head = rig.head();
    for (arguments, told) in [
        (&["--account", "EA-03"][..], "EA-03"),
        (&["--account", "EA-01", "--site", "Bern"], "Bern"),
        (&["--account", "EA-01", "--custodian", "Cy"], "Cy"),
        (&["--account", "EA-01", "--witness", "Cy"], "Cy"),
        (&["--account", "EA-01", "--label", "berlin-1"], "berlin-1"),
        // A label that the key once had stands on paper somewhere.
        (&["--account", "EA-01", "--label", "EA-01-A"], "EA-01-A"),
        // What would be taken for a number or a path.
        (&["--account", "EA-01", "--label", "12"], "12"),
        (&["--account", "EA-01", "--label", "safe/1"], "safe/1"),
        (&["--account", "EA-01", "--label", "soft:y2"], "soft:y2"),
        (&["--account", "EA-01", "--label", ""], "is no label"),
    ] {
        let (code, refused) = rig.json(&[&["enroll"], arguments].concat());
        assert_eq!((code, &refused["schema"]), (2, &"glasskey.error/1".into()), "{arguments:?}: {refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(told), "{refused}");
        assert!(refused["error"]["hint"].is_string(), "{arguments:?}: {refused}");
    }
    assert_eq!(rig.head(), head, "nothing was begun");
    assert_eq!(rig.json(&["pin", "status"]).1["pin_set"], false, "and the key has no PIN yet");
}

#[test]
fn a_model_that_is_not_fit_is_refused_before_anybody_chooses_a_pin() {
    let rig = Rig::new();
    rig.add("old", UNLISTED);
    let head = rig.head();
    for dry_run in [&[][..], &["--dry-run"]] {
        let enroll = [&["enroll", "--account", "EA-01"][..], dry_run].concat();
        let (code, document) = rig.json(&enroll);
        assert_eq!((code, document["verdict"].as_str()), (1, Some("not-fit")), "{document:#}");
        assert_eq!((sign(&document, "allow-list"), &document["event"]), ("fail", &Value::Null));
        let text = rig.run(&format!("{PIN}\n"), &enroll);
        assert!(text.code == 1 && text.out.contains("allow-list"), "{text:?}");
        assert!(text.out.ends_with("EA-01-A is not enrolled: the key is not fit\n"), "{text:?}");
    }
    assert_eq!(rig.head(), head, "nothing was begun");
    assert_eq!(rig.json(&["pin", "status"]).1["pin_set"], false);
}

#[test]
fn a_key_that_is_not_fit_is_refused_and_the_attempt_recorded_as_failed() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.fault("y1", &["wrong-signature@makecred"]);
    let text = rig.run(&format!("{PIN}\n"), &["enroll", "--account", "EA-01"]);
    assert!(text.code == 1 && text.out.contains("NOT FIT") && text.out.contains("attestation"), "{text:?}");
    assert!(text.out.ends_with("EA-01-A is not enrolled: the key is not fit\n"), "{text:?}");
    assert!(
        text.err.contains("soft:y1: the key is not enrolled; the PIN that was set stays on it"),
        "{text:?}"
    );
    assert_eq!(rig.json(&["pin", "status"]).1["pin_set"], true);

    let ledger = rig.ledger();
    assert_eq!((ledger.inventory().keys().len(), ledger.inventory().pending().count()), (0, 0));
    let Payload::Outcome(outcome) = ledger.event(ledger.chain().seq).unwrap().unwrap().body.unwrap().event
    else {
        panic!("the last event is no outcome");
    };
    assert_eq!((outcome.result, outcome.why.as_deref()), (Ended::Failed, Some("the key is not fit")));
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
    // The PIN is known, so nothing is said of one the next time.
    let text = rig.run(&format!("{PIN}\n"), &["enroll", "--account", "EA-01"]);
    assert!(text.code == 1 && !text.err.contains("stays on it"), "{text:?}");
}

#[test]
fn a_wrong_pin_costs_one_attempt_and_nothing_is_enrolled() {
    let rig = Rig::new();
    rig.add_with_pin("y1", YUBIKEY);
    let ran = rig.run("wrong-9999\n", &["--json", "enroll", "--account", "EA-01"]);
    let refused: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &refused["error"]["kind"]), (5, &"pin".into()), "{ran:?}");
    assert_eq!(rig.json(&["pin", "status"]).1["retries"], 7);
    let ledger = rig.ledger();
    assert_eq!((ledger.inventory().keys().len(), ledger.inventory().pending().count()), (0, 0));
    let bytes = std::fs::read(rig.at("ledger.db")).unwrap();
    assert!(!bytes.windows(10).any(|window| window == b"wrong-9999"), "not even a wrong one");
}

#[test]
fn a_new_pin_shorter_than_the_plan_asks_is_not_set() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    let ran = rig.run("73195\n", &["enroll", "--account", "EA-01"]);
    assert!(ran.code == 5 && ran.err.contains("at least 8"), "{ran:?}");
    assert_eq!(rig.json(&["pin", "status"]).1["pin_set"], false);
    assert_eq!(rig.ledger().chain().seq, 1);
}

#[test]
fn a_dry_run_shows_the_steps_and_changes_neither_ledger_nor_key() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    let head = rig.head();
    let (code, steps) = rig.json(&["enroll", "--account", "EA-01", "--dry-run"]);
    assert_eq!((code, &steps["label"]), (0, &"EA-01-A".into()), "{steps:#}");
    assert!(steps["steps"].as_array().unwrap().len() > 4);
    let text = rig.run("", &["enroll", "--account", "EA-01", "--dry-run"]);
    assert!(text.code == 0 && text.out.contains("1. set a PIN") && text.out.contains("(touch)"), "{text:?}");
    assert_eq!(rig.head(), head);
    assert_eq!(rig.json(&["pin", "status"]).1["pin_set"], false);

    rig.add_with_pin("y2", YUBIKEY);
    rig.plug(&["y2"]);
    assert_eq!(rig.json(&["enroll", "--account", "EA-01", "--dry-run"]).0, 0);
    assert_eq!(rig.json(&["pin", "status"]).1["retries"], 8);
    let (code, listed) = rig.json(&["credentials", "list"]);
    assert_eq!((code, listed["credentials"].as_array().map(Vec::len)), (0, Some(0)), "{listed:#}");
    assert_eq!(rig.head(), head);
}

#[test]
fn no_record_leaves_the_ledger_as_it_is() {
    let rig = Rig::new();
    rig.add("t1", TOKEN2);
    rig.enroll("t1", "EA-02");
    let head = rig.head();
    rig.add_with_pin("t2", TOKEN2);
    for named in ["soft:t1", "EA-02-A"] {
        let (code, document) = rig.json(&["--key", named, "check", "--no-record"]);
        assert_eq!((code, &document["event"]), (0, &Value::Null), "{document:#}");
        assert_eq!(sign(&document, "same-key"), "pass", "it is known all the same");
    }
    rig.plug(&["t2"]);
    assert_eq!(rig.json(&["--key", "EA-02-A", "check", "--no-record"]).0, 1, "and a swapped one is caught");
    assert_eq!(rig.head(), head);
}

#[test]
fn an_override_that_overrode_nothing_is_not_recorded_as_one() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    let (code, document) = rig.json(&["enroll", "--account", "EA-01", "--override", "just in case"]);
    assert_eq!((code, sign(&document, "vendor-diversity")), (0, "pass"), "{document:#}");
    assert_eq!(rig.ledger().inventory().key("EA-01-A").unwrap().override_reason, None);
}
