//! What people may say, and what is refused before a key is touched.

use super::*;

#[test]
fn what_the_drill_does_not_ask_is_refused_and_nothing_is_recorded() {
    let rig = custody();
    let head = rig.head();
    let bent = |bend: &dyn Fn(&mut Value)| {
        let mut answers = all_well();
        bend(&mut answers);
        let (code, document) = drill(&rig, &answers, &[]);
        assert_eq!((code, document["error"]["kind"].as_str()), (2, Some("drill")), "{document:#}");
        assert!(document["error"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
        document["error"]["message"].as_str().unwrap().to_owned()
    };
    let cases: [(&str, Bend<'_>); 14] = [
        ("does not ask 'alarm'", &|a| a["account"]["EA-01"]["alarm"] = "yes".into()),
        ("'role' is asked for each account, not for each key", &|a| {
            a["key"]["EA-01-A"]["role"] = "yes".into()
        }),
        ("'seal' is asked for each key, not once for the drill", &|a| a["answers"]["seal"] = "yes".into()),
        ("does not have the account 'EA-03'", &|a| a["account"]["EA-03"] = json!({ "role": "yes" })),
        ("does not have the key 'EA-01-X'", &|a| a["key"]["EA-01-X"] = json!({ "bag": "7" })),
        ("'perhaps' is no answer", &|a| a["answers"]["watchers-told"] = "perhaps".into()),
        ("'watchers-told' always applies", &|a| a["answers"]["watchers-told"] = "not-applicable".into()),
        ("'teatime' is no time", &|a| a["account"]["EA-01"]["alert"]["at"] = "teatime".into()),
        ("is yet to come", &|a| a["account"]["EA-01"]["alert"]["at"] = ago(-60).into()),
        ("more than a day before the drill", &|a| a["account"]["EA-01"]["alert"]["at"] = ago(1500).into()),
        ("two things are said", &|a| a["key"]["EA-01-A"] = json!({ "bag": "7", "missing": "gone" })),
        ("cannot be read: ", &|a| a["answer"] = json!({})),
        ("cannot be read: ", &|a| a["answers"]["watchers-told"] = json!({ "answer": "yes", "when": "now" })),
        ("cannot be read: ", &|a| a["present"] = "Bo".into()),
    ];
    for (says, bend) in cases {
        let message = bent(bend);
        assert!(message.contains(says), "{says}: {message}");
    }
    for arguments in [
        ["--answer", "watchers-told"].as_slice(),
        &["--answer", "watchers-told=maybe"],
        &["--answers", "no-such-file.toml"],
        &["--missing", "EA-01-A"],
        &["--missing", "EA-09-Z", "--why", "x"],
        &["--account", "EA-09"],
        &["--bag", "EA-01-A"],
        &["--end", "--why", "x"],
        &["--close", "1", "--why", "x"],
        &["--signins", "no-such-log.json"],
        &["--signin-ok", "perhaps"],
    ] {
        let ran = rig.run("", &[&["drill"], arguments].concat());
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
    }
    assert_eq!(rig.head(), head, "nothing was recorded, and no key was asked");
}

/// The same in TOML, by flags, and again: one answer each.
#[test]
fn files_and_flags_say_the_same_and_saying_it_again_changes_nothing() {
    let rig = custody();
    let (signed_in, alerted) = (ago(9), ago(5));
    let toml = "by = \"Ana Ader\"\n[answers]\nwatchers-told = true\npeople-reviewed = { answer = \"no\", note = \"Cleo left\" }\n\
         [account.ea-01]\nsign-in = { answer = true, at = \"SIGNED\" }\n[key.ea-01-a]\nseal = \"yes\"\nmissing = \"gone\"\n"
        .replace("SIGNED", &signed_in);
    fs::write(rig.at("answers.toml"), toml).unwrap();
    let ran = |arguments: &[&str]| {
        let ran = rig.run("", &[&["drill", "--no-keys"], arguments].concat());
        assert_eq!(ran.code, 1, "{ran:?}");
        ran.out
    };
    let told = ran(&["--answers", "answers.toml"]);
    assert!(
        told.contains("people-reviewed        no: Cleo left") && told.contains("missing: gone"),
        "{told}"
    );
    let flags = [
        "--account",
        "EA-02",
        "--by",
        "Bo Berg",
        "--signin-ok",
        "yes",
        "--signin-at",
        &signed_in,
        "--role-ok",
        "no",
        "--signin-seen",
        "yes",
        "--alert-at",
        &alerted,
        "--answer",
        "people-reviewed=yes",
        "--answer",
        "no-other-methods=yes",
    ];
    let told = ran(&flags);
    assert!(
        told.contains("alert after 4 min 0 s") && told.contains("✗ FAIL role                   no"),
        "{told}"
    );
    assert!(told.contains("✓ pass people-reviewed        yes"), "a later answer counts: {told}");
    let events = rig.ledger().chain().seq;
    ran(&flags);
    assert_eq!(rig.ledger().chain().seq, events, "said is said");
    let ledger = rig.ledger();
    let drill = ledger.inventory().open_drill().unwrap();
    let of = |account| drill.answer("sign-in", Some(account), None).unwrap();
    assert_eq!(
        (of("EA-01").said.told, of("EA-02").said.told),
        (Some(signed_in.parse().unwrap()), Some(signed_in.parse().unwrap()))
    );
    assert_eq!(
        (of("EA-01").said.by.as_deref(), of("EA-02").said.by.as_deref()),
        (Some("Ana Ader"), Some("Bo Berg"))
    );
    assert_eq!(
        drill.answers.iter().filter(|one| one.said.question == "people-reviewed").count(),
        2,
        "both stay on record"
    );
    // Without an account a flag speaks of all of them.
    let told = ran(&["--signin-seen", "yes"]);
    assert_eq!(told.matches("✓ pass sign-in-seen").count(), 2, "{told}");
}

#[test]
fn an_organisations_own_questions_are_asked_and_an_open_drill_keeps_those_it_began_with() {
    let rig = custody();
    let plan = fs::read_to_string(rig.at("plan.toml")).unwrap();
    let own = "[[drill.question]]\nid = \"phone-tree\"\ntext = \"Was everybody reached?\"\nowner = \"Cleo\"\n\
               [[drill.question]]\nid = \"two-networks\"\nask = false\n";
    fs::write(rig.at("plan.toml"), format!("{plan}{own}")).unwrap();
    let mut answers = all_well();
    assert_eq!(drill(&rig, &answers, &["--no-keys"]).0, 2, "two-networks is not asked");
    answers["answers"].as_object_mut().unwrap().remove("two-networks");
    answers["answers"]["phone-tree"] = "no".into();
    let (code, document) = drill(&rig, &answers, &["--no-keys"]);
    assert_eq!(code, 1);
    assert_eq!(actions(&document), [("phone-tree", "-", "Cleo")]);
    fs::write(rig.at("plan.toml"), plan).unwrap();
    answers["answers"]["phone-tree"] = "yes".into();
    let (code, document) = drill(&rig, &answers, &[]);
    assert_eq!((code, verdicts(&document)), (0, ["passed"; 3]), "{document:#}");
}

/// The file that the documents show is one.
#[test]
fn the_documented_answers_are_read_and_fit_their_schema() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let doc = fs::read_to_string(root.join("docs/drill.md")).unwrap();
    let example = doc.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let answers = glasskey::drill::Answers::parse(example).unwrap();
    assert!(answers.said.len() > 10 && !answers.keys.is_empty());
    let schema =
        serde_json::from_slice(&fs::read(root.join("docs/schemas/drill-answers-1.schema.json")).unwrap())
            .unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for document in [toml_as_json(example), all_well()] {
        let faults: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
    let rig = custody();
    fs::write(rig.at("answers.toml"), example).unwrap();
    let ran = rig.run("", &["drill", "--no-keys", "--answers", "answers.toml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
}

/// Every action that comes from neither a question nor a finding has its row.
#[test]
fn every_action_is_documented() {
    let doc =
        fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/drill.md")).unwrap();
    for id in glasskey::drill::judge::OWN_ACTIONS {
        assert!(doc.lines().any(|line| line.starts_with("| `") && line.contains(&format!("`{id}`"))), "{id}");
    }
    let judged = [include_str!("../../src/drill/judge.rs"), include_str!("../../src/drill/keys.rs")].concat();
    for call in ["tally.fail(", "tally.open(", "tally.action("] {
        let ids = judged
            .split(call)
            .skip(1)
            .filter_map(|after| after.trim_start().strip_prefix('"')?.split('"').next());
        for id in ids {
            assert!(glasskey::drill::judge::OWN_ACTIONS.contains(&id), "{id}");
        }
    }
}

fn toml_as_json(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap()
}
