//! `catalogue list|show`.

use serde_json::json;

use super::World;
use crate::cli::CatalogueVerb;
use crate::error::Error;
use crate::exit::Exit;
use crate::term::show;

pub(super) fn catalogue(world: &World, verb: &CatalogueVerb) -> Result<Exit, Error> {
    let catalogue = world.catalogue()?;
    match verb {
        CatalogueVerb::List { filter, all } => {
            let wanted = filter.as_deref().unwrap_or_default().to_lowercase();
            let mut models: Vec<_> = catalogue
                .models()
                .filter(|model| *all || model.kind.is_hardware_key())
                .filter(|model| {
                    format!("{} {} {}", model.vendor, model.name, model.aaguid)
                        .to_lowercase()
                        .contains(&wanted)
                })
                .collect();
            models
                .sort_by_key(|model| (model.vendor.to_lowercase(), model.name.to_lowercase(), model.aaguid));
            if world.term.json {
                let date = catalogue.date();
                world
                    .term
                    .document(&json!({ "schema": "glasskey.catalogue/1", "date": date, "models": models }))?;
            } else {
                world.term.out(&show::models(&models))?;
            }
        }
        CatalogueVerb::Show { aaguid } => {
            let model = catalogue.model(*aaguid).ok_or(Error::UnknownModel(*aaguid))?;
            let anchors: Vec<_> = catalogue.anchor_records(*aaguid).collect();
            let advisories = catalogue.advisories_for(*aaguid, None);
            if world.term.json {
                let advisories: Vec<_> = advisories
                    .iter()
                    .map(|(advisory, applies)| json!({ "advisory": advisory, "applies": applies }))
                    .collect();
                world.term.document(&json!({
                    "schema": "glasskey.model/1", "model": model, "makers": catalogue.makers(*aaguid),
                    "anchors": anchors, "advisories": advisories, "about": catalogue.about(),
                }))?;
            } else {
                world.term.out(&show::model(model, &catalogue.makers(*aaguid), &anchors, &advisories))?;
            }
        }
    }
    Ok(Exit::Yes)
}
