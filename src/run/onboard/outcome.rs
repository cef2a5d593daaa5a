//! What follows from a run: the verdict, the report, the catalogue entry, the lines for the lists, the record.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::World;
use super::super::record::value;
use super::files::{self, Files};
use super::markdown;
use crate::error::Error;
use crate::exit::Exit;
use crate::ledger::Event;
use crate::ledger::bytes::Bytes;
use crate::ledger::payload::{Onboarded, Payload, RawRegistration};
use crate::onboard::compare::{Change, Earlier, SCHEMA};
use crate::onboard::entry::entry;
use crate::onboard::lists::{Lists, lists};
use crate::onboard::pace::{Operation, operations};
use crate::onboard::{Case, Verdict};
use crate::term::show;
use crate::verdict::Outcome as Answer;

/// Name and version of this program.
pub(super) const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// What follows from a run.
pub(super) struct Outcome<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) verdict: &'a Verdict,
    pub(super) took: Duration,
    pub(super) operations: Vec<Operation>,
    pub(super) lists: Option<Lists>,
    /// When the earlier run was, and what changed since.
    pub(super) changes: Option<(jiff::Timestamp, Vec<Change>)>,
    document: Value,
}

impl<'a> Outcome<'a> {
    pub(super) fn new(
        case: &'a Case<'a>,
        verdict: &'a Verdict,
        took: Duration,
        earlier: Option<&Earlier>,
    ) -> Result<Self, Error> {
        let (operations, lists) = (operations(&case.tried.timings), lists(case, verdict));
        let model = case.model();
        let document = json!({
            "schema": SCHEMA,
            "at": case.now,
            "program": PROGRAM,
            "verdict": verdict.outcome,
            "model": model.map(|model| json!({ "name": model.name, "vendor": model.vendor })),
            "key": case.facts,
            "findings": verdict.findings,
            "measured": {
                "milliseconds": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                "round_trips": case.facts.traffic.transactions,
                "operations": operations,
            },
            "lists": lists,
        });
        let changes = match earlier {
            None => None,
            Some(earlier) => {
                let bytes = serde_json::to_vec(&document).map_err(|_| Error::Bug)?;
                let now = Earlier::parse(&bytes).map_err(|_| Error::Bug)?;
                Some((earlier.at, earlier.changes(&now)))
            }
        };
        Ok(Self { case, verdict, took, operations, lists, changes, document })
    }

    /// What the ledger keeps.
    pub(super) fn payload(&self, erased: bool) -> Result<Payload, Error> {
        let facts = self.case.facts;
        let model = self.case.model();
        let registration = facts.registration.done().map(|made| RawRegistration {
            attestation_object: Bytes(made.attestation.object.clone()),
            client_data: Bytes(made.client_data.as_bytes().to_vec()),
        });
        Ok(Payload::Onboarded(Box::new(Onboarded {
            aaguid: facts.info.aaguid,
            model: model.map(|model| model.name.clone()),
            vendor: model.map(|model| model.vendor.clone()),
            firmware: facts.info.firmware_version,
            soft: facts.soft,
            verdict: self.verdict.outcome.into(),
            findings: value(&self.verdict.findings)?,
            facts: value(facts)?,
            registration,
            erased,
        })))
    }

    /// Tells it, and writes the files.
    pub(super) fn tell(mut self, world: &World, files: &Files, event: Option<&Event>) -> Result<Exit, Error> {
        if world.term.json {
            if let Value::Object(members) = &mut self.document {
                members.insert("since".to_owned(), value(&self.changes.as_ref().map(|(at, _)| at))?);
                members.insert("changes".to_owned(), value(&self.changes.as_ref().map(|(_, all)| all))?);
                let event = event.map(|event| json!({ "seq": event.seq, "hash": event.hash }));
                members.insert("event".to_owned(), value(&event)?);
            }
            world.term.document(&self.document)?;
        } else {
            world.term.out(&show::onboard::told(self.case, self.verdict))?;
            world.term.out(&show::onboard::measured(self.took, self.case.facts.traffic.transactions))?;
            if let Some((at, changes)) = &self.changes {
                world.term.out(&show::onboard::changes(*at, changes))?;
            }
            world.term.out(&show::onboard::lists(self.lists.as_ref()))?;
            if let Some(event) = event {
                world.term.out(&format!("recorded: event {}, head {}\n", event.seq, event.hash))?;
            }
        }
        if let Some(path) = &files.out {
            files::write(path, &markdown::report(&self, event))?;
        }
        if let Some(path) = &files.entry {
            files::write(path, &entry(self.case, self.verdict, PROGRAM).map_err(|_| Error::Bug)?)?;
        }
        Ok(match self.verdict.outcome {
            _ if self.case.broke() => Exit::Misbehaved,
            Answer::Fit | Answer::FitWithWarnings => Exit::Yes,
            Answer::NotFit => Exit::No,
        })
    }
}
