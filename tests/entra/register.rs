//! `entra register` on real firmware: the passkey, the record, the body, and what the program's own verifier, its check
//! and its match say of them. What verifiers of others say, `tests/independent.sh` asks.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use glasskey::ledger::payload::{Ended, Payload};
use serde_json::{Value, json};

use super::asked::*;
use super::rig::{PIN, Rig, TOKEN2, sign};
use super::{faults, read, root, shared};

/// Where the script finds what was made.
fn keep(rig: &Rig, name: &str, options: &Value) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("entra-register");
    std::fs::create_dir_all(&folder).unwrap();
    let authority = std::fs::read_to_string(rig.at("keys").join("ca.pem")).unwrap();
    let kept = json!({ "options": options, "body": read(&rig.at("body.json")), "root": authority });
    std::fs::write(folder.join(format!("{name}.json")), kept.to_string()).unwrap();
}

fn unwrapped(options: &Value) -> &Value {
    options.get("value").unwrap_or(options)
}

/// The options of a form, for the account of the tests and not run out.
fn adapted(mut options: Value) -> Value {
    let inner = if options.get("value").is_some() { &mut options["value"] } else { &mut options };
    inner["challengeTimeoutDateTime"] = json!("2099-01-01T00:00:00Z");
    inner["publicKey"]["user"]["name"] = json!(UPN);
    options
}

fn forms() -> Vec<(String, Value)> {
    let mut forms = vec![("beta".to_owned(), options())];
    let mut v1 = bent(
        "/publicKey/excludeCredentials",
        json!([{ "id": "evvC7IRxN8f7uf4EFgMReo9RWH3Di4pUkugn-34cE00", "type": "public-key" }]),
    );
    v1["@odata.context"] =
        json!("https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.webauthnCredentialCreationOptions");
    v1["publicKey"]["pubKeyCredParams"] = json!([{ "@odata.type": "x", "type": "public-key", "alg": -7 }]);
    v1["publicKey"]["extensions"] =
        json!({ "@odata.type": "#microsoft.graph.webauthnAuthenticationExtensionsClientInputs" });
    v1["publicKey"]["authenticatorSelection"]["authenticatorAttachment"] = json!("platform");
    forms.push(("v1".to_owned(), v1));
    let classic = BASE64_STANDARD.encode([0xfb; 64]);
    forms.push(("wrapped".to_owned(), json!({ "value": bent("/publicKey/challenge", json!(classic)) })));
    if let Some(folder) = shared("samples") {
        for name in
            ["creation_options_v1", "creation_options_beta_suffix_ids", "creation_options_beta_value_wrapper"]
        {
            forms.push((name.to_owned(), adapted(read(&folder.join(format!("{name}.json"))))));
        }
    }
    forms
}

#[test]
fn every_form_of_options_leads_to_a_passkey_that_is_verified_recorded_and_handed_over() {
    let rig = enrolled();
    let before = retries(&rig);
    for (name, options) in forms() {
        let (code, made) = register(&rig, &options, &["--name", "Safe A"]);
        assert_eq!((code, &made["verdict"]), (0, &json!("fit")), "{name}: {made:#}");
        let body = read(&rig.at("body.json"));
        assert_eq!(faults("register", &body), [""; 0], "{name}");
        assert_eq!(body["displayName"], "Safe A");
        let edition = if name == "v1" || name == "creation_options_v1" { "v1.0" } else { "beta" };
        let url = format!(
            "https://graph.microsoft.com/{edition}/users/1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f/authentication/fido2Methods"
        );
        assert_eq!(made["request"]["url"], url.as_str(), "{name}");
        let command = made["request"]["command"].as_str().unwrap();
        assert!(command.starts_with("az rest --method POST") && command.contains("body.json"), "{command}");
        // Client data as the working tools send it, the challenge encoded anew from its bytes.
        let credential = &body["publicKeyCredential"];
        let decoded = |text: &Value| BASE64_URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap();
        let public_key = &unwrapped(&options)["publicKey"];
        let told: String = public_key["challenge"].as_str().unwrap().replace('+', "-").replace('/', "_");
        let client_data = format!(
            r#"{{"type":"webauthn.create","challenge":"{}","origin":"https://login.microsoft.com","crossOrigin":false}}"#,
            told.trim_end_matches('=')
        );
        assert_eq!(decoded(&credential["response"]["clientDataJSON"]), client_data.as_bytes(), "{name}");
        let asked = public_key["extensions"].get("hmacCreateSecret").is_some();
        assert_eq!(credential.get("clientExtensionResults").is_some(), asked, "{name}");
        // By this program's own verifier, which knows nothing of how it was made.
        let mut stored = credential["response"].clone();
        stored["rpId"] = json!(RP_ID);
        stored["origin"] = json!("https://login.microsoft.com");
        stored["challenge"] = public_key["challenge"].clone();
        std::fs::write(rig.at("stored.json"), stored.to_string()).unwrap();
        let (code, verified) = rig.json(&["attestation", "verify", &path(&rig, "stored.json")]);
        assert_eq!((code, &verified["results"][0]["verified"]), (0, &json!(true)), "{name}: {verified:#}");
        keep(&rig, &name, &options);
        // On the key, in the record, and signed by the key.
        let held = passkeys(&rig, "y1");
        assert_eq!(held, [json!({ "id": credential["id"], "rp_id": RP_ID, "user": UPN })], "{name}");
        let events = rig.events();
        let [
            ..,
            (Payload::Intent(intent), _),
            (Payload::EntraRegistered(registered), true),
            (Payload::Outcome(outcome), _),
        ] = events.as_slice()
        else {
            panic!("{name}: {:?}", events.last())
        };
        assert!(intent.registers_passkey() && outcome.result == Ended::Done);
        assert_eq!(base64url(registered.credential_id.as_slice()), credential["id"]);
        assert_eq!(rig.ledger().inventory().key("EA-01-A").unwrap().entra.len(), 1);
        assert_eq!(made["passkey"]["credential_id"], credential["id"]);
        std::fs::remove_file(rig.at("body.json")).unwrap();
        let (code, gone) = rig.json(&["entra", "forget", "--yes"]);
        assert_eq!((code, &gone["forgotten"]["was_on_key"]), (0, &json!(true)), "{name}: {gone:#}");
        assert_eq!(passkeys(&rig, "y1"), [Value::Null; 0], "{name}");
    }
    assert_eq!(retries(&rig), before);
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}

