//! The program killed at random moments, over and over: the record always verifies, nothing that was acknowledged is
//! missing, and the next run says what was begun and not ended.
#![cfg(all(feature = "softkey", unix))]
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests make files, measure and may panic"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use glasskey::ledger::payload::Ended;
use glasskey::ledger::{Ledger, LedgerError, Payload};
use serde_json::Value;

use rig::{PIN, Rig, YUBIKEY};

#[expect(dead_code, reason = "the tests of custody use the rest")]
#[path = "support/custody.rs"]
mod rig;

/// Ledgers that are written side by side, and how often the program is killed at each.
const PLACES: u64 = 6;
const KILLS: u32 = 36;
const OTHER_PIN: &str = "okapi-5512";

/// A verb that is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Enroll,
    Check,
    ChangePin,
    Register,
    Reset,
}

const ROUND: [Verb; 9] = [
    Verb::Enroll,
    Verb::Check,
    Verb::Register,
    Verb::ChangePin,
    Verb::Enroll,
    Verb::Register,
    Verb::Enroll,
    Verb::Check,
    Verb::Reset,
];
/// What Entra asks of EA-01's next passkey.
const OPTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/entra/creation-options.json");

/// What the kills of one verb hit.
#[derive(Debug, Clone, Copy, Default)]
struct Hits {
    /// How often it was killed.
    kills: u32,
    /// Between an intent and its outcome.
    within: u32,
    /// While the ledger was being written.
    writing: u32,
    /// How often it had ended before.
    ended: u32,
}

/// A ledger, the key of the moment, and what the program said of both.
struct Place {
    rig: Rig,
    random: u64,
    /// The newest enrolled key, by name and by label, and its PIN.
    key: Option<(String, String, &'static str)>,
    keys: u32,
    /// Number and hash of every event that a run told of.
    acknowledged: Vec<(u64, String)>,
    /// How long a run is given at most, in microseconds: about as long as it takes.
    takes: BTreeMap<Verb, u64>,
    hits: BTreeMap<Verb, Hits>,
}

/// What a run said and whether it could end.
struct Run {
    killed: bool,
    code: Option<i32>,
    document: Value,
}

impl Place {
    fn new(number: u64) -> Self {
        Self {
            // On a disk, where writing takes long enough to be cut off.
            rig: Rig::within(Path::new(env!("CARGO_TARGET_TMPDIR"))),
            random: 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number + 1),
            key: None,
            keys: 0,
            acknowledged: Vec::new(),
            takes: BTreeMap::new(),
            hits: BTreeMap::new(),
        }
    }

    /// A number below a bound (xorshift).
    fn below(&mut self, bound: u64) -> u64 {
        for shift in [13_i8, -7, 17] {
            let moved = if shift > 0 { self.random << shift } else { self.random >> -shift };
            self.random ^= moved;
        }
        self.random % bound.max(1)
    }

    fn new_key(&mut self) -> String {
        self.keys += 1;
        let name = format!("k{}", self.keys);
        self.rig.add(&name, YUBIKEY);
        name
    }

