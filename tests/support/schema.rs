//! What the program prints, held against the documented schemas.
#![allow(clippy::allow_attributes, dead_code, reason = "each test binary uses a part")]

use std::error::Error;
use std::path::Path;

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value;

/// The schemas by their ids: `glasskey:check-1` is the file `check-1.schema.json`.
struct Documented;

impl Retrieve for Documented {
    fn retrieve(&self, id: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let name = id.as_str().strip_prefix("glasskey:").ok_or("another's schema")?;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schemas/{name}.schema.json"));
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }
}

/// A schema with those that it refers to.
pub(crate) fn validator(schema: &Value) -> Validator {
    jsonschema::options().with_retriever(Documented).build(schema).unwrap()
}

/// Where a document departs from the schema that it names.
pub(crate) fn faults(document: &Value) -> Vec<String> {
    let name = document["schema"].as_str().unwrap();
    let id = format!("glasskey:{}", name.strip_prefix("glasskey.").unwrap().replace('/', "-"));
    let validator = validator(&serde_json::json!({ "$ref": id }));
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}
