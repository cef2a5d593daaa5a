//! Arguments of the verbs about allow-lists.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use uuid::Uuid;

/// Allow-lists.
#[derive(Debug, Subcommand)]
pub enum PolicyVerb {
    /// Show what policy files allow
    Show {
        /// Graph JSON or plain lists
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Hold allow-lists against each other, and against the enrolled keys
    Compare {
        /// Graph JSON, plain lists, or a custody plan (`.toml`), which stands for the models of its enrolled keys
        #[arg(required = true, num_args = 2..)]
        files: Vec<PathBuf>,
        /// Which passkey profile, by name or id
        #[arg(long, value_name = "NAME")]
        profile: Option<String>,
    },
    /// Make the request that lets the enrolled keys in: merged into what the tenant has, never dropping one unnamed
    #[command(subcommand)]
    Emit(PolicyEmit),
}

/// Which list.
#[derive(Debug, Subcommand)]
pub enum PolicyEmit {
    /// The passkey profile, among all profiles of the tenant
    PasskeyProfile {
        /// Which profile, by name or id; one that is not there is made [default: the plan's]
        #[arg(long, value_name = "NAME")]
        profile: Option<String>,
        /// What to make of the list.
        #[command(flatten)]
        list: EmitList,
    },
    /// The AAGUIDs of the authentication strength
    AuthenticationStrength {
        /// What to make of the list.
        #[command(flatten)]
        list: EmitList,
    },
}

/// What to make of a list.
#[derive(Debug, Args)]
pub struct EmitList {
    /// What the tenant has, as exported from Graph [default: the plan's]
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// Also let in this model; may be given again
    #[arg(long, value_name = "UUID")]
    pub add: Vec<Uuid>,
    /// Take this model off the list; its keys can then neither register nor sign in; may be given again
    #[arg(long, value_name = "UUID")]
    pub drop: Vec<Uuid>,
    /// Tell in words what would change, and print no request
    #[arg(long, conflicts_with = "out")]
    pub dry_run: bool,
    /// Write the body of the request to a new file
    #[arg(long, value_name = "FILE", value_parser = super::file::out())]
    pub out: Option<PathBuf>,
}
