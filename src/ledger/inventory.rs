//! Replay: what the events add up to. A pure fold; no second table to disagree with.

mod admit;
pub mod drill;
mod key;
mod rests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::bytes::Hash;
use super::chain::Entry;
use super::payload::{Intent, Moved, Payload};
use super::receipt::Signer;
use crate::escape::quote;

pub(super) use admit::registered;
pub use admit::{Refusal, may_be_label};
pub use drill::Drill;
pub use key::{CounterBack, EntraCredential, Key, Seen, State};

/// The most oddities that are kept, with their words. All are counted.
const MOST_ODDITIES: usize = 100;

/// A step that was begun and of which nobody knows how it ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pending {
    /// The event.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What was about to be done.
    pub intent: Intent,
}

impl Pending {
    /// What to do about it, for people.
    #[must_use]
    pub fn cure(&self) -> String {
        let Intent { step, label, account, .. } = &self.intent;
        let begun = format!("'{step}' was begun and its end was not recorded");
        if let Some(told) = self.intent.onboarding() {
            return format!("{begun}: {told}; the next `glasskey onboard` that is recorded closes this");
        } else if let (None, Some(account)) = (label, account) {
            return format!(
                "{begun}: plug the key that was in hand in, and enroll it again (`glasskey enroll --account {account}`); \
                 a PIN that was set by then stays",
                account = quote(account)
            );
        }
        let look = match step.as_str() {
            "change PIN" => "the key has the old PIN or the new one",
            "delete passkey" | "forget passkey" => "the passkey is there or gone",
            "reset" => {
                "the key is as it was, or erased; then it is not known again, and must be retired and enrolled anew"
            }
            _ => "it was done or it was not",
        };
        let Some(label) = label else {
            let labels = self.intent.may_be().collect::<Vec<_>>().join(" or ");
            return format!(
                "{begun}: {look}. The key did not tell whether it is {labels}: check each of them (`glasskey check --key LABEL`). \
                 This is closed when each has signed a check that is not failed, or is retired or lost"
            );
        };
        let named = quote(label);
        let of = account.as_deref().map_or_else(|| "NAME".to_owned(), quote);
        if self.intent.registers_passkey() {
            return format!(
                "{begun}: Entra has nothing of it, but the passkey may be on the key; plug the key '{label}' in, and register \
                 anew (`glasskey entra register --key {named} --account {of} --options FILE --out FILE`), which replaces it, or delete it (`glasskey entra forget --key \
                 {named}`); either closes this, and so does `glasskey inventory retire {named} --why REASON`"
            );
        }
        format!(
            "{begun}: {look}; plug the key '{label}' in and check it (`glasskey check --key {named}`). A check that is \
             not failed and that the key signs closes this; so does `glasskey inventory retire {named} --why REASON`"
        )
    }
}

/// An event that this program would not have written: recorded, but without effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Oddity {
    /// The event.
    pub seq: u64,
    /// What is odd about it.
    pub what: String,
}

/// By how much an event may be dated before the one before it: who records takes the time, and then waits for the lock.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

/// What the events add up to.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    organisation: Option<String>,
    created: Option<Timestamp>,
    events: u64,
    head: Option<Hash>,
    last_at: Option<Timestamp>,
    keys: Vec<Key>,
    /// Every label that was ever given, folded, and whose it is or was.
    labels: HashMap<String, usize>,
    /// Every custody credential.
    credentials: HashMap<Vec<u8>, usize>,
    pending: BTreeMap<u64, Pending>,
    oddities: Vec<Oddity>,
    odd: u64,
    drills: Vec<Drill>,
    /// Logs looked through apart from any drill.
    evidence: Vec<drill::Attached>,
    uses: Vec<drill::Used>,
}

/// Labels that differ only in case or in how a letter is put together are one.
fn fold(label: &str) -> String {
    label.nfkc().collect::<String>().to_lowercase()
}

impl Inventory {
    /// Whose ledger it is.
    #[must_use]
    pub fn organisation(&self) -> Option<&str> {
        self.organisation.as_deref()
    }

    /// When it was made.
    #[must_use]
    pub fn created(&self) -> Option<Timestamp> {
        self.created
    }

    /// How many events were replayed.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The hash of the newest; `None` before the first.
    #[must_use]
    pub fn head(&self) -> Option<Hash> {
        self.head
    }

    /// All keys, in the order of their enrolment.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key that has this label now, whatever its case.
    #[must_use]
    pub fn key(&self, label: &str) -> Option<&Key> {
        self.place(label).and_then(|place| self.keys.get(place))
    }

    /// The key that has, or once had, this label.
    #[must_use]
    pub fn ever(&self, label: &str) -> Option<&Key> {
        self.labels.get(&fold(label)).and_then(|place| self.keys.get(*place))
    }

    /// The key whose custody credential has this id.
    #[must_use]
    pub fn key_by_credential(&self, id: &[u8]) -> Option<&Key> {
        self.credentials.get(id).and_then(|place| self.keys.get(*place))
    }

