//! Killed at any moment, two at once: no acknowledged event is missing, and the ledger verifies.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use glasskey::ledger::verify::verify;
use glasskey::ledger::{Ledger, Writer};

use crate::custody::{Key, create, folder, moved, nonce, time};

const LEDGER: &str = "GLASSKEY_TEST_LEDGER";
const COUNT: &str = "GLASSKEY_TEST_COUNT";
/// So many ledgers, and so many kills each: 200 in all.
const LEDGERS: u32 = 10;
const KILLS: u32 = 20;

/// This is no test but what the tests below start and kill: it records events and says so, one line each.
#[test]
#[ignore = "started by the tests of this file"]
fn a_child_that_records() {
    let Ok(path) = std::env::var(LEDGER) else { return };
    let count: u64 = std::env::var(COUNT).unwrap().parse().unwrap();
    let mut ledger = Writer::open(Path::new(&path)).unwrap();
    let mut key = Key::new(1);
    let mut out = std::io::stdout();
    for number in 0..count {
        let payload = moved("EA-00001", &format!("Safe {number}"));
        let event = if number % 4 == 0 {
            let draft = ledger.begin(payload, time(2), nonce(5)).unwrap();
            let receipt = key.receipt(draft.seal());
            draft.commit(Some(receipt)).unwrap()
        } else {
            ledger.record(payload, time(2), nonce(5)).unwrap()
        };
        // One write: a line is there whole or not at all.
        out.write_all(format!("recorded {} {}\n", event.seq, event.hash).as_bytes()).unwrap();
        out.flush().unwrap();
    }
}

fn child(ledger: &Path, count: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::a_child_that_records", "--ignored", "--nocapture", "--test-threads=1"])
        .env(LEDGER, ledger)
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What the child said it had recorded.
fn said(line: &str) -> Option<(u64, String)> {
    let mut words = line.split("recorded ").nth(1)?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.trim().to_owned()))
}

#[test]
fn killed_at_any_moment_it_keeps_what_it_acknowledged() {
    let mut random = 0x2545_f491_u32;
    let mut hot = 0;
    for _ in 0..LEDGERS {
        let folder = folder();
        let path = folder.path().join("ledger.db");
        let mut ledger = create(&path);
        Key::new(1).enroll(&mut ledger, "EA-01");
        drop(ledger);
        let mut last = 2;
        for _ in 0..KILLS {
            // Xorshift: each run kills at the same spread of moments after the child's first word.
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            let mut child = child(&path, u64::MAX);
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
            let first = lines.find_map(|line| said(&line));
            let wait = Duration::from_micros(u64::from(random % 6000));
            let began = Instant::now();
            while began.elapsed() < wait {
                std::hint::spin_loop();
            }
            child.kill().unwrap();
            child.wait().unwrap();
            hot += u32::from(folder.path().join("ledger.db-journal").exists());
            let (seq, hash) = lines.filter_map(|line| said(&line)).last().or(first).unwrap();
            let ledger = Ledger::open(&path).unwrap();
            let event = ledger.event(seq).unwrap().unwrap().event;
            assert_eq!(event.hash.to_string(), hash, "event {seq} was acknowledged");
            assert!(
                seq > last && ledger.chain().seq - seq <= 1,
                "at most the one that was not acknowledged yet"
            );
            last = ledger.chain().seq;
        }
        let report = verify(&path, None).unwrap();
        assert!(report.intact && report.events == last, "{report:?}");
    }
    assert!(hot > 0, "no kill met a write that was under way");
}

#[test]
fn two_processes_at_once_lose_nothing() {
    let folder = folder();
    let path = folder.path().join("ledger.db");
    let mut ledger = create(&path);
    Key::new(1).enroll(&mut ledger, "EA-01");
    drop(ledger);
    let children = [child(&path, 1000), child(&path, 1000)];
    let mut all: Vec<u64> = Vec::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let seqs: Vec<_> = text.lines().filter_map(said).map(|(seq, _)| seq).collect();
        assert_eq!(seqs.len(), 1000);
        all.extend(seqs);
    }
    all.sort_unstable();
    assert_eq!(all, (3..=2002).collect::<Vec<_>>());
    let report = verify(&path, None).unwrap();
    assert!(report.intact && report.events == 2002 && report.receipts == 501, "{report:?}");
}
