//! What changed against an earlier run: a new firmware of the same model, perhaps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The schema of the documents that are compared.
pub const SCHEMA: &str = "glasskey.onboard/1";
/// The largest document.
pub const MAX_LEN: usize = 4 << 20;

/// Members of the key's facts that are the state of one sample, not what the model is.
const STATE: [&str; 6] = [
    "info.options.clientPin",
    "info.force_pin_change",
    "info.remaining_discoverable_credentials",
    "info.uv_count_since_last_pin_entry",
    "info.enc_identifier",
    "info.enc_cred_store_state",
];

/// Why a file is no earlier run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// More bytes than any run has.
    #[error("it is longer than {MAX_LEN} bytes")]
    TooLong,
    /// No JSON of the right shape.
    #[error("it is no JSON of an onboarding: {0}")]
    Shape(String),
    /// JSON of something else.
    #[error("its schema is '{}', not '{SCHEMA}'", .0.escape_debug())]
    Schema(String),
}

/// An earlier run, as far as it is compared. Members that are not are skipped: a later version may have more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Earlier {
    schema: String,
    /// When.
    pub at: jiff::Timestamp,
    verdict: String,
    key: Value,
    findings: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Row {
    id: String,
    status: String,
}

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What: `verdict`, `finding cancel`, `info.firmware_version`, ...
    pub what: String,
    /// As it was; null where it was not told.
    pub before: Option<String>,
    /// As it is.
    pub after: Option<String>,
}

impl Earlier {
    /// Reads the JSON of a run.
    ///
    /// # Errors
    /// [`CompareError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CompareError> {
        if bytes.len() > MAX_LEN {
            return Err(CompareError::TooLong);
        }
        let earlier: Self =
            serde_json::from_slice(bytes).map_err(|error| CompareError::Shape(error.to_string()))?;
        if earlier.schema == SCHEMA { Ok(earlier) } else { Err(CompareError::Schema(earlier.schema)) }
    }

    /// What is not as it was, in a later run.
    #[must_use]
    pub fn changes(&self, later: &Self) -> Vec<Change> {
        let (before, after) = (self.told(), later.told());
        let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let change = |name: &String| {
            let (before, after) = (before.get(name), after.get(name));
            (before != after).then(|| Change {
                what: name.clone(),
                before: before.cloned(),
                after: after.cloned(),
            })
        };
        names.into_iter().filter_map(change).collect()
    }

    fn told(&self) -> BTreeMap<String, String> {
        let mut told = BTreeMap::from([("verdict".to_owned(), self.verdict.clone())]);
        told.extend(self.findings.iter().map(|row| (format!("finding {}", row.id), row.status.clone())));
        for name in ["product", "vendor_id", "product_id", "device", "info"] {
            if let Some(value) = self.key.get(name) {
                flatten(name.to_owned(), value, &mut told);
            }
        }
        told.retain(|name, _| !STATE.contains(&name.as_str()));
        told
    }
}

/// Every value by its path; lists as they stand, for their order says something.
fn flatten(path: String, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| flatten(format!("{path}.{name}"), value, into));
        }
        Value::Null => {}
        Value::String(text) => drop(into.insert(path, text.clone())),
        other => drop(into.insert(path, other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(edit: impl FnOnce(&mut Value)) -> Earlier {
        let mut document = json!({
            "schema": SCHEMA, "at": "2026-11-21T10:00:00Z", "verdict": "fit", "more": true,
            "key": {
                "product": "Key", "vendor_id": 1, "path": "soft:a",
                "info": { "firmware_version": 1, "versions": ["FIDO_2_0"], "options": { "clientPin": true, "rk": true } },
            },
            "findings": [{ "id": "cancel", "status": "pass", "saw": "x" }],
        });
        edit(&mut document);
        Earlier::parse(document.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_the_model_is_counts_and_the_state_of_a_sample_does_not() {
        let first = run(|_| {});
        let same = run(|document| {
            document["at"] = json!("2026-12-21T10:00:00Z");
            document["key"]["path"] = json!("soft:b");
            document["key"]["info"]["options"]["clientPin"] = json!(false);
        });
        assert_eq!(first.changes(&same), []);
        let later = run(|document| {
            document["verdict"] = json!("not-fit");
            document["findings"][0]["status"] = json!("fail");
            document["key"]["info"]["firmware_version"] = json!(2);
            document["key"]["info"]["options"].as_object_mut().unwrap().remove("rk");
            document["key"]["info"]["extensions"] = json!(["credProtect"]);
        });
        let changes = first.changes(&later);
        let rows: Vec<_> = changes
            .iter()
            .map(|one| (one.what.as_str(), one.before.as_deref(), one.after.as_deref()))
            .collect();
        assert_eq!(
            rows,
            [
                ("finding cancel", Some("pass"), Some("fail")),
                ("info.extensions", None, Some(r#"["credProtect"]"#)),
                ("info.firmware_version", Some("1"), Some("2")),
                ("info.options.rk", Some("true"), None),
                ("verdict", Some("fit"), Some("not-fit")),
            ]
        );
    }

    #[test]
    fn what_is_no_earlier_run_is_refused() {
        let check = br#"{"schema":"glasskey.check/1","at":"2026-11-21T10:00:00Z","verdict":"fit","key":{},"findings":[]}"#;
        assert_eq!(Earlier::parse(check), Err(CompareError::Schema("glasskey.check/1".to_owned())));
        assert!(matches!(Earlier::parse(b"{}"), Err(CompareError::Shape(_))));
        assert!(matches!(Earlier::parse(b"not JSON"), Err(CompareError::Shape(_))));
        assert_eq!(Earlier::parse(&vec![b' '; MAX_LEN + 1]), Err(CompareError::TooLong));
    }
}
