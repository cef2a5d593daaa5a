//! `hwtest uhidkey`, the tool for whoever looks at something by hand in the guest.

use std::time::Duration;

use glasskey::soft::Op;
use serde_json::Value;

use crate::Test;
use crate::healthy::text;
use crate::lab::{Lab, PIN, PIN_LINE, ensure};
use crate::process::{Job, Talk};

pub(crate) const TESTS: &[Test] = &[("uhidkey: two keys", two), ("uhidkey: one on USB", usb)];

type Done = Result<String, String>;

const LIMIT: Duration = Duration::from_secs(20);
const MODEL: &str = "12345678-0000-4000-8000-000000000000";

fn words(error: impl ToString) -> String {
    error.to_string()
}

/// Its answer to a command; without one, what it says of itself.
fn said(talk: &mut Talk, command: Option<&str>) -> Result<Value, String> {
    command.map_or(Ok(()), |command| talk.say(command))?;
    serde_json::from_str(&talk.line(LIMIT)?).map_err(words)
}

/// A count of the first key.
fn count(said: &Value, name: &str) -> u64 {
    said.pointer("/keys/0/counts")
        .and_then(|counts| counts.pointer(name))
        .and_then(Value::as_u64)
        .unwrap_or(0)
}

fn two(lab: &Lab) -> Done {
    let arguments = ["--count", "2", "--vid", "20a0", "--pid", "42b1", "--name", "A\\eB", "--aaguid", MODEL];
    let more = [
        "--firmware",
        "4.5.6",
        "--pin",
        PIN,
        "--touch-delay-ms",
        "300",
        "--fault",
        "slow=2",
        "--state",
        "/tmp/uhidkey",
        "--catalogue",
        "/tmp/uhidkey-catalogue",
    ];
    let mut talk =
        Job::new("hwtest", &[&["uhidkey"], &arguments[..], &more].concat()).talk().map_err(words)?;
    let plugged = said(&mut talk, None)?;
    let listed = lab.glasskey(&["keys", "--json"]).run().map_err(words)?.expect(0)?.json()?;
    for at in 0..2 {
        let key = &listed["keys"][at];
        ensure(text(key, "/path") == text(&plugged, &format!("/keys/{at}/node")), || format!("{listed}"))?;
        ensure(text(key, "/aaguid") == MODEL && key["vendor_id"] == 0x20a0, || format!("{listed}"))?;
    }
    let path = text(&plugged, "/keys/0/node");
    let glasskey = |rest: &[&str]| {
        Job::new("glasskey", &[rest, &["--catalogue", "/tmp/uhidkey-catalogue", "--key", &path]].concat())
    };
    let check = ["check", "--no-passkeys", "--pin-stdin", "--json"];
    glasskey(&check).input(PIN_LINE).run().map_err(words)?.expect(0)?;
    let stats = said(&mut talk, Some("stats"))?;
    ensure(count(&stats, "/commands/makecred") == 1 && count(&stats, "/keepalives") > 3, || {
        format!("{stats}")
    })?;
    ensure(count(&stats, "/packets_in") > 10 && count(&stats, "/cancels") == 0, || format!("{stats}"))?;
    ensure(said(&mut talk, Some("fault virtual-1 nonsense"))?["error"].is_string(), || {
        "no error".to_owned()
    })?;
    said(&mut talk, Some("fault virtual-1 -"))?;
    said(&mut talk, Some("fault virtual-1 silent@retries"))?;
    said(&mut talk, Some("unplug virtual-2"))?;
    said(&mut talk, Some("plug virtual-1"))?;
    lab.glasskey(&["info"]).run().map_err(words)?.expect(7)?;
    ensure(said(&mut talk, Some("quit"))?["keys"][1]["node"].is_null(), || "not unplugged".to_owned())?;
    Ok(format!("flags, commands and counts ({})", Op::ALL.len()))
}

fn usb(lab: &Lab) -> Done {
    let mut talk = Job::new("hwtest", &["uhidkey", "--usb", "--pin", PIN, "--state", "/tmp/uhidkey-usb"])
        .talk()
        .map_err(words)?;
    let node = text(&said(&mut talk, None)?, "/keys/0/node");
    for verb in [
        &["keys"][..],
        &["info"],
        &["pin", "verify", "--pin-stdin"],
        &["check", "--pin-stdin", "--policy", lab.policy()],
    ] {
        let ran = lab.glasskey(&[verb, &["--json"]].concat()).input(PIN_LINE).run().map_err(words)?;
        // Another CA than the lab's made it, so it is no fit one.
        let code = if verb.contains(&"check") { 1 } else { 0 };
        let found = ran.expect(code)?.json()?.to_string();
        ensure(verb.contains(&"pin") || found.contains(&node), || format!("{node} is not in {found}"))?;
        ensure(verb != ["keys"] || found.contains("Virtual Key"), || found.clone())?;
    }
    said(&mut talk, Some("unplug virtual-1"))?;
    lab.glasskey(&["keys"]).run().map_err(words)?.expect(3)?;
    said(&mut talk, Some("quit"))?;
    Ok("usbhid, hidraw and the USB strings".to_owned())
}
