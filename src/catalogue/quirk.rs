//! Models that misbehave in a way that somebody has seen: what they do, whom it hurts, and what this program does about it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::Confidence;

/// What this program does differently with such a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It takes PIN/UV auth protocol one, also where two is offered.
    PinProtocolOne,
    /// It sends no list of credentials to exclude.
    NoExcludeList,
}

/// One way in which models misbehave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quirk {
    /// A stable id.
    pub id: String,
    /// One line.
    pub title: String,
    /// The models.
    pub aaguids: Vec<Uuid>,
    /// On what it was seen: product and firmware.
    pub seen_on: String,
    /// How this program gets along with it.
    pub handled: String,
    /// What it does differently, if anything.
    #[serde(default)]
    pub effect: Option<Effect>,
    /// What it means on the day, where it hurts other programs; then a check warns.
    #[serde(default)]
    pub matters: Option<String>,
    /// What to do about that.
    #[serde(default)]
    pub cure: Option<String>,
    /// Where it is written.
    pub sources: Vec<String>,
    /// How sure it is that these models are the ones that were seen.
    pub confidence: Confidence,
}
