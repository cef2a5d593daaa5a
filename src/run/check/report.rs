//! What `check` tells of the keys, and how it ends.

use serde_json::{Value, json};

use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::Facts;
use crate::key::found::Found;
use crate::ledger::Event;
use crate::run::{World, record};
use crate::term::show;
use crate::verdict::{Outcome, Verdict};

/// What the record of a check lacks.
pub(in crate::run) enum NotKept {
    /// There is none.
    AtAll(Error),
    /// The key has not signed it.
    Signed(Error),
}

/// A key that was judged.
pub(in crate::run) struct Judged {
    /// Which enrolled key it is, as JSON.
    pub(in crate::run) enrolled: Value,
    pub(in crate::run) facts: Facts,
    pub(in crate::run) verdict: Verdict,
    /// Whether it went silent or made no sense.
    pub(in crate::run) broke: bool,
    /// Where it was recorded.
    pub(in crate::run) event: Option<Event>,
    /// Why it was not, or not signed, although it was to be.
    pub(in crate::run) not_kept: Option<NotKept>,
}

impl Judged {
    fn exit(&self) -> Exit {
        let kept = match &self.not_kept {
            None => Exit::Yes,
            Some(NotKept::AtAll(error)) => error.exit(),
            // Whatever kept it from signing: it did not do what it was asked to do.
            Some(NotKept::Signed(error)) => error.exit().max(Exit::Misbehaved),
        };
        let found = match self.verdict.outcome {
            _ if self.broke => Exit::Misbehaved,
            Outcome::Fit | Outcome::FitWithWarnings => Exit::Yes,
            Outcome::NotFit => Exit::No,
        };
        kept.max(found)
    }

    fn not_recorded(&self) -> Option<&Error> {
        match &self.not_kept {
            Some(NotKept::AtAll(error)) => Some(error),
            Some(NotKept::Signed(_)) | None => None,
        }
    }

    fn show(&self, world: &World, catalogue: &Catalogue) -> Result<(), Error> {
        world.term.out(&show::check(&self.facts, catalogue, &self.verdict))?;
        if let Some(event) = &self.event {
            world.term.out(&show::ledger::kept(event))?;
        }
        if let Some(error) = self.not_recorded() {
            world.term.out(&show::not_recorded(&error.to_string(), error.hint().as_deref()))?;
        }
        Ok(())
    }

    fn document(&self) -> Value {
        json!({
            "schema": "glasskey.check/1",
            "verdict": self.verdict.outcome,
            "key": self.facts,
            "findings": self.verdict.findings,
            "enrolled": self.enrolled,
            "event": self.event.as_ref().map(record::place),
            "not_recorded": self.not_recorded().map(told),
        })
    }
}

/// An error as JSON.
fn told(error: &Error) -> Value {
    json!({ "kind": error.kind(), "message": error.to_string(), "hint": error.hint() })
}

/// Tells of one key, or of all that were checked. With several keys the highest exit code counts.
pub(super) fn report(
    world: &World,
    all: bool,
    catalogue: &Catalogue,
    keys: &[Found],
    judged: Vec<Result<Judged, Error>>,
) -> Result<Exit, Error> {
    let exit = |result: &Result<Judged, Error>| result.as_ref().map_or_else(Error::exit, Judged::exit);
    let worst = judged.iter().map(exit).max().unwrap_or(Exit::NoKey);
    if !all {
        for result in judged {
            let judged = result?;
            if world.term.json {
                world.term.document(&judged.document())?;
            } else {
                judged.show(world, catalogue)?;
            }
        }
        return Ok(worst);
    }
    let mut documents = Vec::new();
    for (found, result) in keys.iter().zip(&judged) {
        match result {
            Ok(judged) if world.term.json => documents.push(judged.document()),
            Ok(judged) => judged.show(world, catalogue)?,
            Err(error) if world.term.json => documents
                .push(json!({ "schema": "glasskey.error/1", "path": found.path, "error": told(error) })),
            Err(error) => {
                world.term.out(&show::failed(&found.path, &error.to_string(), error.hint().as_deref()))?
            }
        }
    }
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.check-all/1", "checks": documents }))?;
    }
    Ok(worst)
}
