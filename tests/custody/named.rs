//! Keys named by their labels, with every verb that acts on a key.

use serde_json::Value;

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, finding, sign};

/// EA-01-A is y1, EA-02-A is t1, and y9 is nobody's.
fn two_and_a_stranger() -> Rig {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.add("t1", TOKEN2);
    rig.enroll("y1", "EA-01");
    rig.enroll("t1", "EA-02");
    rig.add_with_pin("y9", YUBIKEY);
    rig
}

fn words(document: &Value) -> (&str, &str) {
    let error = &document["error"];
    (error["message"].as_str().unwrap(), error["hint"].as_str().unwrap())
}

#[test]
fn a_label_finds_its_key_among_several_for_every_verb_and_without_a_touch() {
    let rig = two_and_a_stranger();
    // Nobody is there to touch anything: who it is, a key tells without.
    rig.bend("t1", |options| options.touch = glasskey::soft::Touch::Never);
    for verb in [&["info"][..], &["pin", "status"], &["pin", "verify"], &["credentials", "list"]] {
        // Small and capital letters alike.
        for label in ["EA-02-A", "ea-02-a"] {
            let (code, document) = rig.json(&[&["--key", label], verb].concat());
            let path = document.get("path").unwrap_or(&document["key"]["path"]);
            assert_eq!((code, path.as_str()), (0, Some("soft:t1")), "{verb:?}: {document:#}");
        }
    }
    rig.bend("t1", |options| options.touch = glasskey::soft::Touch::Auto);
    let (code, checked) = rig.json(&["--key", "EA-02-A", "check"]);
    assert_eq!((code, &checked["key"]["path"]), (0, &"soft:t1".into()), "{checked:#}");
    let enrolled = &checked["enrolled"];
    assert_eq!((&enrolled["label"], &enrolled["account"]), (&"EA-02-A".into(), &"EA-02".into()));
    let (code, enrolled) = rig.json(&["--key", "EA-02-A", "enroll", "--account", "EA-02"]);
    assert_eq!((code, &enrolled["error"]["kind"]), (1, &"already-enrolled".into()), "{enrolled:#}");
    // A label that stands on old paper leads to the key, too.
    assert_eq!(rig.run("", &["inventory", "relabel", "EA-02-A", "Bonn-1"]).code, 0);
    let (code, info) = rig.json(&["--key", "EA-02-A", "info"]);
    assert_eq!((code, &info["key"]["path"]), (0, &"soft:t1".into()), "{info:#}");
    // A number is a number, and a path is a path.
    assert_eq!(rig.json(&["--key", "1", "info"]).1["key"]["path"], "soft:t1");
    assert_eq!(rig.json(&["--key", "soft:y9", "info"]).1["key"]["path"], "soft:y9");
    let (code, reset) = rig.json(&["--key", "Bonn-1", "reset", "--yes"]);
    assert_eq!((code, &reset["path"]), (0, &"soft:t1".into()), "{reset:#}");
}

