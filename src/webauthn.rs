//! The relying party: client data, registrations, assertions, attestation trust.

pub mod anchor;
