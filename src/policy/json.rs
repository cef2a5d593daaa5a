//! A policy file's JSON: what [`crate::graph`] reads, with the file's name in each refusal.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::PolicyError;
use crate::graph;

/// The most bytes that a policy file may have: 4 MiB. Entra's own limit for the FIDO2 policy is 20 KB.
pub const LIMIT: usize = 4 * 1024 * 1024;

pub(super) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, PolicyError> {
    graph::text(bytes, LIMIT).map_err(|error| PolicyError::of(file, error))
}

pub(super) fn document(file: &str, text: &str) -> Result<Value, PolicyError> {
    graph::document(text).map_err(|error| PolicyError::of(file, error))
}

pub(super) fn typed<T: DeserializeOwned>(file: &str, at: &str, value: &Value) -> Result<T, PolicyError> {
    graph::typed(at, value).map_err(|error| PolicyError::of(file, error))
}
