//! `check --second-client`: another client on the same key, in a child process. Whatever becomes of it, it ends in time,
//! what our own client found stays, and no PIN attempt is lost.

use std::fs;
use std::time::Duration;

use glasskey::soft::{Op, SoftKey};
use glasskey_hw_tests::catalogue::retries;
use glasskey_hw_tests::plug::{Counts, Plugged};
use rustix::process::Signal;
use serde_json::Value;

use crate::Test;
use crate::cases::TOUCH;
use crate::healthy::{status, text};
use crate::lab::{Lab, PIN_LINE, ensure, node, wait_for, with_fault};
use crate::process::{Job, Ran};

pub(crate) const TESTS: &[Test] = &[
    ("second client: a sound key", sound),
    ("second client: two keys", two),
    ("second client: it gets no PIN that is not proven", unproven),
    ("second client: it gets none of the last attempts", scarce),
    ("second client: it gets no PIN where the attempts cannot be read", unread),
    ("second client: Ctrl-C while it waits for a touch", interrupt),
    ("second client: faults", faults),
];

type Done = Result<String, String>;

const LIMIT: Duration = Duration::from_secs(60);
/// getInfo and PIN retries.
const QUICK: u64 = 5;
/// Other steps.
const WORK: u64 = 12;
/// The child hangs, and then the key does not answer our own client either.
const TWICE: u64 = WORK + QUICK;

/// What a fault must lead to: the finding's status, words of it, seconds. The fault strikes when our own client is done.
struct Fault(&'static str, &'static str, &'static str, u64);

const FAULTS: &[Fault] = &[
    // It hangs.
    Fault("silent@getinfo+1", "warn", "stuck at getInfo", QUICK),
    Fault("huge-bcnt@getinfo+1", "warn", "stuck at getInfo", QUICK),
    Fault("silent@retries+2*1", "warn", "stuck at getPINRetries", QUICK),
    Fault("silent@pintoken+2", "warn", "stuck at makeCredential", WORK),
    Fault("silent@makecred+1", "warn", "stuck at makeCredential", WORK),
    Fault("silent@getassertion+1", "warn", "stuck at getAssertion", WORK),
    // It crashes.
    Fault("truncated-authdata@makecred+1", "warn", "crashed at makeCredential", WORK),
    Fault("truncated-authdata@getassertion+1", "warn", "crashed at getAssertion", WORK),
    // It gives up.
    Fault("wrong-nonce@init+1*1", "warn", "gave up at INIT", QUICK),
    Fault("truncated-cbor@getinfo+1", "warn", "gave up at getInfo", QUICK),
    Fault("foreign-before@retries+2*1", "warn", "gave up at getPINRetries", QUICK),
    Fault("ctap-error=0x31@pintoken+2", "warn", "gave up at makeCredential", WORK),
    Fault("ctap-error=0x2e@getassertion+1", "warn", "gave up at getAssertion", WORK),
    // It reads another key, or what it made does not verify.
    Fault("foreign-before@getinfo+1", "fail", "reads the AAGUID", QUICK),
    Fault("uv-flag-missing@makecred+1", "fail", "registration does not verify", WORK),
    Fault("up-flag-missing@getassertion+1", "fail", "assertion does not verify", WORK),
    Fault("wrong-signature@makecred+1", "fail", "registration does not verify", WORK),
    Fault("wrong-challenge@getassertion+1", "fail", "assertion does not verify", WORK),
    // The key is gone, or says no more.
    Fault("vanish@makecred+1", "fail", "could not be read again", WORK),
    Fault("silent@retries+3", "fail", "could not be read again", TWICE),
    Fault("keepalive-forever@makecred+1", "fail", "could not be read again", TWICE),
    // All is well in spite of it.
    Fault("slow=2", "pass", "another client reads the same", WORK),
];

fn words(error: impl ToString) -> String {
    error.to_string()
}

fn job(lab: &Lab, rest: &[&str]) -> Job {
    let touch = TOUCH.to_string();
    let verb =
        ["check", "--second-client", "--no-passkeys", "--pin-stdin", "--json", "--touch-timeout", &touch];
    let policy = ["--policy", lab.policy()];
    lab.second_client(&[&verb[..], &policy, rest].concat()).limit(LIMIT)
}

/// One check of this key.
fn check(lab: &Lab, key: &SoftKey) -> Result<(Ran, Counts), String> {
    let plugged = Plugged::new(key, key.name()).map_err(words)?;
    let ran = job(lab, &["--key", &node(&plugged)]).input(PIN_LINE).run().map_err(words)?;
    ensure(!ran.hung && !ran.err.contains("panicked at"), || ran.brief())?;
    no_child()?;
    Ok((ran, plugged.counts()))
}

/// No child outlives its parent.
fn no_child() -> Result<(), String> {
    for entry in fs::read_dir("/proc").map_err(words)?.flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        ensure(!line.contains("__second-client"), || format!("a child lives on: {line}"))?;
    }
    Ok(())
}

