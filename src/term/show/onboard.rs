//! An onboarding as people read it.

use std::time::Duration;

use jiff::Timestamp;

use super::{Tone, below, escape, heading, paint, row};
use crate::onboard::compare::Change;
use crate::onboard::finding::Section;
use crate::onboard::lists::Lists;
use crate::onboard::{Case, Verdict};
use crate::verdict::Outcome;
use crate::verdict::finding::Status;

/// The model, every finding by section, and the verdict.
#[must_use]
pub fn told(case: &Case<'_>, verdict: &Verdict) -> String {
    let facts = case.facts;
    let name = case.model().map_or_else(
        || escape(&facts.product),
        |model| format!("{} · {}", escape(&model.name), escape(&model.vendor)),
    );
    let mut text = heading(&name);
    text.push_str(&format!("{}  AAGUID {}\n", escape(&facts.path), facts.info.aaguid));
    if facts.soft {
        let words = "SOFT KEY: no hardware; what follows says nothing about a real key";
        text.push_str(&format!("{}\n", paint(Tone::Warn, words)));
    }
    for section in Section::ALL {
        text.push_str(&format!("\n{}", heading(section.heading())));
        for finding in verdict.findings.iter().filter(|finding| finding.section == section) {
            text.push_str(&row(finding.status, finding.id.name(), &finding.saw, finding.cure.as_deref()));
            if matches!(finding.status, Status::Fail | Status::Warn) {
                let why = format!("{} ({})", finding.why, finding.clause);
                text.push_str(&below(" ", &why, Some(Tone::Quiet)));
            }
        }
    }
    let count = |status| verdict.findings.iter().filter(|finding| finding.status == status).count();
    let tone = match verdict.outcome {
        Outcome::Fit => Tone::Good,
        Outcome::FitWithWarnings => Tone::Warn,
        Outcome::NotFit => Tone::Bad,
    };
    let word = paint(tone, &verdict.outcome.words().to_uppercase());
    let [pass, warn, fail, skipped] = [Status::Pass, Status::Warn, Status::Fail, Status::Skipped].map(count);
    text.push_str(&format!("\n{word}  ({pass} pass, {warn} warn, {fail} fail, {skipped} skipped)\n"));
    text
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
