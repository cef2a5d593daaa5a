//! The relying party: client data, registrations, assertions, attestation trust.
//!
//! Three questions, three steps, and a value that proves each answer and that only its step can build:
//!
//! | step | asks | proof |
//! |---|---|---|
//! | [`registration`] | did the holder of this attestation certificate make this credential for us, now? | [`registration::VerifiedRegistration`] |
//! | [`trust`] | does the certificate lead to the vendor's anchor, and does it name this model? | [`trust::TrustedPath`] |
//! | [`assertion`] | did that very credential sign our challenge? | [`assertion::VerifiedAssertion`] |
//!
//! Signatures are verified by `webauthn-rs`, so nothing of ours marks its own homework; the certificate path is
//! checked here, over the original bytes, because that library cannot (its answer is recorded by [`second_opinion`]).
//! Pure: no files, no clock, no randomness. Section numbers are those of WebAuthn Level 3 unless said otherwise.

pub mod anchor;
pub mod assertion;
mod attestation;
pub mod ceremony;
pub mod certificate;
pub mod client_data;
pub mod cose;
mod library;
pub mod registration;
pub mod relying_party;
pub mod second_opinion;
pub mod stored;
pub mod trust;
