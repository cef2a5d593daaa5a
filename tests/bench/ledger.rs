//! `cargo bench --bench ledger`: what verification, status and recording cost, and that it grows with the count and no faster.
//!
//! Events are as long as those of real checks: their facts and findings are what a soft key once gave.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time, prints, and may panic"
)]
#![expect(dead_code, reason = "the helpers serve the tests too")]

#[path = "../ledger/custody.rs"]
mod custody;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use glasskey::ledger::payload::{Payload, Verdict};
use glasskey::ledger::verify::verify;
use glasskey::ledger::{Ledger, Writer};
use serde_json::Value;

use custody::{Key, moved, nonce, time};

/// Keys in a ledger whose events are counted.
const KEYS: u64 = 40;
/// Where this program, started again, records; and how many events.
const CHILD: &str = "GLASSKEY_BENCH_LEDGER";
const RECORDS: u64 = 1000;

static CHECK: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/ledger/check.json")).unwrap());
/// Models of two vendors.
const MODELS: [uuid::Uuid; 2] = [
    uuid::uuid!("a25342c0-3cdc-4414-8e46-f4807fca511c"),
    uuid::uuid!("eabb46cc-e241-80bf-ae9e-96fa6d2975cf"),
];

/// A key for one of two accounts.
fn enroll(writer: &mut Writer, number: u64) -> Key {
    let odd = usize::try_from(number % 2).unwrap();
    let mut key = Key::new(u32::try_from(number).unwrap());
    key.aaguid = *MODELS[odd].as_bytes();
    let mut enrolled = key.enrolled(["EA-01", "EA-02"][odd], true);
    enrolled.site = Some(["Berlin", "Bonn"][odd].into());
    (enrolled.facts, enrolled.findings) = (CHECK["facts"].clone(), CHECK["findings"].clone());
    key.signed(writer, Payload::Enrolled(Box::new(enrolled)));
    key
}

fn check(writer: &mut Writer, key: &mut Key) {
    let Payload::Checked(mut checked) = key.checked(Verdict::Fit) else { panic!("a check") };
    (checked.facts, checked.findings) = (CHECK["facts"].clone(), CHECK["findings"].clone());
    key.signed(writer, Payload::Checked(checked));
}

/// A ledger of so many events, nearly all of them checks with receipts.
fn ledger(path: &Path, events: u64) {
    let mut writer = custody::create(path);
    let mut keys: Vec<_> = (1..=KEYS).map(|number| enroll(&mut writer, number)).collect();
    for number in 0..events - KEYS - 1 {
        check(&mut writer, &mut keys[usize::try_from(number % KEYS).unwrap()]);
    }
}

/// The most memory that this process has held, in MiB, since the last call.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let peak = line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
    drop(std::fs::write("/proc/self/clear_refs", "5"));
    peak / 1024
}

/// The time that this process has computed on all cores together, in ticks of 10 ms.
fn computed() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> = stat.split_whitespace().skip(13).take(2).filter_map(|f| f.parse().ok()).collect();
    Duration::from_millis(fields.iter().sum::<u64>() * 10)
}

