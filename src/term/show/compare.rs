//! Allow-lists side by side, and what a request would change, as people read them.

use super::lists::word;
use super::{Tone, escape, heading, line, paint, row};
use crate::policy::{Agreement, Allowed, Comparison, Emitted, LockedOut, Weight};
use crate::verdict::finding::Status;

/// Lists side by side: each with its remarks, all models, the keys that are locked out, the answer last. `keys` is how
/// many enrolled keys they were held against; `None` where there is no ledger.
#[must_use]
pub fn comparison(comparison: &Comparison, keys: Option<usize>) -> String {
    let mut text = String::new();
    for (number, side) in (1..).zip(&comparison.sources) {
        let profile = side.profile.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        text.push_str(&heading(&escape(&format!("[{number}] {}{profile}", side.source))));
        let kind = side
            .kind
            .map_or_else(|| "custody plan: the models of its enrolled keys".to_owned(), |kind| word(&kind));
        text.push_str(&line("kind", Some(kind)));
        text.push_str(&line("key restrictions", Some(word(&side.restriction))));
        text.push_str(&line("AAGUIDs", Some(side.aaguids.len().to_string())));
        for remark in &side.remarks {
            let tone = if remark.weight == Weight::Warn { Tone::Warn } else { Tone::Quiet };
            text.push_str(&format!("    {} {}\n", paint(tone, "!"), escape(&remark.words)));
        }
        text.push('\n');
    }
    text.push_str(&heading("models"));
    for model in &comparison.models {
        let name = match (&model.model, &model.vendor) {
            (Some(name), Some(vendor)) => format!("{name} · {vendor}"),
            _ => "unknown model".to_owned(),
        };
        let keys = if model.keys.is_empty() {
            String::new()
        } else {
            format!(" · keys: {}", model.keys.join(", "))
        };
        let by = (1..).zip(&model.allowed).map(|(number, allowed): (usize, _)| {
            let answer = match allowed {
                Allowed::Yes => "yes",
                Allowed::No(_) => "no",
                Allowed::CannotTell(_) => "?",
            };
            format!("[{number}] {answer}")
        });
        let by: Vec<_> = by.collect();
        text.push_str(&format!(
            "  {}  {}  {}\n",
            model.aaguid,
            by.join("  "),
            escape(&format!("{name}{keys}"))
        ));
    }
    text.push('\n');
    text.push_str(&keys_and_agreement(comparison, keys));
    let word = match comparison.well() {
        Some(true) => paint(Tone::Good, "THE LISTS AGREE"),
        Some(false) if matches!(comparison.agreement, Agreement::Differ(_)) => {
            paint(Tone::Bad, "THE LISTS DIFFER")
        }
        Some(false) => paint(Tone::Bad, "A KEY IS LOCKED OUT"),
        None => paint(Tone::Warn, "CANNOT BE TOLD"),
    };
    text + &format!("\n{word}\n")
}

fn keys_and_agreement(comparison: &Comparison, keys: Option<usize>) -> String {
    let mut text = String::new();
    for key in &comparison.locked_out {
        let status = if key.is_certain() { Status::Fail } else { Status::Warn };
        text.push_str(&row(status, &key.label, &locked_out(key), None));
    }
    match keys {
        None => text.push_str(&row(Status::Skipped, "enrolled keys", "there is no ledger", None)),
        Some(count) if comparison.locked_out.is_empty() => {
            let saw = format!("none of {count} is locked out by any list");
            text.push_str(&row(Status::Pass, "enrolled keys", &saw, None));
        }
        Some(_) => {}
    }
    match &comparison.agreement {
        Agreement::Agree => {
            text.push_str(&row(Status::Pass, "agreement", "the lists let in the same models", None))
        }
        Agreement::NothingToCompare => {
            text.push_str(&row(Status::Skipped, "agreement", "there is one list only", None));
        }
        Agreement::Differ(all) => {
            for difference in all {
                text.push_str(&row(Status::Fail, "agreement", &difference.to_string(), None));
            }
        }
        Agreement::CannotTell(doubts) => {
            for doubt in doubts {
                let saw = format!("{}: {}", doubt.source, doubt.reason);
                text.push_str(&row(Status::Warn, "agreement", &saw, None));
            }
        }
    }
    text
}

fn locked_out(key: &LockedOut) -> String {
    let told = |what: &str, allowed: &Allowed| match allowed {
        Allowed::Yes => format!("{what}: yes"),
        Allowed::No(reason) => format!("{what}: no, {reason}"),
        Allowed::CannotTell(reason) => format!("{what}: cannot be told, {reason}"),
    };
    let registration = key.registration.as_ref().map(|allowed| told("register", allowed));
    let parts: Vec<_> = registration.into_iter().chain([told("sign in", &key.sign_in)]).collect();
    format!("{} ({}): {}", key.source, key.account, parts.join("; "))
}

/// What a request would change, and what to see to before it is sent.
#[must_use]
pub fn changes(emitted: &Emitted) -> String {
    let mut text = String::new();
    if emitted.changes.is_empty() {
        text.push_str("  nothing changes\n");
    }
    for change in &emitted.changes {
        text.push_str(&format!("  {} {}\n", paint(Tone::Strong, "→"), escape(change)));
    }
    for warning in &emitted.warnings {
        text.push_str(&format!("  {} {}\n", paint(Tone::Warn, "!"), escape(warning)));
    }
    text
}
