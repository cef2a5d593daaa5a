//! Receipts: the key itself signs what was recorded of it.

use serde::{Deserialize, Serialize};

use super::bytes::{Bytes, Hash};
use super::event::{BodyError, canonical};
use super::payload::Custody;
use crate::webauthn::assertion::{
    Assertion, AssertionError, Credential, ExpectedAssertion, VerifiedAssertion, verify_assertion,
};
use crate::webauthn::ceremony::UserVerification;
use crate::webauthn::client_data::Challenge;
use crate::webauthn::cose::{KeyError, PublicKey};
use crate::webauthn::relying_party::{RelyingParty, RelyingPartyError, RpId};

/// An assertion by the key's custody credential, with touch and PIN, whose challenge is the event's seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The authenticator data: 37 bytes.
    pub auth_data: Bytes,
    /// The client data, JSON.
    pub client_data: Bytes,
    /// The custody credential's id.
    pub credential_id: Bytes,
    /// The signature, in DER. It is malleable, and so never an identifier.
    pub signature: Bytes,
}

impl From<&Assertion<'_>> for Receipt {
    fn from(assertion: &Assertion<'_>) -> Self {
        Self {
            auth_data: assertion.auth_data.into(),
            client_data: assertion.client_data.into(),
            credential_id: assertion.credential_id.into(),
            signature: assertion.signature.into(),
        }
    }
}

impl Receipt {
    /// The receipt's bytes: its members as canonical JSON.
    ///
    /// # Errors
    /// [`BodyError`]; the members are texts, so it does not happen.
    pub fn canonical(&self) -> Result<String, BodyError> {
        canonical(self)
    }

    /// Reads a receipt in its one serialisation.
    ///
    /// # Errors
    /// [`BodyError`].
    pub fn parse(text: &str) -> Result<Self, BodyError> {
        let receipt: Self =
            serde_json::from_str(text).map_err(|error| BodyError::Unreadable(error.to_string()))?;
        if receipt.canonical()? == text { Ok(receipt) } else { Err(BodyError::NotCanonical) }
    }

    /// The signature counter that it tells, unverified.
    #[must_use]
    pub fn counter(&self) -> Option<u32> {
        let bytes = self.auth_data.as_slice().get(33..37)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    }

    /// Verifies it, by both routes of [`verify_assertion`].
    ///
    /// # Errors
    /// [`AssertionError`].
    pub fn verify(&self, seal: &Hash, signer: &Signer) -> Result<VerifiedAssertion, AssertionError> {
        let assertion = Assertion {
            credential_id: self.credential_id.as_slice(),
            auth_data: self.auth_data.as_slice(),
            signature: self.signature.as_slice(),
            client_data: self.client_data.as_slice(),
        };
        let expected = ExpectedAssertion {
            rp: &signer.rp,
            challenge: &challenge(seal),
            credential: &signer.credential,
            user: UserVerification::Required,
        };
        verify_assertion(&assertion, &expected)
    }
}

/// What a key is asked to sign for an event.
#[must_use]
pub fn challenge(seal: &Hash) -> Challenge {
    Challenge::new(*seal.as_bytes())
}

/// Why a custody credential cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// Its relying party id.
    #[error(transparent)]
    RelyingParty(#[from] RelyingPartyError),
    /// Its public key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Who may sign for a key: its custody credential, ready for use.
#[derive(Debug, Clone, PartialEq)]
pub struct Signer {
    /// For whom the credential was made.
    pub rp: RelyingParty,
    /// The credential.
    pub credential: Credential,
}

impl TryFrom<&Custody> for Signer {
    type Error = SignerError;

    fn try_from(custody: &Custody) -> Result<Self, SignerError> {
        let credential = Credential {
            id: custody.credential_id.0.clone(),
            key: PublicKey::parse(custody.public_key.as_slice())?,
            counter: custody.counter,
        };
        Ok(Self { rp: RelyingParty::https(RpId::new(&custody.rp_id)?), credential })
    }
}
