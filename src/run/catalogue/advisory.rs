//! `catalogue add-advisory`: an advisory comes into the organisation's folder, and every enrolled key is judged by it.
#![expect(clippy::disallowed_methods, reason = "reads the file that is named, and writes it into the folder")]

use std::path::Path;
use std::{fs, io};

use serde_json::json;

use crate::catalogue::{ADVISORIES, Applies, Catalogue};
use crate::error::Error;
use crate::exit::Exit;
use crate::ledger::inventory::State;
use crate::run::World;
use crate::run::emit::write_new;
use crate::term::show;
use crate::term::show::{Concerned, NewAdvisory};

pub(super) fn add(world: &World, path: &Path) -> Result<Exit, Error> {
    let plan = world.plan_if_any()?;
    let folder = world.own_folder(plan.as_ref()).ok_or(Error::NoFolder)?;
    let mut catalogue = world.catalogue_of(plan.as_ref())?;
    let name = path.display().to_string();
    let fault = |file: &Path| {
        let file = file.display().to_string();
        move |source: io::Error| Error::File { file, source }
    };
    let text = fs::read_to_string(path).map_err(fault(path))?;
    // A time that stands there already makes TOML of two such times, which is none.
    let text = format!("added = \"{}\"\n{}", world.now, text.trim_start_matches('\u{feff}'));
    let ids = catalogue.add_advisories(&name, &text)?;
    let new = ids.iter().map(|id| judged(world, &catalogue, id)).collect::<Result<Vec<_>, _>>()?;
    let first = ids.first().map(String::as_str).unwrap_or_default();
    let kept = folder.join(ADVISORIES).join(format!("{first}.toml"));
    fs::create_dir_all(folder.join(ADVISORIES)).map_err(fault(&folder))?;
    write_new(&kept, &text)?;
    let kept = kept.display().to_string();
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.catalogue-advisory/1", "file": kept, "advisories": new,
        }))?;
    } else {
        world.term.out(&show::advisories(&kept, &new))?;
    }
    Ok(Exit::Yes)
}

/// An advisory, and the enrolled keys that it is, or may be, about.
fn judged(world: &World, catalogue: &Catalogue, id: &str) -> Result<NewAdvisory, Error> {
    let advisory = catalogue.advisories().iter().find(|advisory| advisory.id == id).ok_or(Error::Bug)?;
    let ledger = world.ledger_if_any()?;
    let keys = ledger.iter().flat_map(|ledger| ledger.inventory().keys());
    let active: Vec<_> = keys.filter(|key| key.state == State::Active).collect();
    let mut concerned = Vec::new();
    for key in &active {
        let firmware = catalogue.told_firmware(key.aaguid, key.told).version();
        let found = catalogue.advisories_for(key.aaguid, firmware);
        if let Some((_, applies)) = found.into_iter().find(|(one, _)| one.id == id) {
            let (label, account) = (key.label.clone(), key.account.clone());
            concerned.push(Concerned { label, account, sure: applies == Applies::Yes });
        }
    }
    Ok(NewAdvisory {
        id: id.to_owned(),
        title: advisory.title.clone(),
        meaning: advisory.meaning.clone(),
        cure: advisory.cure.clone(),
        judged: ledger.is_some().then_some(active.len()),
        keys: concerned,
    })
}
