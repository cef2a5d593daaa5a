//! Reports and labels: what they say, that nobody's text becomes more than text, and that they stay small.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests make files and may panic"
)]

#[cfg(feature = "softkey")]
#[path = "report/binary.rs"]
mod binary;
#[path = "ledger/custody.rs"]
#[expect(dead_code, reason = "the ledger's own tests use the rest")]
mod custody;
#[path = "report/hostile.rs"]
mod hostile;
#[path = "report/labels.rs"]
mod labels;
#[path = "support/markup.rs"]
mod markup;
#[path = "report/page.rs"]
mod page;
#[cfg(feature = "softkey")]
#[path = "support/custody.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod rig;
#[path = "report/story.rs"]
mod story;

use std::path::Path;

use glasskey::report::{html, label, markdown};

/// Writes the story's documents where `tests/browser.py` looks for them.
fn keep(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

/// Where the snapshots lie, and what changes in them with every release.
fn told_before() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("report");
    settings.set_prepend_module_to_snapshot(false);
    settings.add_filter(r"the catalogue is of \d{4}-\d\d-\d\d", "the catalogue is of [DATE]");
    settings.add_filter(r"glasskey/\d+\.\d+\.\d+", "glasskey/[VERSION]");
    settings
}

#[test]
fn a_report_tells_the_whole_story() {
    let story = story::told();
    let plan = story.plan();
    let report = story.report(&plan);
    keep("report.html", &html::html(&report).unwrap());
    let text = markdown::markdown(&report).unwrap();
    keep("report.md", &text);
    told_before().bind(|| {
        insta::assert_snapshot!("report.md", text);
        insta::assert_json_snapshot!("report.json", report);
    });
}

#[test]
fn a_label_is_the_same_picture_every_time() {
    let story = story::told();
    let plan = story.plan();
    let labels = story.labels(&plan);
    told_before().bind(|| insta::assert_snapshot!("label.svg", label::svg(&labels[0]).unwrap()));
    keep("label.svg", &label::svg(&labels[0]).unwrap());
    keep("label.txt", &labels[0].text);
    keep("labels.html", &label::sheet(&labels, Some("Contoso Versicherungen AG")).unwrap());
}

#[test]
fn an_empty_ledger_has_a_report_too() {
    let story = story::Story::begins("2026-05-04T06:45:00Z");
    let report = story.report(&story.plan());
    assert!(!report.well && report.keys.is_empty());
    let page = html::html(&report).unwrap();
    for words in ["No key is enrolled", "No drill is on record", "No key has signed anything yet"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(markdown::markdown(&report).unwrap().contains("No drill is on record"));
}

/// 1,000 keys and 20,000 events in under 5 MB: here a part of them, for the size grows with the keys and no faster.
#[test]
fn a_report_of_many_keys_stays_small() {
    let (story, plan) = story::crowd(30, 18);
    let report = story.report(&plan);
    let page = html::html(&report).unwrap();
    let alone = html::html(&story::Story::begins("2026-05-04T06:45:00Z").report(&plan)).unwrap();
    let each = (page.len() - alone.len()) / report.keys.len();
    assert!(each < 4_800, "{each} bytes a key");
    assert!(report.keys.iter().all(|key| key.events.len() == 8 && key.earlier_events == 12));
    assert!(report.keys.iter().all(|key| key.readings.len() == 19));
}
