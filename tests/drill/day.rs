//! One drill day each: all good, and one thing wrong.

use super::*;

#[test]
fn all_is_well() {
    let rig = custody();
    let mut answers = all_well();
    answers["key"]["EA-02-B"]["bag"] = "0099".into();
    let (code, document) = drill(&rig, &answers, &[]);
    assert_eq!((code, verdicts(&document)), (0, ["passed"; 3]), "{document:#}");
    assert_eq!(actions(&document), []);
    assert_eq!(document["soft"], true, "a rehearsal is marked");
    assert_eq!(document["left"], json!({ "keys": [], "questions": [] }));
    for account in document["accounts"].as_array().unwrap() {
        assert_eq!(account["alert_delay_seconds"], 240);
        let due: Timestamp = account["next_due"].as_str().unwrap().parse().unwrap();
        // From the end of the drill, which was a moment ago.
        let moment = 90 * 86_400 - due.duration_since(now()).as_secs();
        assert!((0..600).contains(&moment), "{moment}");
    }
    for label in LABELS {
        let key = key(&document, label);
        let told = (&key["good"], &key["signed"], &key["verdict"], &key["findings"]);
        assert_eq!(told, (&true.into(), &true.into(), &"fit".into(), &json!([])));
    }
    assert_eq!(key(&document, "EA-02-B")["back_in_bag"], "0099");
    let ledger = rig.ledger();
    let inventory = ledger.inventory();
    assert_eq!((inventory.odd(), inventory.drills().len(), inventory.open_drill()), (0, 1, None));
    assert_eq!(inventory.key("EA-02-B").unwrap().bag.as_deref(), Some("0099"));
    assert!(LABELS.iter().all(|label| inventory.key(label).unwrap().last_good_drill.is_some()));
    assert_eq!(document["event"]["hash"].as_str(), Some(rig.head().as_str()), "the drill's end is the head");
    assert_eq!(rig.run("", &["ledger", "verify"]).code, 0);

    // What `status` makes of it, and what a second drill is.
    let (code, status) = rig.json(&["status"]);
    assert_eq!(code, 0, "{status:#}");
    assert_eq!(status["accounts"][0]["drill"], "good");
    assert_eq!(status["actions"], json!([]));
    let (_, again) = drill(&rig, &all_well(), &["--no-keys"]);
    assert_ne!(again["drill"], document["drill"], "a drill that has ended is not gone on with");
}

/// Keys that nobody registered sign in to nothing, whatever people say: their account fails, and each is an action.
#[test]
fn keys_without_a_passkey_fail_their_account_and_actions_are_closed_one_by_one() {
    let rig = custody();
    for (name, model) in [("y3", YUBIKEY), ("y4", YUBIKEY)] {
        rig.add(name, model);
        rig.plug(&[name]);
        rig.enroll(name, "EA-01");
    }
    for label in ["EA-01-A", "EA-01-B"] {
        assert_eq!(rig.run("", &["inventory", "retire", label, "--why", "replaced"]).code, 0);
    }
    rig.plug(&["y3", "y4", "t1", "t2"]);
    let mut answers = all_well();
    let seals = answers["key"].as_object_mut().unwrap();
    for (old, new) in [("EA-01-A", "EA-01-C"), ("EA-01-B", "EA-01-D")] {
        let seal = seals.remove(old).unwrap();
        seals.insert(new.to_owned(), seal);
    }
    let (code, document) = drill(&rig, &answers, &[]);
    assert_eq!((code, verdicts(&document)), (1, ["failed", "failed", "passed"]), "{document:#}");
    let owner = |label| ("entra-credential", label, "Ana Ader");
    assert_eq!(actions(&document), [owner("EA-01-C"), owner("EA-01-D")]);

    let close = |name: &str| rig.json(&["drill", "--close", name, "--why", "registered", "--by", "Ana Ader"]);
    let left = || rig.json(&["status"]).1["actions"].as_array().unwrap().len();
    let (code, closed) = close("2");
    assert_eq!((code, &closed["action"], &closed["drill"], left()), (0, &2.into(), &document["drill"], 1));
    assert_eq!(close("2").0, 2, "done is done");
    let (_, again) = drill(&rig, &all_well(), &["--no-keys"]);
    assert_ne!(again["drill"], document["drill"], "a drill that has ended is not gone on with");
    assert_eq!(close("1").0, 0, "the drill that goes on has no actions yet");

    // One drill more, of one account: of the other one the first drill stays the last, and its actions stay to be done.
    drill(&rig, &json!({}), &["--abandon", "--why", "the first is meant"]);
    let (_, second) = drill(
        &rig,
        &all_well_of("EA-02"),
        &["--no-keys", "--account", "EA-02", "--missing", "EA-02-A", "--missing", "EA-02-B", "--why", "x"],
    );
    assert_ne!(second["ended"], Value::Null, "{second:#}");
    let rows = rig.json(&["status"]).1["findings"].clone();
    let cures: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["id"] == "drill-actions")
        .map(|row| {
            row["cure"]
                .as_str()
                .unwrap()
                .split('`')
                .nth(1)
                .unwrap()
                .split_whitespace()
                .nth(3)
                .unwrap()
                .to_owned()
        })
        .collect();
    let wanted: Vec<String> =
        [("1", &second), ("2", &second)].map(|(n, of)| format!("{}.{n}", of["drill"])).into();
    assert_eq!(cures, wanted, "the actions of the first drill about EA-01 are done");
    assert_eq!(
        cures.iter().map(|name| close(name).0).collect::<Vec<_>>(),
        [0, 0],
        "each cure does what it says"
    );
    for name in ["two", "2.x", ".2", "2.", "-1", "1.2.3"] {
        assert_eq!(close(name).0, 2, "{name}");
    }
}

