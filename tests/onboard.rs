//! `onboard`, through the real program, on real firmware: models as they say they are, and keys broken in one way each.
#![cfg(feature = "softkey")]
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests prepare keys, read files and may panic"
)]

#[cfg(test)]
#[path = "onboard/broken.rs"]
mod broken;
#[cfg(test)]
#[path = "support/markup.rs"]
mod markup;
#[cfg(test)]
#[path = "onboard/models.rs"]
mod models;
#[cfg(test)]
#[path = "onboard/outcome.rs"]
mod outcome;
#[cfg(test)]
#[path = "support/ran.rs"]
mod ran;
#[cfg(test)]
#[path = "onboard/refused.rs"]
mod refused;

use std::path::{Path, PathBuf};
use std::process::Command;

use glasskey::ctap::client_pin::Permissions;
use glasskey::ctap::pin::Pin;
use glasskey::key::authority::Authority;
use glasskey::key::cancel::Cancel;
use glasskey::key::guard::Guard;
use glasskey::key::patience::Patience;
use glasskey::key::session::Session;
use glasskey::soft::{self, Options, SoftKey};
use ran::Ran;
use serde_json::Value;
use tempfile::TempDir;

/// The PIN of every key here, one that stands in no other bytes by chance.
const PIN: &str = "quagga-7731";
/// YubiKey 5 NFC, firmware 5.7: nothing is known against it.
const YUBIKEY: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";

/// What `fido-authenticator` does in truth, and the run finds in every soft key: asked for ES256 or EdDSA, in this
/// order, it makes EdDSA.
const FIRMWARE: (&str, &str) = ("algorithm-order", "warn");
/// Findings of time: a machine under load is no key.
const TIMED: [&str; 3] = ["cancel", "keepalive", "pace"];

/// A sample of a model that is fit.
fn good() -> Options {
    Options {
        aaguid: YUBIKEY.parse().expect("an AAGUID"),
        firmware: Some("5.7.4".parse().expect("a version")),
        vendor_id: 0x1050,
        product_id: 0x0407,
        ..Options::default()
    }
}

/// A place with one sample.
struct Place {
    home: TempDir,
    key: SoftKey,
}

impl Place {
    /// With a PIN, set before the key's faults begin, and a least PIN length.
    fn new(options: &Options, least: Option<u64>) -> Self {
        let place = Self::blank(options);
        place.prepare(least);
        place
    }

    /// With a key as it comes out of the box.
    fn blank(options: &Options) -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory } else { Path::new(env!("CARGO_TARGET_TMPDIR")) };
        let home = tempfile::tempdir_in(folder).expect("a folder");
        let key = soft::create(&home.path().join("keys"), "sample", options).expect("a key");
        Self { home, key }
    }

    fn prepare(&self, least: Option<u64>) {
        let sound = self.key.clone().with_options(|options| {
            options.faults.clear();
            options.info = soft::Overlay::default();
        });
        let wire = sound.open().expect("a wire");
        let mut session =
            Session::open(wire, Patience::default(), Cancel::default(), Box::new(|_| ())).expect("a channel");
        let info = session.info().expect("getInfo");
        let protocol = info.protocol().expect("a protocol");
        let pin = Pin::parse(PIN.to_owned()).expect("a PIN");
        let shared = session.agree(protocol).expect("a secret");
        session.set_pin(&shared, &pin).expect("set");
        if let Some(least) = least {
            let info = session.info().expect("getInfo");
            let permit =
                Guard::default().permit(session.retries(protocol).expect("retries")).expect("a permit");
            let proven =
                Authority::prove(&mut session, &info, permit, &pin, Permissions::CONFIGURATION, None);
            session.set_min_pin_length(Some(least), false, proven.expect("a token").proof()).expect("raised");
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasskey"));
        command.env("HOME", self.home.path()).env_remove("XDG_DATA_HOME").current_dir(self.home.path());
        command.env_remove("GLASSKEY_LEDGER").env_remove("GLASSKEY_PLAN");
        command.arg("--soft").arg(self.at("keys")).arg("--pin-stdin");
        command
    }

    fn run(&self, input: &str, arguments: &[&str]) -> Ran {
        let ran = Ran::of(self.command().args(arguments), input);
        assert!(!ran.out.contains(PIN) && !ran.err.contains(PIN), "a PIN is never shown: {ran:?}");
        ran
    }

    /// `onboard` as JSON, with what a sample may be put through.
    fn onboard(&self, arguments: &[&str]) -> Ran {
        self.run(&format!("{PIN}\n"), &[&["--json", "onboard"], arguments].concat())
    }

    fn erasing(&self) -> Ran {
        self.onboard(&["--reset-allowed", "--yes"])
    }
}

/// Every finding that is a warning or a failure, by id; those of time left out.
fn open(document: &Value) -> Vec<(String, String)> {
    let findings = document["findings"].as_array().unwrap_or_else(|| panic!("{document:#}"));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let all = findings.iter().map(|finding| (text(&finding["id"]), text(&finding["status"])));
    let wanted =
        all.filter(|(id, status)| !TIMED.contains(&id.as_str()) && (status == "warn" || status == "fail"));
    wanted.collect()
}

/// One finding.
fn finding<'d>(document: &'d Value, id: &str) -> &'d Value {
    let findings = document["findings"].as_array().unwrap_or_else(|| panic!("{document:#}"));
    findings.iter().find(|finding| finding["id"] == id).unwrap_or_else(|| panic!("no finding {id}"))
}

/// Does it with each item, a few at a time. What is wrong is told of all of them at the end.
fn each<T: Sync>(items: &[T], does: impl Fn(&T) -> Option<String> + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                    // Before the lock is taken, or one would wait for the other.
                    let found = does(item);
                    wrong.lock().expect("no panic").extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Whether a run found these warnings and failures, and no others, and ended as it must; else what is wrong.
fn wrong(what: &str, ran: &Ran, expected: &[(&str, &str)], code: i32) -> Option<String> {
    let document = ran.json();
    if document["findings"].is_null() {
        return Some(format!("{what}: it was cut off: {ran:?}"));
    }
    let found = open(&document);
    let expected: Vec<_> =
        expected.iter().map(|(id, status)| ((*id).to_owned(), (*status).to_owned())).collect();
    let right = found == expected && ran.code == code && document["schema"] == "glasskey.onboard/1";
    let saw = |(id, status): &(String, String)| format!("  {status} {id}: {}", finding(&document, id)["saw"]);
    (!right).then(|| {
        let told: Vec<_> = found.iter().map(saw).collect();
        let usual = |line: &&str| !line.starts_with("touch the key") && !line.contains("you will touch");
        let notes = ran.err.lines().filter(usual).collect::<Vec<_>>().join("\n");
        format!(
            "{what}: ended with {}, found\n{}\nand should have found {expected:?}\n{}",
            ran.code,
            told.join("\n"),
            notes
        )
    })
}
