//! What people read: pure functions from values to text. Foreign text is escaped here.

mod catalogue;
mod compare;
mod credentials;
pub mod drill;
mod facts;
pub mod ledger;
mod lists;
pub mod onboard;
mod status;
mod tenant;
mod verdict;

pub use catalogue::{Concerned, Imported, NewAdvisory, advisories, imported, model, models};
pub use compare::{changes, comparison};
pub use credentials::passkeys;
pub use facts::info;
pub use lists::{attestations, policies};
pub use status::{plan, status};
pub use tenant::{matched, tenant};
pub use verdict::{check, failed, glance, not_checked, not_recorded, not_written};

use super::escape::escape;
use super::{Tone, paint};
use crate::catalogue::Model;
use crate::facts::Facts;
use crate::verdict::Outcome;
use crate::verdict::finding::{Finding, Question, Status};

/// Where the text of a row begins.
const INDENT: usize = 33;

/// A status, its check and what was seen; below it the cure. The word and the sign say what the colour says.
/// On a terminal the text is folded to its width; in a pipe a row is one line, and the cure another.
#[must_use]
pub fn row(status: Status, name: &str, saw: &str, cure: Option<&str>) -> String {
    let (sign, word, tone) = match status {
        Status::Pass => ("✓", "pass", Tone::Good),
        Status::Warn => ("!", "warn", Tone::Warn),
        Status::Fail => ("✗", "FAIL", Tone::Bad),
        Status::Skipped => ("-", "skip", Tone::Quiet),
    };
    let mut row =
        format!("  {} {name:<21}  {}\n", paint(tone, &format!("{sign} {word}")), folded(&escape(saw)));
    if let Some(cure) = cure {
        row.push_str(&below(&paint(Tone::Strong, "→"), cure, None));
    }
    row
}

/// A finding, what it is about, and why it matters where something is wrong.
fn finding<I: Question>(found: &Finding<I>) -> String {
    because(found, found.why)
}

/// The same, with other words for why it matters.
fn because<I: Question>(found: &Finding<I>, why: &str) -> String {
    let saw = match &found.about {
        Some(about) => format!("{about}: {}", found.saw),
        None => found.saw.clone(),
    };
    let mut text = row(found.status, found.id.name(), &saw, found.cure.as_deref());
    if matches!(found.status, Status::Fail | Status::Warn) {
        text.push_str(&below(" ", why, Some(Tone::Quiet)));
    }
    text
}

/// The answer, and how many findings there are of each kind.
fn answer(tone: Tone, word: &str, all: impl Iterator<Item = Status>) -> String {
    let all: Vec<Status> = all.collect();
    let count = |wanted| all.iter().filter(|status| **status == wanted).count();
    let [pass, warn, fail, skipped] = [Status::Pass, Status::Warn, Status::Fail, Status::Skipped].map(count);
    format!("\n{}  ({pass} pass, {warn} warn, {fail} fail, {skipped} skipped)\n", paint(tone, word))
}

/// The name of what is tried or checked, its path, its model, and whether it is a soft key.
fn subject(facts: &Facts, model: Option<&Model>) -> String {
    let name = model.map_or_else(
        || escape(&facts.product),
        |model| format!("{} · {}", escape(&model.name), escape(&model.vendor)),
    );
    let mut text = heading(&name);
    text.push_str(&format!("{}  AAGUID {}\n", escape(&facts.path), facts.info.aaguid));
    if facts.soft {
        let words = "SOFT KEY: no hardware; what follows says nothing about a real key";
        text.push_str(&format!("{}\n", paint(Tone::Warn, words)));
    }
    text
}

fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Fit => Tone::Good,
        Outcome::FitWithWarnings => Tone::Warn,
        Outcome::NotFit => Tone::Bad,
    }
}

/// A line that belongs to the row above it.
fn below(sign: &str, text: &str, tone: Option<Tone>) -> String {
    let text = folded(&escape(text));
    let text = tone.map_or(text.clone(), |tone| paint(tone, &text));
    format!("{:1$}{sign} {text}\n", "", INDENT - 2)
}

/// Folds a text to the terminal's width, each further line indented under the first.
fn folded(text: &str) -> String {
    use std::io::IsTerminal;
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    match width.filter(|width| *width > INDENT + 20 && std::io::stdout().is_terminal()) {
        Some(width) => textwrap::wrap(text, width - INDENT).join(&format!("\n{:INDENT$}", "")),
        None => text.to_owned(),
    }
}

/// A line of name and value; an unsaid value says so.
fn line(name: &str, value: Option<String>) -> String {
    let value = value.map_or_else(|| paint(Tone::Quiet, "unsaid"), |value| escape(&value));
    format!("  {name:<33} {value}\n")
}

fn heading(text: &str) -> String {
    format!("{}\n", paint(Tone::Strong, text))
}

/// A firmware version in the vendor's own count, where that is known, beside the number that the key tells.
fn firmware(raw: u64, version: Option<&str>) -> String {
    match version {
        Some(version) => format!("{version} ({raw})"),
        None => format!("{raw} (the vendor's own count)"),
    }
}
