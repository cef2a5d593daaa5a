//! Verdict and actions, added up.

use crate::ledger::payload::{Action, DrillVerdict};

/// What something amounts to so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) verdict: DrillVerdict,
    /// What was found that is to be mended.
    pub(super) actions: Vec<Action>,
    /// What was not done or not answered.
    pub(super) undone: Vec<Action>,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { verdict: DrillVerdict::Passed, actions: Vec::new(), undone: Vec::new() }
    }

    pub(super) fn worsen(&mut self, to: DrillVerdict) {
        let weight = |verdict| match verdict {
            DrillVerdict::Passed => 0,
            DrillVerdict::Incomplete => 1,
            DrillVerdict::Failed => 2,
            DrillVerdict::Abandoned => 3,
        };
        if weight(to) > weight(self.verdict) {
            self.verdict = to;
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.worsen(other.verdict);
        self.actions.extend(other.actions);
        self.undone.extend(other.undone);
    }

    /// Something to be done, whatever it means for the verdict.
    pub(super) fn action(
        &mut self,
        id: &str,
        about: Option<&str>,
        owner: Option<&str>,
        what: impl Into<String>,
    ) {
        self.actions.push(action(id, about, owner, what.into()));
    }

    /// Something that must not be.
    pub(super) fn fail(
        &mut self,
        id: &str,
        about: Option<&str>,
        owner: Option<&str>,
        what: impl Into<String>,
    ) {
        self.worsen(DrillVerdict::Failed);
        self.action(id, about, owner, what);
    }

    /// Something that was not done.
    pub(super) fn open(
        &mut self,
        id: &str,
        about: Option<&str>,
        owner: Option<&str>,
        what: impl Into<String>,
    ) {
        self.worsen(DrillVerdict::Incomplete);
        self.undone.push(action(id, about, owner, what.into()));
    }
}

fn action(id: &str, about: Option<&str>, owner: Option<&str>, what: String) -> Action {
    let own = |text: &str| text.to_owned();
    Action { id: own(id), what, owner: owner.map(own), about: about.map(own) }
}
