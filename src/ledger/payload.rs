//! What an event says. One struct a kind; unknown members are refused, so nothing is read past.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::bytes::Bytes;
use crate::verdict::Outcome as Judged;

/// What an event says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Payload {
    /// The first event of every ledger, and no other.
    LedgerCreated(LedgerCreated),
    /// A step that changes a key is about to be tried.
    Intent(Intent),
    /// What came of it.
    Outcome(Outcome),
    /// A key is taken into custody.
    Enrolled(Box<Enrolled>),
    /// A key was checked.
    Checked(Box<Checked>),
    /// A key has another PIN.
    PinChanged(PinChanged),
    /// A key lies elsewhere, or with somebody else.
    Moved(Moved),
    /// A key has another label.
    Relabelled(Relabelled),
    /// A key is taken out of service.
    Retired(Retired),
    /// A key is lost.
    Lost(Lost),
    /// A key was reset: its credentials are gone.
    Reset(Reset),
    /// A credential was deleted from a key.
    CredentialDeleted(CredentialDeleted),
}

impl Payload {
    /// The kind, as it stands in the column and in the body.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LedgerCreated(_) => "ledger-created",
            Self::Intent(_) => "intent",
            Self::Outcome(_) => "outcome",
            Self::Enrolled(_) => "enrolled",
            Self::Checked(_) => "checked",
            Self::PinChanged(_) => "pin-changed",
            Self::Moved(_) => "moved",
            Self::Relabelled(_) => "relabelled",
            Self::Retired(_) => "retired",
            Self::Lost(_) => "lost",
            Self::Reset(_) => "reset",
            Self::CredentialDeleted(_) => "credential-deleted",
        }
    }

    /// The label of the key that it is about, as it was before the event: the key that may sign a receipt.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::LedgerCreated(_) | Self::Outcome(_) => None,
            Self::Intent(intent) => intent.label.as_deref(),
            Self::Enrolled(enrolled) => Some(&enrolled.label),
            Self::Checked(checked) => Some(&checked.label),
            Self::PinChanged(changed) => Some(&changed.label),
            Self::Moved(moved) => Some(&moved.label),
            Self::Relabelled(relabelled) => Some(&relabelled.label),
            Self::Retired(retired) => Some(&retired.label),
            Self::Lost(lost) => Some(&lost.label),
            Self::Reset(reset) => Some(&reset.label),
            Self::CredentialDeleted(deleted) => Some(&deleted.label),
        }
    }
}

/// The first event of every ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerCreated {
    /// Whose ledger it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

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

/// The custody credential, by which a key is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    /// For which relying party it was made.
    pub rp_id: String,
    /// Its id.
    pub credential_id: Bytes,
    /// Its COSE_Key, byte for byte as the key gave it.
    pub public_key: Bytes,
    /// The signature counter at registration.
    pub counter: u32,
}

/// The registration of the custody credential, raw: it can be verified again years later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRegistration {
    /// The CBOR map of `fmt`, `attStmt` and `authData`.
    pub attestation_object: Bytes,
    /// The client data, JSON.
    pub client_data: Bytes,
}

/// A key is taken into custody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolled {
    /// Its label, unique in the ledger.
    pub label: String,
    /// For which account.
    pub account: String,
    /// Where it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Who keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custodian: Option<String>,
    /// Who watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
    /// Its model.
    pub aaguid: Uuid,
    /// The model's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The model's vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// The firmware version that it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<u64>,
    /// Whether it is a soft key.
    pub soft: bool,
    /// The custody credential.
    pub custody: Custody,
    /// Its registration.
    pub registration: RawRegistration,
    /// What the key was.
    pub facts: Value,
    /// What was found.
    pub findings: Value,
    /// Why a rule was overridden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
}

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
}

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
