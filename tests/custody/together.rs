//! Two people who enrol at once: what the rules say is decided by the record of the moment.

use std::io::Write as _;
use std::process::{Child, Stdio};

use glasskey::ledger::payload::{Ended, Payload};
use serde_json::Value;

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY};

fn begin(rig: &Rig, name: &str, account: &str) -> Child {
    let path = format!("soft:{name}");
    let mut command = rig.command();
    command.args(["--json", "--key", &path, "enroll", "--account", account]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{PIN}\n").as_bytes()).unwrap();
    child
}

/// Two enrolments at once: exit code and document of each, the lower code first.
fn at_once(rig: &Rig, who: [(&str, &str); 2]) -> [(i32, Value); 2] {
    for (name, _) in who {
        // A person takes time to touch a key, so that each has begun before the other one is done.
        rig.bend(name, |options| options.touch_delay_ms = 400);
    }
    let children = who.map(|(name, account)| begin(rig, name, account));
    let mut ended = children.map(|child| {
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
    });
    ended.sort_by_key(|(code, _)| *code);
    let ledger = rig.ledger();
    assert_eq!((ledger.inventory().odd(), ledger.inventory().pending().count()), (0, 0));
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
    ended
}

#[test]
fn two_enrolments_at_once_do_not_both_pass_the_rule_of_diversity() {
    let rig = Rig::new();
    rig.add_with_pin("t1", TOKEN2);
    rig.add_with_pin("y2", YUBIKEY);
    rig.add_with_pin("y1", YUBIKEY);
    let [(first, enrolled), (second, refused)] = at_once(&rig, [("y1", "EA-01"), ("y2", "EA-02")]);
    assert_eq!((first, second), (0, 1), "{enrolled:#} {refused:#}");
    assert_eq!(refused["error"]["kind"], "vendor-diversity", "{refused:#}");
    let taken = enrolled["label"].as_str().unwrap();
    assert!(refused["error"]["message"].as_str().unwrap().contains(taken), "{refused:#}");
    assert_eq!(rig.ledger().inventory().keys().len(), 1);
    let failed = |(payload, _): &(Payload, bool)| matches!(payload, Payload::Outcome(outcome) if outcome.result == Ended::Failed);
    let events = rig.events();
    assert!(events.iter().any(failed), "that it was refused is on record");
    let intents = events.iter().position(|(payload, _)| matches!(payload, Payload::Enrolled(_)));
    let begun =
        events[..intents.unwrap()].iter().filter(|(payload, _)| matches!(payload, Payload::Intent(_)));
    assert_eq!(begun.count(), 2, "both had passed the rule when they began");
}

#[test]
fn two_enrolments_at_once_for_one_account_get_two_labels() {
    let rig = Rig::new();
    rig.add_with_pin("y1", YUBIKEY);
    rig.add_with_pin("y2", YUBIKEY);
    let [(first, one), (second, other)] = at_once(&rig, [("y1", "EA-01"), ("y2", "EA-01")]);
    assert_eq!((first, second), (0, 0), "{one:#} {other:#}");
    let mut labels = [one["label"].as_str().unwrap(), other["label"].as_str().unwrap()];
    labels.sort_unstable();
    assert_eq!(labels, ["EA-01-A", "EA-01-B"]);
    for document in [&one, &other] {
        let (label, path) = (document["label"].as_str().unwrap(), &document["key"]["path"]);
        assert_eq!(rig.json(&["--key", label, "info"]).1["key"]["path"], *path, "each is recorded as itself");
    }
}
