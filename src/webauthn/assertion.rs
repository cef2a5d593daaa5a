//! Assertions (§7.2): a known credential's signature, verified twice over: by our own reading, and by `webauthn-rs`. The two
//! share nothing but the hash and the arithmetic of the curve (crates `sha2` and `p256`).

use crate::ctap::authdata::{AuthDataError, AuthenticatorData, Flags};

use super::{
    ceremony::{Ceremony, FlagsError, UserVerification, check_flags},
    client_data::{self, Challenge, ClientDataError, check_exact},
    cose::PublicKey,
    library::{self, Asked},
    registration::VerifiedRegistration,
    relying_party::RelyingParty,
};

/// What a key and this program made of an assertion, as received or as stored.
#[derive(Debug, Clone, Copy)]
pub struct Assertion<'a> {
    /// The credential that the key says it used.
    pub credential_id: &'a [u8],
    /// The authenticator data, signed.
    pub auth_data: &'a [u8],
    /// The signature, in DER.
    pub signature: &'a [u8],
    /// The client data, JSON, whose hash is signed.
    pub client_data: &'a [u8],
}

/// A credential from a registration, or as the ledger keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Credential {
    /// Its id.
    pub id: Vec<u8>,
    /// Its public key.
    pub key: PublicKey,
    /// The counter last seen.
    pub counter: u32,
}

impl From<&VerifiedRegistration> for Credential {
    fn from(registration: &VerifiedRegistration) -> Self {
        Self {
            id: registration.credential_id().to_vec(),
            key: registration.public_key().clone(),
            counter: registration.counter(),
        }
    }
}

/// What we asked a key for.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedAssertion<'a> {
    /// For whom.
    pub rp: &'a RelyingParty,
    /// The challenge of this one assertion.
    pub challenge: &'a Challenge,
    /// The only credential that may answer.
    pub credential: &'a Credential,
    /// Whether the user was to be verified.
    pub user: UserVerification,
}

/// Why an assertion is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// Another credential answered (§7.2 step 5).
    #[error("another credential answered than the one asked for")]
    WrongCredential,
    /// Other client data than was sent (§7.2 steps 8 to 12).
    #[error(transparent)]
    ClientData(#[from] ClientDataError),
    /// Malformed authenticator data.
    #[error(transparent)]
    AuthData(#[from] AuthDataError),
    /// Made for another relying party (§7.2 step 15).
    #[error("the assertion was made for another relying party than '{}'", .0.escape_debug())]
    WrongRpIdHash(String),
    /// Other flags than asked for (§7.2 steps 16 to 19).
    #[error(transparent)]
    Flags(#[from] FlagsError),
    /// Not the credential's signature over this authenticator data and this client data (§7.2 step 21).
    #[error("the signature is wrong: this is not the enrolled credential")]
    BadSignature,
    /// `webauthn-rs` says no where our own checks say yes; its words.
    #[error("webauthn-rs refuses it: {0}")]
    Library(String),
}

/// How the signature counter moved (§6.1.1). What it means is for the verdict to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CounterMove {
    /// Up, by any step.
    Advanced,
    /// Zero before and after: the key keeps none.
    NotKept,
    /// Not moved, though the key keeps one: perhaps there is a copy of the key.
    Same,
    /// Back: there is a copy of the key, or it was reset.
    WentBack,
}

impl CounterMove {
    /// From one signature to the next.
    #[must_use]
    pub fn between(before: u32, after: u32) -> Self {
        match after.cmp(&before) {
            std::cmp::Ordering::Greater => Self::Advanced,
            std::cmp::Ordering::Equal if after == 0 => Self::NotKept,
            std::cmp::Ordering::Equal => Self::Same,
            std::cmp::Ordering::Less => Self::WentBack,
        }
    }
}

/// An assertion that was verified by both routes. Its counter was only read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAssertion {
    credential_id: Vec<u8>,
    flags: Flags,
    counter: u32,
    counter_move: CounterMove,
}

impl VerifiedAssertion {
    /// The credential that signed.
    #[must_use]
    pub fn credential_id(&self) -> &[u8] {
        &self.credential_id
    }

    /// The flags.
    #[must_use]
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// The signature counter now.
    #[must_use]
    pub fn counter(&self) -> u32 {
        self.counter
    }

    /// How the counter moved since it was last seen.
    #[must_use]
    pub fn counter_move(&self) -> CounterMove {
        self.counter_move
    }
}

/// Verifies an assertion that this program asked for: 37 bytes of authenticator data, exactly its flags and its
/// client data, and a signature that both `p256` and `webauthn-rs` call good.
///
/// # Errors
/// [`AssertionError`], the first reason found.
pub fn verify_assertion(
    assertion: &Assertion<'_>,
    expected: &ExpectedAssertion<'_>,
) -> Result<VerifiedAssertion, AssertionError> {
    let (rp, credential) = (expected.rp, expected.credential);
    if assertion.credential_id != credential.id {
        return Err(AssertionError::WrongCredential);
    }
    let auth_data = read(assertion, rp, expected.challenge)?;
    check_flags(Ceremony::Get, expected.user, auth_data.flags)?;
    check_signature(assertion, &credential.key)?;
    let asked = Asked {
        rp_id: rp.id().as_str(),
        origin: rp.origin().as_str(),
        challenge: expected.challenge.as_bytes(),
        user: expected.user,
        synchronised: false,
    };
    let Assertion { credential_id, auth_data: raw, signature, client_data } = *assertion;
    library::authenticate(&asked, credential_id, &credential.key, raw, signature, client_data)
        .map_err(|error| AssertionError::Library(error.to_string()))?;
    Ok(VerifiedAssertion {
        credential_id: credential.id.clone(),
        flags: auth_data.flags,
        counter: auth_data.counter,
        counter_move: CounterMove::between(credential.counter, auth_data.counter),
    })
}

/// Verifies what this program asked a key to sign, whatever its flags and extensions: its client data, its relying
/// party, and the signature. What the flags and extensions say is for the caller to judge.
///
/// # Errors
/// [`AssertionError`], but neither of flags nor of the library.
pub fn verify_signed(
    assertion: &Assertion<'_>,
    rp: &RelyingParty,
    challenge: &Challenge,
    key: &PublicKey,
) -> Result<AuthenticatorData, AssertionError> {
    let auth_data = read(assertion, rp, challenge)?;
    check_signature(assertion, key)?;
    Ok(auth_data)
}

/// What the key says it signed, for whom and for what.
fn read(
    assertion: &Assertion<'_>,
    rp: &RelyingParty,
    challenge: &Challenge,
) -> Result<AuthenticatorData, AssertionError> {
    check_exact(assertion.client_data, Ceremony::Get, rp, challenge.as_bytes())?;
    let auth_data = AuthenticatorData::parse(assertion.auth_data)?;
    if auth_data.rp_id_hash == rp.id().hash() {
        Ok(auth_data)
    } else {
        Err(AssertionError::WrongRpIdHash(rp.id().as_str().to_owned()))
    }
}

fn check_signature(assertion: &Assertion<'_>, key: &PublicKey) -> Result<(), AssertionError> {
    let message = [assertion.auth_data, &client_data::hash(assertion.client_data)].concat();
    if key.verifies(&message, assertion.signature) { Ok(()) } else { Err(AssertionError::BadSignature) }
}
