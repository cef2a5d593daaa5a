//! What people get wrong: another folder, another organisation's ledger, another account's site, words that say nothing.

use std::process::Stdio;

use glasskey::ledger::payload::Payload;

use crate::rig::{PIN, Ran, Rig, YUBIKEY, finding};

/// The program with the ledger, in a folder without a plan.
fn planless(rig: &Rig, arguments: &[&str]) -> Ran {
    let mut command = rig.elsewhere();
    command.arg("--ledger").arg(rig.at("ledger.db")).args(arguments);
    let ran = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: ran.status.code().unwrap(), out: text(ran.stdout), err: text(ran.stderr) }
}

#[test]
fn in_a_folder_without_the_plan_it_is_told_once_that_its_rules_are_not_kept() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    let told = "there is no custody plan here (custody.toml), so none of its rules are kept";
    for arguments in [
        &["check", "--no-touch"][..],
        &["pin", "verify"],
        &["pin", "change"],
        &["credentials", "list"],
        &["inventory", "move", "EA-01-A", "--site", "Atlantis"],
    ] {
        let ran = planless(&rig, arguments);
        assert_eq!(ran.err.matches(told).count(), 1, "{arguments:?}: {ran:?}");
    }
    let check = planless(&rig, &["--json", "check", "--no-touch"]);
    let check = serde_json::from_str(&check.out).unwrap();
    assert_eq!(finding(&check, "vendor-diversity")["saw"], "there is no custody plan here");
    assert!(!rig.run("", &["check", "--no-touch"]).err.contains("custody plan"), "there is one");
}

#[test]
fn nothing_is_recorded_in_the_ledger_of_another_organisation() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    let with = |arguments: &[&str]| {
        let mut command = rig.elsewhere();
        command.args(["--json", "--ledger", "other.db", "--plan", "plan.toml"]).args(arguments);
        let ran = command.stdin(Stdio::null()).output().unwrap();
        (ran.status.code().unwrap(), String::from_utf8(ran.stdout).unwrap())
    };
    assert_eq!(with(&["ledger", "init", "--organisation", "Fabrikam"]).0, 0);
    for verb in [
        &["enroll", "--account", "EA-01"][..],
        &["drill", "--by", "Ana", "--no-keys"],
        &["check", "--no-touch"],
        &["inventory", "move", "EA-01-A", "--bag", "7"],
        &["inventory", "use", "EA-01", "--at", "now", "--why", "work"],
    ] {
        let (code, out) = with(verb);
        assert_eq!(code, 2, "{verb:?}: {out}");
        assert!(out.contains("the plan is of 'Contoso', the ledger of 'Fabrikam'"), "{verb:?}: {out}");
    }
    assert_eq!(rig.json(&["pin", "status"]).1["pin_set"], false);
    let log: serde_json::Value = serde_json::from_str(&with(&["ledger", "log"]).1).unwrap();
    assert_eq!(log["events"].as_array().unwrap().len(), 1, "{log:#}");
    // Whoever only looks at a key may hold it against any plan.
    assert_ne!(with(&["check", "--no-touch", "--no-record"]).0, 2);
}

#[test]
fn a_place_that_the_plan_gives_to_another_account_is_told_at_once() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    let enroll = ["enroll", "--account", "EA-01", "--site", "bonn", "--custodian", "Bo Berg"];
    let ran = rig.run(&format!("{PIN}\n"), &enroll);
    for told in [
        "Bonn is no site of EA-01 by the plan (Berlin)",
        "Bo Berg is no custodian of EA-01 by the plan (Ana Ader)",
    ] {
        assert!(ran.code == 0 && ran.err.contains(told), "{ran:?}");
    }
    let home = rig.run("", &["inventory", "move", "EA-01-A", "--site", "Berlin", "--custodian", "Ana Ader"]);
    assert_eq!((home.code, home.err.as_str()), (0, ""), "{home:?}");
    let away = rig.run("", &["inventory", "move", "EA-01-A", "--site", "Bonn"]);
    assert!(away.code == 0 && away.err.contains("Bonn is no site of EA-01"), "{away:?}");
}

#[test]
fn a_reason_says_something_and_a_label_shows_what_it_is() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    let head = rig.head();
    for arguments in [
        &["enroll", "--account", "EA-02", "--override", ""][..],
        &["inventory", "lost", "EA-01-A", "--why", " "],
        &["inventory", "retire", "EA-01-A", "--why", "a\u{1b}[31mb"],
        &["inventory", "move", "EA-01-A", "--bag", ""],
        &["inventory", "use", "EA-01", "--at", "now", "--why", "\u{200b}"],
        &["drill", "--by", "", "--no-keys"],
        &["ledger", "init", "--organisation", ""],
        &["inventory", "relabel", "EA-01-A", "EA\u{202e}10-B"],
        &["inventory", "relabel", "EA-01-A", "EA-01-A\u{200b}"],
        &["inventory", "relabel", "EA-01-A", "EA-01-A\u{2800}"],
        &["enroll", "--account", "EA-01", "--label", "EA-01-A\u{feff}"],
        &["enroll", "--account", "EA-01", "--label", "EA-01\u{a0}B"],
    ] {
        let ran = rig.run(&format!("{PIN}\n"), arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
    }
    assert_eq!(rig.head(), head);
    assert_eq!(rig.run("", &["inventory", "lost", "EA-01-A", "--why", " the fire "]).code, 0);
    assert!(matches!(&rig.events().pop().unwrap().0, Payload::Lost(lost) if lost.why == "the fire"));
}

#[test]
fn a_check_for_another_account_is_not_recorded_and_says_so() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    let head = rig.head();
    let ran = rig.run("", &["check", "--no-touch", "--account", "EA-02"]);
    let told = "soft:y1: not recorded: it is EA-01-A of EA-01, and was judged for EA-02";
    assert!(ran.code == 1 && ran.err.contains(told), "{ran:?}");
    assert_eq!(rig.head(), head);
    let (_, check) = rig.json(&["check", "--no-touch", "--account", "EA-02"]);
    assert_eq!(finding(&check, "vendor-diversity")["status"], "skipped", "it is no key that comes to EA-02");
}
