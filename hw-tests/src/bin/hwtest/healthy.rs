//! Sound keys: every verb, unplugging in the middle, Ctrl-C, another program on the same key.

use std::time::Duration;

use glasskey::soft::{Op, Touch};
use glasskey_hw_tests::catalogue::{AAGUID, VENDOR, retries};
use glasskey_hw_tests::plug::Plugged;
use rustix::process::Signal;
use serde_json::Value;

use crate::Test;
use crate::lab::{Lab, PIN_LINE, ensure, node, wait_for, with_fault};
use crate::process::Job;

pub(crate) const TESTS: &[Test] = &[
    ("no key", no_key),
    ("keys", keys),
    ("info", info),
    ("check", check),
    ("check --no-touch", no_touch),
    ("pin set, verify, change, status", pin),
    ("wrong PIN, once", wrong_pin),
    ("product name with escape sequences", hostile_name),
    ("unplug while it waits for a touch", unplug),
    ("Ctrl-C while it waits for a touch", |lab| interrupt(lab, "check", true)),
    ("Ctrl-C while a key is silent (info)", |lab| interrupt(lab, "info", false)),
    ("another program on the same key", company),
];

type Done = Result<String, String>;

pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn words(error: impl ToString) -> String {
    error.to_string()
}

fn no_key(lab: &Lab) -> Done {
    for verb in ["keys", "info", "check"] {
        lab.glasskey(&[verb]).run().map_err(words)?.expect(3)?;
    }
    Ok(String::new())
}

fn keys(lab: &Lab) -> Done {
    let plugged = Plugged::new(&lab.key("keys").map_err(words)?, "keys").map_err(words)?;
    let said = lab.glasskey(&["keys", "--json"]).run().map_err(words)?.expect(0)?.json()?;
    ensure(text(&said, "/keys/0/path") == node(&plugged), || format!("another path: {said}"))?;
    ensure(text(&said, "/keys/0/aaguid") == AAGUID.to_string(), || format!("another AAGUID: {said}"))?;
    ensure(text(&said, "/keys/0/vendor") == VENDOR, || format!("another vendor: {said}"))?;
    ensure(text(&said, "/keys/0/product") == "Virtual Key", || format!("another product: {said}"))?;
    lab.glasskey(&["keys"]).run().map_err(words)?.expect(0)?;
    Ok(String::new())
}

fn info(lab: &Lab) -> Done {
    let plugged = Plugged::new(&lab.key("info").map_err(words)?, "info").map_err(words)?;
    let ran = lab.glasskey(&["info", "--json"]).run().map_err(words)?.expect(0)?;
    let said = ran.json()?;
    ensure(text(&said, "/model/name") == "Virtual Key", || format!("another model: {said}"))?;
    ensure(said.pointer("/key/retries/left") == Some(&8.into()), || format!("another count: {said}"))?;
    let counts = plugged.counts();
    ensure(counts.transactions == 3, || {
        format!("more transactions than INIT, getInfo, retries: {counts:?}")
    })?;
    Ok(format!(
        "{} transactions, {} + {} packets, {:.1} s",
        3,
        counts.packets_in,
        counts.packets_out,
        ran.took.as_secs_f32()
    ))
}

fn check(lab: &Lab) -> Done {
    let key = lab.key("check").map_err(words)?;
    let plugged = Plugged::new(&key, "check").map_err(words)?;
    let ran = lab.glasskey(&["check", "--pin-stdin", "--json", "--policy", lab.policy()]).input(PIN_LINE);
    let ran = ran.run().map_err(words)?.expect(0)?;
    let said = ran.json()?;
    let bad: Vec<_> =
        said["findings"].as_array().into_iter().flatten().filter(|one| one["status"] == "fail").collect();
    ensure(bad.is_empty(), || format!("findings that fail: {bad:?}"))?;
    for id in ["attestation", "uv-proven", "test-registration", "test-assertion"] {
        ensure(status(&said, id) == "pass", || format!("{id} is {}", status(&said, id)))?;
    }
    let counts = plugged.counts();
    drop(plugged);
    ensure(retries(&key).map_err(words)? == 8, || "a PIN attempt was lost".to_owned())?;
    let verdict = text(&said, "/verdict");
    Ok(format!(
        "{verdict}; {:.1} s, {} transactions, {} + {} packets",
        ran.took.as_secs_f32(),
        counts.transactions,
        counts.packets_in,
        counts.packets_out
    ))
}

