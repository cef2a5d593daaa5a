//! What the events tell of each key, folded while they stream by. Memory grows with the keys, and with the events only by
//! one mark on the timeline each.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ledger::Inventory;
use crate::ledger::chain::Entry;
use crate::ledger::export;
use crate::ledger::inventory::Seen;
use crate::ledger::payload::{Checked, Enrolled, Moved, Payload, Verdict};
use crate::verdict::finding::Status as Sign;

/// The most events of one key that are told; those before are counted.
pub const MOST_EVENTS: usize = 8;
/// The most readings of one key that are drawn; those before are counted.
pub const MOST_READINGS: usize = 24;
/// The longest foreign text that is kept, in characters.
const LONGEST: usize = 400;

/// What the events told so far.
#[derive(Debug, Default)]
pub struct Past {
    /// As it stood, so that the label of that day leads to its key.
    then: Inventory,
    lives: BTreeMap<u64, Life>,
    /// Which key an intent was about.
    intents: HashMap<u64, u64>,
    marks: Vec<Mark>,
    first: Option<Timestamp>,
    signed: u64,
    signed_to: Option<u64>,
}

/// What befell one key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Life {
    /// What its newest check, else its enrolment, found.
    pub found: Option<Found>,
    /// The newest readings, oldest first.
    pub readings: VecDeque<Reading>,
    /// How many there were before them.
    pub earlier_readings: u64,
    /// The newest events, oldest first.
    pub events: VecDeque<Happened>,
    /// How many there were before them.
    pub earlier_events: u64,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// By which event.
    pub by: Seen,
    /// Whether the key itself signed that.
    pub signed: bool,
    /// How many checks passed.
    pub passed: u64,
    /// How many were left out.
    pub skipped: u64,
    /// Those that failed or warned.
    pub wrong: Vec<Wrong>,
}

/// A finding that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Its id.
    pub id: String,
    /// `warn` or `fail`.
    pub status: Sign,
    /// What was seen. Foreign text.
    pub saw: String,
    /// What to do about it. Foreign text.
    pub cure: Option<String>,
}

/// What a key told of itself in one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The event.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// PIN attempts that were left, where it told.
    pub retries: Option<u64>,
    /// The signature counter, where one was seen.
    pub counter: Option<u32>,
}

/// One event of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Happened {
    /// Its number.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Its kind.
    pub kind: String,
    /// What it says, in words. Foreign text.
    pub says: String,
    /// The verdict, where it is a check.
    pub verdict: Option<Verdict>,
    /// Whether the key itself signed it.
    pub signed: bool,
}

/// A point on the timeline of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The account.
    pub account: String,
    /// When.
    pub at: Timestamp,
    /// What; `None` is an enrolment.
    pub verdict: Option<Verdict>,
}

/// A finding as it was recorded, perhaps by another program: what is not understood is left out.
#[derive(Deserialize)]
struct Recorded {
    id: String,
    status: String,
    #[serde(default)]
    saw: String,
    #[serde(default)]
    cure: Option<String>,
}

impl Past {
    /// Takes the next event, from the first on.
    pub fn take(&mut self, entry: &Entry) {
        let event = &entry.event;
        self.first = self.first.or(Some(event.at));
        if event.receipt.is_some() {
            self.signed = self.signed.saturating_add(1);
            self.signed_to = Some(event.seq);
        }
        let payload = entry.body.as_ref().map(|body| &body.event);
        let before = payload.and_then(|payload| self.owner(payload));
        self.then.apply(entry);
        // A key that is enrolled has its label only now.
        let owner = before.or_else(|| payload.and_then(|payload| self.owner(payload)));
        let (Some(payload), Some(owner)) = (payload, owner) else { return };
        self.tell(entry, payload, owner);
    }

    /// The key that an event is about, by the event of its enrolment.
    fn owner(&self, payload: &Payload) -> Option<u64> {
        match payload {
            Payload::Outcome(outcome) => self.intents.get(&outcome.intent).copied(),
            _ => self.then.key(payload.label()?).map(|key| key.enrolled.seq),
        }
    }

