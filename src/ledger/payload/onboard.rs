//! A model was onboarded: a sample was tried, and judged.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{RawRegistration, Verdict};
use crate::ledger::event::claimed_number;

/// A model was onboarded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Onboarded {
    /// The model.
    pub aaguid: Uuid,
    /// The model's name, where it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The model's vendor, where it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// The firmware version that the sample told.
    #[serde(default, deserialize_with = "claimed_number", skip_serializing_if = "Option::is_none")]
    pub firmware: Option<u64>,
    /// Whether the sample was a soft key.
    pub soft: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// What was found.
    pub findings: Value,
    /// What the sample was.
    pub facts: Value,
    /// Its test registration, raw, so that its attestation can be verified again; none where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<RawRegistration>,
    /// Whether the sample was erased for it.
    pub erased: bool,
}
