//! A drill: what it set out to do, what was done and answered, and how it ended.
//!
//! A drill is known by the number of the event that began it. It is what it was begun as: accounts, keys, questions and
//! rules stand in that event, so that an interrupted drill goes on by them, and can be read when the plan is long another.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::About;

/// A drill begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillBegun {
    /// The accounts that are drilled, each with its keys.
    pub accounts: Vec<DrillAccount>,
    /// What people are asked.
    pub questions: Vec<Question>,
    /// How many days a drill counts.
    pub interval_days: u32,
    /// How many minutes after the sign-in the alert is late.
    pub alert_limit_minutes: u32,
    /// Who leads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Who else is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub present: Vec<String>,
}

/// An account that is drilled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillAccount {
    /// Its name in the plan.
    pub name: String,
    /// Who may handle its keys, by the plan of that day. Another list later means that a drill is due.
    pub custodians: Vec<String>,
    /// Its active keys.
    pub keys: Vec<DrillKey>,
}

/// A key that is to be checked, and where it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillKey {
    /// Its label.
    pub label: String,
    /// Where it lay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The number of the sealed bag that it lay in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bag: Option<String>,
}

/// What people are asked. Yes is always the answer that is hoped for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its stable id, in kebab case.
    pub id: String,
    /// As it is asked.
    pub text: String,
    /// Once for what.
    pub about: About,
    /// Whether the drill cannot be passed without a yes.
    pub required: bool,
    /// Whether it may be that it does not apply.
    pub may_not_apply: bool,
    /// Whether a yes should come with a time.
    pub timed: bool,
    /// Whether it is asked before the first key is taken out.
    pub before: bool,
    /// Who is to answer, and to mend what is not as it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// Why a key was not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// It was not where it should be.
    Missing,
    /// It takes no PIN any more.
    PinBlocked,
    /// It fell silent, made no sense, or could not be opened.
    Misbehaved,
    /// Somebody decided to leave it out.
    LeftOut,
}

impl Because {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::PinBlocked => "PIN blocked",
            Self::Misbehaved => "misbehaved",
            Self::LeftOut => "left out",
        }
    }
}

/// A key of a drill could not be checked. A later check in the same drill takes the place of this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotChecked {
    /// The event that began the drill.
    pub drill: u64,
    /// Which key.
    pub label: String,
    /// Why, in a word.
    pub because: Because,
    /// Why, in words.
    pub why: String,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// An answer. Unanswered is no event, and is not yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// As it should be.
    Yes,
    /// Not as it should be.
    No,
    /// It does not apply here.
    NotApplicable,
}

/// A question was answered. A later answer to the same question takes the place of this; both stay on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillAnswered {
    /// The event that began the drill.
    pub drill: u64,
    /// The question's id.
    pub question: String,
    /// For which account, where the question is about accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// For which key, where it is about keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The answer.
    pub answer: Answer,
    /// When it was so, as it was told: the time of the sign-in, of the alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
    /// What else was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// How a drill ended, for an account or as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillVerdict {
    /// Every key was found fit, and every required question was answered with yes.
    Passed,
    /// Something was found that is not as it must be.
    Failed,
    /// Nothing was found wrong, and not everything was done or answered.
    Incomplete,
    /// It was given up.
    Abandoned,
}

/// How it ended for one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrilledAccount {
    /// Its name.
    pub account: String,
    /// The verdict.
    pub verdict: DrillVerdict,
    /// When it is to be drilled again at the latest.
    pub next_due: Timestamp,
    /// How many seconds after the sign-in the alert came, where both times were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_delay_seconds: Option<i64>,
}

/// Something that remains to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// What it comes from, in kebab case: a question, a finding, or what befell a key.
    pub id: String,
    /// What is to be done.
    pub what: String,
    /// Who is to do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The account or the key that it is about; the whole where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// A drill ended. Its actions are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillEnded {
    /// The event that began it.
    pub drill: u64,
    /// The verdict for the whole.
    pub verdict: DrillVerdict,
    /// Why it was abandoned, or ended before everything was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The verdict for each account.
    pub accounts: Vec<DrilledAccount>,
    /// What remains to be done.
    pub actions: Vec<Action>,
}

/// What remained to be done after a drill is done, or will not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionClosed {
    /// The event that began the drill.
    pub drill: u64,
    /// The number of the action, from 1.
    pub action: u32,
    /// What was done about it.
    pub how: String,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}
