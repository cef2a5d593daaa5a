//! The relying party, against minted attestations and, where the research lies beside the repository, real ones.

#[cfg(test)]
#[path = "support/mint.rs"]
#[allow(clippy::allow_attributes, dead_code, reason = "each test binary uses a part")]
mod mint;

#[cfg(test)]
#[path = "webauthn/registration.rs"]
mod registration;

#[cfg(test)]
#[path = "webauthn/trust.rs"]
mod trust;

#[cfg(test)]
#[path = "webauthn/assertion.rs"]
mod assertion;

#[cfg(test)]
#[path = "webauthn/stored.rs"]
mod stored;

#[cfg(test)]
#[path = "support/skip.rs"]
mod skip;

#[cfg(test)]
#[path = "webauthn/vectors.rs"]
mod vectors;
