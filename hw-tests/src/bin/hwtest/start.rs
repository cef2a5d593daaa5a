//! What a start costs: processor time of `glasskey` beside that of libfido2's `fido2-token`, on the same key.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use glasskey_hw_tests::plug::Plugged;

use crate::lab::{Lab, node};
use crate::process::{Job, processor_time};

/// The kernel tells hundredths of a second: of so many runs the mean is good to a third of a millisecond.
const RUNS: u32 = 30;

/// A table of processor times and their ratios.
pub(crate) fn table(lab: &Lab) -> io::Result<String> {
    let name = "start";
    let there = Plugged::new(&lab.key(name)?, name)?;
    let node = node(&there);
    let ours = |arguments: &[&str]| mean("glasskey", arguments);
    let (list, read) = (mean("fido2-token", &["-L"])?, mean("fido2-token", &["-I", &node])?);
    let mut text = String::from(
        "\n## Start\n\nProcessor time of a whole run, the mean of 30, with one key plugged in; what the key itself computes is not in it.\n\n\
         | run | processor time | beside `fido2-token -L` | beside `fido2-token -I` |\n|---|--:|--:|--:|\n",
    );
    let rows = [
        ("`fido2-token -L`, which asks no key", list),
        ("`fido2-token -I`", read),
        ("`glasskey --help`", ours(&["--help"])?),
        ("`glasskey keys`, which asks each key who it is", ours(&["keys"])?),
        ("`glasskey info`", ours(&["info", "--key", &node])?),
        (
            "`glasskey check --no-touch`",
            ours(&["check", "--no-touch", "--key", &node, "--policy", lab.policy()])?,
        ),
    ];
    for (run, took) in rows {
        let ratio = |other: Duration| took.as_secs_f64() / other.as_secs_f64();
        let _ = writeln!(
            text,
            "| {run} | {:.1} ms | {:.1} | {:.1} |",
            took.as_secs_f64() * 1000.0,
            ratio(list),
            ratio(read)
        );
    }
    print!("{text}");
    Ok(text)
}

/// The mean processor time of a run.
fn mean(program: &str, arguments: &[&str]) -> io::Result<Duration> {
    let before = processor_time().map_err(io::Error::other)?.0;
    for _ in 0..RUNS {
        let ran = Job::new(program, arguments).run()?;
        // A model that the built-in catalogue does not know is not fit: that is an answer.
        if !matches!(ran.code, Some(0 | 1)) {
            return Err(io::Error::other(format!("{program}: {}", ran.brief())));
        }
    }
    Ok((processor_time().map_err(io::Error::other)?.0 - before) / RUNS)
}