/// The one finding that this is about.
fn finding(document: &Value) -> (String, String) {
    let mut findings = document["findings"].as_array().into_iter().flatten();
    let one = findings.find(|one| one["id"] == "second-client");
    one.map_or_else(Default::default, |one| (text(one, "/status"), text(one, "/saw")))
}

/// All other findings.
fn others(document: &Value) -> Vec<(String, String)> {
    let findings = document["findings"].as_array().into_iter().flatten();
    let others = findings.filter(|one| one["id"] != "second-client");
    others.map(|one| (text(one, "/id"), text(one, "/status"))).collect()
}

fn left(key: &SoftKey, wanted: u64) -> Result<(), String> {
    let left = retries(key).map_err(words)?;
    ensure(left == wanted, || format!("{left} PIN attempts left instead of {wanted}"))
}

fn sound(lab: &Lab) -> Done {
    let key = lab.key("second-sound").map_err(words)?;
    let (ran, counts) = check(lab, &key)?;
    let said = ran.expect(0)?.json()?;
    let (status, saw) = finding(&said);
    ensure(status == "pass", || format!("{status}: {saw}"))?;
    ensure(counts.command(Op::MakeCred) == 2 && counts.command(Op::GetAssertion) == 2, || {
        format!("{counts:?}")
    })?;
    left(&key, 8)?;
    Ok(saw)
}

fn two(lab: &Lab) -> Done {
    let keys = [lab.key("second-one").map_err(words)?, lab.key("second-two").map_err(words)?];
    let plugged: Vec<_> =
        keys.iter().map(|key| Plugged::new(key, key.name())).collect::<Result<_, _>>().map_err(words)?;
    let ran = job(lab, &["--all"]).input(&PIN_LINE.repeat(2)).run().map_err(words)?.expect(0)?;
    let said = ran.json()?;
    let checks: Vec<_> = said["checks"].as_array().into_iter().flatten().map(finding).collect();
    ensure(checks.len() == 2 && checks.iter().all(|(status, _)| status == "pass"), || format!("{checks:?}"))?;
    let used = plugged.iter().all(|plugged| plugged.counts().command(Op::MakeCred) == 2);
    ensure(used, || "one key was used for the other".to_owned())?;
    drop(plugged);
    keys.iter().try_for_each(|key| left(key, 8))?;
    Ok(format!("{:.1} s", ran.took.as_secs_f32()))
}

fn unproven(lab: &Lab) -> Done {
    let key = lab.key("second-wrong-pin").map_err(words)?;
    let plugged = Plugged::new(&key, key.name()).map_err(words)?;
    job(lab, &[]).input("000000\n").run().map_err(words)?.expect(5)?;
    let counts = plugged.counts();
    ensure(counts.command(Op::PinToken) == 1 && counts.command(Op::Init) == 1, || format!("{counts:?}"))?;
    drop(plugged);
    left(&key, 7)?;
    // Our own registration fails, the PIN is good: still nothing for the other client.
    let key = with_fault(lab.key("second-ours-failed").map_err(words)?, "ctap-error=0x27@makecred")
        .map_err(words)?;
    let (ran, counts) = check(lab, &key)?;
    let (status, saw) = finding(&ran.expect(1)?.json()?);
    ensure(status == "skipped" && counts.command(Op::Init) == 1, || format!("{status}: {saw}; {counts:?}"))?;
    left(&key, 8)?;
    Ok(format!("one attempt by our own client, none by the other; {saw}"))
}

fn scarce(lab: &Lab) -> Done {
    let key = lab.key("second-scarce").map_err(words)?;
    for _ in 0..5 {
        // A key takes three wrong PINs, and then wants its plug pulled.
        let _plugged = Plugged::new(&key, key.name()).map_err(words)?;
        lab.glasskey(&["pin", "verify", "--pin-stdin"]).input("000000\n").run().map_err(words)?.expect(5)?;
    }
    left(&key, 3)?;
    let (ran, counts) = check(lab, &key)?;
    let kind = text(&ran.expect(5)?.json()?, "/error/kind");
    ensure(kind == "pin" && counts.command(Op::PinToken) == 0, || format!("{kind}; {counts:?}"))?;
    left(&key, 3)?;
    Ok("three left: no PIN was sent by anybody".to_owned())
}

