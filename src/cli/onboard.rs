//! Arguments of `onboard`.

use std::path::PathBuf;

use clap::Args;

use super::PinGuard;

/// Arguments of `onboard`.
#[derive(Debug, Args)]
pub struct Onboard {
    /// Erase the sample before and after: everything on it is gone; more is tried then, above all of the PIN
    #[arg(long)]
    pub reset_allowed: bool,
    /// Do not ask for the word
    #[arg(long, requires = "reset_allowed")]
    pub yes: bool,
    /// Write the report as Markdown; nothing is overwritten but an earlier one
    #[arg(long, value_name = "FILE", value_parser = super::file::out())]
    pub out: Option<PathBuf>,
    /// Write the report as HTML: one file, for a browser or for paper; nothing is overwritten but an earlier one
    #[arg(long, value_name = "FILE", value_parser = super::file::out())]
    pub html: Option<PathBuf>,
    /// Write a catalogue entry for the model (TOML), for a folder of your own; nothing is overwritten
    #[arg(long, value_name = "FILE", value_parser = super::file::out())]
    pub catalogue_entry: Option<PathBuf>,
    /// Tell what changed against an earlier run: what `glasskey --json onboard` printed then
    #[arg(long, value_name = "FILE")]
    pub compare: Option<PathBuf>,
    /// Leave the ledger as it is
    #[arg(long)]
    pub no_record: bool,
    /// The PIN guard.
    #[command(flatten)]
    pub pin: PinGuard,
}
