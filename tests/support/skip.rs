//! What a test cannot do here, said where people see it: the test harness keeps to itself what a test prints that passes.
#![allow(clippy::allow_attributes, dead_code, reason = "each test binary uses a part")]

use std::fmt::Display;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Says that this test, or a part of it, was left out.
pub(crate) fn skip(why: impl Display) {
    let test = std::thread::current();
    let line = format!("SKIPPED {}: {why}\n", test.name().unwrap_or("a test"));
    // Not `eprintln`, which the harness catches.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// The same for want of a program. Continuous integration installs them all, so there it is a failure.
pub(crate) fn without(program: impl Display) {
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci.is_empty()),
        "{program} must be installed where CI is set"
    );
    skip(format_args!("{program} cannot be had here"));
}

/// A file or folder of the research, which lies beside the repository where it is at hand at all.
pub(crate) fn research(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference").join(path);
    if !path.exists() {
        skip(format_args!("{} is not on this machine", path.display()));
        return None;
    }
    Some(path)
}
