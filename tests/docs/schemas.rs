//! The program's JSON, held against the documented schemas.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::plan::profile;
use super::schema::{faults, validator};
use super::{files, root};

const YUBIKEY: &str = "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b";
const TOKEN2: &str = "ab32f0c6-2239-afbb-c470-d2ef4e254db7";
const PIN: &str = "739201";

/// Runs the program with `--json`; its exit code, and its one document, which must fit the schema that it names.
fn run(arguments: &[&str], input: &str) -> (i32, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_glasskey"))
        .arg("--json")
        .args(arguments)
        // No plan and no ledger but those that are named.
        .env_remove("GLASSKEY_PLAN")
        .env_remove("GLASSKEY_LEDGER")
        .env("XDG_DATA_HOME", "/nonexistent")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // A verb that asks for no PIN may be gone already.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let wrong = faults(&document);
    assert!(wrong.is_empty(), "{arguments:?}: {wrong:#?}\n{document:#}");
    (output.status.code().unwrap(), document)
}

/// A folder of soft keys: `good` with a PIN, `blank` without.
fn keys() -> (TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let soft = dir.path().join("soft").display().to_string();
    let made =
        run(&["soft", "create", &soft, "good", "--aaguid", YUBIKEY, "--pin", PIN, "--firmware", "5.7.4"], "");
    assert_eq!(made.0, 0);
    assert_eq!(run(&["soft", "create", &soft, "blank", "--aaguid", TOKEN2], "").0, 0);
    (dir, soft)
}

fn policy(dir: &Path, aaguids: &[&str]) -> String {
    let file = dir.join("policy.json");
    std::fs::write(&file, profile(aaguids).to_string()).unwrap();
    file.display().to_string()
}

#[test]
fn every_schema_is_itself_valid() {
    for path in files(".schema.json") {
        let schema: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        jsonschema::draft202012::meta::validate(&schema)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // What it refers to is there.
        drop(validator(&schema));
    }
}

#[test]
fn keys_info_and_soft_fit() {
    let (dir, soft) = keys();
    let (code, listed) = run(&["--soft", &soft, "keys"], "");
    assert_eq!((code, listed["keys"].as_array().unwrap().len()), (0, 2));
    let empty = dir.path().join("empty").display().to_string();
    std::fs::create_dir(&empty).unwrap();
    assert_eq!(run(&["--soft", &empty, "keys"], ""), (3, json!({ "schema": "glasskey.keys/1", "keys": [] })));
    for key in ["soft:good", "soft:blank"] {
        assert_eq!(run(&["--soft", &soft, "--key", key, "info"], "").0, 0);
    }
    assert_eq!(run(&["soft", "list", &soft], "").0, 0);
}

#[test]
fn checks_fit_whatever_the_verdict() {
    let (dir, soft) = keys();
    let policy = policy(dir.path(), &[YUBIKEY]);
    let good = ["--soft", &soft, "--key", "soft:good", "--pin-stdin", "check", "--policy", &policy];
    let (code, fit) = run(&good, PIN);
    assert_eq!((code, fit["verdict"].as_str()), (0, Some("fit")));
    let (code, unfit) = run(&["--soft", &soft, "--key", "soft:blank", "check", "--policy", &policy], "");
    assert_eq!((code, unfit["verdict"].as_str()), (1, Some("not-fit")));
    let (_, warned) = run(&["--soft", &soft, "--key", "soft:good", "check", "--no-touch"], "");
    assert_eq!(warned["verdict"], "fit-with-warnings");
}

