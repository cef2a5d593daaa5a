//! `policy show`: what allow-lists say.

use std::path::PathBuf;

use serde_json::json;

use super::World;
use crate::error::Error;
use crate::exit::Exit;
use crate::policy::PolicySource;
use crate::term::show;

pub(super) fn show(world: &World, files: &[PathBuf]) -> Result<Exit, Error> {
    let sources = files.iter().map(|file| PolicySource::load(file)).collect::<Result<Vec<_>, _>>()?;
    let summaries: Vec<_> = sources.iter().map(PolicySource::summary).collect();
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.policy/1", "policies": summaries }))?;
    } else {
        let catalogue = world.catalogue_of(None)?;
        world.term.out(&show::policies(&summaries, &catalogue))?;
    }
    Ok(Exit::Yes)
}
