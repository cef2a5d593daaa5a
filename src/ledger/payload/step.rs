//! Intent before act: a step that changes a key, and what came of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The step that makes a passkey for Entra. A check does not tell how it ended: `entra register` and `entra forget` do.
pub const REGISTER_PASSKEY: &str = "register passkey";

/// A step that changes a key is about to be tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// Which step, for people: `set PIN`, `make custody credential`, `reset`.
    pub step: String,
    /// The key, where it is enrolled already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// For which account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What else a next run would want to know.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub details: Value,
}

impl Intent {
    /// Whether a passkey for Entra was about to be made.
    #[must_use]
    pub fn registers_passkey(&self) -> bool {
        self.step == REGISTER_PASSKEY
    }
}

/// How an intent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// The step was done.
    Done,
    /// It was tried and did not work.
    Failed,
    /// A person looked, and let it be.
    Abandoned,
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The intent's `seq`.
    pub intent: u64,
    /// How it ended.
    pub result: Ended,
    /// Why, unless it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}
