//! One key of the inventory.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::ledger::event::Event;
use crate::ledger::payload::{Change, Custody, Enrolled, Payload, Verdict};
use crate::ledger::receipt::Signer;

/// Where a key stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// In custody.
    Active,
    /// Taken out of service.
    Retired,
    /// Lost.
    Lost,
    /// Reset: its credentials are gone, also the one that it is recognised by.
    Reset,
}

impl State {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Lost => "lost",
            Self::Reset => "reset",
        }
    }
}

/// When a key was checked, and by which event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The event.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
}

/// One key of the inventory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Key {
    /// Its label now.
    pub label: String,
    /// For which account.
    pub account: String,
    /// Where it lies.
    pub site: Option<String>,
    /// Who keeps it.
    pub custodian: Option<String>,
    /// The sealed bag that it lies in.
    pub bag: Option<String>,
    /// Where it stands in its life.
    pub state: State,
    /// Why it is retired or lost.
    pub why: Option<String>,
    /// Its model.
    pub aaguid: Uuid,
    /// The model's name, as it was known at enrolment.
    pub model: Option<String>,
    /// The model's vendor, as it was known at enrolment.
    pub vendor: Option<String>,
    /// Its firmware at enrolment.
    pub firmware: Option<u64>,
    /// Whether it is a soft key.
    pub soft: bool,
    /// By which it is recognised; the counter is the one last seen.
    pub custody: Custody,
    /// Who watched its enrolment.
    pub witness: Option<String>,
    /// Why a rule was overridden at its enrolment.
    pub override_reason: Option<String>,
    /// Its enrolment: facts, findings and the raw registration stand in that event.
    pub enrolled: Seen,
    /// The newest event about it.
    pub last_event: Seen,
    /// Its last recorded check.
    pub last_checked: Option<Seen>,
    /// Its last check that was not failed and that the key itself signed.
    pub last_good_check: Option<Seen>,
    /// What the last check found.
    pub last_verdict: Option<Verdict>,
    /// What the last check found changed since enrolment.
    pub changes: Vec<Change>,
    /// When its PIN was last changed.
    pub pin_changed: Option<Seen>,
    /// Who may sign for it.
    #[serde(skip)]
    pub signer: Arc<Signer>,
}

impl Key {
    pub(super) fn enrolled(event: &Event, enrolled: &Enrolled) -> Option<Self> {
        let seen = Seen { seq: event.seq, at: event.at };
        let mut key = Self {
            label: enrolled.label.clone(),
            account: enrolled.account.clone(),
            site: enrolled.site.clone(),
            custodian: enrolled.custodian.clone(),
            bag: None,
            state: State::Active,
            why: None,
            aaguid: enrolled.aaguid,
            model: enrolled.model.clone(),
            vendor: enrolled.vendor.clone(),
            firmware: enrolled.firmware,
            soft: enrolled.soft,
            custody: enrolled.custody.clone(),
            witness: enrolled.witness.clone(),
            override_reason: enrolled.override_reason.clone(),
            enrolled: seen,
            last_event: seen,
            last_checked: None,
            last_good_check: None,
            last_verdict: None,
            changes: Vec::new(),
            pin_changed: None,
            signer: Arc::new(Signer::try_from(&enrolled.custody).ok()?),
        };
        key.heard(event);
        Some(key)
    }

    /// Any event about it: the newest, and perhaps a newer counter.
    pub(super) fn heard(&mut self, event: &Event) {
        self.last_event = Seen { seq: event.seq, at: event.at };
        if let Some(counter) = event.receipt.as_ref().and_then(|receipt| receipt.counter()) {
            self.custody.counter = counter;
        }
    }

    pub(super) fn lived(&mut self, event: &Event, payload: &Payload) {
        let seen = Seen { seq: event.seq, at: event.at };
        let mut now = |state, why: Option<&String>| {
            self.state = state;
            self.why = why.cloned();
        };
        match payload {
            Payload::Retired(retired) => now(State::Retired, Some(&retired.why)),
            Payload::Lost(lost) => now(State::Lost, Some(&lost.why)),
            Payload::Reset(_) => now(State::Reset, None),
            Payload::PinChanged(_) => self.pin_changed = Some(seen),
            Payload::Moved(moved) => self.moved(moved),
            Payload::Checked(checked) => {
                self.last_checked = Some(seen);
                self.last_verdict = Some(checked.verdict);
                self.changes.clone_from(&checked.changes);
                if checked.verdict != Verdict::NotFit && event.receipt.is_some() {
                    self.last_good_check = Some(seen);
                }
            }
            Payload::CredentialDeleted(_)
            | Payload::LedgerCreated(_)
            | Payload::Intent(_)
            | Payload::Outcome(_)
            | Payload::Enrolled(_)
            | Payload::Relabelled(_)
            | Payload::Onboarded(_) => {}
        }
    }
}
