//! What the tenant's files say, held against plan, record and key, as people read it.

use super::{Tone, below, escape, heading, paint, row};
use crate::entra::matching::Matched;
use crate::plan::Account;
use crate::verdict::finding::Status;

/// An account's passkeys, every rule and what breaks it, the answer last.
#[must_use]
pub fn matched(account: &Account, matched: &Matched) -> String {
    let mut text = heading(&escape(&format!("{} · {}", account.name, account.upn)));
    for passkey in &matched.passkeys {
        let key = passkey.key.as_deref().unwrap_or("no key is proven to hold it");
        let name = passkey.name.as_deref().unwrap_or("without a name");
        let created = passkey.created.as_deref().unwrap_or("at an unknown time");
        text.push_str(&format!("  {}\n", escape(&format!("{name}, {created}, {}: {key}", passkey.id))));
    }
    text.push('\n');
    for found in &matched.findings {
        text.push_str(&finding(found.status, found.id.name(), found));
    }
    text + &answer(matched.well, "MATCHED", "NOT MATCHED", matched.findings.iter().map(|found| found.status))
}

fn finding<I>(status: Status, name: &str, found: &crate::verdict::row::Row<I>) -> String {
    let saw = match &found.about {
        Some(about) => format!("{about}: {}", found.saw),
        None => found.saw.clone(),
    };
    let mut text = row(status, name, &saw, found.cure.as_deref());
    if matches!(status, Status::Fail | Status::Warn) {
        text.push_str(&below(" ", found.why, Some(Tone::Quiet)));
    }
    text
}

fn answer(well: Option<bool>, yes: &str, no: &str, all: impl Iterator<Item = Status>) -> String {
    let all: Vec<Status> = all.collect();
    let count = |wanted| all.iter().filter(|status| **status == wanted).count();
    let [pass, warn, fail, skipped] = [Status::Pass, Status::Warn, Status::Fail, Status::Skipped].map(count);
    let word = match well {
        Some(true) => paint(Tone::Good, yes),
        Some(false) => paint(Tone::Bad, no),
        None => paint(Tone::Warn, "COULD NOT BE TOLD"),
    };
    format!("\n{word}  ({pass} pass, {warn} warn, {fail} fail, {skipped} skipped)\n")
}
