//! `info`: all facts of one key, each said or unsaid.

use serde_json::json;

use super::World;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::look;
use crate::term::show;

pub(super) fn info(world: &World) -> Result<Exit, Error> {
    let found = world.one()?;
    let catalogue = world.catalogue_of(None)?;
    let mut session = world.open(&found, &world.progress(), "", "asking the key who it is")?;
    let facts = look(&found, &mut session)?;
    let model = catalogue.model(facts.info.aaguid);
    let firmware = facts
        .info
        .firmware_version
        .and_then(|raw| catalogue.firmware(facts.info.aaguid, raw))
        .map(|version| version.to_string());
    let quirks: Vec<_> = catalogue.quirks_of(facts.info.aaguid).collect();
    if world.term.json {
        let document = json!({
            "schema": "glasskey.info/1", "key": facts, "model": model, "firmware": firmware, "quirks": quirks,
        });
        world.term.document(&document)?;
    } else {
        world.term.out(&show::info(&facts, model, firmware.as_deref(), &quirks))?;
    }
    Ok(Exit::Yes)
}