/// A finding's status.
pub(crate) fn status(check: &Value, id: &str) -> String {
    let findings = check["findings"].as_array().into_iter().flatten();
    findings.filter(|one| one["id"] == id).map(|one| text(one, "/status")).next().unwrap_or_default()
}

fn no_touch(lab: &Lab) -> Done {
    let plugged = Plugged::new(&lab.key("no-touch").map_err(words)?, "no-touch").map_err(words)?;
    let ran = lab.glasskey(&["check", "--no-touch", "--json"]).run().map_err(words)?;
    let said = ran.json()?;
    ensure(status(&said, "test-registration") == "skipped", || format!("not skipped: {said}"))?;
    let counts = plugged.counts();
    ensure(counts.command(Op::MakeCred) + counts.command(Op::PinToken) == 0, || format!("{counts:?}"))?;
    Ok(format!("exit {:?}", ran.code))
}

fn pin(lab: &Lab) -> Done {
    let key = lab.blank_key("pin").map_err(words)?;
    let plugged = Plugged::new(&key, "pin").map_err(words)?;
    let run = |arguments: &[&str], input: &str, code| -> Result<Value, String> {
        let all = [&["pin"], arguments, &["--json", "--pin-stdin"]].concat();
        lab.glasskey(&all).input(input).run().map_err(words)?.expect(code)?.json()
    };
    ensure(run(&["status"], "", 0)?["pin_set"] == false, || "a PIN on a blank key".to_owned())?;
    ensure(text(&run(&["verify"], PIN_LINE, 5)?, "/error/kind") == "pin", || "no PIN error".to_owned())?;
    run(&["set"], "135790\n", 0)?;
    run(&["set"], "135790\n", 5)?;
    ensure(run(&["status"], "", 0)?["retries"] == 8, || "not 8 attempts".to_owned())?;
    ensure(run(&["verify"], "135790\n", 0)?["retries"] == 8, || "not 8 attempts".to_owned())?;
    run(&["change"], "135790\n482913\n", 0)?;
    run(&["verify"], PIN_LINE, 0)?;
    drop(plugged);
    ensure(retries(&key).map_err(words)? == 8, || "a PIN attempt was lost".to_owned())?;
    Ok(String::new())
}

fn wrong_pin(lab: &Lab) -> Done {
    let key = lab.key("wrong-pin").map_err(words)?;
    let plugged = Plugged::new(&key, "wrong-pin").map_err(words)?;
    lab.glasskey(&["pin", "verify", "--pin-stdin", "--json"])
        .input("000000\n")
        .run()
        .map_err(words)?
        .expect(5)?;
    let counts = plugged.counts();
    ensure(counts.command(Op::PinToken) == 1, || format!("tried more than once: {counts:?}"))?;
    drop(plugged);
    let left = retries(&key).map_err(words)?;
    ensure(left == 7, || format!("{left} left instead of 7"))?;
    Ok("one attempt, one retry".to_owned())
}

fn hostile_name(lab: &Lab) -> Done {
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2JKey\u{202e}";
    let key = lab.key("hostile").map_err(words)?;
    let key = key.with_options(|options| options.product = Some(hostile.to_owned()));
    let key = with_fault(key, "escape-info").map_err(words)?;
    let _plugged = Plugged::new(&key, "hostile").map_err(words)?;
    for verb in
        [&["keys"][..], &["keys", "--json"], &["info"], &["info", "--json"], &["check", "--pin-stdin"]]
    {
        let ran = lab.glasskey(verb).input(PIN_LINE).run().map_err(words)?;
        ensure(!ran.hung && !ran.err.contains("panicked"), || ran.brief())?;
        let raw = |text: &str| text.contains('\u{1b}') || text.contains('\u{7}') || text.contains('\u{202e}');
        // JSON may carry U+202E as it is; control characters it may not.
        let json = verb.contains(&"--json");
        let bad =
            if json { ran.out.contains('\u{1b}') || raw(&ran.err) } else { raw(&ran.out) || raw(&ran.err) };
        ensure(!bad, || format!("{verb:?} prints it raw: {}", ran.brief()))?;
    }
    Ok(String::new())
}

