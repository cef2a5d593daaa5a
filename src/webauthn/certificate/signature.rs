//! Signatures on certificates (RFC 5758, RFC 8017): those that vendors of keys use.
//!
//! `webauthn-rs` fixes the hash by the curve and knows no P-521, in which Feitian's newest root signs.

use der::{asn1::ObjectIdentifier, referenced::OwnedToRef};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256, Sha384, Sha512};
use webauthn_rs_core::crypto::verify_signature;
use x509_cert::Certificate;

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// The kind of a certificate's public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    P256,
    P384,
    P521,
    Rsa,
}

impl KeyKind {
    pub(super) fn of(certificate: &Certificate) -> Option<Self> {
        let key = certificate.tbs_certificate().subject_public_key_info().owned_to_ref();
        match key.algorithm.oids().ok()? {
            (EC, Some(P256)) => Some(Self::P256),
            (EC, Some(P384)) => Some(Self::P384),
            (EC, Some(P521)) => Some(Self::P521),
            (RSA, None) => Some(Self::Rsa),
            _ => None,
        }
    }
}

/// Whether `issuer`'s key made this signature over `message`; nothing for algorithms that are not known here.
pub(super) fn verify(
    issuer: &Certificate,
    algorithm: ObjectIdentifier,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let kind = KeyKind::of(issuer)?;
    if (kind, algorithm) == (KeyKind::Rsa, RSA_SHA256) {
        return Some(verify_signature(issuer, signature, message).unwrap_or(false));
    }
    let hash = match algorithm {
        ECDSA_SHA256 => Sha256::digest(message).to_vec(),
        ECDSA_SHA384 => Sha384::digest(message).to_vec(),
        ECDSA_SHA512 => Sha512::digest(message).to_vec(),
        _ => return None,
    };
    let key = issuer.tbs_certificate().subject_public_key_info().subject_public_key.as_bytes()?;
    match kind {
        KeyKind::P256 => Some(ecdsa::<_, p256::ecdsa::DerSignature>(
            p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok(),
            &hash,
            signature,
        )),
        KeyKind::P384 => Some(ecdsa::<_, p384::ecdsa::DerSignature>(
            p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok(),
            &hash,
            signature,
        )),
        KeyKind::P521 => Some(ecdsa::<_, p521::ecdsa::DerSignature>(
            p521::ecdsa::VerifyingKey::from_sec1_bytes(key).ok(),
            &hash,
            signature,
        )),
        KeyKind::Rsa => None,
    }
}

fn ecdsa<'a, K, S>(key: Option<K>, hash: &[u8], signature: &'a [u8]) -> bool
where
    S: TryFrom<&'a [u8]>,
    K: PrehashVerifier<S>,
{
    let (Some(key), Ok(signature)) = (key, S::try_from(signature)) else { return false };
    key.verify_prehash(hash, &signature).is_ok()
}