#[test]
fn a_registered_key_is_known_to_check_match_and_status_and_is_not_registered_twice() {
    let rig = enrolled();
    let out = path(&rig, "body.json");
    let (code, made) = register(&rig, &options(), &[]);
    assert_eq!((code, &made["passkey"]["name"]), (0, &json!("EA-01-A")), "{made:#}");
    let (code, checked) = rig.json(&["check"]);
    assert_eq!(
        (code, sign(&checked, "entra-credential"), sign(&checked, "stray-credentials")),
        (0, "pass", "pass")
    );
    let id = made["passkey"]["credential_id"].clone();
    let list = json!({
        "@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#users('{UPN}')/authentication/fido2Methods"),
        "value": [{
            "id": id, "displayName": "EA-01-A", "createdDateTime": "2026-11-22T08:15:30Z", "aaGuid": super::rig::YUBIKEY,
            "attestationLevel": "attested", "passkeyType": "deviceBound",
        }],
    });
    std::fs::write(rig.at("methods.json"), list.to_string()).unwrap();
    let verb = ["entra", "match", "--account", "EA-01", "--methods", &path(&rig, "methods.json")];
    let (code, matched) = rig.json(&verb);
    assert_eq!(
        (code, &matched["passkeys"][0]["key"]),
        (0, &json!("EA-01-A")),
        "the record alone tells: {matched:#}"
    );
    // Options that know it, in whatever way its id is written; options that do not; a file that is there.
    let raw = BASE64_URL_SAFE_NO_PAD.decode(id.as_str().unwrap()).unwrap();
    std::fs::remove_file(&out).unwrap();
    let before = state(&rig);
    for text in [base64url(&raw), BASE64_STANDARD.encode(&raw), with_digit(&raw)] {
        let excluded = bent("/publicKey/excludeCredentials/0/id", json!(text));
        let (code, refused) = register(&rig, &excluded, &[]);
        assert_eq!((code, &refused["error"]["kind"]), (1, &json!("entra")), "{refused:#}");
        assert!(refused["error"]["message"].as_str().unwrap().contains("Entra knows already"), "{refused:#}");
    }
    let (code, refused) = register(&rig, &options(), &[]);
    assert_eq!(code, 1);
    assert!(
        refused["error"]["message"].as_str().unwrap().contains("holds a passkey of the account"),
        "{refused:#}"
    );
    assert_eq!(state(&rig), before);
    assert!(!rig.at("body.json").exists(), "and no file was begun");
    // The body once more, from the record: with its options, without, and not with others'.
    let again = |more: &[&str]| {
        let verb = ["entra", "register", "--account", "ea-01", "--out", &out, "--from-record"];
        rig.json(&[&verb, more].concat())
    };
    rig.plug(&[]);
    std::fs::write(rig.at("options.json"), options().to_string()).unwrap();
    let (code, written) = again(&["--options", &path(&rig, "options.json")]);
    assert_eq!(
        (code, &written["request"], &written["verdict"]),
        (0, &made["request"], &Value::Null),
        "{written:#}"
    );
    assert_eq!(read(Path::new(&out))["publicKeyCredential"]["id"], id);
    let (code, refused) = again(&[]);
    assert_eq!((code, &refused["error"]["kind"]), (2, &json!("file")), "nothing is overwritten: {refused:#}");
    std::fs::remove_file(&out).unwrap();
    assert_eq!(again(&[]).0, 0);
    std::fs::remove_file(&out).unwrap();
    std::fs::write(
        rig.at("options.json"),
        bent("/publicKey/challenge", json!(base64url(&[9; 32]))).to_string(),
    )
    .unwrap();
    assert_eq!(again(&["--options", &path(&rig, "options.json")]).0, 2);
    let (code, none) = rig.json(&["entra", "register", "--account", "EA-02", "--out", &out, "--from-record"]);
    assert_eq!((code, &none["error"]["kind"]), (2, &json!("entra")));
}

