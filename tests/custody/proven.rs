//! What the record may be believed: a signature only where it was verified, a "well" only from what was proven.

use std::os::unix::fs::symlink;

use glasskey::ledger::bytes::{Bytes, Hash};
use glasskey::ledger::event::{self, Body};
use glasskey::ledger::payload::{
    DrillAccount, DrillBegun, DrillEnded, DrillKey, DrillVerdict, DrilledAccount, Payload,
};
use rusqlite::{Connection, params};
use serde_json::Value;

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY};

/// The rows of a rule of `status`, and how `status` ends.
fn status(rig: &Rig, id: &str) -> (i32, Vec<String>) {
    let (code, status) = rig.json(&["status"]);
    let rows = status["findings"].as_array().unwrap().iter().filter(|row| row["id"] == id);
    (code, rows.map(|row| row["status"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn a_check_that_the_key_did_not_sign_takes_back_nothing() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig.add("t1", TOKEN2);
    rig.bend("y1", |key| key.firmware = Some("5.7.5".parse().unwrap()));
    rig.allow(&[TOKEN2]);
    rig.plug(&["y1"]);
    let check = |more: &[&str]| rig.json(&[&["--key", "EA-01-A", "check"], more].concat()).0;
    assert_eq!(check(&[]), 1, "its model is not allowed");
    rig.allow(&[YUBIKEY, TOKEN2]);
    let stands = || (status(&rig, "last-verdict").1.remove(0), status(&rig, "changed").1.remove(0));
    let bad = ("fail".to_owned(), "warn".to_owned());
    assert_eq!(stands(), bad);
    assert_eq!(check(&["--no-touch"]), 0, "looked at, and nothing proven");
    assert_eq!(stands(), bad, "that takes back nothing");
    rig.plug(&["t1"]);
    assert_eq!(check(&["--no-touch"]), 1, "another key in its place");
    assert_eq!(stands(), bad);
    rig.plug(&["y1"]);
    rig.bend("y1", |key| key.firmware = Some("5.7.4".parse().unwrap()));
    assert_eq!(check(&[]), 0);
    assert_eq!(stands(), ("pass".to_owned(), "pass".to_owned()), "the key itself signed that");
}

#[test]
fn a_command_in_a_cure_runs_whatever_the_label() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    let enroll = [
        "--key",
        "soft:y1",
        "enroll",
        "--account",
        "EA-01",
        "--site",
        "Berlin",
        "--label",
        "Ana's =1(2) key",
    ];
    assert_eq!(rig.json(&enroll).0, 0);
    let told = rig.run("", &["status"]).out;
    assert!(told.contains(r"`glasskey check --key 'Ana'\''s =1(2) key'`"), "{told}");
}

/// Writes an event as whoever has the file could: chained well, and signed by nobody.
fn forge(rig: &Rig, payload: Payload, receipt: Option<&str>) {
    let (seq, prev) = (rig.ledger().chain().seq + 1, rig.ledger().head());
    let body = Body::new(jiff::Timestamp::now(), [7; 32], payload);
    let text = body.canonical().unwrap();
    let seal = event::seal(&prev, &text);
    let hash = event::hash(&seal, receipt);
    let connection = Connection::open(rig.at("ledger.db")).unwrap();
    let sql = "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let (at, kind) = (body.at.to_string(), body.event.kind());
    let bytes = |hash: Hash| hash.as_bytes().to_vec();
    connection
        .execute(
            sql,
            params![seq.to_string(), at, kind, text, bytes(prev), bytes(seal), receipt, bytes(hash)],
        )
        .unwrap();
}

#[test]
fn a_signature_that_nobody_made_is_believed_by_no_verb() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    assert_eq!(rig.json(&["--key", "EA-01-A", "check"]).0, 0);
    let ledger = rig.ledger();
    let entry = ledger.event(ledger.chain().seq).unwrap().unwrap();
    drop(ledger);
    let mut receipt = entry.event.receipt.unwrap();
    receipt.signature = Bytes(vec![0; 3]);
    let seq = entry.event.seq + 1;
    forge(&rig, entry.body.unwrap().event, Some(&receipt.canonical().unwrap()));
    for verb in [
        &["status"][..],
        &["report", "--markdown", "report.md"],
        &["inventory"],
        &["inventory", "show", "EA-01-A"],
        &["inventory", "lost", "EA-01-A", "--why", "x"],
        &["label", "--html", "labels.html"],
        &["drill", "--no-keys", "--by", "Ana Ader"],
    ] {
        let (code, error) = rig.json(verb);
        assert_eq!(code, 6, "{verb:?}: {error:#}");
        let told = error["error"]["message"].as_str().unwrap();
        assert!(told.contains(&format!("event {seq}: its receipt is not good")), "{verb:?}: {told}");
    }
    assert!(!rig.at("report.md").exists() && !rig.at("labels.html").exists());
}

#[test]
fn a_drill_that_no_key_was_tried_in_is_not_passed_by_saying_so() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    let key = DrillKey { label: "EA-01-A".into(), site: None, bag: None };
    let begun = |keys: &[&DrillKey]| {
        let keys = keys.iter().map(|key| (*key).clone()).collect();
        Payload::DrillBegun(Box::new(DrillBegun {
            accounts: vec![DrillAccount { name: "EA-01".into(), custodians: vec![], keys }],
            questions: vec![],
            interval_days: 90,
            alert_limit_minutes: 15,
            by: None,
            present: vec![],
        }))
    };
    forge(&rig, begun(&[]), None);
    let odd = || rig.json(&["inventory"]).1["oddities"].as_array().unwrap().clone();
    assert!(odd()[0]["what"].as_str().unwrap().contains("tries its key 'EA-01-A', too"), "{:?}", odd());
    forge(&rig, begun(&[&key]), None);
    let verdict = DrillVerdict::Passed;
    let account = DrilledAccount {
        account: "EA-01".into(),
        verdict,
        next_due: jiff::Timestamp::MAX,
        alert_delay_seconds: None,
    };
    let drill = rig.ledger().chain().seq;
    let ended = DrillEnded { drill, verdict, why: None, accounts: vec![account], actions: vec![] };
    forge(&rig, Payload::DrillEnded(Box::new(ended)), None);
    assert!(
        odd()[1]["what"].as_str().unwrap().contains("'EA-01-A' was not checked well in it"),
        "{:?}",
        odd()
    );
    let (_, status) = rig.json(&["status"]);
    assert_eq!(status["accounts"][0]["last_passed_drill"], Value::Null, "{status:#}");
    assert_eq!(status["open_drill"]["drill"], drill, "{status:#}");
}

