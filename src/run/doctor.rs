//! `doctor`: what would keep this machine from reading keys, each with its cure.

use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use serde_json::json;

use super::World;
use crate::error::Error;
use crate::exit::Exit;
use crate::key::conversation::Conversation;
use crate::key::found::OpenError;
use crate::term::escape::escape;
use crate::term::show;
use crate::verdict::finding::Status;

/// One thing looked at.
#[derive(Debug, Serialize)]
pub struct Symptom {
    /// A stable id.
    pub id: &'static str,
    /// Well or not.
    pub status: Status,
    /// What was seen.
    pub saw: String,
    /// What to do.
    pub cure: Option<String>,
}

pub(super) fn doctor(world: &World) -> Result<Exit, Error> {
    let symptoms = [keys(world)?, vec![udev(), clock(world)?, catalogue(world)?]].concat();
    let well = symptoms.iter().all(|symptom| symptom.status != Status::Fail);
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.doctor/1", "well": well, "symptoms": symptoms }))?;
    } else {
        world.term.out(&show::symptoms(&symptoms))?;
    }
    Ok(if well { Exit::Yes } else { Exit::No })
}
