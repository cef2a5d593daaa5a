//! Why an attestation certificate is not trusted.

use jiff::Timestamp;
use uuid::Uuid;

use super::MAX_CERTIFICATES;
use crate::webauthn::certificate::{AaguidExtensionError, CertificateError};

/// Why an attestation certificate is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The catalogue has no anchor for this model: it cannot be told whether the key is genuine.
    #[error("no vendor certificate is known for the model {0}")]
    NoAnchor(Uuid),
    /// No certificate at all, or too many.
    #[error("the key sent {0} attestation certificates, not 1 to {MAX_CERTIFICATES}")]
    Count(usize),
    /// A certificate in the list is malformed.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The AAGUID extension is missing or malformed.
    #[error(transparent)]
    Aaguid(#[from] AaguidExtensionError),
    /// The certificate is for another model.
    #[error("the attestation certificate is for the model {certificate}, and the key claims to be {claimed}")]
    WrongAaguid {
        /// In the certificate.
        certificate: Uuid,
        /// In the authenticator data.
        claimed: Uuid,
    },
    /// A critical extension that is not understood here (RFC 5280 §4.2).
    #[error("certificate {position} has the critical extension {oid}, which is not understood here")]
    CriticalExtension {
        /// 1 is the attestation certificate.
        position: usize,
        /// The extension.
        oid: String,
    },
    /// A certificate of the key was not valid at the time asked about.
    #[error("certificate {position} was valid from {not_before} to {not_after}, not at {at}")]
    NotValid {
        /// 1 is the attestation certificate.
        position: usize,
        /// The first second of its validity.
        not_before: Timestamp,
        /// The last second of its validity.
        not_after: Timestamp,
        /// The time asked about.
        at: Timestamp,
    },
    /// A certificate of the path is not valid yet at the time asked about. Vendors certify no future keys: where it is the
    /// time of the computer's clock, the clock is wrong.
    #[error("{whose} is valid from {not_before} on, and the time asked about is {at}")]
    NotYetValid {
        /// The certificate, in words.
        whose: String,
        /// The first second of its validity.
        not_before: Timestamp,
        /// The time asked about.
        at: Timestamp,
    },
    /// The attestation certificate may issue certificates.
    #[error("the attestation certificate is that of a CA")]
    LeafIsCa,
    /// A certificate that signed another one may not (RFC 5280 §4.2.1.9).
    #[error("certificate {0} signed another one but is not that of a CA, or not for so long a path")]
    NotCa(usize),
    /// The certificates do not sign each other in the order in which the key sent them.
    #[error("certificate {0} is not signed by the next one")]
    BrokenChain(usize),
    /// The last certificate is beyond the path's end, looks like an anchor, and nobody signed it.
    #[error("certificate {0} has the name or the key of a vendor certificate, but nobody signed it")]
    Imitation(usize),
    /// An algorithm that is not checked here.
    #[error("certificate {position} is signed with the algorithm {oid}, which cannot be checked here")]
    Unsupported {
        /// 1 is the attestation certificate.
        position: usize,
        /// The signature algorithm.
        oid: String,
    },
    /// An anchor signed it, but was not valid at the time asked about.
    #[error("the vendor certificate '{}' was valid from {not_before} to {not_after}, not at {at}", .name.escape_debug())]
    AnchorExpired {
        /// The anchor's name.
        name: String,
        /// The first second of its validity.
        not_before: Timestamp,
        /// The last second of its validity.
        not_after: Timestamp,
        /// The time asked about.
        at: Timestamp,
    },
    /// An anchor allows fewer CA certificates below it (RFC 5280 §4.2.1.9).
    #[error("the vendor certificate '{}' allows no path as long as this one", .0.escape_debug())]
    PathTooLong(String),
    /// No anchor signed any of the certificates: another maker's key, or a forgery.
    #[error("the attestation certificate does not lead to any vendor certificate known for this model; its issuer is '{}'", .0.escape_debug())]
    NoPath(String),
}
