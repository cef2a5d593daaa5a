//! `report`: plan, policy files and ledger are read, and all that they tell is written down for people.

use serde_json::Value;

use super::paper::{self, Kind};
use super::status::{Judged, judge};
use super::{World, record};
use crate::cli::Report as Arguments;
use crate::error::Error;
use crate::exit::Exit;
use crate::ledger::{LedgerError, verify};
use crate::report::{Case, HTML_MARK, MARKDOWN_MARK, Past, Report, html, markdown};
use crate::term::escape::escape;

const HTML: Kind = Kind { what: "report", mark: HTML_MARK };
const MARKDOWN: Kind = Kind { what: "report in Markdown", mark: MARKDOWN_MARK };

pub(super) fn report(world: &World, arguments: &Arguments) -> Result<Exit, Error> {
    let Judged { plan, ledger, status, catalogue } = judge(world)?;
    let verified = if arguments.verify { Some(verified(&ledger)?) } else { None };
    let mut past = Past::default();
    ledger.for_each::<LedgerError>(0, |entry| {
        past.take(&entry);
        Ok(())
    })?;
    let file = ledger.path().display().to_string();
    let report = Report::new(&Case {
        plan: &plan,
        inventory: ledger.inventory(),
        status: &status,
        catalogue: &catalogue,
        past: &past,
        ledger: &file,
        verified: verified.as_ref(),
        now: world.now,
    });
    if let Some(file) = &arguments.html {
        paper::write(file, HTML, &html::html(&report)?)?;
    }
    if let Some(file) = &arguments.markdown {
        paper::write(file, MARKDOWN, &markdown::markdown(&report)?)?;
    }
    for file in [&arguments.html, &arguments.markdown].into_iter().flatten() {
        told(world, file)?;
    }
    if world.term.json {
        let mut document = record::value(&report)?;
        if let Value::Object(members) = &mut document {
            members.insert("schema".into(), "glasskey.report/1".into());
        }
        world.term.document(&document)?;
    }
    Ok(Exit::Yes)
}

/// Says what was written, without getting into the way of a document on standard output.
pub(super) fn told(world: &World, file: &std::path::Path) -> Result<(), Error> {
    let words = format!("{} is written", escape(&file.display().to_string()));
    if world.term.json {
        world.term.note(&words);
    } else {
        world.term.out(&format!("{words}\n"))?;
    }
    Ok(())
}

/// Verifies every signature, up to the head that the report speaks of.
fn verified(ledger: &crate::ledger::Ledger) -> Result<verify::Report, Error> {
    let report = verify::verify(ledger.path(), Some(ledger.head()))?;
    if report.intact {
        return Ok(report);
    }
    let words = match report.broken {
        Some(verify::Fault { seq: Some(seq), reason, .. }) => format!("event {seq}: {reason}"),
        Some(verify::Fault { seq: None, reason, .. }) => reason,
        None => "it changed while it was read".to_owned(),
    };
    Err(LedgerError::Damaged(words).into())
}
