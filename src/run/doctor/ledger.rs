//! The ledger's health: whether it can be read, whether chain and receipts are good, and what was begun and never ended.

use super::{Status, Symptom};
use crate::error::Error;
use crate::ledger::verify::{Report, verify};
use crate::ledger::{Ledger, LedgerError};
use crate::run::World;
use crate::term::escape::escape;
use crate::verdict::words::counted;

const ID: &str = "ledger";

/// What is to be said of the ledger that would be used: nothing of one that nobody has named and that is not there yet.
pub(super) fn ledger(world: &World) -> Vec<Symptom> {
    match world.ledger_if_any() {
        Ok(None) => Vec::new(),
        Ok(Some(ledger)) => looked_at(&ledger),
        Err(Error::Ledger(error)) => vec![ill(&error)],
        Err(error) => {
            vec![Symptom::ill(ID, Status::Fail, error.to_string(), error.hint().unwrap_or_default())]
        }
    }
}

fn ill(error: &LedgerError) -> Symptom {
    Symptom::ill(
        ID,
        Status::Fail,
        escape(&error.to_string()),
        error.hint().unwrap_or("Look at what the system says."),
    )
}

fn looked_at(ledger: &Ledger) -> Vec<Symptom> {
    let file = escape(&ledger.path().display().to_string());
    let mut symptoms = vec![match verify(ledger.path(), None) {
        Ok(report) => verified(&file, &report),
        Err(error) => ill(&error),
    }];
    let open = ledger.inventory().pending();
    symptoms.extend(open.map(|pending| {
        let saw = escape(&format!(
            "event {}: '{}' was begun, and nobody knows how it ended",
            pending.seq, pending.intent.step
        ));
        Symptom::ill("ledger-pending", Status::Warn, saw, escape(&pending.cure()))
    }));
    symptoms
}

/// What verification found, in one line.
fn verified(file: &str, report: &Report) -> Symptom {
    if let Some(fault) = &report.broken {
        let at = fault.seq.map_or_else(String::new, |seq| format!("event {seq}: "));
        let saw = format!("{file}: {at}{}", escape(&fault.reason));
        let status = if fault.newer { Status::Warn } else { Status::Fail };
        return Symptom::ill(ID, status, saw, fault.cure());
    }
    let good = format!(
        "{file}: {}, {}, all good; whether its end was cut off, `glasskey ledger verify --head HASH` tells",
        counted(report.events, "event"),
        counted(report.receipts, "receipt")
    );
    match report.odd {
        0 => Symptom::well(ID, good),
        odd => Symptom::ill(
            ID,
            Status::Warn,
            format!(
                "{good}; {odd} of the events have no effect, for this program would not have written them"
            ),
            "`glasskey ledger verify` tells which, and why.",
        ),
    }
}
