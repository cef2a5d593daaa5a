//! `inventory [list]|show|move|retire|lost|found|relabel`.

use serde_json::json;

use super::plan::{custodian, out_of_place, site};
use super::{World, drill, ledger, record};
use crate::cli::InventoryVerb;
use crate::error::Error;
use crate::exit::Exit;
use crate::ledger::payload::{AccountUsed, Found, Lost, Moved, Payload, Relabelled, Retired};
use crate::ledger::{Inventory, LedgerError, Writer};
use crate::term::show;

pub(super) fn inventory(world: &World, verb: Option<InventoryVerb>) -> Result<Exit, Error> {
    let payload = match verb {
        None | Some(InventoryVerb::List) => return list(world),
        Some(InventoryVerb::Show { label }) => return show(world, &label),
        Some(InventoryVerb::Move { label, site, custodian, bag }) => {
            return moved(world, Moved { label, site, custodian, bag, drill: None });
        }
        Some(InventoryVerb::Retire { label, why }) => Payload::Retired(Retired { label, why }),
        Some(InventoryVerb::Lost { label, why }) => Payload::Lost(Lost { label, why }),
        Some(InventoryVerb::Found { label, why }) => Payload::Found(Found { label, why }),
        Some(InventoryVerb::Attach { file, account }) => return drill::attach(world, &file, &account),
        Some(InventoryVerb::Use { account, at, until, why, by }) => {
            let plan = world.plan()?;
            let known = plan.account(&account).map(|known| known.name.to_string());
            let account = known.ok_or(Error::UnknownAccount(account))?;
            let from = drill::time(&at)?;
            let until = until.as_deref().map_or(Ok(from), drill::time)?;
            return drill::used(world, &plan, AccountUsed { account, from, until, why, by });
        }
        Some(InventoryVerb::Relabel { label, new_label }) => {
            Payload::Relabelled(Relabelled { label, new_label })
        }
    };
    write(world, world.writer()?, payload)
}

/// Where there is a plan, a key goes only where the plan has a place, and to whom it names.
fn moved(world: &World, moved: Moved) -> Result<Exit, Error> {
    let Some(plan) = world.rules_if_any()? else {
        return write(world, world.writer()?, Payload::Moved(moved));
    };
    let (at, with) = (site(&plan, moved.site.as_deref())?, custodian(&plan, moved.custodian.as_deref())?);
    let writer = world.writer_of(&plan)?;
    let account = writer.inventory().key(&moved.label).and_then(|key| plan.account(&key.account));
    if let Some(account) = account {
        out_of_place(world, account, at.as_deref(), with.as_deref());
    }
    write(world, writer, Payload::Moved(Moved { site: at, custodian: with, ..moved }))
}

fn write(world: &World, mut writer: Writer, payload: Payload) -> Result<Exit, Error> {
    let label = payload.label().unwrap_or_default().to_owned();
    // What was begun with a key that is gone needs no end any more.
    let gone = match &payload {
        Payload::Retired(_) => Some("the key was retired"),
        Payload::Lost(_) => Some("the key was lost"),
        _ => None,
    };
    let event = writer.record(payload, World::clock(), World::nonce()?)?;
    if let Some(why) = gone {
        record::give_up(world, &mut writer, why, |inventory, pending| {
            record::settles(inventory, pending, &label)
        });
    }
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.inventory-event/1", "label": label, "kind": event.kind,
            "event": record::place(&event),
        }))?;
    } else {
        world.term.out(&show::ledger::recorded(&label, &event))?;
    }
    Ok(Exit::Yes)
}

fn pending(inventory: &Inventory) -> Vec<serde_json::Value> {
    let told = inventory.pending().map(|pending| {
        json!({ "seq": pending.seq, "at": pending.at, "intent": pending.intent, "cure": pending.cure() })
    });
    told.collect()
}

fn list(world: &World) -> Result<Exit, Error> {
    let ledger = world.ledger_to_show()?;
    let inventory = ledger.inventory();
    if world.term.json {
        let document = json!({
            "schema": "glasskey.inventory/1", "organisation": inventory.organisation(), "head": ledger.head(),
            "keys": inventory.keys(), "pending": pending(inventory),
            "odd": inventory.odd(), "oddities": inventory.oddities(),
        });
        world.show_document(&ledger, document)?;
    } else {
        world.term.out(&show::ledger::inventory(inventory))?;
    }
    Ok(World::shown(&ledger))
}

fn show(world: &World, label: &str) -> Result<Exit, Error> {
    let ledger = world.ledger_to_show()?;
    // An old label on old paper leads to the key, too.
    let none = || LedgerError::NoKey(label.to_owned());
    let key = ledger.inventory().ever(label).ok_or_else(none)?;
    let history = ledger.history(key)?;
    if world.term.json {
        let history: Vec<_> = history.iter().map(ledger::told).collect();
        let document = json!({ "schema": "glasskey.inventory-key/1", "key": key, "history": history });
        world.show_document(&ledger, document)?;
    } else {
        let catalogue = world.catalogue()?;
        let firmware = key.firmware.and_then(|raw| catalogue.firmware(key.aaguid, raw));
        let firmware = firmware.map(|version| version.to_string());
        world.term.out(&show::ledger::key(key, firmware.as_deref(), &history))?;
    }
    Ok(World::shown(&ledger))
}
