//! A day on which many keys are enrolled from one file.

use std::fs;

use glasskey::ledger::payload::{Ended, Payload};
use serde_json::Value;

use crate::bench::Bench;
use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, faults};

const FILE: &str = "label,account,site\nEA-01-A,EA-01,Berlin\nEA-01-B,ea-01,\nEA-02-A,EA-02,Bonn\n";

fn written(rig: &Rig, text: &str) -> String {
    let file = rig.at("keys.csv");
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[test]
fn all_that_is_wrong_with_the_file_is_told_before_a_key_is_touched() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    let head = rig.head();
    let bad = "label,account,site\nEA-01-B,EA-09,Berlin\nEA-01-C,EA-01,Atlantis\n-x,EA-01,\nEA-01-D,EA-01\n\
               EA-02-B,EA-02,\nea-02-b,EA-02,\nEA-01-A,EA-02,\nEA\u{1b}[2J,stock,Bonn\n";
    let ran = rig.run("", &["enroll", "--batch", &written(&rig, bad)]);
    assert_eq!((ran.code, rig.head()), (2, head), "{ran:?}");
    for told in [
        "line 2: the plan has no account 'EA-09'",
        "line 3: the plan has no site 'Atlantis'",
        "line 4: '-x' is no label",
        "line 5: 2 cells instead of 3",
        "line 7: line 6 has the label 'ea-02-b' too",
        "line 8: 'EA-01-A' is enrolled for 'EA-01'",
        "line 9: the plan has no account 'stock'",
    ] {
        assert!(ran.err.contains(told), "{told}: {ran:?}");
    }
    assert!(!ran.err.contains('\u{1b}'), "{ran:?}");
    for (text, told) in [
        ("label;account;site\n", "the first line is not `label,account,site`"),
        ("label,account,site\n", "it names no key"),
        ("", "it names no key"),
        ("label,account,site\n\"EA-01-B,EA-01,\n", "1 cells instead of 3"),
        // The line is the one that an editor shows, whatever wrote the file.
        ("label,account,site\r\nEA-01-B,EA-09,\r\n", "line 2: the plan has no account 'EA-09'"),
        ("label,account,site\rEA-01-B,EA-09,\r", "line 2: the plan has no account 'EA-09'"),
        ("\n\r\nlabel,account,site\n\n\nEA-01-B,EA-09,\n", "line 6: the plan has no account 'EA-09'"),
        (
            "label,account,site\n\"EA-01\n-B\",EA-01,\n\nEA-01-C,EA-09,\n",
            "line 5: the plan has no account 'EA-09'",
        ),
        ("\r\nlabel;account;site\r\n", "line 2: the first line is not `label,account,site`"),
    ] {
        let ran = rig.run("", &["enroll", "--batch", &written(&rig, text)]);
        assert!(ran.code == 2 && ran.err.contains(told), "{told}: {ran:?}");
    }
    let crlf = FILE.replace('\n', "\r\n");
    let ran = rig.run("", &["enroll", "--batch", &written(&rig, &crlf), "--dry-run"]);
    assert!(ran.out.contains("line 3: EA-01-B (EA-01): open\n"), "{ran:?}");
    let ran = rig.run("", &["enroll", "--batch", &written(&rig, FILE), "--dry-run"]);
    assert!(ran.code == 0 && ran.out.ends_with("0 enrolled, 1 enrolled before, 2 open\n"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn keys_are_enrolled_one_by_one_and_the_day_goes_on_where_it_was_interrupted() {
    let rig = Rig::new();
    for (name, aaguid) in [("y1", YUBIKEY), ("y2", YUBIKEY), ("t1", TOKEN2), ("mine", YUBIKEY)] {
        rig.add(name, aaguid);
    }
    rig.plug(&["mine"]);
    let file = written(&rig, FILE);
    let mut day = Bench::start(&rig, &["enroll", "--batch", &file]);
    day.says("line 2: EA-01-A (EA-01, Berlin): plug in the key");
    day.type_line(PIN);
    rig.plug(&["y1"]);
    assert!(day.line().starts_with("✓ enrolled line 2: EA-01-A (EA-01, Berlin) event "));
    // The same key is not enrolled twice, and costs no line.
    fs::rename(rig.at("keys/y1"), rig.at("keys/y1-again")).unwrap();
    day.says("line 3: EA-01-B (EA-01): plug in another key");
    day.type_line(PIN);
    rig.plug(&["y2"]);
    assert!(day.line().starts_with("✓ enrolled line 3: EA-01-B (EA-01) event "));
    day.says("line 4: EA-02-A (EA-02, Bonn): plug in the key");
    day.interrupt();
    let (code, out, err) = day.end();
    assert_eq!(out, "2 enrolled, 0 enrolled before, 1 open\n");
    assert!(code == 130 && err.contains("soft:mine") && err.contains("left alone"), "{err}");
    assert!(err.contains("enrolled already: it is EA-01-A of EA-01"), "{err}");

    // The rest: each row has its line, also those that are skipped. A file that says more is no other day.
    rig.plug(&[]);
    let mut day = Bench::start(&rig, &["--json", "enroll", "--batch", &file]);
    for line in ["never-used", "never-used", PIN] {
        day.type_line(line);
    }
    day.says("line 4: EA-02-A (EA-02, Bonn): plug in the key");
    rig.plug(&["t1"]);
    let (code, out, err) = day.end();
    let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out} {err}"));
    assert!(faults(&told).is_empty(), "{:#?} {told:#}", faults(&told));
    let states: Vec<&str> =
        told["rows"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!((code, states), (0, vec!["enrolled-before", "enrolled-before", "enrolled"]), "{told:#}");

    let mut owed = Vec::new();
    let mut labels = Vec::new();
    for (payload, signed) in rig.events() {
        match payload {
            Payload::Intent(intent) => owed.push(intent.step),
            Payload::Outcome(outcome) => assert_eq!(outcome.result, Ended::Done),
            Payload::Enrolled(enrolled) => {
                assert!(signed, "{enrolled:?}");
                labels.push((enrolled.label, enrolled.account, enrolled.site.unwrap_or_default()));
            }
            _ => {}
        }
    }
    assert_eq!(owed, ["set PIN", "make custody credential"].repeat(3), "intent before act, for each key");
    let row = |label: &str, account: &str, site: &str| (label.into(), account.into(), site.into());
    let wanted =
        [row("EA-01-A", "EA-01", "Berlin"), row("EA-01-B", "EA-01", ""), row("EA-02-A", "EA-02", "Bonn")];
    assert_eq!(labels, wanted);
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}

#[cfg(unix)]
#[test]
fn a_line_of_standard_input_is_one_attempt_and_two_keys_at_once_are_none() {
    let rig = Rig::new();
    rig.add_with_pin("y1", YUBIKEY);
    rig.add_with_pin("y2", YUBIKEY);
    rig.plug(&[]);
    let file = written(&rig, FILE);
    let mut day = Bench::start(&rig, &["enroll", "--batch", &file]);
    day.type_line("wrong-pin-1");
    day.says("plug in the key");
    rig.plug(&["y1", "y2"]);
    // Two renames may be seen as two keys that came one after the other: then the first one has the attempt.
    if day.hears("2 keys came at once") {
        fs::rename(rig.at("keys/y1"), rig.at("keys/y1-again")).unwrap();
    }
    let (code, out, err) = day.end();
    assert!(code == 5 && out.starts_with("0 enrolled, 0 enrolled before, 3 open"), "{out} {err}");
    let left = |name: &str| {
        rig.plug(&[name]);
        rig.json(&["pin", "status"]).1["retries"].as_u64().unwrap()
    };
    let first = if rig.at("keys/y1").exists() { "y1" } else { "y1-again" };
    assert_eq!(left(first) + left("y2"), 15, "{err}");
}
