//! What `entra register` refuses, one bend from a good case each: with the record, the key and its attempts as they were.

use serde_json::{Value, json};

use super::asked::*;
use super::rig::{PIN, TOKEN2, YUBIKEY, sign};

#[test]
fn what_is_wrong_without_a_key_is_told_before_one_is_looked_for() {
    let rig = enrolled();
    let before = state(&rig);
    rig.plug(&[]);
    let user = |name: &str| bent("/publicKey/user/name", json!(name));
    let mut no_time = options();
    no_time.as_object_mut().unwrap().remove("challengeTimeoutDateTime");
    let mut twice = options().to_string();
    twice.insert_str(1, r#""publicKey": {}, "#);
    let graph = "https://graph.microsoft.com";
    for (options, told) in [
        (bent("/challengeTimeoutDateTime", json!("2026-11-22T00:00:00Z")), "ran out"),
        (bent("/challengeTimeoutDateTime", json!("soon")), "challengeTimeoutDateTime"),
        (no_time, "challengeTimeoutDateTime"),
        (bent("/publicKey/rp/id", json!("login.microsoftonline.com")), "login.microsoftonline.com"),
        (bent("/publicKey/rp/id", json!("evil\u{1b}[2J.example")), "rp.id"),
        (user("ea-02@contoso.onmicrosoft.com"), "ea-02@contoso"),
        (user("2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10"), "the account is"),
        (bent("/publicKey/pubKeyCredParams", json!([{ "type": "public-key", "alg": -257 }])), "RS256"),
        (bent("/publicKey/pubKeyCredParams", json!([{ "type": "password", "alg": -7 }])), "no algorithm"),
        (bent("/publicKey/challenge", json!("short")), "challenge"),
        (bent("/publicKey/user/id", json!(base64url(&[1; 65]))), "user.id"),
        (bent("/publicKey/extensions/credentialProtectionPolicy", json!("most")), "extensions"),
        (json!({ "value": [] }), "no creation options"),
        (json!({ "@odata.context": graph, "publicKey": [] }), "publicKey"),
        (json!({ "error": { "code": "Forbidden" } }), "no creation options"),
    ] {
        let (code, refused) = register(&rig, &options, &[]);
        assert_eq!((code, &refused["error"]["kind"]), (2, &json!("entra")), "{told}: {refused:#}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(told) && !message.contains('\u{1b}'), "{told}: {message}");
        assert!(refused["error"]["hint"].is_string());
    }
    let file = path(&rig, "options.json");
    let out = path(&rig, "body.json");
    let run = |arguments: &[&str]| rig.json(&[&["entra", "register"], arguments].concat());
    std::fs::write(&file, twice).unwrap();
    assert_eq!(run(&["--account", "EA-01", "--options", &file, "--out", &out]).0, 2, "a member twice");
    std::fs::write(&file, options().to_string()).unwrap();
    for (arguments, kind) in [
        (["--account", "EA-09", "--options", &file, "--out", &out], "plan"),
        (["--account", "EA-01", "--options", "/nowhere.json", "--out", &out], "entra"),
        (["--account", "EA-01", "--options", &file, "--out", &file], "file"),
        (["--account", "EA-01", "--options", &file, "--out", "/nowhere/body.json"], "file"),
    ] {
        let (code, refused) = run(&arguments);
        assert_eq!((code, &refused["error"]["kind"]), (2, &json!(kind)), "{refused:#}");
    }
    // And with nothing wrong, it is the key that is missing.
    assert_eq!(run(&["--account", "EA-01", "--options", &file, "--out", &out]).0, 3);
    let usage = run(&["--account", "EA-01", "--out", &out]);
    assert_eq!((usage.0, &usage.1["error"]["kind"]), (2, &json!("usage")));
    let long = "x".repeat(31);
    assert_eq!(run(&["--account", "EA-01", "--options", &file, "--out", &out, "--name", &long]).0, 2);
    let left: Vec<_> =
        std::fs::read_dir(rig.at("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("body")), "{left:?}");
    rig.plug(&["y1"]);
    assert_eq!(state(&rig), before);
}

#[test]
fn a_key_that_is_not_the_accounts_gets_nothing() {
    let rig = enrolled();
    rig.add_with_pin("t1", TOKEN2);
    let file = path(&rig, "options.json");
    let refused = |key: &str, account: &str, told: &str| {
        let user = if account == "EA-01" { UPN } else { "ea-02@contoso.onmicrosoft.com" };
        std::fs::write(&file, bent("/publicKey/user/name", json!(user)).to_string()).unwrap();
        let (before, held) = (state(&rig), passkeys(&rig, "t1"));
        let verb = ["--key", key, "entra", "register", "--account", account, "--options", &file];
        let (code, refused) = rig.json(&[&verb[..], &["--out", &path(&rig, "body.json")]].concat());
        assert_eq!((code, &refused["error"]["kind"]), (1, &json!("entra")), "{key} {account}: {refused:#}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(told), "{refused:#}");
        assert_eq!((state(&rig), passkeys(&rig, "t1")), (before, held), "{key} {account}");
    };
    refused("soft:t1", "EA-01", "none of the enrolled");
    refused("EA-01-A", "EA-02", "EA-01-A of EA-01");
    rig.enroll("t1", "EA-02");
    refused("soft:t1", "EA-01", "not a key of EA-01");
    assert_eq!(rig.run("", &["inventory", "lost", "EA-01-A", "--why", "not in its bag"]).code, 0);
    refused("soft:y1", "EA-01", "it is lost");
    assert_eq!(rig.run("", &["inventory", "retire", "EA-01-A", "--why", "scratched"]).code, 0);
    refused("soft:y1", "EA-01", "it is retired");
}

#[test]
fn a_key_that_is_not_fit_or_is_not_taken_gets_nothing() {
    let rig = enrolled();
    let refused = |what: &str, code: i32, check: &dyn Fn(&Value)| {
        let before = state(&rig);
        let (ended, document) = register(&rig, &options(), &["--touch-timeout", "2"]);
        assert_eq!(ended, code, "{what}: {document:#}");
        check(&document);
        assert_eq!(state(&rig), before, "{what}");
        assert!(!rig.at("body.json").exists());
    };
    let not_fit = |id: &'static str| {
        move |document: &Value| {
            assert_eq!(
                (&document["verdict"], sign(document, id)),
                (&json!("not-fit"), "fail"),
                "{document:#}"
            );
            assert_eq!((&document["passkey"], &document["event"]), (&Value::Null, &Value::Null));
        }
    };
    let told = |words: &'static str| {
        move |document: &Value| {
            let message = document["error"]["message"].as_str().unwrap();
            assert!(message.contains(words), "{message}");
        }
    };
    rig.allow(&[TOKEN2]);
    refused("not in the allow-list", 1, &not_fit("allow-list"));
    rig.allow(&[YUBIKEY, TOKEN2]);
    for (fault, id, code) in [
        ("wrong-signature@getassertion+1", "same-key", 1),
        ("wrong-root@makecred", "attestation", 1),
        ("ctap-error=0x27@makecred", "test-registration", 1),
        ("truncated-cbor@credmgmt", "stray-credentials", 7),
    ] {
        rig.fault("y1", &[fault]);
        refused(fault, code, &not_fit(id));
    }
    rig.fault("y1", &[]);
    // Full by its own word, in getInfo or in its list.
    rig.bend("y1", |options| options.info = glasskey::soft::Overlay::default().set(20, 0));
    refused("full", 1, &told("no room"));
    rig.bend("y1", |options| options.info = glasskey::soft::Overlay::default().set(12, true));
    refused("a new PIN is demanded", 5, &told("demands a new PIN"));
    rig.bend("y1", |options| options.info = glasskey::soft::Overlay::default());
    // A passkey of the account that nobody has on record may be one that Entra has.
    elsewhere(&rig, "y1", RP_ID, &handle(1), UPN);
    refused("registered elsewhere", 1, &told("the record does not know it"));
    // Last: five attempts gone, and what is left is kept.
    for _ in 0..5 {
        assert_eq!(rig.run("wrong-9999\n", &["pin", "verify"]).code, 5);
    }
    refused("the guard", 5, &told("no PIN was sent"));
}

#[test]
fn a_wrong_pin_costs_one_attempt_and_makes_nothing() {
    let rig = enrolled();
    let (head, held) = (rig.head(), passkeys(&rig, "y1"));
    std::fs::write(rig.at("options.json"), options().to_string()).unwrap();
    let (file, out) = (path(&rig, "options.json"), path(&rig, "body.json"));
    let ran = rig
        .run("wrong-9999\n", &["entra", "register", "--account", "EA-01", "--options", &file, "--out", &out]);
    assert!(ran.code == 5 && ran.err.contains("7 attempts are left"), "{ran:?}");
    assert_eq!((rig.head(), passkeys(&rig, "y1"), retries(&rig)), (head, held, 7));
    assert_eq!(rig.run(&format!("{PIN}\n"), &["pin", "verify"]).code, 0);
}
