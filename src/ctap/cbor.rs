//! Strict CBOR (CTAP §8, CTAP2 canonical form) on top of `ciborium`.
//!
//! Decoding consumes every byte, within a size and a depth, and refuses double map keys. What is not canonical
//! but unambiguous is decoded and recorded as a [`Deviation`], for real keys deviate.

use ciborium::Value;

/// The largest item, in bytes: no CTAPHID message holds more.
pub const MAX_LEN: usize = super::frame::MAX_PAYLOAD;
/// How deep items may nest. CTAP allows four levels; certificates of other makers' extensions need no more than this.
pub const MAX_DEPTH: usize = 8;

/// Why bytes are no acceptable CBOR, or not what was due.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// More bytes than any answer can have.
    #[error("{0} bytes of CBOR are more than the {MAX_LEN} allowed")]
    TooLong(usize),
    /// The item ends early, or its bytes are no CBOR.
    #[error("the CBOR is cut short or malformed")]
    Malformed,
    /// Items nest deeper than [`MAX_DEPTH`].
    #[error("the CBOR nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Bytes follow the item.
    #[error("{0} bytes follow the end of the CBOR")]
    Trailing(usize),
    /// A map has one key twice, so it has no one meaning.
    #[error("a CBOR map has the same key twice")]
    DoubleKey,
    /// A member has another type or an impossible value.
    #[error("{member} is not {wanted}")]
    WrongType {
        /// The member's name.
        member: &'static str,
        /// What it should be, with its article.
        wanted: &'static str,
    },
    /// A member that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
}

/// A departure from the CTAP2 canonical form that leaves the meaning clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deviation {
    /// Map keys are not in canonical order.
    KeyOrder,
    /// A number or a length is not in its shortest form, or a length is indefinite.
    Encoding,
    /// A tag, which CTAP2 forbids.
    Tag,
}

/// A decoded item and how it departs from the canonical form.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The item.
    pub value: Value,
    /// Sorted, each at most once.
    pub deviations: Vec<Deviation>,
}

/// Decodes exactly one item.
///
/// # Errors
/// All of [`CborError`] but those of members.
pub fn decode(bytes: &[u8]) -> Result<Decoded, CborError> {
    let (decoded, rest) = decode_prefix(bytes)?;
    if rest.is_empty() { Ok(decoded) } else { Err(CborError::Trailing(rest.len())) }
}

/// Decodes the first item and returns it with the bytes that follow it.
///
/// # Errors
/// As [`decode`], but for [`CborError::Trailing`].
pub fn decode_prefix(bytes: &[u8]) -> Result<(Decoded, &[u8]), CborError> {
    if bytes.len() > MAX_LEN {
        return Err(CborError::TooLong(bytes.len()));
    }
    let mut rest = bytes;
    let value: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(
        |error| match error {
            ciborium::de::Error::RecursionLimitExceeded => CborError::TooDeep,
            _ => CborError::Malformed,
        },
    )?;
    let used = bytes.len().saturating_sub(rest.len());
    let mut deviations = Vec::new();
    inspect(&value, &mut deviations)?;
    if bytes.get(..used) != Some(encode(&value)?.as_slice()) {
        deviations.push(Deviation::Encoding);
    }
    deviations.sort_unstable();
    deviations.dedup();
    Ok((Decoded { value, deviations }, rest))
}

/// Encodes an item as it stands; [`map`] has put map keys in order.
///
/// # Errors
/// [`CborError::Malformed`] for what `ciborium` cannot write, which no value built here is.
pub fn encode(value: &Value) -> Result<Vec<u8>, CborError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|_| CborError::Malformed)?;
    Ok(bytes)
}

/// A map with its keys in canonical order.
///
/// # Errors
/// As [`encode`].
pub fn map<K: Into<Value>>(members: impl IntoIterator<Item = (K, Value)>) -> Result<Value, CborError> {
    let mut sorted = members
        .into_iter()
        .map(|(key, value)| {
            let key = key.into();
            Ok((order(&key)?, key, value))
        })
        .collect::<Result<Vec<_>, CborError>>()?;
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Value::Map(sorted.into_iter().map(|(_, key, value)| (key, value)).collect()))
}

