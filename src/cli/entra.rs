//! Arguments of the verbs about Entra: files of Graph in and out.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{PinGuard, told};
use crate::entra::register::DisplayName;

/// Files of Graph, in and out.
#[derive(Debug, Subcommand)]
pub enum EntraVerb {
    /// Make the account's passkey on a key that is enrolled for it, and the body that hands it to Entra
    Register(Register),
    /// Take a passkey that Entra does not have off its key
    Forget(Forget),
    /// Hold an account's passkeys, as Entra lists them, against the record and the key
    Match(Match),
    /// Make bodies, queries and rules for the tenant from the plan
    Emit {
        /// What to make
        #[arg(value_enum)]
        what: EmitWhat,
        /// Write to a new file; for several bodies, into a folder
        #[arg(long, value_name = "PATH", value_parser = super::file::out())]
        out: Option<PathBuf>,
    },
}

/// Arguments of `entra register`.
#[derive(Debug, Args)]
pub struct Register {
    /// For which account of the plan
    #[arg(long, value_name = "NAME")]
    pub account: String,
    /// What Entra asks: the answer to GET /users/{id}/authentication/fido2Methods/creationOptions
    #[arg(long, value_name = "FILE", required_unless_present = "from_record")]
    pub options: Option<PathBuf>,
    /// Write the body for POST /users/{id}/authentication/fido2Methods to this new file
    #[arg(long, value_name = "FILE", value_parser = super::file::out())]
    pub out: PathBuf,
    /// The name under which Entra is to list the passkey, 30 characters at most; else the key's label
    #[arg(long, value_name = "TEXT", value_parser = DisplayName::new)]
    pub name: Option<DisplayName>,
    /// Make nothing: write the body of the account's newest passkey on record once more. Needs no key
    #[arg(long)]
    pub from_record: bool,
    /// The PIN guard.
    #[command(flatten)]
    pub pin: PinGuard,
}

/// Arguments of `entra forget`.
#[derive(Debug, Args)]
pub struct Forget {
    /// Only if it is a key of this account of the plan
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Which passkey, where there are several: its credential id in hexadecimal or base64url, or the beginning of it
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT", default_value = "Entra does not have it", value_parser = told)]
    pub why: String,
    /// Do not ask for the word
    #[arg(long)]
    pub yes: bool,
    /// The PIN guard.
    #[command(flatten)]
    pub pin: PinGuard,
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
