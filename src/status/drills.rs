//! The drills: was every account drilled, well, and not too long ago? Is anything left of the last one?

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Case;
use super::drill::{Drill, Since, due_in_words, stands_since};
use super::fleet::{Fleet, Owner};
use super::row::{Id, Row, counted, day, listed, or_pass};
use crate::escape::quote;
use crate::ledger::inventory::State;
use crate::ledger::inventory::drill::Drill as Drilled;
use crate::ledger::payload::{Action, DrillVerdict};
use crate::plan::same;

/// An action of a last drill that is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenAction {
    /// The drill's number: that of the event that began it.
    pub drill: u64,
    /// The number of the action, from 1.
    pub number: u32,
    /// What is to be done.
    #[serde(flatten)]
    pub action: Action,
}

/// The drill that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenDrill {
    /// Its number: that of the event that began it.
    pub drill: u64,
    /// When it began.
    pub begun: Timestamp,
    /// Who leads it.
    pub by: Option<String>,
}

/// The drill that goes on, if one does.
pub(super) fn open(case: &Case<'_>) -> Option<OpenDrill> {
    let drill = case.inventory.open_drill()?;
    Some(OpenDrill { drill: drill.number(), begun: drill.begun.at, by: drill.set_out.by.clone() })
}

/// From when on an account's interval counts: its last drill that was passed, else the first enrolment of an active key.
fn since(fleet: &Fleet<'_>, owner: &Owner<'_>) -> Option<Since> {
    let first = owner.keys.iter().map(|key| key.enrolled).min()?;
    let history = fleet.history(owner);
    Some(Since { at: history.counts_from(Some(first))?, done: history.passed.is_some() })
}

/// When an account is to be drilled at the latest, and how that stands; `None` without an active key.
pub(super) fn due(fleet: &Fleet<'_>, owner: &Owner<'_>) -> Option<(Timestamp, Drill)> {
    since(fleet, owner).map(|since| stands_since(fleet.case, since))
}

pub(super) fn account_drill(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::AccountDrill;
    let with_keys: Vec<_> = fleet.owners.iter().filter(|owner| !owner.keys.is_empty()).collect();
    if with_keys.is_empty() {
        return vec![Row::skipped(id, "no account has an active key")];
    }
    let mut rows: Vec<_> = with_keys.iter().filter_map(|owner| of_account(fleet, owner)).collect();
    rows.sort_by_key(|(stands, _)| std::cmp::Reverse(*stands));
    let days = fleet.case.plan.rules.drill_interval_days;
    let kept = format!("{} passed a drill within {days} days", counted(with_keys.len(), "account"));
    or_pass(rows.into_iter().map(|(_, row)| row).collect(), id, kept)
}

fn of_account(fleet: &Fleet<'_>, owner: &Owner<'_>) -> Option<(Drill, Row)> {
    let id = Id::AccountDrill;
    let since = since(fleet, owner)?;
    let (due, stands) = stands_since(fleet.case, since);
    let history = fleet.history(owner);
    let name = owner.account.name.as_str();
    let cure = format!("Drill it: `glasskey drill --account {}`.", quote(name));
    let last = match (history.last, since.done) {
        (Some((_, at, DrillVerdict::Passed)), true) => {
            format!("last drill passed on {}", day(&at))
        }
        (Some((_, at, verdict)), done) => {
            let passed = if done {
                format!(", last passed on {}", day(&since.at))
            } else {
                ", never passed".to_owned()
            };
            format!("last drill {} on {}{passed}", ended(verdict), day(&at))
        }
        (None, _) => format!("never drilled since its first key was enrolled on {}", day(&since.at)),
    };
    let failed = history.last.is_some_and(|(_, _, verdict)| verdict != DrillVerdict::Passed);
    let saw = format!("{last}; {}", due_in_words(fleet.case, stands, due));
    let row = match stands {
        // A failed drill is to be repeated, whatever the calendar says.
        Drill::Good if failed => Row::warn(id, saw, cure),
        Drill::Good => return None,
        Drill::Soon | Drill::NeverChecked => Row::warn(id, saw, cure),
        Drill::Overdue => Row::fail(id, saw, cure),
        Drill::InTheFuture => Row::fail(id, saw, format!("Set the clock. {cure}")),
    };
    Some((stands, row.about(name)))
}

