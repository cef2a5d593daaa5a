//! `plan init` and `plan check` as a person runs them.

use assert_cmd::Command;
use serde_json::Value;

use super::{GOOD, data, schema};

fn glasskey(folder: &std::path::Path) -> Command {
    let mut command = Command::cargo_bin("glasskey").unwrap();
    command.current_dir(folder).env_remove("GLASSKEY_PLAN").env_remove("GLASSKEY_LEDGER");
    command
}

fn valid(name: &str, document: &Value) {
    assert_eq!(document["schema"], name);
    assert_eq!(schema::faults(document), [""; 0], "{document:#}");
}

fn json(command: &mut Command, code: i32) -> Value {
    serde_json::from_slice(&command.arg("--json").assert().code(code).get_output().stdout).unwrap()
}

/// A folder with a plan whose files are all there.
fn sound() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let text = GOOD
        .replace("folders = [\"models\"]", "folders = []")
        .replace("profile = \"Emergency access\"\n", "");
    std::fs::write(dir.path().join("custody.toml"), text).unwrap();
    std::fs::create_dir(dir.path().join("policy")).unwrap();
    for file in ["fido2.json", "strength.json"] {
        std::fs::write(dir.path().join("policy").join(file), "a25342c0-3cdc-4414-8e46-f4807fca511c\n")
            .unwrap();
    }
    dir
}

#[test]
fn a_template_is_written_once() {
    let dir = tempfile::tempdir().unwrap();
    glasskey(dir.path()).args(["plan", "init"]).assert().code(0);
    let written = std::fs::read_to_string(dir.path().join("custody.toml")).unwrap();
    assert_eq!(written, glasskey::plan::TEMPLATE);
    std::fs::write(dir.path().join("custody.toml"), "mine").unwrap();
    let again = glasskey(dir.path()).args(["plan", "init"]).assert().code(2);
    assert!(String::from_utf8_lossy(&again.get_output().stderr).contains("nothing is overwritten"));
    assert_eq!(std::fs::read_to_string(dir.path().join("custody.toml")).unwrap(), "mine");
    let other = json(glasskey(dir.path()).args(["plan", "init", "other.toml"]), 0);
    valid("glasskey.plan-init/1", &other);
    glasskey(dir.path()).args(["plan", "init", "no/such/folder.toml"]).assert().code(2);
    let unfilled = json(glasskey(dir.path()).args(["--plan", "other.toml", "plan", "check"]), 1);
    valid("glasskey.plan/1", &unfilled);
    assert_eq!(unfilled["sound"], false);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_that_bars_the_next_try() {
    let dir = tempfile::tempdir().unwrap();
    // No file may be longer than a block: what is written stops in the middle, as on a full disk.
    let mut full = Command::new("sh");
    full.current_dir(dir.path()).env_remove("GLASSKEY_PLAN");
    full.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" plan init"]).arg(env!("CARGO_BIN_EXE_glasskey"));
    let told = full.assert().code(2);
    assert!(String::from_utf8_lossy(&told.get_output().stderr).contains("too large"), "{told}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    glasskey(dir.path()).args(["plan", "init"]).assert().code(0);
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_not_written_through() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), dir.path().join("custody.toml")).unwrap();
    glasskey(dir.path()).args(["plan", "init"]).assert().code(2);
    assert!(!dir.path().join("elsewhere").exists());
}

#[test]
fn a_sound_plan_is_a_yes() {
    let dir = sound();
    let told = json(glasskey(dir.path()).args(["plan", "check"]), 0);
    valid("glasskey.plan/1", &told);
    assert_eq!((&told["sound"], &told["remarks"]), (&true.into(), &serde_json::json!([])));
    assert_eq!(told["accounts"][1]["keys"], 3);
    let elsewhere = tempfile::tempdir().unwrap();
    let plan = dir.path().join("custody.toml");
    glasskey(elsewhere.path()).env("GLASSKEY_PLAN", &plan).args(["plan", "check"]).assert().code(0);
    glasskey(dir.path()).env("GLASSKEY_PLAN", "").args(["plan", "check"]).assert().code(0);
    glasskey(elsewhere.path()).args(["plan", "check"]).assert().code(2);
}

#[test]
fn files_that_the_plan_names_are_read() {
    let remark = |dir: &tempfile::TempDir| {
        let told = json(glasskey(dir.path()).args(["plan", "check"]), 1);
        valid("glasskey.plan/1", &told);
        let remarks = told["remarks"].as_array().unwrap().clone();
        assert_eq!(remarks.len(), 1, "{remarks:#?}");
        (remarks[0]["id"].as_str().unwrap().to_owned(), remarks[0]["line"].as_u64().unwrap())
    };
    let missing = sound();
    std::fs::remove_file(missing.path().join("policy/fido2.json")).unwrap();
    assert_eq!(remark(&missing), ("policy-file".to_owned(), 43));
    let garbage = sound();
    std::fs::write(garbage.path().join("policy/strength.json"), "{}").unwrap();
    assert_eq!(remark(&garbage), ("policy-file".to_owned(), 44));
    let swapped = sound();
    let configuration = data("../policy/two-profiles.json");
    std::fs::copy(&configuration, swapped.path().join("policy/strength.json")).unwrap();
    assert_eq!(remark(&swapped), ("policy-kind".to_owned(), 44));
    let profile = sound();
    std::fs::copy(&configuration, profile.path().join("policy/fido2.json")).unwrap();
    let plan = profile.path().join("custody.toml");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replace("[policy]\n", "[policy]\nprofile = \"No such\"\n")).unwrap();
    assert_eq!(remark(&profile), ("policy-profile".to_owned(), 43));
    let folder = sound();
    let plan = folder.path().join("custody.toml");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replace("folders = []", "folders = [\"nowhere\"]")).unwrap();
    assert_eq!(remark(&folder), ("catalogue-folder".to_owned(), 47));
}

#[test]
fn a_broken_plan_names_line_and_cure() {
    let dir = sound();
    std::fs::write(dir.path().join("custody.toml"), GOOD.replace("keys = 3", "keyz = 3")).unwrap();
    let told = json(glasskey(dir.path()).args(["plan", "check"]), 2);
    assert_eq!(told["error"]["kind"], "plan");
    assert!(told["error"]["message"].as_str().unwrap().contains("line 15, column 1"), "{told}");
    assert!(told["error"]["hint"].as_str().unwrap().contains("`keys`"), "{told}");
    let text = glasskey(dir.path()).args(["plan", "check"]).assert().code(2);
    assert!(String::from_utf8_lossy(&text.get_output().stderr).contains("hint: "));
}
