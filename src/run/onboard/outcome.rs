//! What follows from a run: the verdict, the report, the catalogue entry, the lines for the lists, the record.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::record::{fault, place, value};
use super::super::{World, report};
use super::files::Files;
use crate::error::Error;
use crate::exit::Exit;
use crate::ledger::Event;
use crate::ledger::bytes::Bytes;
use crate::ledger::payload::{Onboarded, Payload, RawRegistration};
use crate::onboard::compare::{Earlier, SCHEMA};
use crate::onboard::lists::lists;
use crate::onboard::pace::operations;
use crate::onboard::tried::Erased;
use crate::onboard::{Case, Verdict};
use crate::report::Onboarding;
use crate::term::show;
use crate::verdict::Outcome as Answer;

/// Name and version of this program.
const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// What follows from a run.
pub(super) struct Outcome<'a> {
    told: Onboarding<'a>,
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
        let since = match earlier {
            None => None,
            Some(earlier) => {
                let bytes = serde_json::to_vec(&document).map_err(|_| Error::Bug)?;
                let now = Earlier::parse(&bytes).map_err(|_| Error::Bug)?;
                Some((earlier.at, earlier.changes(&now)))
            }
        };
        let told =
            Onboarding { case, verdict, program: PROGRAM, took, operations, lists, since, event: None };
        Ok(Self { told, document })
    }

    /// What the ledger keeps.
    pub(super) fn payload(&self) -> Result<Payload, Error> {
        let (case, verdict) = (self.told.case, self.told.verdict);
        let facts = case.facts;
        let model = case.model();
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
            verdict: verdict.outcome.into(),
            findings: value(&verdict.findings)?,
            facts: value(facts)?,
            registration,
            erased: case.tried.reset.done().is_some_and(Erased::is_blank),
        })))
    }

    /// Writes the files and tells all of it. What could not be recorded or written is told with it: nobody goes through
    /// the run again for want of a folder.
    pub(super) fn tell(
        mut self,
        world: &World,
        files: &Files,
        recorded: &'a Result<Option<Event>, Error>,
    ) -> Result<Exit, Error> {
        let (event, not_recorded) = match recorded {
            Ok(event) => (event.as_ref(), None),
            Err(error) => (None, Some(error)),
        };
        self.told.event = event;
        let (written, not_written) = files.write(&self.told);
        if world.term.json {
            if let Value::Object(members) = &mut self.document {
                let since = self.told.since.as_ref();
                members.insert("since".to_owned(), value(&since.map(|(at, _)| at))?);
                members.insert("changes".to_owned(), value(&since.map(|(_, changes)| changes))?);
                members.insert("event".to_owned(), value(&event.map(place))?);
                members.insert("not_recorded".to_owned(), value(&not_recorded.map(fault))?);
                members.insert("not_written".to_owned(), not_written.iter().map(fault).collect());
            }
            world.term.document(&self.document)?;
        } else {
            self.show(world)?;
            if let Some(error) = not_recorded {
                world.term.out(&show::not_recorded(&error.to_string(), error.hint().as_deref()))?;
            }
            for error in &not_written {
                world.term.out(&show::not_written(&error.to_string(), error.hint().as_deref()))?;
            }
        }
        written.iter().try_for_each(|file| report::told(world, file))?;
        let found = match self.told.verdict.outcome {
            _ if self.told.case.broke() => Exit::Misbehaved,
            Answer::Fit | Answer::FitWithWarnings => Exit::Yes,
            Answer::NotFit => Exit::No,
        };
        Ok(not_recorded.into_iter().chain(&not_written).map(Error::exit).fold(found, Exit::max))
    }

    fn show(&self, world: &World) -> Result<(), Error> {
        let told = &self.told;
        world.term.out(&show::onboard::told(told.case, told.verdict))?;
        world.term.out(&show::onboard::measured(told.took, told.case.facts.traffic.transactions))?;
        if let Some((at, changes)) = &told.since {
            world.term.out(&show::onboard::changes(*at, changes))?;
        }
        world.term.out(&show::onboard::lists(told.lists.as_ref()))?;
        if let Some(event) = told.event {
            world.term.out(&format!("recorded: event {}, head {}\n", event.seq, event.hash))?;
        }
        Ok(())
    }
}
