//! Client data (§5.8.1): what the key signs the hash of.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, de::IgnoredAny};
use sha2::{Digest, Sha256};

use super::{ceremony::Ceremony, relying_party::RelyingParty};

/// 32 bytes that were never signed before: random ones, or the seal of an event (§13.4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge([u8; 32]);

impl Challenge {
    /// The randomness, or the seal, is the caller's.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Client data that this program made, byte for byte as §5.8.1.1 serialises it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientData(Vec<u8>);

impl ClientData {
    /// For a registration.
    #[must_use]
    pub fn create(rp: &RelyingParty, challenge: &Challenge) -> Self {
        Self::new(Ceremony::Create, rp, challenge.as_bytes())
    }

    /// For a registration under another relying party's challenge, of any length.
    #[must_use]
    pub fn create_for(rp: &RelyingParty, challenge: &[u8]) -> Self {
        Self::new(Ceremony::Create, rp, challenge)
    }

    /// For an assertion.
    #[must_use]
    pub fn get(rp: &RelyingParty, challenge: &Challenge) -> Self {
        Self::new(Ceremony::Get, rp, challenge.as_bytes())
    }

    /// For either. An [`Origin`](super::relying_party::Origin) holds nothing that would need an escape.
    pub(super) fn new(ceremony: Ceremony, rp: &RelyingParty, challenge: &[u8]) -> Self {
        let json = format!(
            r#"{{"type":"{}","challenge":"{}","origin":"{}","crossOrigin":false}}"#,
            ceremony.client_data_type(),
            BASE64_URL_SAFE_NO_PAD.encode(challenge),
            rp.origin().as_str(),
        );
        Self(json.into_bytes())
    }

    /// The JSON.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// SHA-256 of the JSON: `clientDataHash` of the CTAP requests.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

/// SHA-256 of client data.
pub(super) fn hash(client_data: &[u8]) -> [u8; 32] {
    Sha256::digest(client_data).into()
}

/// How client data departs from what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientDataError {
    /// No JSON object with texts as `type`, `challenge` and `origin`, each once.
    #[error("the client data cannot be read: {0}")]
    Unreadable(String),
    /// Made for the other ceremony (§7.1 step 7, §7.2 step 10).
    #[error("the client data's type is '{}', not '{expected}'", .found.escape_debug())]
    WrongType {
        /// As it stands there.
        found: String,
        /// As it must be.
        expected: &'static str,
    },
    /// Another challenge: an answer to something else, or a replay (§7.1 step 8, §7.2 step 11).
    #[error("the client data holds another challenge than the one sent")]
    WrongChallenge,
    /// Another origin (§7.1 step 9, §7.2 step 12).
    #[error("the client data's origin is '{}', not '{}'", .found.escape_debug(), .expected.escape_debug())]
    WrongOrigin {
        /// As it stands there.
        found: String,
        /// As it must be.
        expected: String,
    },
    /// The same meaning in other bytes than were sent.
    #[error("the client data is not byte for byte what was sent")]
    OtherBytes,
}

/// What relying parties read of client data, whoever made it. Other members are ignored.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Collected {
    #[serde(rename = "type")]
    pub kind: String,
    pub challenge: String,
    pub origin: String,
    /// All other members. By itself serde also reads a struct from an array of its members' values.
    #[serde(flatten)]
    _rest: BTreeMap<String, IgnoredAny>,
}

impl Collected {
    /// Reads client data; a member given twice is refused, for it has no one meaning.
    pub(super) fn read(client_data: &[u8]) -> Result<Self, ClientDataError> {
        serde_json::from_slice(client_data).map_err(|error| ClientDataError::Unreadable(error.to_string()))
    }

    pub(super) fn check_type(&self, ceremony: Ceremony) -> Result<(), ClientDataError> {
        let expected = ceremony.client_data_type();
        if self.kind == expected {
            Ok(())
        } else {
            Err(ClientDataError::WrongType { found: self.kind.clone(), expected })
        }
    }

    /// The challenge; nothing for one that is no base64url.
    pub(super) fn challenge_bytes(&self) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(self.challenge.trim_end_matches('=')).unwrap_or_default()
    }

    pub(super) fn check_challenge(&self, expected: &[u8]) -> Result<(), ClientDataError> {
        let found = self.challenge_bytes();
        if !found.is_empty() && found == expected { Ok(()) } else { Err(ClientDataError::WrongChallenge) }
    }

    pub(super) fn check_origin(&self, expected: &str) -> Result<(), ClientDataError> {
        if self.origin == expected {
            Ok(())
        } else {
            Err(ClientDataError::WrongOrigin { found: self.origin.clone(), expected: expected.to_owned() })
        }
    }
}

/// Compares byte for byte with what was sent, and says where the two differ.
pub(super) fn check_exact(
    found: &[u8],
    ceremony: Ceremony,
    rp: &RelyingParty,
    challenge: &[u8],
) -> Result<(), ClientDataError> {
    if found == ClientData::new(ceremony, rp, challenge).as_bytes() {
        return Ok(());
    }
    let read = Collected::read(found)?;
    read.check_type(ceremony)?;
    read.check_challenge(challenge)?;
    read.check_origin(rp.origin().as_str())?;
    Err(ClientDataError::OtherBytes)
}