fn ended(verdict: DrillVerdict) -> &'static str {
    match verdict {
        DrillVerdict::Passed => "passed",
        DrillVerdict::Failed => "failed",
        DrillVerdict::Incomplete => "left incomplete",
        DrillVerdict::Abandoned => "given up",
    }
}

/// Whoever left still knows what they knew; whoever came has not been trained.
pub(super) fn personnel_change(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::PersonnelChange;
    let mut rows = Vec::new();
    let mut drilled = false;
    for owner in &fleet.owners {
        let Some((at, then)) = fleet.history(owner).passed else { continue };
        drilled = true;
        let now = fleet.case.plan.custodians_of(owner.account);
        let left: Vec<&str> = then.custodians.iter().map(String::as_str).collect();
        let gone: Vec<_> = left.iter().filter(|name| !now.iter().any(|other| same(name, other))).collect();
        let come: Vec<_> = now.iter().filter(|name| !left.iter().any(|other| same(name, other))).collect();
        let name = owner.account.name.as_str();
        if !gone.is_empty() {
            let saw = format!(
                "since its last drill on {}, these are custodians no more: {}",
                day(&at),
                listed(&gone)
            );
            let cure = format!(
                "Change the combinations and PINs that they knew, and drill it: `glasskey drill --account {}`.",
                quote(name)
            );
            rows.push(Row::fail(id, saw, cure).about(name));
        } else if !come.is_empty() {
            let saw = format!("since its last drill on {}, these came: {}", day(&at), listed(&come));
            let cure =
                format!("Train them, and drill it with them: `glasskey drill --account {}`.", quote(name));
            rows.push(Row::warn(id, saw, cure).about(name));
        }
    }
    if !drilled {
        return vec![Row::skipped(id, "no account of the plan has passed a drill")];
    }
    or_pass(rows, id, "the custodians are those of the last drill")
}

pub(super) fn drill_open(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::DrillOpen;
    let Some(drill) = open(fleet.case) else { return vec![Row::pass(id, "no drill is open")] };
    let saw = format!("drill {}, begun on {}, is not ended", drill.drill, day(&drill.begun));
    let cure = "Go on with it: `glasskey drill`; or give it up: `glasskey drill --abandon --why REASON`.";
    let old = fleet.case.now.duration_since(drill.begun) > STALE;
    vec![if old { Row::fail(id, saw, cure) } else { Row::warn(id, saw, cure) }]
}

/// After how long an open drill is forgotten rather than interrupted.
const STALE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What the last drill of each account found and nobody has mended. What is about an account that was drilled again since, or
/// about a key that is no longer counted on, is over.
pub(super) fn actions(fleet: &Fleet<'_>) -> Vec<OpenAction> {
    let newest = |drill: &Drilled, account: &str| {
        fleet.history_of(account).last.is_some_and(|(last, ..)| last.number() == drill.number())
    };
    let stands = |drill: &Drilled, action: &Action| match action.about.as_deref() {
        None => true,
        Some(about) if drill.has_account(about) => newest(drill, about),
        Some(about) => fleet
            .case
            .inventory
            .ever(about)
            .is_some_and(|key| key.state == State::Active && newest(drill, &key.account)),
    };
    let mut told = BTreeSet::new();
    let mut open = Vec::new();
    for owner in &fleet.owners {
        let Some((drill, ..)) = fleet.history(owner).last.filter(|(drill, ..)| told.insert(drill.number()))
        else {
            continue;
        };
        let actions = drill.open_actions().filter(|(_, action)| stands(drill, action));
        open.extend(actions.map(|(number, action)| OpenAction {
            drill: drill.number(),
            number,
            action: action.clone(),
        }));
    }
    open
}

pub(super) fn drill_actions(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::DrillActions;
    if fleet.owners.iter().all(|owner| fleet.history(owner).last.is_none()) {
        return vec![Row::skipped(id, "no drill has ended")];
    }
    let row = |open: &OpenAction| {
        let OpenAction { drill, number, action } = open;
        let owner = action.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
        let saw = format!("drill {drill}, {number}. {}{owner}: {}", action.id, action.what);
        let cure = format!("When it is done: `glasskey drill --close {drill}.{number} --why REASON`.");
        let row = Row::warn(id, saw, cure);
        match &action.about {
            Some(about) => row.about(about),
            None => row,
        }
    };
    or_pass(actions(fleet).iter().map(row).collect(), id, "nothing is left of the last drill")
}
