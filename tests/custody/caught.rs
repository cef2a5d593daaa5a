//! Keys that are not what the label says.

use std::fs;

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, finding, sign};

/// Neither the key named nor any enrolled one: caught by name, and warned of without.
fn is_caught(rig: &Rig, label: &str) {
    let (code, named) = rig.json(&["--key", label, "check"]);
    assert_eq!((code, named["verdict"].as_str()), (1, Some("not-fit")), "{named:#}");
    assert_eq!(sign(&named, "same-key"), "fail");
    let head = rig.head();
    assert_eq!(named["event"]["hash"].as_str(), Some(head.as_str()), "it leaves a trace");
    let same_key = finding(&named, "same-key");
    let saw = same_key["saw"].as_str().unwrap();
    assert!(saw.contains(label) && saw.contains("reset") && saw.contains("another key"), "{saw}");
    assert!(same_key["cure"].as_str().unwrap().contains("enrolled again"));

    let (code, unnamed) = rig.json(&["check"]);
    assert_eq!((code, sign(&unnamed, "same-key")), (0, "warn"), "{unnamed:#}");
    assert!(finding(&unnamed, "same-key")["saw"].as_str().unwrap().contains(label));
    assert_eq!(rig.head(), head, "nobody knows whose check it would be");
}

fn enrolled() -> Rig {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig
}

#[test]
fn a_key_that_was_reset_behind_our_back_is_caught_and_can_be_enrolled_anew() {
    let rig = enrolled();
    // Without the ledger, as another program would.
    let reset = rig.elsewhere().args(["reset", "--yes"]).output().unwrap();
    assert!(reset.status.success(), "{reset:?}");
    assert_eq!(rig.run(&format!("{PIN}\n"), &["pin", "set"]).code, 0);
    is_caught(&rig, "EA-01-A");
    let again = rig.enroll("y1", "EA-01");
    assert_eq!(again["label"], "EA-01-B", "a label is never given twice");
    assert_eq!(rig.json(&["--key", "EA-01-B", "check"]).0, 0);
    assert_eq!(rig.json(&["--key", "EA-01-A", "check"]).0, 1);
}

#[test]
fn another_key_of_the_same_model_is_caught() {
    let rig = enrolled();
    rig.add_with_pin("thief", YUBIKEY);
    rig.plug(&["thief"]);
    is_caught(&rig, "EA-01-A");
}

#[test]
fn a_key_made_anew_in_its_place_is_caught() {
    let rig = enrolled();
    fs::remove_dir_all(rig.at("keys/y1")).unwrap();
    rig.add_with_pin("y1", YUBIKEY);
    is_caught(&rig, "EA-01-A");
}

#[test]
fn one_enrolled_key_in_the_bag_of_another_is_caught() {
    let rig = enrolled();
    rig.add("y2", YUBIKEY);
    rig.enroll("y2", "EA-01");
    rig.plug(&["y2"]);
    let (code, named) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, sign(&named, "same-key")), (1, "fail"), "{named:#}");
    let saw = finding(&named, "same-key")["saw"].as_str().unwrap();
    assert!(saw.contains("EA-01-A"), "{saw}");
}

#[test]
fn a_stranger_of_another_model_is_never_quite_fit_and_an_absent_key_is_not_found() {
    let rig = enrolled();
    rig.add_with_pin("t1", TOKEN2);
    rig.add_with_pin("t2", TOKEN2);
    rig.plug(&["t1"]);
    let (code, unnamed) = rig.json(&["check"]);
    assert_eq!((code, sign(&unnamed, "same-key")), (0, "warn"), "{unnamed:#}");
    assert_eq!(unnamed["verdict"], "fit-with-warnings", "a good key, and none that anybody may count on");
    rig.plug(&["t1", "t2"]);
    let (code, none) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, &none["error"]["kind"]), (3, &"no-key".into()), "{none}");
}
