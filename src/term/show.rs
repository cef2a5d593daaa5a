//! What people read: pure functions from values to text. Foreign text is escaped here.

mod facts;
mod lists;
mod verdict;

pub use facts::info;
pub use lists::{attestations, model, models, policies};
pub use verdict::{check, failed};

use super::escape::escape;
use super::{Tone, paint};
use crate::verdict::finding::Status;

/// One line with a status: its word and its sign say what its colour says. The cure stands below, where there is one.
#[must_use]
pub fn row(status: Status, name: &str, saw: &str, cure: Option<&str>) -> String {
    let (sign, word, tone) = match status {
        Status::Pass => ("✓", "pass", Tone::Good),
        Status::Warn => ("!", "warn", Tone::Warn),
        Status::Fail => ("✗", "FAIL", Tone::Bad),
        Status::Skipped => ("-", "skip", Tone::Quiet),
    };
    let mut row = format!("  {} {name:<21} {}\n", paint(tone, &format!("{sign} {word}")), escape(saw));
    if let Some(cure) = cure {
        row.push_str(&format!("{:33}{} {}\n", "", paint(Tone::Strong, "→"), escape(cure)));
    }
    row
}

/// A line of name and value; an unsaid value says so.
fn line(name: &str, value: Option<String>) -> String {
    let value = value.map_or_else(|| paint(Tone::Quiet, "unsaid"), |value| escape(&value));
    format!("  {name:<33} {value}\n")
}

fn heading(text: &str) -> String {
    format!("{}\n", paint(Tone::Strong, text))
}
