//! udev, and who may open a key. Rules are real, udevd is real, ACLs are real; a file stands for logind's seat.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use glasskey::soft::SoftKey;
use glasskey_hw_tests::plug::{Plugged, node_of};
use glasskey_hw_tests::uhid::{Identity, NO_KEY, Uhid};

use crate::Test;
use crate::healthy::text;
use crate::lab::{CUSTODIAN, Lab, PIN_LINE, ensure, node};
use crate::process::Job;

pub(crate) const TESTS: &[Test] = &[
    ("permissions: plain user, no rule", without),
    ("permissions: plain user, the project's rule", |lab| granted(lab, "our-rule", &[DEBIANS], Some(OURS))),
    ("permissions: plain user, Debian's own rules", |lab| granted(lab, "debians-rule", &[], None)),
    ("permissions: plain user, the project's rule, USB", |lab| on_usb(lab, "our-rule-usb", &[DEBIANS], OURS)),
    ("permissions: plain user, no fido_id, the project's list, USB", |lab| {
        on_usb(lab, "our-list-usb", &[DEBIANS, FIDO_ID], LIST)
    }),
    ("permissions: plain user, no fido_id, the project's list, a key that is not listed", not_listed),
];

/// systemd's own rule that opens security tokens to the person at the seat; not every version has it.
const DEBIANS: &str = "70-uaccess.rules";
/// What finds them.
const FIDO_ID: &str = "60-fido-id.rules";
const OURS: &str = "70-glasskey.rules";
const LIST: &str = "70-glasskey-usb-ids.rules";
const NOBODY: u32 = 65534;

type Done = Result<String, String>;

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

/// Switches rules of Debian off and one of the project on, as an administrator does.
fn rules(off: &[&str], ours: Option<&str>) -> Result<(), String> {
    seat()?;
    let dir = Path::new("/etc/udev/rules.d");
    fs::create_dir_all(dir).map_err(words)?;
    for rule in [DEBIANS, FIDO_ID, OURS, LIST] {
        let _ = fs::remove_file(dir.join(rule));
        if off.contains(&rule) {
            symlink("/dev/null", dir.join(rule)).map_err(words)?;
        }
    }
    if let Some(ours) = ours {
        fs::copy(PathBuf::from("/tmp/host/udev").join(ours), dir.join(ours)).map_err(words)?;
    }
    settle(&["control", "--reload"])
}

fn settle(before: &[&str]) -> Result<(), String> {
    Job::new("udevadm", before).run().map_err(words)?.expect(0)?;
    Job::new("udevadm", &["settle", "--timeout=20"]).run().map_err(words)?.expect(0)?;
    Ok(())
}

fn plug(plugged: std::io::Result<Plugged>) -> Result<Plugged, String> {
    let plugged = plugged.map_err(words)?;
    settle(&["settle", "--timeout=20"])?;
    Ok(plugged)
}

fn without(lab: &Lab) -> Done {
    rules(&[DEBIANS], None)?;
    let plugged = plug(Plugged::new(&lab.key("no-rule").map_err(words)?, "no-rule"))?;
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
        ensure(cure.contains(OURS), || format!("{verb:?} names no cure: {cure}"))?;
    }
    doctor(lab, "warn", OURS)?;
    let counts = plugged.counts();
    ensure(counts.packets_in == 0, || format!("the key heard something: {counts:?}"))?;
    lab.glasskey(&["keys"]).run().map_err(words)?.expect(0)?;
    Ok("exit 4 and the cure, and so says doctor; root reads it".to_owned())
}

/// What `doctor` makes of the rules, and which rule it names.
fn doctor(lab: &Lab, status: &str, rule: &str) -> Result<(), String> {
    let said = lab.glasskey(&["doctor", "--json"]).user(CUSTODIAN).run().map_err(words)?.json()?;
    let rows = said["symptoms"].as_array().into_iter().flatten();
    let rows: Vec<_> = rows.filter(|one| one["id"] == "udev-rule").collect();
    let fits = rows.iter().any(|one| one["status"] == status && one.to_string().contains(rule));
    ensure(fits, || format!("doctor does not say {status} of {rule}: {rows:?}"))
}

