//! Passkeys for Entra: made on a key, and taken from it again.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::enrolled::RawRegistration;
use crate::ledger::bytes::{Bytes, Hash};

/// A passkey for Entra was made on a key. Whether Entra took it is not said here: `entra match` tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntraRegistered {
    /// On which key.
    pub label: String,
    /// For which account.
    pub account: String,
    /// For which relying party: `login.microsoft.com`.
    pub rp_id: String,
    /// Its id.
    pub credential_id: Bytes,
    /// SHA-256 of the user handle, so that another account's passkey can be told from this one's.
    pub user_handle_sha256: Hash,
    /// The model that the key said it is.
    pub aaguid: Uuid,
    /// The registration, raw.
    pub registration: RawRegistration,
}

/// A passkey for Entra was deleted from a key, because Entra does not have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntraForgotten {
    /// From which key.
    pub label: String,
    /// Its id.
    pub credential_id: Bytes,
    /// Why.
    pub why: String,
}
