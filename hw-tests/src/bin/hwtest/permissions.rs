//! udev, and who may open a key. Rules are real, udevd is real, ACLs are real; a file stands for logind's seat.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use glasskey_hw_tests::plug::{Plugged, node_of};
use glasskey_hw_tests::uhid::{Identity, NO_KEY, Uhid};

use crate::healthy::text;
use crate::lab::{CUSTODIAN, Lab, PIN_LINE, ensure, node};
use crate::process::Job;
use crate::{Outcome, Test};

pub(crate) const TESTS: &[Test] = &[
    ("permissions: plain user, no rule", |lab| without(lab).into()),
    ("permissions: plain user, the project's rule", |lab| with_rule(lab)),
    ("permissions: plain user, Debian's own rules", |lab| debian(lab).into()),
];

/// systemd's own rule that opens security tokens to the person at the seat; not every version has it. What finds them,
/// `60-fido-id.rules`, stays on.
const DEBIANS: &str = "70-uaccess.rules";
const OURS: &str = "70-glasskey.rules";
const NOBODY: u32 = 65534;

fn words(error: impl ToString) -> String {
    error.to_string()
}

/// What logind writes when the custodian sits at the machine. There is no logind in the guest.
fn seat() -> Result<(), String> {
    fs::create_dir_all("/run/systemd/seats").map_err(words)?;
    let text = format!(
        "IS_SEAT0=1\nCAN_MULTI_SESSION=1\nACTIVE=c1\nACTIVE_UID={CUSTODIAN}\nSESSIONS=c1\nUIDS={CUSTODIAN}\n"
    );
    fs::write("/run/systemd/seats/seat0", text).map_err(words)
}

/// Switches rules on and off, as an administrator does.
fn rules(debians: bool, ours: Option<&Path>) -> Result<(), String> {
    seat()?;
    let dir = Path::new("/etc/udev/rules.d");
    fs::create_dir_all(dir).map_err(words)?;
    let _ = fs::remove_file(dir.join(DEBIANS));
    let _ = fs::remove_file(dir.join(OURS));
    if !debians {
        symlink("/dev/null", dir.join(DEBIANS)).map_err(words)?;
    }
    if let Some(ours) = ours {
        fs::copy(ours, dir.join(OURS)).map_err(words)?;
    }
    settle(&["control", "--reload"])
}

fn settle(before: &[&str]) -> Result<(), String> {
    Job::new("udevadm", before).run().map_err(words)?.expect(0)?;
    Job::new("udevadm", &["settle", "--timeout=20"]).run().map_err(words)?.expect(0)?;
    Ok(())
}

fn plug(lab: &Lab, name: &str) -> Result<Plugged, String> {
    let plugged = Plugged::new(&lab.key(name).map_err(words)?, name).map_err(words)?;
    settle(&["settle", "--timeout=20"])?;
    Ok(plugged)
}

fn without(lab: &Lab) -> Result<String, String> {
    rules(false, None)?;
    let plugged = plug(lab, "no-rule")?;
    let said = lab.glasskey(&["keys", "--json"]).user(CUSTODIAN).run().map_err(words)?.expect(4)?.json()?;
    ensure(said.pointer("/keys/0/openable") == Some(&false.into()), || {
        format!("not said to be closed: {said}")
    })?;
    ensure(text(&said, "/keys/0/reason").contains("may not open"), || format!("no reason: {said}"))?;
    for verb in [
        &["keys"][..],
        &["info"],
        &["check", "--pin-stdin"],
        &["pin", "status"],
        &["check", "--all", "--pin-stdin"],
    ] {
        let ran = lab.glasskey(verb).user(CUSTODIAN).input(PIN_LINE).run().map_err(words)?.expect(4)?;
        let cure = format!("{}{}", ran.out, ran.err);
        ensure(cure.contains("70-glasskey.rules"), || format!("{verb:?} names no cure: {cure}"))?;
    }
    let ran = lab.glasskey(&["doctor"]).user(CUSTODIAN).run().map_err(words)?;
    ensure(ran.code != Some(0) && ran.out.contains("rule"), || {
        format!("doctor is content: {}", ran.brief())
    })?;
    let counts = plugged.counts();
    ensure(counts.packets_in == 0, || format!("the key heard something: {counts:?}"))?;
    lab.glasskey(&["keys"]).run().map_err(words)?.expect(0)?;
    Ok(format!("exit 4 and the cure; doctor exits {:?}; root reads it", ran.code))
}

fn with_rule(lab: &Lab) -> Outcome {
    let ours = PathBuf::from("/tmp/host").join(OURS);
    if !ours.exists() {
        return Outcome::Skip("the tree has no udev/70-glasskey.rules".to_owned());
    }
    granted(lab, "our-rule", false, Some(&ours)).into()
}

fn debian(lab: &Lab) -> Result<String, String> {
    granted(lab, "debians-rule", true, None)
}

fn granted(lab: &Lab, name: &str, debians: bool, ours: Option<&Path>) -> Result<String, String> {
    rules(debians, ours)?;
    let plugged = plug(lab, name)?;
    let path = node(&plugged);
    let said = Job::new("udevadm", &["info", "--query=all", &path]).run().map_err(words)?.expect(0)?.out;
    let tagged = said.lines().any(|line| line.starts_with("E: TAGS=") && line.contains(":uaccess:"));
    ensure(tagged, || format!("no tag uaccess: {said}"))?;
    let acl = Job::new("getfacl", &["-p", &path]).run().map_err(words)?.expect(0)?.out;
    ensure(acl.lines().any(|line| line == "user:custodian:rw-"), || format!("no ACL: {acl}"))?;
    for verb in [&["keys"][..], &["info"], &["pin", "verify", "--pin-stdin"]] {
        lab.glasskey(verb).user(CUSTODIAN).input(PIN_LINE).run().map_err(words)?.expect(0)?;
    }
    // Only for whom sits there, and only keys.
    lab.glasskey(&["keys"]).user(NOBODY).run().map_err(words)?.expect(4)?;
    let mode = fs::metadata(&path).map_err(words)?.mode();
    ensure(mode & 0o007 == 0, || format!("open to everybody: {mode:o}"))?;
    let identity = Identity {
        name: "No Key".to_owned(),
        uniq: format!("no-key-{name}"),
        vendor: 0x1209,
        product: 1,
        descriptor: NO_KEY,
    };
    let other = Uhid::create(&identity).map_err(words)?;
    let closed = node_of(&identity.uniq).map_err(words)?.display().to_string();
    settle(&["settle", "--timeout=20"])?;
    let opened =
        Job::new("dd", &[&format!("if={closed}"), "count=0"]).user(CUSTODIAN).run().map_err(words)?;
    drop(other);
    ensure(opened.code != Some(0), || "the rule opens a HID device that is no key".to_owned())?;
    Ok("tag uaccess, ACL for the person at the seat, nobody else, no other HID device".to_owned())
}
