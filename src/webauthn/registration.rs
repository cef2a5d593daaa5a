//! Registrations (§7.1): the attestation statement verified, and all of it that is ours compared exactly.

mod error;

use uuid::Uuid;
use webauthn_rs::prelude::WebauthnError;
use webauthn_rs_core::attestation::assert_packed_attest_req;

use crate::ctap::authdata::{AttestedCredential, Flags};

pub use super::attestation::AttestationObjectError;
pub use error::RegistrationError;

use super::{
    attestation::AttestationObject,
    ceremony::{Ceremony, UserVerification, check_flags},
    certificate::{AaguidExtensionError, Certificate},
    client_data::{self, Challenge, Collected, check_exact},
    cose::{Algorithm, PublicKey},
    library::{self, Asked},
    relying_party::{self, RelyingParty},
};

/// What a key and a client made of a registration, as received or as stored.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// The CBOR map of `fmt`, `attStmt` and `authData` (§6.5.4).
    pub attestation_object: &'a [u8],
    /// The client data, JSON.
    pub client_data: &'a [u8],
}

/// What we asked a key for.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedRegistration<'a> {
    /// For whom.
    pub rp: &'a RelyingParty,
    /// The challenge of this one registration.
    pub challenge: &'a Challenge,
    /// Whether the user was to be verified.
    pub user: UserVerification,
}

/// What is known of a registration that another client made; what is not known is not compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExpectedForeign<'a> {
    /// The relying party id.
    pub rp_id: Option<&'a str>,
    /// The origin, as it stands in the client data.
    pub origin: Option<&'a str>,
    /// The challenge, of any length.
    pub challenge: Option<&'a [u8]>,
}

/// A registration whose statement was verified. Whether its certificate leads anywhere is for [`super::trust`].
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedRegistration {
    credential: AttestedCredential,
    key: PublicKey,
    flags: Flags,
    counter: u32,
    x5c: Vec<Vec<u8>>,
    algorithm: Algorithm,
}

impl VerifiedRegistration {
    /// The credential's id.
    #[must_use]
    pub fn credential_id(&self) -> &[u8] {
        &self.credential.credential_id
    }

    /// The credential's public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The model that the key claims to be; [`super::trust::check_path`] compares it with the certificate.
    #[must_use]
    pub fn aaguid(&self) -> Uuid {
        self.credential.aaguid
    }

    /// The flags of the registration.
    #[must_use]
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// The signature counter at registration.
    #[must_use]
    pub fn counter(&self) -> u32 {
        self.counter
    }

    /// The attestation certificate and the chain it came with, DER.
    #[must_use]
    pub fn x5c(&self) -> &[Vec<u8>] {
        &self.x5c
    }

