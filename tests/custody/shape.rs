//! What the program prints, held against the documented schemas.

use std::path::Path;

use serde_json::{Value, json};

/// The part of a check or an enrolment that the schema of `check` describes, and where it was recorded.
pub(crate) fn fits(document: &Value) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas/check-1.schema.json");
    let mut schema: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    // Not every copy of the schema knows of ledgers yet; the event is looked at below.
    schema["properties"]["event"] = json!({});
    let part = json!({
        "schema": "glasskey.check/1", "verdict": document["verdict"], "key": document["key"],
        "findings": document["findings"], "event": document["event"],
    });
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<_> =
        validator.iter_errors(&part).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let event = &document["event"];
    if !event.is_null() {
        assert!(event["seq"].as_u64().is_some_and(|seq| seq > 1), "{event}");
        assert_eq!(event["hash"].as_str().map(str::len), Some(64), "{event}");
    }
    let name = document["schema"].as_str().unwrap();
    assert!(["glasskey.check/1", "glasskey.enroll/1"].contains(&name), "{name}");
    let own = name.trim_start_matches("glasskey.").replace('/', "-");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schemas/{own}.schema.json"));
    if let (true, Ok(text)) = (name != "glasskey.check/1", std::fs::read(file)) {
        let validator = jsonschema::validator_for(&serde_json::from_slice(&text).unwrap()).unwrap();
        assert!(validator.is_valid(document), "{document:#}");
    }
}
