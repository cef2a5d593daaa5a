#![no_main]
//! Exported files of a tenant: whatever they hold, every rule says something, and less never passes.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use glasskey::plan::Plan;
use glasskey::tenant::{Exports, Id, check};
use glasskey::term::show;
use glasskey::verdict::finding::Status;
use glasskey_fuzz::assert_harmless_screen;
use libfuzzer_sys::fuzz_target;
use uuid::{Uuid, uuid};

/// Files stand in one input with this between them: no text holds it.
const BETWEEN: u8 = 0xff;
const STRENGTH: Uuid = uuid!("9c3a7a55-3c54-4ad5-8a2b-6f0b5d1e4c20");

static PLAN: LazyLock<Plan> = LazyLock::new(|| Plan::parse("p", PLAN_TEXT).expect("a sound plan"));
const PLAN_TEXT: &str = include_str!("../../data/plan/tenant.toml");

fuzz_target!(|bytes: &[u8]| {
    let files = bytes.split(|byte| *byte == BETWEEN).enumerate();
    let exports = Exports::new(files.map(|(number, file)| (number.to_string(), Ok(file.to_vec()))));
    let checked = check(&PLAN, &exports, Some(STRENGTH));
    let ids: BTreeSet<Id> = checked.findings.iter().map(|finding| finding.row.id).collect();
    assert_eq!(ids.len(), Id::ALL.len(), "a rule says nothing");
    let has = |status| checked.findings.iter().any(|finding| finding.row.status == status);
    let wanted = match (has(Status::Fail), has(Status::Skipped)) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(true),
    };
    assert_eq!(checked.well, wanted);
    for finding in &checked.findings {
        // What rests on no file is told by the plan alone; what rests on half a file is not told.
        let passes = finding.row.status == Status::Pass;
        assert!(!passes || finding.row.id == Id::TwoAccounts || !finding.source.is_empty());
        let cut =
            |name: &String| exports.files.iter().any(|file| file.name == *name && file.problem.is_some());
        assert!(!finding.source.iter().any(cut) || finding.row.status == Status::Skipped, "{finding:?}");
        assert!(finding.row.status != Status::Fail || finding.row.cure.is_some());
    }
    serde_json::to_value(&checked).expect("an answer can be written");
    assert_harmless_screen(&show::tenant(&PLAN, &exports.files, &checked));
});