fn granted(lab: &Lab, name: &str, off: &[&str], ours: Option<&str>) -> Done {
    rules(off, ours)?;
    let plugged = plug(Plugged::new(&lab.key(name).map_err(words)?, name))?;
    opened(lab, &plugged, ours.unwrap_or(DEBIANS))?;
    let identity = Identity {
        name: "No Key".to_owned(),
        uniq: format!("no-key-{name}"),
        vendor: 0x1209,
        product: 1,
        descriptor: NO_KEY,
    };
    let other = Uhid::create(&identity).map_err(words)?;
    let path = node_of(&identity.uniq, "").map_err(words)?;
    settle(&["settle", "--timeout=20"])?;
    closed(&path)?;
    drop(other);
    Ok("tag uaccess, ACL for the person at the seat, nobody else, no other HID device".to_owned())
}

/// A key of a listed make, on USB. It is a keyboard, too, which must stay closed: who may read it is a keylogger.
fn on_usb(lab: &Lab, name: &str, off: &[&str], ours: &str) -> Done {
    rules(off, Some(ours))?;
    let plugged = plug(Plugged::usb(&yubikey(lab, name)?, name))?;
    opened(lab, &plugged, ours)?;
    let keyboard = plugged.keyboard().map_err(words)?;
    closed(&keyboard)?;
    // And again, as `udevadm trigger` has it.
    settle(&["trigger", "--subsystem-match=hidraw", "--action=change"])?;
    opened(lab, &plugged, ours)?;
    closed(&keyboard)?;
    Ok("the key is open, the keyboard of the same USB device is not".to_owned())
}

/// A key with the ids of one that types one-time passwords.
fn yubikey(lab: &Lab, name: &str) -> Result<SoftKey, String> {
    let key = lab.key(name).map_err(words)?;
    Ok(key.with_options(|options| (options.vendor_id, options.product_id) = (0x1050, 0x0407)))
}

fn not_listed(lab: &Lab) -> Done {
    rules(&[DEBIANS, FIDO_ID], None)?;
    doctor(lab, "warn", LIST)?;
    rules(&[DEBIANS, FIDO_ID], Some(LIST))?;
    for usb in [true, false] {
        // The ids are not on the list; without a USB parent there are none that count.
        let name = format!("not-listed-{usb}");
        let plugged = if usb {
            plug(Plugged::usb(&lab.key(&name).map_err(words)?, &name))?
        } else {
            plug(Plugged::new(&yubikey(lab, &name)?, &name))?
        };
        closed(plugged.node())?;
        lab.glasskey(&["keys"]).user(CUSTODIAN).run().map_err(words)?.expect(4)?;
    }
    Ok("closed".to_owned())
}

/// The person at the seat may use the key, and nobody else.
fn opened(lab: &Lab, plugged: &Plugged, rule: &str) -> Result<(), String> {
    let path = node(plugged);
    let said = Job::new("udevadm", &["info", "--query=all", &path]).run().map_err(words)?.expect(0)?.out;
    let tagged = said.lines().any(|line| line.starts_with("E: TAGS=") && line.contains(":uaccess:"));
    ensure(tagged, || format!("no tag uaccess: {said}"))?;
    let acl = Job::new("getfacl", &["-p", &path]).run().map_err(words)?.expect(0)?.out;
    ensure(acl.lines().any(|line| line == "user:custodian:rw-"), || format!("no ACL: {acl}"))?;
    let check = ["check", "--no-passkeys", "--pin-stdin", "--policy", lab.policy()];
    for verb in [&["keys"][..], &["info"], &["pin", "status"], &["pin", "verify", "--pin-stdin"], &check] {
        lab.glasskey(verb).user(CUSTODIAN).input(PIN_LINE).run().map_err(words)?.expect(0)?;
    }
    doctor(lab, "pass", rule)?;
    lab.glasskey(&["keys"]).user(NOBODY).run().map_err(words)?.expect(4)?;
    let mode = fs::metadata(&path).map_err(words)?.mode();
    ensure(mode & 0o007 == 0, || format!("open to everybody: {mode:o}"))
}

/// The person at the seat may not even open the node.
fn closed(node: &Path) -> Result<(), String> {
    let opened = Job::new("dd", &[&format!("if={}", node.display()), "count=0"]).user(CUSTODIAN).run();
    let opened = opened.map_err(words)?;
    ensure(opened.code != Some(0) && opened.err.contains("Permission denied"), || {
        format!("{} is open: {}", node.display(), opened.brief())
    })
}