/// .NET's `UrlTokenEncode`.
fn with_digit(bytes: &[u8]) -> String {
    let bare = base64url(bytes);
    format!("{bare}{}", (4 - bare.len() % 4) % 4)
}

#[test]
fn what_a_key_does_not_offer_is_left_out_or_refused_as_the_options_say() {
    let rig = enrolled();
    let cut = |names: &[&str]| {
        let names: Vec<toml::Value> = names.iter().map(|name| (*name).into()).collect();
        rig.bend("y1", |options| options.info = glasskey::soft::Overlay::default().set(2, names));
    };
    // Without credProtect, the first level is what the key does anyway.
    cut(&["hmac-secret"]);
    let (code, made) = register(&rig, &options(), &[]);
    assert_eq!(code, 0, "{made:#}");
    std::fs::remove_file(rig.at("body.json")).unwrap();
    assert_eq!(rig.json(&["entra", "forget", "--yes"]).0, 0);
    let required =
        bent("/publicKey/extensions/credentialProtectionPolicy", json!("userVerificationRequired"));
    let before = state(&rig);
    let (code, refused) = register(&rig, &required, &[]);
    assert_eq!((code, &refused["error"]["kind"]), (1, &json!("entra")), "{refused:#}");
    assert_eq!(state(&rig), before);
    let mut lax = required.clone();
    lax["publicKey"]["extensions"]["enforceCredentialProtectionPolicy"] = json!(false);
    let (code, made) = register(&rig, &lax, &[]);
    assert_eq!(code, 0, "{made:#}");
    assert_eq!(made["remarks"].as_array().unwrap().len(), 2, "{made:#}");
    let body = read(&rig.at("body.json"));
    assert_eq!(body["publicKeyCredential"]["clientExtensionResults"]["hmacCreateSecret"], true);
}

#[test]
fn two_accounts_on_two_keys_are_told_apart_and_people_read_what_was_done() {
    let rig = enrolled();
    rig.add_with_pin("t1", TOKEN2);
    rig.enroll("t1", "EA-02");
    std::fs::write(rig.at("options.json"), options().to_string()).unwrap();
    let (file, out) = (path(&rig, "options.json"), path(&rig, "body.json"));
    let ran = rig.run(
        &format!("{PIN}\n"),
        &["--key", "EA-01-A", "entra", "register", "--account", "EA-01", "--options", &file, "--out", &out],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("FIT") && ran.out.contains(&format!("EA-01-A holds a passkey of {UPN}")),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("az rest --method POST") && ran.err.contains("2099-01-01"), "{}", ran.err);
    // Another user's name, and the handle that is on record for EA-01.
    let other = bent("/publicKey/user/name", json!("ea-02@contoso.onmicrosoft.com"));
    std::fs::write(&file, other.to_string()).unwrap();
    let (out, verb) =
        (path(&rig, "other.json"), ["--key", "EA-02-A", "entra", "register", "--account", "EA-02"]);
    let (code, refused) = rig.json(&[&verb[..], &["--options", &file, "--out", &out]].concat());
    assert_eq!((code, &refused["error"]["kind"]), (2, &json!("entra")));
    assert!(refused["error"]["message"].as_str().unwrap().contains("user handle"), "{refused:#}");
}

#[test]
fn a_key_that_does_not_tell_who_it_is_is_taken_by_its_label_and_proves_it() {
    let rig = enrolled();
    // It wants a PIN before it answers who it is, as keys with `alwaysUv` do.
    rig.fault("y1", &["ctap-error=0x36@getassertion*1"]);
    let (code, refused) = register(&rig, &options(), &[]);
    assert_eq!((code, &refused["error"]["kind"]), (2, &json!("entra")), "{refused:#}");
    assert!(refused["error"]["hint"].as_str().unwrap().contains("--key"), "{refused:#}");
    let (code, made) = register(&rig, &options(), &["--key", "EA-01-A"]);
    assert_eq!((code, sign(&made, "same-key")), (0, "pass"), "{made:#}");
    assert_eq!(rig.json(&["--key", "EA-01-A", "entra", "forget", "--yes"]).0, 0);
    // Another key under that name signs nothing for it.
    rig.add_with_pin("y2", super::rig::YUBIKEY);
    rig.fault("y2", &["ctap-error=0x36@getassertion*1"]);
    rig.plug(&["y2"]);
    std::fs::remove_file(rig.at("body.json")).unwrap();
    let (code, refused) = register(&rig, &options(), &["--key", "EA-01-A"]);
    assert_eq!(
        (code, sign(&refused, "same-key"), &refused["passkey"]),
        (1, "fail", &Value::Null),
        "{refused:#}"
    );
}

#[test]
fn the_reference_body_has_the_shape_too() {
    let Some(folder) = shared("samples") else { return };
    assert_eq!(faults("register", &read(&folder.join("register_request_shape.json"))), [""; 0]);
    assert!(root("tests/independent.sh").is_file());
}