    /// Runs a verb at a key; kills it after the delay, if there is one.
    fn run(&mut self, name: &str, verb: Verb, pin: &str, delay: Option<Duration>) -> Run {
        let mut command = self.rig.command();
        command.args(["--json", "--key", &format!("soft:{name}")]);
        let input = match verb {
            Verb::Enroll => {
                command.args(["enroll", "--account", "EA-01", "--site", "Berlin"]);
                format!("{pin}\n")
            }
            Verb::Check => {
                command.arg("check");
                format!("{pin}\n")
            }
            Verb::ChangePin => {
                command.args(["pin", "change"]);
                format!("{pin}\n{}\n", other(pin))
            }
            Verb::Register => {
                drop(std::fs::remove_file(self.rig.at("body.json")));
                command.args(["entra", "register", "--account", "EA-01", "--options", OPTIONS, "--out"]);
                command.arg(self.rig.at("body.json"));
                format!("{pin}\n")
            }
            Verb::Reset => {
                command.args(["reset", "--yes"]);
                String::new()
            }
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        if let Some(delay) = delay {
            thread::sleep(delay);
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        let run = Run {
            killed: output.status.code().is_none(),
            code: output.status.code(),
            // What was cut off is no word.
            document: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        };
        if let Some(seq) = run.document["event"]["seq"].as_u64() {
            let hash = run.document["event"]["hash"].as_str().unwrap().to_owned();
            self.acknowledged.push((seq, hash));
        }
        run
    }

    /// Enrolls a key, whatever became of it before, and makes it the key of the moment.
    fn enroll(&mut self, name: &str) {
        let run = self.run(name, Verb::Enroll, PIN, None);
        let ledger = self.rig.ledger();
        let newest = ledger.inventory().keys().last().unwrap();
        match run.code {
            Some(0) => assert_eq!(run.document["label"], newest.label.as_str()),
            // It had got as far as the record.
            Some(1) => {
                assert_eq!(run.document["error"]["kind"], "already-enrolled", "{:#}", run.document);
                let message = run.document["error"]["message"].as_str().unwrap();
                assert!(message.contains(&newest.label), "{message}");
            }
            other => panic!("{other:?}: {:#}", run.document),
        }
        self.key = Some((name.to_owned(), newest.label.clone(), PIN));
    }

    /// Whatever became of a registration: the body is whole or not there, what is on the key is found and taken off, and
    /// nothing stays open.
    fn settle(&mut self, name: &str, pin: &str) {
        let body = self.rig.at("body.json");
        let written = std::fs::read(&body).ok().filter(|bytes| !bytes.is_empty());
        let id = written.map(|bytes| {
            let body: Value = serde_json::from_slice(&bytes).unwrap();
            body["publicKeyCredential"]["id"].as_str().unwrap().to_owned()
        });
        let recorded = || {
            let ledger = self.rig.ledger();
            let key = ledger.inventory().keys().last().unwrap();
            (
                ledger.inventory().pending().filter(|open| open.intent.registers_passkey()).count(),
                key.entra.iter().map(|one| one.credential_id.to_string()).collect(),
            )
        };
        let (open, known): (usize, Vec<String>) = recorded();
        assert!(id.is_none_or(|id| known == [id]), "the record comes before the file");
        let path = format!("soft:{name}");
        let forgotten =
            self.rig.run(&format!("{pin}\n"), &["--json", "--key", &path, "entra", "forget", "--yes"]);
        let said: Value = serde_json::from_str(&forgotten.out).unwrap_or(Value::Null);
        let nothing = open == 0 && known.is_empty();
        assert_eq!(forgotten.code, i32::from(nothing), "{said:#}");
        assert!(nothing || known.is_empty() || said["forgotten"]["was_on_key"] == true, "{said:#}");
        assert_eq!(recorded(), (0, Vec::new()), "{said:#}");
    }

    fn key(&mut self) -> (String, String, &'static str) {
        if self.key.is_none() {
            let name = self.new_key();
            self.enroll(&name);
        }
        self.key.clone().unwrap()
    }

    /// One kill, and the look at what it left.
    fn kill(&mut self, verb: Verb) {
        let (name, label, pin) = match verb {
            Verb::Enroll => (self.new_key(), String::new(), PIN),
            _ => self.key(),
        };
        let most = self.takes.get(&verb).copied().unwrap_or(120_000);
        let delay = Duration::from_micros(self.below(most));
        let before = self.rig.ledger();
        let run = self.run(&name, verb, pin, Some(delay));
        // So that the kills come up to the end of a run, however busy the machine is.
        let most = if run.killed { most + most / 4 } else { delay.as_micros().try_into().unwrap() };
        self.takes.insert(verb, most.max(10_000));
        let writing = self.rig.at("ledger.db-journal").exists();
        let after = self.look(&before);
        // A run that ends closes what earlier ones have left open.
        let grown = after.inventory().pending().filter(|pending| pending.seq > before.chain().seq).count();
        assert!(grown <= 1, "a run has one step at a time");
        let hits = self.hits.entry(verb).or_default();
        hits.kills += u32::from(run.killed);
        hits.ended += u32::from(!run.killed);
        hits.within += u32::from(grown == 1);
        hits.writing += u32::from(writing);
        if grown == 1 {
            self.explained(&after);
        }
        match verb {
            Verb::Enroll => self.enroll(&name),
            Verb::Check => {
                let run = self.run(&name, Verb::Check, pin, None);
                assert_eq!(run.code, Some(0), "{:#}", run.document);
            }
            Verb::Register => self.settle(&name, pin),
            Verb::ChangePin => {
                let verified = |pin: &str| {
                    self.rig
                        .run(&format!("{pin}\n"), &["--key", &format!("soft:{name}"), "pin", "verify"])
                        .code
                };
                let now = if verified(pin) == 0 { pin } else { other(pin) };
                assert_eq!(verified(now), 0, "the old PIN or the new one");
                self.key = Some((name, label, now));
            }
            Verb::Reset => {
                let run = self.run(&name, Verb::Check, pin, None);
                match run.code {
                    Some(0) => {}
                    // Reset: it answers to no label any more, and has no PIN. Or cut off while the firmware erased itself,
                    // which it may not survive; the record must.
                    Some(1 | 7) => self.key = None,
                    other => panic!("{other:?}: {:#}", run.document),
                }
            }
        }
    }

    /// The record verifies, and holds what it held and what was told.
    fn look(&self, before: &Ledger) -> Ledger {
        let head = before.head().to_string();
        let verified = self.rig.run("", &["--json", "ledger", "verify", "--head", &head]);
        assert_eq!(verified.code, 0, "{verified:?}");
        let after = self.rig.ledger();
        assert!(after.chain().seq >= before.chain().seq);
        if let Some((seq, hash)) = self.acknowledged.last() {
            assert_eq!(
                after.event(*seq).unwrap().map(|entry| entry.event.hash.to_string()).as_ref(),
                Some(hash)
            );
        }
        assert_eq!(after.inventory().odd(), 0, "{:?}", after.inventory().oddities());
        after
    }

    /// `inventory`, `status` and the next `enroll` tell the newest step that was cut off, and what to do.
    fn explained(&mut self, ledger: &Ledger) {
        let pending = ledger.inventory().pending().last().unwrap();
        let (step, cure) = (pending.intent.step.as_str(), pending.cure());
        let (_, inventory) = self.rig.json(&["inventory"]);
        let told = inventory["pending"].as_array().unwrap().last().unwrap();
        assert_eq!((told["seq"].as_u64(), told["cure"].as_str()), (Some(pending.seq), Some(cure.as_str())));
        let (_, status) = self.rig.json(&["status"]);
        let rows = status["findings"].as_array().unwrap();
        let told = |row: &Value| {
            row["id"] == "pending"
                && row["cure"] == cure.as_str()
                && row["saw"].as_str().unwrap().contains(step)
        };
        assert!(rows.iter().any(told), "{status:#}");
        let name = self.new_key();
        let next = self
            .rig
            .run("", &["--key", &format!("soft:{name}"), "enroll", "--account", "EA-01", "--dry-run"]);
        assert!(next.code == 0 && next.err.contains(step) && next.err.contains("plug"), "{next:?}");
    }

    /// Nothing that was ever told is missing.
    fn end(self) -> (BTreeMap<Verb, Hits>, usize) {
        let ledger = self.rig.ledger();
        for (seq, hash) in &self.acknowledged {
            let event = ledger.event(*seq).unwrap().unwrap().event;
            assert_eq!(event.hash.to_string(), *hash);
        }
        let mut failed = 0;
        let each = |entry: glasskey::ledger::chain::Entry| {
            if let Payload::Outcome(outcome) = entry.body.unwrap().event {
                failed += u32::from(outcome.result == Ended::Failed);
            }
            Ok::<(), LedgerError>(())
        };
        ledger.for_each(0, each).unwrap();
        assert_eq!(failed, 0, "a killed run says nothing, and no other one failed");
        (self.hits, self.acknowledged.len())
    }
}

fn other(pin: &str) -> &'static str {
    if pin == PIN { OTHER_PIN } else { PIN }
}

#[test]
fn whenever_the_program_is_killed_the_record_holds_and_the_next_run_explains() {
    let began = Instant::now();
    let places: Vec<_> = thread::scope(|scope| {
        let kill = |number| {
            move || {
                let mut place = Place::new(number);
                for verb in ROUND.into_iter().cycle() {
                    place.kill(verb);
                    if place.hits.values().map(|hits| hits.kills).sum::<u32>() >= KILLS {
                        break;
                    }
                }
                place.end()
            }
        };
        let threads: Vec<_> = (0..PLACES).map(|number| scope.spawn(kill(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for verb in [Verb::Enroll, Verb::Check, Verb::ChangePin, Verb::Register, Verb::Reset] {
        let of = |count: fn(&Hits) -> u32| {
            places.iter().filter_map(|(hits, _)| hits.get(&verb)).map(count).sum::<u32>()
        };
        let (kills, within, writing) =
            (of(|hits| hits.kills), of(|hits| hits.within), of(|hits| hits.writing));
        println!(
            "{verb:?}: killed {kills} times, {within} of them within a step, {writing} while the ledger was written; {} ended first",
            of(|hits| hits.ended)
        );
        assert!(
            verb != Verb::Enroll || (within > 0 && within < kills),
            "the kills come at all kinds of moments"
        );
    }
    let told: usize = places.iter().map(|(_, acknowledged)| acknowledged).sum();
    println!("{told} acknowledged events, all there; {:.0} s", began.elapsed().as_secs_f32());
}
