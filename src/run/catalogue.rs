//! `catalogue list|show|import-mds|add-advisory`.

mod advisory;
mod import;

use serde_json::{Value, json};
use uuid::Uuid;

use super::World;
use crate::catalogue::{Catalogue, Model};
use crate::cli::CatalogueVerb;
use crate::error::Error;
use crate::exit::Exit;
use crate::term::show;

pub(super) fn catalogue(world: &World, verb: &CatalogueVerb) -> Result<Exit, Error> {
    match verb {
        CatalogueVerb::List { filter, all } => list(world, filter.as_deref(), *all),
        CatalogueVerb::Show { aaguid } => show_one(world, *aaguid),
        CatalogueVerb::ImportMds(arguments) => import::metadata(world, arguments),
        CatalogueVerb::AddAdvisory { file } => advisory::add(world, file),
    }
}

fn list(world: &World, filter: Option<&str>, all: bool) -> Result<Exit, Error> {
    let catalogue = world.catalogue_of(world.plan_if_any()?.as_ref())?;
    let wanted = filter.unwrap_or_default().to_lowercase();
    let mut models: Vec<_> = catalogue
        .models()
        .filter(|model| all || model.kind.may_be_hardware())
        .filter(|model| {
            format!("{} {} {}", model.vendor, model.name, model.aaguid).to_lowercase().contains(&wanted)
        })
        .collect();
    models.sort_by_key(|model| (model.vendor.to_lowercase(), model.name.to_lowercase(), model.aaguid));
    if world.term.json {
        let date = catalogue.date();
        world.term.document(&json!({ "schema": "glasskey.catalogue/1", "date": date, "models": models }))?;
    } else {
        world.term.out(&show::models(&models))?;
    }
    Ok(Exit::Yes)
}

fn show_one(world: &World, aaguid: Uuid) -> Result<Exit, Error> {
    let catalogue = world.catalogue_of(world.plan_if_any()?.as_ref())?;
    let model = catalogue.model(aaguid).ok_or(Error::UnknownModel(aaguid))?;
    if world.term.json {
        world.term.document(&document(world, &catalogue, model))?;
    } else {
        world.term.out(&show::model(&catalogue, model, world.today()))?;
    }
    Ok(Exit::Yes)
}

fn document(world: &World, catalogue: &Catalogue, model: &Model) -> Value {
    let aaguid = model.aaguid;
    let advisories: Vec<_> = catalogue
        .advisories_for(aaguid, None)
        .iter()
        .map(|(advisory, applies)| json!({ "advisory": advisory, "applies": applies }))
        .collect();
    let topics: Vec<_> = catalogue
        .stands(aaguid)
        .iter()
        .map(|(topic, stand)| json!({ "id": topic.id, "stand": stand }))
        .collect();
    let metadata = catalogue.metadata().map(|kept| {
        let metadata = &kept.metadata;
        json!({
            "number": metadata.number,
            "next_update": metadata.next_update,
            "stale": metadata.is_stale(world.today()),
            "behind": catalogue.metadata_is_behind(),
            "signed": metadata.is_signed(),
            "imported": kept.imported,
            "sha256": hex::encode(metadata.sha256),
            "entry": metadata.entry(aaguid),
        })
    });
    json!({
        "schema": "glasskey.model/1",
        "model": model,
        "makers": catalogue.makers(aaguid),
        "anchors": catalogue.anchor_records(aaguid).collect::<Vec<_>>(),
        "advisories": advisories,
        "chip": catalogue.chip(aaguid),
        "quirks": catalogue.quirks_of(aaguid).collect::<Vec<_>>(),
        "topics": topics,
        "warning": catalogue.warning(aaguid).map(|warned| warned.to_string()),
        "metadata": metadata,
        "about": catalogue.about(),
    })
}
