//! Interrupted, and gone on with.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use glasskey::ledger::Writer;
use glasskey::ledger::payload::{Answer, DrillAnswered, DrillVerdict, Payload};

use super::*;

#[test]
fn interrupted_after_the_second_key_and_resumed() {
    let rig = custody();
    // Two keys are there; then somebody fetches the others.
    rig.plug(&["y1", "y2"]);
    let (code, half) = drill(&rig, &all_well(), &[]);
    assert_eq!((code, verdicts(&half)), (1, ["incomplete", "passed", "incomplete"]), "{half:#}");
    assert_eq!((&half["ended"], &half["event"]), (&Value::Null, &Value::Null));
    assert_eq!(half["left"]["keys"], json!(["EA-02-A", "EA-02-B"]));
    let (code, status) = rig.json(&["status"]);
    assert_eq!((code, &status["open_drill"]["drill"]), (0, &half["drill"]), "{status:#}");

    rig.plug(&["t1", "t2"]);
    let (code, whole) = drill(&rig, &json!({ "by": "Bo Berg" }), &[]);
    assert_eq!((code, verdicts(&whole)), (0, ["passed"; 3]), "{whole:#}");
    assert_eq!(whole["drill"], half["drill"]);
    let events = rig.events();
    let checks: Vec<_> = events
        .iter()
        .filter_map(|(payload, _)| match payload {
            Payload::Checked(checked) => Some((checked.label.as_str(), checked.drill)),
            _ => None,
        })
        .collect();
    assert_eq!(checks, LABELS.map(|label| (label, whole["drill"].as_u64())), "each key once");
}

