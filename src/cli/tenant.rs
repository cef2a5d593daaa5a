//! Arguments of the verb about the tenant.

use std::path::PathBuf;

use clap::Subcommand;

/// The tenant.
#[derive(Debug, Subcommand)]
pub enum TenantVerb {
    /// Hold exported configuration against the custody plan; what is missing is told with the command that fetches it
    Check {
        /// A folder of JSON files, whatever their names
        dir: PathBuf,
    },
}
