//! Anchors as the catalogue keeps them, and the checks that each one passes when it is read.

use der::Decode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::ext::pkix::BasicConstraints;

use super::error::CatalogueError;
use crate::webauthn::anchor::{Anchor, AnchorKind};

/// A vendor's certificate with where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorRecord {
    /// Its id, by which models name it.
    pub id: String,
    /// The file in `anchors/`.
    pub file: String,
    /// A short name for people.
    pub name: String,
    /// What it may be used for.
    pub kind: AnchorKind,
    /// SHA-256 of the certificate's DER, hex.
    pub sha256: String,
    /// Its subject (RFC 4514).
    pub subject: String,
    /// Its issuer, or `self`.
    pub issuer: String,
    /// The first day of its validity.
    pub not_before: Date,
    /// The last day of its validity.
    pub not_after: Date,
    /// Where it is from.
    pub source: String,
    /// What else is worth knowing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The certificate.
    #[serde(skip)]
    pub der: Vec<u8>,
}

impl AnchorRecord {
    /// What the relying party's side needs of it.
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        Anchor { der: self.der.clone(), kind: self.kind, name: self.name.clone(), soft: false }
    }

    /// A root certificate as FIDO's metadata list it; `None` for what can't be read as a certificate.
    pub(super) fn of_metadata(der: &[u8], source: &str) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?;
        let sha256 = hex::encode(Sha256::digest(der));
        let id = format!("mds-{}", sha256.get(..16)?);
        let body = certificate.tbs_certificate();
        let (subject, issuer) = (body.subject().to_string(), body.issuer().to_string());
        let name = body.subject().common_name().ok().flatten().map(|name| name.value().into_owned());
        let validity = body.validity();
        Some(Self {
            file: String::new(),
            name: name.unwrap_or_else(|| subject.clone()),
            kind: widest_kind(&certificate),
            issuer: if subject == issuer { "self".to_owned() } else { issuer },
            not_before: day(validity.not_before)?,
            not_after: day(validity.not_after)?,
            source: source.to_owned(),
            note: None,
            der: der.to_vec(),
            id,
            sha256,
            subject,
        })
    }

    /// Whether it calls itself a CA for tests or previews, which vouches for no key that one can buy.
    pub(super) fn is_for_tests(&self) -> bool {
        let names = format!("{} {}", self.subject, self.issuer).to_lowercase();
        let mut words = names.split(|c: char| !c.is_alphanumeric());
        words.any(|word| ["test", "preview"].contains(&word))
    }

    /// Reads the certificate from its PEM, and checks it against this description.
    pub(super) fn fill(&mut self, pem: &[u8]) -> Result<(), CatalogueError> {
        let fault = |problem: String| CatalogueError::Anchor { id: self.id.clone(), problem };
        let (label, document) = std::str::from_utf8(pem)
            .map_err(|_| fault(format!("anchors/{} is not text; store the certificate as PEM", self.file)))
            .and_then(|text| {
                der::Document::from_pem(text).map_err(|e| {
                    fault(format!("anchors/{} is not PEM ({e}); store the certificate as PEM", self.file))
                })
            })?;
        if label != "CERTIFICATE" {
            return Err(fault(format!(
                "anchors/{} holds a {label}; only certificates belong there",
                self.file
            )));
        }
        let der = document.as_bytes();
        let found = hex::encode(Sha256::digest(der));
        if found != self.sha256 {
            return Err(fault(format!(
                "anchors/{} has the SHA-256 {found}, not the one described; get the certificate from its source again",
                self.file
            )));
        }
        let certificate = Certificate::from_der(der).map_err(|e| {
            fault(format!("its certificate can't be read ({e}); it can't serve as an anchor"))
        })?;
        if self.kind == AnchorKind::Issuer && widest_kind(&certificate) == AnchorKind::ExactLeaf {
            return Err(fault(
                "its certificate is another's leaf and may issue nothing; write kind = \"exact-leaf\""
                    .to_owned(),
            ));
        }
        self.der = der.to_vec();
        Ok(())
    }
}

fn day(time: x509_cert::time::Time) -> Option<Date> {
    let time = time.to_date_time();
    let (year, month, day) = (i16::try_from(time.year()).ok()?, i8::try_from(time.month()).ok()?, time.day());
    Date::new(year, month, i8::try_from(day).ok()?).ok()
}

/// The most that a certificate may be trusted with.
///
/// A CA may issue. So may a certificate that signed itself, whatever its constraints say or leave out: many vendors' roots lack
/// them, and where it is an attestation certificate instead, its key could sign attestations in any case. Every other
/// certificate is a leaf of somebody else's, and stands for itself alone.
pub(super) fn widest_kind(certificate: &Certificate) -> AnchorKind {
    let body = certificate.tbs_certificate();
    let ca = body
        .get_extension::<BasicConstraints>()
        .ok()
        .flatten()
        .is_some_and(|(_, constraints)| constraints.ca);
    if ca || body.subject() == body.issuer() { AnchorKind::Issuer } else { AnchorKind::ExactLeaf }
}
