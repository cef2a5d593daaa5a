//! The whole life of five keys: enrolled, checked, moved, one taken on against the rules and retired.

use glasskey::ledger::payload::{Ended, Payload};
use serde_json::Value;

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, finding, sign};

/// The exit code of `status`, and the ids of the rules that it says are broken.
fn status(rig: &Rig) -> (i32, Vec<String>) {
    let (code, document) = rig.json(&["status"]);
    let broken = document["findings"].as_array().unwrap().iter().filter(|row| row["status"] == "fail");
    (code, broken.map(|row| row["id"].as_str().unwrap().to_owned()).collect())
}

/// What a check found, but for what passed or was left out.
fn not_passed(document: &Value) -> Vec<(&str, &str)> {
    let findings = document["findings"].as_array().unwrap();
    let told =
        findings.iter().map(|finding| (finding["id"].as_str().unwrap(), finding["status"].as_str().unwrap()));
    told.filter(|(_, status)| !["pass", "skipped"].contains(status)).collect()
}

fn recorded(rig: &Rig, document: &Value) -> (Payload, bool) {
    let seq = usize::try_from(document["event"]["seq"].as_u64().unwrap()).unwrap();
    let mut events = rig.events();
    events.swap_remove(seq - 1)
}

#[test]
fn four_keys_of_two_vendors_are_enrolled_checked_moved_and_one_more_is_retired() {
    let rig = Rig::new();
    let mut heads = vec![rig.head()];
    // A key without a PIN has one set at its enrolment; the others have theirs.
    rig.add("y1", YUBIKEY);
    rig.add_with_pin("y2", YUBIKEY);
    rig.add_with_pin("t1", TOKEN2);
    rig.add("t2", TOKEN2);
    assert_eq!(status(&rig), (1, vec!["keys-per-account".to_owned(); 2]));

    for (number, (name, account, label)) in [
        ("y1", "EA-01", "EA-01-A"),
        ("y2", "EA-01", "EA-01-B"),
        ("t1", "EA-02", "EA-02-A"),
        ("t2", "EA-02", "EA-02-B"),
    ]
    .into_iter()
    .enumerate()
    {
        let document = rig.enroll(name, account);
        assert_eq!((document["label"].as_str(), document["verdict"].as_str()), (Some(label), Some("fit")));
        assert_eq!((sign(&document, "pin-set"), sign(&document, "vendor-diversity")), ("pass", "pass"));
        let (Payload::Enrolled(enrolled), true) = recorded(&rig, &document) else { panic!("{document:#}") };
        assert_eq!((enrolled.label.as_str(), enrolled.account.as_str()), (label, account));
        assert_eq!(enrolled.site.as_deref(), Some(if account == "EA-01" { "Berlin" } else { "Bonn" }));
        assert!(enrolled.soft, "a soft key is marked");
        assert_eq!(enrolled.override_reason, None);
        assert_eq!(rig.ledger().inventory().pending().count(), 0);
        heads.push(document["event"]["hash"].as_str().unwrap().to_owned());
        assert_eq!(status(&rig).0, i32::from(number < 3), "keys are missing until the last");
    }
    assert_eq!(rig.ledger().inventory().soft(), Some(true));
    let steps = rig.events().into_iter().filter_map(|(payload, _)| match payload {
        Payload::Intent(intent) => Some(intent.step),
        Payload::Outcome(outcome) if outcome.result != Ended::Done => panic!("{outcome:?}"),
        _ => None,
    });
    let steps: Vec<_> = steps.collect();
    assert_eq!(steps.iter().filter(|step| *step == "set PIN").count(), 2);
    assert_eq!(steps.iter().filter(|step| *step == "make custody credential").count(), 4);

    // Checked by its label among all that are plugged in, and by its path.
    for (named, label) in [("EA-01-B", "EA-01-B"), ("ea-02-a", "EA-02-A"), ("soft:y1", "EA-01-A")] {
        let before = rig.ledger().inventory().key(label).unwrap().custody.counter;
        let (code, document) = rig.json(&["--key", named, "check"]);
        assert_eq!(code, 0, "{document:#}");
        assert_eq!(not_passed(&document), [("entra-credential", "warn")], "its passkey comes later");
        for id in ["same-key", "counter", "uv-proven", "attestation"] {
            assert_eq!((id, sign(&document, id)), (id, "pass"));
        }
        assert!(finding(&document, "same-key")["saw"].as_str().unwrap().contains(label));
        let counter = finding(&document, "counter")["saw"].as_str().unwrap();
        assert!(counter.starts_with(&format!("{before} when last recorded, ")), "{counter}");
        let (Payload::Checked(checked), true) = recorded(&rig, &document) else { panic!("{document:#}") };
        assert_eq!(checked.label, label);
        let ledger = rig.ledger();
        let key = ledger.inventory().key(label).unwrap();
        assert_eq!(key.last_good_check.map(|seen| Some(seen.seq)), Some(document["event"]["seq"].as_u64()));
        assert!(checked.counter.unwrap() > before && key.custody.counter > checked.counter.unwrap());
        heads.push(rig.head());
    }

    let ran = rig.run(
        "",
        &["inventory", "move", "EA-01-B", "--site", "Bonn", "--custodian", "Bo Berg", "--bag", "B-7"],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    let (code, moved) = rig.json(&["inventory", "show", "EA-01-B"]);
    assert_eq!((code, &moved["key"]["site"], &moved["key"]["bag"]), (0, &"Bonn".into(), &"B-7".into()));
    assert_eq!(status(&rig).0, 1, "keys of both accounts at one site");
    assert_eq!(
        rig.run("", &["inventory", "move", "EA-01-B", "--site", "Berlin", "--custodian", "Ana Ader"]).code,
        0
    );
    assert_eq!(status(&rig), (0, vec![]));

    // One vendor for two accounts: refused, unless somebody takes it on.
    rig.add_with_pin("y3", YUBIKEY);
    let head = rig.head();
    let (code, refused) = rig.json(&["--key", "soft:y3", "enroll", "--account", "EA-02"]);
    assert_eq!((code, &refused["error"]["kind"]), (1, &"vendor-diversity".into()), "{refused}");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains("EA-01") && message.contains("Yubico"), "{message}");
    assert_eq!(rig.head(), head, "refused before anything was begun");
    let reason = "the other vendor's parcel is late";
    let (code, taken) = rig.json(&[
        "--key",
        "soft:y3",
        "enroll",
        "--account",
        "EA-02",
        "--site",
        "Bonn",
        "--override",
        reason,
    ]);
    assert_eq!((code, sign(&taken, "vendor-diversity")), (0, "warn"), "{taken:#}");
    assert!(finding(&taken, "vendor-diversity")["saw"].as_str().unwrap().contains(reason));
    let (Payload::Enrolled(enrolled), true) = recorded(&rig, &taken) else { panic!("{taken:#}") };
    assert_eq!((enrolled.label.as_str(), enrolled.override_reason.as_deref()), ("EA-02-C", Some(reason)));
    heads.push(rig.head());
    let (code, broken) = status(&rig);
    assert_eq!(code, 1);
    assert!(broken.contains(&"vendor-diversity".to_owned()), "{broken:?}");
    assert_eq!(rig.run("", &["inventory", "retire", "EA-02-C", "--why", "the parcel came"]).code, 0);
    assert_eq!(status(&rig), (0, vec![]));
    let (code, retired) = rig.json(&["--key", "EA-02-C", "check"]);
    assert_eq!((code, sign(&retired, "same-key")), (0, "warn"), "{retired:#}");
    assert!(finding(&retired, "same-key")["saw"].as_str().unwrap().contains("retired"));

    // The record holds, and whatever head a label tells is in it.
    let (code, verified) = rig.json(&["ledger", "verify"]);
    assert_eq!((code, &verified["intact"]), (0, &true.into()), "{verified:#}");
    let signed = rig.events().iter().filter(|(_, signed)| *signed).count();
    assert_eq!((verified["receipts"].as_u64(), signed), (Some(9), 9), "5 enrolments, 4 checks");
    assert_eq!(verified["soft"], true);
    for head in &heads {
        assert_eq!(rig.json(&["ledger", "verify", "--head", head]).0, 0, "{head}");
    }
    let strange = "ab".repeat(32);
    assert_eq!(rig.json(&["ledger", "verify", "--head", &strange]).0, 6);
    let bytes = std::fs::read(rig.at("ledger.db")).unwrap();
    assert!(!bytes.windows(PIN.len()).any(|window| window == PIN.as_bytes()), "no PIN in the ledger");
}

#[test]
fn all_keys_that_are_plugged_in_are_checked_and_each_enrolled_one_recorded() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.add("t1", TOKEN2);
    rig.enroll("y1", "EA-01");
    rig.enroll("t1", "EA-02");
    rig.add_with_pin("y9", YUBIKEY);
    let ran = rig.run(&format!("{PIN}\n{PIN}\n{PIN}\n"), &["--json", "check", "--all"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let all: Value = serde_json::from_str(&ran.out).unwrap();
    let mut labels = Vec::new();
    for check in all["checks"].as_array().unwrap() {
        if check["key"]["path"] == "soft:y9" {
            assert_eq!((sign(check, "same-key"), &check["event"]), ("warn", &Value::Null), "a stranger");
            continue;
        }
        assert_eq!(sign(check, "same-key"), "pass");
        let (Payload::Checked(checked), true) = recorded(&rig, check) else { panic!("{check:#}") };
        labels.push(checked.label.clone());
    }
    labels.sort();
    assert_eq!(labels, ["EA-01-A", "EA-02-A"]);
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}