/// An action is named by its drill where several have one of its number.
#[test]
fn an_action_of_an_older_drill_is_closed_by_its_name() {
    let rig = custody();
    let all_missing = |account: &str| {
        let labels: Vec<_> = LABELS.iter().filter(|label| label.starts_with(account)).collect();
        let mut arguments = vec!["--account", account, "--no-keys", "--why", "x"];
        labels.iter().for_each(|label| arguments.extend(["--missing", **label]));
        let (_, document) = drill(&rig, &all_well_of(account), &arguments);
        assert_ne!(document["ended"], Value::Null, "{document:#}");
        document
    };
    let (first, second) = (all_missing("EA-01"), all_missing("EA-02"));
    let close = |name: &str| rig.json(&["drill", "--close", name, "--why", "found"]);
    let (code, several) = close("1");
    assert_eq!((code, several["error"]["kind"].as_str()), (2, Some("drill")), "{several:#}");
    let (one, other) = (format!("{}.1", first["drill"]), format!("{}.1", second["drill"]));
    let hint = several["error"]["hint"].as_str().unwrap();
    assert!(hint.contains(&one) && hint.contains(&other), "{hint}");
    let (code, closed) = close(&one);
    assert_eq!((code, &closed["drill"]), (0, &first["drill"]), "{closed:#}");
    let (code, closed) = close("1");
    assert_eq!((code, &closed["drill"]), (0, &second["drill"]), "only one is left: {closed:#}");
}

/// All of what is said of one account.
fn all_well_of(account: &str) -> Value {
    let mut answers = all_well();
    answers["account"].as_object_mut().unwrap().retain(|name, _| name == account);
    answers["key"].as_object_mut().unwrap().retain(|label, _| label.starts_with(account));
    answers
}

/// Every key holds its passkey: nothing at all is left to do; and one thing wrong at a time.
#[test]
fn keys_with_their_passkeys_leave_nothing_to_do_and_what_is_wrong_with_one_is_told() {
    let rig = custody();
    let (code, document) = drill(&rig, &all_well(), &[]);
    assert_eq!((code, verdicts(&document)), (0, ["passed"; 3]), "{document:#}");
    assert_eq!(actions(&document), []);
    for label in LABELS {
        assert_eq!(key(&document, label)["verdict"], "fit", "{document:#}");
    }
    // A signature counter that stands still: there may be a copy of the key.
    rig.fault("y2", &["counter-stuck"]);
    // An advisory that came since, about the models of EA-02.
    let plan = fs::read_to_string(rig.at("plan.toml")).unwrap();
    fs::create_dir(rig.at("own")).unwrap();
    fs::write(rig.at("own/quirks.toml"), "updated = \"2026-11-20\"\n").unwrap();
    fs::write(rig.at("plan.toml"), plan + "[catalogue]\nfolders = [\"own\"]\n").unwrap();
    let advisory = "updated = \"2026-11-20\"\n[[advisory]]\nid = \"OURS-1\"\ntitle = \"the touch sensor fails in the cold\"\n\
        date = \"2026-01\"\nseverity = \"ours\"\naffects = \"fido\"\nmeaning = \"A cold key may not answer.\"\n\
        cure = \"Warm it first.\"\nsources = [\"our own drill\"]\nconfidence = \"confirmed\"\n[[advisory.rule]]\nvendors = [\"Token2\"]\n";
    fs::write(rig.at("news.toml"), advisory).unwrap();
    assert_eq!(rig.json(&["catalogue", "add-advisory", "news.toml"]).0, 0);
    let (code, document) = drill(&rig, &all_well(), &[]);
    assert_eq!((code, verdicts(&document)), (1, ["failed", "failed", "passed"]), "{document:#}");
    assert_eq!(
        actions(&document),
        [
            ("counter", "EA-01-B", "Ana Ader"),
            ("advisory", "EA-02-A", "Bo Berg"),
            ("advisory", "EA-02-B", "Bo Berg")
        ]
    );
}

