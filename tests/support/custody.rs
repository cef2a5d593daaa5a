//! A place where keys are taken into custody: a plan, its policy files, a ledger, and a folder of soft keys of which
//! some are plugged in. Every step is a run of the real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use glasskey::ledger::chain::Entry;
use glasskey::ledger::payload::Payload;
use glasskey::ledger::{Ledger, LedgerError};
use glasskey::soft::{self, Options};
use plan::{PLAN, profile, strength};
use serde_json::Value;
use tempfile::TempDir;

#[path = "plan.rs"]
mod plan;
#[path = "ran.rs"]
mod ran;
#[path = "schema.rs"]
mod schema;

pub(crate) use ran::Ran;
pub(crate) use schema::faults;

/// YubiKey 5 NFC, firmware 5.7, and Token2 PIN+: nothing is known against them, and no maker stands behind both.
pub(crate) const YUBIKEY: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";
pub(crate) const TOKEN2: &str = "eabb46cc-e241-80bf-ae9e-96fa6d2975cf";

/// The PIN of every key here, one that stands in no other bytes by chance.
pub(crate) const PIN: &str = "quagga-7731";

pub(crate) struct Rig {
    home: TempDir,
}

impl Rig {
    /// Plan, policy files, an empty folder of keys, and a new ledger.
    pub(crate) fn new() -> Self {
        // A folder that is fast to synchronise, where there is one.
        let memory = Path::new("/dev/shm");
        Self::within(if memory.is_dir() { memory } else { Path::new(env!("CARGO_TARGET_TMPDIR")) })
    }

    /// The same in a folder of one's choice.
    pub(crate) fn within(folder: &Path) -> Self {
        let rig = Self { home: tempfile::tempdir_in(folder).unwrap() };
        fs::create_dir(rig.at("keys")).unwrap();
        fs::write(rig.at("plan.toml"), PLAN).unwrap();
        rig.allow(&[YUBIKEY, TOKEN2]);
        let made = rig.run("", &["ledger", "init", "--organisation", "Contoso"]);
        assert_eq!(made.code, 0, "{made:?}");
        rig
    }

    /// Writes both policy files.
    pub(crate) fn allow(&self, aaguids: &[&str]) {
        fs::write(self.at("fido2.json"), profile(aaguids).to_string()).unwrap();
        fs::write(self.at("strength.json"), strength(aaguids).to_string()).unwrap();
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A new key without a PIN.
    pub(crate) fn add(&self, name: &str, aaguid: &str) {
        self.add_with_firmware(name, aaguid, (aaguid != TOKEN2).then_some("5.7.4"));
    }

    pub(crate) fn add_with_firmware(&self, name: &str, aaguid: &str, firmware: Option<&str>) {
        let firmware = firmware.map(|version| version.parse().unwrap());
        let options = Options { aaguid: aaguid.parse().unwrap(), firmware, ..Options::default() };
        soft::create(&self.at("keys"), name, &options).unwrap();
    }

    /// A new key with its PIN.
    pub(crate) fn add_with_pin(&self, name: &str, aaguid: &str) {
        self.add(name, aaguid);
        let path = format!("soft:{name}");
        let set = self.run(&format!("{PIN}\n"), &["--key", &path, "pin", "set"]);
        assert_eq!(set.code, 0, "{set:?}");
    }

    /// Makes a key another one than it was made.
    pub(crate) fn bend(&self, name: &str, bend: impl FnOnce(&mut Options)) {
        let file = self.at("keys").join(name).join("key.toml");
        let mut options = toml::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        bend(&mut options);
        fs::write(&file, toml::to_string(&options).unwrap()).unwrap();
    }

    /// Gives a key these faults, and takes all others away.
    pub(crate) fn fault(&self, name: &str, faults: &[&str]) {
        self.bend(name, |options| {
            options.faults = faults.iter().map(|fault| fault.parse().unwrap()).collect()
        });
    }

    /// Keeps a copy of a key as it is now, or puts it in the key's place.
    pub(crate) fn copy(&self, from: &str, to: &str) {
        let (from, to) = (self.at("keys").join(from), self.at("keys").join(to));
        drop(fs::remove_dir_all(&to));
        fs::create_dir(&to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }

    /// Plugs these keys in, and no others.
    pub(crate) fn plug(&self, names: &[&str]) {
        for entry in fs::read_dir(self.at("keys")).unwrap() {
            let folder = entry.unwrap();
            let (here, away) = (folder.path().join("key.toml"), folder.path().join("unplugged.toml"));
            let wanted = names.iter().any(|name| folder.file_name() == *name);
            match wanted {
                true if away.exists() => fs::rename(away, here).unwrap(),
                false if here.exists() => fs::rename(here, away).unwrap(),
                _ => {}
            }
        }
    }

    /// The program with these keys, and with neither ledger nor plan; no file of this machine's user counts.
    pub(crate) fn elsewhere(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasskey"));
        command.env("HOME", self.home.path()).env_remove("XDG_DATA_HOME").current_dir(self.home.path());
        command.env_remove("GLASSKEY_LEDGER").env_remove("GLASSKEY_PLAN");
        command.arg("--soft").arg(self.at("keys")).arg("--pin-stdin");
        command
    }

    /// The program, told where everything is.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.elsewhere();
        command.arg("--ledger").arg(self.at("ledger.db")).arg("--plan").arg(self.at("plan.toml"));
        command
    }

    pub(crate) fn run(&self, input: &str, arguments: &[&str]) -> Ran {
        let ran = Ran::of(self.command().args(arguments), input);
        assert!(!ran.out.contains(PIN) && !ran.err.contains(PIN), "a PIN is never shown: {ran:?}");
        ran
    }

    /// One run with `--json` and a PIN at hand; its one document fits its schema.
    pub(crate) fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let ran = self.run(&format!("{PIN}\n"), &[&["--json"], arguments].concat());
        let document = ran.json();
        let faults = faults(&document);
        assert!(faults.is_empty(), "{arguments:?}: {faults:#?}\n{document:#}");
        (ran.code, document)
    }

    /// Enrolls the key of this path; it must work.
    pub(crate) fn enroll(&self, name: &str, account: &str) -> Value {
        let site = if account == "EA-01" { "Berlin" } else { "Bonn" };
        let path = format!("soft:{name}");
        let (code, document) = self.json(&["--key", &path, "enroll", "--account", account, "--site", site]);
        assert_eq!(code, 0, "{document:#}");
        document
    }

    /// The events of the ledger, each with whether a key signed it.
    pub(crate) fn events(&self) -> Vec<(Payload, bool)> {
        let mut events = Vec::new();
        let each = |entry: Entry| {
            events.push((entry.body.unwrap().event, entry.event.receipt.is_some()));
            Ok::<(), LedgerError>(())
        };
        self.ledger().for_each(0, each).unwrap();
        events
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::open(&self.at("ledger.db")).unwrap()
    }

    pub(crate) fn head(&self) -> String {
        self.ledger().head().to_string()
    }
}

/// The finding of a check or an enrolment.
pub(crate) fn finding<'d>(document: &'d Value, id: &str) -> &'d Value {
    let findings = document["findings"].as_array().unwrap_or_else(|| panic!("{document:#}"));
    findings.iter().find(|finding| finding["id"] == id).unwrap()
}

/// How a finding stands.
pub(crate) fn sign<'d>(document: &'d Value, id: &str) -> &'d str {
    finding(document, id)["status"].as_str().unwrap()
}
