//! A key that is not as it was at its enrolment, and a record that cannot be written.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use glasskey::ledger::payload::Payload;
use glasskey::soft::Overlay;
use serde_json::{Value, json};

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, finding, sign};

#[test]
fn what_changed_since_the_enrolment_is_told_by_name_in_words_and_in_json() {
    let rig = Rig::new();
    rig.add("t1", TOKEN2);
    rig.enroll("t1", "EA-02");
    let (_, same) = rig.json(&["--key", "EA-02-A", "check"]);
    assert_eq!((sign(&same, "same-key"), &same["enrolled"]["changes"]), ("pass", &json!([])), "{same:#}");

    let options = toml::Table::from_iter([("ep".to_owned(), true.into())]);
    rig.bend("t1", |key| {
        key.product_id = 0x0407;
        key.info = Overlay::default().set(0x0d, 6).set(4, options).remove("3.none").remove("20");
    });
    let (code, changed) = rig.json(&["--key", "EA-02-A", "check"]);
    assert_eq!((code, sign(&changed, "same-key")), (0, "warn"), "{changed:#}");
    let wanted = json!([
        { "what": "USB id", "before": "1209:0001", "after": "1209:0407" },
        { "what": "minimum PIN length", "before": "4", "after": "6" },
        { "what": "option ep", "after": "yes" },
    ]);
    assert_eq!(changed["enrolled"]["changes"], wanted, "{changed:#}");
    let saw = finding(&changed, "same-key")["saw"].as_str().unwrap();
    assert!(saw.contains("minimum PIN length was 4 and is 6; option ep was unsaid and is yes"), "{saw}");
    // On record, and told from there.
    let Some((Payload::Checked(checked), true)) = rig.events().pop() else { panic!("{changed:#}") };
    assert_eq!(serde_json::to_value(&checked.changes).unwrap(), wanted);
    let shown = rig.run("", &["inventory", "show", "EA-02-A"]);
    assert!(shown.out.contains("minimum PIN length: 6 was 4"), "{shown:?}");
    let status = rig.run("", &["status"]);
    assert!(status.out.contains("EA-02-A: USB id: 1209:0001, now 1209:0407"), "{status:?}");
    rig.bend("t1", |key| {
        key.product_id = 1;
        key.info = Overlay::default();
    });
    let (_, again) = rig.json(&["--key", "EA-02-A", "check"]);
    assert_eq!((sign(&again, "same-key"), &again["enrolled"]["changes"]), ("pass", &json!([])), "{again:#}");
}

#[test]
fn a_vendors_version_is_shown_as_the_vendor_writes_it() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig.bend("y1", |key| key.firmware = Some("5.7.5".parse().unwrap()));
    let (_, changed) = rig.json(&["--key", "EA-01-A", "check"]);
    let changes = changed["enrolled"]["changes"].as_array().unwrap();
    assert_eq!(changes[0], json!({ "what": "firmware", "before": "5.7.4", "after": "5.7.5" }), "{changes:?}");
    let shown = rig.run("", &["inventory", "show", "EA-01-A"]);
    assert!(shown.out.contains("firmware: 5.7.5 was 5.7.4"), "{shown:?}");
}

