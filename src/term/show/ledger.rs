//! The ledger and the inventory as people read them.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use jiff::Timestamp;

use super::{Tone, escape, heading, line, paint, row};
use crate::ledger::bytes::Hash;
use crate::ledger::chain::Entry;
use crate::ledger::export::says;
use crate::ledger::inventory::{CounterBack, Key, Seen, State};
use crate::ledger::verify::Report;
use crate::ledger::{Event, Inventory};
use crate::verdict::Outcome;
use crate::verdict::finding::Status;

/// To the second, which is what people want to know.
fn when(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A ledger that was made.
#[must_use]
pub fn made(file: &str, head: Hash) -> String {
    format!("made {}\nhead {head}\n", escape(file))
}

/// An event that was recorded.
#[must_use]
pub fn recorded(label: &str, event: &Event) -> String {
    format!("{} {} as event {}\nhead {}\n", escape(label), event.kind, event.seq, event.hash)
}

/// Where what was done with a key is recorded.
#[must_use]
pub fn kept(event: &Event) -> String {
    let signed = if event.receipt.is_some() { "signed by the key" } else { "not signed by the key" };
    format!("recorded: event {}, {signed}, head {}\n", event.seq, event.hash)
}

/// Events, one a line.
#[must_use]
pub fn log(entries: &[Entry], total: u64) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["event", "at", "signed", "kind", "key", "says"]);
    for entry in entries {
        let event = &entry.event;
        let label = entry.body.as_ref().and_then(|body| body.event.label()).unwrap_or_default();
        let signed = if event.receipt.is_some() { "yes" } else { "" };
        table.add_row([
            event.seq.to_string(),
            when(event.at),
            signed.to_owned(),
            escape(&event.kind),
            escape(label),
            escape(&says(entry)),
        ]);
    }
    let left_out = total.saturating_sub(u64::try_from(entries.len()).unwrap_or(u64::MAX));
    let rest =
        if left_out == 0 { String::new() } else { format!("{left_out} earlier events are not shown\n") };
    format!("{}\n{rest}", table.trim_fmt())
}

/// What verification found, what that proves, and what it cannot.
#[must_use]
pub fn verified(file: &str, report: &Report) -> String {
    let mut text = heading(&escape(file));
    let status = |good| if good { Status::Pass } else { Status::Fail };
    let saw = match &report.broken {
        None => {
            format!("all {} events stand as they were sealed, each chained to the one before", report.events)
        }
        Some(fault) => match fault.seq {
            Some(seq) => format!("event {seq}: {}; the {} before it are good", fault.reason, report.events),
            None => fault.reason.clone(),
        },
    };
    let cure = "keep this file for whoever looks into it, and bring the ledger back from a copy";
    text.push_str(&row(
        status(report.broken.is_none()),
        "chain",
        &saw,
        report.broken.is_some().then_some(cure),
    ));
    let receipts = format!(
        "{} receipts, each verified by two libraries with the key that was enrolled",
        report.receipts
    );
    let signed = if report.broken.is_some() { Status::Skipped } else { Status::Pass };
    text.push_str(&row(signed, "receipts", &receipts, None));
    match report.told {
        Some(told) => {
            let saw = match told.seq {
                Some(seq) => format!("the head that was told is event {seq}: nothing up to there is cut off"),
                None => {
                    "the ledger does not hold the head that was told: it was cut off or replaced".to_owned()
                }
            };
            text.push_str(&row(status(told.seq.is_some()), "head", &saw, None));
        }
        None => {
            let saw = "whether events were cut off at the end: the file alone cannot tell";
            let cure =
                "compare the head with the newest label or report: `glasskey ledger verify --head HASH`";
            text.push_str(&row(Status::Skipped, "head", saw, Some(cure)));
        }
    }
    if report.broken.is_none() {
        let after = report.events.saturating_sub(report.signed_to.unwrap_or(0));
        let saw = match report.signed_to {
            Some(seq) => format!(
                "up to event {seq} nothing can have been changed without an enrolled key; the {after} after it are only chained, and whoever may write the file could have replaced them"
            ),
            None => {
                "no key has signed anything: whoever may write the file could have replaced it".to_owned()
            }
        };
        text.push_str(&row(Status::Skipped, "not proved", &saw, None));
    }
    if report.soft == Some(true) {
        text.push_str(&row(
            Status::Warn,
            "soft keys",
            "these keys are programs: they prove nothing of hardware",
            None,
        ));
    }
    for oddity in &report.oddities {
        let saw = format!("event {}: {}", oddity.seq, oddity.what);
        text.push_str(&row(Status::Warn, "odd", &saw, None));
    }
    text.push_str(&line("head", report.head.map(|head| head.to_string())));
    text
}

