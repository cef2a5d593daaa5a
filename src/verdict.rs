//! The verdict: facts against policy and catalogue. Pure and total: a bad key is a verdict, not an error.

pub mod evidence;
pub mod finding;

mod credential;
mod model;
mod pin;
mod policy;
mod record;

use jiff::Timestamp;
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::facts::Facts;
use crate::policy::PolicySet;
use crate::second::Second;
use evidence::Evidence;
use finding::{Finding, Status};

/// All that is judged, and all that it is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The key.
    pub facts: &'a Facts,
    /// Models, anchors, advisories.
    pub catalogue: &'a Catalogue,
    /// The allow-lists, where any are given.
    pub policy: Option<&'a PolicySet>,
    /// The second client.
    pub second: &'a Second,
    /// When.
    pub now: Timestamp,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every check passed.
    Fit,
    /// Nothing failed, but something is to be looked at, or could not be told.
    FitWithWarnings,
    /// At least one check failed.
    NotFit,
}

impl Outcome {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Fit => "fit",
            Self::FitWithWarnings => "fit with warnings",
            Self::NotFit => "not fit",
        }
    }
}

/// An outcome and everything it rests on.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// The answer.
    pub outcome: Outcome,
    /// One for each check, in the order in which they are told.
    pub findings: Vec<Finding>,
}

/// A check: one question, one finding.
type Check = fn(&Case<'_>, &Evidence<'_>) -> Finding;

/// Every check, in the order in which they are told. To add one: a line here, a function in its file, an id in [`finding`].
const CHECKS: &[Check] = &[
    model::soft_key,
    model::model_known,
    model::hardware_model,
    policy::allow_list,
    policy::allow_list_agreement,
    policy::certified,
    policy::entra_ready,
    model::advisory,
    model::attestation,
    model::aaguid_consistent,
    pin::pin_set,
    pin::pin_retries,
    pin::pin_policy,
    pin::uv_proven,
    credential::test_registration,
    credential::test_assertion,
    credential::counter,
    credential::slots,
    record::same_key,
    record::stray_credentials,
    record::entra_credential,
    record::vendor_diversity,
    record::second_client,
];

/// Judges a key.
#[must_use]
pub fn judge(case: &Case<'_>) -> Verdict {
    let evidence = Evidence::gather(case);
    let findings: Vec<Finding> = CHECKS.iter().map(|check| check(case, &evidence)).collect();
    let outcome = findings.iter().map(weigh).max().unwrap_or(Outcome::NotFit);
    Verdict { outcome, findings }
}

/// What one finding does to the outcome. What could not be told of a question that decides is never `fit`.
fn weigh(finding: &Finding) -> Outcome {
    match finding.status {
        Status::Pass => Outcome::Fit,
        Status::Skipped if finding.id.decides() => Outcome::FitWithWarnings,
        Status::Skipped => Outcome::Fit,
        Status::Warn => Outcome::FitWithWarnings,
        Status::Fail => Outcome::NotFit,
    }
}