#[test]
fn another_key_in_its_place_is_refused_by_every_verb_and_told_for_what_it_is() {
    let rig = two_and_a_stranger();
    let verbs = [
        &["info"][..],
        &["pin", "status"],
        &["pin", "change"],
        &["credentials", "list"],
        &["credentials", "delete", "aabbccdd", "--yes"],
        &["reset", "--yes"],
    ];
    let head = rig.head();
    let refused = |told: &[&str]| {
        for verb in verbs {
            let (code, document) = rig.json(&[&["--key", "EA-01-A"], verb].concat());
            assert_eq!((code, &document["error"]["kind"]), (3, &"no-key".into()), "{verb:?}: {document:#}");
            let (message, hint) = words(&document);
            assert!(told.iter().all(|told| format!("{message}\n{hint}").contains(told)), "{message}\n{hint}");
        }
    };
    rig.plug(&["t1"]);
    refused(&["EA-01-A was named; the key plugged in is EA-02-A of EA-02"]);
    rig.plug(&["y9"]);
    refused(&["no key plugged in is EA-01-A", "soft:y9 (Soft key y9) is none of the enrolled keys"]);
    rig.plug(&["t1", "y9"]);
    refused(&[
        "no key plugged in is EA-01-A",
        "soft:t1 (Soft key t1) is EA-02-A of EA-02",
        "soft:y9 (Soft key y9) is none",
    ]);
    // One that cannot be asked is told, too, and costs the others nothing.
    rig.fault("t1", &["dead"]);
    let (code, document) = rig.json(&["--key", "EA-01-A", "info"]);
    let hint = words(&document).1;
    assert!(
        code == 3 && hint.contains("soft:t1 (Soft key t1) cannot be asked: the key did not answer"),
        "{hint}"
    );
    assert!(hint.contains("soft:y9 (Soft key y9) is none"), "{hint}");
    rig.fault("t1", &[]);
    assert_eq!(rig.head(), head, "nothing was begun");

    // A check is asked for the truth, and leaves a trace where only one key can be meant.
    rig.plug(&["t1"]);
    let (code, checked) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, sign(&checked, "same-key")), (1, "fail"), "{checked:#}");
    assert_eq!(finding(&checked, "same-key")["saw"], "EA-01-A was named; this is EA-02-A of EA-02");
    assert_eq!((&checked["enrolled"], &checked["event"]["signed"]), (&Value::Null, &false.into()));
    assert_eq!(checked["event"]["hash"].as_str(), Some(rig.head().as_str()));
    // Whether it is the one is settled without its PIN: it is asked for none, and for no touch.
    for meant in [&["--key", "EA-01-A", "check"][..], &["check", "--account", "EA-01"]] {
        let ran = rig.run("", &[&["--json"], meant].concat());
        let document: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.code, sign(&document, "same-key")), (1, "fail"), "{ran:?}");
        assert!(!ran.err.contains("attempts left") && !ran.err.contains("touch"), "{ran:?}");
        let tried = finding(&document, "test-registration");
        assert!(
            tried["status"] == "skipped" && tried["saw"] == "not tried: it is not the key that is meant",
            "{tried}"
        );
    }
    rig.plug(&["t1", "y9"]);
    let (code, refused) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, words(&refused).0), (3, "no key plugged in is EA-01-A"), "{refused:#}");
}

#[test]
fn a_key_that_does_not_tell_is_named_by_its_path_or_proves_itself_in_a_check() {
    let rig = two_and_a_stranger();
    // It wants the PIN for every assertion, also for one without a touch.
    let shy = "ctap-error=0x36@getassertion*1";
    rig.fault("y1", &[shy]);
    rig.plug(&["y1"]);
    let (code, refused) = rig.json(&["--key", "EA-01-A", "reset", "--yes"]);
    let (message, hint) = words(&refused);
    assert_eq!((code, message), (3, "no key plugged in is EA-01-A"), "{refused:#}");
    assert!(hint.contains("does not tell without a PIN which key it is: name it by its path"), "{hint}");
    // By its path it can be had, and is recorded as what it is.
    let other = "okapi-5512";
    let before = rig.events().len();
    let ran = rig.run(&format!("{PIN}\n{other}\n"), &["--key", "soft:y1", "pin", "change"]);
    assert!(ran.code == 0 && ran.err.contains("recorded of none of them"), "{ran:?}");
    let events = rig.events().split_off(before);
    let told: Vec<_> =
        events.iter().map(|(payload, signed)| (payload.kind(), payload.label(), *signed)).collect();
    assert_eq!(told, [("intent", None, false), ("outcome", None, false)]);
    let ran = rig.run(&format!("{other}\n{PIN}\n"), &["--key", "soft:y1", "pin", "change"]);
    assert_eq!(ran.code, 0, "{ran:?}");

    // Unnamed nobody knows; named it signs, and so does not a swapped one.
    let (code, unnamed) = rig.json(&["check"]);
    assert_eq!((code, sign(&unnamed, "same-key")), (0, "warn"), "{unnamed:#}");
    for plugged in [&["y1"][..], &["y1", "t1", "y9"]] {
        rig.plug(plugged);
        let (code, named) = rig.json(&["--key", "EA-01-A", "check"]);
        assert_eq!((code, sign(&named, "same-key")), (0, "pass"), "{plugged:?}: {named:#}");
        assert_eq!((&named["key"]["path"], &named["event"]["signed"]), (&"soft:y1".into(), &true.into()));
    }
    rig.fault("y9", &[shy]);
    rig.plug(&["y9"]);
    let (code, swapped) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, sign(&swapped, "same-key")), (1, "fail"), "{swapped:#}");
    assert!(finding(&swapped, "same-key")["saw"].as_str().unwrap().contains("does not sign as EA-01-A"));
    assert_eq!(swapped["event"]["signed"], false);
    // Nor is it enrolled a second time: the excludeList refuses by itself.
    rig.plug(&["y1"]);
    let (code, refused) = rig.json(&["enroll", "--account", "EA-01"]);
    assert_eq!((code, &refused["error"]["kind"]), (1, &"already-enrolled".into()), "{refused:#}");
    assert!(words(&refused).0.ends_with("it holds the custody credential of EA-01-A"), "{refused:#}");
}

