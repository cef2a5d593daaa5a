//! Arguments of the verbs about Entra: files of Graph in and out.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::PinGuard;

/// Files of Graph, in and out.
#[derive(Debug, Subcommand)]
pub enum EntraVerb {
    /// Hold an account's passkeys, as Entra lists them, against the record and the key
    Match(Match),
    /// Make bodies, queries and rules for the tenant from the plan
    Emit {
        /// What to make
        #[arg(value_enum)]
        what: EmitWhat,
        /// Write to a new file; for several bodies, into a folder
        #[arg(long, value_name = "PATH")]
        out: Option<PathBuf>,
    },
}

/// Arguments of `entra match`.
#[derive(Debug, Args)]
pub struct Match {
    /// For which account of the plan
    #[arg(long, value_name = "NAME")]
    pub account: String,
    /// Its passkeys: the answer to GET /users/{id}/authentication/fido2Methods
    #[arg(long, value_name = "FILE")]
    pub methods: PathBuf,
    /// Its methods of every kind: the answer to GET /users/{id}/authentication/methods
    #[arg(long, value_name = "FILE")]
    pub all_methods: Option<PathBuf>,
    /// Also ask the key that is plugged in which passkeys it holds, which needs its PIN
    #[arg(long)]
    pub with_key: bool,
    /// The PIN guard.
    #[command(flatten)]
    pub pin: PinGuard,
}

/// What `entra emit` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EmitWhat {
    /// The Conditional Access policy that guards the accounts
    CaPolicies,
    /// The authentication strength
    Strength,
    /// The role-assignable group of the accounts, or its members
    Group,
    /// The restricted management administrative unit, or its members
    Rmau,
    /// Alert rules for Azure Monitor
    AlertRule,
    /// Queries for Log Analytics and Sentinel
    Kql,
    /// Near-real-time rules for Sentinel
    SentinelRule,
    /// All of them
    All,
}
