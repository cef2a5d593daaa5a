//! What the program prints, held against the documented schemas.

use std::path::Path;

use serde_json::Value;

/// Where a document departs from the schema that it names.
pub(crate) fn faults(document: &Value) -> Vec<String> {
    let name = document["schema"].as_str().unwrap();
    let file = name.strip_prefix("glasskey.").unwrap().replace('/', "-");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schemas/{file}.schema.json"));
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}
