//! `hwtest`: runs in the guest, plugs virtual keys into the kernel, and holds the release binary `glasskey` to its contract.

mod bench;
mod benched;
mod cases;
mod clients;
mod faults;
mod healthy;
mod lab;
mod many;
mod onboarded;
mod permissions;
mod process;
mod second;
mod several;
mod start;
mod tool;
mod uhidkey;

use std::fs;
use std::io;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand, ValueEnum};

use lab::Lab;

/// Tests of `glasskey` on the real kernel. Runs as root, in a virtual machine.
#[derive(Debug, Parser)]
struct Typed {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// All tests on virtual keys; writes the fault table to a file
    Run {
        /// Only tests whose name contains this
        #[arg(long)]
        only: Option<String>,
        /// Only this half, so that two machines share the work
        #[arg(long, value_enum)]
        half: Option<Half>,
        /// Where the fault table goes
        #[arg(long, default_value = "/out/faults.md")]
        table: std::path::PathBuf,
    },
    /// Other people's clients on a virtual key; writes the table of counts to a file
    Clients {
        /// Where the table goes
        #[arg(long, default_value = "/out/clients.md")]
        table: std::path::PathBuf,
    },
    /// The test list on a real key
    Bench(bench::Bench),
    Uhidkey(uhidkey::Uhidkey),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Half {
    /// The tests by name, but for the second client's
    Tests,
    /// The fault table, and the second client
    Faults,
}

fn main() -> ExitCode {
    let done = match Typed::parse().what {
        What::Run { only, half, table } => all(only.as_deref().unwrap_or_default(), half, &table),
        What::Clients { table } => Lab::new().and_then(|lab| clients::run(&lab, &table)),
        What::Bench(bench) => bench::run(&bench),
        What::Uhidkey(keys) => uhidkey::run(&keys).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("hwtest: {error}");
            ExitCode::from(2)
        }
    }
}

/// A test by name: what is worth saying, or why it failed. No test skips.
pub(crate) type Test = (&'static str, fn(&Lab) -> Result<String, String>);

fn all(only: &str, half: Option<Half>, table: &std::path::Path) -> io::Result<bool> {
    let start = Instant::now();
    let lab = Lab::new()?;
    println!("lab ready after {:.1} s", start.elapsed().as_secs_f32());
    let mut failed = Vec::new();
    let tests: [&[Test]; 7] = [
        permissions::TESTS,
        healthy::TESTS,
        several::TESTS,
        many::TESTS,
        onboarded::TESTS,
        benched::TESTS,
        tool::TESTS,
    ];
    let tests = if half == Some(Half::Faults) { Vec::new() } else { tests.concat() };
    let second = if half == Some(Half::Tests) { &[] } else { second::TESTS };
    let tests: Vec<_> = tests.iter().chain(second).filter(|(name, _)| name.contains(only)).collect();
    for (name, test) in &tests {
        let begun = Instant::now();
        let outcome = test(&lab);
        let took = begun.elapsed().as_secs_f32();
        let (word, said) = match outcome {
            Ok(said) => ("pass", said),
            Err(said) => {
                failed.push((*name).to_owned());
                ("FAIL", said)
            }
        };
        println!("{word} {took:5.1} s  {name}{}", if said.is_empty() { said } else { format!(": {said}") });
    }
    let rows = if half == Some(Half::Tests) { Vec::new() } else { faults::run(&lab, only) };
    if !rows.is_empty() {
        let text = faults::table(&rows);
        print!("\n{text}");
        fs::write(table, &text)?;
    }
    failed.extend(rows.iter().filter(|row| row.wrong.is_some()).map(|row| row.name.clone()));
    println!();
    for fail in &failed {
        println!("FAILED: {fail}");
    }
    if tests.is_empty() && rows.is_empty() {
        return Err(io::Error::other(format!("no test's name holds {only:?}")));
    }
    println!(
        "{} tests, {} fault cases, {} failures, {:.0} s in the guest",
        tests.len(),
        rows.len(),
        failed.len(),
        start.elapsed().as_secs_f32()
    );
    Ok(failed.is_empty())
}
