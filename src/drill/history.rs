//! What the drills made of each account: one fold, by which drills are judged and `status` judges.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::ledger::inventory::Drill;
use crate::ledger::payload::{DrillAccount, DrillVerdict};
use crate::plan::{folded, same};

/// What the drills made of one account. One that was given up counts for nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct History<'i> {
    /// Its last drill that ended: which, when, and the verdict for the account.
    pub last: Option<(&'i Drill, Timestamp, DrillVerdict)>,
    /// The last one that it passed: when, and what it was then.
    pub passed: Option<(Timestamp, &'i DrillAccount)>,
    /// The last one that settled what was before it: the account passed it or failed it, and no sign-in that nobody answers
    /// for is left of it. What was left incomplete settles nothing.
    pub settled: Option<&'i Drill>,
}

impl History<'_> {
    /// When it last passed a drill.
    #[must_use]
    pub fn last_passed(&self) -> Option<Timestamp> {
        self.passed.map(|(at, _)| at)
    }

    /// From when on its interval counts: its last drill that was passed, else the first enrolment of its active keys.
    #[must_use]
    pub fn counts_from(&self, first_enrolled: Option<Timestamp>) -> Option<Timestamp> {
        self.last_passed().or(first_enrolled)
    }

    /// From when on sign-ins and changes are to be accounted for: since the last drill that settled what was before it
    /// began, for what came while it went on it need not have seen.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.settled.map(|drill| drill.begun.at)
    }
}

/// The history of every account that was ever drilled.
#[derive(Debug, Clone, Default)]
pub struct Histories<'i>(HashMap<String, History<'i>>);

impl<'i> Histories<'i> {
    /// What these drills, oldest first, made of their accounts.
    pub fn of(drills: impl IntoIterator<Item = &'i Drill>) -> Self {
        let mut all: HashMap<String, History<'i>> = HashMap::new();
        for drill in drills {
            let Some(ended) = drill.ended.as_ref().filter(|one| one.how.verdict != DrillVerdict::Abandoned)
            else {
                continue;
            };
            let verdicts: HashMap<String, DrillVerdict> =
                ended.how.accounts.iter().map(|one| (folded(&one.account), one.verdict)).collect();
            for account in &drill.set_out.accounts {
                let name = folded(&account.name);
                let Some(verdict) = verdicts.get(&name).copied() else { continue };
                let history = all.entry(name).or_default();
                history.last = Some((drill, ended.seen.at, verdict));
                if verdict == DrillVerdict::Passed {
                    history.passed = Some((ended.seen.at, account));
                }
                if settles(drill, &account.name, verdict) {
                    history.settled = Some(drill);
                }
            }
        }
        Self(all)
    }

    /// What the drills before this one made of their accounts; without one, all drills.
    #[must_use]
    pub fn before(drills: &'i [Drill], drill: Option<&Drill>) -> Self {
        let earlier = |one: &&Drill| drill.is_none_or(|drill| one.number() < drill.number());
        Self::of(drills.iter().filter(earlier))
    }

    /// The history of an account; an empty one where it was never drilled.
    #[must_use]
    pub fn get(&self, account: &str) -> History<'i> {
        self.0.get(&folded(account)).copied().unwrap_or_default()
    }
}

/// The action that is left where a log showed a sign-in that nobody answered for.
pub(super) const OUTSIDE: &str = "sign-in-outside-drills";

fn settles(drill: &Drill, account: &str, verdict: DrillVerdict) -> bool {
    let alarm = || {
        drill.open_actions().any(|(_, action)| {
            action.id == OUTSIDE && action.about.as_deref().is_some_and(|about| same(about, account))
        })
    };
    match verdict {
        DrillVerdict::Passed => true,
        DrillVerdict::Failed => !alarm(),
        DrillVerdict::Incomplete | DrillVerdict::Abandoned => false,
    }
}