/// A plan, and a ledger that was just made, as arguments.
fn custody(dir: &Path) -> [String; 4] {
    let text = r#"
organisation = "Contoso"
account = [
  { name = "EA-01", upn = "ea-01@contoso.onmicrosoft.com", object_id = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f" },
  { name = "EA-02", upn = "ea-02@contoso.onmicrosoft.com", object_id = "2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10" },
]
[rules]
pin_location = "apart"
"#;
    let (plan, ledger) = (dir.join("custody.toml"), dir.join("ledger.db"));
    std::fs::write(&plan, text).unwrap();
    let arguments = [
        "--plan".to_owned(),
        plan.display().to_string(),
        "--ledger".to_owned(),
        ledger.display().to_string(),
    ];
    let named: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert_eq!(run(&[&named, ["ledger", "init"].as_slice()].concat(), "").0, 0);
    arguments
}

#[test]
fn enrolments_and_recorded_checks_fit() {
    let (dir, soft) = keys();
    let custody = custody(dir.path());
    let at = |key: &str, arguments: &[&str]| {
        let mut all: Vec<&str> = custody.iter().map(String::as_str).collect();
        all.extend(["--soft", &soft, "--key", key, "--pin-stdin"]);
        all.extend(arguments);
        run(&all, PIN)
    };
    let (code, steps) = at("soft:good", &["enroll", "--account", "EA-01", "--dry-run"]);
    assert_eq!((code, steps["schema"].as_str()), (0, Some("glasskey.enroll-steps/1")));
    let (code, enrolled) = at("soft:good", &["enroll", "--account", "EA-01"]);
    assert_eq!((code, enrolled["label"].as_str()), (0, Some("EA-01-A")));
    let (code, checked) = at("EA-01-A", &["check"]);
    assert_eq!((code, checked["event"]["seq"].as_u64()), (0, Some(5)));
    let (_, unrecorded) = at("soft:good", &["check", "--no-record"]);
    assert!(unrecorded["event"].is_null());
    let refused = |key: &str, arguments: &[&str]| {
        let (code, document) = at(key, arguments);
        (code, document["error"]["kind"].as_str().unwrap().to_owned())
    };
    assert_eq!(refused("soft:good", &["enroll", "--account", "EA-02"]), (1, "already-enrolled".to_owned()));
    let pulled =
        ["soft", "create", &soft, "pulled", "--aaguid", TOKEN2, "--pin", PIN, "--fault", "vanish@makecred"];
    assert_eq!(run(&pulled, "").0, 0);
    let (code, unfit) = at("soft:pulled", &["enroll", "--account", "EA-02"]);
    assert_eq!((code, unfit["verdict"].as_str()), (7, Some("not-fit")));
    assert!(unfit["event"].is_null());
    assert_eq!(refused("soft:blank", &["enroll", "--account", "EA-03"]), (2, "plan".to_owned()));
    std::fs::write(dir.path().join("ledger.db"), "no ledger").unwrap();
    assert_eq!(refused("soft:good", &["check"]), (6, "ledger".to_owned()));
}

#[test]
fn onboardings_fit_recorded_compared_and_refused() {
    let dir = tempfile::tempdir().unwrap();
    let soft = dir.path().join("soft").display().to_string();
    let ledger = dir.path().join("ledger.db").display().to_string();
    let earlier = dir.path().join("earlier.json");
    assert_eq!(
        run(&["soft", "create", &soft, "good", "--aaguid", YUBIKEY, "--pin", PIN, "--firmware", "5.7.4"], "")
            .0,
        0
    );
    assert_eq!(run(&["--ledger", &ledger, "ledger", "init"], "").0, 0);
    let onboard = |arguments: &[&str]| {
        run(&[&["--ledger", &ledger, "--soft", &soft, "--pin-stdin", "onboard"], arguments].concat(), PIN)
    };
    let (code, first) = onboard(&[]);
    assert_eq!((code, first["event"]["seq"].as_u64().is_some(), first["changes"].is_null()), (0, true, true));
    std::fs::write(&earlier, first.to_string()).unwrap();
    let earlier = earlier.display().to_string();
    let (_, again) = onboard(&["--no-record", "--compare", &earlier, "--reset-allowed", "--yes"]);
    assert!(again["event"].is_null() && again["since"] == first["at"]);
    assert!(again["changes"].as_array().unwrap().iter().any(|one| one["what"] == "finding reset"));
    let (code, log) = run(&["--ledger", &ledger, "ledger", "log"], "");
    assert_eq!((code, &log["events"].as_array().unwrap().last().unwrap()["kind"]), (0, &json!("onboarded")));
    // A model that nobody knows, without a PIN; and a key that is none.
    let nobody = "12345678-1234-4123-8123-123456789abc";
    assert_eq!(
        run(&["soft", "create", &soft, "odd", "--aaguid", nobody, "--fault", "vanish@makecred+9"], "").0,
        0
    );
    let odd = |arguments: &[&str]| {
        run(&[&["--soft", &soft, "--key", "soft:odd", "--pin-stdin", "onboard"], arguments].concat(), PIN)
    };
    assert_eq!(odd(&[]).1["error"]["kind"], "pin");
    let (code, unfit) = odd(&["--reset-allowed", "--yes"]);
    assert_eq!((code, unfit["verdict"].as_str(), unfit["model"].is_null()), (7, Some("not-fit"), true));
    assert!(unfit["lists"].is_null());
}

#[test]
fn a_check_of_all_keys_fits_also_where_one_ends_early() {
    let (_dir, soft) = keys();
    let (code, all) = run(&["--soft", &soft, "--pin-stdin", "check", "--all"], "\n000000\n");
    let schemas: BTreeSet<_> =
        all["checks"].as_array().unwrap().iter().map(|one| one["schema"].as_str().unwrap()).collect();
    assert_eq!(schemas, BTreeSet::from(["glasskey.check/1", "glasskey.error/1"]));
    assert_eq!(code, 5, "a refused PIN weighs more than a key that is not fit");
}

#[test]
fn pin_work_fits() {
    let (_dir, soft) = keys();
    let at = |key: &'static str, verb: &'static str, input: &str| {
        run(&["--soft", &soft, "--key", key, "--pin-stdin", "pin", verb], input)
    };
    assert_eq!(at("soft:good", "status", "").1["retries"], 8);
    assert_eq!(at("soft:blank", "status", "").1["pin_set"], false);
    assert_eq!(at("soft:blank", "set", "739201\n").0, 0);
    assert_eq!(at("soft:blank", "verify", "739201\n").0, 0);
    assert_eq!(at("soft:blank", "change", "739201\n846302\n").0, 0);
    assert_eq!(at("soft:blank", "verify", "739201\n").1["error"]["kind"], "pin");
}

#[test]
fn policies_fit() {
    let (dir, _) = keys();
    let ours = policy(dir.path(), &[YUBIKEY, TOKEN2]);
    let folder = root().join("tests/data/policy");
    let mut all: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().display().to_string()).collect();
    all.push(ours);
    for file in &all {
        run(&["policy", "show", file], "");
    }
}

