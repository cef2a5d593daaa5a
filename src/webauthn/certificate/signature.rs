//! Signatures on certificates (RFC 5758, RFC 8017): those that vendors of keys and FIDO's metadata use.
//!
//! `webauthn-rs` fixes the hash by the curve, knows no P-521, in which Feitian's newest root signs, and no RSA but with
//! SHA-256: GlobalSign's newest root, under which FIDO's metadata is signed, signs with SHA-384.

use der::{asn1::ObjectIdentifier, oid::AssociatedOid, referenced::OwnedToRef};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::RsaPublicKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::traits::PublicKeyParts;
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// ECDSA with SHA-256, signatures in DER.
pub(crate) const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
/// RSASSA-PKCS1-v1_5 with SHA-256.
pub(crate) const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");

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
    let key = issuer.tbs_certificate().subject_public_key_info();
    let point = key.subject_public_key.as_bytes()?;
    let kind = KeyKind::of(issuer)?;
    let hash = match algorithm {
        ECDSA_SHA256 if kind != KeyKind::Rsa => Sha256::digest(message).to_vec(),
        ECDSA_SHA384 if kind != KeyKind::Rsa => Sha384::digest(message).to_vec(),
        ECDSA_SHA512 if kind != KeyKind::Rsa => Sha512::digest(message).to_vec(),
        RSA_SHA256 if kind == KeyKind::Rsa => return Some(rsa::<Sha256>(key, message, signature)),
        RSA_SHA384 if kind == KeyKind::Rsa => return Some(rsa::<Sha384>(key, message, signature)),
        RSA_SHA512 if kind == KeyKind::Rsa => return Some(rsa::<Sha512>(key, message, signature)),
        _ => return None,
    };
    match kind {
        KeyKind::P256 => Some(ecdsa::<_, p256::ecdsa::DerSignature>(
            p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok(),
            &hash,
            signature,
        )),
        KeyKind::P384 => Some(ecdsa::<_, p384::ecdsa::DerSignature>(
            p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok(),
            &hash,
            signature,
        )),
        KeyKind::P521 => Some(ecdsa::<_, p521::ecdsa::DerSignature>(
            p521::ecdsa::VerifyingKey::from_sec1_bytes(point).ok(),
            &hash,
            signature,
        )),
        KeyKind::Rsa => None,
    }
}

/// The least size of an RSA key, in bytes (RFC 7518 §3.3): smaller ones can be broken.
const RSA_LEAST: usize = 256;

fn rsa<D: Digest + AssociatedOid>(key: &SubjectPublicKeyInfoOwned, message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) =
        (RsaPublicKey::try_from(key.owned_to_ref()), Signature::try_from(signature))
    else {
        return false;
    };
    key.size() >= RSA_LEAST
        && VerifyingKey::<D>::new(key).verify_prehash(&D::digest(message), &signature).is_ok()
}

fn ecdsa<'a, K, S>(key: Option<K>, hash: &[u8], signature: &'a [u8]) -> bool
where
    S: TryFrom<&'a [u8]>,
    K: PrehashVerifier<S>,
{
    let (Some(key), Ok(signature)) = (key, S::try_from(signature)) else { return false };
    key.verify_prehash(hash, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use der::Decode;

    /// Public keys of 2048 and of 1024 bits, and their signatures over `a message`, made with OpenSSL.
    const GREAT: [&str; 2] = [
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAs7GoYsVYuuojL51pa+vELXZjc7DYVMt7JyuTLkK4edQmRqThSTpu\
         5ySDyOb6DJTGk90BGUBJVou2CGWXRSbdnLuLY3AZcYkHza2GhLkQ0hgPXx8d1j97IubA3X26+eEco/j17g7bPZXZoJ/HZWzV\
         xOhAmtBNndnrULUXkfn0nB7lx8nnkwomf4ulMV9RKvL5vUNILd9HdXis8JKhytRyNVrs4HBGP0Xnu78P5ys/uffP2LEOKCrF\
         wqwJ04CBwuFORhYoDgl5KaNyv+BXEioVD3Bc4HUJu8G8kcLa4mtFBJS8Ir7SHF/523jt4UygblXQmmgYD+CWJuEa8bcyn0Ov\
         7wIDAQAB",
        "YZsE8ClhImT7oP69Od4TZvXrBG6CxPvTn3DBWIvNK6fPncy6hdiKHR15oy/O9WHO0QHEzACYw20LFmw4ZkukF7++gMhvNJF3\
         fTIWaJp9py95Oj0jo56Jju6CvJn5BUSajt31y9NynSSvZX5xVvRGVVw5rv8qM7DvOOfmWNeUoGiPHT2U66fzjrYWCsA4/tn3\
         0248U/ZldaW/GpytKvxCFFxs3vUwoZNNxCSGEYi5DDutRkY/6J7BLZ+pY9LmRiZzPKkWYLSvCFldSYVAzaXYvXIJgK92wTum\
         hPnMIt0YEuClnIJ0QckHMgiFgm6fES17NtwbIo9U7I+BH3xpmT9DCg==",
    ];
    const SMALL: [&str; 2] = [
        "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCpPEs9RCpDOGbhSG8W/u5SBG5y1TCorsEOZoOuDGkSF0PAm4HlHToEWgeV\
         mjaWvwlQQMsZ8yUoExQS4f3FdED6Y5Z49kp5lMD0JGWPlqQf5h/5QCCnrhb7EfW84ifu6SoyQ10UpQ9SrbkqDK0Nronsny9y\
         KeEKw5mOKCEZs7ip2wIDAQAB",
        "PGeSu5UClnVJYtuVNIsrP511WpU9whn9BTAuqw+EUGjIe+EEGTlcq1BIZgpaOvCLI8nxsq5hDvKmQy6YJPhPcZgEK+UsDtQh\
         fBUO77AzLhEBSSHhayoAObad1878LUW6Cfcmpn9AECIAvvJxv/ivPLt6Kd9qpNzMDJj58OVHKw8=",
    ];

    #[test]
    fn an_rsa_key_that_can_be_broken_signs_nothing() {
        for ([key, signature], holds) in [(GREAT, true), (SMALL, false)] {
            let key = STANDARD.decode(key).unwrap();
            let key = SubjectPublicKeyInfoOwned::from_der(&key).unwrap();
            let signature = STANDARD.decode(signature).unwrap();
            assert_eq!(rsa::<Sha256>(&key, b"a message", &signature), holds);
            assert!(!rsa::<Sha256>(&key, b"another", &signature));
            assert!(!rsa::<Sha384>(&key, b"a message", &signature));
        }
    }
}
