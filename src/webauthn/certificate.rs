//! One X.509 certificate (RFC 5280), over the bytes as they were received.
//!
//! The signature is checked over the original bytes of the signed part. Encoding it anew, as `webauthn-rs` does,
//! changes certificates whose dates are GeneralizedTime before 2050, and genuine Feitian keys fail.

mod signature;

pub(crate) use signature::{ECDSA_SHA256, RSA_SHA256};

use der::{
    Decode, Encode, Reader, SliceReader,
    asn1::{ObjectIdentifier, OctetStringRef},
};
use jiff::Timestamp;
use uuid::Uuid;
use webauthn_rs_core::crypto::verify_signature;
use x509_cert::ext::{
    Extension,
    pkix::{BasicConstraints, KeyUsage, SubjectAltName, name::GeneralName},
};

use super::cose::Algorithm;

/// id-fido-gen-ce-aaguid (§8.2.1).
const AAGUID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");
/// The firmware of a YubiKey, in its attestation certificate.
const YUBICO_FIRMWARE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.13.1");
/// Extensions that are understood here, so that they may be critical: key usage, basic constraints, and two that
/// speak of nothing an attestation path uses (certificate policies, extended key usage).
const UNDERSTOOD: [ObjectIdentifier; 4] = [
    ObjectIdentifier::new_unwrap("2.5.29.15"),
    ObjectIdentifier::new_unwrap("2.5.29.19"),
    ObjectIdentifier::new_unwrap("2.5.29.32"),
    ObjectIdentifier::new_unwrap("2.5.29.37"),
];

/// The bytes are no certificate in DER.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the certificate is malformed: {0}")]
pub struct CertificateError(#[from] der::Error);

/// What is wrong with the AAGUID extension (§8.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AaguidExtensionError {
    /// Optional in the standard, needed here: without it any model could be claimed.
    #[error(
        "the attestation certificate lacks the AAGUID extension, so it does not say which model it is for"
    )]
    Missing,
    /// It MUST NOT be critical.
    #[error("the attestation certificate's AAGUID extension is marked critical")]
    Critical,
    /// Two of them have no one meaning.
    #[error("the attestation certificate has the AAGUID extension twice")]
    Twice,
    /// Not an OCTET STRING of 16 bytes.
    #[error("the attestation certificate's AAGUID extension does not hold 16 bytes")]
    Malformed,
}

/// Whether one certificate's key signed another certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    Yes,
    No,
    /// The issuer's name fits, but not with an algorithm that can be checked here.
    Unsupported(ObjectIdentifier),
}

/// A certificate, taken apart, and its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub der: Vec<u8>,
    signed_part: Vec<u8>,
    pub inner: x509_cert::Certificate,
}