/// As people read it: the same verdict, the same list, the same code.
#[test]
fn text_says_what_json_says() {
    let rig = custody();
    let mut answers = all_well();
    answers["account"]["EA-02"]["role"] = json!({ "answer": "no", "note": "only eligible" });
    answers["account"]["EA-01"].as_object_mut().unwrap().remove("alert");
    let ran = drilled(&rig, &answers, &[]);
    assert_eq!(ran.code, 1);
    for line in [
        "SOFT KEYS: no hardware; this is a rehearsal",
        "EA-01  INCOMPLETE  so far; due by ",
        "EA-02  FAILED  so far; due by ",
        "alert after 4 min 0 s",
        "- skip alert                  not answered",
        "✗ FAIL role                   no: only eligible",
        "role (EA-02, Ana Ader): See to it: the answer was no: Is it still Global Administrator",
        "answers left\n  EA-01: alert\n",
        "FAILED  (open; `glasskey drill` goes on)",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    assert!(ran.err.contains("EA-01-A (SOFT KEY): it answers as this key"), "{}", ran.err);
    // The rest is said at a desk, without keys. What failed stays failed.
    let ran = rig.run("", &["drill", "--no-keys", "--account", "EA-01", "--alert-at", &ago(5)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains("EA-01  PASSED  next drill by ") && ran.out.contains("\nFAILED  (head "),
        "{}",
        ran.out
    );
}

#[test]
fn a_key_with_a_blocked_pin_fails_its_account_and_the_drill_goes_on() {
    let rig = custody();
    // Each run is a new power-on, as after a replug.
    while rig.json(&["--key", "soft:y2", "pin", "status"]).1["retries"] != 0 {
        rig.run("wrong-pin\n", &["--key", "soft:y2", "pin", "verify", "--spend-scarce-pin-attempt"]);
    }
    let (code, document) = drill(&rig, &all_well(), &[]);
    assert_eq!((code, verdicts(&document)), (1, ["failed", "failed", "passed"]), "{document:#}");
    assert_eq!(actions(&document), [("key-pin-blocked", "EA-01-B", "Ana Ader")]);
    let blocked = key(&document, "EA-01-B");
    assert_eq!((&blocked["good"], &blocked["not_checked"]), (&false.into(), &"pin-blocked".into()));
    assert!(
        LABELS.iter().filter(|label| **label != "EA-01-B").all(|label| key(&document, label)["good"] == true)
    );
    let (code, status) = rig.json(&["status"]);
    assert_eq!(
        (code, status["accounts"][0]["last_drill"]["verdict"].as_str()),
        (0, Some("failed")),
        "not overdue yet"
    );
}

#[test]
fn a_swapped_key_is_told_never_asked_for_its_pin_and_fails_its_account() {
    let rig = custody();
    // Another key of the same model lies in its place, and with the same PIN.
    rig.add_with_pin("thief", TOKEN2);
    rig.plug(&["y1", "y2", "thief", "t2"]);
    let (code, document) = drill(&rig, &all_well(), &[]);
    assert_eq!((code, verdicts(&document)), (1, ["failed", "passed", "failed"]), "{document:#}");
    assert_eq!(actions(&document), [("same-key", "EA-02-A", "Bo Berg")]);
    let swapped = key(&document, "EA-02-A");
    assert_eq!((&swapped["verdict"], &swapped["signed"]), (&"not-fit".into(), &false.into()));
    assert!(key(&document, "EA-02-B")["good"] == true, "the PINs stay with their keys");
    assert_eq!(rig.json(&["--key", "soft:thief", "pin", "status"]).1["retries"], 8);
    let (code, status) = rig.json(&["status"]);
    let broken = |id: &str| {
        status["findings"].as_array().unwrap().iter().any(|row| row["id"] == id && row["status"] == "fail")
    };
    assert!(code == 1 && broken("last-verdict"), "{status:#}");
}

#[test]
fn a_model_that_was_taken_off_the_allow_list_fails_its_account() {
    let rig = custody();
    rig.allow(&[TOKEN2]);
    let (code, document) = drill(&rig, &all_well(), &[]);
    assert_eq!((code, verdicts(&document)), (1, ["failed", "failed", "passed"]), "{document:#}");
    assert_eq!(
        actions(&document),
        [("allow-list", "EA-01-A", "Ana Ader"), ("allow-list", "EA-01-B", "Ana Ader")]
    );
    // One model, one list: which accounts hang on it, the finding says.
    let found = &key(&document, "EA-01-A")["findings"][0];
    assert_eq!((&found["id"], &found["status"]), (&"allow-list".into(), &"fail".into()));
}

#[test]
fn a_late_alert_fails_its_account() {
    let rig = custody();
    let mut answers = all_well();
    answers["account"]["EA-02"]["sign-in"]["at"] = ago(40).into();
    answers["account"]["EA-02"]["alert"]["at"] = ago(24).into();
    let (code, document) = drill(&rig, &answers, &[]);
    assert_eq!((code, verdicts(&document)), (1, ["failed", "passed", "failed"]), "{document:#}");
    assert_eq!(actions(&document), [("alert-late", "EA-02", "Ana Ader")]);
    assert_eq!(document["accounts"][1]["alert_delay_seconds"], 960);
    let what =
        document["actions"].as_array().unwrap().iter().find(|action| action["id"] == "alert-late").unwrap();
    assert!(what["what"].as_str().unwrap().contains("16 min 0 s after the sign-in, and may take 15 min"));

    // The organisation's own limit, and one that was not told.
    let plan = fs::read_to_string(rig.at("plan.toml")).unwrap();
    fs::write(rig.at("plan.toml"), format!("{plan}\n[drill]\nalert_limit_minutes = 20\n")).unwrap();
    answers["account"]["EA-01"]["alert"] = "yes".into();
    let (code, document) = drill(&rig, &answers, &[]);
    assert_eq!((code, verdicts(&document)), (0, ["passed"; 3]), "{document:#}");
    assert_eq!(actions(&document), [("time-not-told", "EA-01", "Ana Ader")]);
}

#[test]
fn a_wrong_pin_a_dead_key_and_a_scarce_pin_end_a_run_with_their_own_codes() {
    let rig = custody();
    let last = |ran: &Ran| (ran.code, ran.err.lines().last().unwrap_or_default().to_owned());
    fs::write(rig.at("answers.json"), all_well().to_string()).unwrap();
    let wrong = rig.run("no-such-pin\n", &["drill", "--answers", "answers.json"]);
    assert_eq!(last(&wrong).0, 5, "{wrong:?}");
    // A key that is named and does not answer is recorded, and the drill goes on.
    rig.plug(&["y1"]);
    rig.fault("y1", &["dead"]);
    let dead = rig.run(&format!("{PIN}\n"), &["--key", "EA-01-A", "drill"]);
    assert_eq!(dead.code, 1, "{dead:?}");
    assert!(dead.out.contains("✗ FAIL EA-01-A                misbehaved: "), "{dead:?}");
    rig.fault("y1", &[]);
    // Of several nobody knows which one it is.
    rig.plug(&["y1", "t1", "t2"]);
    rig.fault("t2", &["dead"]);
    let (code, document) = drill(&rig, &all_well(), &[]);
    assert_eq!((code, document["error"]["kind"].as_str()), (7, Some("key-misbehaved")), "{document:#}");
    rig.fault("t2", &[]);
    rig.plug(&["y2", "t2"]);
    for _ in 0..5 {
        rig.run("wrong-pin\n", &["--key", "soft:y2", "pin", "verify"]);
    }
    let guarded = rig.run(&format!("{PIN}\n{PIN}\n"), &["drill"]);
    assert!(guarded.code == 5 && guarded.err.contains("--spend-scarce-pin-attempt"), "{guarded:?}");
    let spent = rig.run(&format!("{PIN}\n{PIN}\n"), &["drill", "--spend-scarce-pin-attempt"]);
    assert_eq!(spent.code, 1, "{spent:?}");
    assert!(spent.out.contains("EA-01-B                fit with warnings: pin-retries"), "{spent:?}");
    let none = custody();
    none.plug(&[]);
    assert_eq!(none.run("", &["drill"]).code, 3);
}

#[test]
fn two_keys_that_answer_as_one_are_an_alarm() {
    let rig = custody();
    rig.copy("y1", "y1-copy");
    rig.plug(&["y1", "y1-copy", "y2", "t1", "t2"]);
    let (code, document) = drill(&rig, &all_well(), &[]);
    assert_ne!(code, 0);
    assert!(document["error"]["message"].as_str().unwrap().contains("one of them is a copy"), "{document:#}");
}
