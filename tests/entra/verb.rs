//! The verbs as a person or a script meets them; `entra match --with-key` on real firmware.

use serde_json::json;

use super::registered::register;
use super::rig::{self, PIN, Rig, TOKEN2, YUBIKEY};
use super::*;

const UPN: &str = "ea-01@contoso.onmicrosoft.com";

/// .NET's `UrlTokenEncode`, as lists of methods write ids.
fn with_digit(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let padded = base64::prelude::BASE64_URL_SAFE.encode(bytes);
    let bare = padded.trim_end_matches('=');
    format!("{bare}{}", padded.len() - bare.len())
}

fn fits(document: &Value) {
    assert_eq!(rig::faults(document), [""; 0], "{document:#}");
}

#[test]
fn a_registered_key_is_matched_by_the_key_itself() {
    let rig = Rig::new();
    rig.add_with_pin("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    let id = register(&rig, "y1", UPN);
    let list = |ids: &[Vec<u8>]| {
        let one = |id: &Vec<u8>| {
            json!({
                "id": with_digit(id), "displayName": "safe", "createdDateTime": "2026-11-03T08:15:30Z",
                "aaGuid": YUBIKEY, "attestationLevel": "attested", "passkeyType": "deviceBound",
            })
        };
        json!({
            "@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#users('{UPN}')/authentication/fido2Methods"),
            "value": ids.iter().map(one).collect::<Vec<_>>(),
        })
    };
    let write = |ids: &[Vec<u8>]| {
        let file = rig.at("methods.json");
        std::fs::write(&file, list(ids).to_string()).unwrap();
        file.display().to_string()
    };
    let file = write(std::slice::from_ref(&id));
    let verb = ["entra", "match", "--account", "ea-01", "--methods", &file];
    let (code, unclear) = rig.json(&verb);
    fits(&unclear);
    assert_eq!((code, &unclear["well"]), (2, &Value::Null), "the record does not know the passkey");
    let retries = |rig: &Rig| rig.json(&["pin", "status"]).1["retries"].as_u64().unwrap();
    let before = retries(&rig);
    let (code, good) = rig.json(&[verb.as_slice(), &["--with-key"]].concat());
    fits(&good);
    assert_eq!((code, &good["passkeys"][0]["key"]), (0, &json!("EA-01-A")), "{good:#}");
    assert_eq!(retries(&rig), before);
    let ran = rig.run(&format!("{PIN}\n"), &[verb.as_slice(), &["--with-key"]].concat());
    assert!(ran.code == 0 && ran.out.contains("MATCHED") && ran.out.contains("EA-01-A"), "{ran:?}");
    // Entra does not know the passkey on the key, and lists one that is on no key.
    write(&[vec![9; 16]]);
    let (code, bad) = rig.json(&[verb.as_slice(), &["--with-key"]].concat());
    fits(&bad);
    assert_eq!((code, &bad["well"]), (1, &json!(false)));
    let (code, unknown) = rig.json(&["entra", "match", "--account", "EA-99", "--methods", &file]);
    assert_eq!((code, &unknown["error"]["kind"]), (2, &json!("plan")));
    std::fs::write(rig.at("methods.json"), "{}").unwrap();
    let (code, none) = rig.json(&verb);
    assert_eq!((code, &none["error"]["kind"]), (2, &json!("entra")));
    let (code, none) = rig.json(&["entra", "match", "--account", "EA-01", "--methods", "/nowhere.json"]);
    assert_eq!((code, &none["error"]["kind"]), (2, &json!("entra")));
}

