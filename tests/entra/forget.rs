//! A registration that breaks off, at the key, at the record, or at the file; and `entra forget`, which settles what is left.

use std::process::Stdio;
use std::time::{Duration, Instant};

use glasskey::ledger::payload::{Ended, Payload};
use serde_json::{Value, json};

use super::asked::*;
use super::rig::{PIN, Rig};
use super::{faults, read};

fn pending(rig: &Rig) -> Vec<u64> {
    rig.ledger().inventory().pending().map(|pending| pending.seq).collect()
}

fn last_outcome(rig: &Rig) -> (Ended, String) {
    let outcome = |(event, _): &(Payload, bool)| match event {
        Payload::Outcome(outcome) => Some((outcome.result, outcome.why.clone().unwrap_or_default())),
        _ => None,
    };
    rig.events().iter().rev().find_map(outcome).unwrap()
}

/// `inventory`, `status` and a check tell of it, and a check does not close it.
fn is_told(rig: &Rig) {
    let open = pending(rig);
    assert_eq!(open.len(), 1);
    let (_, status) = rig.json(&["status"]);
    let rows = status["findings"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == "pending").unwrap();
    assert!(row["cure"].as_str().unwrap().contains("glasskey entra forget --key EA-01-A"), "{row:#}");
    let (code, listed) = rig.json(&["inventory"]);
    assert_eq!((code, &listed["pending"][0]["seq"]), (0, &json!(open[0])));
    let ran = rig.run(&format!("{PIN}\n"), &["check"]);
    assert!(ran.code == 0 && ran.err.contains("entra forget"), "{ran:?}");
    assert_eq!(pending(rig), open, "a good check says nothing of it");
}

