//! A key whose PIN is blocked before anybody has typed: that is a verdict, and on record.

use crate::rig::{PIN, Rig, YUBIKEY, finding, sign};

#[test]
fn a_key_whose_pin_is_blocked_is_judged_recorded_and_told() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    assert_eq!(rig.json(&["--key", "EA-01-A", "check"]).0, 0);
    for _ in 0..8 {
        let ran = rig.run("okapi-5512\n", &["pin", "verify", "--spend-scarce-pin-attempt"]);
        assert_eq!(ran.code, 5, "{ran:?}");
    }
    for how in [&["--key", "EA-01-A", "check"][..], &["check"], &["--key", "EA-01-A", "check", "--no-touch"]]
    {
        let before = rig.ledger().chain().seq;
        let (code, checked) = rig.json(how);
        assert_eq!((code, &checked["verdict"]), (5, &"not-fit".into()), "{how:?}: {checked:#}");
        assert_eq!((sign(&checked, "pin-retries"), sign(&checked, "test-registration")), ("fail", "skipped"));
        assert_eq!(
            (&checked["enrolled"]["label"], &checked["event"]["signed"]),
            (&"EA-01-A".into(), &false.into())
        );
        assert_eq!(rig.ledger().chain().seq, before + 1, "{how:?}");
    }
    let (_, checked) = rig.json(&["check"]);
    assert_eq!(finding(&checked, "uv-proven")["saw"], "not tried: its PIN is blocked");
    let (code, status) = rig.json(&["status"]);
    let row = status["findings"].as_array().unwrap().iter().find(|row| row["id"] == "last-verdict").unwrap();
    assert_eq!((code, &row["status"]), (1, &"fail".into()), "{row}");

    // One of several: nobody is asked for its PIN, and the others have theirs.
    rig.add_with_pin("y2", YUBIKEY);
    let ran = rig.run(&format!("\n{PIN}\n"), &["check", "--all"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    let line = |key: &str| ran.out.lines().find(|line| line.contains(key)).unwrap();
    let dead = line("soft:y1");
    assert!(dead.starts_with("✗ NOT FIT ") && dead.contains("pin-retries: no attempts left"), "{dead}");
    assert!(line("soft:y2").starts_with("! FIT WITH WARNINGS"), "{ran:?}");
    assert!(!ran.err.contains("soft:y1: 0 PIN attempts"), "{ran:?}");
}
