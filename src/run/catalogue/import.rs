//! `catalogue import-mds`: FIDO's metadata, verified offline and kept.

use serde_json::{Value, json};

use crate::catalogue::{AnchorRecord, Catalogue};
use crate::cli::ImportMds;
use crate::error::Error;
use crate::exit::Exit;
use crate::mds::store::{self, Import, Kept};
use crate::mds::{Entry, Proof};
use crate::run::World;
use crate::term::show;
use crate::term::show::Imported;

pub(super) fn metadata(world: &World, arguments: &ImportMds) -> Result<Exit, Error> {
    let plan = world.plan_if_any()?;
    let mut catalogue = world.catalogue()?;
    for folder in plan.iter().flat_map(crate::plan::Plan::catalogue_folders) {
        catalogue.add_dir(&folder)?;
    }
    let roots: Vec<_> = catalogue.mds_roots().map(AnchorRecord::anchor).collect();
    let folder = world.metadata_folder(plan.as_ref())?;
    let source = arguments.file.display().to_string();
    let asked = Import {
        raw: &store::text(&arguments.file)?,
        source: &source,
        unsigned: arguments.unsigned,
        at: arguments.at.unwrap_or(world.now),
        now: world.now,
    };
    let (kept, before) = store::import(&folder, asked, &roots)?;
    let imported = told(world, &catalogue, kept, before, &store::file(&folder).display().to_string());
    if world.term.json {
        world.term.document(&document(&imported))?;
    } else {
        world.term.out(&show::imported(&imported))?;
    }
    Ok(Exit::Yes)
}

/// What the import brings that the catalogue did not have.
fn told(world: &World, catalogue: &Catalogue, kept: Kept, before: Option<u32>, file: &str) -> Imported {
    let metadata = &kept.metadata;
    let new = metadata.entries().filter(|entry| catalogue.model(entry.aaguid).is_none());
    let warned = |entry: &Entry| Some((entry.aaguid, entry.description.clone(), entry.warning()?));
    let remarks = metadata.entries().flat_map(|entry| {
        entry.remarks.iter().map(|remark| format!("{} ({}): {remark}", entry.description, entry.aaguid))
    });
    Imported {
        file: file.to_owned(),
        before,
        stale: metadata.is_stale(world.today()),
        behind: (metadata.number < catalogue.about().mds_number).then(|| catalogue.about().mds_number),
        new: new.map(|entry| (entry.aaguid, entry.description.clone())).collect(),
        warned: metadata.entries().filter_map(warned).collect(),
        remarks: remarks.collect(),
        kept,
    }
}

fn document(imported: &Imported) -> Value {
    let metadata = &imported.kept.metadata;
    let signed = match &metadata.proof {
        Proof::Signed { signer, root, at, not_after } => {
            json!({ "signer": signer, "root": root, "at": at, "not_after": not_after })
        }
        Proof::Unsigned => Value::Null,
    };
    let new: Vec<_> =
        imported.new.iter().map(|(aaguid, name)| json!({ "aaguid": aaguid, "name": name })).collect();
    let warned = imported
        .warned
        .iter()
        .map(|(aaguid, name, warning)| json!({ "aaguid": aaguid, "name": name, "warning": warning }));
    json!({
        "schema": "glasskey.catalogue-import/1",
        "number": metadata.number,
        "before": imported.before,
        "next_update": metadata.next_update,
        "stale": imported.stale,
        "behind": imported.behind.is_some(),
        "signed": signed,
        "sha256": hex::encode(metadata.sha256),
        "file": imported.file,
        "imported": imported.kept.imported,
        "entries": metadata.tally,
        "new": new,
        "warned": warned.collect::<Vec<_>>(),
        "remarks": imported.remarks,
    })
}
