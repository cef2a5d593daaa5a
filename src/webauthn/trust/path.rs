//! The walk from the attestation certificate up to an anchor.

use jiff::Timestamp;

use super::TrustError;
use crate::webauthn::{
    anchor::{Anchor, AnchorKind},
    certificate::{Certificate, Signed},
};

/// Each certificate is signed by the next one. Where that cannot be checked, the certificate itself must be pinned.
pub(super) fn check_links(chain: &[Certificate], anchors: &[Anchor]) -> Result<(), TrustError> {
    for (index, (certificate, next)) in chain.iter().zip(chain.iter().skip(1)).enumerate() {
        let position = index.saturating_add(1);
        match certificate.signed_by(next) {
            Signed::Yes => {}
            Signed::Unsupported(_) if anchors.iter().any(|anchor| anchor.der == certificate.der) => {}
            Signed::No => return Err(TrustError::BrokenChain(position)),
            Signed::Unsupported(oid) => {
                return Err(TrustError::Unsupported { position, oid: oid.to_string() });
            }
        }
    }
    Ok(())
}

/// A certificate beyond the end of the path proves nothing, and nothing depends on it: HID's models are pinned by CAs
/// whose root is not published. But one that has an anchor's name or key in other bytes must be signed by someone.
pub(super) fn check_last(chain: &[Certificate], anchors: &[Anchor]) -> Result<(), TrustError> {
    let Some(last) = chain.last() else { return Ok(()) };
    let issuers = || {
        let issuers = anchors.iter().filter(|anchor| anchor.kind == AnchorKind::Issuer);
        issuers.filter_map(|anchor| Certificate::parse(&anchor.der).ok())
    };
    let imitates = |issuer: Certificate| issuer.der != last.der && issuer.same_holder(last);
    let signed = || {
        last.signed_by(last) == Signed::Yes || issuers().any(|issuer| last.signed_by(&issuer) == Signed::Yes)
    };
    if issuers().any(imitates) && !issuers().any(|issuer| issuer.der == last.der) && !signed() {
        Err(TrustError::Imitation(chain.len()))
    } else {
        Ok(())
    }
}

/// The anchor at the end of a path.
pub(super) struct End<'a> {
    pub anchor: &'a Anchor,
    pub not_after: Timestamp,
    /// How many certificates of the key the path goes through.
    pub covers: usize,
}

/// Walks from the leaf on, and tries every anchor with every certificate: anchors may share a name, and some cannot
/// be read. A certificate is judged when the path goes through it.
pub(super) fn find_anchor<'a>(
    chain: &[Certificate],
    anchors: &'a [Anchor],
    at: Timestamp,
) -> Result<End<'a>, TrustError> {
    let mut refused = None;
    for (index, certificate) in chain.iter().enumerate() {
        let position = index.saturating_add(1);
        let kind = if index == 0 { AnchorKind::ExactLeaf } else { AnchorKind::Issuer };
        let pinned = anchors.iter().find(|anchor| anchor.kind == kind && anchor.der == certificate.der);
        match pinned {
            Some(anchor) if index > 0 => valid_anchor(certificate, anchor, index.saturating_sub(1), at)?,
            _ => check_one(certificate, index, at)?,
        }
        if let Some(anchor) = pinned {
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
    if at < not_before {
        return Err(TrustError::NotYetValid { whose: format!("certificate {position}"), not_before, at });
    } else if not_after < at {
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
    } else if at < not_before {
        let whose = format!("the vendor certificate '{}'", name.escape_debug());
        Err(TrustError::NotYetValid { whose, not_before, at })
    } else if not_after < at {
        Err(TrustError::AnchorExpired { name, not_before, not_after, at })
    } else {
        Ok(())
    }
}