fn unread(lab: &Lab) -> Done {
    let mut told = String::new();
    for (number, fault) in ["silent@retries+1", "ctap-error=0x7f@retries+1"].iter().enumerate() {
        let key =
            with_fault(lab.key(&format!("second-unread-{number}")).map_err(words)?, fault).map_err(words)?;
        let (ran, counts) = check(lab, &key)?;
        ensure(ran.took < Duration::from_secs(QUICK), || format!("{:?}", ran.took))?;
        let said = ran.expect(7)?.json()?;
        let (is, saw) = finding(&said);
        ensure(is == "fail" && status(&said, "test-assertion") == "pass", || {
            format!("{fault}: {is}: {saw}")
        })?;
        ensure(counts.command(Op::Init) == 1 && counts.command(Op::PinToken) == 2, || format!("{counts:?}"))?;
        left(&key, 8)?;
        told = saw;
    }
    Ok(told)
}

fn interrupt(lab: &Lab) -> Done {
    let key = lab.key("second-interrupt").map_err(words)?;
    let key = key.with_options(|options| options.touch_delay_ms = 2000);
    let plugged = Plugged::new(&key, key.name()).map_err(words)?;
    let running = job(lab, &[]).input(PIN_LINE).start().map_err(words)?;
    wait_for(Duration::from_secs(30), || plugged.counts().command(Op::MakeCred) == 2)?;
    let before = plugged.counts().keepalives;
    wait_for(Duration::from_secs(5), || plugged.counts().keepalives > before)?;
    let pressed = std::time::Instant::now();
    running.signal(Signal::INT).map_err(words)?;
    running.end().map_err(words)?.expect(130)?;
    let after = pressed.elapsed();
    ensure(after < Duration::from_secs(3), || format!("{after:?} after Ctrl-C"))?;
    no_child()?;
    let counts = plugged.counts();
    ensure(counts.cancels == 1, || format!("the key saw {} CTAPHID_CANCEL", counts.cancels))?;
    lab.glasskey(&["info"]).run().map_err(words)?.expect(0)?;
    drop(plugged);
    left(&key, 8)?;
    Ok(format!("exit 130 {:.1} s after, the child is gone, the key is free", after.as_secs_f32()))
}

fn faults(lab: &Lab) -> Done {
    let (ran, _) = check(lab, &lab.key("second-good").map_err(words)?)?;
    let good = others(&ran.expect(0)?.json()?);
    let mut wrong = Vec::new();
    for (number, fault) in FAULTS.iter().enumerate() {
        let Fault(spec, ..) = fault;
        let told = one(lab, &format!("second-fault-{number}"), fault, &good);
        let (word, words) = match &told {
            Ok(words) => ("pass", words),
            Err(words) => ("FAIL", words),
        };
        println!("  {word} {spec}: {words}");
        wrong.extend(told.err().map(|why| format!("{spec}: {why}")));
    }
    ensure(wrong.is_empty(), || wrong.join("; "))?;
    Ok(format!("{} faults, our own findings stay, no PIN attempt lost, no child left", FAULTS.len()))
}

fn one(lab: &Lab, name: &str, fault: &Fault, good: &[(String, String)]) -> Done {
    let Fault(spec, wanted, saw, bound) = fault;
    let key = with_fault(lab.key(name).map_err(words)?, spec).map_err(words)?;
    let (ran, counts) = check(lab, &key)?;
    let took = ran.took;
    ensure(took <= Duration::from_secs(*bound), || format!("{took:?}"))?;
    let said = ran.json()?;
    let (is, told) = finding(&said);
    ensure(is == *wanted && told.contains(saw), || format!("{is}: {told}"))?;
    // A key that our own client cannot read any more misbehaves; one that the other contradicts is not fit.
    let exit = match *wanted {
        "fail" if told.contains("could not be read") => 7,
        "fail" => 1,
        _ => 0,
    };
    ensure(ran.code == Some(exit), || format!("exit {:?} instead of {exit}: {told}", ran.code))?;
    ensure(others(&said) == good, || "our own findings changed".to_owned())?;
    // Two tokens are ours. Who reads another key sends no PIN.
    let sent = counts.command(Op::PinToken) - 2;
    ensure(sent <= 2 && (sent == 0 || *bound != QUICK), || format!("it sent the PIN {sent} times"))?;
    left(&key, 8)?;
    Ok(format!("{:.1} s of {bound}, {told}", took.as_secs_f32()))
}
