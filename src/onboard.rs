//! A new model, tried before anybody buys fifty: what was tried on a sample, judged, and what follows from it.
//!
//! ```text
//! run/onboard/*.rs ─► Tried ─► judge ─► Verdict ─► lists, catalogue entry, report; compared with an earlier run
//! ```
//!
//! Pure: the conversation with the sample is in `run/onboard`. An advertised feature is tried before
//! it is believed; what could not be tried is skipped, and says why.

pub mod compare;
pub mod entry;
pub mod error;
pub mod finding;
pub mod lists;
pub mod pace;
pub mod tried;

mod judge;

use jiff::Timestamp;
use serde::Serialize;

use crate::catalogue::{Catalogue, Model};
use crate::facts::Facts;
use crate::policy::PolicySet;
use crate::second::Second;
use crate::verdict::evidence::Evidence;
use crate::verdict::{self, Outcome};
use finding::{Finding, Id};
use tried::Tried;

/// All that is judged, and all that it is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What the sample is, and what a check does with it.
    pub facts: &'a Facts,
    /// What else was tried.
    pub tried: &'a Tried,
    /// Models, anchors, advisories.
    pub catalogue: &'a Catalogue,
    /// The allow-lists, where a plan names any.
    pub policy: Option<&'a PolicySet>,
    /// What came of the second client.
    pub second: &'a Second,
    /// When.
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    /// The same as a check sees it.
    #[must_use]
    pub fn check(&self) -> verdict::Case<'a> {
        verdict::Case {
            policy: self.policy,
            second: Some(self.second),
            ..verdict::Case::alone(self.facts, self.catalogue, self.now)
        }
    }

    /// The model, where the catalogue has it.
    #[must_use]
    pub fn model(&self) -> Option<&'a Model> {
        self.catalogue.model(self.facts.info.aaguid)
    }

    /// Whether the key fell silent, was lost, or made no sense where it was to register and sign.
    #[must_use]
    pub fn broke(&self) -> bool {
        self.tried.lost || Evidence::broke(&self.check())
    }
}

/// The answer, for break-glass accounts in Entra.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether the model is fit for it.
    pub outcome: Outcome,
    /// One for each question, in the order in which they are told.
    pub findings: Vec<Finding>,
}

/// Judges a model by its sample.
#[must_use]
pub fn judge(case: &Case<'_>) -> Verdict {
    let subject = judge::Subject::of(case);
    let findings: Vec<Finding> = Id::ALL.iter().map(|id| judge::answer(*id, &subject)).collect();
    let weighed = findings.iter().map(|finding| verdict::weigh(finding.status, finding.id.decides()));
    Verdict { outcome: weighed.max().unwrap_or(Outcome::NotFit), findings }
}
