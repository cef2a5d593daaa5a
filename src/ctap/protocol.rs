//! PIN/UV auth protocols one and two (CTAP §6.5.6, §6.5.7), as arithmetic: random bytes are handed in.

use aes::Aes256;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use coset::{CborSerializable, CoseKey, CoseKeyBuilder, Label, iana};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Which protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum Protocol {
    /// §6.5.6: one key for both uses, fixed initialization vector, short authentication.
    One,
    /// §6.5.7: two derived keys, random initialization vector.
    Two,
}

impl Protocol {
    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }
}

/// What can go wrong between the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// The key's public key is no point on P-256 in the form that CTAP wants.
    #[error("the key's key agreement public key is no valid P-256 key")]
    PublicKey,
    /// The random bytes given are no secret key; one in 2^128 is not.
    #[error("the random bytes make no secret key")]
    Random,
    /// An encrypted value has an impossible length.
    #[error("an encrypted value of {0} bytes cannot be right")]
    Length(usize),
}

/// The secret that this end and the key share for one conversation.
#[expect(missing_debug_implementations, reason = "a secret is never shown")]
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SharedSecret {
    #[zeroize(skip)]
    protocol: Protocol,
    hmac_key: [u8; 32],
    aes_key: [u8; 32],
    #[zeroize(skip)]
    ours: Vec<u8>,
    #[zeroize(skip)]
    theirs: Vec<u8>,
}

impl SharedSecret {
    /// Agrees on a secret (`encapsulate`). `random` is 32 fresh random bytes; `theirs` the COSE_Key of getKeyAgreement.
    ///
    /// # Errors
    /// [`ProtocolError::PublicKey`] or [`ProtocolError::Random`].
    pub fn agree(
        protocol: Protocol,
        theirs: &[u8],
        random: &Zeroizing<[u8; 32]>,
    ) -> Result<Self, ProtocolError> {
        let key = public_key(theirs)?;
        let secret = SecretKey::from_slice(random.as_slice()).map_err(|_| ProtocolError::Random)?;
        let point = diffie_hellman(secret.to_nonzero_scalar(), key.as_affine());
        let (hmac_key, aes_key) = match protocol {
            Protocol::One => {
                let digest: [u8; 32] = Sha256::digest(point.raw_secret_bytes()).into();
                (digest, digest)
            }
            Protocol::Two => {
                let kdf = Hkdf::<Sha256>::new(Some(&[0; 32]), point.raw_secret_bytes());
                let (mut hmac_key, mut aes_key) = ([0; 32], [0; 32]);
                kdf.expand(b"CTAP2 HMAC key", &mut hmac_key).map_err(|_| ProtocolError::Random)?;
                kdf.expand(b"CTAP2 AES key", &mut aes_key).map_err(|_| ProtocolError::Random)?;
                (hmac_key, aes_key)
            }
        };
        let ours = cose_key(&secret.public_key())?;
        Ok(Self { protocol, hmac_key, aes_key, ours, theirs: theirs.to_vec() })
    }

    /// The protocol in use.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// This end's public key as a COSE_Key, the member `keyAgreement`.
    #[must_use]
    pub fn our_key(&self) -> &[u8] {
        &self.ours
    }

    /// The key's public key, as it sent it.
    #[must_use]
    pub fn their_key(&self) -> &[u8] {
        &self.theirs
    }

    /// Encrypts whole blocks of 16 bytes. `iv` is 16 fresh random bytes, used by protocol two only.
    ///
    /// # Errors
    /// [`ProtocolError::Length`] unless the plaintext is whole blocks.
    pub fn encrypt(&self, plain: &[u8], iv: &[u8; 16]) -> Result<Vec<u8>, ProtocolError> {
        let wrong = ProtocolError::Length(plain.len());
        if !plain.len().is_multiple_of(16) {
            return Err(wrong);
        }
        let iv = if self.protocol == Protocol::One { &[0; 16] } else { iv };
        let cipher = cbc::Encryptor::<Aes256>::new(&self.aes_key.into(), iv.into());
        let secret = cipher.encrypt_padded_vec::<NoPadding>(plain);
        Ok(match self.protocol {
            Protocol::One => secret,
            Protocol::Two => [iv.as_slice(), &secret].concat(),
        })
    }

