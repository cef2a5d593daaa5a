//! Why a registration is refused.

use uuid::Uuid;

use crate::webauthn::{
    attestation::AttestationObjectError,
    ceremony::FlagsError,
    certificate::{AaguidExtensionError, CertificateError},
    client_data::ClientDataError,
    cose::{Algorithm, KeyError},
};

/// Why a registration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// No attestation object with a packed basic attestation.
    #[error(transparent)]
    Object(#[from] AttestationObjectError),
    /// The credential's key is not for ES256, or malformed (§7.1 step 20).
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Other client data than was sent (§7.1 steps 5 to 11).
    #[error(transparent)]
    ClientData(#[from] ClientDataError),
    /// Made for another relying party (§7.1 step 15).
    #[error("the credential was made for another relying party than '{}'", .0.escape_debug())]
    WrongRpIdHash(String),
    /// Other flags than asked for (§7.1 steps 16 to 19).
    #[error(transparent)]
    Flags(#[from] FlagsError),
    /// The attestation certificate is no certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// There is no attestation certificate in the list of certificates.
    #[error("the list of attestation certificates is empty")]
    NoCertificate,
    /// The statement names another algorithm than its certificate's key has.
    #[error("the attestation statement says {0}, which does not fit its certificate's key")]
    StatementAlgorithm(Algorithm),
    /// The attestation signature is not the certificate's over this credential and this client data (§8.2).
    #[error("the attestation signature is wrong")]
    BadSignature,
    /// The certificate is not one for attestation (§8.2.1).
    #[error(
        "the attestation certificate does not meet the requirements (version 3; C, O and CN; OU 'Authenticator Attestation'; not a CA)"
    )]
    LeafRequirements,
    /// The certificate's AAGUID extension is malformed (§8.2.1).
    #[error(transparent)]
    AaguidExtension(AaguidExtensionError),
    /// The certificate is for another model (§8.2).
    #[error("the attestation certificate is for the model {certificate}, and the key claims to be {claimed}")]
    WrongAaguid {
        /// In the certificate.
        certificate: Uuid,
        /// In the authenticator data.
        claimed: Uuid,
    },
    /// `webauthn-rs` says no where our own checks say yes; its words.
    #[error("webauthn-rs refuses it: {0}")]
    Library(String),
}
