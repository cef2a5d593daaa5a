//! One entry: its members by name, whatever their case, and lists that Log Analytics writes as text.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::LogError;
use crate::graph::{self, GraphError};
use crate::ledger::payload::LogKind;

/// What is wrong, and where.
pub(super) fn wrong(at: impl Into<String>, reason: impl Into<String>) -> LogError {
    GraphError::Invalid { at: at.into(), reason: reason.into() }.into()
}

/// Which log a page of Microsoft Graph is of, by its `@odata.context`.
pub(super) fn of_context(context: &str) -> Option<LogKind> {
    let of = |name: &str| context.to_ascii_lowercase().contains(name);
    match (of("auditlogs/signins"), of("auditlogs/directoryaudits")) {
        (true, false) => Some(LogKind::SignIns),
        (false, true) => Some(LogKind::Audit),
        _ => None,
    }
}

/// One object of a log. Graph begins the names of members with small letters, Log Analytics with capitals.
pub(super) struct Entry<'a> {
    at: &'a str,
    object: &'a Map<String, Value>,
}

impl<'a> Entry<'a> {
    pub(super) fn new(at: &'a str, object: &'a Map<String, Value>) -> Self {
        Self { at, object }
    }

    /// Where a member stands.
    pub(super) fn place(&self, name: &str) -> String {
        format!("{}.{name}", self.at)
    }

    /// A member; null is as good as missing.
    pub(super) fn get(&self, name: &str) -> Result<Option<&'a Value>, LogError> {
        let mut same = self.object.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let (first, second) = (same.next(), same.next());
        if second.is_some() {
            return Err(wrong(self.place(name), "stands there twice, with small and with capital letters"));
        }
        Ok(first.map(|(_, value)| value).filter(|value| !value.is_null()))
    }

    /// A text; an empty one is as good as missing.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, LogError> {
        match self.get(name)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(wrong(self.place(name), "must be a text")),
        }
    }

    /// An id; what is no UUID is nobody's.
    pub(super) fn uuid(&self, name: &str) -> Result<Option<Uuid>, LogError> {
        Ok(self.text(name)?.and_then(|text| Uuid::try_parse(text).ok()))
    }

    /// A whole number, also written as a text.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, LogError> {
        let number = match self.get(name)? {
            None => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_i64(),
        };
        number.map(Some).ok_or_else(|| wrong(self.place(name), "must be a whole number"))
    }

    /// A list or an object; also written as a text that holds it.
    pub(super) fn nested(&self, name: &str) -> Result<Option<Cow<'a, Value>>, LogError> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let Value::String(text) = value else { return Ok(Some(Cow::Borrowed(value))) };
        if text.trim().is_empty() {
            return Ok(None);
        }
        let value = graph::document(text).map_err(|error| wrong(self.place(name), error.to_string()))?;
        Ok((!value.is_null()).then_some(Cow::Owned(value)))
    }

    /// The objects of a list, also written as a text.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Map<String, Value>>, LogError> {
        let list = match self.nested(name)?.map(Cow::into_owned) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(wrong(self.place(name), "must be a list")),
        };
        let object = |value| match value {
            Value::Object(object) => Ok(object),
            _ => Err(wrong(self.place(name), "must be a list of objects")),
        };
        list.into_iter().map(object).collect()
    }

    /// The first of these members that is there, as a time with its offset (RFC 3339).
    pub(super) fn time(&self, names: &[&str]) -> Result<Timestamp, LogError> {
        for name in names {
            if let Some(text) = self.text(name)? {
                let time = text.parse::<Timestamp>();
                return time
                    .map_err(|_| wrong(self.place(name), "must be a time such as 2026-11-21T10:15:00Z"));
            }
        }
        Err(wrong(self.at, format!("has no time: none of {}", names.join(", "))))
    }

    /// Which log it belongs to.
    pub(super) fn kind(&self) -> Result<Option<LogKind>, LogError> {
        let has = |name| self.get(name).map(|value| value.is_some());
        Ok(if has("activityDisplayName")? || has("targetResources")? {
            Some(LogKind::Audit)
        } else if has("status")? || has("resultType")? {
            Some(LogKind::SignIns)
        } else {
            None
        })
    }
}