fn unplug(lab: &Lab) -> Done {
    let key = lab.key("unplug").map_err(words)?.with_options(|options| options.touch = Touch::Never);
    let mut plugged = Plugged::new(&key, "unplug").map_err(words)?;
    let job =
        lab.glasskey(&["check", "--pin-stdin", "--json"]).input(PIN_LINE).limit(Duration::from_secs(40));
    let running = job.start().map_err(words)?;
    wait_for(Duration::from_secs(20), || {
        plugged.counts().command(Op::MakeCred) == 1 && plugged.counts().keepalives > 0
    })?;
    let pulled = std::time::Instant::now();
    plugged.unplug();
    let ran = running.end().map_err(words)?.expect(7)?;
    let after = pulled.elapsed();
    ensure(after < Duration::from_secs(3), || format!("{after:?} after the plug was pulled"))?;
    let said = ran.json()?;
    ensure(status(&said, "test-registration") == "fail", || format!("{said}"))?;
    ensure(retries(&key).map_err(words)? == 8, || "a PIN attempt was lost".to_owned())?;
    Ok(format!("exit 7 {:.1} s after", after.as_secs_f32()))
}

/// Ctrl-C: 130, and the key was told.
fn interrupt(lab: &Lab, verb: &str, touch: bool) -> Done {
    let name = format!("interrupt-{verb}");
    let key = lab.key(&name).map_err(words)?;
    let key = if touch {
        key.with_options(|options| options.touch = Touch::Never)
    } else {
        with_fault(key, "keepalive-forever@getinfo").map_err(words)?
    };
    let plugged = Plugged::new(&key, &name).map_err(words)?;
    let job = lab.glasskey(&[verb, "--pin-stdin", "--json"]).input(PIN_LINE).limit(Duration::from_secs(40));
    let running = job.start().map_err(words)?;
    let op = if touch { Op::MakeCred } else { Op::GetInfo };
    wait_for(Duration::from_secs(20), || {
        plugged.counts().command(op) == 1 && plugged.counts().keepalives > 2
    })?;
    let pressed = std::time::Instant::now();
    running.signal(Signal::INT).map_err(words)?;
    running.end().map_err(words)?.expect(130)?;
    let after = pressed.elapsed();
    ensure(after < Duration::from_secs(3), || format!("{after:?} after Ctrl-C"))?;
    let counts = plugged.counts();
    ensure(counts.cancels == 1, || format!("the key saw {} CTAPHID_CANCEL", counts.cancels))?;
    if touch {
        // The key is free at once.
        lab.glasskey(&["info"]).run().map_err(words)?.expect(0)?;
    }
    drop(plugged);
    ensure(retries(&key).map_err(words)? == 8, || "a PIN attempt was lost".to_owned())?;
    Ok(format!("exit 130 {:.1} s after, CTAPHID_CANCEL seen", after.as_secs_f32()))
}

/// `fido2-token -I` in a loop, twice, while `glasskey` works on the same key. hidraw shows every reader every report.
fn company(lab: &Lab) -> Done {
    let key = lab.key("company").map_err(words)?;
    let plugged = Plugged::new(&key, "company").map_err(words)?;
    let path = node(&plugged);
    let script = format!("while :; do fido2-token -I {path} >/dev/null 2>&1; done");
    let other = || Job::new("timeout", &["60", "bash", "-c", &script]).start();
    let others = [other().map_err(words)?, other().map_err(words)?];
    let mut wrong = Vec::new();
    for _ in 0..4 {
        let ran =
            lab.glasskey(&["check", "--pin-stdin", "--json", "--policy", lab.policy()]).input(PIN_LINE).run();
        wrong.extend(ran.map_err(words)?.expect(0).err());
        let ran =
            lab.glasskey(&["info", "--json"]).run().map_err(words)?.expect(0).and_then(|ran| ran.json());
        match ran {
            Ok(said) if said.pointer("/key/retries/left") == Some(&8.into()) => {}
            Ok(said) => wrong.push(format!("another count: {said}")),
            Err(error) => wrong.push(error),
        }
    }
    for other in others {
        other.signal(Signal::TERM).map_err(words)?;
        let _ = other.end();
    }
    let foreign = plugged.counts().command(Op::Init);
    drop(plugged);
    ensure(wrong.is_empty(), || wrong.join("; "))?;
    ensure(foreign > 20, || format!("the others opened only {foreign} channels"))?;
    ensure(retries(&key).map_err(words)? == 8, || "a PIN attempt was lost".to_owned())?;
    Ok(format!("8 runs, {} channels opened by others meanwhile", foreign - 8))
}
