//! Where a key is, what state it is in, and whether it is alone.

use glasskey::ledger::inventory::State;
use serde_json::Value;

use crate::rig::{Rig, TOKEN2, YUBIKEY, finding, sign};

fn enrolled() -> Rig {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig
}

fn refused(rig: &Rig, arguments: &[&str]) -> (i32, String) {
    let (code, document) = rig.json(arguments);
    (code, document["error"]["message"].as_str().unwrap_or_else(|| panic!("{document:#}")).to_owned())
}

fn state(rig: &Rig) -> (State, Option<String>) {
    let ledger = rig.ledger();
    let key = ledger.inventory().key("EA-01-A").unwrap();
    (key.state, key.why.clone())
}

#[test]
fn a_lost_key_that_is_found_is_what_it_was_and_is_due_at_once() {
    let rig = enrolled();
    assert_eq!(rig.json(&["--key", "EA-01-A", "check"]).0, 0);
    let life = |verb: &str, why: &str| rig.json(&["inventory", verb, "EA-01-A", "--why", why]);
    let cannot = |verb: &str| refused(&rig, &["inventory", verb, "EA-01-A", "--why", "x"]);
    assert_eq!(cannot("found"), (2, "not recorded: the key is not lost: it is active".into()));
    let (code, lost) = life("lost", "fire in Bonn");
    assert_eq!((code, &lost["event"]["signed"]), (0, &false.into()), "{lost:#}");
    assert_eq!(state(&rig), (State::Lost, Some("fire in Bonn".into())));
    assert_eq!(cannot("lost"), (2, "not recorded: the key is lost already".into()));
    let (code, checked) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, sign(&checked, "same-key")), (0, "warn"), "{checked:#}");
    assert!(finding(&checked, "same-key")["cure"].as_str().unwrap().contains("inventory found EA-01-A"));
    assert_eq!(state(&rig).0, State::Lost, "whoever holds it has not said where it was");

    let (code, found) = life("found", "behind the safe");
    assert_eq!((code, &found["kind"]), (0, &"found".into()), "{found:#}");
    assert_eq!(state(&rig), (State::Active, None));
    let (_, status) = rig.json(&["status"]);
    assert_eq!(status["keys"][0]["drill"], "overdue", "{status:#}");
    assert_eq!(sign(&rig.json(&["--key", "EA-01-A", "check"]).1, "same-key"), "pass");
    assert_eq!(rig.json(&["status"]).1["keys"][0]["drill"], "good");

    // A key that was retired before it was lost does not come back into service by being found.
    for verb in ["retire", "lost", "found"] {
        assert_eq!(life(verb, verb).0, 0);
    }
    assert_eq!(state(&rig), (State::Retired, Some("retire".into())));
    assert_eq!(cannot("retire"), (2, "not recorded: the key is retired already".into()));
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
    assert_eq!(rig.ledger().inventory().odd(), 0);
}

#[test]
fn a_key_goes_only_where_the_plan_has_a_place_and_to_whom_it_names() {
    let rig = enrolled();
    let head = rig.head();
    for (flag, name) in [("--site", "Rome"), ("--custodian", "Cy Cole")] {
        let (code, message) = refused(&rig, &["inventory", "move", "EA-01-A", flag, name]);
        assert!(code == 2 && message.starts_with("the plan has no ") && message.ends_with(name), "{message}");
    }
    let (code, message) =
        refused(&rig, &["enroll", "--account", "EA-01", "--custodian", "ana ader", "--witness", "Ana Ader"]);
    assert_eq!((code, message.as_str()), (2, "the witness is the custodian: nobody would have watched"));
    assert_eq!(rig.head(), head);
    // Written as the plan writes it; a bag is nobody's business but the bag's.
    let moved =
        ["inventory", "move", "EA-01-A", "--site", "berlin", "--custodian", "ana ader", "--bag", "0042"];
    assert_eq!(rig.json(&moved).0, 0);
    let (_, shown) = rig.json(&["inventory", "show", "EA-01-A"]);
    assert_eq!((&shown["key"]["site"], &shown["key"]["custodian"]), (&"Berlin".into(), &"Ana Ader".into()));
    // Where there is no plan, there is nobody to ask.
    let mut command = rig.elsewhere();
    command.arg("--ledger").arg(rig.at("ledger.db"));
    assert!(
        command.args(["inventory", "move", "EA-01-A", "--site", "Rome"]).output().unwrap().status.success()
    );
}