impl Certificate {
    pub(crate) fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        let inner = x509_cert::Certificate::from_der(der)?;
        let mut reader = SliceReader::new(der)?;
        let signed_part = reader.sequence(|inside| {
            let part = inside.tlv_bytes()?.to_vec();
            inside.drain(inside.remaining_len())?;
            Ok::<_, der::Error>(part)
        })?;
        Ok(Self { der: der.to_vec(), signed_part, inner })
    }

    fn extensions(&self) -> &[Extension] {
        self.inner.tbs_certificate().extensions().map_or(&[], Vec::as_slice)
    }

    /// Seconds since 1970: certificates may last until 9999-12-31, a day longer than [`Timestamp`] reaches.
    fn seconds(time: x509_cert::time::Time) -> i64 {
        i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
    }

    /// The first second of its validity.
    pub(crate) fn not_before(&self) -> Timestamp {
        timestamp(Self::seconds(self.inner.tbs_certificate().validity().not_before))
    }

    /// The last second of its validity; the end of time for those that never expire.
    pub(crate) fn not_after(&self) -> Timestamp {
        timestamp(Self::seconds(self.inner.tbs_certificate().validity().not_after))
    }

    fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.inner.tbs_certificate().get_extension().ok().flatten().map(|(_, constraints)| constraints)
    }

    /// Whether it says of itself that it is a CA's (RFC 5280 §4.2.1.9).
    pub(crate) fn says_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|constraints| constraints.ca)
    }

    /// Whether it may issue certificates: a CA's, whose key usage, if any, allows it (RFC 5280 §4.2.1.3).
    pub(crate) fn is_ca(&self) -> bool {
        let usage = self.inner.tbs_certificate().get_extension::<KeyUsage>();
        self.says_ca() && usage.is_ok_and(|usage| usage.is_none_or(|(_, usage)| usage.key_cert_sign()))
    }

    /// Whether it has a key usage at all.
    pub(super) fn has_key_usage(&self) -> bool {
        self.inner.tbs_certificate().get_extension::<KeyUsage>().is_ok_and(|usage| usage.is_some())
    }

    /// How many CA certificates may stand between it and the leaf, if it says so.
    pub(crate) fn path_length(&self) -> Option<usize> {
        self.basic_constraints().and_then(|constraints| constraints.path_len_constraint).map(usize::from)
    }

    /// A critical extension that is not understood here, so that the certificate must be refused (RFC 5280 §4.2).
    pub(crate) fn unknown_critical(&self) -> Option<String> {
        let unknown = |extension: &&Extension| extension.critical && !UNDERSTOOD.contains(&extension.extn_id);
        self.extensions().iter().find(unknown).map(|extension| extension.extn_id.to_string())
    }

    /// The model that it is for.
    pub(super) fn aaguid(&self) -> Result<Uuid, AaguidExtensionError> {
        let mut found = self.extensions().iter().filter(|extension| extension.extn_id == AAGUID);
        let extension = found.next().ok_or(AaguidExtensionError::Missing)?;
        if found.next().is_some() {
            return Err(AaguidExtensionError::Twice);
        }
        if extension.critical {
            return Err(AaguidExtensionError::Critical);
        }
        <&OctetStringRef>::from_der(extension.extn_value.as_bytes())
            .ok()
            .and_then(|bytes| Uuid::from_slice(bytes.as_bytes()).ok())
            .ok_or(AaguidExtensionError::Malformed)
    }

    /// The COSE algorithm that its key signs with, of those that `webauthn-rs` verifies.
    pub(super) fn key_algorithm(&self) -> Option<Algorithm> {
        match signature::KeyKind::of(&self.inner)? {
            signature::KeyKind::P256 => Some(Algorithm::ES256),
            signature::KeyKind::P384 => Some(Algorithm(-35)),
            signature::KeyKind::Rsa => Some(Algorithm(-257)),
            signature::KeyKind::P521 => None,
        }
    }

    /// Whether both are for the same name or the same key.
    pub(super) fn same_holder(&self, other: &Self) -> bool {
        let (one, two) = (self.inner.tbs_certificate(), other.inner.tbs_certificate());
        one.subject() == two.subject()
            || one.subject_public_key_info().subject_public_key
                == two.subject_public_key_info().subject_public_key
    }

    /// Whether `issuer`'s key signed these very bytes under `issuer`'s name.
    pub(crate) fn signed_by(&self, issuer: &Self) -> Signed {
        let signed = self.inner.tbs_certificate();
        let algorithm = self.inner.signature_algorithm();
        // Both places must name the same algorithm (RFC 5280 §4.1.1.2): the outer one is not signed.
        if signed.issuer() != issuer.inner.tbs_certificate().subject() || signed.signature() != algorithm {
            return Signed::No;
        }
        let Some(signature) = self.inner.signature().as_bytes() else { return Signed::No };
        match signature::verify(&issuer.inner, algorithm.oid, &self.signed_part, signature) {
            Some(true) => Signed::Yes,
            Some(false) => Signed::No,
            None => Signed::Unsupported(algorithm.oid),
        }
    }

    /// Whether its key signed `message`, as an attestation statement does.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        verify_signature(&self.inner, signature, message).unwrap_or(false)
    }

    /// Whether its key made this signature with this algorithm; nothing for algorithms that are not known here.
    pub(crate) fn verifies_with(
        &self,
        algorithm: ObjectIdentifier,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        signature::verify(&self.inner, algorithm, message, signature)
    }

    /// Whether its key may sign what is no certificate: its key usage, if any, allows it (RFC 5280 §4.2.1.3).
    pub(crate) fn may_sign(&self) -> bool {
        let usage = self.inner.tbs_certificate().get_extension::<KeyUsage>();
        usage.is_ok_and(|usage| usage.is_none_or(|(_, usage)| usage.digital_signature()))
    }

    /// The host names that it is for (RFC 5280 §4.2.1.6); they are foreign text.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let names = self.inner.tbs_certificate().get_extension::<SubjectAltName>();
        let names = names.ok().flatten().map(|(_, names)| names.0).unwrap_or_default();
        let host = |name| match name {
            GeneralName::DnsName(host) => Some(host.to_string()),
            _ => None,
        };
        names.into_iter().filter_map(host).collect()
    }

    /// Whether encoding it anew gives other bytes, so that `webauthn-rs` would check another certificate.
    pub(super) fn reencodes_differently(&self) -> bool {
        self.inner.to_der().as_deref() != Ok(self.der.as_slice())
    }

    /// Whose it is, for people; it is foreign text.
    pub(crate) fn subject(&self) -> String {
        self.inner.tbs_certificate().subject().to_string()
    }

    /// Its common name, or all of its subject where it has none; foreign text.
    pub(crate) fn name(&self) -> String {
        let name = self.inner.tbs_certificate().subject().common_name().ok().flatten();
        name.map_or_else(|| self.subject(), |name| name.value().into_owned())
    }

    /// The issuer's name, for people; it is foreign text.
    pub(crate) fn issuer(&self) -> String {
        self.inner.tbs_certificate().issuer().to_string()
    }
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// The firmware that a YubiKey's attestation certificate was issued for: major, minor, patch.
#[must_use]
pub fn certificate_firmware(leaf: &[u8]) -> Option<[u8; 3]> {
    let leaf = Certificate::parse(leaf).ok()?;
    let extension = leaf.extensions().iter().find(|extension| extension.extn_id == YUBICO_FIRMWARE)?;
    let bytes = <&OctetStringRef>::from_der(extension.extn_value.as_bytes()).ok()?;
    bytes.as_bytes().try_into().ok()
}

#[cfg(test)]
#[path = "certificate/tests.rs"]
mod tests;