    fn tell(&mut self, entry: &Entry, payload: &Payload, owner: u64) {
        let event = &entry.event;
        let life = self.lives.entry(owner).or_default();
        let seen = Seen { seq: event.seq, at: event.at };
        let (signed, mut verdict) = (event.receipt.is_some(), None);
        let says = match payload {
            Payload::Checked(checked) => {
                verdict = Some(checked.verdict);
                let found = Found::new(seen, signed, &checked.findings);
                let reading = life.read(seen, &checked.facts, checked.counter);
                let says = checked_in_words(checked, &found, reading);
                life.found = Some(found);
                says
            }
            Payload::Enrolled(enrolled) => {
                life.found = Some(Found::new(seen, signed, &enrolled.findings));
                life.read(seen, &enrolled.facts, Some(enrolled.custody.counter));
                enrolled_in_words(enrolled)
            }
            Payload::Moved(moved) => moved_in_words(moved),
            Payload::Intent(_) => {
                self.intents.insert(event.seq, owner);
                export::says(entry)
            }
            _ => export::says(entry),
        };
        if life.events.len() == MOST_EVENTS {
            life.events.pop_front();
            life.earlier_events = life.earlier_events.saturating_add(1);
        }
        life.events.push_back(Happened {
            seq: event.seq,
            at: event.at,
            kind: event.kind.clone(),
            says: cut(&says),
            verdict,
            signed,
        });
        if matches!(payload, Payload::Checked(_) | Payload::Enrolled(_))
            && let Some(key) = payload.label().and_then(|label| self.then.key(label))
        {
            self.marks.push(Mark { account: key.account.clone(), at: event.at, verdict });
        }
    }

    /// What befell the key that was enrolled by this event.
    #[must_use]
    pub fn life(&self, enrolled: u64) -> Option<&Life> {
        self.lives.get(&enrolled)
    }

    /// Enrolments and checks, in the order of the ledger.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// When the ledger begins.
    #[must_use]
    pub fn first(&self) -> Option<Timestamp> {
        self.first
    }

    /// How many events a key has signed.
    #[must_use]
    pub fn signed(&self) -> u64 {
        self.signed
    }

    /// The newest event that a key has signed.
    #[must_use]
    pub fn signed_to(&self) -> Option<u64> {
        self.signed_to
    }
}

impl Life {
    fn read(&mut self, seen: Seen, facts: &Value, counter: Option<u32>) -> Reading {
        let retries = facts.pointer("/retries/left").and_then(Value::as_u64);
        let reading = Reading { seq: seen.seq, at: seen.at, retries, counter };
        if retries.is_some() || counter.is_some() {
            if self.readings.len() == MOST_READINGS {
                self.readings.pop_front();
                self.earlier_readings = self.earlier_readings.saturating_add(1);
            }
            self.readings.push_back(reading);
        }
        reading
    }
}

impl Found {
    fn new(by: Seen, signed: bool, findings: &Value) -> Self {
        let mut found = Self { by, signed, passed: 0, skipped: 0, wrong: Vec::new() };
        for finding in findings.as_array().into_iter().flatten() {
            let Ok(told) = Recorded::deserialize(finding) else { continue };
            let status = match told.status.as_str() {
                "pass" => {
                    found.passed = found.passed.saturating_add(1);
                    continue;
                }
                "skipped" => {
                    found.skipped = found.skipped.saturating_add(1);
                    continue;
                }
                "warn" => Sign::Warn,
                // A word that nobody knows is not well.
                _ => Sign::Fail,
            };
            let (saw, cure) = (cut(&told.saw), told.cure.as_deref().map(cut));
            found.wrong.push(Wrong { id: cut(&told.id), status, saw, cure });
        }
        found
    }

    /// The ids of the findings that stand like this.
    fn ids(&self, status: Sign) -> Vec<&str> {
        self.wrong.iter().filter(|wrong| wrong.status == status).map(|wrong| wrong.id.as_str()).collect()
    }
}

fn checked_in_words(checked: &Checked, found: &Found, reading: Reading) -> String {
    let mut parts = Vec::new();
    for (status, word) in [(Sign::Fail, "failed"), (Sign::Warn, "warned")] {
        let ids = found.ids(status);
        if !ids.is_empty() {
            parts.push(format!("{word}: {}", ids.join(", ")));
        }
    }
    parts.extend(reading.retries.map(|left| format!("{left} PIN attempts left")));
    parts.extend(reading.counter.map(|counter| format!("counter {counter}")));
    parts.extend(checked.drill.map(|drill| format!("in the drill of event {drill}")));
    parts.join("; ")
}

fn enrolled_in_words(enrolled: &Enrolled) -> String {
    let mut parts = vec![format!("for {}", enrolled.account)];
    parts.extend(enrolled.site.as_ref().map(|site| format!("at {site}")));
    parts.extend(enrolled.custodian.as_ref().map(|name| format!("kept by {name}")));
    parts.extend(enrolled.witness.as_ref().map(|name| format!("watched by {name}")));
    parts.extend(enrolled.override_reason.as_ref().map(|why| format!("a rule was overridden: {why}")));
    parts.join("; ")
}

fn moved_in_words(moved: &Moved) -> String {
    let mut parts = Vec::new();
    parts.extend(moved.site.as_ref().map(|site| format!("to {site}")));
    parts.extend(moved.custodian.as_ref().map(|name| format!("to {name}")));
    parts.extend(moved.bag.as_ref().map(|bag| format!("into bag {bag}")));
    parts.extend(moved.drill.map(|drill| format!("in the drill of event {drill}")));
    parts.join("; ")
}

/// The beginning of a long text.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