/// Killed at any moment: what was recorded stays, and the next run ends the drill.
#[test]
fn killed_at_any_moment_and_resumed() {
    let rig = custody();
    fs::write(rig.at("answers.json"), all_well().to_string()).unwrap();
    let pins = format!("{PIN}\n").repeat(4);
    let (mut recorded, mut ended, mut left_open) = (rig.ledger().chain().seq, false, 0);
    // A little longer each time that nothing was done, however fast the machine is.
    let mut delay = Duration::from_millis(10);
    while !ended {
        let mut command = rig.command();
        command.args(["drill", "--answers", "answers.json"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        drop(input.write_all(pins.as_bytes()));
        drop(input);
        let end = Instant::now() + delay;
        while Instant::now() < end && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(child.kill());
        child.wait().unwrap();
        let ledger = rig.ledger();
        assert!(ledger.chain().seq >= recorded, "nothing is lost");
        if ledger.chain().seq == recorded {
            delay += delay / 8;
        }
        recorded = ledger.chain().seq;
        let drills = ledger.inventory().drills();
        assert!(drills.len() <= 1 && ledger.inventory().odd() == 0);
        ended = drills.first().is_some_and(|drill| !drill.open());
        left_open += usize::from(ledger.inventory().open_drill().is_some());
        assert!(delay < Duration::from_secs(60), "it never ends");
    }
    println!("killed with the drill open {left_open} times; the last run took less than {delay:?}");
    assert!(left_open > 0, "no kill hit the drill");
    let ledger = rig.ledger();
    let [drill] = ledger.inventory().drills() else { panic!("one drill") };
    assert_eq!(drill.ended.as_ref().unwrap().how.verdict, DrillVerdict::Passed);
    assert!(drill.keys.iter().all(|key| key.tries.len() == 1), "no key is asked for its PIN twice");
    let mut answers: Vec<_> =
        drill.answers.iter().map(|one| (&one.said.question, &one.said.account, &one.said.label)).collect();
    let all = answers.len();
    answers.sort();
    answers.dedup();
    assert_eq!(answers.len(), all, "no answer stands twice");
    assert_eq!(rig.run("", &["ledger", "verify"]).code, 0);
}

#[test]
fn one_account_at_a_time_a_missing_key_and_an_early_end() {
    let rig = custody();
    rig.plug(&["y1", "y2"]);
    let (code, first) = drill(&rig, &all_well(), &["--missing", "EA-02-B", "--why", "not in the safe"]);
    assert_eq!((code, verdicts(&first)), (1, ["failed", "passed", "failed"]), "{first:#}");
    assert_eq!(actions(&first), [("key-missing", "EA-02-B", "Bo Berg")]);
    assert_eq!(first["left"]["keys"], json!(["EA-02-A"]));
    // It turns up; only where it is named it is tried again.
    rig.plug(&["t2"]);
    let (_, second) = drill(&rig, &json!({}), &["--account", "EA-02"]);
    assert_eq!(
        key(&second, "EA-02-B")["not_checked"],
        "missing",
        "what is on record is not done again by itself"
    );
    let (code, named) = rig.json(&["--key", "EA-02-B", "drill"]);
    let tried = key(&named, "EA-02-B");
    assert_eq!((code, &tried["good"], &tried["signed"]), (1, &true.into(), &true.into()), "{named:#}");
    assert_eq!((&tried["not_checked"], &named["left"]["keys"]), (&Value::Null, &json!(["EA-02-A"])));
    assert_eq!(verdicts(&named), ["incomplete", "passed", "incomplete"], "its check counts instead");
    // What was good may turn out bad: the last try counts, whatever it is.
    rig.fault("t2", &["dead"]);
    let (code, dead) = rig.json(&["--key", "EA-02-B", "drill"]);
    assert_eq!((code, &key(&dead, "EA-02-B")["not_checked"]), (1, &"misbehaved".into()), "{dead:#}");
    rig.fault("t2", &[]);
    let (_, again) = rig.json(&["--key", "ea-02-b", "drill"]);
    assert_eq!(key(&again, "EA-02-B")["good"], true, "{again:#}");
    let (code, third) = drill(&rig, &json!({}), &["--leave-out", "EA-02-A", "--why", "its safe is locked"]);
    assert_eq!((code, &third["left"]["keys"]), (1, &json!([])), "{third:#}");
    assert_ne!(third["ended"], Value::Null, "nothing is left");
    assert_eq!(key(&third, "EA-02-A")["not_checked"], "left-out");

    let (code, begun) = drill(&rig, &json!({ "by": "Ana Ader" }), &["--no-keys", "--account", "EA-01"]);
    assert_eq!((code, begun["accounts"].as_array().unwrap().len()), (1, 1));
    let other = drill(&rig, &json!({}), &["--account", "EA-02"]);
    assert_eq!((other.0, other.1["error"]["kind"].as_str()), (2, Some("drill")));
    let (code, ended) = drill(&rig, &json!({}), &["--no-keys", "--end", "--why", "the fire alarm went off"]);
    assert_eq!(
        (code, &ended["verdict"], &ended["why"]),
        (1, &"incomplete".into(), &"the fire alarm went off".into())
    );
    assert!(ended["actions"].as_array().unwrap().iter().any(|action| action["id"] == "key-not-checked"));
    drill(&rig, &json!({}), &["--no-keys"]);
    let (code, given_up) = drill(&rig, &json!({}), &["--abandon", "--why", "begun by mistake"]);
    assert_eq!((code, &given_up["verdict"]), (0, &"abandoned".into()));
    assert_eq!(drill(&rig, &json!({}), &["--abandon", "--why", "x"]).0, 2, "nothing is open");
}

/// A key that gets another label on the way is the same key.
#[test]
fn a_key_that_is_relabelled_on_the_way_is_gone_on_with() {
    let rig = custody();
    rig.plug(&["y1"]);
    let mut answers = all_well();
    let (_, half) = drill(&rig, &answers, &[]);
    assert_eq!(half["left"]["keys"], json!(["EA-01-B", "EA-02-A", "EA-02-B"]));
    for (old, new) in [("EA-01-A", "Safe-1"), ("EA-02-A", "Safe-2")] {
        assert_eq!(rig.run("", &["inventory", "relabel", old, new]).code, 0);
        answers["key"][new] = answers["key"].as_object_mut().unwrap().remove(old).unwrap();
    }
    rig.plug(&["y2", "t1", "t2"]);
    let (code, whole) = drill(&rig, &answers, &[]);
    assert_eq!((code, verdicts(&whole)), (0, ["passed"; 3]), "{whole:#}");
    for label in ["Safe-1", "EA-01-B", "Safe-2", "EA-02-B"] {
        assert!(key(&whole, label)["good"] == true, "{label}: {whole:#}");
    }
    let ledger = rig.ledger();
    assert_eq!(ledger.inventory().odd(), 0);
    let drill = ledger.inventory().drills().last().unwrap();
    assert!(drill.keys.iter().all(|key| key.tries.len() == 1), "none was tried twice");
    let old = rig.run("", &["--key", "EA-01-A", "drill", "--no-keys"]);
    assert_eq!(old.code, 1, "an old label leads to the key, too: {old:?}");
}

/// What another machine records while this one is about to end the drill is judged as well.
#[test]
fn the_end_is_judged_by_the_record_of_that_moment() {
    let rig = custody();
    let mut answers = all_well();
    answers["answers"].as_object_mut().unwrap().remove("people-trained");
    let (_, half) = drill(&rig, &answers, &[]);
    assert_eq!(half["left"]["questions"].as_array().unwrap().len(), 1, "{half:#}");
    // Another machine is about to record a no, and holds the lock.
    let mut other = Writer::open(&rig.at("ledger.db")).unwrap();
    let no = DrillAnswered {
        drill: half["drill"].as_u64().unwrap(),
        question: "people-trained".into(),
        account: None,
        label: None,
        answer: Answer::No,
        told: None,
        note: None,
        by: Some("Bo Berg".into()),
    };
    let draft = other.begin(Payload::DrillAnswered(no), now(), [7; 32]).unwrap();
    let mut command = rig.command();
    command.args(["drill", "--no-keys", "--end", "--why", "the day is over"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut told = String::new();
    let mut words = BufReader::new(child.stderr.take().unwrap());
    while !told.contains("4 checked, of 4 keys") {
        assert!(words.read_line(&mut told).unwrap() > 0, "{told}");
    }
    // By now it has judged, without the no, and waits for the lock; or will do so at once.
    std::thread::sleep(Duration::from_millis(300));
    draft.commit(None).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let ledger = rig.ledger();
    let how = &ledger.inventory().drills().last().unwrap().ended.as_ref().unwrap().how;
    assert_eq!(how.verdict, DrillVerdict::Failed);
    let action = how.actions.iter().find(|action| action.id == "people-trained").unwrap();
    assert!(action.what.starts_with("See to it: the answer was no"), "{}", action.what);
}
