//! The ledger and the inventory as people read them.

mod verified;

use comfy_table::Table;
use comfy_table::presets::NOTHING;

use super::{Tone, escape, heading, line, paint, row};
use crate::ledger::bytes::Hash;
use crate::ledger::chain::Entry;
use crate::ledger::export::says;
use crate::ledger::inventory::{CounterBack, Key, Oddity, Seen};
use crate::ledger::{Event, Inventory};
use crate::verdict::Outcome;
use crate::verdict::finding::Status;
use crate::verdict::words::{counted, second};

pub use verified::verified;

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
            second(&event.at),
            signed.to_owned(),
            escape(&event.kind),
            escape(label),
            escape(&says(entry)),
        ]);
    }
    let left_out = total.saturating_sub(u64::try_from(entries.len()).unwrap_or(u64::MAX));
    let are = if left_out == 1 { "is" } else { "are" };
    let rest = match left_out {
        0 => String::new(),
        _ => format!("{} {are} not shown\n", counted(left_out, "earlier event")),
    };
    format!("{}\n{rest}", table.trim_fmt())
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
            key.last_good_check.map_or_else(|| "never".to_owned(), |seen| second(&seen.at)),
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
    text + &odd(inventory.oddities(), inventory.odd())
}

/// Events that this program would not have written: the first ones with their words, the others counted.
fn odd(first: &[Oddity], all: u64) -> String {
    let mut text = String::new();
    for oddity in first {
        text.push_str(&row(Status::Warn, "odd", &format!("event {}: {}", oddity.seq, oddity.what), None));
    }
    let told = u64::try_from(first.len()).unwrap_or(u64::MAX);
    if let Some(more) = all.checked_sub(told).filter(|more| *more > 0) {
        let saw = format!("{} that glasskey would not have written", counted(more, "more event"));
        text.push_str(&row(Status::Warn, "odd", &saw, None));
    }
    text
}

/// One key, and its history. `firmware` is its version in the vendor's own count, where that is known.
#[must_use]
pub fn key(key: &Key, firmware: Option<&str>, history: &[Entry]) -> String {
    let mut text = heading(&escape(&key.label));
    if key.soft {
        text.push_str(&format!("{}\n", paint(Tone::Warn, "SOFT KEY: no hardware")));
    }
    let state = key.state.words();
    let state = key.why.as_ref().map_or_else(|| state.to_owned(), |why| format!("{state}: {why}"));
    let seen = |seen: Option<Seen>, never: &str| {
        seen.map_or_else(|| never.to_owned(), |seen| format!("{} (event {})", second(&seen.at), seen.seq))
    };
    let verdict = key.last_verdict.map_or("none yet", |verdict| Outcome::from(verdict).words());
    let rows = [
        ("account", Some(key.account.clone())),
        ("state", Some(state)),
        ("site", key.site.clone()),
        ("custodian", key.custodian.clone()),
        ("bag", key.bag.clone()),
        ("model", key.model.clone()),
        ("vendor", key.vendor.clone()),
        ("AAGUID", Some(key.aaguid.to_string())),
        ("firmware at enrolment", key.firmware.map(|raw| super::firmware(raw, firmware))),
        ("enrolled", Some(seen(Some(key.enrolled), ""))),
        ("witness", key.witness.clone()),
        ("last check", Some(seen(key.last_checked, "never"))),
        ("last verdict", Some(verdict.to_owned())),
        ("last good check", Some(seen(key.last_good_check, "never"))),
        ("PIN changed", Some(seen(key.pin_changed, "not since enrolment"))),
        ("custody credential", Some(key.custody.credential_id.to_string())),
        ("signature counter", Some(key.custody.counter.to_string())),
    ];
    text.extend(rows.map(|(name, value)| line(name, value)));
    for one in &key.entra {
        text.push_str(&line("passkey for Entra", Some(seen(Some(one.registered), ""))));
    }
    if let Some(reason) = &key.override_reason {
        text.push_str(&row(Status::Warn, "rule overridden", reason, None));
    }
    if let Some(CounterBack { seq, before, after }) = key.counter_back {
        let saw =
            format!("event {seq}: it was {before} before, and {after} then: there may be a copy of the key");
        text.push_str(&row(Status::Fail, "counter", &saw, None));
    }
    for change in &key.changes {
        let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "unsaid".to_owned());
        let saw =
            format!("{}: {} at enrolment, now {}", change.what, told(&change.before), told(&change.after));
        text.push_str(&row(Status::Warn, "changed", &saw, None));
    }
    text.push_str(&heading("history"));
    text + &log(history, u64::try_from(history.len()).unwrap_or(u64::MAX))
}
