//! `label`: what belongs on the bag of a key.

use serde_json::json;

use super::World;
use super::paper::{self, Kind};
use super::report::told;
use crate::cli::Label as Arguments;
use crate::error::Error;
use crate::exit::Exit;
use crate::ledger::inventory::{Key, State};
use crate::ledger::{Inventory, LedgerError};
use crate::report::label::{self, Stand};
use crate::report::{LABEL_MARK, Label, PaperError, SHEET_MARK};

const SVG: Kind = Kind { what: "label", mark: LABEL_MARK };
const SHEET: Kind = Kind { what: "sheet of labels", mark: SHEET_MARK };

pub(super) fn label(world: &World, arguments: &Arguments) -> Result<Exit, Error> {
    let plan = world.plan_if_any()?;
    let ledger = world.ledger()?;
    let stand = Stand { seq: ledger.chain().seq, head: ledger.head() };
    let keys = keys(ledger.inventory(), &arguments.labels)?;
    let labels = keys.into_iter().map(|key| Label::new(key, plan.as_ref(), stand, world.now));
    let labels: Vec<Label> = labels.collect::<Result<_, _>>()?;
    if let (Some(file), [one]) = (&arguments.svg, labels.as_slice()) {
        paper::write(file, SVG, &label::svg(one)?)?;
        told(world, file)?;
    }
    if let Some(file) = &arguments.html {
        paper::write(file, SHEET, &label::sheet(&labels, ledger.inventory().organisation())?)?;
        told(world, file)?;
    }
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.label/1", "labels": labels }))?;
    }
    Ok(Exit::Yes)
}

/// The keys of these labels; where none is named, all that are active.
fn keys<'i>(inventory: &'i Inventory, labels: &[String]) -> Result<Vec<&'i Key>, Error> {
    if labels.is_empty() {
        let active: Vec<_> = inventory.keys().iter().filter(|key| key.state == State::Active).collect();
        return if active.is_empty() { Err(PaperError::NoActiveKey.into()) } else { Ok(active) };
    }
    let known = |label: &String| {
        let none = || LedgerError::NoKey(label.clone());
        // An old label leads to the key, too: what is printed is the label that it has now.
        inventory.ever(label).ok_or_else(none).map_err(Error::from)
    };
    labels.iter().map(known).collect()
}
