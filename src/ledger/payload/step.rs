//! Intent before act: a step that changes a key, and what came of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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

/// The member of [`Intent::details`] that says that it is of an onboarding, and what then may have become of the sample.
const ONBOARDING: &str = "onboarding";
/// The member of [`Intent::details`] that names the enrolled keys that a key may be which does not tell.
const MAY_BE: &str = "may_be";

impl Intent {
    /// Details of a step of an onboarding: what may have become of the sample if it is cut off.
    #[must_use]
    pub fn of_onboarding(told: &str) -> Value {
        json!({ (ONBOARDING): told })
    }

    /// What may have become of the sample, where this is a step of an onboarding.
    #[must_use]
    pub fn onboarding(&self) -> Option<&str> {
        self.details.get(ONBOARDING)?.as_str()
    }

    /// Details of a step with a key that does not tell which of these enrolled ones it is, or whether it is one.
    #[must_use]
    pub fn of_one_of(labels: &[String]) -> Value {
        json!({ (MAY_BE): labels })
    }

    /// The labels of the enrolled keys that the key may have been; empty where it was known.
    pub fn may_be(&self) -> impl Iterator<Item = &str> {
        let labels = self.details.get(MAY_BE).and_then(Value::as_array).into_iter().flatten();
        labels.filter_map(Value::as_str)
    }

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
