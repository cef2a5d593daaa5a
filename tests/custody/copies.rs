//! An enrolled key and its copy, both plugged in: neither is good, and neither is asked for a PIN.

use std::fs;
use std::thread;
use std::time::Duration;

use glasskey::ledger::payload::Payload;
use serde_json::Value;

use crate::bench::Bench;
use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, faults, finding, sign};

/// EA-01-A is y1, EA-02-A is t1.
fn two() -> Rig {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.add("t1", TOKEN2);
    rig.enroll("y1", "EA-01");
    rig.enroll("t1", "EA-02");
    rig
}

/// Verdict of each recorded check, and whether the key signed it.
fn checks(rig: &Rig, label: &str) -> Vec<(Value, bool)> {
    let checked = |(payload, signed)| match payload {
        Payload::Checked(checked) if checked.label == label => {
            Some((serde_json::to_value(checked.verdict).unwrap(), signed))
        }
        _ => None,
    };
    rig.events().into_iter().filter_map(checked).collect()
}

#[test]
fn of_all_keys_at_once_a_key_and_its_copy_fail_however_late_one_says_who_it_is() {
    let rig = two();
    rig.copy("y1", "y2");
    rig.fault("y2", &["keepalive-flood=100/2@getinfo"]);
    for (arguments, input) in [
        (&["--json", "check", "--all"][..], format!("{PIN}\n{PIN}\n{PIN}\n")),
        (&["--json", "check", "--all", "--no-touch"], String::new()),
    ] {
        let before = checks(&rig, "EA-01-A").len();
        let ran = rig.run(&input, arguments);
        let all: Value = serde_json::from_str(&ran.out).unwrap();
        assert!(ran.code == 1 && faults(&all).is_empty(), "{all:#}");
        let [t1, y1, y2] = all["checks"].as_array().unwrap().as_slice() else { panic!("{all:#}") };
        assert_ne!(t1["verdict"], "not-fit", "{t1:#}");
        for (check, other) in [(y1, "soft:y2"), (y2, "soft:y1")] {
            assert_eq!(
                (&check["verdict"], sign(check, "same-key")),
                (&"not-fit".into(), "fail"),
                "{check:#}"
            );
            let saw = format!("{other} answers as EA-01-A, too: one of the two is a copy");
            assert_eq!(finding(check, "same-key")["saw"], saw.as_str());
            assert_eq!(finding(check, "test-registration")["status"], "skipped");
        }
        assert!(!ran.err.contains("soft:y1:") && !ran.err.contains("soft:y2:"), "no PIN, no touch: {ran:?}");
        let recorded = checks(&rig, "EA-01-A").split_off(before);
        assert_eq!(recorded, [("not-fit".into(), false), ("not-fit".into(), false)]);
    }
    // A dead key does not hide it, and costs the others no more than its own time.
    rig.fault("t1", &["dead"]);
    let ran = rig.run(&format!("\n{PIN}\n{PIN}\n"), &["check", "--all"]);
    let line = |key: &str| ran.out.lines().find(|line| line.contains(key)).unwrap().to_owned();
    assert!(ran.code == 7 && line("soft:t1 ·").starts_with("✗ NOT CHECKED"), "{ran:?}");
    assert!(line("soft:y1 ·").contains("same-key: soft:y2 answers as EA-01-A, too"), "{ran:?}");
    assert_eq!(rig.json(&["--key", "soft:y1", "pin", "status"]).1["retries"], 8);
}

#[cfg(unix)]
#[test]
fn a_watch_tells_a_copy_that_comes_while_the_key_is_there_and_takes_no_key_for_its_own_copy() {
    let rig = two();
    rig.copy("y1", "y2");
    rig.plug(&[]);
    let mut bench = Bench::start(&rig, &["check", "--watch"]);
    let good = |line: &str| assert!(line.starts_with("! FIT WITH WARNINGS  soft:"), "{line}");
    let bad = |line: &str, other: &str| {
        assert!(line.starts_with("✗ NOT FIT            soft:"), "{line}");
        assert!(line.contains(&format!("same-key: {other} answers as EA-01-A, too")), "{line}");
    };
    bench.type_line(PIN);
    rig.plug(&["y1"]);
    good(&bench.line());
    rig.plug(&["y1", "y2"]);
    bad(&bench.line(), "soft:y1");
    assert_eq!(checks(&rig, "EA-01-A"), [("fit-with-warnings".into(), true), ("not-fit".into(), false)]);
    assert_eq!(rig.json(&["status"]).0, 1);
    // Slow, so that the other one has told who it is when they come together below.
    rig.fault("y2", &["keepalive-flood=100/1@getinfo"]);
    // The same key in another place is no copy. Whoever has no turn has an empty line.
    rig.plug(&[]);
    bench.type_line("");
    bench.type_line(PIN);
    fs::rename(rig.at("keys/y1"), rig.at("keys/y3")).unwrap();
    rig.plug(&["y3"]);
    good(&bench.line());
    // One that comes while the key waits for its PIN spoils that check, too.
    rig.plug(&[]);
    thread::sleep(Duration::from_millis(500));
    rig.plug(&["y3", "y2"]);
    bad(&bench.line(), "soft:y3");
    bench.type_line(PIN);
    bench.type_line(PIN);
    bad(&bench.line(), "soft:y2");
    bench.interrupt();
    assert_eq!(bench.end().0, 1);
    assert_eq!(checks(&rig, "EA-01-A").split_off(3), [("not-fit".into(), false), ("not-fit".into(), false)]);
}
