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
const PLAN_TEXT: &str = r#"
organisation = "Contoso"
[[account]]
name = "EA-01"
upn = "ea-01@contoso.onmicrosoft.com"
object_id = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f"
[[account]]
name = "EA-02"
upn = "ea-02@contoso.onmicrosoft.com"
object_id = "2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10"
[rules]
pin_location = "apart"
[entra]
group = "5e1a8c0e-7f43-4e0e-9d0b-0d7a2f6c1b11"
administrative_unit = "6d2b9c1f-0a54-4f1f-8e1c-1e8b3a7d2c22"
"#;

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
        let cut = |name: &String| exports.files.iter().any(|file| file.name == *name && file.problem.is_some());
        assert!(!finding.source.iter().any(cut) || finding.row.status == Status::Skipped, "{finding:?}");
        assert!(finding.row.status != Status::Fail || finding.row.cure.is_some());
    }
    serde_json::to_value(&checked).expect("an answer can be written");
    assert_harmless_screen(&show::tenant(&PLAN, &exports.files, &checked));
});
