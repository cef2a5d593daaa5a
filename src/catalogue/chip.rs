//! Which chip does a model's cryptography, where a source says so.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::Confidence;

/// A chip, and the models that hold it. What no entry names is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chip {
    /// Who makes the chip.
    pub maker: String,
    /// Its family, where that is told.
    #[serde(default)]
    pub family: Option<String>,
    /// The models that hold it.
    pub aaguids: Vec<Uuid>,
    /// What it is concluded from.
    pub basis: String,
    /// Where that is written.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

impl std::fmt::Display for Chip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.family {
            Some(family) => write!(f, "{} {family}", self.maker),
            None => write!(f, "{}, family not told", self.maker),
        }
    }
}
