//! Events: a body in its one serialisation, sealed onto the one before.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::bytes::Hash;
use super::payload::Payload;
use super::receipt::Receipt;

/// The version of bodies and of the file.
pub const FORMAT: u32 = 1;
/// What a seal begins with, so that it can be the hash of nothing else.
pub const SEAL_TAG: &[u8] = b"glasskey/event/1";
/// The largest body.
pub const MAX_BODY: usize = 1 << 20;
/// The largest integer that JSON carries unharmed everywhere (RFC 7493 §2.2).
const MAX_SAFE: u64 = (1 << 53) - 1;

/// What is sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The format version.
    pub v: u32,
    /// When.
    pub at: Timestamp,
    /// 32 random bytes: nothing can be signed ahead.
    pub nonce: Hash,
    /// The program that wrote it: `glasskey/1.2.3`.
    pub program: String,
    /// What happened.
    pub event: Payload,
}

/// Why a text is no body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Of a later version.
    #[error("it is of format {0}, and this program knows {FORMAT}")]
    Newer(u64),
    /// Not what this program would have written.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// The same meaning in other bytes than RFC 8785 lays down.
    #[error("it is not in canonical form")]
    NotCanonical,
    /// Longer than [`MAX_BODY`].
    #[error("it is longer than {MAX_BODY} bytes")]
    TooLong,
}

fn unreadable(error: impl std::fmt::Display) -> BodyError {
    BodyError::Unreadable(error.to_string())
}

impl Body {
    /// A body by this program.
    #[must_use]
    pub fn new(at: Timestamp, nonce: [u8; 32], event: Payload) -> Self {
        let program = format!("glasskey/{}", env!("CARGO_PKG_VERSION"));
        Self { v: FORMAT, at, nonce: Hash::new(nonce), program, event }
    }

    /// The one serialisation (RFC 8785). Integers that JSON would not carry unharmed become texts.
    ///
    /// # Errors
    /// [`BodyError`] where what was written could not be read back.
    pub fn canonical(&self) -> Result<String, BodyError> {
        let mut value = serde_json::to_value(self).map_err(unreadable)?;
        make_safe(&mut value);
        let text = canonical(&value)?;
        Self::parse(&text)?;
        Ok(text)
    }

    /// Reads a body. Whether it is canonical is for [`is_canonical`] to say.
    ///
    /// # Errors
    /// [`BodyError`].
    pub fn parse(text: &str) -> Result<Self, BodyError> {
        #[derive(Deserialize)]
        struct Version {
            v: u64,
        }
        if text.len() > MAX_BODY {
            return Err(BodyError::TooLong);
        }
        let error = match serde_json::from_str::<Self>(text) {
            Ok(body) if body.v == FORMAT => return Ok(body),
            Ok(body) => format!("it says that its format is {}", body.v),
            Err(error) => error.to_string(),
        };
        match serde_json::from_str::<Version>(text) {
            Ok(Version { v }) if v > u64::from(FORMAT) => Err(BodyError::Newer(v)),
            _ => Err(BodyError::Unreadable(error)),
        }
    }
}

/// RFC 8785, by the crate.
pub(super) fn canonical(value: &impl Serialize) -> Result<String, BodyError> {
    serde_json_canonicalizer::to_string(value).map_err(unreadable)
}

/// Whether a text is the one serialisation of what it means.
///
/// # Errors
/// [`BodyError::NotCanonical`], or that it is no JSON.
pub fn is_canonical(text: &str) -> Result<(), BodyError> {
    let value: Value = serde_json::from_str(text).map_err(unreadable)?;
    if canonical(&value)? == text { Ok(()) } else { Err(BodyError::NotCanonical) }
}

fn make_safe(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let unsafe_number = number.as_u64().is_some_and(|n| n > MAX_SAFE)
                || number.as_i64().is_some_and(|n| n.unsigned_abs() > MAX_SAFE);
            if unsafe_number {
                *value = Value::String(number.to_string());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_safe),
        Value::Object(members) => members.values_mut().for_each(make_safe),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Reads a number that a key claimed, and may claim at will: beyond [`MAX_SAFE`] it stands as text.
pub(super) fn claimed_number<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Claimed {
        Number(u64),
        Text(String),
    }
    match Option::deserialize(input)? {
        None => Ok(None),
        Some(Claimed::Number(number)) => Ok(Some(number)),
        Some(Claimed::Text(text)) => match text.parse() {
            Ok(number) if number > MAX_SAFE => Ok(Some(number)),
            _ => Err(D::Error::custom("a text that is no number beyond 2^53-1")),
        },
    }
}

/// `SHA-256("glasskey/event/1" || prev || body)`.
#[must_use]
pub fn seal(prev: &Hash, body: &str) -> Hash {
    let digest = Sha256::new().chain_update(SEAL_TAG).chain_update(prev.as_bytes()).chain_update(body);
    Hash::new(digest.finalize().into())
}

/// `SHA-256(seal || receipt)`; without a receipt nothing follows the seal.
#[must_use]
pub fn hash(seal: &Hash, receipt: Option<&str>) -> Hash {
    let digest = Sha256::new().chain_update(seal.as_bytes()).chain_update(receipt.unwrap_or_default());
    Hash::new(digest.finalize().into())
}

/// One entry of the ledger, its place in the chain recomputed. Its receipt is verified by [`super::verify`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What kind.
    pub kind: String,
    /// The body, in its one serialisation.
    pub body: String,
    /// The hash of the event before.
    pub prev: Hash,
    /// What a receipt signs.
    pub seal: Hash,
    /// The key's signature over the seal.
    pub receipt: Option<Receipt>,
    /// What the next event is chained to.
    pub hash: Hash,
}
