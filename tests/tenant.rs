//! The tenant against the plan: a good one passes, one fault makes exactly one finding fail, and what is missing or cut
//! is never a pass.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "helpers of tests"
)]

#[path = "tenant/emitted.rs"]
mod emitted;
#[path = "tenant/exports.rs"]
mod exports;
#[path = "tenant/faults.rs"]
mod faults;
#[path = "tenant/random.rs"]
mod random;
#[path = "support/schema.rs"]
mod schema;
#[path = "tenant/verb.rs"]
mod verb;
#[path = "tenant/warned.rs"]
mod warned;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use glasskey::plan::Plan;
use glasskey::tenant::{Checked, Exports, Id, check};
use glasskey::verdict::finding::Status;
use serde_json::Value;
use uuid::{Uuid, uuid};

const STRENGTH: Uuid = uuid!("9c3a7a55-3c54-4ad5-8a2b-6f0b5d1e4c20");

const PLAN: &str = include_str!("data/plan/tenant.toml");

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tenant")
}

/// A tenant: its exports by their names, and the plan.
#[derive(Clone)]
struct Tenant {
    files: BTreeMap<String, Value>,
    plan: String,
    strength: Option<Uuid>,
}

fn good() -> Tenant {
    let entries = std::fs::read_dir(data()).unwrap().map(|entry| entry.unwrap().path());
    let file = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    };
    Tenant { files: entries.map(file).collect(), plan: PLAN.to_owned(), strength: Some(STRENGTH) }
}

impl Tenant {
    fn check(&self) -> Checked {
        let plan = Plan::parse("custody.toml", &self.plan).unwrap();
        check(&plan, &self.exports(), self.strength)
    }

    fn exports(&self) -> Exports {
        Exports::new(
            self.files.iter().map(|(name, value)| (name.clone(), Ok(value.to_string().into_bytes()))),
        )
    }

    /// With the value at a pointer of a file replaced.
    fn with(mut self, file: &str, pointer: &str, value: Value) -> Self {
        let place = self.files.get_mut(file).unwrap().pointer_mut(pointer);
        *place.unwrap_or_else(|| panic!("{file} has no {pointer}")) = value;
        self
    }

    /// With a member that an object of a file does not have.
    fn plus(mut self, file: &str, pointer: &str, member: &str, value: Value) -> Self {
        let place = self.files.get_mut(file).unwrap().pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        assert!(place.insert(member.to_owned(), value).is_none(), "{file} has {pointer}/{member} already");
        self
    }

    /// Without a file.
    fn without(mut self, file: &str) -> Self {
        self.files.remove(file).unwrap();
        self
    }
}

/// The findings that are not as they are in the good tenant.
fn bad(checked: &Checked) -> Vec<(Id, Status)> {
    let bad = checked.findings.iter().filter(|finding| finding.row.status != Status::Pass);
    bad.map(|finding| (finding.row.id, finding.row.status)).collect()
}

#[test]
fn a_good_tenant_passes_every_rule() {
    let checked = good().check();
    assert_eq!(bad(&checked), []);
    assert_eq!(checked.well, Some(true));
    let ids: Vec<Id> = checked.findings.iter().map(|finding| finding.row.id).collect();
    assert_eq!(ids, Id::ALL, "one finding each, in their order");
    let lists = checked.findings.iter().find(|finding| finding.row.id == Id::ListsAgree).unwrap();
    assert_eq!(lists.source, ["fido2.json", "strengths.json"]);
}
