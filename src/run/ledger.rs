//! `ledger init|log|head|verify|export`.

use serde_json::{Value, json};

use super::World;
use crate::cli::{ExportFormat, LedgerVerb};
use crate::error::Error;
use crate::exit::Exit;
use crate::ledger::bytes::Hash;
use crate::ledger::chain::Entry;
use crate::ledger::payload::LedgerCreated;
use crate::ledger::{LedgerError, Writer, export, verify};
use crate::term::show;

pub(super) fn ledger(world: &World, verb: &LedgerVerb) -> Result<Exit, Error> {
    match verb {
        LedgerVerb::Init { organisation } => init(world, organisation.as_ref()),
        LedgerVerb::Log { limit } => log(world, *limit),
        LedgerVerb::Head => head(world),
        LedgerVerb::Verify { head } => verified(world, *head),
        LedgerVerb::Export { format } => exported(world, *format),
    }
}

fn init(world: &World, organisation: Option<&String>) -> Result<Exit, Error> {
    let created = LedgerCreated { organisation: organisation.cloned() };
    let writer = Writer::create(&world.ledger_file()?, created, world.now, World::nonce()?)?;
    let (file, head) = (writer.ledger().path().display().to_string(), writer.ledger().head());
    if world.term.json {
        let document = json!({ "schema": "glasskey.ledger-init/1", "file": file, "head": head });
        world.term.document(&document)?;
    } else {
        world.term.out(&show::ledger::made(&file, head))?;
    }
    Ok(Exit::Yes)
}

/// An event for people who read JSON: what it says, and where it stands.
pub(super) fn told(entry: &Entry) -> Value {
    let event = &entry.event;
    json!({
        "seq": event.seq, "at": event.at, "kind": event.kind, "signed": event.receipt.is_some(),
        "hash": event.hash, "event": entry.body.as_ref().map(|body| &body.event),
    })
}

fn log(world: &World, limit: u64) -> Result<Exit, Error> {
    let ledger = world.ledger_to_show()?;
    let events = ledger.chain().seq;
    let mut entries = Vec::new();
    ledger.for_each::<LedgerError>(events.saturating_sub(limit), |entry| {
        entries.push(entry);
        Ok(())
    })?;
    if world.term.json {
        let shown: Vec<_> = entries.iter().map(told).collect();
        let document = json!({ "schema": "glasskey.ledger-log/1", "total": events, "events": shown });
        world.show_document(&ledger, document)?;
    } else {
        world.term.out(&show::ledger::log(&entries, events))?;
    }
    Ok(World::shown(&ledger))
}

fn head(world: &World) -> Result<Exit, Error> {
    let ledger = world.ledger_to_show()?;
    let chain = ledger.chain();
    if world.term.json {
        let document = json!({ "schema": "glasskey.ledger-head/1", "events": chain.seq, "head": chain.head });
        world.show_document(&ledger, document)?;
    } else {
        world.term.out(&format!("{}\n", chain.head))?;
        world.term.note(&format!("the hash of event {}: note it on labels and reports", chain.seq));
    }
    Ok(World::shown(&ledger))
}

fn verified(world: &World, head: Option<Hash>) -> Result<Exit, Error> {
    let file = world.ledger_file()?;
    let report = verify::verify(&file, head)?;
    if world.term.json {
        let mut document = serde_json::to_value(&report).map_err(std::io::Error::other)?;
        if let Value::Object(members) = &mut document {
            members.insert("schema".into(), "glasskey.ledger-verify/1".into());
            members.insert("file".into(), file.display().to_string().into());
        }
        world.term.document(&document)?;
    } else {
        world.term.out(&show::ledger::verified(&file.display().to_string(), &report))?;
    }
    Ok(if report.intact { Exit::Yes } else { Exit::Ledger })
}

fn exported(world: &World, format: ExportFormat) -> Result<Exit, Error> {
    let ledger = world.ledger_to_show()?;
    if world.term.json {
        let mut events = Vec::new();
        ledger.for_each::<LedgerError>(0, |entry| {
            events.push(export::object(&entry));
            Ok(())
        })?;
        let document = json!({ "schema": "glasskey.ledger-export/1", "events": events });
        world.show_document(&ledger, document)?;
        return Ok(World::shown(&ledger));
    }
    if format == ExportFormat::Csv {
        world.term.out(&export::csv_line(export::COLUMNS).map_err(std::io::Error::other)?)?;
    }
    ledger.for_each::<Error>(0, |entry| {
        let line = match format {
            ExportFormat::Jsonl => format!("{}\n", export::object(&entry)),
            ExportFormat::Csv => export::csv_line(export::cells(&entry)).map_err(std::io::Error::other)?,
        };
        Ok(world.term.out(&line)?)
    })?;
    Ok(World::shown(&ledger))
}
