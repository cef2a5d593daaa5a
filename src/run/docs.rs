//! `completions` and `man`: from the very types that parse the arguments.

use std::path::Path;

use clap::CommandFactory;

use super::World;
use crate::cli::Cli;
use crate::error::Error;
use crate::exit::Exit;

pub(super) fn completions(world: &World, shell: clap_complete::Shell) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "glasskey", &mut script);
    world.term.out(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Yes)
}

pub(super) fn man(world: &World, dir: &Path) -> Result<Exit, Error> {
    let at = |source| Error::File { file: dir.display().to_string(), source };
    std::fs::create_dir_all(dir).map_err(at)?;
    let mut command = without_help(Cli::command());
    command.build();
    clap_mangen::generate_to(command, dir).map_err(at)?;
    world.term.note(&format!("man pages written to {}", dir.display()));
    Ok(Exit::Yes)
}

/// `help` says what `--help` says, so it needs no pages of its own.
fn without_help(command: clap::Command) -> clap::Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help)
}
