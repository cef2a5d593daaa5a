//! `cargo bench --features softkey`: what `info` and `check` cost, as counts and as time on a soft key.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time, prints, and may panic"
)]

#[path = "../support/exercise.rs"]
mod exercise;

use std::time::Instant;

use glasskey::facts::Facts;
use glasskey::key::session::Session;

const RUNS: usize = 21;

type Job = fn(&mut Session) -> Facts;

fn main() {
    let home = tempfile::tempdir().unwrap();
    let key = exercise::key(home.path(), &glasskey::soft::Options::default());
    println!("| job | transactions | packets to the key | packets from the key | median ms |");
    println!("|---|---|---|---|---|");
    let jobs: [(&str, Job); 2] = [("info", exercise::look), ("check", exercise::check)];
    for (name, job) in jobs {
        let mut times = Vec::new();
        let mut last = None;
        for _ in 0..RUNS {
            let (mut session, _) = exercise::open(&key);
            let began = Instant::now();
            last = Some(job(&mut session));
            times.push(began.elapsed());
        }
        times.sort();
        let traffic = last.unwrap().traffic;
        let ms = times[RUNS / 2].as_secs_f64() * 1000.0;
        println!("| {name} | {} | {} | {} | {ms:.2} |", traffic.transactions, traffic.sent, traffic.received);
    }
}
