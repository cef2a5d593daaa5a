//! A key was checked.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::verdict::Outcome as Judged;

/// A verdict as it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check passed.
    Fit,
    /// Nothing failed.
    FitWithWarnings,
    /// At least one check failed.
    NotFit,
}

impl From<Judged> for Verdict {
    fn from(outcome: Judged) -> Self {
        match outcome {
            Judged::Fit => Self::Fit,
            Judged::FitWithWarnings => Self::FitWithWarnings,
            Judged::NotFit => Self::NotFit,
        }
    }
}

impl From<Verdict> for Judged {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Fit => Self::Fit,
            Verdict::FitWithWarnings => Self::FitWithWarnings,
            Verdict::NotFit => Self::NotFit,
        }
    }
}

/// Something about a key that is not as it was at enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What: `firmware`, `option clientPin`, ...
    pub what: String,
    /// As it was; unsaid where it was not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// As it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A key was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checked {
    /// Which.
    pub label: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What was found.
    pub findings: Value,
    /// What the key was.
    pub facts: Value,
    /// The signature counter that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<u32>,
    /// What is not as it was at enrolment.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// The event that began the drill that it was a part of, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill: Option<u64>,
}
