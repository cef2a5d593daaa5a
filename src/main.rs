//! The `glasskey` command: parse, run, end.

use std::process::ExitCode;

fn main() -> ExitCode {
    glasskey::run::main().into()
}