#[test]
fn a_key_that_may_be_an_enrolled_one_is_treated_as_if_it_were() {
    let rig = two_and_a_stranger();
    let shy = "ctap-error=0x36@getassertion*1";
    rig.fault("y1", &[shy]);
    rig.plug(&["y1"]);
    let head = rig.head();
    for refused in [&["reset", "--yes"][..], &["onboard"], &["onboard", "--reset-allowed", "--yes"]] {
        let ran = rig.run(&format!("{PIN}\n"), &[&["--json"], refused].concat());
        let document: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.code, &document["error"]["kind"]), (1, &"already-enrolled".into()), "{ran:?}");
        assert!(
            words(&document).0.contains("does not tell without its PIN whether it is EA-01-A: "),
            "{ran:?}"
        );
    }
    for asked in [&["reset"][..], &["onboard", "--reset-allowed"]] {
        let ran = rig.run(&format!("{PIN}\nno\n"), asked);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("It does not tell without its PIN whether it is EA-01-A."), "{ran:?}");
    }
    assert_eq!(rig.head(), head, "nothing was begun");
    let status = rig.run("", &["--json", "pin", "status"]);
    assert!(status.out.contains("\"retries\": 8"), "no PIN was tried: {status:?}");

    // What was begun with it stays open until it is known how each that it may be stands.
    rig.fault("y1", &[shy, "silent@changepin"]);
    let ran = rig.run(&format!("{PIN}\nokapi-5512\n"), &["pin", "change"]);
    assert_eq!(ran.code, 7, "{ran:?}");
    let (_, inventory) = rig.json(&["inventory"]);
    let cure = inventory["pending"][0]["cure"].as_str().unwrap();
    assert!(cure.contains("'change PIN' was begun") && cure.contains("whether it is EA-01-A"), "{cure}");
    let (_, status) = rig.json(&["status"]);
    let told = status["findings"].as_array().unwrap().iter().find(|row| row["id"] == "pending").unwrap();
    assert_eq!(told["status"], "fail", "{told}");
    rig.fault("y1", &[]);
    let ran = rig.run(&format!("{PIN}\n"), &["--json", "check"]);
    let checked: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, sign(&checked, "same-key")), (0, "pass"), "{checked:#}");
    assert!(ran.err.contains("'change PIN' was begun"), "{ran:?}");
    assert_eq!(rig.json(&["inventory"]).1["pending"], Value::Array(Vec::new()));

    // One of a model of which none is enrolled is none of them.
    rig.add_with_firmware("s1", "8876631b-d4a0-427f-5773-0ec71c9e0279", None);
    rig.fault("s1", &[shy]);
    rig.plug(&["s1"]);
    assert_eq!(rig.json(&["reset", "--yes"]).0, 0);
}

