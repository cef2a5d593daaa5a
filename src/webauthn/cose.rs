//! Credential public keys (§6.5.1.1, RFC 9052 §7): one algorithm, ES256, and the names of the others.

use coset::{CborSerializable, CoseKey, Label, iana};
use p256::ecdsa::{DerSignature, VerifyingKey, signature::Verifier};

use crate::ctap::cbor;

/// A COSE algorithm number (IANA registry), named for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algorithm(pub i64);

impl Algorithm {
    /// ECDSA with SHA-256, on P-256 in WebAuthn: the only one accepted.
    pub const ES256: Self = Self(-7);
}

impl std::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self.0 {
            -7 => "ES256",
            -8 => "EdDSA",
            -9 => "ESP256",
            -19 => "Ed25519",
            -35 => "ES384",
            -36 => "ES512",
            -37 => "PS256",
            -38 => "PS384",
            -39 => "PS512",
            -47 => "ES256K",
            -48 => "ML-DSA-44",
            -49 => "ML-DSA-65",
            -50 => "ML-DSA-87",
            -257 => "RS256",
            -258 => "RS384",
            -259 => "RS512",
            -65535 => "RS1",
            number => return write!(f, "COSE algorithm {number}"),
        };
        write!(f, "{name} ({})", self.0)
    }
}

/// Why bytes are no public key that is accepted here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Another algorithm than ES256.
    #[error("the credential's algorithm is {0}, and only ES256 is accepted")]
    Algorithm(Algorithm),
    /// No COSE_Key, or not a point on P-256.
    #[error("the credential's public key is malformed: {0}")]
    Malformed(&'static str),
}

/// A public key for ES256: a point on P-256, and the bytes it came in.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicKey {
    cose: Vec<u8>,
    key: VerifyingKey,
}

impl PublicKey {
    /// Reads one COSE_Key and nothing after it.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(cose: &[u8]) -> Result<Self, KeyError> {
        let decoded = cbor::decode(cose).map_err(|_| KeyError::Malformed("it is no CBOR"))?;
        let mut members = cbor::Members::of(decoded.value, "public key")
            .map_err(|_| KeyError::Malformed("it is no COSE_Key"))?;
        // Read before coset does: it knows neither the key type nor the number of the newest algorithms.
        let algorithm = members.take(3).ok_or(KeyError::Malformed("it names no algorithm"))?;
        let algorithm = cbor::integer::<i64>(&algorithm, "alg")
            .map_err(|_| KeyError::Malformed("its algorithm is no number"))?;
        if Algorithm(algorithm) != Algorithm::ES256 {
            return Err(KeyError::Algorithm(Algorithm(algorithm)));
        }
        let key = CoseKey::from_slice(cose).map_err(|_| KeyError::Malformed("it is no COSE_Key"))?;
        if key.kty != coset::RegisteredLabel::Assigned(iana::KeyType::EC2) {
            return Err(KeyError::Malformed("its type is not EC2"));
        }
        // Curve P-256, and both coordinates in full (§5.8.5: no point compression).
        let parameter =
            |label: i64| key.params.iter().find_map(|(l, value)| (*l == Label::Int(label)).then_some(value));
        if parameter(-1).and_then(ciborium::Value::as_integer) != Some(1.into()) {
            return Err(KeyError::Malformed("its curve is not P-256"));
        }
        let coordinate = |label| {
            let bytes = parameter(label).and_then(ciborium::Value::as_bytes)?;
            <[u8; 32]>::try_from(bytes.as_slice()).ok()
        };
        let (Some(x), Some(y)) = (coordinate(-2), coordinate(-3)) else {
            return Err(KeyError::Malformed("it lacks a coordinate of 32 bytes"));
        };
        let point = [&[0x04], &x[..], &y[..]].concat();
        let key = VerifyingKey::from_sec1_bytes(&point)
            .map_err(|_| KeyError::Malformed("its point is not on the curve"))?;
        Ok(Self { cose: cose.to_vec(), key })
    }

    /// The COSE_Key, byte for byte as it was given.
    #[must_use]
    pub fn cose(&self) -> &[u8] {
        &self.cose
    }

    /// The coordinates.
    pub(super) fn coordinates(&self) -> (Vec<u8>, Vec<u8>) {
        let point = self.key.to_sec1_point(false);
        let of = |part: Option<&p256::FieldBytes>| part.map(|bytes| bytes.to_vec()).unwrap_or_default();
        (of(point.x()), of(point.y()))
    }

    /// Whether `signature`, in DER (§6.5.5), is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        DerSignature::try_from(signature).is_ok_and(|signature| self.key.verify(message, &signature).is_ok())
    }
}
