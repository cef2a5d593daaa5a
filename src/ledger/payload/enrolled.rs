//! A key is taken into custody, with all that proves it again.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::ledger::bytes::Bytes;
use crate::ledger::event::claimed_number;

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
    #[serde(default, deserialize_with = "claimed_number", skip_serializing_if = "Option::is_none")]
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