#[test]
fn what_is_no_label_of_this_ledger_is_told_with_what_is_plugged_in() {
    let rig = two_and_a_stranger();
    for (named, told) in [
        ("EA-09-A", "no key of the ledger has, or had, this label"),
        ("9", "  3  soft:y9"),
        ("/dev/hidraw9", "  3  soft:y9"),
    ] {
        let (code, document) = rig.json(&["--key", named, "info"]);
        let (message, hint) = words(&document);
        assert_eq!((code, message), (3, format!("no key plugged in is {named}").as_str()));
        assert!(hint.contains(told) && hint.contains("soft:t1"), "{hint}");
    }
    // Without a ledger no label can be looked up; with a broken one nothing is believed.
    let output = rig.elsewhere().args(["--key", "EA-01-A", "info"]).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(3) && err.contains("there is no ledger here"), "{err}");
    std::fs::write(rig.at("ledger.db"), "no ledger").unwrap();
    assert_eq!(rig.json(&["--key", "EA-01-A", "info"]).0, 6);
    assert_eq!(rig.json(&["--key", "soft:y1", "info"]).0, 0, "it is not needed for this");
}

#[test]
fn two_keys_that_answer_as_one_are_a_copy_and_neither_is_taken() {
    let rig = two_and_a_stranger();
    rig.copy("y1", "y2");
    for verb in [&["info"][..], &["check"], &["reset", "--yes"]] {
        let (code, document) = rig.json(&[&["--key", "EA-01-A"], verb].concat());
        assert_eq!((code, &document["error"]["kind"]), (1, &"copy".into()), "{document:#}");
        assert!(words(&document).0.contains("soft:y1 and soft:y2; one of them is a copy"), "{document:#}");
    }
}

#[test]
fn a_key_named_for_an_account_is_fit_only_if_it_is_enrolled_for_it() {
    let rig = two_and_a_stranger();
    rig.plug(&["y1"]);
    let (code, own) = rig.json(&["check", "--account", "ea-01"]);
    assert_eq!((code, sign(&own, "same-key")), (0, "pass"), "{own:#}");
    let (code, other) = rig.json(&["check", "--account", "EA-02"]);
    assert_eq!((code, sign(&other, "same-key")), (1, "fail"), "{other:#}");
    assert_eq!(finding(&other, "same-key")["saw"], "a key of EA-02 was named; this is EA-01-A of EA-01");
    rig.plug(&["y9"]);
    let (code, stranger) = rig.json(&["check", "--account", "EA-01"]);
    assert_eq!((code, sign(&stranger, "same-key")), (1, "fail"), "{stranger:#}");
    // Its make is judged as at an enrolment; it is asked for no PIN.
    assert_eq!(sign(&stranger, "vendor-diversity"), "pass");
    assert_eq!(sign(&stranger, "entra-credential"), "skipped");
    let (_, stranger) = rig.json(&["check", "--account", "EA-02"]);
    assert_eq!(sign(&stranger, "vendor-diversity"), "fail", "{stranger:#}");
    assert_eq!(stranger["event"], Value::Null);
    assert_eq!(rig.json(&["check", "--account", "EA-03"]).1["error"]["kind"], "plan");
    // Without a ledger it may be as good as it likes: nobody knows whether it is the account's.
    let plan = rig.at("plan.toml");
    let mut command = rig.elsewhere();
    command.arg("--json").arg("--plan").arg(plan).args(["check", "--no-touch", "--account", "EA-01"]);
    let document: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    assert_eq!(sign(&document, "same-key"), "warn", "{document:#}");
}
