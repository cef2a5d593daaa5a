//! Drill day on soft keys: two accounts, four keys, and all that can go wrong. Every step is a run of the real program.
#![cfg(feature = "softkey")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests make files and may panic"
)]

#[expect(dead_code, reason = "the tests of custody use the rest")]
#[path = "support/custody.rs"]
mod rig;

#[path = "drill/answers.rs"]
mod answers;
#[path = "drill/aside.rs"]
mod aside;
#[path = "drill/day.rs"]
mod day;
#[path = "drill/guided.rs"]
mod guided;
#[path = "drill/judged.rs"]
mod judged;
#[path = "drill/logs.rs"]
mod logs;
#[expect(dead_code, reason = "the ledger's own tests use the rest")]
#[path = "ledger/custody.rs"]
mod made_up;
#[path = "support/record.rs"]
#[expect(dead_code, reason = "the tests of status use the rest")]
mod record;
#[path = "support/registered.rs"]
mod registered;
#[path = "drill/resumed.rs"]
mod resumed;
#[cfg(target_os = "linux")]
#[expect(dead_code, reason = "the tests of custody use the rest")]
#[path = "support/typed.rs"]
mod typed;
#[path = "drill/written.rs"]
mod written;

use std::fs;

use jiff::{SignedDuration, Timestamp};
use registered::register;
use rig::{PIN, Ran, Rig, TOKEN2, YUBIKEY};
use serde_json::{Value, json};

const LABELS: [&str; 4] = ["EA-01-A", "EA-01-B", "EA-02-A", "EA-02-B"];

/// One bend from a good case.
type Bend<'b> = &'b dyn Fn(&mut Value);

/// Two accounts with two keys each, each key with its passkey and in a numbered bag; all plugged in.
fn custody() -> Rig {
    let rig = Rig::new();
    for (name, model, account) in
        [("y1", YUBIKEY, "EA-01"), ("y2", YUBIKEY, "EA-01"), ("t1", TOKEN2, "EA-02"), ("t2", TOKEN2, "EA-02")]
    {
        rig.add(name, model);
        rig.plug(&[name]);
        rig.enroll(name, account);
    }
    rig.plug(&["y1", "y2", "t1", "t2"]);
    for (name, account) in [("y1", "ea-01"), ("y2", "ea-01"), ("t1", "ea-02"), ("t2", "ea-02")] {
        register(&rig, name, &format!("{account}@contoso.onmicrosoft.com"));
    }
    for (label, bag) in LABELS.iter().zip(41..) {
        let bag = format!("00{bag}");
        assert_eq!(rig.run("", &["inventory", "move", label, "--bag", &bag]).code, 0);
    }
    rig
}

fn now() -> Timestamp {
    let seconds = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap()
}

/// So many minutes ago, as a file or a flag says it.
fn ago(minutes: i64) -> String {
    (now() - SignedDuration::from_mins(minutes)).to_string()
}

/// Every question answered as it should be: signed in ten minutes ago, alerted four minutes after that.
fn all_well() -> Value {
    let account = json!({
        "sign-in": { "answer": "yes", "at": ago(10) }, "role": "yes", "sign-in-seen": "yes",
        "alert": { "answer": "yes", "at": ago(6) }, "other-sign-ins": "yes", "no-other-methods": true,
    });
    let key = json!({ "seal": "yes" });
    json!({
        "by": "Ana Ader", "present": ["Bo Berg"],
        "answers": {
            "watchers-told": "yes", "people-reviewed": "yes", "procedure-current": "yes", "people-trained": "yes",
            "combinations-changed": "not-applicable", "two-networks": "yes",
        },
        "account": { "EA-01": account, "EA-02": account },
        "key": { "EA-01-A": key, "EA-01-B": key, "EA-02-A": key, "EA-02-B": key },
    })
}

/// One drill: these answers, a PIN for each key, and these arguments. JSON, which fits its schema; the report says the same.
fn drill(rig: &Rig, answers: &Value, arguments: &[&str]) -> (i32, Value) {
    let ran = drilled(rig, answers, &[&["--json"], arguments].concat());
    let document: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let faults = rig::faults(&document);
    assert!(faults.is_empty(), "{faults:#?}\n{document:#}");
    if document["ended"].is_string() {
        written::told(rig, &document);
    }
    (ran.code, document)
}

/// The same as people read it; the arguments before `drill`, then those after it.
fn drilled(rig: &Rig, answers: &Value, arguments: &[&str]) -> Ran {
    fs::write(rig.at("answers.json"), answers.to_string()).unwrap();
    let split = arguments.iter().position(|argument| *argument != "--json").unwrap_or(arguments.len());
    let (before, after) = arguments.split_at(split);
    let all = [before, &["drill", "--answers", "answers.json"], after].concat();
    rig.run(&format!("{PIN}\n").repeat(4), &all)
}

/// The verdict for the whole and for each account.
fn verdicts(document: &Value) -> [&str; 3] {
    let of = |value: &'static str, place: usize| document["accounts"][place][value].as_str().unwrap();
    [document["verdict"].as_str().unwrap(), of("verdict", 0), of("verdict", 1)]
}

/// The actions: id, what it is about, who is to do it.
fn actions(document: &Value) -> Vec<(&str, &str, &str)> {
    let all = document["actions"].as_array().unwrap().iter();
    all.map(|action| {
        let part = |name: &str| action[name].as_str().unwrap_or("-");
        (part("id"), part("about"), part("owner"))
    })
    .collect()
}

fn key<'d>(document: &'d Value, label: &str) -> &'d Value {
    let accounts = document["accounts"].as_array().unwrap().iter();
    let mut keys = accounts.flat_map(|account| account["keys"].as_array().unwrap());
    keys.find(|key| key["label"] == label).unwrap()
}
