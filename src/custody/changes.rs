//! What of a key is not as it was at enrolment: what it told of itself then, against what it tells now.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::ledger::payload::{Change, Enrolled};

/// Members of getInfo that have one value, and what they are called in a change.
const VALUES: &[(&str, &str)] = &[
    ("force_pin_change", "forced PIN change"),
    ("min_pin_length", "minimum PIN length"),
    ("max_pin_length", "maximum PIN length"),
    ("pin_complexity_policy", "PIN complexity policy"),
];

/// Members that are a list or a map, and what one item is called. Of a list only what is in it counts, not the order.
const ITEMS: &[(&str, &str)] = &[
    ("options", "option"),
    ("versions", "version"),
    ("extensions", "extension"),
    ("algorithms", "algorithm"),
    ("pin_uv_auth_protocols", "PIN protocol"),
    ("certifications", "certification"),
];

/// The option that tells whether a PIN is set: told as that.
const CLIENT_PIN: &str = "clientPin";

/// What is not as it was when the key was enrolled; `now` are its present facts as JSON. What was not written down then
/// is not compared; what a key began or ceased to say is.
///
/// The names are stable: `AAGUID`, `firmware`, `device version`, `USB id`, `PIN set`, those above, and those above with
/// the item after them, such as `option alwaysUv`, `extension credProtect`, `algorithm -7`.
#[must_use]
pub fn changes(catalogue: &Catalogue, enrolled: &Enrolled, now: &Value) -> Vec<Change> {
    let then = &enrolled.facts;
    let mut changes = Changes(Vec::new());
    let unsaid = Value::Null;
    let info = now.get("info").unwrap_or(&unsaid);
    changes.compare("AAGUID", Some(enrolled.aaguid.to_string()), info.get("aaguid").and_then(word));
    let firmware = info.get("firmware_version").and_then(Value::as_u64);
    if firmware != enrolled.firmware {
        let version = |raw| catalogue.firmware(enrolled.aaguid, raw).map(|version| version.to_string());
        let told = |raw: u64| version(raw).unwrap_or_else(|| raw.to_string());
        changes.compare("firmware", enrolled.firmware.map(told), firmware.map(told));
    }
    if let Some(device) = then.get("device") {
        changes.compare("device version", device_version(device), now.get("device").and_then(device_version));
    }
    if then.get("vendor_id").is_some() {
        changes.compare("USB id", usb_id(then), usb_id(now));
    }
    if let Some(set) = then.get("pin_set") {
        changes.compare("PIN set", word(set), now.get("pin_set").and_then(word));
    }
    let then = |member: &str| then.get("info").and_then(|info| info.get(member));
    for (member, name) in VALUES {
        if let Some(before) = then(member) {
            changes.compare(name, word(before), info.get(member).and_then(word));
        }
    }
    for (member, name) in ITEMS {
        if let Some(before) = then(member) {
            changes.compare_items(name, &Items::from(before), &info.get(member).unwrap_or(&unsaid).into());
        }
    }
    changes.0
}

struct Changes(Vec<Change>);

impl Changes {
    fn compare(&mut self, what: &str, before: Option<String>, after: Option<String>) {
        if before != after {
            self.0.push(Change { what: what.to_owned(), before, after });
        }
    }

    fn compare_items(&mut self, name: &str, before: &Items, after: &Items) {
        let all: BTreeSet<&str> = before.names().chain(after.names()).collect();
        for item in all.into_iter().filter(|item| *item != CLIENT_PIN) {
            self.compare(&format!("{name} {item}"), before.stands(item), after.stands(item));
        }
    }
}

/// What a member of several items says.
enum Items {
    Unsaid,
    /// Each is there.
    List(BTreeSet<String>),
    /// Each has a value.
    Map(BTreeMap<String, String>),
}

impl From<&Value> for Items {
    fn from(value: &Value) -> Self {
        match value {
            // An algorithm is an object with its number.
            Value::Array(list) => {
                Self::List(list.iter().filter_map(|item| word(item.get("alg").unwrap_or(item))).collect())
            }
            Value::Object(map) => {
                Self::Map(map.iter().filter_map(|(name, value)| Some((name.clone(), word(value)?))).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Self::Unsaid,
        }
    }
}

impl Items {
    fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Unsaid => Box::new(std::iter::empty()),
            Self::List(names) => Box::new(names.iter().map(String::as_str)),
            Self::Map(map) => Box::new(map.keys().map(String::as_str)),
        }
    }

    /// Its value, or whether it is there; `None` is unsaid.
    fn stands(&self, item: &str) -> Option<String> {
        match self {
            Self::Unsaid => None,
            Self::List(names) => Some(if names.contains(item) { "present" } else { "absent" }.to_owned()),
            Self::Map(map) => map.get(item).cloned(),
        }
    }
}

/// A value in a word. A number that JSON would not carry unharmed is a text in the ledger.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => Some("no".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What CTAPHID_INIT told.
fn device_version(device: &Value) -> Option<String> {
    let numbers: Vec<String> = device.get("device")?.as_array()?.iter().filter_map(word).collect();
    Some(numbers.join("."))
}

fn usb_id(facts: &Value) -> Option<String> {
    let id = |member| facts.get(member).and_then(Value::as_u64);
    Some(format!("{:04x}:{:04x}", id("vendor_id")?, id("product_id")?))
}

#[cfg(test)]
#[path = "changes/tests.rs"]
mod tests;