/// All keys, and what is pending.
#[must_use]
pub fn inventory(inventory: &Inventory) -> String {
    let mut text = inventory.organisation().map(|name| heading(&escape(name))).unwrap_or_default();
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["key", "account", "state", "site", "custodian", "bag", "model", "last good check"]);
    for key in inventory.keys() {
        let or_dash = |value: &Option<String>| value.as_deref().map_or_else(|| "-".to_owned(), escape);
        let model = key.model.clone().unwrap_or_else(|| key.aaguid.to_string());
        let soft = if key.soft { " (SOFT KEY)" } else { "" };
        table.add_row([
            escape(&key.label),
            escape(&key.account),
            key.state.words().to_owned(),
            or_dash(&key.site),
            or_dash(&key.custodian),
            or_dash(&key.bag),
            format!("{}{soft}", escape(&model)),
            key.last_good_check.map_or_else(|| "never".to_owned(), |seen| when(seen.at)),
        ]);
    }
    if inventory.keys().is_empty() {
        text.push_str("no key is enrolled\n");
    } else {
        text.push_str(&format!("{}\n", table.trim_fmt()));
    }
    for pending in inventory.pending() {
        text.push_str(&row(Status::Warn, "pending", &pending.cure(), None));
    }
    for oddity in inventory.oddities() {
        text.push_str(&row(Status::Warn, "odd", &format!("event {}: {}", oddity.seq, oddity.what), None));
    }
    text
}

/// One key, and its history.
#[must_use]
pub fn key(key: &Key, history: &[Entry]) -> String {
    let mut text = heading(&escape(&key.label));
    if key.soft {
        text.push_str(&format!("{}\n", paint(Tone::Warn, "SOFT KEY: no hardware")));
    }
    let seen = |seen: Option<Seen>| seen.map(|seen| format!("{} (event {})", when(seen.at), seen.seq));
    let state = match (&key.why, key.state) {
        (Some(why), _) => format!("{}: {why}", key.state.words()),
        (None, State::Active | State::Retired | State::Lost | State::Reset) => key.state.words().to_owned(),
    };
    let rows = [
        ("account", Some(key.account.clone())),
        ("state", Some(state)),
        ("site", key.site.clone()),
        ("custodian", key.custodian.clone()),
        ("bag", key.bag.clone()),
        ("model", key.model.clone()),
        ("vendor", key.vendor.clone()),
        ("AAGUID", Some(key.aaguid.to_string())),
        ("firmware at enrolment", key.firmware.map(|firmware| firmware.to_string())),
        ("enrolled", seen(Some(key.enrolled))),
        ("witness", key.witness.clone()),
        ("rule overridden", key.override_reason.clone()),
        ("last check", seen(key.last_checked)),
        ("last verdict", key.last_verdict.map(|verdict| Outcome::from(verdict).words().to_owned())),
        ("last good check", seen(key.last_good_check)),
        ("PIN changed", seen(key.pin_changed)),
        ("custody credential", Some(key.custody.credential_id.to_string())),
        ("signature counter", Some(key.custody.counter.to_string())),
    ];
    text.extend(rows.map(|(name, value)| line(name, value)));
    if let Some(CounterBack { seq, before, after }) = key.counter_back {
        let saw =
            format!("event {seq}: it was {before} before, and {after} then: there may be a copy of the key");
        text.push_str(&row(Status::Fail, "counter", &saw, None));
    }
    for change in &key.changes {
        let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "unsaid".to_owned());
        let saw = format!("{}: {} was {}", change.what, told(&change.after), told(&change.before));
        text.push_str(&row(Status::Warn, "changed", &saw, None));
    }
    text.push_str(&heading("history"));
    text + &log(history, u64::try_from(history.len()).unwrap_or(u64::MAX))
}
