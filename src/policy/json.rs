//! Bytes to text, text to JSON, JSON to a type: each refusal says where.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::error::{PolicyError, quoted};

/// The most bytes that a policy file may have: 4 MiB. Entra's own limit for the FIDO2 policy is 20 KB.
pub const LIMIT: usize = 4 * 1024 * 1024;

/// The text of a file: UTF-8, or UTF-16 with a byte order mark as Windows PowerShell writes it.
pub(super) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, PolicyError> {
    if bytes.len() > LIMIT {
        return Err(PolicyError::TooLarge { file: file.to_owned(), limit: LIMIT });
    }
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes).map(Cow::Owned),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes).map(Cow::Owned),
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    };
    match text {
        None => Err(PolicyError::NotText { file: file.to_owned() }),
        Some(text) if text.contains('\0') => Err(PolicyError::NotText { file: file.to_owned() }),
        Some(text) if text.trim().is_empty() => Err(PolicyError::Empty { file: file.to_owned() }),
        Some(text) => Ok(text),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<_, _>>().ok()
}

/// One whole JSON document. Nesting ends at `serde_json`'s 128; a member given twice is refused, since
/// readers differ in which of the two they believe.
pub(super) fn document(file: &str, text: &str) -> Result<Value, PolicyError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let Strict(value) = serde_path_to_error::deserialize(&mut reader).map_err(|e| invalid(file, "$", &e))?;
    reader.end().map_err(|e| PolicyError::Invalid {
        file: file.to_owned(),
        at: "$".to_owned(),
        reason: e.to_string(),
    })?;
    Ok(value)
}

/// `value`, which stands at `at`, as a `T`.
pub(super) fn typed<T: DeserializeOwned>(file: &str, at: &str, value: &Value) -> Result<T, PolicyError> {
    serde_path_to_error::deserialize(value).map_err(|e| invalid(file, at, &e))
}

fn invalid(file: &str, at: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> PolicyError {
    let at = match error.path().to_string().as_str() {
        "." => at.to_owned(),
        path if path.starts_with('[') => format!("{at}{path}"),
        path => format!("{at}.{path}"),
    };
    PolicyError::Invalid { file: file.to_owned(), at, reason: error.inner().to_string() }
}

/// A JSON value in which no object has a member twice.
struct Strict(Value);

impl<'de> serde::Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if out.contains_key(&name) {
                return Err(A::Error::custom(format!("two members are called {}", quoted(&name))));
            }
            let Strict(value) = members.next_value()?;
            out.insert(name, value);
        }
        Ok(Value::Object(out))
    }
}
