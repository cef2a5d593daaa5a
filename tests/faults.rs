//! Every fault of a key through the real program: the right finding or error, the right exit code, in time, with no
//! panic, and with no PIN attempt lost. The key is real firmware; only the fault is added.
#![cfg(feature = "softkey")]
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads, measures and may panic"
)]

use std::collections::VecDeque;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use glasskey::key::cancel::Cancel;
use glasskey::key::patience::Patience;
use glasskey::key::session::Session;
use glasskey::soft;
use serde_json::Value;

const PIN: &str = "123456";
/// YubiKey 5 NFC, firmware 5.7: nothing is known against it, so a healthy one is `fit`.
const AAGUID: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";

/// What a fault must lead to.
#[derive(Debug, Clone, Copy)]
enum Expect {
    /// `fit`.
    Fit,
    /// A verdict with this exit code in which this finding failed.
    Finding(i32, &'static str),
    /// An error of this kind.
    Error(i32, &'static str),
}
use Expect::{Error, Finding, Fit};

/// A case: the fault, what comes of it, in at most so many seconds.
type Case = (&'static str, Expect, u64);

const QUICK: u64 = 5;
const WORK: u64 = 13;
const TOUCH: u64 = 15;

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Healthy, or only odd: nothing may be lost.
    ("none", Fit, QUICK),
    ("slow=5", Fit, WORK),
    ("non-canonical", Fit, QUICK),
    ("foreign-before", Fit, QUICK),
    ("foreign-within", Fit, QUICK),
    ("escape-info", Fit, QUICK),
    ("keepalive-flood=5/15@makecred", Fit, 30),
    ("keepalive-flood=5/2@getassertion", Fit, 15),

    // Before anything is known of the key.
    ("dead", Error(7, "key-misbehaved"), QUICK),
    ("wrong-nonce", Error(7, "key-misbehaved"), QUICK),
    ("silent@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("keepalive-forever@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("silent@retries", Error(7, "key-misbehaved"), QUICK),
    ("bad-seq@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("missing-packet@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("double-packet@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("short-bcnt@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("huge-bcnt@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("truncated-cbor@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("trailing-garbage@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("wrong-types@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("deep-cbor@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("huge-alloc@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("ctap-error=0x01@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("vanish@getinfo", Error(7, "key-misbehaved"), QUICK),
    ("truncated-cbor@retries", Error(7, "key-misbehaved"), QUICK),
    ("wrong-types@retries", Error(7, "key-misbehaved"), QUICK),

    // The PIN.
    ("wrong-types@keyagreement", Finding(7, "test-registration"), QUICK),
    ("silent@keyagreement", Finding(7, "test-registration"), WORK),
    ("wrong-types@pintoken", Finding(7, "test-registration"), QUICK),
    ("truncated-cbor@pintoken", Finding(7, "test-registration"), QUICK),
    ("silent@pintoken", Finding(7, "test-registration"), WORK),
    ("vanish@pintoken", Finding(7, "test-registration"), QUICK),
    ("ctap-error=0x31@pintoken", Error(5, "pin"), QUICK),
    ("ctap-error=0x32@pintoken", Error(5, "pin"), QUICK),
    ("ctap-error=0x34@pintoken", Error(5, "pin"), QUICK),
    ("ctap-error=0x35@pintoken", Error(5, "pin"), QUICK),
    ("ctap-error=0x37@pintoken", Error(5, "pin"), QUICK),
    ("ctap-error=0x36@pintoken", Finding(1, "test-registration"), QUICK),

    // The list of passkeys.
    ("silent@credmgmt", Finding(7, "stray-credentials"), WORK),
    ("keepalive-forever@credmgmt", Finding(7, "stray-credentials"), WORK),
    ("truncated-cbor@credmgmt", Finding(7, "stray-credentials"), QUICK),
    ("foreign-within@credmgmt", Fit, QUICK),
    ("vanish@credmgmt", Finding(7, "stray-credentials"), QUICK),

    // The registration.
    ("silent@makecred", Finding(7, "test-registration"), WORK),
    ("keepalive-forever@makecred", Finding(7, "test-registration"), TOUCH),
    ("bad-seq@makecred", Finding(7, "test-registration"), QUICK),
    ("missing-packet@makecred", Finding(7, "test-registration"), WORK),
    ("double-packet@makecred", Finding(7, "test-registration"), QUICK),
    ("short-bcnt@makecred", Finding(7, "test-registration"), QUICK),
    ("huge-bcnt@makecred", Finding(7, "test-registration"), QUICK),
    ("truncated-cbor@makecred", Finding(7, "test-registration"), QUICK),
    ("trailing-garbage@makecred", Finding(7, "test-registration"), QUICK),
    ("wrong-types@makecred", Finding(7, "test-registration"), QUICK),
    ("deep-cbor@makecred", Finding(7, "test-registration"), QUICK),
    ("huge-alloc@makecred", Finding(7, "test-registration"), QUICK),
    ("truncated-authdata@makecred", Finding(7, "test-registration"), QUICK),
    ("vanish@makecred", Finding(7, "test-registration"), QUICK),
    ("wrong-rpidhash@makecred", Finding(1, "test-registration"), QUICK),
    ("wrong-challenge@makecred", Finding(1, "test-registration"), QUICK),
    ("wrong-signature@makecred", Finding(1, "attestation"), QUICK),
    ("uv-flag-missing@makecred", Finding(1, "uv-proven"), QUICK),
    ("up-flag-missing@makecred", Finding(1, "test-registration"), QUICK),
    ("attestation-none", Finding(1, "attestation"), QUICK),
    ("no-x5c", Finding(1, "attestation"), QUICK),
    ("bad-x5c", Finding(1, "attestation"), QUICK),
    ("wrong-root", Finding(1, "attestation"), QUICK),
    ("cert-aaguid-mismatch", Finding(1, "aaguid-consistent"), QUICK),
    ("cert-aaguid-missing", Finding(1, "aaguid-consistent"), QUICK),
    ("ctap-error=0x27@makecred", Finding(1, "test-registration"), QUICK),
    ("ctap-error=0x2d@makecred", Finding(1, "test-registration"), QUICK),
    ("ctap-error=0x2f@makecred", Finding(1, "test-registration"), QUICK),
    ("ctap-error=0x36@makecred", Finding(1, "test-registration"), QUICK),
    ("ctap-error=0x39@makecred", Finding(1, "test-registration"), QUICK),
    ("ctap-error=0x3a@makecred", Finding(1, "test-registration"), QUICK),
    ("ctap-error=0xf7@makecred", Finding(1, "test-registration"), QUICK),

    // The assertion.
    ("silent@getassertion", Finding(7, "test-assertion"), WORK),
    ("bad-seq@getassertion", Finding(7, "test-assertion"), QUICK),
    ("truncated-authdata@getassertion", Finding(7, "test-assertion"), QUICK),
    ("wrong-types@getassertion", Finding(7, "test-assertion"), QUICK),
    ("vanish@getassertion", Finding(7, "test-assertion"), QUICK),
    ("wrong-signature@getassertion", Finding(1, "test-assertion"), QUICK),
    ("wrong-challenge@getassertion", Finding(1, "test-assertion"), QUICK),
    ("wrong-rpidhash@getassertion", Finding(1, "test-assertion"), QUICK),
    ("uv-flag-missing@getassertion", Finding(1, "uv-proven"), QUICK),
    ("up-flag-missing@getassertion", Finding(1, "test-assertion"), QUICK),
    ("ctap-error=0x2e@getassertion", Finding(1, "test-assertion"), QUICK),
];

#[test]
fn every_fault_is_told_right_in_time_and_costs_no_pin_attempt() {
    let home = tempfile::tempdir().unwrap();
    let policy = home.path().join("allowed.txt");
    std::fs::write(&policy, AAGUID).unwrap();
    let queue: Mutex<VecDeque<(usize, Case)>> = Mutex::new(CASES.iter().copied().enumerate().collect());
    let rows: Mutex<Vec<(usize, String, Vec<String>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        // Most cases wait for a silent key, so many can wait at a time.
        for _ in 0..12 {
            scope.spawn(|| {
                while let Some((number, case)) = { queue.lock().unwrap().pop_front() } {
                    let dir = home.path().join(number.to_string());
                    let (row, wrong) = run_case(&dir, &policy, case);
                    rows.lock().unwrap().push((number, row, wrong));
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort();
    println!("{:<36} {:>5} {:>7}  outcome", "fault", "exit", "s");
    rows.iter().for_each(|(_, row, _)| println!("{row}"));
    let wrong: Vec<_> = rows.into_iter().flat_map(|(_, _, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn run_case(dir: &Path, policy: &Path, (fault, expect, seconds): Case) -> (String, Vec<String>) {
    let mut create = glasskey();
    create.args(["soft", "create"]).arg(dir).args([
        "k",
        "--aaguid",
        AAGUID,
        "--pin",
        PIN,
        "--firmware",
        "5.7.4",
    ]);
    if fault != "none" {
        create.args(["--fault", fault]);
    }
    assert!(create.output().unwrap().status.success(), "{fault}: the key was not made");
    let mut check = glasskey();
    check.arg("--soft").arg(dir).args([
        "--pin-stdin",
        "--touch-timeout",
        "10",
        "--json",
        "check",
        "--policy",
    ]);
    if fault.starts_with("keepalive-flood") {
        check.args([policy.as_os_str(), "--touch-timeout".as_ref(), "30".as_ref()]);
    } else {
        check.arg(policy);
    }
    let began = Instant::now();
    let (exit, stdout, stderr) = answer(&mut check);
    let took = began.elapsed();
    let mut wrong = Vec::new();
    let mut expect_that = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{fault}: {what}\n  exit {exit}, {took:?}\n  {stdout}\n  {stderr}"));
        }
    };
    let document: Value = serde_json::from_str(&stdout).unwrap_or(Value::Null);
    let failed = |id: &str| {
        let findings = document["findings"].as_array();
        findings.is_some_and(|list| list.iter().any(|f| f["id"] == id && f["status"] == "fail"))
    };
    match expect {
        Fit => {
            expect_that(exit == 0, "exit 0");
            expect_that(document["verdict"] == "fit", "verdict fit");
        }
        Finding(code, id) => {
            expect_that(exit == code, &format!("exit {code}"));
            expect_that(document["verdict"] == "not-fit" && failed(id), &format!("not fit, {id} failed"));
        }
        Error(code, kind) => {
            expect_that(exit == code, &format!("exit {code}"));
            expect_that(document["error"]["kind"] == kind, &format!("an error of kind {kind}"));
        }
    }
    expect_that(took < Duration::from_secs(seconds), &format!("an end within {seconds} s"));
    expect_that(!stderr.contains("panicked"), "no panic");
    expect_that(retries(dir) == 8, "all PIN attempts left");
    let outcome = document["error"]["message"].as_str().or(document["verdict"].as_str()).unwrap_or("?");
    (format!("{fault:<36} {exit:>5} {:>7.2}  {outcome}", took.as_secs_f32()), wrong)
}

fn glasskey() -> Command {
    Command::new(env!("CARGO_BIN_EXE_glasskey"))
}

fn answer(command: &mut Command) -> (i32, String, String) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A run that ends before it asks for the PIN closes the pipe.
    let _ = writeln!(child.stdin.take().unwrap(), "{PIN}");
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// The attempts left, read from the same key without its fault.
fn retries(dir: &Path) -> u64 {
    let key = soft::list(dir).unwrap().remove(0).with_options(|options| options.faults.clear());
    let mut session =
        Session::open(key.open().unwrap(), Patience::default(), Cancel::default(), Box::new(|_| {})).unwrap();
    let protocol = session.info().unwrap().protocol().unwrap();
    session.retries(protocol).unwrap().left
}
