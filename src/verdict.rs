//! The verdict: facts against policy and catalogue. Pure and total: a bad key is a verdict, not an error.

pub mod evidence;
pub mod finding;
pub mod identity;
pub mod words;

mod credential;
mod model;
mod passkeys;
mod pin;
mod policy;
mod record;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::facts::Facts;
use crate::policy::PolicySet;
use crate::second::Second;
use crate::webauthn::relying_party::RelyingParty;
use evidence::Evidence;
use finding::{Finding, Id, Status};
use identity::{Diversity, Identity};
pub(crate) use model::CLOCK;

/// All that is judged, and all that it is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The key.
    pub facts: &'a Facts,
    /// Models, anchors, advisories.
    pub catalogue: &'a Catalogue,
    /// The allow-lists, where any are given.
    pub policy: Option<&'a PolicySet>,
    /// For whom the test credential was made; [`RelyingParty::custody`] where nothing else is said.
    pub rp: Option<&'a RelyingParty>,
    /// Which enrolled key it is.
    pub identity: Identity<'a>,
    /// What its make means for the accounts.
    pub diversity: Diversity<'a>,
    /// The user name of the account that the key is for, where that is known.
    pub user: Option<&'a str>,
    /// Whether the question is if the key would sign in today, as a drill asks it.
    pub drill: bool,
    /// What came of the second client; `None` where nobody asked for it.
    pub second: Option<&'a Second>,
    /// When.
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    /// A key by itself: no policy, no plan, no ledger, no second client.
    #[must_use]
    pub fn alone(facts: &'a Facts, catalogue: &'a Catalogue, now: Timestamp) -> Self {
        let (identity, diversity) = (Identity::NoLedger, Diversity::NotAsked);
        Self {
            facts,
            catalogue,
            policy: None,
            rp: None,
            identity,
            diversity,
            user: None,
            drill: false,
            second: None,
            now,
        }
    }

    /// The day, in UTC.
    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }
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

impl Verdict {
    /// The questions that decide and that nobody could answer, by which a key is at most fit with warnings.
    pub fn unproven(&self) -> impl Iterator<Item = Id> {
        let open = self.findings.iter().filter(|finding| finding.status == Status::Skipped);
        open.map(|finding| finding.id).filter(|id| id.decides())
    }

    /// Whether a check passed.
    #[must_use]
    pub fn passed(&self, id: Id) -> bool {
        self.findings.iter().any(|finding| finding.id == id && finding.status == Status::Pass)
    }
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
    model::quirks,
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
    passkeys::stray_credentials,
    passkeys::entra_credential,
    record::vendor_diversity,
    record::second_client,
];

/// Judges a key.
#[must_use]
pub fn judge(case: &Case<'_>) -> Verdict {
    let evidence = Evidence::gather(case);
    let findings: Vec<Finding> = CHECKS.iter().map(|check| check(case, &evidence)).collect();
    // Of a key that an account rests on, whether it holds the account's passkey decides, too.
    let decides = |id: Id| id.decides() || (id == Id::EntraCredential && case.user.is_some());
    let weighed = findings.iter().map(|finding| weigh(finding.status, decides(finding.id)));
    let outcome = weighed.max().unwrap_or(Outcome::NotFit);
    Verdict { outcome, findings }
}

/// What one finding does to the outcome. What could not be told of a question that decides is never `fit`.
#[must_use]
pub fn weigh(status: Status, decides: bool) -> Outcome {
    match status {
        Status::Pass => Outcome::Fit,
        Status::Skipped if decides => Outcome::FitWithWarnings,
        Status::Skipped => Outcome::Fit,
        Status::Warn => Outcome::FitWithWarnings,
        Status::Fail => Outcome::NotFit,
    }
}
