//! Bad files: a clear error, and nothing changed.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use glasskey::ledger::payload::LedgerCreated;
use glasskey::ledger::verify::verify;
use glasskey::ledger::{Ledger, LedgerError, Writer};
use rusqlite::Connection;

use crate::custody::{create, folder, full, moved, nonce, time};
use crate::skip;

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
    let mut bent = half.clone();
    // Wherever it stands: what is free within a page may hold an older copy.
    let places: Vec<_> =
        (0..half.len()).filter(|place| half[*place..].starts_with(b"Safe in Bern")).collect();
    places.iter().for_each(|place| bent[*place] ^= 0x20);
    std::fs::write(at("bent.db"), &bent).unwrap();
    for (name, code, word) in [
        ("bent.db", 6, "its seal is not that of its body"),
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
        for verb in [
            &["inventory", "move", "EA-00002", "--site", "x"][..],
            &["inventory"],
            &["ledger", "log"],
            &["ledger", "head"],
            &["ledger", "export", "--format", "jsonl"],
            &["ledger", "verify"],
        ] {
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
    assert_eq!(glasskey(&path, &["inventory"]).0, 6, "shown, and not all of it");
    let (code, told) = glasskey(&path, &["ledger", "verify"]);
    assert_eq!(code, 6, "{told}");
    assert!(told.contains("format 2") && told.contains("CANNOT TELL"), "{told}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_ledger_that_makes_its_events_up_is_refused_at_once() {
    let folder = folder();
    let path = folder.path().join("endless.db");
    let connection = Connection::open(&path).unwrap();
    let endless = "CREATE VIEW events AS WITH RECURSIVE c(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM c)
        SELECT seq, '' AS at, '' AS kind, '' AS body, x'' AS prev, x'' AS seal, NULL AS receipt, x'' AS hash FROM c";
    connection
        .execute_batch(&format!("PRAGMA application_id = 1196115289; PRAGMA user_version = 2; {endless}"))
        .unwrap();
    drop(connection);
    let began = Instant::now();
    for verb in [&["ledger", "verify"][..], &["inventory"], &["ledger", "log"]] {
        let (code, told) = glasskey(&path, verb);
        assert!(code == 6 && told.contains("table"), "{verb:?}: {code} {told}");
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

/// Runs a script in a mount namespace of its own, with a small file system in memory at `$1`, the program as `$2` and a
/// ledger with free room beside it as `$3`. Visibly skipped where the system does not let us.
fn on_a_small_disk(script: &str, ledger: &Path) -> Option<String> {
    let folder = folder();
    let script =
        format!("set -eu; mount -t tmpfs -o size=256k none \"$1\"; cp \"$3\" \"$1/ledger.db\"; {script}");
    let run = |flags: &str, script: &str| {
        let mut command = Command::new("unshare");
        let arguments = [flags, "--", "sh", "-c", script, "sh"];
        command.args(arguments).arg(folder.path()).arg(env!("CARGO_BIN_EXE_glasskey")).arg(ledger);
        command.output()
    };
    // As root, or as somebody who may be root in a namespace of users.
    let flags = ["--mount", "-rm"].into_iter().find(|flags| {
        run(flags, "mount -t tmpfs -o size=256k none \"$1\"").is_ok_and(|output| output.status.success())
    });
    let Some(flags) = flags else {
        skip::skip("no file system can be mounted here");
        return None;
    };
    let output = run(flags, &script).unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{told}");
    Some(told)
}

/// So much room is left, in KiB, when a longer event is to be recorded: none at all, enough for a part of it, enough.
const LEFT: &str = "0 4 8 12 16 24 32 40 48 64 80";

#[test]
fn a_full_disk_is_told_and_leaves_the_ledger_whole() {
    let folder = folder();
    let (path, _) = full(folder.path());
    // Each time the ledger begins anew. Prints: room left, exit code, exit code of `verify`, and how many events there are.
    let script = format!(
        r#"why=$(printf '𝄞%.0s' $(seq 500))
        for left in {LEFT}; do
            rm -f "$1"/*; cp "$3" "$1/ledger.db"
            cat /dev/zero >"$1/fill" 2>/dev/null || :
            truncate -s "-${{left}}K" "$1/fill"
            code=0; "$2" --ledger "$1/ledger.db" inventory lost Bern-1 --why "$why" >"$3.told" 2>&1 || code=$?
            rm "$1/fill"
            verified=0; "$2" --ledger "$1/ledger.db" ledger verify >/dev/null 2>&1 || verified=$?
            events=$("$2" --ledger "$1/ledger.db" --json ledger head 2>/dev/null | tr -dc '0-9,')
            cmp -s "$3" "$1/ledger.db" && same=same || same=other
            echo "$left $code $verified ${{events%%,*}} $same $(ls "$1" | tr '\n' ' ')$(head -c 200 "$3.told" | tr '\n' ' ')"
        done"#
    );
    let Some(told) = on_a_small_disk(&script, &path) else { return };
    let mut codes = Vec::new();
    // With no room at all nothing was written. With a little, SQLite may have begun and rolled back: the events are the same.
    let before = told.split(' ').nth(3).unwrap();
    for line in told.lines() {
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!(words[2], "0", "it verifies whatever happened: {line}");
        match words[1] {
            "2" => assert!(
                words[3] == before && line.contains("the disk is full: nothing was recorded"),
                "{line}"
            ),
            "0" => assert!(words[4] == "other", "{line}"),
            _ => panic!("{line}"),
        }
        codes.push(words[1]);
    }
    assert_eq!(codes.len(), LEFT.split(' ').count(), "{told}");
    assert_eq!((codes.first(), codes.last()), (Some(&"2"), Some(&"0")), "{told}");
    assert!(codes.is_sorted_by(|a, b| a >= b), "once there is room enough it is recorded: {told}");
}

#[test]
fn on_a_full_disk_no_ledger_is_made() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let script = r#"cat /dev/zero >"$1/fill" 2>/dev/null || :
        code=0; "$2" --ledger "$1/new.db" ledger init || code=$?
        echo "$code $(ls "$1" | tr '\n' ' ')"; rm "$1/fill"; "$2" --ledger "$1/new.db" ledger init"#;
    let Some(told) = on_a_small_disk(script, &path) else { return };
    assert!(told.contains("2 fill ledger.db \n"), "{told}");
    assert!(told.contains("the disk is full: nothing was recorded") && told.contains("made "), "{told}");
}

#[test]
fn a_file_system_that_is_read_only_is_told_from_a_ledger_that_is_broken() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let script = r#"mount -o remount,ro "$1"
        for verb in 'inventory retire Bern-1 --why x' 'inventory' 'ledger log' 'ledger verify'; do
            code=0; "$2" --ledger "$1/ledger.db" $verb >"$3.told" 2>&1 || code=$?
            echo "$code $(head -c 120 "$3.told" | tr '\n' ' ')"
        done; cmp "$3" "$1/ledger.db""#;
    let Some(told) = on_a_small_disk(script, &path) else { return };
    let codes: Vec<_> = told.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(codes, ["2", "0", "0", "0"], "{told}");
    assert!(told.lines().next().unwrap().contains("may not be written"), "{told}");
}

/// A limit on the size of files, for systems on which nothing can be mounted.
#[test]
fn a_file_that_may_not_grow_is_told_and_leaves_the_ledger_whole() {
    let folder = folder();
    let (path, _) = full(folder.path());
    // In blocks of 512 bytes; the signal is ignored, so that writes fail.
    let blocks = std::fs::metadata(&path).unwrap().len() / 512;
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    // What there is room for in the file as it is, is recorded; what comes then is not.
    let (before, output) = (0..9)
        .find_map(|number| {
            let before = std::fs::read(&path).unwrap();
            let output = Command::new("sh")
                .args(["-c", &script, env!("CARGO_BIN_EXE_glasskey"), "--ledger"])
                .arg(&path)
                .args(["inventory", "move", "Bern-1", "--bag", &format!("{number}{}", "𝄞".repeat(490))])
                .output()
                .unwrap();
            (!output.status.success()).then_some((before, output))
        })
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("cannot be read or written") || told.contains("disk is full"), "{told}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(verify(&path, None).unwrap().intact);
}

#[test]
fn a_second_writer_waits_or_is_told() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let (mut one, mut two) = (Writer::open(&path).unwrap(), Writer::open(&path).unwrap());
    let draft = one.begin(moved("Bern-1", "a"), time(3), nonce(4)).unwrap();
    two = two.waiting(Box::new(|waited| waited < Duration::from_millis(50)));
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
