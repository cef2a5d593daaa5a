//! An overlay on getInfo: the soft key shows what a model's statement says, whatever the firmware does.
//!
//! ```toml
//! [info]
//! remove = ["20", "4.alwaysUv"]     # a member; an entry of a member that is a map
//! [info.set]
//! "0x0d" = 6                        # minPINLength
//! "12" = true                       # forceChangePin
//! "3" = "hex:00112233445566778899aabbccddeeff"
//! "4" = { ep = true }               # a table is merged into a map that is there
//! ```
//!
//! It changes what is shown, never what the firmware does: a shown minPINLength of 6 still lets a PIN of 4 pass.

use std::collections::BTreeMap;

use ciborium::Value;
use serde::{Deserialize, Serialize};

use super::bend::edited;
use crate::ctap::cbor;

/// What to change in getInfo's answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overlay {
    /// Members to leave out: `"20"`, or `"4.uv"` for an entry of the options.
    pub remove: Vec<String>,
    /// Members to add or replace, by number.
    pub set: BTreeMap<String, toml::Value>,
}

impl Overlay {
    /// Adds or replaces a member. A text `hex:…` becomes a byte string.
    #[must_use]
    pub fn set(mut self, member: u8, value: impl Into<toml::Value>) -> Self {
        self.set.insert(member.to_string(), value.into());
        self
    }

    /// Leaves a member out, or an entry of it: `"20"`, `"4.uv"`.
    #[must_use]
    pub fn remove(mut self, member: &str) -> Self {
        self.remove.push(member.to_owned());
        self
    }

    pub(super) fn compile(&self) -> Result<Compiled, String> {
        let set = self.set.iter().map(|(key, value)| Ok((number(key)?, to_cbor(value)?)));
        let remove = self.remove.iter().map(|path| match path.split_once('.') {
            Some((key, entry)) => Ok((number(key)?, Some(entry.to_owned()))),
            None => Ok((number(path)?, None)),
        });
        Ok(Compiled {
            set: set.collect::<Result<_, String>>()?,
            remove: remove.collect::<Result<_, String>>()?,
        })
    }
}

fn number(key: &str) -> Result<u8, String> {
    let number = match key.strip_prefix("0x") {
        Some(hex) => u8::from_str_radix(hex, 16),
        None => key.parse(),
    };
    number.map_err(|_| format!("{key:?} is no getInfo member"))
}

fn to_cbor(value: &toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => match text.strip_prefix("hex:") {
            Some(digits) => Value::Bytes(hex::decode(digits).map_err(|error| format!("{text:?}: {error}"))?),
            None => Value::Text(text.clone()),
        },
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(truth) => Value::from(*truth),
        toml::Value::Datetime(time) => Value::Text(time.to_string()),
        toml::Value::Array(items) => Value::Array(items.iter().map(to_cbor).collect::<Result<_, _>>()?),
        toml::Value::Table(table) => {
            let members = table.iter().map(|(key, value)| Ok((key.as_str(), to_cbor(value)?)));
            cbor::map(members.collect::<Result<Vec<_>, String>>()?).map_err(|error| error.to_string())?
        }
    })
}

/// An overlay, ready for use.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    set: Vec<(u8, Value)>,
    remove: Vec<(u8, Option<String>)>,
}

impl Compiled {
    /// Lays it over an answer, status byte first.
    pub(super) fn apply(&self, payload: Vec<u8>) -> Vec<u8> {
        let Some((0, body)) = payload.split_first() else { return payload };
        let body = edited(body, |members| {
            without_u2f(members);
            for (member, entry) in &self.remove {
                remove(members, *member, entry.as_deref());
            }
            for (member, value) in &self.set {
                merge(members, (*member).into(), value);
            }
            if let Ok(Value::Map(sorted)) = cbor::map(std::mem::take(members)) {
                *members = sorted;
            }
        });
        [&[0], body.as_slice()].concat()
    }
}

/// The firmware speaks U2F, but CTAPHID_MSG is refused here; the versions shall not say otherwise.
fn without_u2f(members: &mut [(Value, Value)]) {
    for (key, value) in members {
        if let (true, Value::Array(versions)) = (*key == Value::from(1), value) {
            versions.retain(|version| version.as_text() != Some("U2F_V2"));
        }
    }
}

fn remove(members: &mut Vec<(Value, Value)>, member: u8, entry: Option<&str>) {
    let member = Value::from(member);
    match entry {
        None => members.retain(|(key, _)| *key != member),
        Some(entry) => {
            for (_, value) in members.iter_mut().filter(|(key, _)| *key == member) {
                if let Value::Map(entries) = value {
                    entries.retain(|(key, _)| key.as_text() != Some(entry));
                }
            }
        }
    }
}

fn merge(members: &mut Vec<(Value, Value)>, member: Value, value: &Value) {
    match (members.iter_mut().find(|(key, _)| *key == member), value) {
        (Some((_, Value::Map(old))), Value::Map(new)) => {
            for (key, value) in new {
                merge(old, key.clone(), value);
            }
            if let Ok(Value::Map(sorted)) = cbor::map(std::mem::take(old)) {
                *old = sorted;
            }
        }
        (Some((_, old)), _) => *old = value.clone(),
        (None, _) => members.push((member, value.clone())),
    }
}
