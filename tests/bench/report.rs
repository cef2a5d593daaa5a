//! `cargo bench --bench report`: how long a report takes and how large it is.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time, prints, and may panic"
)]
#![expect(dead_code, reason = "the helpers serve the tests too")]

#[path = "../ledger/custody.rs"]
mod custody;
#[path = "../report/story.rs"]
mod story;

use std::time::Instant;

use glasskey::report::{html, markdown};

fn main() {
    println!(
        "| keys | events | ledger MiB | from ledger to report s | HTML s | HTML MB | Markdown MB | JSON MB |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (keys, checks) in [(100, 18), (1000, 18)] {
        let (story, plan) = story::crowd(keys, checks);
        let events = story.ledger().chain().seq;
        let file = story.home.path().join("ledger.db").metadata().unwrap().len() >> 20;
        let began = Instant::now();
        let report = story.report(&plan);
        let made = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let page = html::html(&report).unwrap().len();
        let written = began.elapsed().as_secs_f64();
        let mega = |bytes: usize| format!("{}.{:02}", bytes / 1_000_000, bytes % 1_000_000 / 10_000);
        let (markdown, json) =
            (markdown::markdown(&report).unwrap().len(), serde_json::to_vec(&report).unwrap().len());
        println!(
            "| {keys} | {events} | {file} | {made:.2} | {written:.2} | {} | {} | {} |",
            mega(page),
            mega(markdown),
            mega(json)
        );
    }
}
