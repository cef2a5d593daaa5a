//! JSON as Microsoft Graph and Azure Resource Manager write it: text, one strict document, its entries, typed parts.
//! Each refusal says where. Pure, but for [`load`].

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

mod load;
mod object;
pub mod request;
mod strict;
pub mod words;

pub use load::load;
pub use object::Object;
pub use request::Request;
use strict::Strict;

/// Why bytes are no JSON of Graph's. `at` is a JSON path: `$.value[1].name`. Foreign text is escaped by whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// More bytes than are read.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The most bytes that are read.
        limit: usize,
    },
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("not text: neither UTF-8 nor UTF-16 with a byte order mark")]
    NotText,
    /// Nothing, or nothing but blanks.
    #[error("empty")]
    Empty,
    /// A part is not what it must be.
    #[error("{}: {}", words::clean(at), words::clean(reason))]
    Invalid {
        /// Where.
        at: String,
        /// What is wrong there.
        reason: String,
    },
}

/// The text of a file: UTF-8, or UTF-16 with a byte order mark as Windows PowerShell writes it.
///
/// # Errors
/// [`GraphError::TooLarge`], [`GraphError::NotText`] or [`GraphError::Empty`].
pub fn text(bytes: &[u8], limit: usize) -> Result<Cow<'_, str>, GraphError> {
    if bytes.len() > limit {
        return Err(GraphError::TooLarge { limit });
    }
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes).map(Cow::Owned),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes).map(Cow::Owned),
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    };
    match text {
        None => Err(GraphError::NotText),
        Some(text) if text.contains('\0') => Err(GraphError::NotText),
        Some(text) if text.trim().is_empty() => Err(GraphError::Empty),
        Some(text) => Ok(text),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<_, _>>().ok()
}

/// One whole JSON document. Nesting ends at `serde_json`'s 128; a member given twice is refused.
///
/// # Errors
/// [`GraphError::Invalid`].
pub fn document(text: &str) -> Result<Value, GraphError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let Strict(value) = serde_path_to_error::deserialize(&mut reader).map_err(|e| invalid("$", &e))?;
    reader.end().map_err(|e| GraphError::Invalid { at: "$".to_owned(), reason: e.to_string() })?;
    Ok(value)
}

/// Any number of JSON documents one after the other, on lines of their own or not, each as [`document`] reads it.
///
/// # Errors
/// [`GraphError::Invalid`]; `at` counts documents from 1.
pub fn documents(text: &str) -> Result<Vec<Value>, GraphError> {
    let read = serde_json::Deserializer::from_str(text).into_iter::<Strict>();
    let read = (1_u64..).zip(read).map(|(number, value)| match value {
        Ok(Strict(value)) => Ok(value),
        Err(error) => {
            Err(GraphError::Invalid { at: format!("document {number}"), reason: error.to_string() })
        }
    });
    read.collect()
}

/// `value`, which stands at `at`, as a `T`.
///
/// # Errors
/// [`GraphError::Invalid`].
pub fn typed<T: DeserializeOwned>(at: &str, value: &Value) -> Result<T, GraphError> {
    serde_path_to_error::deserialize(value).map_err(|e| invalid(at, &e))
}

fn invalid(at: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> GraphError {
    let at = match error.path().to_string().as_str() {
        "." => at.to_owned(),
        path if path.starts_with('[') => format!("{at}{path}"),
        path => format!("{at}.{path}"),
    };
    GraphError::Invalid { at, reason: error.inner().to_string() }
}