#[test]
fn a_copy_of_a_key_is_told_by_its_counter_at_the_check_and_ever_after() {
    let rig = enrolled();
    rig.copy("y1", "../copy");
    // The firmware counts on by 1 to 256 at each signature: five checks are beyond any one.
    for _ in 0..5 {
        assert_eq!(rig.json(&["--key", "EA-01-A", "check"]).0, 0);
    }
    assert_eq!(rig.json(&["inventory", "show", "EA-01-A"]).1["key"]["counter_back"], Value::Null);
    // The copy has not seen those signatures.
    rig.copy("y1", "../original");
    rig.copy("../copy", "y1");
    let (code, copy) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, sign(&copy, "counter"), sign(&copy, "same-key")), (1, "fail", "pass"), "{copy:#}");
    assert_eq!(copy["event"]["signed"], true, "the signature itself is the evidence");
    // Back in its place the original is well, and the record still says that there are two.
    rig.copy("../original", "y1");
    let (code, original) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, sign(&original, "counter")), (0, "pass"), "{original:#}");
    let (_, shown) = rig.json(&["inventory", "show", "EA-01-A"]);
    let back = &shown["key"]["counter_back"];
    assert_eq!(back["seq"], copy["event"]["seq"], "{shown:#}");
    assert!(back["after"].as_u64() < back["before"].as_u64(), "{back}");
    let status = rig.run("", &["status"]);
    assert!(status.code == 1 && status.out.contains("there may be a copy of the key"), "{status:?}");
    let (_, status) = rig.json(&["status"]);
    let row = status["findings"].as_array().unwrap().iter().find(|row| row["id"] == "counter").unwrap();
    assert_eq!((&row["status"], &row["about"]), (&"fail".into(), &"EA-01-A".into()));
    assert!(rig.run("", &["inventory", "show", "EA-01-A"]).out.contains("there may be a copy"));
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0, "the record itself is well");
}

#[test]
fn a_pin_that_is_too_short_for_the_plan_is_the_plans_affair() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    let short = |input: &str| {
        let ran = rig.run(input, &["enroll", "--account", "EA-01"]);
        (ran.code, ran.err)
    };
    let (code, err) = short("73195\n");
    assert!(
        code == 5 && err.contains("the new PIN was not sent: the plan wants at least 8 characters"),
        "{err}"
    );
    assert_eq!(rig.run("73195\n", &["pin", "set"]).code, 0, "the key itself takes it");
    let (code, err) = short("73195\n");
    assert!(code == 5 && err.contains("the PIN was not sent: the plan wants at least 8 characters"), "{err}");
    assert!(err.contains("glasskey pin change"), "{err}");
    assert_eq!(rig.json(&["pin", "status"]).1["retries"], 8);
    // A key that wants more than the plan is the one to be blamed.
    rig.add("t1", TOKEN2);
    rig.plug(&["t1"]);
    rig.bend("t1", |key| key.info = glasskey::soft::Overlay::default().set(0x0d, 12));
    let ran = rig.run("73195731957\n", &["enroll", "--account", "EA-02"]);
    assert!(ran.err.contains("this key wants at least 12 characters"), "{ran:?}");
    // One that demands a new PIN is not asked for the old one.
    rig.bend("t1", |key| key.info = glasskey::soft::Overlay::default().set(0x0c, true));
    assert_eq!(rig.run("quagga-7731\n", &["pin", "set"]).code, 0);
    let ran = rig.run("", &["enroll", "--account", "EA-02"]);
    assert!(ran.code == 5 && ran.err.contains("the key demands a new PIN"), "{ran:?}");
}