    /// The algorithm of the attestation statement.
    #[must_use]
    pub fn attestation_algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Verifies a registration that this program asked for: exactly its client data, exactly its flags, no extensions.
///
/// # Errors
/// [`RegistrationError`], the first reason found.
pub fn verify_registration(
    registration: &Registration<'_>,
    expected: &ExpectedRegistration<'_>,
) -> Result<VerifiedRegistration, RegistrationError> {
    verify_ours(registration, expected.rp, expected.challenge.as_bytes(), expected.user, 0)
}

/// Verifies a passkey that this program had a key make for another relying party: exactly its client data, the user
/// verified, bound to the device. Extensions may have been answered (ED); what they say is for the caller to read.
///
/// # Errors
/// [`RegistrationError`], the first reason found.
pub fn verify_passkey(
    registration: &Registration<'_>,
    rp: &RelyingParty,
    challenge: &[u8],
) -> Result<VerifiedRegistration, RegistrationError> {
    verify_ours(registration, rp, challenge, UserVerification::Required, Flags::ED)
}

/// `besides`: flags that may be set or not.
fn verify_ours(
    registration: &Registration<'_>,
    rp: &RelyingParty,
    challenge: &[u8],
    user: UserVerification,
    besides: u8,
) -> Result<VerifiedRegistration, RegistrationError> {
    let object = AttestationObject::decode(registration.attestation_object)?;
    check_exact(registration.client_data, Ceremony::Create, rp, challenge)?;
    if object.auth_data.rp_id_hash != rp.id().hash() {
        return Err(RegistrationError::WrongRpIdHash(rp.id().as_str().to_owned()));
    }
    check_flags(Ceremony::Create, user, Flags(object.auth_data.flags.0 & !besides))?;
    let verified = verify_statement(object, registration.client_data)?;
    let asked =
        Asked { rp_id: rp.id().as_str(), origin: rp.origin().as_str(), challenge, user, synchronised: false };
    let second = library::register(&asked, registration.attestation_object, registration.client_data)
        .map_err(|error| RegistrationError::Library(error.to_string()))?;
    if second.cred_id != verified.credential.credential_id {
        return Err(RegistrationError::Library("it reads another credential id".into()));
    }
    Ok(verified)
}

/// Verifies a registration that any client made, years ago perhaps: extra members, extensions and all flags pass.
///
/// # Errors
/// [`RegistrationError`], the first reason found.
pub fn verify_foreign(
    registration: &Registration<'_>,
    expected: &ExpectedForeign<'_>,
) -> Result<VerifiedRegistration, RegistrationError> {
    let object = AttestationObject::decode(registration.attestation_object)?;
    let client_data = Collected::read(registration.client_data)?;
    client_data.check_type(Ceremony::Create)?;
    expected.challenge.map_or(Ok(()), |challenge| client_data.check_challenge(challenge))?;
    expected.origin.map_or(Ok(()), |origin| client_data.check_origin(origin))?;
    let hash = object.auth_data.rp_id_hash;
    if let Some(rp_id) = expected.rp_id.filter(|rp_id| relying_party::hash(rp_id) != hash) {
        return Err(RegistrationError::WrongRpIdHash(rp_id.to_owned()));
    }
    let verified = verify_statement(object, registration.client_data)?;
    let asked = Asked {
        rp_id: expected.rp_id.unwrap_or_default(),
        origin: &client_data.origin,
        challenge: &client_data.challenge_bytes(),
        user: UserVerification::Absent,
        synchronised: true,
    };
    match library::register(&asked, registration.attestation_object, registration.client_data) {
        Ok(_) => Ok(verified),
        // These speak of what nobody asked for here. The statement, by then, was verified above.
        Err(
            WebauthnError::UserNotPresent
            | WebauthnError::InvalidRPIDHash
            | WebauthnError::InvalidRPOrigin
            | WebauthnError::CredentialCrossOrigin
            | WebauthnError::CredentialMayNotBeHardwareBound
            | WebauthnError::ParseJSONFailure(_),
        ) => Ok(verified),
        Err(error) => Err(RegistrationError::Library(error.to_string())),
    }
}

/// The packed statement (§8.2), by the parts of `webauthn-rs` that verify it, each with its own reason.
fn verify_statement(
    object: AttestationObject,
    client_data: &[u8],
) -> Result<VerifiedRegistration, RegistrationError> {
    let AttestationObject { auth_data, algorithm, signature, x5c } = object;
    let credential = auth_data.attested.ok_or(AttestationObjectError::NoCredential)?;
    let key = PublicKey::parse(&credential.public_key)?;
    let leaf = Certificate::parse(x5c.first().ok_or(RegistrationError::NoCertificate)?)?;
    if leaf.key_algorithm() != Some(algorithm) {
        return Err(RegistrationError::StatementAlgorithm(algorithm));
    }
    let message = [auth_data.raw.as_slice(), &client_data::hash(client_data)].concat();
    if !leaf.verifies(&message, &signature) {
        return Err(RegistrationError::BadSignature);
    }
    match leaf.aaguid() {
        Ok(certificate) if certificate != credential.aaguid => {
            return Err(RegistrationError::WrongAaguid { certificate, claimed: credential.aaguid });
        }
        // Optional in the standard; `trust` demands it.
        Ok(_) | Err(AaguidExtensionError::Missing) => {}
        Err(error) => return Err(RegistrationError::AaguidExtension(error)),
    }
    assert_packed_attest_req(&leaf.inner).map_err(|_| RegistrationError::LeafRequirements)?;
    Ok(VerifiedRegistration {
        credential,
        key,
        flags: auth_data.flags,
        counter: auth_data.counter,
        x5c,
        algorithm,
    })
}
