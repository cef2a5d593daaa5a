//! Interrupted, and gone on with.

use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

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
            glasskey::ledger::Payload::Checked(checked) => Some((checked.label.as_str(), checked.drill)),
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
    let mut recorded = 0;
    let mut ended = false;
    for kill in 0..12 {
        let mut command = rig.command();
        command.args(["drill", "--answers", "answers.json"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        drop(input.write_all(pins.as_bytes()));
        drop(input);
        let end = Instant::now() + Duration::from_millis(15 * kill);
        while Instant::now() < end && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(child.kill());
        child.wait().unwrap();
        let ledger = rig.ledger();
        assert!(ledger.chain().seq >= recorded, "nothing is lost");
        recorded = ledger.chain().seq;
        let drills = ledger.inventory().drills();
        assert!(drills.len() <= 1 && ledger.inventory().odd() == 0);
        ended = drills.first().is_some_and(|drill| !drill.open());
        if ended {
            break;
        }
    }
    if !ended {
        assert_eq!(rig.run(&pins, &["drill", "--answers", "answers.json"]).code, 0);
    }
    let ledger = rig.ledger();
    let [drill] = ledger.inventory().drills() else { panic!("one drill") };
    assert_eq!(drill.ended.as_ref().unwrap().how.verdict, glasskey::ledger::payload::DrillVerdict::Passed);
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
    // It turns up, and its check counts instead.
    rig.plug(&["t2"]);
    let (_, second) = drill(&rig, &json!({}), &["--account", "EA-02"]);
    assert_eq!(
        key(&second, "EA-02-B")["not_checked"],
        "missing",
        "what is on record is not done again by itself"
    );
    let named = rig.run(&format!("{PIN}\n"), &["--key", "EA-02-B", "drill"]);
    assert_eq!(named.code, 1);
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