#[test]
fn what_the_key_refused_made_nothing_and_is_ended() {
    let rig = enrolled();
    // The first credential of a run is the test's, the second the passkey.
    for (fault, code, told) in [
        ("ctap-error=0x19@makecred+1", 1, "Entra knows already"),
        ("ctap-error=0x28@makecred+1", 1, "no room"),
        ("ctap-error=0x27@makecred+1", 7, "makeCredential"),
    ] {
        rig.fault("y1", &[fault]);
        let (ended, refused) = register(&rig, &options(), &[]);
        assert_eq!(ended, code, "{fault}: {refused:#}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(told), "{refused:#}");
        assert_eq!(
            (pending(&rig).len(), last_outcome(&rig).0, passkeys(&rig, "y1").len()),
            (0, Ended::Failed, 0),
            "{fault}"
        );
    }
    rig.fault("y1", &[]);
    let (code, nothing) = rig.json(&["entra", "forget", "--yes"]);
    assert_eq!((code, &nothing["error"]["kind"]), (1, &json!("entra")), "{nothing:#}");
}

#[test]
fn what_was_made_and_is_not_good_or_not_heard_of_stays_open_until_it_is_forgotten() {
    let rig = enrolled();
    for fault in [
        "truncated-cbor@makecred+1",
        "wrong-signature@makecred+1",
        "wrong-root@makecred+1",
        "uv-flag-missing@makecred+1",
        // Made, verified, and then not told of.
        "ctap-error=0x01@credmgmt+1",
        "ctap-error=0x2e@credmgmt+2",
    ] {
        rig.fault("y1", &[fault]);
        let (code, broke) = register(&rig, &options(), &[]);
        assert_eq!(code, 7, "{fault}: {broke:#}");
        assert!(!rig.at("body.json").exists(), "{fault}");
        rig.fault("y1", &[]);
        let open = pending(&rig);
        assert_eq!(
            (open.len(), passkeys(&rig, "y1").len()),
            (1, 1),
            "{fault}: it is on the key, and nobody has it on record"
        );
        if fault.starts_with("truncated") {
            is_told(&rig);
        }
        let (code, gone) = rig.json(&["--key", "EA-01-A", "entra", "forget", "--account", "ea-01", "--yes"]);
        assert_eq!(
            (code, &gone["closed"], &gone["forgotten"]["was_on_key"]),
            (0, &json!(open), &json!(true)),
            "{gone:#}"
        );
        assert_eq!(gone["event"]["signed"], true);
        assert_eq!(
            (pending(&rig).len(), last_outcome(&rig).0, passkeys(&rig, "y1").len()),
            (0, Ended::Abandoned, 0),
            "{fault}"
        );
    }
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}

#[test]
fn a_later_registration_takes_the_place_of_what_an_earlier_one_left() {
    let rig = enrolled();
    rig.fault("y1", &["truncated-cbor@makecred+1"]);
    assert_eq!(register(&rig, &options(), &[]).0, 7);
    rig.fault("y1", &[]);
    let left = passkeys(&rig, "y1");
    let (code, made) = register(&rig, &options(), &[]);
    assert_eq!(code, 0, "{made:#}");
    assert!(made["remarks"][0].as_str().unwrap().contains("interrupted"), "{made:#}");
    let now = passkeys(&rig, "y1");
    assert_eq!((now.len(), pending(&rig).len()), (1, 0));
    assert!(now != left && now[0]["id"] == made["passkey"]["credential_id"], "{now:?}");
}

#[test]
fn a_passkey_that_is_gone_from_the_key_is_put_right_in_the_record() {
    let rig = enrolled();
    let other = elsewhere(&rig, "y1", RP_ID, &handle(2), "alice@contoso.com");
    assert_eq!(register(&rig, &options(), &[]).0, 0, "another user's passkey is no reason");
    std::fs::remove_file(rig.at("body.json")).unwrap();
    // Neither the word nor another account: nothing is deleted.
    let before = state(&rig);
    let ran = rig.run(&format!("{PIN}\nno\n"), &["entra", "forget"]);
    assert!(ran.code == 1 && ran.err.contains("Type the word delete"), "{ran:?}");
    assert_eq!(rig.json(&["entra", "forget", "--yes", "--account", "EA-02"]).0, 1);
    assert_eq!(
        rig.json(&["entra", "forget", "--yes", "--id", &base64url(&other)]).0,
        2,
        "not one that the record knows"
    );
    assert_eq!(state(&rig), before);
    // Deleted behind the record's back.
    let id = rig.ledger().inventory().key("EA-01-A").unwrap().entra[0].credential_id.clone();
    let elsewhere = rig
        .elsewhere()
        .args(["credentials", "delete", &base64url(id.as_slice()), "--yes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .and_then(|mut child| {
            std::io::Write::write_all(child.stdin.as_mut().unwrap(), format!("{PIN}\n").as_bytes())?;
            child.wait()
        });
    assert!(elsewhere.unwrap().success());
    let (code, gone) = rig.json(&["entra", "forget", "--why", "it was deleted by mistake"]);
    assert_eq!((code, &gone["forgotten"]["was_on_key"]), (0, &json!(false)), "{gone:#}");
    let (Payload::EntraForgotten(forgotten), true) = rig.events().pop().unwrap() else { panic!("{gone:#}") };
    assert_eq!(forgotten.why, "it was deleted by mistake");
    assert!(rig.ledger().inventory().key("EA-01-A").unwrap().entra.is_empty());
    assert_eq!(passkeys(&rig, "y1").len(), 1, "the other user's is left alone");
}

/// Starts a registration with a key that takes its time, and gives it up once the ledger has the intent.
fn begun(rig: &Rig) -> std::process::Child {
    std::fs::write(rig.at("options.json"), options().to_string()).unwrap();
    let (file, out) = (path(rig, "options.json"), path(rig, "bodies/body.json"));
    std::fs::create_dir_all(rig.at("bodies")).unwrap();
    rig.bend("y1", |options| options.touch_delay_ms = 700);
    let mut command = rig.command();
    command.args(["--json", "entra", "register", "--account", "EA-01", "--options", &file, "--out", &out]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), format!("{PIN}\n").as_bytes()).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while pending(rig).is_empty() {
        assert!(Instant::now() < until, "no intent");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn killed_between_intent_and_outcome_it_is_told_and_settled() {
    let rig = enrolled();
    let mut child = begun(&rig);
    child.kill().unwrap();
    child.wait().unwrap();
    rig.bend("y1", |options| options.touch_delay_ms = 0);
    assert!(!rig.at("bodies/body.json").exists());
    is_told(&rig);
    let open = pending(&rig);
    let (code, settled) = rig.json(&["entra", "forget"]);
    assert_eq!(
        (code, &settled["closed"], &settled["forgotten"]),
        (0, &json!(open), &Value::Null),
        "{settled:#}"
    );
    assert_eq!(last_outcome(&rig), (Ended::Abandoned, "the key holds no such passkey".to_owned()));
    assert_eq!(register(&rig, &options(), &[]).0, 0);
}

#[test]
fn a_body_that_cannot_be_written_is_not_lost() {
    let rig = enrolled();
    let child = begun(&rig);
    std::fs::remove_dir_all(rig.at("bodies")).unwrap();
    let output = child.wait_with_output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &said["error"]["kind"]), (Some(2), &json!("entra")), "{said:#}");
    assert!(said["error"]["message"].as_str().unwrap().contains("on record"), "{said:#}");
    assert!(said["error"]["hint"].as_str().unwrap().contains("--from-record"), "{said:#}");
    assert_eq!(pending(&rig), [0; 0]);
    let (file, out) = (path(&rig, "options.json"), path(&rig, "body.json"));
    let (code, written) = rig.json(&[
        "entra",
        "register",
        "--account",
        "EA-01",
        "--options",
        &file,
        "--out",
        &out,
        "--from-record",
    ]);
    assert_eq!(code, 0, "{written:#}");
    let body = read(&rig.at("body.json"));
    assert_eq!(faults("register", &body), [""; 0]);
    assert_eq!(passkeys(&rig, "y1")[0]["id"], body["publicKeyCredential"]["id"]);
}
