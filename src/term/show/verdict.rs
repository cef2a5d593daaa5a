//! The verdict as people read it.

use super::{Tone, answer, escape, finding, heading, paint, subject, tone};
use crate::catalogue::Catalogue;
use crate::facts::Facts;
use crate::verdict::finding::{Id, Status};
use crate::verdict::{Outcome, Verdict};

/// A checked key: who it is, every finding, the verdict last.
#[must_use]
pub fn check(facts: &Facts, catalogue: &Catalogue, verdict: &Verdict) -> String {
    let mut text = subject(facts, catalogue.model(facts.info.aaguid));
    text.push('\n');
    text.extend(verdict.findings.iter().map(finding));
    let all = verdict.findings.iter().map(|finding| finding.status);
    text.push_str(&answer(tone(verdict.outcome), &verdict.outcome.words().to_uppercase(), all));
    text.extend(unproven(verdict).map(|open| format!("{open}\n")));
    text
}

/// What nobody could tell of a key that nothing is wrong with.
fn unproven(verdict: &Verdict) -> Option<String> {
    let open: Vec<&str> = verdict.unproven().map(Id::name).collect();
    let told = verdict.outcome == Outcome::FitWithWarnings && !open.is_empty();
    told.then(|| format!("not proven: {}", open.join(", ")))
}

/// A checked key in one line, for whoever has many in the hand: the verdict, which key it is, and what is wrong with it.
/// `is`: which enrolled key, in words; `lacks`: what its record lacks.
#[must_use]
pub fn glance(
    facts: &Facts,
    catalogue: &Catalogue,
    verdict: &Verdict,
    is: Option<&str>,
    lacks: Option<&str>,
) -> String {
    let sign = match verdict.outcome {
        Outcome::Fit => "✓",
        Outcome::FitWithWarnings => "!",
        Outcome::NotFit => "✗",
    };
    let model = catalogue.model(facts.info.aaguid);
    let mut parts = vec![escape(&facts.path)];
    parts.extend(is.map(escape));
    parts.push(escape(model.map_or(facts.product.as_str(), |model| &model.name)));
    if facts.soft {
        parts.push("SOFT KEY".to_owned());
    }
    let of = |status| verdict.findings.iter().filter(move |finding| finding.status == status);
    parts.extend(of(Status::Fail).map(|finding| format!("{}: {}", finding.id.name(), escape(&finding.saw))));
    let warned: Vec<&str> = of(Status::Warn).map(|finding| finding.id.name()).collect();
    if !warned.is_empty() {
        parts.push(format!("look at {}", warned.join(", ")));
    }
    parts.extend(unproven(verdict));
    parts.extend(lacks.map(escape));
    at_a_glance(tone(verdict.outcome), sign, &verdict.outcome.words().to_uppercase(), &parts)
}

/// A key that could not be checked, in one line.
#[must_use]
pub fn not_checked(path: &str, product: &str, error: &str) -> String {
    at_a_glance(Tone::Bad, "✗", "NOT CHECKED", &[escape(path), escape(product), escape(error)])
}

fn at_a_glance(tone: Tone, sign: &str, word: &str, parts: &[String]) -> String {
    // As long as the longest word, so that lines stand under each other.
    format!("{}  {}\n", paint(tone, &format!("{sign} {word:<17}")), parts.join(" · "))
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
