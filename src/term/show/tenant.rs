//! What the tenant's files say, held against plan, record and key, as people read it.

use std::collections::BTreeSet;

use super::{Tone, answer, escape, finding, heading, line};
use crate::entra::matching::Matched;
use crate::plan::{Account, Plan};
use crate::tenant::{Checked, File};
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
    text.extend(matched.findings.iter().map(finding));
    text + &ended(matched.well, "MATCHED", "NOT MATCHED", matched.findings.iter().map(|found| found.status))
}

/// The files and what each holds, every rule and what breaks it, the answer last.
#[must_use]
pub fn tenant(plan: &Plan, files: &[File], checked: &Checked) -> String {
    let mut text = heading(&escape(&format!("{} · {}", plan.organisation, plan.file)));
    for file in files {
        let holds = match file.kind {
            Some(kind) => format!("{}: {}", kind.words(), file.entries),
            None => "counts for nothing".to_owned(),
        };
        let problem = file.problem.as_ref().map(|problem| format!(" ({problem})")).unwrap_or_default();
        text.push_str(&line(&escape(&file.name), Some(format!("{holds}{problem}"))));
    }
    text.push('\n');
    let mut told = BTreeSet::new();
    for found in &checked.findings {
        let mut row = found.row.clone();
        // The same command is told once.
        row.cure = row.cure.filter(|cure| told.insert(cure.clone()));
        text.push_str(&finding(&row));
    }
    let all = checked.findings.iter().map(|found| found.row.status);
    text + &ended(checked.well, "AS IT SHOULD BE", "NOT AS IT SHOULD BE", all)
}

fn ended(well: Option<bool>, yes: &str, no: &str, all: impl Iterator<Item = Status>) -> String {
    let (tone, word) = match well {
        Some(true) => (Tone::Good, yes),
        Some(false) => (Tone::Bad, no),
        None => (Tone::Warn, "COULD NOT BE TOLD"),
    };
    answer(tone, word, all)
}
