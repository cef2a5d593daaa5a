//! Was every key tried, well, and not too long ago?

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Case;
use super::fleet::{Fleet, Held};
use super::row::{Id, Row, counted, day, or_pass};
use crate::escape::quote;
use crate::ledger::payload::Verdict;

/// How many days before it is due a check is asked for.
const SOON_DAYS: i64 = 14;
/// By how much clocks may differ before a date is taken to be wrong.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(24);

/// How the next check of a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drill {
    /// Checked well, and not due for long.
    Good,
    /// Checked well, and due soon.
    Soon,
    /// Not checked well since its enrolment, and not overdue yet.
    NeverChecked,
    /// Overdue; also a key that was found again and not checked well since.
    Overdue,
    /// Its last good check, or its enrolment, is dated after the present time.
    InTheFuture,
}

/// From when on an interval counts, and whether what it is about was ever done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since {
    pub(super) at: Timestamp,
    pub(super) done: bool,
}

/// The last good check, else the enrolment.
fn since(key: &Held<'_>) -> Since {
    Since { at: key.last_good_check.unwrap_or(key.enrolled), done: key.last_good_check.is_some() }
}

/// When a key is to be checked at the latest, and how that stands. One that was lost and found is due at once, until it
/// is checked well: nobody knows what was done with it.
pub(super) fn of_key(case: &Case<'_>, key: &Held<'_>) -> (Timestamp, Drill) {
    match unchecked_since_found(key) {
        Some(found) => (found, Drill::Overdue),
        None => stands_since(case, since(key)),
    }
}

fn unchecked_since_found(key: &Held<'_>) -> Option<Timestamp> {
    key.found.filter(|_| key.last_good_check.is_none())
}

/// When something is due again, and how that stands. The interval ends with its last instant: only after it is it overdue.
pub(super) fn stands_since(case: &Case<'_>, since: Since) -> (Timestamp, Drill) {
    let due = since.at.checked_add(case.plan.drill_interval()).unwrap_or(Timestamp::MAX);
    let soon = SignedDuration::from_hours(SOON_DAYS.saturating_mul(24)).min(case.plan.drill_interval() / 2);
    let latest = case.now.checked_add(CLOCKS_DIFFER).unwrap_or(Timestamp::MAX);
    let stands = if since.at > latest {
        Drill::InTheFuture
    } else if case.now > due {
        Drill::Overdue
    } else if !since.done {
        Drill::NeverChecked
    } else if case.now >= due.checked_sub(soon).unwrap_or(Timestamp::MIN) {
        Drill::Soon
    } else {
        Drill::Good
    };
    (due, stands)
}

/// When it is due, in words.
pub(super) fn due_in_words(case: &Case<'_>, stands: Drill, due: Timestamp) -> String {
    let days = |from: Timestamp, to: Timestamp| to.duration_since(from).as_hours() / 24;
    match stands {
        Drill::Good | Drill::NeverChecked => format!("due on {}", day(&due)),
        Drill::Soon => format!("due on {}, in {}", day(&due), in_days(days(case.now, due))),
        Drill::Overdue => format!("overdue since {}, for {}", day(&due), in_days(days(due, case.now))),
        Drill::InTheFuture => {
            format!("and today is {}: a clock was wrong, so nobody knows when", day(&case.now))
        }
    }
}

pub(super) fn drill(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::Drill;
    if fleet.active.is_empty() {
        return vec![Row::skipped(id, "there is no active key")];
    }
    let mut rows: Vec<(Drill, Row)> = fleet.active.iter().filter_map(|key| row(fleet.case, key)).collect();
    // The worst first; of the same kind in the order of enrolment.
    rows.sort_by_key(|(stands, _)| std::cmp::Reverse(*stands));
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let days = fleet.case.plan.rules.drill_interval_days;
    let kept = format!("{} checked well within {days} days", counted(fleet.active.len(), "key"));
    or_pass(rows, id, kept)
}

fn row(case: &Case<'_>, key: &Held<'_>) -> Option<(Drill, Row)> {
    let id = Id::Drill;
    let (due, stands) = of_key(case, key);
    let cure = format!("Take it out and check it: `glasskey check --key {}`.", quote(key.label));
    let last = match (key.last_good_check, key.last_checked) {
        (Some(good), _) => format!("last checked well on {}", day(&good)),
        (None, _) if key.found.is_some() => "found again, and not checked well since".to_owned(),
        (None, Some(_)) => format!("never checked well since its enrolment on {}", day(&key.enrolled)),
        (None, None) => format!("never checked since its enrolment on {}", day(&key.enrolled)),
    };
    let saw = format!("{last}; {}", due_in_words(case, stands, due));
    let row = match stands {
        Drill::Good => return None,
        Drill::Soon | Drill::NeverChecked => Row::warn(id, saw, cure),
        Drill::Overdue => Row::fail(id, saw, cure),
        Drill::InTheFuture => Row::fail(id, saw, format!("Set the clock. {cure}")),
    };
    Some((stands, row.about(key.label)))
}

fn in_days(days: i64) -> String {
    match days {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

pub(super) fn last_verdict(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::LastVerdict;
    let mut rows = Vec::new();
    let mut judged = 0_usize;
    for key in &fleet.active {
        let Some(verdict) = key.last_verdict else { continue };
        judged = judged.saturating_add(1);
        if verdict == Verdict::NotFit {
            let on = key.last_checked.map(|at| format!(" on {}", day(&at))).unwrap_or_default();
            let cure = format!(
                "Look at what was found (`glasskey inventory show {}`), mend it and check the key again, with its PIN, or replace and retire it.",
                quote(key.label)
            );
            rows.push(Row::fail(id, format!("was found not fit{on}"), cure).about(key.label));
        }
    }
    if judged == 0 {
        return vec![Row::skipped(id, "no active key was checked since its enrolment")];
    }
    or_pass(rows, id, format!("{} found fit when last checked", counted(judged, "key")))
}
