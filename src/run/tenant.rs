//! `tenant check`: exported configuration against the custody plan.

use std::path::Path;

use serde_json::json;

use super::World;
use crate::cli::TenantVerb;
use crate::error::Error;
use crate::exit::Exit;
use crate::policy::PolicySource;
use crate::tenant;
use crate::term::show;

pub(super) fn tenant(world: &World, verb: &TenantVerb) -> Result<Exit, Error> {
    let TenantVerb::Check { dir } = verb;
    check(world, dir)
}

fn check(world: &World, dir: &Path) -> Result<Exit, Error> {
    let plan = world.plan()?;
    let strength = match &plan.policy.authentication_strength {
        Some(file) => PolicySource::load(&plan.resolve(file))?.strength_id(),
        None => None,
    };
    let folder = dir.display().to_string();
    let exports = tenant::load(dir).map_err(|source| Error::File { file: folder.clone(), source })?;
    let checked = tenant::check(&plan, &exports, strength);
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.tenant/1", "well": checked.well, "at": world.now, "plan": plan.file,
            "folder": folder, "files": exports.files, "findings": checked.findings,
        }))?;
    } else {
        world.term.out(&show::tenant(&plan, &exports.files, &checked))?;
    }
    Ok(match checked.well {
        Some(true) => Exit::Yes,
        Some(false) => Exit::No,
        None => Exit::CouldNotTell,
    })
}
