//! The verbs as they are typed: exit codes, documents and their schemas, what people read.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::custody::{EVENTS, RECEIPTS, folder, full};
use crate::faults;

fn glasskey(ledger: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glasskey")).arg("--ledger").arg(ledger).args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The document of a verb, held against the schema that it names.
fn document(ledger: &Path, arguments: &[&str], code: i32) -> Value {
    let output = glasskey(ledger, &[&["--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(faults(&document), [""; 0], "{arguments:?}");
    document
}

#[test]
fn every_document_is_as_its_schema_says() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let new = folder.path().join("new").join("ledger.db");
    let made = document(&new, &["ledger", "init", "--organisation", "Contoso"], 0);
    let head = document(&new, &["ledger", "head"], 0);
    assert_eq!((&head["head"], &head["events"]), (&made["head"], &1.into()));
    assert_eq!(document(&path, &["ledger", "log"], 0)["events"].as_array().unwrap().len(), 20);
    let log = document(&path, &["ledger", "log", "--limit", "100"], 0);
    assert_eq!((log["events"].as_array().unwrap().len(), &log["total"]), (36, &EVENTS.into()));
    let verified = document(&path, &["ledger", "verify"], 0);
    assert_eq!((&verified["events"], &verified["receipts"]), (&EVENTS.into(), &RECEIPTS.into()));
    assert_eq!(verified["intact"], true);
    let head = verified["head"].as_str().unwrap();
    document(&path, &["ledger", "verify", "--head", head], 0);
    let other = document(&path, &["ledger", "verify", "--head", &"0".repeat(64)], 6);
    assert_eq!((&other["intact"], &other["broken"]), (&false.into(), &Value::Null));
    document(&path, &["ledger", "export", "--format", "jsonl"], 0);
    let inventory = document(&path, &["inventory"], 0);
    assert_eq!(inventory["pending"].as_array().unwrap().len(), 1);
    assert_eq!(document(&path, &["inventory", "list"], 0), inventory);
    let key = document(&path, &["inventory", "show", "ea-00001"], 0);
    assert_eq!(key["key"]["label"], "Bern-1");
    let kinds: Vec<_> =
        key["history"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    let wanted = [
        "enrolled",
        "checked",
        "checked",
        "checked",
        "pin-changed",
        "moved",
        "relabelled",
        "intent",
        "moved",
    ];
    assert_eq!(kinds, wanted);
    let moved = document(&path, &["inventory", "move", "Bern-1", "--bag", "0042"], 0);
    assert_eq!(moved["event"]["seq"], EVENTS + 1);
    document(&path, &["inventory", "relabel", "Bern-1", "Bern-2"], 0);
    document(&path, &["inventory", "lost", "Bern-2", "--why", "fire"], 0);
    document(&path, &["inventory", "retire", "Bern-2", "--why", "fire"], 0);
    document(&path, &["inventory", "show", "nobody"], 2);
    document(&path, &["inventory", "retire", "Bern-2", "--why", "again"], 2);
    document(&path, &["inventory", "relabel", "Bern-2", "EA-00003"], 2);
    document(&path, &["ledger", "init"], 2);
}

#[test]
fn people_read_the_same() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let verified = told(&glasskey(&path, &["ledger", "verify"]));
    for word in ["all 36 events", "16 receipts", "cut off", "up to event 19", "soft keys"] {
        assert!(verified.contains(word), "{word}: {verified}");
    }
    let list = told(&glasskey(&path, &["inventory"]));
    for word in ["Contoso", "Bern-1", "Safe in Thun", "retired", "SOFT KEY", "'set PIN' was begun"] {
        assert!(list.contains(word), "{word}: {list}");
    }
    let key = told(&glasskey(&path, &["inventory", "show", "EA-00002"]));
    assert!(key.contains("lost: =HYPERLINK") && key.contains("history"), "{key}");
    let log = told(&glasskey(&path, &["ledger", "log", "--limit", "2"]));
    assert!(log.contains("34 earlier events") && log.contains("Safe in Thun"), "{log}");
}

#[test]
fn csv_runs_nothing_in_a_spreadsheet() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let move_to = |site: &str| {
        let output = glasskey(&path, &["inventory", "move", "Bern-1", "--site", site]);
        assert!(output.status.success(), "{output:?}");
    };
    move_to("@SUM(1)");
    move_to("two\r\nlines, \"quoted\"");
    let csv = told(&glasskey(&path, &["ledger", "export", "--format", "csv"]));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), glasskey::ledger::export::COLUMNS);
    let mut rows = 0;
    for record in reader.records() {
        let record = record.unwrap();
        assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{record:?}");
        assert!(record.iter().all(|cell| !cell.contains(['\n', '\r'])), "{record:?}");
        rows += 1;
    }
    assert_eq!(rows, EVENTS + 2);
}

#[test]
fn the_place_comes_from_the_environment_or_the_data_folder() {
    let folder = folder();
    let home = |arguments: &[&str], ledger: Option<&Path>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasskey"));
        command.args(arguments).env("HOME", folder.path()).env_remove("XDG_DATA_HOME");
        match ledger {
            Some(ledger) => command.env("GLASSKEY_LEDGER", ledger),
            None => command.env("GLASSKEY_LEDGER", ""),
        };
        command.output().unwrap().status.code().unwrap()
    };
    assert_eq!(home(&["ledger", "init"], None), 0);
    let found: Vec<_> = [".local/share", "Library/Application Support"]
        .iter()
        .filter(|data| folder.path().join(data).join("glasskey/ledger.db").exists())
        .collect();
    assert_eq!(found.len(), 1);
    let other = folder.path().join("other.db");
    assert_eq!(home(&["ledger", "init"], Some(&other)), 0);
    assert!(other.exists());
    assert_eq!(home(&["ledger", "head"], Some(&folder.path().join("none.db"))), 2);
}
