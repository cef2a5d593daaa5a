//! The path from an attestation certificate to a vendor's anchor (§7.1 step 24, §8.2.1).
//!
//! Every certificate that a key sends must be signed by the next one. The path is trusted at the first certificate
//! that an anchor signed or is; what a key sends beyond it must hold together, but changes nothing. Anchors are
//! pinned for one model by the catalogue, so they need no extension that calls them a CA: Token2's root has none.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    anchor::{Anchor, AnchorKind},
    certificate::{AaguidExtensionError, Certificate, CertificateError, Signed},
};

/// The most certificates that a key may send.
pub const MAX_CERTIFICATES: usize = 4;

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
    /// The attestation certificate may issue certificates.
    #[error("the attestation certificate is that of a CA")]
    LeafIsCa,
    /// A certificate that signed another one may not (RFC 5280 §4.2.1.9).
    #[error("certificate {0} signed another one but is not that of a CA, or not for so long a path")]
    NotCa(usize),
    /// The certificates do not sign each other in the order in which the key sent them.
    #[error("certificate {0} is not signed by the next one")]
    BrokenChain(usize),
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

/// An attestation certificate that leads to an anchor and names the model. Only [`check_path`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedPath {
    anchor: String,
    kind: AnchorKind,
    soft: bool,
    aaguid: Uuid,
    at: Timestamp,
    not_after: Timestamp,
}

impl TrustedPath {
    /// The name of the anchor that it leads to.
    #[must_use]
    pub fn anchor(&self) -> &str {
        &self.anchor
    }

    /// What the anchor is.
    #[must_use]
    pub fn kind(&self) -> AnchorKind {
        self.kind
    }

    /// Whether the anchor is a soft key's, which proves nothing.
    #[must_use]
    pub fn soft(&self) -> bool {
        self.soft
    }

    /// The model that the certificate is for, and that the key claims to be.
    #[must_use]
    pub fn aaguid(&self) -> Uuid {
        self.aaguid
    }

    /// The time at which all of the path was valid.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The last second in which all of the path is valid, if that is over by `now`: the attestation was good when
    /// it was made, and one made now would not be.
    #[must_use]
    pub fn expired_by(&self, now: Timestamp) -> Option<Timestamp> {
        (self.not_after < now).then_some(self.not_after)
    }
}

/// Checks that `x5c` leads to one of `anchors`, that all of the path was valid `at` that time, and that its first
/// certificate is for the model `aaguid`.
///
/// # Errors
/// [`TrustError`].
pub fn check_path(
    x5c: &[Vec<u8>],
    anchors: &[Anchor],
    aaguid: Uuid,
    at: Timestamp,
) -> Result<TrustedPath, TrustError> {
    if !(1..=MAX_CERTIFICATES).contains(&x5c.len()) {
        return Err(TrustError::Count(x5c.len()));
    }
    let chain = x5c.iter().map(|der| Certificate::parse(der)).collect::<Result<Vec<_>, _>>()?;
    let leaf = chain.first().ok_or(TrustError::Count(0))?;
    let certificate = leaf.aaguid()?;
    if certificate != aaguid {
        return Err(TrustError::WrongAaguid { certificate, claimed: aaguid });
    }
    if leaf.is_ca() {
        return Err(TrustError::LeafIsCa);
    }
    if anchors.is_empty() {
        return Err(TrustError::NoAnchor(aaguid));
    }
    check_links(&chain)?;
    let anchor = find_anchor(&chain, anchors, at)?;
    let own = chain.iter().take(anchor.covers).map(Certificate::not_after).min();
    let not_after = own.map_or(anchor.not_after, |own| own.min(anchor.not_after));
    Ok(TrustedPath {
        anchor: anchor.anchor.name.clone(),
        kind: anchor.anchor.kind,
        soft: anchor.anchor.soft,
        aaguid,
        at,
        not_after,
    })
}