#[test]
fn the_catalogue_fits_model_by_model() {
    let (code, list) = run(&["catalogue", "list", "--all"], "");
    assert_eq!(code, 0);
    assert!(list["models"].as_array().unwrap().len() > 200);
    for aaguid in [YUBIKEY, TOKEN2, "ee882879-721c-4913-9775-3dfcce97072a"] {
        assert_eq!(run(&["catalogue", "show", aaguid], "").0, 0);
    }
}

#[test]
fn what_comes_into_the_catalogue_fits() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let novel = "0c0ffee0-5afe-4000-8000-00000000beef";
    let entries = json!([
        { "aaguid": novel, "metadataStatement": { "description": "Novel Key" }, "statusReports": [] },
        { "aaguid": TOKEN2, "metadataStatement": { "description": "T2" }, "statusReports": [{ "status": "REVOKED", "url": "x" }] },
        { "aaid": "1234#5678" }, 7, { "aaguid": "none" },
    ]);
    let payload = json!({ "no": 300, "nextUpdate": "2026-01-01", "entries": entries });
    std::fs::create_dir(dir.path().join("own")).unwrap();
    write("own/quirks.toml", "updated = \"2026-11-20\"\n");
    write("bare.json", &payload.to_string());
    let (own, bare, news) = (at("own"), at("bare.json"), at("news.toml"));
    let (code, imported) = run(&["--catalogue", &own, "catalogue", "import-mds", &bare, "--unsigned"], "");
    assert_eq!((code, imported["entries"]["left_out"].as_array().unwrap().len()), (0, 2), "{imported:#}");
    for aaguid in [novel, TOKEN2] {
        assert_eq!(run(&["--catalogue", &own, "catalogue", "show", aaguid], "").0, 0);
    }
    write(
        "news.toml",
        r#"
        updated = "2026-11-20"
        [[advisory]]
        id = "OURS-1"
        title = "a fault"
        date = "2026-11"
        severity = "ours"
        affects = "fido"
        meaning = "It may fail."
        cure = "Replace it."
        sources = ["our own drill"]
        confidence = "confirmed"
        [[advisory.rule]]
        vendors = ["Token2"]
        "#,
    );
    assert_eq!(run(&["--catalogue", &own, "catalogue", "add-advisory", &news], "").0, 0);
}

#[test]
fn the_doctor_fits() {
    let (_dir, soft) = keys();
    run(&["doctor"], "");
    run(&["--soft", &soft, "doctor"], "");
}

#[test]
fn stored_registrations_fit() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let empty = file("empty.json", "{}");
    let garbage = file("garbage.json", r#"{"attestationObject": "oA", "clientDataJSON": "e30"}"#);
    let (code, answers) = run(&["attestation", "verify", &empty, &garbage], "");
    assert_eq!((code, answers["results"].as_array().unwrap().len()), (1, 2));
    let text = file("text.json", "no JSON");
    assert_eq!(run(&["attestation", "verify", &text], "").0, 2);
}

#[test]
fn errors_fit() {
    let (_dir, soft) = keys();
    let kind = |arguments: &[&str], input: &str| {
        let (code, document) = run(arguments, input);
        (code, document["error"]["kind"].as_str().unwrap().to_owned())
    };
    let is = |code: i32, word: &str| (code, word.to_owned());
    assert_eq!(kind(&["frobnicate"], ""), is(2, "usage"));
    assert_eq!(kind(&["--soft", &soft, "info"], ""), is(2, "several-keys"));
    assert_eq!(kind(&["--soft", &soft, "--key", "9", "info"], ""), is(3, "no-key"));
    assert_eq!(kind(&["catalogue", "show", "00000000-0000-4000-8000-000000000000"], ""), is(2, "catalogue"));
    assert_eq!(kind(&["check", "--policy", "/nowhere.json"], ""), is(2, "policy"));
    let verify = ["--soft", &soft, "--key", "soft:good", "--pin-stdin", "pin", "verify"];
    assert_eq!(kind(&verify, ""), is(2, "pin-input"));
    assert_eq!(kind(&verify, "000000\n"), is(5, "pin"));
}

#[test]
fn a_schema_refuses_what_the_program_never_says() {
    let (_dir, soft) = keys();
    let (_, mut document) = run(&["--soft", &soft, "--key", "soft:blank", "check"], "");
    document["surprise"] = json!(1);
    assert_eq!(faults(&document).len(), 1);
    document.as_object_mut().unwrap().remove("surprise");
    document["key"]["info"]["aaguid"] = json!("not one");
    assert_eq!(faults(&document).len(), 1);
}
