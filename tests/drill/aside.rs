//! Keys that are plugged in and not done: what is said of each.

use super::*;

fn run(rig: &Rig, arguments: &[&str]) -> Ran {
    rig.run(&format!("{PIN}\n").repeat(4), arguments)
}

/// A key that nobody tested is never called done.
#[test]
fn a_key_that_is_not_done_is_told_from_one_that_is() {
    let rig = custody();
    let ran = run(&rig, &["--key", "EA-01-A", "drill", "--by", "Ana Ader"]);
    for label in ["EA-01-B", "EA-02-A", "EA-02-B"] {
        let told = format!("{label}: NOT checked yet, and this run is not about it");
        assert!(ran.err.contains(&told), "{told}: {ran:?}");
    }
    let ran = run(&rig, &["drill", "--account", "EA-01", "--missing", "EA-02-B", "--why", "not in its bag"]);
    for told in [
        "1 checked, of 4 keys\n",
        "EA-01-A: checked in this drill already (event ",
        "EA-02-A: NOT checked yet, and this run is not about it",
        "EA-02-B: NOT checked: in this drill it is on record as missing (event ",
    ] {
        assert!(ran.err.contains(told), "{told}: {ran:?}");
    }
    // Left out is not done, and not failed either.
    let ran = run(&rig, &["drill", "--no-keys", "--leave-out", "EA-02-A", "--why", "its safe is locked"]);
    assert!(ran.err.contains("2 checked, 1 missing, of 4 keys\n"), "{ran:?}");
    let row = |text| ran.out.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("{ran:?}"));
    assert!(row("left out: its safe is locked").trim_start().starts_with("- skip"), "{ran:?}");
    assert!(row("missing: not in its bag").trim_start().starts_with("✗ FAIL"), "{ran:?}");
    // A slip of the finger in the account's name is no reason to give the drill up.
    let ran = run(&rig, &["drill", "--account", "EA-09"]);
    assert!(ran.code == 2 && ran.err.contains("the plan has no account EA-09"), "{ran:?}");
    assert!(!ran.err.contains("--abandon"), "{ran:?}");
}

/// A key that is lost or out of service by the record lies among those that are drilled.
#[test]
fn a_lost_or_retired_key_that_turns_up_is_told_loudly() {
    let rig = custody();
    for (verb, label, why) in [("lost", "EA-01-A", "a fire"), ("retire", "EA-02-A", "it is old")] {
        assert_eq!(rig.run("", &["inventory", verb, label, "--why", why]).code, 0);
    }
    let ran = run(&rig, &["--color", "always", "drill", "--by", "Ana Ader", "--account", "EA-02"]);
    for told in [
        "EA-01-A: by the record this key of EA-01 is lost (a fire): find out where it was",
        "EA-02-A: by the record this key of EA-02 is retired (it is old): it gets nobody in",
    ] {
        assert!(ran.err.contains(&format!("\u{1b}[31m{told}")), "in red: {told}: {ran:?}");
    }
    assert!(ran.err.contains("EA-01-B: not a part of this drill; it is a key of EA-01"), "{ran:?}");
    assert!(ran.err.contains("EA-02-B (SOFT KEY): it answers as this key"), "{ran:?}");
}
