//! `cargo bench --bench ledger`: what verification and replay cost, and that it grows with the count and no faster.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time, prints, and may panic"
)]
#![expect(dead_code, reason = "the helpers serve the tests too")]

#[path = "../ledger/custody.rs"]
mod custody;

use std::path::Path;
use std::time::Instant;

use glasskey::ledger::payload::Verdict;
use glasskey::ledger::verify::verify;
use glasskey::ledger::{Ledger, Writer};

use custody::Key;

/// Keys in a ledger whose events are counted.
const KEYS: u64 = 40;

/// A ledger of so many events, nearly all with receipts.
fn ledger(path: &Path, events: u64) {
    let mut writer = custody::create(path);
    let mut keys: Vec<_> = (1..=40).map(Key::new).collect();
    keys.iter_mut().for_each(|key| drop(key.enroll(&mut writer, "EA-01")));
    for number in 0..events - KEYS - 1 {
        let key = &mut keys[usize::try_from(number % KEYS).unwrap()];
        let checked = key.checked(Verdict::Fit);
        key.signed(&mut writer, checked);
    }
}

fn inventory(path: &Path, keys: u32) {
    let mut writer: Writer = custody::create(path);
    (1..=keys).for_each(|number| drop(Key::new(number).enroll(&mut writer, "EA-01")));
}

/// The most memory that this process has held, in MiB, since the last call.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let peak = line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
    drop(std::fs::write("/proc/self/clear_refs", "5"));
    peak / 1024
}

fn main() {
    let folder = custody::folder();
    println!("| events | file MiB | verify s | µs an event | peak memory MiB | open s |");
    println!("|---|---|---|---|---|---|");
    for events in [1_000_u64, 10_000, 100_000] {
        let path = folder.path().join(format!("{events}.db"));
        ledger(&path, events);
        peak();
        let began = Instant::now();
        let report = verify(&path, None).unwrap();
        let took = began.elapsed();
        let memory = peak();
        assert!(report.intact && report.events == events && report.receipts == events - 1, "{report:?}");
        let began = Instant::now();
        drop(Ledger::open(&path).unwrap());
        let opened = began.elapsed().as_secs_f64();
        let size = path.metadata().unwrap().len() >> 20;
        let each = took.as_micros() / u128::from(events);
        println!("| {events} | {size} | {:.2} | {each} | {memory} | {opened:.2} |", took.as_secs_f64());
    }
    println!();
    println!("| keys | file MiB | open and replay s |");
    println!("|---|---|---|");
    for keys in [1_000_u32, 10_000] {
        let path = folder.path().join(format!("{keys}-keys.db"));
        inventory(&path, keys);
        let began = Instant::now();
        let ledger = Ledger::open(&path).unwrap();
        let took = began.elapsed().as_secs_f64();
        assert_eq!(ledger.inventory().keys().len(), usize::try_from(keys).unwrap());
        println!("| {keys} | {} | {took:.2} |", path.metadata().unwrap().len() >> 20);
    }
}
