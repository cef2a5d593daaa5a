//! What verification found, as people read it.

use super::{Status, Tone, counted, escape, heading, line, odd, paint, row};
use crate::ledger::verify::{Fault, Report, Told};

/// What verification found, what that proves, and what it cannot; the answer last.
#[must_use]
pub fn verified(file: &str, report: &Report) -> String {
    let mut text = heading(&escape(file));
    match &report.broken {
        None => {
            let saw = match report.events {
                1 => "the only event stands as it was sealed".to_owned(),
                many => {
                    format!("all {many} events stand as they were sealed, each chained to the one before")
                }
            };
            text.push_str(&row(Status::Pass, "chain", &saw, None));
        }
        Some(fault) => text.push_str(&broken(fault, report.events)),
    }
    text.push_str(&receipts(report));
    text.push_str(&head(report));
    if report.intact {
        text.push_str(&signed(report));
    }
    if report.soft == Some(true) {
        let saw = "these keys are programs: they prove nothing of hardware";
        text.push_str(&row(Status::Warn, "soft keys", saw, None));
    }
    text.push_str(&odd(&report.oddities, report.odd));
    text.push_str(&line(
        "head",
        Some(report.head.map_or_else(|| "none".to_owned(), |head| head.to_string())),
    ));
    let word = match &report.broken {
        _ if report.intact => paint(Tone::Good, "INTACT"),
        Some(fault) if fault.newer => paint(Tone::Warn, "CANNOT TELL"),
        _ => paint(Tone::Bad, "NOT INTACT"),
    };
    let (events, receipts) = (counted(report.events, "event"), counted(report.receipts, "receipt"));
    let good = if report.broken.is_some() { "good so far: " } else { "" };
    text.push_str(&format!("{word}  ({good}{events}, {receipts})\n"));
    text
}

fn broken(fault: &Fault, good: u64) -> String {
    let before = match good {
        0 => String::new(),
        1 => "; the one before it is good".to_owned(),
        many => format!("; the {many} before it are good"),
    };
    let saw = match fault.seq {
        Some(seq) => format!("event {seq}: {}{before}", fault.reason),
        None => fault.reason.clone(),
    };
    let status = if fault.newer { Status::Warn } else { Status::Fail };
    row(status, "chain", &saw, Some(fault.cure()))
}

fn receipts(report: &Report) -> String {
    let how = "verified by two libraries with the key that was enrolled";
    let saw = match report.receipts {
        0 => "none: no key has signed anything".to_owned(),
        1 => format!("1 receipt, {how}"),
        many => format!("{many} receipts, each {how}"),
    };
    let whole = report.broken.is_none() && report.receipts > 0;
    row(if whole { Status::Pass } else { Status::Skipped }, "receipts", &saw, None)
}

fn head(report: &Report) -> String {
    match report.told {
        Some(Told { seq: Some(seq), .. }) => {
            let saw = match report.events.saturating_sub(seq) {
                0 => "the head that was told is that of the newest event: nothing is cut off".to_owned(),
                later => format!(
                    "the head that was told is that of event {seq}, and {} came after it: nothing up to there is cut off",
                    counted(later, "event")
                ),
            };
            row(Status::Pass, "head", &saw, None)
        }
        Some(Told { seq: None, .. }) if report.broken.is_some() => {
            row(Status::Fail, "head", "no event before the fault has the head that was told", None)
        }
        Some(Told { seq: None, .. }) => {
            let saw = "no event has the head that was told: the ledger was cut off or replaced, or the head is another ledger's";
            let cure =
                "read the head once more from the label; then bring the ledger back from a copy that has it";
            row(Status::Fail, "head", saw, Some(cure))
        }
        None => {
            let saw = "whether events were cut off at the end: the file alone cannot tell";
            let cure =
                "compare the head with the newest label or report: `glasskey ledger verify --head HASH`";
            row(Status::Skipped, "head", saw, Some(cure))
        }
    }
}

fn signed(report: &Report) -> String {
    let (status, saw) = match (report.signed_to, report.events.saturating_sub(report.signed_to.unwrap_or(0)))
    {
        (None, _) => (
            Status::Skipped,
            "no key has signed anything: whoever may write the file could have replaced it all".to_owned(),
        ),
        (Some(_), 0) => (
            Status::Pass,
            "the newest event is signed by its key: nothing can have been changed without an enrolled key"
                .to_owned(),
        ),
        (Some(seq), 1) => (
            Status::Skipped,
            format!(
                "up to event {seq} nothing can have been changed without an enrolled key; the newest event is only chained, and whoever may write the file could have replaced it"
            ),
        ),
        (Some(seq), later) => (
            Status::Skipped,
            format!(
                "up to event {seq} nothing can have been changed without an enrolled key; the {later} events after it are only chained, and whoever may write the file could have replaced them"
            ),
        ),
    };
    row(status, "signed", &saw, None)
}
