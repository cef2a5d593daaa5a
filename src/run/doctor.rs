//! `doctor`: what would keep this machine from reading keys, and how the ledger is, each with its cure.

mod ledger;

use jiff::ToSpan;
use serde::Serialize;
use serde_json::json;

use super::World;
use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::exit::Exit;
use crate::term::escape::escape;
use crate::term::show;
use crate::verdict::finding::Status;

/// One thing looked at.
#[derive(Debug, Clone, Serialize)]
struct Symptom {
    /// A stable id.
    id: &'static str,
    /// Well or not.
    status: Status,
    /// What was seen.
    saw: String,
    /// What to do.
    cure: Option<String>,
}

impl Symptom {
    fn well(id: &'static str, saw: impl Into<String>) -> Self {
        Self { id, status: Status::Pass, saw: saw.into(), cure: None }
    }

    fn ill(id: &'static str, status: Status, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { id, status, saw: saw.into(), cure: Some(cure.into()) }
    }
}

pub(super) fn doctor(world: &World) -> Result<Exit, Error> {
    let catalogue = world.catalogue()?;
    let metadata = world.catalogue_of(world.plan_if_any().ok().flatten().as_ref());
    let mut symptoms = keys(world);
    if !world.soft() {
        symptoms.extend(system());
    }
    symptoms.push(clock(world, &catalogue));
    symptoms.push(age(world, &catalogue));
    symptoms.extend(imported(world, &metadata));
    symptoms.extend(ledger::ledger(world));
    let well = symptoms.iter().all(|symptom| symptom.status != Status::Fail);
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.doctor/1", "well": well, "symptoms": symptoms }))?;
    } else {
        let rows = symptoms.iter().map(|s| show::row(s.status, s.id, &s.saw, s.cure.as_deref()));
        world.term.out(&rows.collect::<String>())?;
    }
    Ok(if well { Exit::Yes } else { Exit::No })
}

/// Every key that is there: can it be opened, does it answer?
fn keys(world: &World) -> Vec<Symptom> {
    let id = "keys";
    let found = match world.keys() {
        Ok(found) => found,
        Err(error) => {
            return vec![Symptom::ill(id, Status::Fail, error.to_string(), "Look at what the system says.")];
        }
    };
    if found.is_empty() {
        return vec![Symptom::ill(
            id,
            Status::Warn,
            "no key is plugged in",
            "Plug one in to have it looked at.",
        )];
    }
    let progress = world.progress();
    let look = |found: &crate::key::found::Found| match world.open(found, &progress, "", "asking the key") {
        Ok(_) => Symptom::well(id, format!("{} answers", escape(&found.path))),
        Err(error) => {
            let saw = format!("{}: {error}", escape(&found.path));
            Symptom::ill(id, Status::Fail, saw, error.hint().unwrap_or_default())
        }
    };
    found.iter().map(|(_, found)| look(found)).collect()
}

/// Says which HID devices are FIDO keys; of systemd.
#[cfg(target_os = "linux")]
const FIDO_ID: &str = "60-fido-id.rules";
/// Gives what other rules have tagged to the person at the machine; of logind or elogind.
#[cfg(target_os = "linux")]
const SEAT: &str = "73-seat-late.rules";

/// Whether udev reads a rule. The first folder with a file of that name counts; a link to /dev/null there switches it off.
#[cfg(target_os = "linux")]
fn is_on(rule: &str) -> bool {
    use std::path::Path;
    let folders = ["/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"];
    let file = folders
        .iter()
        .map(|folder| Path::new(folder).join(rule))
        .find(|file| file.symlink_metadata().is_ok());
    file.and_then(|file| file.canonicalize().ok()).is_some_and(|file| file != Path::new("/dev/null"))
}

