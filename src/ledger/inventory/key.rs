//! One key of the inventory.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::catalogue::Told;
use crate::ledger::bytes::{Bytes, Hash};
use crate::ledger::event::Event;
use crate::ledger::payload::{Change, Checked, Custody, Enrolled, EntraRegistered, Payload, Verdict};
use crate::ledger::receipt::Signer;
use crate::webauthn::stored::attested_firmware;

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

/// A signature whose counter is no higher than the one before: one of the two may be by a copy of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CounterBack {
    /// The event that it signed.
    pub seq: u64,
    /// The highest counter before.
    pub before: u32,
    /// The counter of this signature.
    pub after: u32,
}

/// A passkey for Entra that a key holds, as far as the ledger knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntraCredential {
    /// For which account.
    pub account: String,
    /// For which relying party.
    pub rp_id: String,
    /// Its id.
    pub credential_id: Bytes,
    /// SHA-256 of the user handle.
    pub user_handle_sha256: Hash,
    /// When it was made.
    pub registered: Seen,
}

impl EntraCredential {
    fn new(registered: &EntraRegistered, seen: Seen) -> Self {
        Self {
            account: registered.account.clone(),
            rp_id: registered.rp_id.clone(),
            credential_id: registered.credential_id.clone(),
            user_handle_sha256: registered.user_handle_sha256,
            registered: seen,
        }
    }
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
    /// By which it is recognised; the counter is the highest one seen.
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
    /// Its last such check that was a part of a drill.
    pub last_good_drill: Option<Seen>,
    /// When it was last found again after it was lost; what was found of it before that says nothing any more.
    pub found: Option<Seen>,
    /// What the last check found; a key that was found not fit stays so until a check finds otherwise that it signed itself.
    pub last_verdict: Option<Verdict>,
    /// What was found changed since enrolment, by the last check that the key signed and by those after it.
    pub changes: Vec<Change>,
    /// When its PIN was last changed.
    pub pin_changed: Option<Seen>,
    /// All that was told of its firmware at enrolment.
    #[serde(skip)]
    pub told: Told,
    /// The last signature whose counter did not move up.
    pub counter_back: Option<CounterBack>,
    /// What it was before it was lost, and why.
    #[serde(skip)]
    before_loss: (State, Option<String>),
    /// The passkeys for Entra that it holds, oldest first.
    pub entra: Vec<EntraCredential>,
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
            last_good_drill: None,
            found: None,
            last_verdict: None,
            changes: Vec::new(),
            pin_changed: None,
            told: told(enrolled),
            counter_back: None,
            before_loss: (State::Active, None),
            entra: Vec::new(),
            signer: Arc::new(Signer::try_from(&enrolled.custody).ok()?),
        };
        key.heard(event);
        Some(key)
    }

    /// Any event about it: the newest, and perhaps a newer counter. A key that keeps none says 0 each time.
    pub(super) fn heard(&mut self, event: &Event) {
        self.last_event = Seen { seq: event.seq, at: event.at };
        if let Some(after) = event.receipt.as_ref().and_then(|receipt| receipt.counter()) {
            let before = self.custody.counter;
            if before > 0 && after <= before {
                self.counter_back = Some(CounterBack { seq: event.seq, before, after });
            }
            self.custody.counter = before.max(after);
        }
    }

    fn is_now(&mut self, state: State, why: Option<String>) {
        (self.state, self.why) = (state, why);
    }

    pub(super) fn lived(&mut self, event: &Event, payload: &Payload) {
        let seen = Seen { seq: event.seq, at: event.at };
        match payload {
            Payload::Retired(retired) => self.is_now(State::Retired, Some(retired.why.clone())),
            Payload::Lost(lost) => {
                self.before_loss = (self.state, self.why.take());
                self.is_now(State::Lost, Some(lost.why.clone()));
            }
            Payload::Found(_) => {
                let (state, why) = self.before_loss.clone();
                self.is_now(state, why);
                // Nobody knows where it was.
                self.found = Some(seen);
                (self.last_good_check, self.last_good_drill, self.last_verdict) = (None, None, None);
            }
            // A key that was retired and then erased stays what it is.
            Payload::Reset(_) => {
                self.entra.clear();
                if self.state != State::Retired {
                    self.is_now(State::Reset, None);
                }
            }
            Payload::EntraRegistered(registered) => self.entra.push(EntraCredential::new(registered, seen)),
            Payload::EntraForgotten(forgotten) => self.forget(&forgotten.credential_id),
            Payload::CredentialDeleted(deleted) => self.forget(&deleted.credential_id),
            Payload::PinChanged(_) => self.pin_changed = Some(seen),
            Payload::Moved(moved) => self.moved(moved),
            Payload::Checked(checked) => {
                self.last_checked = Some(seen);
                self.judged(checked, event.receipt.is_some());
                if checked.verdict != Verdict::NotFit && event.receipt.is_some() {
                    self.last_good_check = Some(seen);
                }
            }
            Payload::LedgerCreated(_)
            | Payload::Intent(_)
            | Payload::Outcome(_)
            | Payload::Enrolled(_)
            | Payload::Relabelled(_)
            | Payload::Onboarded(_)
            | Payload::DrillBegun(_)
            | Payload::NotChecked(_)
            | Payload::DrillAnswered(_)
            | Payload::DrillEnded(_)
            | Payload::ActionClosed(_)
            | Payload::EvidenceAttached(_)
            | Payload::AccountUsed(_) => {}
        }
    }

    /// What a check found. One that the key did not sign may have had another key in hand: it tells what is wrong, and takes
    /// back nothing.
    fn judged(&mut self, checked: &Checked, signed: bool) {
        if signed || self.last_verdict != Some(Verdict::NotFit) {
            self.last_verdict = Some(checked.verdict);
        }
        if signed {
            self.changes.clear();
        }
        let news = checked.changes.iter().filter(|change| !self.changes.contains(change)).cloned();
        self.changes.extend(news.collect::<Vec<_>>());
    }

    fn forget(&mut self, id: &Bytes) {
        self.entra.retain(|one| one.credential_id != *id);
    }
}

/// What the enrolment tells of the firmware: getInfo, the certificate, and CTAPHID_INIT as the facts have it.
fn told(enrolled: &Enrolled) -> Told {
    let device = enrolled.facts.pointer("/device/device").cloned();
    Told {
        info: enrolled.firmware,
        certificate: attested_firmware(enrolled.registration.attestation_object.as_slice()),
        device: device.and_then(|device| serde_json::from_value(device).ok()),
    }
}
