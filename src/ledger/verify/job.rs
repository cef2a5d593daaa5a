//! What is checked of one event apart from its place: its form, its enrolment, its receipt.

use std::sync::Arc;

use super::Proved;
use crate::ledger::chain::{Break, Entry, Reason};
use crate::ledger::event::is_canonical;
use crate::ledger::inventory::registered;
use crate::ledger::payload::Payload;
use crate::ledger::receipt::Signer;

/// One event to check.
pub(super) struct Job {
    pub entry: Entry,
    pub signer: Option<Arc<Signer>>,
    pub before: Proved,
}

/// An event that is not good, and what was proved before it.
pub(super) struct Failure {
    pub broken: Break,
    pub before: Proved,
}

impl Job {
    pub(super) fn check(&self) -> Option<Failure> {
        let reason = self.fault().err()?;
        Some(Failure { broken: Break { seq: self.entry.event.seq, reason }, before: self.before })
    }

    fn fault(&self) -> Result<(), Reason> {
        let event = &self.entry.event;
        is_canonical(&event.body).map_err(Reason::Body)?;
        let enrolled = match self.entry.body.as_ref().map(|body| &body.event) {
            Some(Payload::Enrolled(enrolled)) => Some(enrolled),
            _ => None,
        };
        if let Some(enrolled) = enrolled {
            registered(enrolled).map_err(|refusal| Reason::Enrolment(refusal.to_string()))?;
        }
        match (&event.receipt, &self.signer) {
            (Some(receipt), Some(signer)) => {
                let verified = receipt.verify(&event.seal, signer);
                verified.map(|_| ()).map_err(|error| Reason::Receipt(error.to_string()))
            }
            (Some(_), None) => Err(Reason::NoSigner),
            (None, _) if enrolled.is_some() => Err(Reason::NotSigned),
            (None, _) => Ok(()),
        }
    }
}
