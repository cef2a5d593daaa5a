//! Exported logs against what people say.

use super::*;
use glasskey::drill::judge::OWN_ACTIONS;

const UPN: &str = "ea-01@contoso.onmicrosoft.com";

fn sign_in(minutes_ago: i64, code: i64, method: &str) -> Value {
    json!({
        "id": format!("id-{minutes_ago}-{code}"), "createdDateTime": ago(minutes_ago), "userPrincipalName": UPN,
        "appDisplayName": "Azure Portal", "ipAddress": "203.0.113.7", "status": { "errorCode": code },
        "authenticationDetails": [{ "authenticationMethod": method, "succeeded": true }],
    })
}

const PASSKEY: &str = "Passkey (device-bound)";

/// A log that goes on until now, whoever it is that signs in last.
fn log(rig: &Rig, entries: &[Value]) {
    let mut other = sign_in(0, 0, "Password");
    other["userPrincipalName"] = "kim@contoso.com".into();
    let all: Vec<&Value> = entries.iter().chain([&other]).collect();
    fs::write(rig.at("signins.json"), json!({ "value": all }).to_string()).unwrap();
}

/// A drill of EA-01 without keys, so that only answers and logs speak.
fn said(rig: &Rig, log: bool, bend: impl FnOnce(&mut Value)) -> (String, Vec<String>) {
    let mut answers = all_well();
    for label in LABELS {
        answers["key"][label] = json!({ "left-out": "no key today" });
    }
    for name in ["EA-02-A", "EA-02-B"] {
        answers["key"].as_object_mut().unwrap().remove(name);
    }
    answers["account"].as_object_mut().unwrap().remove("EA-02");
    bend(&mut answers);
    let logs: &[&str] = if log { &["--signins", "signins.json"] } else { &[] };
    let (_, document) = drill(rig, &answers, &[&["--no-keys", "--account", "EA-01"], logs].concat());
    let verdict =
        document["accounts"][0]["verdict"].as_str().unwrap_or_else(|| panic!("{document:#}")).to_owned();
    let ids = actions(&document).into_iter().map(|(id, ..)| id.to_owned());
    (verdict, ids.filter(|id| id != "key-left-out").collect())
}

fn judged(entries: &[Value], bend: impl FnOnce(&mut Value)) -> (String, Vec<String>) {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig.add("y2", YUBIKEY);
    rig.plug(&["y2"]);
    rig.enroll("y2", "EA-01");
    log(&rig, entries);
    said(&rig, true, bend)
}

/// Keys were left out, so the best is `incomplete`.
const WELL: &str = "incomplete";