#[test]
fn from_a_ledger_of_a_later_format_nothing_is_concluded() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    let connection = Connection::open(rig.at("ledger.db")).unwrap();
    connection.execute_batch("PRAGMA user_version = 2").unwrap();
    drop(connection);
    for verb in [&["status"][..], &["report", "--markdown", "r.md"], &["label", "--html", "l.html"]] {
        let (code, error) = rig.json(verb);
        assert_eq!((code, error["error"]["kind"].as_str()), (6, Some("ledger")), "{verb:?}: {error:#}");
        assert!(error["error"]["message"].as_str().unwrap().contains("format 2"), "{error:#}");
        let quiet = rig.run("", &[&["-q"], verb].concat());
        assert!(quiet.code == 6 && quiet.err.contains("format 2"), "{quiet:?}");
    }
    for verb in [
        &["inventory"][..],
        &["inventory", "show", "EA-01-A"],
        &["ledger", "log"],
        &["ledger", "head"],
        &["ledger", "export", "--format", "jsonl"],
    ] {
        let (code, shown) = rig.json(verb);
        assert_eq!((code, &shown["newer"]), (6, &2.into()), "{verb:?}: {shown:#}");
        let quiet = rig.run("", &[&["-q"], verb].concat());
        assert!(quiet.code == 6 && quiet.err.contains("not all of it is shown"), "{quiet:?}");
        assert!(!quiet.out.is_empty(), "what is understood is shown: {verb:?}");
    }
}

#[test]
fn a_ledger_that_cannot_be_looked_at_is_not_none() {
    let rig = Rig::new();
    rig.add_with_pin("y1", YUBIKEY);
    let run = |arguments: &[&str]| {
        let output = rig.elsewhere().args(["--key", "soft:y1"]).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(&["check", "--no-touch"]).0, 0, "there is none");
    let share = rig.at(".local/share");
    std::fs::create_dir_all(&share).unwrap();
    assert_eq!(run(&["check", "--no-touch"]).0, 0, "nor in a folder that is there");
    symlink(rig.at("not-mounted"), share.join("glasskey")).unwrap();
    for verb in [&["check", "--no-touch"][..], &["reset", "--yes"], &["pin", "change"]] {
        let (code, told) = run(verb);
        assert!(code == 2 && told.contains("glasskey/ledger.db"), "{verb:?}: {code} {told}");
    }
    // A folder that is no folder, as the root user of this machine sees one that may not be entered.
    std::fs::remove_file(share.join("glasskey")).unwrap();
    std::fs::write(share.join("glasskey"), PIN).unwrap();
    assert_eq!(run(&["reset", "--yes"]).0, 2);
}