    /// Decrypts what [`SharedSecret::encrypt`] makes at the other end.
    ///
    /// # Errors
    /// [`ProtocolError::Length`] unless it is whole blocks, after the initialization vector where there is one.
    pub fn decrypt(&self, secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, ProtocolError> {
        let wrong = ProtocolError::Length(secret.len());
        let (iv, blocks) = match self.protocol {
            Protocol::One => ([0; 16], secret),
            Protocol::Two => secret.split_first_chunk::<16>().map(|(iv, rest)| (*iv, rest)).ok_or(wrong)?,
        };
        if blocks.is_empty() || !blocks.len().is_multiple_of(16) {
            return Err(wrong);
        }
        let cipher = cbc::Decryptor::<Aes256>::new(&self.aes_key.into(), &iv.into());
        cipher.decrypt_padded_vec::<NoPadding>(blocks).map(Zeroizing::new).map_err(|_| wrong)
    }

    /// Authenticates a message under the shared secret.
    #[must_use]
    pub fn authenticate(&self, message: &[&[u8]]) -> Vec<u8> {
        authenticate(self.protocol, &self.hmac_key, message)
    }
}

/// A PIN/UV auth token: whoever holds it may do what its permissions say.
#[expect(missing_debug_implementations, reason = "a secret is never shown")]
pub struct Token {
    protocol: Protocol,
    secret: Zeroizing<Vec<u8>>,
}

impl Token {
    /// Takes a decrypted token.
    ///
    /// # Errors
    /// [`ProtocolError::Length`] unless it is 32 bytes, or 16 under protocol one (CTAP §6.5.5.7).
    pub fn new(protocol: Protocol, secret: Zeroizing<Vec<u8>>) -> Result<Self, ProtocolError> {
        match (protocol, secret.len()) {
            (_, 32) | (Protocol::One, 16) => Ok(Self { protocol, secret }),
            (_, length) => Err(ProtocolError::Length(length)),
        }
    }

    /// The protocol it belongs to.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// `pinUvAuthParam` over a message.
    #[must_use]
    pub fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        authenticate(self.protocol, &self.secret, &[message])
    }
}

fn authenticate(protocol: Protocol, key: &[u8], message: &[&[u8]]) -> Vec<u8> {
    // HMAC takes a key of any length, so the error arm cannot be reached; an empty proof would be refused.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    for part in message {
        mac.update(part);
    }
    let mut proof = mac.finalize().into_bytes().to_vec();
    if protocol == Protocol::One {
        proof.truncate(16);
    }
    proof
}

/// Reads a COSE_Key of getKeyAgreement: EC2, P-256, both coordinates of 32 bytes, on the curve.
fn public_key(cose: &[u8]) -> Result<PublicKey, ProtocolError> {
    let key = CoseKey::from_slice(cose).map_err(|_| ProtocolError::PublicKey)?;
    let parameter = |wanted: iana::Ec2KeyParameter| {
        let label = Label::Int(iana::EnumI64::to_i64(&wanted));
        key.params.iter().find(|(l, _)| *l == label).map(|(_, value)| value.clone())
    };
    let p256 = parameter(iana::Ec2KeyParameter::Crv).and_then(|v| v.as_integer()).map(i128::from) == Some(1);
    let coordinate = |which| parameter(which).and_then(|v| v.into_bytes().ok()).filter(|v| v.len() == 32);
    let is_ec2 = key.kty == coset::KeyType::Assigned(iana::KeyType::EC2);
    match (coordinate(iana::Ec2KeyParameter::X), coordinate(iana::Ec2KeyParameter::Y)) {
        (Some(x), Some(y)) if p256 && is_ec2 => {
            PublicKey::from_sec1_bytes(&[&[4], x.as_slice(), y.as_slice()].concat())
                .map_err(|_| ProtocolError::PublicKey)
        }
        _ => Err(ProtocolError::PublicKey),
    }
}

/// Writes our public key as CTAP §6.5.6 wants it: kty 2, alg -25, crv 1.
fn cose_key(public: &PublicKey) -> Result<Vec<u8>, ProtocolError> {
    let point = public.to_sec1_point(false);
    let (Some(x), Some(y)) = (point.x(), point.y()) else { return Err(ProtocolError::PublicKey) };
    CoseKeyBuilder::new_ec2_pub_key(iana::EllipticCurve::P_256, x.to_vec(), y.to_vec())
        .algorithm(iana::Algorithm::ECDH_ES_HKDF_256)
        .build()
        .to_vec()
        .map_err(|_| ProtocolError::PublicKey)
}

#[cfg(test)]
#[path = "protocol/tests.rs"]
mod tests;