fn verification(folder: &Path) {
    println!(
        "| events | file MiB | verify s | of all cores s | µs an event | to the first row | peak memory MiB | open s |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut first = None;
    for events in [1_000_u64, 10_000, 100_000] {
        let path = folder.join(format!("{events}.db"));
        ledger(&path, events);
        peak();
        let (began, before) = (Instant::now(), computed());
        let report = verify(&path, None).unwrap();
        let (took, computed) = (began.elapsed(), computed() - before);
        let memory = peak();
        assert!(report.intact && report.events == events && report.receipts == events - 1, "{report:?}");
        let began = Instant::now();
        drop(Ledger::open(&path).unwrap());
        let opened = began.elapsed().as_secs_f64();
        let size = path.metadata().unwrap().len() >> 20;
        let each = u32::try_from(computed.as_micros() / u128::from(events)).unwrap();
        let ratio = f64::from(each) / f64::from(*first.get_or_insert(each));
        println!(
            "| {events} | {size} | {:.2} | {:.2} | {each} | × {ratio:.2} | {memory} | {opened:.2} |",
            took.as_secs_f64(),
            computed.as_secs_f64()
        );
        std::fs::remove_file(&path).unwrap();
    }
}

/// `glasskey status` as a person types it, on a ledger of so many keys.
fn status(folder: &Path) {
    let plan = folder.join("custody.toml");
    let account = |number: u32, site: &str| {
        format!(
            "[[account]]\nname = \"EA-0{number}\"\nupn = \"ea-0{number}@contoso.onmicrosoft.com\"\n\
             object_id = \"1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0{number}\"\nsites = [\"{site}\"]\n[[site]]\nname = \"{site}\"\n"
        )
    };
    let accounts = account(1, "Berlin") + &account(2, "Bonn");
    let text = format!("organisation = \"Contoso\"\n{accounts}[rules]\npin_location = \"apart\"\n");
    std::fs::write(&plan, text).unwrap();
    println!("| keys | file MiB | `status` s | `status --json` s | `inventory` s |");
    println!("|---|---|---|---|---|");
    for keys in [1_000, 10_000] {
        let path = folder.join(format!("{keys}-keys.db"));
        let mut writer = custody::create(&path);
        (1..=keys).for_each(|number| drop(enroll(&mut writer, number)));
        drop(writer);
        let took = |arguments: &[&str], rows: usize| {
            let began = Instant::now();
            let output = Command::new(env!("CARGO_BIN_EXE_glasskey"))
                .arg("--ledger")
                .arg(&path)
                .arg("--plan")
                .arg(&plan)
                .args(arguments)
                .output()
                .unwrap();
            let took = began.elapsed().as_secs_f64();
            assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
            let lines = String::from_utf8(output.stdout).unwrap().lines().count();
            assert!(lines >= rows, "{lines} lines");
            took
        };
        let all = usize::try_from(keys).unwrap();
        let (text, json, list) =
            (took(&["status"], 20), took(&["--json", "status"], all), took(&["inventory"], all));
        let size = path.metadata().unwrap().len() >> 20;
        println!("| {keys} | {size} | {text:.2} | {json:.2} | {list:.2} |");
    }
}

/// What each of two writers does: every fourth event is signed.
fn record(path: &Path) {
    let mut writer = Writer::open(path).unwrap();
    let mut key = Key::new(1);
    for number in 0..RECORDS {
        let payload = moved(&key.label, &format!("Safe {number}"));
        if number % 4 == 0 {
            key.signed(&mut writer, payload);
        } else {
            writer.record(payload, time(2), nonce(5)).unwrap();
        }
    }
}

fn two_writers(folder: &Path, what: &str) {
    let path = folder.join("two.db");
    let mut writer = custody::create(&path);
    Key::new(1).enroll(&mut writer, "EA-01");
    drop(writer);
    let began = Instant::now();
    let mut children = [(); 2].map(|()| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.env(CHILD, &path).stdout(Stdio::null()).spawn().unwrap()
    });
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    let took = began.elapsed().as_secs_f64();
    let report = verify(&path, None).unwrap();
    assert!(report.intact && report.events == 2 + 2 * RECORDS, "{report:?}");
    println!("two writers at once, {RECORDS} events each, {what}: {took:.2} s; none is lost");
}

fn main() {
    if let Some(path) = std::env::var_os(CHILD) {
        return record(Path::new(&path));
    }
    let (memory, disk) = (custody::folder(), tempfile::tempdir().unwrap());
    verification(memory.path());
    println!();
    status(memory.path());
    println!();
    two_writers(memory.path(), "in memory");
    two_writers(disk.path(), "on this disk");
}
