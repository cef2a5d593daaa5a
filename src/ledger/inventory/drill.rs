//! Drills as the events tell them: what was to be done, what was done, what was answered, how it ended. Unjudged: what it
//! amounts to is for the room `drill` to say.

mod replay;

use serde::Serialize;

use super::{Inventory, Seen, fold};
use crate::ledger::payload::{
    AccountUsed, Action, ActionClosed, Because, DrillAnswered, DrillBegun, DrillEnded, EvidenceAttached,
    Question, Verdict,
};

/// One drill. Its number is that of the event that began it: `begun.seq`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drill {
    /// When it began.
    pub begun: Seen,
    /// What it set out to do, and by which rules.
    pub set_out: DrillBegun,
    /// Its keys, account by account: those that it set out to check, then any others that were checked in it.
    pub keys: Vec<DrilledKey>,
    /// Every answer, oldest first, also those that a later one has replaced: [`Drill::answer`] gives the one that counts.
    pub answers: Vec<Answered>,
    /// The logs that were looked through for it.
    pub evidence: Vec<Attached>,
    /// How it ended; `None` while it is open.
    pub ended: Option<Ended>,
    /// Its actions that are done, by their number from 1.
    pub closed: Vec<Closed>,
}

/// A key in a drill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrilledKey {
    /// Its label at the time; while the drill goes on, as it is now.
    pub label: String,
    /// For which account.
    pub account: String,
    /// The event of its enrolment, by which it is the same key under another label.
    pub enrolled: u64,
    /// Where it lay before.
    pub site: Option<String>,
    /// The bag that it lay in before.
    pub bag: Option<String>,
    /// Every time it was tried, oldest first; the last one counts.
    pub tries: Vec<Tried>,
    /// The bag that it was put into, and where.
    pub back: Option<Back>,
}

impl DrilledKey {
    /// What counts of it; `None` while it was not tried.
    #[must_use]
    pub fn tried(&self) -> Option<&Tried> {
        self.tries.last()
    }
}

/// A key was tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    /// When.
    pub seen: Seen,
    /// What came of it.
    pub came: Came,
}

/// What came of trying a key.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "came", rename_all = "kebab-case")]
pub enum Came {
    /// It was checked.
    Checked {
        /// The verdict.
        verdict: Verdict,
        /// Whether the key itself signed the record of it. A good check that it did not sign proves little.
        signed: bool,
        /// The findings that failed or warned.
        wrong: Vec<Wrong>,
    },
    /// It could not be checked.
    NotChecked {
        /// Why, in a word.
        because: Because,
        /// Why, in words.
        why: String,
        /// Who says so.
        by: Option<String>,
    },
}

impl Came {
    /// Whether the key was checked, found not unfit, and signed that itself.
    #[must_use]
    pub fn good(&self) -> bool {
        matches!(self, Self::Checked { verdict: Verdict::Fit | Verdict::FitWithWarnings, signed: true, .. })
    }
}

/// A finding that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Its id.
    pub id: String,
    /// Whether it makes the key unfit; else it is a warning.
    pub fails: bool,
    /// What was seen.
    pub saw: String,
    /// What to do about it.
    pub cure: Option<String>,
}

/// Where a key was put after it was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Back {
    /// When.
    pub seen: Seen,
    /// At which site, where that changed.
    pub site: Option<String>,
    /// Into which bag.
    pub bag: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// When it was given.
    pub seen: Seen,
    /// What was said.
    #[serde(flatten)]
    pub said: DrillAnswered,
}

/// A log that was looked through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attached {
    /// When.
    pub seen: Seen,
    /// What was found.
    #[serde(flatten)]
    pub evidence: EvidenceAttached,
}

/// How a drill ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// When.
    pub seen: Seen,
    /// The verdicts, and what remains to be done.
    #[serde(flatten)]
    pub how: DrillEnded,
}

/// An action that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// When.
    pub seen: Seen,
    /// Which, and what was done.
    #[serde(flatten)]
    pub closed: ActionClosed,
}

/// An account was used outside drills, and somebody answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Used {
    /// When that was recorded.
    pub seen: Seen,
    /// What was said.
    #[serde(flatten)]
    pub used: AccountUsed,
}

impl Drill {
    /// Its number: that of the event that began it.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.begun.seq
    }

    /// Whether it goes on.
    #[must_use]
    pub fn open(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether an account takes part.
    #[must_use]
    pub fn has_account(&self, account: &str) -> bool {
        self.set_out.accounts.iter().any(|drilled| fold(&drilled.name) == fold(account))
    }

    /// The question of this id.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.set_out.questions.iter().find(|question| question.id == id)
    }

    /// The answer that counts: the last one to this question, about this account or key, or about the whole.
    #[must_use]
    pub fn answer(&self, question: &str, account: Option<&str>, label: Option<&str>) -> Option<&Answered> {
        let same = |a: Option<&str>, b: Option<&str>| a.map(fold) == b.map(fold);
        self.answers.iter().rev().find(|answered| {
            let said = &answered.said;
            said.question == question
                && same(said.account.as_deref(), account)
                && same(said.label.as_deref(), label)
        })
    }

    /// The actions that are still to be done, with their numbers from 1; none while it is open.
    pub fn open_actions(&self) -> impl Iterator<Item = (u32, &Action)> {
        let actions = self.ended.iter().flat_map(|ended| ended.how.actions.iter());
        (1..).zip(actions).filter(|(number, _)| self.closed.iter().all(|done| done.closed.action != *number))
    }

    fn key_mut(&mut self, enrolled: u64) -> Option<&mut DrilledKey> {
        self.keys.iter_mut().find(|key| key.enrolled == enrolled)
    }
}

impl Inventory {
    /// All drills, oldest first. At most the last one is open.
    #[must_use]
    pub fn drills(&self) -> &[Drill] {
        &self.drills
    }

    /// The drill of this number.
    #[must_use]
    pub fn drill(&self, number: u64) -> Option<&Drill> {
        self.drills.iter().find(|drill| drill.number() == number)
    }

    /// The drill that goes on.
    #[must_use]
    pub fn open_drill(&self) -> Option<&Drill> {
        self.drills.last().filter(|drill| drill.open())
    }

    /// The logs that were looked through apart from any drill.
    #[must_use]
    pub fn evidence(&self) -> &[Attached] {
        &self.evidence
    }

    /// When accounts were used outside drills, and somebody answers for it.
    #[must_use]
    pub fn uses(&self) -> &[Used] {
        &self.uses
    }
}
