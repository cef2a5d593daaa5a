//! An onboarding as people read it.

use std::time::Duration;

use jiff::Timestamp;

use super::{answer, because, escape, heading, subject, tone};
use crate::onboard::compare::Change;
use crate::onboard::finding::Section;
use crate::onboard::lists::Lists;
use crate::onboard::{Case, Verdict};

/// The model, every finding by section, and the verdict.
#[must_use]
pub fn told(case: &Case<'_>, verdict: &Verdict) -> String {
    let mut text = subject(case.facts, case.model());
    for section in Section::ALL {
        text.push_str(&format!("\n{}", heading(section.heading())));
        for finding in verdict.findings.iter().filter(|finding| finding.id.section() == section) {
            let why = format!("{} ({})", finding.why, finding.id.clause());
            text.push_str(&because(finding, &why));
        }
    }
    let all = verdict.findings.iter().map(|finding| finding.status);
    text + &answer(tone(verdict.outcome), &verdict.outcome.words().to_uppercase(), all)
}

/// What the run took.
#[must_use]
pub fn measured(took: Duration, round_trips: u64) -> String {
    format!("took {}.{} s, {round_trips} round trips\n", took.as_secs(), took.subsec_millis() / 100)
}

/// What changed since an earlier run.
#[must_use]
pub fn changes(at: Timestamp, changes: &[Change]) -> String {
    let mut text = heading(&format!("\nsince the run of {}", at.strftime("%Y-%m-%d %H:%M:%SZ")));
    if changes.is_empty() {
        text.push_str("  nothing changed\n");
    }
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "unsaid".to_owned(), escape);
    text.extend(changes.iter().map(|change| {
        format!("  {:<33} {} → {}\n", escape(&change.what), value(&change.before), value(&change.after))
    }));
    text
}

/// The lines that let the model in.
#[must_use]
pub fn lists(lists: Option<&Lists>) -> String {
    let Some(lists) = lists else { return String::new() };
    let mut text = heading("\nfor the lists of the tenant");
    text.push_str(&format!("  passkey profile, keyRestrictions.aaGuids       \"{}\"\n", lists.aaguid));
    text.push_str(&format!("  authentication strength, allowedAAGUIDs        \"{}\"\n", lists.aaguid));
    text
}