#[test]
fn what_the_log_says_of_the_sign_in_that_was_told() {
    let as_told = |_: &mut Value| {};
    let no = |answers: &mut Value| answers["account"]["EA-01"]["sign-in"] = "no".into();
    let cases: [(Vec<Value>, Bend<'_>, &str, &[&str]); 9] = [
        (vec![sign_in(11, 0, PASSKEY)], &as_told, WELL, &[]),
        (vec![sign_in(12, 50140, PASSKEY), sign_in(11, 0, "FIDO2 security key")], &as_told, WELL, &[]),
        (vec![sign_in(11, 0, "Previously satisfied")], &as_told, WELL, &[]),
        (vec![sign_in(11, 0, "Password")], &as_told, "failed", &["sign-in-method"]),
        (vec![], &as_told, WELL, &["sign-in-log-ends-early"]),
        (vec![sign_in(11, 53003, PASSKEY)], &as_told, WELL, &["sign-in-log-ends-early"]),
        (vec![sign_in(11, 0, PASSKEY)], &no, "failed", &["sign-in-told-otherwise", "sign-in"]),
        (vec![], &no, "failed", &["sign-in"]),
        // The log's time of the sign-in counts: the alert, six minutes ago, was late by it.
        (vec![sign_in(24, 0, PASSKEY)], &as_told, "failed", &["alert-late"]),
    ];
    for (entries, bend, verdict, ids) in cases {
        let (told, mut actions) = judged(&entries, bend);
        let mut wanted: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        actions.sort();
        wanted.sort();
        assert_eq!((told.as_str(), actions), (verdict, wanted), "{entries:#?}");
    }
}

#[test]
fn a_log_that_goes_on_and_shows_nothing_is_a_failure() {
    let early = |answers: &mut Value| {
        answers["account"]["EA-01"]["sign-in"]["at"] = ago(30).into();
        answers["account"]["EA-01"]["alert"]["at"] = ago(25).into();
    };
    assert_eq!(judged(&[], early), ("failed".to_owned(), vec!["sign-in-not-in-log".to_owned()]));
}

#[test]
fn a_sign_in_outside_drills_is_an_alarm_until_somebody_answers_for_it() {
    let rig = custody();
    let mut answers = all_well();
    // Long enough before its end that what comes after it is no part of it.
    for account in ["EA-01", "EA-02"] {
        answers["account"][account]["sign-in"]["at"] = ago(40).into();
        answers["account"][account]["alert"]["at"] = ago(36).into();
    }
    assert_eq!(drill(&rig, &answers, &[]).0, 0);
    std::thread::sleep(std::time::Duration::from_secs(1));
    // The first of them was three days ago: the drill saw no log, and its leader said that all are accounted for.
    log(&rig, &[sign_in(3 * 24 * 60, 0, PASSKEY), sign_in(41, 0, PASSKEY), sign_in(0, 0, PASSKEY)]);
    assert_eq!(rig.json(&["inventory", "attach", "signins.json", "--account", "EA-02"]).0, 0);
    let (code, attached) = rig.json(&["inventory", "attach", "signins.json", "--account", "ea-01"]);
    assert_eq!((code, &attached["alarm"]), (1, &true.into()), "{attached:#}");
    let stands: Vec<_> =
        attached["sign_ins"].as_array().unwrap().iter().map(|one| one["stands"].as_str().unwrap()).collect();
    assert_eq!(stands, ["earlier-unseen", "other-drill", "outside-drills"]);
    let told = rig.run("", &["inventory", "attach", "signins.json", "--account", "EA-01"]).out;
    assert!(told.contains("from 203.0.113.7: before drill"), "{told}");
    assert_eq!(attached["drill"], Value::Null);
    let alarms = || {
        let (code, status) = rig.json(&["status"]);
        let rows = status["findings"].as_array().unwrap().iter().filter(|row| row["id"] == "sign-ins");
        (code, rows.map(|row| row["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(alarms(), (1, vec!["fail".to_owned()]));
    let used = |at: &str| {
        let why = ["--why", "federation was down", "--by", "Ana Ader"];
        rig.json(&[&["inventory", "use", "ea-01", "--at", at], &why[..]].concat())
    };
    assert_eq!(used("yesterday").0, 2);
    assert_eq!(used(&ago(-60)).0, 2, "an hour from now is yet to come");
    let refused = |more: &[&str]| {
        let (code, error) = rig.json(&[&["inventory", "use", "EA-01"], more].concat());
        assert_eq!(code, 2, "{more:?}: {error:#}");
        error["error"]["message"].as_str().unwrap().to_owned()
    };
    let head = rig.head();
    let told = refused(&["--at", &ago(60), "--why", "federation was down"]);
    assert!(told.contains("the ledger knows nothing of that time: it begins at"), "{told}");
    assert!(refused(&["--at", "now", "--why", " "]).contains("what is to be recorded is empty"));
    assert_eq!((alarms(), rig.head()), ((1, vec!["fail".to_owned()]), head), "nothing was recorded");
    let (code, answered) = used("now");
    assert_eq!((code, &answered["kind"]), (0, &"account-used".into()), "{answered:#}");
    let at: Vec<_> = answered["sign_ins"].as_array().unwrap().iter().map(|one| &one["at"]).collect();
    assert_eq!(at, [&attached["sign_ins"][2]["at"]], "and it tells what it answers for");
    assert_eq!(alarms(), (0, vec!["pass".to_owned()]), "somebody answers for it");
    let (code, again) = rig.json(&["inventory", "attach", "signins.json", "--account", "EA-01"]);
    assert_eq!((code, &again["sign_ins"][2]["stands"]), (0, &"answered-for".into()), "{again:#}");
    assert_eq!(rig.json(&["inventory", "attach", "plan.toml", "--account", "EA-01"]).0, 2);
    assert_eq!(rig.json(&["drill", "--no-keys", "--audit", "signins.json"]).0, 2, "the wrong log");
    fs::write(rig.at("empty.json"), r#"{"value": []}"#).unwrap();
    let (code, empty) = rig.json(&["inventory", "attach", "empty.json", "--account", "EA-01"]);
    assert_eq!((code, empty["error"]["kind"].as_str()), (2, Some("file")), "{empty:#}");
    let bytes = fs::read(rig.at("ledger.db")).unwrap();
    assert!(!bytes.windows(3).any(|window| window == b"kim"), "nobody else's sign-in is kept");
}

/// An audit log, as Microsoft Graph gives it out.
#[test]
fn what_an_audit_log_shows_is_to_be_explained() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    fs::write(rig.at("audit.json"), include_str!("../data/logs/audit.json")).unwrap();
    let audit = ["--no-keys", "--account", "EA-01", "--by", "Ana Ader", "--audit", "audit.json"];
    let (_, document) = drill(&rig, &json!({}), &audit);
    let changes = document["accounts"][0]["changes"].as_array().unwrap();
    let told: Vec<_> =
        changes.iter().map(|one| (one["activity"].as_str().unwrap(), &one["success"])).collect();
    assert_eq!(
        told,
        [
            ("User registered security info", &json!(true)),
            ("Update conditional access policy", &json!(false))
        ]
    );
    let ids: Vec<_> = actions(&document).into_iter().filter(|(id, ..)| OWN_ACTIONS.contains(id)).collect();
    assert_eq!(ids, [("account-changed", "EA-01", "Ana Ader")], "{document:#}");
    let seq = document["head"].clone();
    let (_, again) = drill(&rig, &json!({}), &audit);
    assert_eq!(again["head"], seq, "the same log once more records nothing");
}
