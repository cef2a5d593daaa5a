//! Arguments of `soft`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use uuid::Uuid;

/// Soft keys.
#[derive(Debug, Subcommand)]
pub enum SoftVerb {
    /// Make a soft key, attested by a test CA that is kept in the folder
    Create(SoftCreate),
    /// List the soft keys of a folder
    List {
        /// The folder
        dir: PathBuf,
    },
}

/// Arguments of `soft create`.
#[derive(Debug, Args)]
pub struct SoftCreate {
    /// The folder; made where it is missing
    pub dir: PathBuf,
    /// The key's name
    pub name: String,
    /// The model it claims to be
    #[arg(long)]
    pub aaguid: Uuid,
    /// Its PIN; the one PIN that may stand here, for it is no secret
    #[arg(long = "pin", value_name = "PIN")]
    pub initial_pin: Option<String>,
    /// Its firmware version
    #[arg(long, value_name = "X.Y.Z")]
    pub firmware: Option<String>,
    /// What a person does when it wants to be touched
    #[arg(long, default_value = "auto", value_parser = ["auto", "never", "deny"])]
    pub touch: String,
    /// A fault for tests and training, e.g. `dead` or `silent@getassertion`; may be given again
    #[arg(long, value_name = "SPEC")]
    pub fault: Vec<String>,
}
