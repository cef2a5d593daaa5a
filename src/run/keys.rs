//! `keys`: what is plugged in, each key asked in its own thread.

use std::time::Duration;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::World;
use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::exit::Exit;
use crate::key::found::Found;
use crate::key::plugs::{self, Plugs};
use crate::term::escape::escape;

/// How long `--watch` trusts the system to tell of a key before it looks for itself.
const LOOK: Duration = Duration::from_secs(1);
/// What `--watch` tells.
const WATCHED: &str = "glasskey.keys-watch/1";

#[derive(Debug, Serialize)]
struct Row {
    number: usize,
    path: String,
    openable: bool,
    reason: Option<String>,
    vendor_id: u16,
    product_id: u16,
    product: String,
    aaguid: Option<Uuid>,
    model: Option<String>,
    vendor: Option<String>,
    #[serde(skip)]
    hint: Option<String>,
    #[serde(skip)]
    exit: Exit,
}

pub(super) fn list(world: &World) -> Result<Exit, Error> {
    let keys = world.keys()?;
    // Where nothing is plugged in, nothing has to be named; a folder that somebody names is read in any case.
    let rows = match keys.is_empty() && world.own_folder(None).is_none() {
        true => Vec::new(),
        false => ask(world, &world.catalogue()?, &keys, false)?,
    };
    if world.cancel.requested() {
        return Ok(Exit::Interrupted);
    }
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.keys/1", "keys": rows }))?;
    } else if rows.is_empty() {
        return Err(Error::NoKey);
    } else {
        world.term.out(&show(&rows))?;
        let mut hints: Vec<_> = rows.iter().filter_map(|row| row.hint.as_deref()).collect();
        hints.dedup();
        hints.iter().for_each(|hint| world.term.note(&format!("hint: {hint}")));
    }
    // A list is good if any key on it can be used; if none can, the gravest reason counts.
    let usable = rows.iter().any(|row| row.exit == Exit::Yes);
    let worst = rows.iter().map(|row| row.exit).max().unwrap_or(Exit::NoKey);
    Ok(if usable { Exit::Yes } else { worst })
}

/// Asks each key; a `new` one may be opened only in a moment. Imported metadata are read only for a model that the catalogue doesn't name.
fn ask(world: &World, catalogue: &Catalogue, keys: &[(usize, Found)], new: bool) -> Result<Vec<Row>, Error> {
    let mut rows = look(world, catalogue, keys, new);
    if rows.iter().any(|row| row.aaguid.is_some() && row.model.is_none()) {
        let catalogue = world.catalogue_of(None)?;
        for row in &mut rows {
            if let Some(model) = row.aaguid.and_then(|aaguid| catalogue.model(aaguid)) {
                (row.model, row.vendor) = (Some(model.name.clone()), Some(model.vendor.clone()));
            }
        }
    }
    Ok(rows)
}

fn look(world: &World, catalogue: &Catalogue, keys: &[(usize, Found)], new: bool) -> Vec<Row> {
    let progress = world.progress();
    std::thread::scope(|scope| {
        let asked: Vec<_> = keys
            .iter()
            .map(|(number, found)| {
                let progress = &progress;
                scope.spawn(move || {
                    let wire = match new {
                        true => plugs::open_new(world.bus.as_ref(), found, &world.cancel),
                        false => world.bus.open(found),
                    };
                    let follow = progress.follow(&escape(&found.path), "asking the key who it is");
                    let opened = wire.map_err(Error::from).and_then(|wire| world.greet(wire, follow));
                    let aaguid = opened.and_then(|mut session| Ok(session.info()?.aaguid));
                    row(*number, found, aaguid, catalogue)
                })
            })
            .collect();
        asked.into_iter().filter_map(|thread| thread.join().ok()).collect()
    })
}

fn row(number: usize, found: &Found, aaguid: Result<Uuid, Error>, catalogue: &Catalogue) -> Row {
    let model = aaguid.as_ref().ok().and_then(|aaguid| catalogue.model(*aaguid));
    let usb = catalogue.usb_device(found.vendor_id, found.product_id);
    let error = aaguid.as_ref().err();
    Row {
        number,
        path: found.path.clone(),
        openable: !matches!(error, Some(Error::Open(_))),
        reason: error.map(ToString::to_string),
        vendor_id: found.vendor_id,
        product_id: found.product_id,
        product: found.product.clone(),
        model: model.map(|model| model.name.clone()),
        vendor: model.map(|model| model.vendor.clone()).or_else(|| usb.map(|device| device.vendor.clone())),
        hint: error.and_then(Error::hint),
        exit: error.map_or(Exit::Yes, Error::exit),
        aaguid: aaguid.ok(),
    }
}

fn show(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["", "key", "model", "vendor", "AAGUID", ""]);
    for row in rows {
        table.add_row([
            row.number.to_string(),
            escape(&row.path),
            row.model.as_deref().map_or_else(|| format!("({})", escape(&row.product)), escape),
            row.vendor
                .as_deref()
                .map_or_else(|| format!("usb {:04x}:{:04x}", row.vendor_id, row.product_id), escape),
            row.aaguid.map_or_else(|| "unread".to_owned(), |aaguid| aaguid.to_string()),
            row.reason.clone().unwrap_or_default(),
        ]);
    }
    let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n", lines.join("\n"))
}

/// Tells of every key that comes or goes, until Ctrl-C.
pub(super) fn watch(world: &World) -> Result<Exit, Error> {
    let catalogue = world.catalogue()?;
    let mut plugs = Plugs::new(world.bus.as_ref());
    let mut change = plugs.look().map_err(Error::List)?;
    while !world.cancel.requested() {
        for gone in change.gone {
            let document = json!({ "schema": WATCHED, "event": "gone", "path": gone.path });
            tell(world, &document, &format!("- {}", escape(&gone.path)))?;
        }
        for row in ask(world, &catalogue, &change.come, true)? {
            let what = row
                .reason
                .clone()
                .or_else(|| row.model.clone())
                .unwrap_or_else(|| "unknown model".to_owned());
            let words = format!("+ {}  {}", escape(&row.path), escape(&what));
            let document = json!({ "schema": WATCHED, "event": "come", "path": row.path, "key": row });
            tell(world, &document, &words)?;
        }
        change = plugs.next(LOOK).map_err(Error::List)?;
    }
    Ok(Exit::Interrupted)
}

/// With `--json` a watch is one document a line.
fn tell(world: &World, document: &Value, words: &str) -> Result<(), Error> {
    if world.term.json {
        world.term.document_line(document)?;
    } else {
        world.term.out(&format!("{words}\n"))?;
    }
    Ok(())
}