    /// The key that holds this passkey for Entra, as far as the ledger knows.
    #[must_use]
    pub fn key_by_entra_credential(&self, id: &[u8]) -> Option<&Key> {
        self.keys.iter().find(|key| key.entra.iter().any(|one| one.credential_id.as_slice() == id))
    }

    /// Steps that were begun and of which nobody knows how they ended, oldest first.
    pub fn pending(&self) -> impl Iterator<Item = &Pending> {
        self.pending.values()
    }

    /// The first events that this program would not have written.
    #[must_use]
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// How many events this program would not have written.
    #[must_use]
    pub fn odd(&self) -> u64 {
        self.odd
    }

    /// Whether its keys are soft keys; `None` while it has none.
    #[must_use]
    pub fn soft(&self) -> Option<bool> {
        self.keys.first().map(|key| key.soft)
    }

    /// Who may sign a receipt for this payload, seen from before the event.
    #[must_use]
    pub fn signer(&self, payload: &Payload) -> Option<Arc<Signer>> {
        match payload {
            Payload::Enrolled(enrolled) => Signer::try_from(&enrolled.custody).ok().map(Arc::new),
            _ => self.key(payload.label()?).map(|key| Arc::clone(&key.signer)),
        }
    }

    fn place(&self, label: &str) -> Option<usize> {
        let folded = fold(label);
        let place = *self.labels.get(&folded)?;
        self.keys.get(place).is_some_and(|key| fold(&key.label) == folded).then_some(place)
    }

    fn key_mut(&mut self, label: &str) -> Option<&mut Key> {
        self.place(label).and_then(|place| self.keys.get_mut(place))
    }

    fn odd_one(&mut self, seq: u64, what: String) {
        self.odd = self.odd.saturating_add(1);
        if self.oddities.len() < MOST_ODDITIES {
            self.oddities.push(Oddity { seq, what });
        }
    }

    /// Takes the next event. One that this program would not have written is noted, and changes nothing.
    pub fn apply(&mut self, entry: &Entry) {
        let event = &entry.event;
        match &entry.body {
            None => self.odd_one(event.seq, "it was written by a later version of this program".into()),
            Some(body) => match self.admit(&body.event) {
                Ok(()) => self.take(entry, &body.event),
                Err(refusal) => self.odd_one(event.seq, refusal.to_string()),
            },
        }
        if self.last_at.is_some_and(|last| last.duration_since(event.at) > CLOCKS_DIFFER) {
            self.odd_one(event.seq, "it is dated before the event before it: a clock was wrong".into());
        }
        self.last_at = Some(event.at);
        self.events = event.seq;
        self.head = Some(event.hash);
    }

    fn take(&mut self, entry: &Entry, payload: &Payload) {
        let event = &entry.event;
        if let Some(label) = payload.label()
            && let Some(key) = self.key_mut(label)
        {
            key.heard(event);
        }
        match payload {
            Payload::LedgerCreated(created) => {
                self.organisation.clone_from(&created.organisation);
                self.created = Some(event.at);
            }
            Payload::Intent(intent) => {
                let pending = Pending { seq: event.seq, at: event.at, intent: intent.clone() };
                self.pending.insert(event.seq, pending);
            }
            Payload::Outcome(outcome) => {
                self.pending.remove(&outcome.intent);
            }
            // A sample is in nobody's custody.
            Payload::Onboarded(_) => {}
            Payload::Enrolled(enrolled) => {
                // Admitted, so it can be made.
                if let Some(key) = Key::enrolled(event, enrolled) {
                    let place = self.keys.len();
                    self.labels.insert(fold(&enrolled.label), place);
                    self.credentials.insert(enrolled.custody.credential_id.0.clone(), place);
                    self.keys.push(key);
                }
            }
            Payload::Relabelled(relabelled) => {
                if let Some(place) = self.place(&relabelled.label) {
                    self.labels.insert(fold(&relabelled.new_label), place);
                    if let Some(key) = self.keys.get_mut(place) {
                        key.label.clone_from(&relabelled.new_label);
                    }
                }
            }
            Payload::Checked(_)
            | Payload::PinChanged(_)
            | Payload::Moved(_)
            | Payload::Retired(_)
            | Payload::Lost(_)
            | Payload::Found(_)
            | Payload::Reset(_)
            | Payload::CredentialDeleted(_)
            | Payload::EntraRegistered(_)
            | Payload::EntraForgotten(_)
            | Payload::NotChecked(_)
            | Payload::DrillAnswered(_) => {
                if let Some(key) = payload.label().and_then(|label| self.key_mut(label)) {
                    key.lived(event, payload);
                }
            }
            Payload::DrillBegun(_)
            | Payload::DrillEnded(_)
            | Payload::ActionClosed(_)
            | Payload::EvidenceAttached(_)
            | Payload::AccountUsed(_) => {}
        }
        self.drilled(entry, payload);
    }
}

impl Key {
    fn moved(&mut self, moved: &Moved) {
        for (now, then) in [
            (&moved.site, &mut self.site),
            (&moved.custodian, &mut self.custodian),
            (&moved.bag, &mut self.bag),
        ] {
            if now.is_some() {
                then.clone_from(now);
            }
        }
    }
}
