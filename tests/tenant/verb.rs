//! `tenant check` as a person or a script meets it.

use assert_cmd::Command;
use serde_json::json;

use super::*;

fn folder(tenant: &Tenant) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("custody.toml"), &tenant.plan).unwrap();
    std::fs::create_dir(dir.path().join("exports")).unwrap();
    for (name, value) in &tenant.files {
        std::fs::write(dir.path().join("exports").join(name), value.to_string()).unwrap();
    }
    dir
}

fn run(dir: &Path, arguments: &[&str], code: i32) -> String {
    let mut command = Command::cargo_bin("glasskey").unwrap();
    command.current_dir(dir).env_remove("GLASSKEY_PLAN").env_remove("GLASSKEY_LEDGER");
    let told = command.args(arguments).args(["tenant", "check", "exports"]).assert().code(code);
    String::from_utf8(told.get_output().stdout.clone()).unwrap()
}

fn json_of(dir: &Path, code: i32) -> Value {
    let document: Value = serde_json::from_str(&run(dir, &["--json"], code)).unwrap();
    assert_eq!(document["schema"], "glasskey.tenant/1");
    assert_eq!(schema::faults(&document), [""; 0], "{document:#}");
    document
}

#[test]
fn yes_no_and_could_not_tell() {
    let dir = folder(&good());
    assert!(run(dir.path(), &[], 0).contains("AS IT SHOULD BE"));
    assert_eq!(json_of(dir.path(), 0)["well"], true);
    let off = folder(&good().with("users.json", "/value/0/accountEnabled", json!(false)));
    let text = run(off.path(), &[], 1);
    assert!(text.contains("FAIL accounts-enabled") && text.contains("EA-01: it is disabled"), "{text}");
    assert_eq!(json_of(off.path(), 1)["well"], false);
    let missing = folder(&good().without("conditional-access.json"));
    let text = run(missing.path(), &[], 2);
    assert!(text.contains("identity/conditionalAccess/policies > conditional-access.json"), "{text}");
    assert!(json_of(missing.path(), 2)["well"].is_null());
}

#[test]
fn a_hostile_name_commands_no_terminal() {
    let name = json!("\u{1b}]0;owned\u{7}\u{202e}");
    let tenant = good().with("conditional-access.json", "/value/1/displayName", name);
    let tenant = tenant.with("conditional-access.json", "/value/1/conditions/users/excludeGroups", json!([]));
    let dir = folder(&tenant);
    let text = run(dir.path(), &[], 1);
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    assert!(text.contains(r"\u{1b}]0;owned"), "{text}");
}

#[test]
fn a_folder_that_is_not_there_could_not_be_told() {
    let dir = folder(&good());
    std::fs::remove_dir_all(dir.path().join("exports")).unwrap();
    run(dir.path(), &[], 2);
    std::fs::write(dir.path().join("custody.toml"), "no plan").unwrap();
    run(dir.path(), &[], 2);
}
