//! Authenticator data (WebAuthn Level 3 §6.1): what a key says over its signature.

use uuid::Uuid;

use super::cbor::{self, CborError, Decoded};

/// The flags byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// User present: somebody touched the key.
    pub const UP: u8 = 0x01;
    /// User verified: a PIN or a finger.
    pub const UV: u8 = 0x04;
    /// Backup eligible: the credential may leave the key.
    pub const BE: u8 = 0x08;
    /// Backed up.
    pub const BS: u8 = 0x10;
    /// Attested credential data follows.
    pub const AT: u8 = 0x40;
    /// Extensions follow.
    pub const ED: u8 = 0x80;

    /// Whether all of `bits` are set.
    #[must_use]
    pub fn has(self, bits: u8) -> bool {
        self.0 & bits == bits
    }
}

impl std::fmt::Display for Flags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "0x{:02x}", self.0)
    }
}

/// A credential as the key describes it when it makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestedCredential {
    /// The model that claims to have made it.
    pub aaguid: Uuid,
    /// 1 to 1023 bytes.
    pub credential_id: Vec<u8>,
    /// The COSE_Key, byte for byte as it stands in the authenticator data.
    pub public_key: Vec<u8>,
}

/// Authenticator data, taken apart to its last byte.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthenticatorData {
    /// The bytes that were signed.
    pub raw: Vec<u8>,
    /// SHA-256 of the relying party id.
    pub rp_id_hash: [u8; 32],
    /// What happened at the key.
    pub flags: Flags,
    /// The signature counter; 0 for keys that keep none.
    pub counter: u32,
    /// Present exactly when [`Flags::AT`] is set.
    pub attested: Option<AttestedCredential>,
    /// Present exactly when [`Flags::ED`] is set.
    pub extensions: Option<Decoded>,
}

/// What is wrong with authenticator data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthDataError {
    /// It ends before it is whole.
    #[error("the authenticator data is cut short after {0} bytes")]
    Short(usize),
    /// The credential id has a length that no credential id has.
    #[error("the credential id is {0} bytes long, not 1 to 1023")]
    CredentialId(usize),
    /// The public key or the extensions are no CBOR.
    #[error("the authenticator data holds bad CBOR: {0}")]
    Cbor(#[from] CborError),
    /// Bytes follow the end.
    #[error("{0} bytes follow the end of the authenticator data")]
    Trailing(usize),
}

impl AuthenticatorData {
    /// Takes authenticator data apart.
    ///
    /// # Errors
    /// [`AuthDataError`] unless every byte is accounted for.
    pub fn parse(raw: &[u8]) -> Result<Self, AuthDataError> {
        let short = || AuthDataError::Short(raw.len());
        let (rp_id_hash, rest) = raw.split_first_chunk::<32>().ok_or_else(short)?;
        let ([flags, counter @ ..], mut rest) = rest.split_first_chunk::<5>().ok_or_else(short)?;
        let flags = Flags(*flags);
        let mut attested = None;
        if flags.has(Flags::AT) {
            let (aaguid, after) = rest.split_first_chunk::<16>().ok_or_else(short)?;
            let (length, after) = after.split_first_chunk::<2>().ok_or_else(short)?;
            let length = usize::from(u16::from_be_bytes(*length));
            if !(1..=1023).contains(&length) {
                return Err(AuthDataError::CredentialId(length));
            }
            let (credential_id, after) = after.split_at_checked(length).ok_or_else(short)?;
            let (_, after_key) = cbor::decode_prefix(after)?;
            let key_len = after.len().saturating_sub(after_key.len());
            attested = Some(AttestedCredential {
                aaguid: Uuid::from_bytes(*aaguid),
                credential_id: credential_id.to_vec(),
                public_key: after.get(..key_len).unwrap_or_default().to_vec(),
            });
            rest = after_key;
        }
        let mut extensions = None;
        if flags.has(Flags::ED) {
            let (decoded, after) = cbor::decode_prefix(rest)?;
            if !decoded.value.is_map() {
                return Err(CborError::WrongType { member: "extensions", wanted: "a map" }.into());
            }
            extensions = Some(decoded);
            rest = after;
        }
        if !rest.is_empty() {
            return Err(AuthDataError::Trailing(rest.len()));
        }
        Ok(Self {
            raw: raw.to_vec(),
            rp_id_hash: *rp_id_hash,
            flags,
            counter: u32::from_be_bytes(*counter),
            attested,
            extensions,
        })
    }
}

#[cfg(test)]
#[path = "authdata/tests.rs"]
mod tests;