#[test]
fn bodies_go_to_standard_output_or_into_new_files() {
    let rig = Rig::new();
    let group = rig.run("", &["entra", "emit", "group"]);
    let body: Value = serde_json::from_str(&group.out).unwrap();
    assert_eq!((group.code, faults("group", &body)), (0, vec![]));
    assert!(
        group.err.contains("az rest --method POST --url https://graph.microsoft.com/v1.0/groups"),
        "{}",
        group.err
    );
    let kql = rig.run("", &["entra", "emit", "kql"]);
    assert_eq!(kql.out.matches("let accounts = dynamic([").count(), 3);
    let lacking = rig.run("", &["entra", "emit", "ca-policies"]);
    assert_eq!(lacking.code, 2);
    assert!(lacking.err.contains("[entra] group") && lacking.err.contains("hint:"), "{}", lacking.err);
    // All of them: what is lacking is left out, and said.
    let folder = rig.at("bodies").display().to_string();
    let (code, all) = rig.json(&["entra", "emit", "all", "--out", &folder]);
    fits(&all);
    assert_eq!((code, all["missing"][0]["what"].as_str()), (2, Some("ca-policies")));
    for one in all["artefacts"].as_array().unwrap() {
        assert!(Path::new(one["file"].as_str().unwrap()).is_file(), "{one:#}");
    }
    let again = rig.run("", &["entra", "emit", "all", "--out", &folder]);
    assert!(again.code == 2 && again.err.contains("nothing is overwritten"), "{again:?}");
    let several = rig.run("", &["entra", "emit", "all"]);
    assert!(several.code == 2 && several.out.is_empty() && several.err.contains("--out"), "{several:?}");
    let plan = std::fs::read_to_string(rig.at("plan.toml")).unwrap();
    std::fs::write(rig.at("plan.toml"), format!("{plan}{TENANT}")).unwrap();
    let (code, all) = rig.json(&["entra", "emit", "all"]);
    fits(&all);
    assert_eq!((code, all["missing"].as_array().unwrap().len()), (0, 0));
}

#[test]
fn lists_are_compared_and_changed_by_the_keys_on_record() {
    let rig = Rig::new();
    rig.add_with_pin("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    let at = |name: &str| rig.at(name).display().to_string();
    let (profile, strength, plan) = (at("fido2.json"), at("strength.json"), at("plan.toml"));
    let (code, agree) = rig.json(&["policy", "compare", &profile, &strength]);
    fits(&agree);
    assert_eq!((code, &agree["keys"], &agree["well"]), (0, &json!(1), &json!(true)));
    let (code, extra) = rig.json(&["policy", "compare", &profile, &plan]);
    fits(&extra);
    assert_eq!((code, &extra["comparison"]["agreement"]["answer"]), (1, &json!("differ")));
    rig.allow(&[TOKEN2]);
    let (code, out) = rig.json(&["policy", "compare", &profile, &strength]);
    fits(&out);
    assert_eq!((code, out["comparison"]["locked_out"].as_array().unwrap().len()), (1, 2));
    let text = rig.run("", &["policy", "compare", &profile, &strength]);
    assert!(text.code == 1 && text.out.contains("A KEY IS LOCKED OUT"), "{text:?}");
    // From the plan's exports, which the plan names.
    let dry = rig.run("", &["policy", "emit", "passkey-profile", "--dry-run"]);
    assert!(
        dry.code == 0 && dry.out.contains(&format!("adds {YUBIKEY}")) && dry.out.contains("of EA-01-A"),
        "{dry:?}"
    );
    let file = at("patch.json");
    let written = rig.run("", &["policy", "emit", "passkey-profile", "--out", &file]);
    assert_eq!(written.code, 0, "{written:?}");
    assert_eq!(faults("fido2", &read(Path::new(&file))), [""; 0]);
    assert!(
        written.err.contains("--method PATCH") && written.err.contains(&format!("@{file}")),
        "{}",
        written.err
    );
    let piped = rig.run("", &["policy", "emit", "authentication-strength"]);
    assert_eq!(faults("combination", &serde_json::from_str(&piped.out).unwrap()), [""; 0]);
    let (code, emitted) = rig.json(&["policy", "emit", "authentication-strength", "--drop", TOKEN2]);
    fits(&emitted);
    assert_eq!((code, emitted["requests"].as_array().unwrap().len()), (0, 1));
    let (code, refused) =
        rig.json(&["policy", "emit", "passkey-profile", "--drop", "00000000-0000-4000-8000-000000000000"]);
    assert_eq!((code, &refused["error"]["kind"]), (2, &json!("policy")));
    let elsewhere =
        rig.elsewhere().args(["policy", "emit", "passkey-profile", "--export", &profile]).output().unwrap();
    assert_eq!(elsewhere.status.code(), Some(2), "without the ledger nobody knows what must stay");
}