/// What the system needs to show keys to people who are not root.
#[cfg(target_os = "linux")]
fn system() -> Vec<Symptom> {
    use std::path::Path;
    let hidraw = if Path::new("/sys/class/hidraw").exists() {
        Symptom::well("hidraw", "the kernel shows HID devices")
    } else {
        let cure = "Load the module `hidraw`; in a container, give it the devices.";
        Symptom::ill("hidraw", Status::Warn, "the kernel shows no HID devices (no /sys/class/hidraw)", cure)
    };
    let gives = ["70-glasskey.rules", "70-uaccess.rules"].into_iter().find(|rule| is_on(rule));
    // These say which devices are keys by their USB ids, and give them, too.
    let lists = ["70-glasskey-usb-ids.rules", "70-u2f.rules"].into_iter().find(|rule| is_on(rule));
    let ill = |saw, cure| Symptom::ill("udev-rule", Status::Warn, saw, cure);
    // One rule says which devices are FIDO keys, one gives such devices to the person at the machine, one makes that true.
    let udev = match (is_on(FIDO_ID), gives, lists) {
        (true, None, None) => ill(
            "no udev rule gives keys to the person at the machine",
            "Install `udev/70-glasskey.rules` into /etc/udev/rules.d, then `udevadm control --reload && udevadm trigger`.",
        ),
        (false, _, None) => ill(
            "no udev rule says which devices are FIDO keys (60-fido-id.rules of systemd)",
            "Install systemd's udev 242 or later. Where there is none, `udev/70-glasskey-usb-ids.rules` opens the keys that it lists: into /etc/udev/rules.d with it, then `udevadm control --reload && udevadm trigger`.",
        ),
        (_, gives, lists) if is_on(SEAT) => {
            let rule = gives.filter(|_| is_on(FIDO_ID)).or(lists).unwrap_or_default();
            Symptom::well("udev-rule", format!("{rule} gives keys to the person at the machine"))
        }
        _ => ill(
            "a udev rule names the person at the machine, but none finds out who that is (73-seat-late.rules of logind)",
            "Install systemd-logind or elogind, or give the devices to your users by a rule of your own.",
        ),
    };
    vec![hidraw, udev]
}

#[cfg(not(target_os = "linux"))]
fn system() -> Vec<Symptom> {
    Vec::new()
}

/// Certificates are judged at the present time, so the clock must be about right.
fn clock(world: &World, catalogue: &Catalogue) -> Symptom {
    let today = world.today();
    if today < catalogue.date() {
        let saw = format!("the clock says {today}, before this program was made ({})", catalogue.date());
        return Symptom::ill("clock", Status::Fail, saw, "Set the clock: certificates are judged by it.");
    }
    Symptom::well("clock", format!("{today}"))
}

/// Models and advisories grow old.
fn age(world: &World, catalogue: &Catalogue) -> Symptom {
    let today = world.today();
    let date = catalogue.date();
    let old = date.checked_add(1.year()).is_ok_and(|end| end < today);
    if old {
        let saw = format!("the catalogue is of {date}, more than a year old");
        return Symptom::ill(
            "catalogue",
            Status::Warn,
            saw,
            "Use a newer release: advisories have come up since.",
        );
    }
    Symptom::well("catalogue", format!("of {date}, FIDO metadata {}", catalogue.about().mds_number))
}

/// Imported metadata: can they still be believed, and should newer ones be out?
fn imported(world: &World, catalogue: &Result<Catalogue, Error>) -> Option<Symptom> {
    let id = "metadata";
    let metadata = match catalogue {
        Ok(catalogue) => &catalogue.metadata()?.metadata,
        Err(error @ Error::KeptMetadata { .. }) => {
            let cure = error.hint().unwrap_or_default();
            return Some(Symptom::ill(id, Status::Fail, error.to_string(), cure));
        }
        // Another symptom's.
        Err(_) => return None,
    };
    let saw = format!("{}, the next promised for {}", metadata.name(), metadata.next_update);
    let cure = "Get FIDO's present BLOB and import it with `glasskey catalogue import-mds`.";
    Some(if metadata.is_stale(world.today()) || !metadata.is_signed() {
        Symptom::ill(id, Status::Warn, saw, cure)
    } else {
        Symptom::well(id, saw)
    })
}
