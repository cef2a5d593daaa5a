//! Bad files: a clear error, and nothing changed.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use glasskey::ledger::payload::LedgerCreated;
use glasskey::ledger::verify::verify;
use glasskey::ledger::{Ledger, LedgerError, Writer};
use rusqlite::Connection;

use crate::custody::{create, folder, full, moved, nonce, time};

fn glasskey(ledger: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_glasskey"))
        .args(arguments)
        .env("GLASSKEY_LEDGER", ledger)
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn a_new_ledger_is_one_file_for_its_owner_alone() {
    let folder = folder();
    let path = folder.path().join("deep").join("ledger.db");
    drop(create(&path));
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    assert_eq!(path.parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);
    let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let before = std::fs::read(&path).unwrap();
    let again = Writer::create(&path, LedgerCreated::default(), time(0), nonce(0));
    assert!(matches!(again, Err(LedgerError::Exists(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_ledger_is_refused_and_left_alone() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    full(folder.path());
    symlink(at("ledger.db"), at("link.db")).unwrap();
    symlink(at("nowhere"), at("dangling.db")).unwrap();
    std::fs::write(at("text.db"), "not a database, but long enough to have a header of its own").unwrap();
    std::fs::write(at("empty.db"), "").unwrap();
    Connection::open(at("other.db")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let half = std::fs::read(at("ledger.db")).unwrap();
    std::fs::write(at("half.db"), &half[..half.len() / 2]).unwrap();
    for (name, code, word) in [
        ("missing.db", 2, "there is no ledger"),
        ("link.db", 2, "symbolic link"),
        ("dangling.db", 2, "symbolic link"),
        (".", 2, "a ledger is a plain file"),
        ("text.db", 6, "is no ledger"),
        ("empty.db", 6, "is no ledger"),
        ("other.db", 6, "is no ledger"),
        ("half.db", 6, "damaged"),
    ] {
        let path = at(name);
        let before = std::fs::read(&path).ok();
        for verb in
            [&["inventory", "move", "EA-00002", "--site", "x"][..], &["ledger", "log"], &["ledger", "verify"]]
        {
            let (found, told) = glasskey(&path, verb);
            assert_eq!(found, code, "{name} {verb:?}: {told}");
            assert!(told.contains(word), "{name} {verb:?}: {told}");
        }
        assert_eq!(std::fs::read(&path).ok(), before, "{name}");
    }
    let (code, told) = glasskey(&at("link.db"), &["ledger", "init"]);
    assert_eq!(code, 2, "{told}");
    assert_eq!(std::fs::read(at("ledger.db")).unwrap(), half);
}

#[test]
fn a_read_only_ledger_is_read_and_never_written() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let before = std::fs::read(&path).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o400)).unwrap();
    let (code, told) = glasskey(&path, &["inventory", "move", "Bern-1", "--site", "x"]);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("may not be written"), "{told}");
    assert_eq!(glasskey(&path, &["ledger", "verify"]).0, 0);
    assert_eq!(glasskey(&path, &["inventory"]).0, 0);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_ledger_is_read_and_never_written() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA user_version = 2; CREATE TABLE later (x)").unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Writer::open(&path), Err(LedgerError::Newer(2))));
    let ledger = Ledger::open(&path).unwrap();
    assert_eq!((ledger.newer(), ledger.inventory().keys().len()), (Some(2), 4));
    drop(ledger);
    let (code, told) = glasskey(&path, &["inventory", "lost", "Bern-1", "--why", "x"]);
    assert_eq!(code, 6, "{told}");
    assert_eq!(glasskey(&path, &["inventory"]).0, 0);
    let (code, told) = glasskey(&path, &["ledger", "verify"]);
    assert_eq!(code, 6, "{told}");
    assert!(told.contains("format 2"), "{told}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_full_disk_is_told_and_leaves_the_ledger_whole() {
    let folder = folder();
    let path = folder.path().join("ledger.db");
    drop(create(&path));
    let size = path.metadata().unwrap().len();
    let before = std::fs::read(&path).unwrap();
    // Files may grow to what the ledger has, in blocks of 512 bytes; the signal is ignored, so that writes fail.
    let label = "x".repeat(60_000);
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", size / 512);
    let output = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_glasskey"), "--ledger"])
        .arg(&path)
        .args(["ledger", "init"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "there is one already");
    let mut ledger = create(&folder.path().join("second.db"));
    let mut key = crate::custody::Key::new(1);
    key.enroll(&mut ledger, "EA-01");
    let size = folder.path().join("second.db").metadata().unwrap().len();
    drop(ledger);
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", size / 512);
    let output = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_glasskey"), "--ledger"])
        .arg(folder.path().join("second.db"))
        .args(["inventory", "lost", "EA-00001", "--why", &label])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("cannot be read or written") || told.contains("disk is full"), "{told}");
    let report = verify(&folder.path().join("second.db"), None).unwrap();
    assert!(report.intact && report.events == 2, "{report:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_second_writer_waits_or_is_told() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let (mut one, mut two) = (Writer::open(&path).unwrap(), Writer::open(&path).unwrap());
    let draft = one.begin(moved("Bern-1", "a"), time(3), nonce(4)).unwrap();
    two.set_patience(Duration::from_millis(50)).unwrap();
    assert!(matches!(two.begin(moved("Bern-1", "b"), time(3), nonce(4)), Err(LedgerError::Busy)));
    assert!(verify(&path, None).unwrap().intact, "readers go on");
    drop(draft);
    let event = two.record(moved("Bern-1", "b"), time(3), nonce(4)).unwrap();
    let next = one.record(moved("Bern-1", "c"), time(3), nonce(4)).unwrap();
    assert_eq!((next.seq, next.prev), (event.seq + 1, event.hash));
    assert_eq!(one.inventory().key("bern-1").unwrap().site.as_deref(), Some("c"));
}

#[test]
fn a_ledger_that_was_cut_off_or_replaced_meanwhile_is_not_written_on() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let copy = std::fs::read(&path).unwrap();
    let mut ledger = Writer::open(&path).unwrap();
    ledger.record(moved("Bern-1", "a"), time(3), nonce(4)).unwrap();
    std::fs::write(&path, &copy).unwrap();
    assert!(ledger.record(moved("Bern-1", "b"), time(3), nonce(4)).is_err());
    std::fs::remove_file(&path).unwrap();
    assert!(ledger.record(moved("Bern-1", "b"), time(3), nonce(4)).is_err());
}
