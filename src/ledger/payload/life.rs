//! What happens to a key between its enrolment and its end.

use serde::{Deserialize, Serialize};

use crate::ledger::bytes::Bytes;

/// A key has another PIN. The PIN itself is nobody's business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinChanged {
    /// Which.
    pub label: String,
}

/// A key lies elsewhere, or with somebody else. What is not said stays as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// Which.
    pub label: String,
    /// Where it lies now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Who keeps it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custodian: Option<String>,
    /// The number of the sealed bag that it lies in now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bag: Option<String>,
    /// The event that began the drill after which it was put there, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill: Option<u64>,
}

/// A key has another label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relabelled {
    /// As it was.
    pub label: String,
    /// As it is.
    pub new_label: String,
}

/// A key is taken out of service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// Which.
    pub label: String,
    /// Why.
    pub why: String,
}

/// A key is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// Which.
    pub label: String,
    /// How.
    pub why: String,
}

/// A key that was lost is there again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Which.
    pub label: String,
    /// How.
    pub why: String,
}

/// A key was reset: its credentials are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// Which.
    pub label: String,
}

/// A credential was deleted from a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialDeleted {
    /// Which key.
    pub label: String,
    /// For whom the credential was.
    pub rp_id: String,
    /// Its id.
    pub credential_id: Bytes,
}
