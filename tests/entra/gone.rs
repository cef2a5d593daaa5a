//! A check of a key whose passkey for Entra is on record.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use super::asked::*;
use super::rig::{PIN, finding};

const RP_ID: &str = "login.microsoft.com";

#[test]
fn a_passkey_on_record_that_is_gone_or_is_another_one_is_told_by_the_next_check() {
    let rig = enrolled();
    let entra = |check: &Value| finding(check, "entra-credential").clone();
    let (_, check) = rig.json(&["check"]);
    assert_eq!(
        (entra(&check)["status"].as_str(), check["event"]["signed"].as_bool()),
        (Some("warn"), Some(true))
    );
    assert!(entra(&check)["saw"].as_str().unwrap().ends_with("yet"), "nothing was registered: {check:#}");
    assert_eq!(register(&rig, &options(), &[]).0, 0);
    let (code, check) = rig.json(&["check"]);
    assert_eq!(
        (code, check["verdict"].as_str(), entra(&check)["status"].as_str()),
        (0, Some("fit"), Some("pass"))
    );
    // What nobody asked is not known: the account rests on this passkey.
    let (_, check) = rig.json(&["check", "--no-passkeys"]);
    assert_eq!(check["verdict"], "fit-with-warnings", "{check:#}");

    // Deleted on another computer.
    let id = rig.ledger().inventory().key("EA-01-A").unwrap().entra[0].credential_id.clone();
    let bare = |arguments: &[&str]| {
        let mut command = rig.elsewhere();
        let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        drop(child.stdin.take().unwrap().write_all(format!("{PIN}\n").as_bytes()));
        assert!(child.wait().unwrap().success());
    };
    bare(&["credentials", "delete", &base64url(id.as_slice()), "--yes"]);
    let (code, check) = rig.json(&["check"]);
    let found = entra(&check);
    assert_eq!((code, &found["status"]), (1, &"fail".into()), "{check:#}");
    assert!(found["saw"].as_str().unwrap().contains("on record is no longer on the key"), "{found:#}");
    assert_eq!(rig.json(&["status"]).0, 1);

    // Registered anew for the same user, and not by this record.
    let user = "ea-01@contoso.onmicrosoft.com";
    elsewhere(&rig, "y1", RP_ID, &handle(1), user);
    let (code, check) = rig.json(&["check"]);
    let found = entra(&check);
    assert_eq!((code, &found["status"]), (0, &"warn".into()), "{check:#}");
    assert!(found["saw"].as_str().unwrap().contains("is not the one that is on record"), "{found:#}");
    // Once the record is right, it is well again.
    let id = base64url(id.as_slice());
    let (code, forgotten) = rig.json(&["entra", "forget", "--yes", "--id", &id]);
    assert_eq!(code, 0, "{forgotten:#}");
    assert_eq!(rig.json(&["check"]).1["verdict"], "fit");
}
