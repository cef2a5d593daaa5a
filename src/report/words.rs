//! Dates, verdicts and events in words, the same in every rendering.

use std::borrow::Borrow;

use jiff::Timestamp;

use crate::ledger::bytes::Hash;
use crate::ledger::payload::{DrillVerdict, Verdict};
use crate::status::Drill as Due;
use crate::verdict::Outcome;
use crate::verdict::finding::Status as Sign;
pub use crate::verdict::words::{counted, day};

/// A day, or a dash where there is none.
#[must_use]
pub fn day_or(at: &Option<Timestamp>) -> String {
    at.as_ref().map_or_else(|| "–".to_owned(), day)
}

/// A minute, in UTC: `2026-05-01 09:30`.
#[must_use]
pub fn minute(at: &Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// A minute, or a dash where there is none.
#[must_use]
pub fn minute_or(at: &Option<Timestamp>) -> String {
    at.as_ref().map_or_else(|| "–".to_owned(), minute)
}

/// Texts in a row, or a dash where there is none.
#[must_use]
pub fn list(texts: &[String]) -> String {
    if texts.is_empty() { "–".to_owned() } else { texts.join(", ") }
}

/// A text, or a dash where it is unsaid.
#[must_use]
pub fn or_dash(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("–")
}

/// How a finding or a rule stands: its sign, which says the same without colour.
#[must_use]
pub fn sign(sign: impl Borrow<Sign>) -> &'static str {
    match sign.borrow() {
        Sign::Pass => "✓",
        Sign::Warn => "!",
        Sign::Fail => "✗",
        Sign::Skipped => "–",
    }
}

/// How a finding stands, in words.
#[must_use]
pub fn status(sign: impl Borrow<Sign>) -> &'static str {
    match sign.borrow() {
        Sign::Pass => "pass",
        Sign::Warn => "warn",
        Sign::Fail => "fail",
        Sign::Skipped => "skipped",
    }
}

/// The name of a sign in the style sheets.
#[must_use]
pub fn class(sign: impl Borrow<Sign>) -> &'static str {
    match sign.borrow() {
        Sign::Pass => "pass",
        Sign::Warn => "warn",
        Sign::Fail => "fail",
        Sign::Skipped => "skip",
    }
}

/// The sign of a verdict.
#[must_use]
pub fn of_verdict(verdict: &Verdict) -> Sign {
    match verdict {
        Verdict::Fit => Sign::Pass,
        Verdict::FitWithWarnings => Sign::Warn,
        Verdict::NotFit => Sign::Fail,
    }
}

/// A verdict in words.
#[must_use]
pub fn verdict(verdict: &Verdict) -> &'static str {
    Outcome::from(*verdict).words()
}

/// The sign of a drill's verdict.
#[must_use]
pub fn of_drill(verdict: &DrillVerdict) -> Sign {
    match verdict {
        DrillVerdict::Passed => Sign::Pass,
        DrillVerdict::Failed => Sign::Fail,
        DrillVerdict::Incomplete => Sign::Warn,
        DrillVerdict::Abandoned => Sign::Skipped,
    }
}

/// A drill's verdict in words.
#[must_use]
pub fn drill(verdict: &DrillVerdict) -> &'static str {
    match verdict {
        DrillVerdict::Passed => "passed",
        DrillVerdict::Failed => "failed",
        DrillVerdict::Incomplete => "incomplete",
        DrillVerdict::Abandoned => "abandoned",
    }
}

/// How the next check of a key stands, in words.
#[must_use]
pub fn due(due: &Due) -> &'static str {
    match due {
        Due::Good => "in time",
        Due::Soon => "due soon",
        Due::NeverChecked => "never checked",
        Due::Overdue => "overdue",
        Due::InTheFuture => "dated in the future",
    }
}

/// How the next drill of an account stands, in words.
#[must_use]
pub fn due_drill(due: &Due) -> &'static str {
    match due {
        Due::NeverChecked => "never passed",
        Due::Good | Due::Soon | Due::Overdue | Due::InTheFuture => self::due(due),
    }
}

/// The sign of how the next check of a key stands.
#[must_use]
pub fn of_due(due: &Due) -> Sign {
    match due {
        Due::Good => Sign::Pass,
        Due::Soon | Due::NeverChecked => Sign::Warn,
        Due::Overdue | Due::InTheFuture => Sign::Fail,
    }
}

/// A delay in minutes and seconds: `4 min 10 s`.
#[must_use]
pub fn delay(seconds: &i64) -> String {
    let (minutes, rest) = (seconds / 60, seconds % 60);
    if minutes == 0 { format!("{rest} s") } else { format!("{minutes} min {} s", rest.abs()) }
}

/// A text in parts, with whether each stands between backticks: commands, in the words of this program.
#[must_use]
pub fn prose(text: &str) -> Vec<(bool, &str)> {
    let even = text.matches('`').count().is_multiple_of(2);
    let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    if even { parts.map(|(place, part)| (place % 2 == 1, part)).collect() } else { vec![(false, text)] }
}

/// A hash in groups of eight, as it is read aloud and typed.
#[must_use]
pub fn grouped(hash: &Hash) -> String {
    let mut out = String::with_capacity(72);
    for (place, digit) in hash.to_string().chars().enumerate() {
        if place > 0 && place % 8 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