/// Each certificate is signed by the next one, and the last one by itself if it says so.
fn check_links(chain: &[Certificate]) -> Result<(), TrustError> {
    for (index, certificate) in chain.iter().enumerate() {
        let position = index.saturating_add(1);
        let next = chain.get(position);
        let itself = certificate.is_self_issued().then_some(certificate);
        let Some(issuer) = next.or(itself) else { continue };
        match certificate.signed_by(issuer) {
            Signed::Yes => {}
            // Yubico's newest root signs itself with SHA-512; only its key is needed.
            Signed::Unsupported(_) if next.is_none() => {}
            Signed::No => return Err(TrustError::BrokenChain(position)),
            Signed::Unsupported(oid) => {
                return Err(TrustError::Unsupported { position, oid: oid.to_string() });
            }
        }
    }
    Ok(())
}

/// The anchor at the end of a path.
struct End<'a> {
    anchor: &'a Anchor,
    not_after: Timestamp,
    /// How many certificates of the key the path goes through.
    covers: usize,
}

/// Walks from the leaf on, and tries every anchor with every certificate: anchors may share a name, and some cannot
/// be read. A certificate is judged when the path goes through it.
fn find_anchor<'a>(
    chain: &[Certificate],
    anchors: &'a [Anchor],
    at: Timestamp,
) -> Result<End<'a>, TrustError> {
    let mut refused = None;
    for (index, certificate) in chain.iter().enumerate() {
        let position = index.saturating_add(1);
        let pinned = anchors.iter().find(|anchor| anchor.der == certificate.der);
        if let Some(anchor) = pinned.filter(|anchor| anchor.kind == AnchorKind::Issuer && index > 0) {
            let end = End { anchor, not_after: certificate.not_after(), covers: index };
            return valid_anchor(certificate, anchor, index.saturating_sub(1), at).map(|()| end);
        }
        check_one(certificate, index, at)?;
        if let Some(anchor) = pinned.filter(|anchor| anchor.kind == AnchorKind::ExactLeaf && index == 0) {
            return Ok(End { anchor, not_after: certificate.not_after(), covers: position });
        }
        // An exact leaf signs nothing, and an issuer is no attestation certificate, not even its own.
        let issuers = |anchor: &&Anchor| anchor.kind == AnchorKind::Issuer && anchor.der != certificate.der;
        for anchor in anchors.iter().filter(issuers) {
            let Ok(issuer) = Certificate::parse(&anchor.der) else { continue };
            match certificate.signed_by(&issuer) {
                Signed::No => {}
                Signed::Unsupported(oid) => {
                    refused.get_or_insert(TrustError::Unsupported { position, oid: oid.to_string() });
                }
                Signed::Yes => match valid_anchor(&issuer, anchor, index, at) {
                    Ok(()) => return Ok(End { anchor, not_after: issuer.not_after(), covers: position }),
                    Err(error) => refused = Some(error),
                },
            }
        }
    }
    let issuer = chain.last().map(Certificate::issuer).unwrap_or_default();
    Err(refused.unwrap_or(TrustError::NoPath(issuer)))
}

/// A certificate of the key that the path goes through.
fn check_one(certificate: &Certificate, index: usize, at: Timestamp) -> Result<(), TrustError> {
    let position = index.saturating_add(1);
    if let Some(oid) = certificate.unknown_critical() {
        return Err(TrustError::CriticalExtension { position, oid });
    }
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if at < not_before || not_after < at {
        return Err(TrustError::NotValid { position, not_before, not_after, at });
    }
    let long_enough = certificate.path_length().is_none_or(|most| index.saturating_sub(1) <= most);
    if index > 0 && !(certificate.is_ca() && long_enough) {
        return Err(TrustError::NotCa(position));
    }
    Ok(())
}

/// An anchor with `below` CA certificates between it and the leaf.
fn valid_anchor(
    certificate: &Certificate,
    anchor: &Anchor,
    below: usize,
    at: Timestamp,
) -> Result<(), TrustError> {
    let name = anchor.name.clone();
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if certificate.path_length().is_some_and(|most| below > most) {
        Err(TrustError::PathTooLong(name))
    } else if at < not_before || not_after < at {
        Err(TrustError::AnchorExpired { name, not_before, not_after, at })
    } else {
        Ok(())
    }
}
