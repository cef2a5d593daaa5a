//! The path from an attestation certificate to a vendor's anchor (§7.1 step 24, §8.2.1).
//!
//! Every certificate that a key sends must be signed by the next one. The path is trusted at the first certificate
//! that an anchor signed or is; what a key sends beyond it must hold together, and changes nothing. Anchors are
//! pinned for one model by the catalogue, so they need no extension that calls them a CA: Token2's root has none.

mod error;
mod path;

use jiff::Timestamp;
use uuid::Uuid;

pub use error::TrustError;
use path::{check_last, check_links, find_anchor};

use super::{
    anchor::{Anchor, AnchorKind},
    certificate::Certificate,
};

/// The most certificates that a key may send.
pub const MAX_CERTIFICATES: usize = 4;

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
    if leaf.says_ca() {
        return Err(TrustError::LeafIsCa);
    }
    if anchors.is_empty() {
        return Err(TrustError::NoAnchor(aaguid));
    }
    check_links(&chain, anchors)?;
    let end = find_anchor(&chain, anchors, at)?;
    if end.covers < chain.len() {
        check_last(&chain, anchors)?;
    }
    let own = chain.iter().take(end.covers).map(Certificate::not_after).min();
    let not_after = own.map_or(end.not_after, |own| own.min(end.not_after));
    Ok(TrustedPath {
        anchor: end.anchor.name.clone(),
        kind: end.anchor.kind,
        soft: end.anchor.soft,
        aaguid,
        at,
        not_after,
    })
}
