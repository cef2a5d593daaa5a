//! Graph files in and out: passkeys made, taken off, matched with their keys; bodies, queries and rules from the plan.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "helpers of tests make files and may panic"
)]

#[cfg(feature = "softkey")]
#[path = "entra/asked.rs"]
mod asked;
#[path = "entra/emit.rs"]
mod emit;
#[cfg(feature = "softkey")]
#[path = "entra/forget.rs"]
mod forget;
#[path = "entra/gone.rs"]
mod gone;
#[path = "entra/kql.rs"]
mod kql;
#[path = "ledger/custody.rs"]
#[expect(dead_code, reason = "the ledger's own tests use the rest")]
mod made_up;
#[path = "entra/matching.rs"]
mod matching;
#[path = "entra/options.rs"]
mod options;
#[cfg(feature = "softkey")]
#[path = "entra/refused.rs"]
mod refused;
#[cfg(feature = "softkey")]
#[path = "entra/register.rs"]
mod register;
#[cfg(feature = "softkey")]
#[path = "support/registered.rs"]
mod registered;
#[cfg(feature = "softkey")]
#[path = "support/custody.rs"]
mod rig;
#[path = "entra/samples.rs"]
mod samples;
#[path = "support/skip.rs"]
mod skip;
#[cfg(feature = "softkey")]
#[path = "entra/verb.rs"]
mod verb;

use std::path::{Path, PathBuf};

use glasskey::plan::Plan;
use serde_json::Value;

const PLAN: &str = include_str!("data/plan/accounts.toml");

/// Ids that the tenant gives, once all is made.
const TENANT: &str = r#"
[entra]
group = "5e1a8c0e-7f43-4e0e-9d0b-0d7a2f6c1b11"
administrative_unit = "6d2b9c1f-0a54-4f1f-8e1c-1e8b3a7d2c22"
workspace = "/subscriptions/0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f/resourceGroups/rg-log/providers/Microsoft.OperationalInsights/workspaces/law-1"
action_group = "/subscriptions/0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f/resourceGroups/rg-log/providers/Microsoft.Insights/actionGroups/ag-1"
"#;

fn plan(text: &str) -> Plan {
    Plan::parse("custody.toml", text).unwrap()
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A folder of the shared research; `None`, and a word about it, where it is not at hand.
fn shared(folder: &str) -> Option<PathBuf> {
    skip::research(&format!("entra/{folder}"))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .unwrap()
}

/// What is wrong with a body, by the shape that it should have.
fn faults(shape: &str, body: &Value) -> Vec<String> {
    let schema = read(&root(&format!("tests/data/entra/shapes/{shape}.json")));
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(body).map(|error| format!("{shape}: {}: {error}", error.instance_path())).collect()
}
