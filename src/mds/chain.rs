//! The path from the signer's certificate to a root that is trusted for metadata (§3.2, RFC 5280 §6.1).
//!
//! The header's other certificates are a bag: any of them may be in the path, and none must. Since 2026 FIDO sends a
//! root signed by the root before it as well, which a verifier who trusts the newer one has no use for.

use jiff::Timestamp;

use super::error::MdsError;
use crate::webauthn::anchor::Anchor;
use crate::webauthn::certificate::{Certificate, Signed};

/// Whose certificate signs metadata.
pub const HOST: &str = "mds.fidoalliance.org";

/// The most certificates that a BLOB may bring.
pub(super) const MOST: usize = 6;

/// A path that holds.
#[derive(Debug)]
pub(super) struct Path {
    /// The signer's certificate.
    pub(super) leaf: Certificate,
    /// The root's name.
    pub(super) root: String,
    /// The last second in which all of the path is valid.
    pub(super) not_after: Timestamp,
}

/// Checks that the first certificate is FIDO's, and leads to one of `roots`, all valid `at` that time.
pub(super) fn check(x5c: &[Vec<u8>], roots: &[Anchor], at: Timestamp) -> Result<Path, MdsError> {
    if !(1..=MOST).contains(&x5c.len()) {
        return Err(MdsError::Count(x5c.len()));
    }
    let parse = |(position, der): (usize, &Vec<u8>)| {
        Certificate::parse(der).map_err(|source| MdsError::Certificate { position, source })
    };
    let mut bag = (1..).zip(x5c).map(parse).collect::<Result<Vec<_>, _>>()?;
    let leaf = bag.remove(0);
    if !leaf.hosts().iter().any(|host| host.eq_ignore_ascii_case(HOST)) {
        return Err(MdsError::Host(leaf.hosts()));
    }
    if leaf.says_ca() {
        return Err(MdsError::Signer("it is that of a CA"));
    }
    if !leaf.may_sign() {
        return Err(MdsError::Signer("its key usage allows no signatures"));
    }
    let roots: Vec<_> = roots
        .iter()
        .filter_map(|root| Some((root.name.as_str(), Certificate::parse(&root.der).ok()?)))
        .collect();
    let mut climb = Climb { bag: &bag, roots: &roots, at, refused: None };
    match climb.from(&leaf, &mut vec![false; bag.len()], 0) {
        Some((root, not_after)) => {
            let (root, not_after) = (root.to_owned(), not_after.min(leaf.not_after()));
            Ok(Path { leaf, root, not_after })
        }
        None => Err(climb.refused.unwrap_or_else(|| MdsError::NoPath(leaf.issuer()))),
    }
}

struct Climb<'a> {
    bag: &'a [Certificate],
    roots: &'a [(&'a str, Certificate)],
    at: Timestamp,
    /// What kept a path from holding that otherwise would.
    refused: Option<MdsError>,
}

impl<'a> Climb<'a> {
    /// The root above a certificate, and the end of validity from there on. `below`: the CAs under its issuer.
    fn from(
        &mut self,
        certificate: &Certificate,
        used: &mut Vec<bool>,
        below: usize,
    ) -> Option<(&'a str, Timestamp)> {
        self.sound(certificate)?;
        for (name, root) in self.roots {
            let issued = certificate.signed_by(root) == Signed::Yes && issues(root, below);
            if issued && self.sound(root).is_some() {
                return Some((name, root.not_after()));
            }
        }
        for (place, next) in self.bag.iter().enumerate() {
            let free = used.get(place) == Some(&false);
            if !free || certificate.signed_by(next) != Signed::Yes || !issues(next, below) {
                continue;
            }
            set(used, place, true);
            if let Some((root, not_after)) = self.from(next, used, below.saturating_add(1)) {
                return Some((root, not_after.min(next.not_after())));
            }
            set(used, place, false);
        }
        None
    }

    /// Whether it is valid then, and demands nothing that is not understood.
    fn sound(&mut self, certificate: &Certificate) -> Option<()> {
        let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
        if self.at < not_before || not_after < self.at {
            let name = certificate.name();
            self.refused = Some(MdsError::NotValid { name, not_before, not_after, at: self.at });
            return None;
        }
        if certificate.unknown_critical().is_some() {
            self.refused =
                Some(MdsError::Signer("a certificate demands an extension that is not understood here"));
            return None;
        }
        Some(())
    }
}

/// Whether a certificate may issue others, with so many CAs below it.
fn issues(certificate: &Certificate, below: usize) -> bool {
    certificate.is_ca() && certificate.path_length().is_none_or(|most| below <= most)
}

fn set(used: &mut [bool], place: usize, value: bool) {
    if let Some(place) = used.get_mut(place) {
        *place = value;
    }
}
