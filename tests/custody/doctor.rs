//! What `doctor` tells of the ledger.

use std::fs;

use serde_json::Value;

use crate::rig::{PIN, Rig, YUBIKEY};

/// Id and status of what it tells of the ledger, and its exit code.
fn told(rig: &Rig) -> (i32, Vec<(String, String)>) {
    let (code, document) = rig.json(&["doctor"]);
    let symptoms = document["symptoms"].as_array().unwrap();
    let ours = symptoms.iter().filter(|one| one["id"].as_str().unwrap().starts_with("ledger"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (code, ours.map(|one| (text(&one["id"]), text(&one["status"]))).collect())
}

fn is(code: i32, rows: &[(&str, &str)]) -> (i32, Vec<(String, String)>) {
    (code, rows.iter().map(|(id, status)| ((*id).to_owned(), (*status).to_owned())).collect())
}

#[test]
fn the_ledger_is_verified_and_what_was_not_ended_is_told() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    assert_eq!(told(&rig), is(0, &[("ledger", "pass")]));
    // The key says that its PIN was changed, and makes no sense: nobody knows.
    rig.fault("y1", &["trailing-garbage@changepin"]);
    assert_eq!(rig.run(&format!("{PIN}\nanother-7731\n"), &["pin", "change"]).code, 7);
    assert_eq!(told(&rig), is(0, &[("ledger", "pass"), ("ledger-pending", "warn")]));
    // No ledger, half a ledger, none where one is named; and none that anybody expects.
    let good = fs::read(rig.at("ledger.db")).unwrap();
    fs::write(rig.at("ledger.db"), "no ledger at all").unwrap();
    assert_eq!(told(&rig), is(1, &[("ledger", "fail")]));
    fs::write(rig.at("ledger.db"), &good[..good.len() / 2]).unwrap();
    assert_eq!(told(&rig), is(1, &[("ledger", "fail")]));
    fs::remove_file(rig.at("ledger.db")).unwrap();
    assert_eq!(told(&rig), is(1, &[("ledger", "fail")]), "one that is named must be there");
    let ran = rig.elsewhere().args(["--json", "doctor"]).output().unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success() && !said.contains("ledger"), "{said}");
}
