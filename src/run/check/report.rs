//! What `check` tells of the keys, and how it ends.

use serde_json::{Value, json};

use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::Facts;
use crate::key::found::Found;
use crate::ledger::bytes::Hash;
use crate::run::World;
use crate::term::show;
use crate::verdict::{Outcome, Verdict};

/// A key that was judged.
pub(in crate::run) struct Judged {
    pub(in crate::run) facts: Facts,
    pub(in crate::run) verdict: Verdict,
    /// Whether it went silent or made no sense.
    pub(in crate::run) broke: bool,
    /// Where it was recorded.
    pub(in crate::run) event: Option<(u64, Hash)>,
}

impl Judged {
    fn exit(&self) -> Exit {
        match self.verdict.outcome {
            _ if self.broke => Exit::Misbehaved,
            Outcome::Fit | Outcome::FitWithWarnings => Exit::Yes,
            Outcome::NotFit => Exit::No,
        }
    }

    fn show(&self, world: &World, catalogue: &Catalogue) -> Result<(), Error> {
        world.term.out(&show::check(&self.facts, catalogue, &self.verdict))?;
        if let Some((seq, hash)) = &self.event {
            world.term.out(&format!("recorded: event {seq}, head {hash}\n"))?;
        }
        Ok(())
    }

    fn document(&self) -> Value {
        json!({
            "schema": "glasskey.check/1",
            "verdict": self.verdict.outcome,
            "key": self.facts,
            "findings": self.verdict.findings,
            "event": self.event.map(|(seq, hash)| json!({ "seq": seq, "hash": hash })),
        })
    }
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
            Err(error) if world.term.json => documents.push(json!({
                "schema": "glasskey.error/1", "path": found.path,
                "error": { "kind": error.kind(), "message": error.to_string(), "hint": error.hint() },
            })),
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
