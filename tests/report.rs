//! Reports and labels: what they say, that nobody's text becomes more than text, and that they stay small.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests make files and may panic"
)]

#[path = "ledger/custody.rs"]
#[expect(dead_code, reason = "the ledger's own tests use the rest")]
mod custody;
#[path = "report/story.rs"]
mod story;

use std::path::Path;

use glasskey::report::{html, label, markdown};

#[test]
fn samples() {
    let story = story::told();
    let plan = story.plan();
    let report = story.report(&plan);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("report.html"), html::html(&report).unwrap()).unwrap();
    std::fs::write(dir.join("report.md"), markdown::markdown(&report).unwrap()).unwrap();
    let labels = story.labels(&plan);
    std::fs::write(dir.join("label.svg"), label::svg(&labels[0]).unwrap()).unwrap();
    std::fs::write(dir.join("labels.html"), label::sheet(&labels, Some("Contoso")).unwrap()).unwrap();
}