#[test]
fn the_make_of_an_enrolled_key_is_judged_at_each_check_as_at_its_enrolment() {
    let rig = Rig::new();
    rig.add("t1", TOKEN2);
    rig.add("t2", TOKEN2);
    rig.enroll("t1", "EA-02");
    let (_, clear) = rig.json(&["--key", "EA-02-A", "check"]);
    assert_eq!(sign(&clear, "vendor-diversity"), "pass", "{clear:#}");
    // Another account takes the same make on: told at both keys, with the reason.
    let plan = std::fs::read_to_string(rig.at("plan.toml")).unwrap();
    std::fs::write(rig.at("plan.toml"), plan.replace("vendors = [\"Yubico\"]\n", "")).unwrap();
    let reason = "the other parcel is late";
    let taken = ["--key", "soft:t2", "enroll", "--account", "EA-01", "--override", reason];
    assert_eq!(rig.json(&taken).0, 0);
    for (label, other) in [("EA-02-A", "EA-01-A"), ("EA-01-A", "EA-02-A")] {
        let (code, shared) = rig.json(&["--key", label, "check"]);
        assert_eq!((code, sign(&shared, "vendor-diversity")), (0, "warn"), "{shared:#}");
        let saw = finding(&shared, "vendor-diversity")["saw"].as_str().unwrap();
        assert!(saw.contains(other) && saw.contains("Token2") && saw.contains(reason), "{saw}");
    }
    // A key that is counted on no more takes nothing away.
    assert_eq!(rig.run("", &["inventory", "retire", "EA-01-A", "--why", "it came"]).code, 0);
    assert_eq!(sign(&rig.json(&["--key", "EA-02-A", "check"]).1, "vendor-diversity"), "pass");
    assert_eq!(sign(&rig.json(&["--key", "EA-01-A", "check"]).1, "vendor-diversity"), "skipped");

    // A rule that became stricter, which nobody took on, is broken.
    let rig = Rig::new();
    let plan = std::fs::read_to_string(rig.at("plan.toml")).unwrap();
    std::fs::write(
        rig.at("plan.toml"),
        plan.replace("disjoint", "survivable").replace("vendors = [\"Yubico\"]\n", ""),
    )
    .unwrap();
    for (name, account) in [("t1", "EA-01"), ("t2", "EA-02")] {
        rig.add(name, TOKEN2);
        rig.enroll(name, account);
    }
    assert_eq!(sign(&rig.json(&["--key", "EA-01-A", "check"]).1, "vendor-diversity"), "skipped");
    std::fs::write(rig.at("plan.toml"), plan).unwrap();
    let (code, broken) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, sign(&broken, "vendor-diversity")), (1, "fail"), "{broken:#}");
}

#[test]
fn a_broken_ledger_stops_a_check_that_wants_it_and_no_other_one() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    std::fs::write(rig.at("ledger.db"), "no ledger").unwrap();
    for stopped in [&["check"][..], &["--key", "EA-01-A", "check", "--no-record"]] {
        let (code, document) = rig.json(stopped);
        assert_eq!((code, &document["error"]["kind"]), (6, &"ledger".into()), "{stopped:?}: {document:#}");
    }
    for named in [&["check", "--no-record"][..], &["check", "--no-record", "--account", "EA-01"]] {
        let (code, document) = rig.json(named);
        assert_eq!((code, sign(&document, "same-key")), (0, "warn"), "{document:#}");
        assert!(finding(&document, "same-key")["saw"].as_str().unwrap().contains("nobody can tell"));
    }
}

#[test]
fn a_check_that_cannot_be_recorded_is_shown_and_says_so() {
    for json in [true, false] {
        let rig = Rig::new();
        rig.add("y1", YUBIKEY);
        rig.enroll("y1", "EA-01");
        rig.bend("y1", |key| key.touch_delay_ms = 500);
        let mut command = rig.command();
        command.args(if json { &["--json"][..] } else { &[] }).args(["--key", "EA-01-A", "check"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{PIN}\n").as_bytes()).unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap().contains("touch the key")));
        // While the key waits for its first touch somebody overwrites the ledger.
        std::fs::write(rig.at("ledger.db"), "no ledger").unwrap();
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(6), "{out}");
        if json {
            let document: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(
                (&document["verdict"], &document["event"]),
                (&"fit-with-warnings".into(), &Value::Null)
            );
            assert_eq!(
                (sign(&document, "same-key"), &document["not_recorded"]["kind"]),
                ("pass", &"ledger".into())
            );
        } else {
            let (verdict, error) = out.split_once("FIT WITH WARNINGS").unwrap();
            assert!(verdict.contains("same-key") && error.contains("NOT RECORDED: "), "{out}");
        }
    }
}
