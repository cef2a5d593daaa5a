//! `status` as cron runs it: a plan, a ledger, no key.

use std::path::Path;

use assert_cmd::Command;
use glasskey::ledger::Writer;
use glasskey::ledger::payload::{LedgerCreated, Payload};
use serde_json::Value;

use super::custody::{AAGUID, Key};
use super::*;

fn today() -> Timestamp {
    Timestamp::from_second(std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs().try_into().unwrap())
        .unwrap()
}

/// A plan with one account, a catalogue that knows the keys, and a ledger with this many of them.
fn folder(keys: u32) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let plan = r#"
organisation = "Contoso"
[[account]]
name = "EA-01"
upn = "ea-01@contoso.onmicrosoft.com"
object_id = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f"
[[site]]
name = "Safe in Bern"
[[custodian]]
name = "Ada"
[rules]
keys_per_account = 2
pin_location = "apart"
[policy]
passkey_profile = "list.txt"
[catalogue]
folders = ["models"]
"#;
    let aaguid = Uuid::from_bytes(AAGUID);
    let model = format!(
        "updated = \"2026-11-01\"\n[vendor]\nname = \"Acme\"\n[[model]]\naaguid = \"{aaguid}\"\nname = \"Model 1\"\nkind = \"hardware\"\nsources = [\"a test\"]\n"
    );
    std::fs::write(dir.path().join("custody.toml"), plan).unwrap();
    std::fs::write(dir.path().join("list.txt"), format!("{aaguid}\n")).unwrap();
    std::fs::create_dir(dir.path().join("models")).unwrap();
    std::fs::write(dir.path().join("models/acme.toml"), model).unwrap();
    let created = LedgerCreated { organisation: Some("Contoso".into()) };
    let mut writer = Writer::create(&dir.path().join("ledger.db"), created, today(), [0; 32]).unwrap();
    for number in 0..keys {
        let mut key = Key::new(number);
        for payload in [Payload::Enrolled(Box::new(key.enrolled("EA-01", true))), key.checked(Verdict::Fit)] {
            let draft = writer.begin(payload, today(), [1; 32]).unwrap();
            let receipt = key.receipt(draft.seal());
            draft.commit(Some(receipt)).unwrap();
        }
    }
    dir
}

fn glasskey(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("glasskey").unwrap();
    command.current_dir(folder).env_remove("GLASSKEY_PLAN").args(["--ledger", "ledger.db", "status"]);
    command
}

fn json(folder: &Path, code: i32) -> Value {
    let told = glasskey(folder).arg("--json").assert().code(code);
    serde_json::from_slice(&told.get_output().stdout).unwrap()
}

fn valid(document: &Value) {
    let wrong = schema::faults(document);
    assert!(wrong.is_empty(), "{wrong:#?}\n{document:#}");
}

#[test]
fn no_rule_broken_is_a_yes() {
    let dir = folder(2);
    let told = json(dir.path(), 0);
    valid(&told);
    assert_eq!((&told["well"], &told["ledger"]["events"]), (&true.into(), &5.into()));
    assert_eq!(told["keys"][1]["drill"], "good");
    let text = glasskey(dir.path()).assert().code(0);
    let text = String::from_utf8_lossy(&text.get_output().stdout).into_owned();
    assert!(
        text.contains("NO RULE BROKEN") && text.contains("2 of 2 keys, by Acme, at Safe in Bern"),
        "{text}"
    );
}

#[test]
fn a_broken_rule_is_a_no() {
    let dir = folder(1);
    let told = json(dir.path(), 1);
    valid(&told);
    assert_eq!(told["well"], false);
    let text = glasskey(dir.path()).assert().code(1);
    assert!(String::from_utf8_lossy(&text.get_output().stdout).contains("RULES BROKEN"));
    let removed = folder(2);
    std::fs::write(removed.path().join("list.txt"), format!("{YUBIKEY}\n")).unwrap();
    assert_eq!(
        json(removed.path(), 1)["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["status"] == "fail")
            .count(),
        1
    );
}

#[test]
fn what_cannot_be_read_could_not_be_told() {
    for file in ["custody.toml", "list.txt", "models/acme.toml", "ledger.db"] {
        let dir = folder(2);
        std::fs::remove_file(dir.path().join(file)).unwrap();
        let told = json(dir.path(), 2);
        assert_eq!(told["schema"], "glasskey.error/1", "{file}");
    }
}
