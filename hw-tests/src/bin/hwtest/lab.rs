//! Keys, a catalogue that knows them, and `glasskey` to hold against them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use glasskey::soft::{self, FaultSpec, Options, SoftKey};
use glasskey_hw_tests::catalogue::{self, AAGUID};
use glasskey_hw_tests::plug::Plugged;

use crate::process::Job;

/// The PIN of all keys.
pub(crate) const PIN: &str = "482913";
/// With a line ending, as `--pin-stdin` wants it.
pub(crate) const PIN_LINE: &str = "482913\n";
/// The plain user.
pub(crate) const CUSTODIAN: u32 = 1000;

pub(crate) struct Lab {
    keys: PathBuf,
    catalogue: PathBuf,
    policy: PathBuf,
}

impl Lab {
    pub(crate) fn new() -> io::Result<Self> {
        let dir = Path::new("/tmp/lab");
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        let this = Self {
            keys: dir.join("keys"),
            catalogue: dir.join("catalogue"),
            policy: dir.join("allowed.txt"),
        };
        let options = |firmware: &str| -> io::Result<Options> {
            let firmware = Some(firmware.parse().map_err(io::Error::other)?);
            Ok(Options {
                aaguid: AAGUID,
                firmware,
                product: Some("Virtual Key".to_owned()),
                ..Options::default()
            })
        };
        // Copied for every test, so that a PIN is set only once.
        catalogue::make(&this.keys, "with-pin", &options("1.2.3")?, Some(PIN))?;
        catalogue::make(&this.keys, "blank", &options("1.2.3")?, None)?;
        catalogue::write(&this.catalogue, &this.keys, &[AAGUID])?;
        fs::write(&this.policy, format!("{AAGUID}\n"))?;
        Ok(this)
    }

    /// A key of its own for one test, with a PIN.
    pub(crate) fn key(&self, name: &str) -> io::Result<SoftKey> {
        self.copy("with-pin", name)
    }

    /// A key of its own for one test, with no PIN.
    pub(crate) fn blank_key(&self, name: &str) -> io::Result<SoftKey> {
        self.copy("blank", name)
    }

    fn copy(&self, from: &str, name: &str) -> io::Result<SoftKey> {
        // In a folder of its own, or every test would read the keys of all others.
        let dir = self.keys.join(format!("of-{name}"));
        fs::create_dir(&dir)?;
        for file in ["ca.pem", "ca-key.pem"] {
            fs::copy(self.keys.join(file), dir.join(file))?;
        }
        catalogue::copy(&self.keys.join(from), &dir.join(name))?;
        let keys = soft::list(&dir).map_err(io::Error::other)?;
        keys.into_iter().find(|key| key.name() == name).ok_or_else(|| io::Error::other("the copy is no key"))
    }

    /// `glasskey` as it is released, with the lab's catalogue.
    pub(crate) fn glasskey(&self, arguments: &[&str]) -> Job {
        self.program("glasskey", arguments)
    }

    /// `glasskey` with the second client, with the lab's catalogue.
    pub(crate) fn second_client(&self, arguments: &[&str]) -> Job {
        self.program("glasskey-second-client", arguments)
    }

    fn program(&self, program: &str, arguments: &[&str]) -> Job {
        let mut all: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        all.extend(["--catalogue".to_owned(), self.catalogue().to_owned()]);
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        Job::new(program, &all)
    }

    /// A catalogue that knows the lab's model.
    pub(crate) fn catalogue(&self) -> &str {
        self.catalogue.to_str().unwrap_or_default()
    }

    /// An allow-list with the lab's model.
    pub(crate) fn policy(&self) -> &str {
        self.policy.to_str().unwrap_or_default()
    }
}

/// The key with this fault; a fault that is none is an error, not a sound key.
pub(crate) fn with_fault(key: SoftKey, spec: &str) -> io::Result<SoftKey> {
    let spec: FaultSpec = spec.parse().map_err(io::Error::other)?;
    Ok(key.with_options(|options| options.faults.push(spec)))
}

/// A plugged key's node, as text.
pub(crate) fn node(plugged: &Plugged) -> String {
    plugged.node().display().to_string()
}

/// Waits for something to become true.
pub(crate) fn wait_for(limit: Duration, mut is: impl FnMut() -> bool) -> Result<(), String> {
    let start = std::time::Instant::now();
    while start.elapsed() < limit {
        if is() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(format!("it did not happen within {} s", limit.as_secs()))
}

/// Fails with words where something does not hold.
pub(crate) fn ensure(holds: bool, words: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(words()) }
}