/// The canonical sort key: major type, then length, then bytes (CTAP §8).
fn order(key: &Value) -> Result<(u8, usize, Vec<u8>), CborError> {
    let bytes = encode(key)?;
    Ok((bytes.first().map_or(0, |head| head >> 5), bytes.len(), bytes))
}

fn inspect(value: &Value, deviations: &mut Vec<Deviation>) -> Result<(), CborError> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| inspect(item, deviations)),
        // A big number in a form that `ciborium` does not read as one: it could hide that two map keys are the same.
        Value::Tag(2 | 3, _) => Err(CborError::Malformed),
        Value::Tag(_, inner) => {
            deviations.push(Deviation::Tag);
            inspect(inner, deviations)
        }
        Value::Map(members) => {
            let keys = members.iter().map(|(key, _)| order(key)).collect::<Result<Vec<_>, _>>()?;
            if keys.iter().zip(keys.iter().skip(1)).any(|(a, b)| a > b) {
                deviations.push(Deviation::KeyOrder);
            }
            let mut sorted: Vec<_> = keys.iter().collect();
            sorted.sort_unstable();
            if sorted.iter().zip(sorted.iter().skip(1)).any(|(a, b)| a == b) {
                return Err(CborError::DoubleKey);
            }
            members.iter().try_for_each(|(key, value)| {
                inspect(key, deviations)?;
                inspect(value, deviations)
            })
        }
        _ => Ok(()),
    }
}

/// The members of an answer's map, taken out one by one; what is left over is unknown.
#[derive(Debug, Clone)]
pub struct Members(Vec<(Value, Value)>);

impl Members {
    /// # Errors
    /// [`CborError::WrongType`], naming `what`, unless the value is a map.
    pub fn of(value: Value, what: &'static str) -> Result<Self, CborError> {
        match value {
            Value::Map(members) => Ok(Self(members)),
            _ => Err(CborError::WrongType { member: what, wanted: "a map" }),
        }
    }

    /// Takes a member out by its key, an integer or a text.
    pub fn take(&mut self, key: impl Into<Value>) -> Option<Value> {
        let key = key.into();
        let place = self.0.iter().position(|(k, _)| *k == key)?;
        Some(self.0.swap_remove(place).1)
    }

    /// Takes a member that must be there.
    ///
    /// # Errors
    /// [`CborError::Missing`], with the member's name.
    pub fn need(&mut self, key: impl Into<Value>, member: &'static str) -> Result<Value, CborError> {
        self.take(key).ok_or(CborError::Missing(member))
    }

    /// What nobody took.
    #[must_use]
    pub fn rest(self) -> Vec<(Value, Value)> {
        self.0
    }
}

/// A byte string.
///
/// # Errors
/// [`CborError::WrongType`].
pub fn bytes(value: Value, member: &'static str) -> Result<Vec<u8>, CborError> {
    value.into_bytes().map_err(|_| CborError::WrongType { member, wanted: "a byte string" })
}

/// A text string.
///
/// # Errors
/// [`CborError::WrongType`].
pub fn text(value: Value, member: &'static str) -> Result<String, CborError> {
    value.into_text().map_err(|_| CborError::WrongType { member, wanted: "a text" })
}

/// A truth value.
///
/// # Errors
/// [`CborError::WrongType`].
pub fn boolean(value: &Value, member: &'static str) -> Result<bool, CborError> {
    value.as_bool().ok_or(CborError::WrongType { member, wanted: "a truth value" })
}

/// An integer that fits `T`.
///
/// # Errors
/// [`CborError::WrongType`].
pub fn integer<T: TryFrom<i128>>(value: &Value, member: &'static str) -> Result<T, CborError> {
    let wrong = CborError::WrongType { member, wanted: "an integer in its range" };
    let number = value.as_integer().ok_or(wrong.clone())?;
    T::try_from(i128::from(number)).map_err(|_| wrong)
}

/// An array whose items `each` reads.
///
/// # Errors
/// [`CborError::WrongType`], and what `each` says.
pub fn array<T>(
    value: Value,
    member: &'static str,
    each: impl Fn(Value, &'static str) -> Result<T, CborError>,
) -> Result<Vec<T>, CborError> {
    let items = value.into_array().map_err(|_| CborError::WrongType { member, wanted: "an array" })?;
    items.into_iter().map(|item| each(item, member)).collect()
}

#[cfg(test)]
#[path = "cbor/tests.rs"]
mod tests;
