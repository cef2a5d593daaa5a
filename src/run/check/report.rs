//! What `check` tells of the keys, and how it ends.

use serde_json::{Value, json};

use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::Facts;
use crate::key::found::Found;
use crate::ledger::Event;
use crate::run::{World, record};
use crate::term::escape::escape;
use crate::term::{Term, Tone, paint, show};
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
    /// Which enrolled key it is, in a few words.
    pub(in crate::run) is: Option<String>,
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
        let blocked = self.facts.retries.is_some_and(|retries| retries.left == 0);
        let pin = if blocked { Exit::Pin } else { Exit::Yes };
        kept.max(found).max(pin)
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
            "not_recorded": self.not_recorded().map(record::fault),
        })
    }
}

/// Tells of one key.
pub(super) fn one(world: &World, catalogue: &Catalogue, judged: Judged) -> Result<Exit, Error> {
    if world.term.json {
        world.term.document(&judged.document())?;
    } else {
        judged.show(world, catalogue)?;
    }
    Ok(judged.exit())
}

/// What came of one key of several.
pub(super) struct Told<'a> {
    pub(super) found: &'a Found,
    pub(super) judged: &'a Result<Judged, Error>,
    pub(super) catalogue: &'a Catalogue,
}

impl Told<'_> {
    pub(super) fn exit(&self) -> Exit {
        self.judged.as_ref().map_or_else(Error::exit, Judged::exit)
    }

    /// Good or bad, in one glance: one line.
    pub(super) fn line(&self) -> String {
        match self.judged {
            Ok(judged) => {
                let lacks = judged.not_kept.as_ref().map(|not_kept| match not_kept {
                    NotKept::AtAll(error) => format!("NOT RECORDED: {error}"),
                    NotKept::Signed(error) => format!("recorded, NOT SIGNED: {error}"),
                });
                let (is, lacks) = (judged.is.as_deref(), lacks.as_deref());
                show::glance(&judged.facts, self.catalogue, &judged.verdict, is, lacks)
            }
            Err(error) => show::not_checked(&self.found.path, &self.found.product, &error.to_string()),
        }
    }

    /// That line; and the cure beside it, where there was no check.
    pub(super) fn glance(&self, term: &Term) -> Result<(), Error> {
        term.out(&self.line())?;
        if let Some(hint) = self.judged.as_ref().err().and_then(Error::hint) {
            term.complain(&format!("  {} {}", paint(Tone::Strong, "→"), escape(&hint)));
        }
        Ok(())
    }

    /// All of it, for people.
    pub(super) fn show(&self, world: &World) -> Result<(), Error> {
        match self.judged {
            Ok(judged) => judged.show(world, self.catalogue),
            Err(error) => {
                let failed = show::failed(&self.found.path, &error.to_string(), error.hint().as_deref());
                Ok(world.term.out(&failed)?)
            }
        }
    }

    /// All of it, as JSON.
    pub(super) fn document(&self) -> Value {
        match self.judged {
            Ok(judged) => judged.document(),
            Err(error) => {
                json!({ "schema": "glasskey.error/1", "path": self.found.path, "error": record::fault(error) })
            }
        }
    }
}
