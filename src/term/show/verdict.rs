//! The verdict as people read it.

use super::{Tone, below, escape, heading, paint, row};
use crate::catalogue::Catalogue;
use crate::facts::Facts;
use crate::verdict::finding::Status;
use crate::verdict::{Outcome, Verdict};

/// A checked key: who it is, every finding, the verdict last.
#[must_use]
pub fn check(facts: &Facts, catalogue: &Catalogue, verdict: &Verdict) -> String {
    let aaguid = facts.info.aaguid;
    let name = catalogue.model(aaguid).map_or_else(
        || escape(&facts.product),
        |model| format!("{} · {}", escape(&model.name), escape(&model.vendor)),
    );
    let mut text = heading(&name);
    text.push_str(&format!("{}  AAGUID {aaguid}\n", escape(&facts.path)));
    if facts.soft {
        text.push_str(&paint(
            Tone::Warn,
            "SOFT KEY: no hardware; what follows says nothing about a real key",
        ));
        text.push('\n');
    }
    text.push('\n');
    for finding in &verdict.findings {
        text.push_str(&row(finding.status, finding.id.name(), &finding.saw, finding.cure.as_deref()));
        if matches!(finding.status, Status::Fail | Status::Warn) {
            text.push_str(&below(" ", finding.why, Some(Tone::Quiet)));
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

/// That what was found is not in the ledger, although it was to be.
#[must_use]
pub fn not_recorded(error: &str, hint: Option<&str>) -> String {
    not_kept("NOT RECORDED", error, hint)
}

/// That what was found is not in a file, although it was to be.
#[must_use]
pub fn not_written(error: &str, hint: Option<&str>) -> String {
    not_kept("NOT WRITTEN", error, hint)
}

fn not_kept(word: &str, error: &str, hint: Option<&str>) -> String {
    let mut text = format!("{}: {}\n", paint(Tone::Bad, word), escape(error));
    if let Some(hint) = hint {
        text.push_str(&format!("{} {}\n", paint(Tone::Strong, "→"), escape(hint)));
    }
    text
}

/// A key of several that could not be checked.
#[must_use]
pub fn failed(path: &str, error: &str, hint: Option<&str>) -> String {
    let mut text = heading(&escape(path));
    text.push_str(&format!("  {} {}\n", paint(Tone::Bad, "✗"), escape(error)));
    if let Some(hint) = hint {
        text.push_str(&format!("  {} {}\n", paint(Tone::Strong, "→"), escape(hint)));
    }
    text
}
