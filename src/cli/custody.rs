//! Arguments of the verbs that keep custody: the plan, enrolment, the ledger, the inventory.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Subcommand};

use super::{PinGuard, told};
use crate::ledger::bytes::Hash;

/// Arguments of `enroll`.
#[derive(Debug, Args)]
pub struct Enroll {
    /// For which account of the plan
    #[arg(long, value_name = "NAME", required_unless_present = "batch")]
    pub account: Option<String>,
    /// Many keys, one after the other: a CSV file whose first line is `label,account,site`, with a line for each key
    #[arg(long, value_name = "FILE", conflicts_with_all = ["account", "label", "site", "override"])]
    pub batch: Option<PathBuf>,
    /// The key's label [default: the account's name and the next free letter]
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// At which site of the plan it will lie
    #[arg(long, value_name = "NAME")]
    pub site: Option<String>,
    /// Which custodian of the plan keeps it
    #[arg(long, value_name = "NAME")]
    pub custodian: Option<String>,
    /// Which custodian of the plan watches
    #[arg(long, value_name = "NAME")]
    pub witness: Option<String>,
    /// Enroll although another account rests on the same vendor; the reason is recorded
    #[arg(long, value_name = "REASON", value_parser = told)]
    pub r#override: Option<String>,
    /// Show the steps and do none of them
    #[arg(long)]
    pub dry_run: bool,
    /// The PIN guard.
    #[command(flatten)]
    pub pin: PinGuard,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Write it as one HTML file, to read and to print; an earlier report there is replaced
    #[arg(long, value_name = "FILE", value_parser = super::file::out())]
    pub html: Option<PathBuf>,
    /// Write it as Markdown; an earlier report there is replaced
    #[arg(long, value_name = "FILE", value_parser = super::file::out())]
    pub markdown: Option<PathBuf>,
    /// Verify every key's signature first, and say so in the report
    #[arg(long)]
    pub verify: bool,
}

impl Report {
    /// What is wrong where nobody says where the report goes.
    pub(super) fn agree(&self, json: bool) -> Option<(ErrorKind, &'static str)> {
        let nowhere = self.html.is_none() && self.markdown.is_none() && !json;
        let words = "say where the report goes: '--html <FILE>', '--markdown <FILE>' or '--json'";
        nowhere.then_some((ErrorKind::MissingRequiredArgument, words))
    }
}

impl Label {
    /// What is wrong where nobody says where the labels go, or where several would go into one picture.
    pub(super) fn agree(&self, json: bool) -> Option<(ErrorKind, &'static str)> {
        if self.html.is_none() && self.svg.is_none() && !json {
            let words = "say where the labels go: '--svg <FILE>', '--html <FILE>' or '--json'";
            return Some((ErrorKind::MissingRequiredArgument, words));
        }
        let several = self.svg.is_some() && self.labels.len() != 1;
        several.then_some((ErrorKind::WrongNumberOfValues, "'--svg <FILE>' holds one label: name one key"))
    }
}

/// Arguments of `label`.
#[derive(Debug, Args)]
pub struct Label {
    /// The keys' labels [default with `--html`: those of all active keys]
    #[arg(value_name = "LABEL")]
    pub labels: Vec<String>,
    /// Write one label as an SVG picture; an earlier label there is replaced
    #[arg(long, value_name = "FILE", value_parser = super::file::out())]
    pub svg: Option<PathBuf>,
    /// Write a sheet of labels to print; an earlier sheet there is replaced
    #[arg(long, value_name = "FILE", value_parser = super::file::out())]
    pub html: Option<PathBuf>,
}

/// The custody plan.
#[derive(Debug, Subcommand)]
pub enum PlanVerb {
    /// Write a commented plan to fill in; nothing is overwritten
    Init {
        /// The file; else the one of `--plan`
        file: Option<PathBuf>,
    },
    /// Read the plan and tell what is wrong or unwise, each with its line and cure
    Check,
}

/// The record itself.
#[derive(Debug, Subcommand)]
pub enum LedgerVerb {
    /// Make a ledger
    Init {
        /// Whose it is
        #[arg(long, value_name = "NAME", value_parser = told)]
        organisation: Option<String>,
    },
    /// Show the newest events
    Log {
        /// How many
        #[arg(long, value_name = "COUNT", default_value_t = 20)]
        limit: u64,
    },
    /// Show the hash of the newest event: note it on labels and reports
    Head,
    /// Recompute every hash and check every key's signature
    Verify {
        /// The head that a label or a report tells; the ledger must hold it
        #[arg(long, value_name = "HASH")]
        head: Option<Hash>,
    },
    /// Print all events
    Export {
        /// `jsonl` holds everything; `csv` is an overview for a spreadsheet
        #[arg(long, value_name = "FORMAT", value_enum, default_value = "jsonl")]
        format: ExportFormat,
    },
}

/// How events are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportFormat {
    /// JSON Lines.
    Jsonl,
    /// Comma-separated values.
    Csv,
}

/// Arguments of `inventory`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Inventory {
    /// What to do; without it the keys are listed.
    #[command(subcommand)]
    pub verb: Option<InventoryVerb>,
}

/// Keys in custody.
#[derive(Debug, Subcommand)]
pub enum InventoryVerb {
    /// List the keys (the default)
    List,
    /// Show one key and its history
    Show {
        /// Its label
        label: String,
    },
    /// Record that a key lies elsewhere, or with somebody else
    Move {
        /// Its label
        label: String,
        /// Where it lies now
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// Who keeps it now
        #[arg(long, value_name = "NAME")]
        custodian: Option<String>,
        /// The number of the sealed bag that it lies in now
        #[arg(long, value_name = "NUMBER", value_parser = told)]
        bag: Option<String>,
    },
    /// Record that a key is out of service
    Retire {
        /// Its label
        label: String,
        /// Why
        #[arg(long, value_name = "REASON", value_parser = told)]
        why: String,
    },
    /// Record that a key is lost
    Lost {
        /// Its label
        label: String,
        /// How
        #[arg(long, value_name = "REASON", value_parser = told)]
        why: String,
    },
    /// Record that a lost key is there again; it counts as never checked until it is checked
    Found {
        /// Its label
        label: String,
        /// How
        #[arg(long, value_name = "REASON", value_parser = told)]
        why: String,
    },
    /// Look through an exported sign-in or audit log for what it shows of an account
    Attach {
        /// The log, JSON
        file: PathBuf,
        /// Which account
        #[arg(long, value_name = "NAME")]
        account: String,
    },
    /// Record that an account was used outside drills, so that its sign-ins then are no alarm
    Use {
        /// Which account
        account: String,
        /// From when on: 10:15, 2026-11-21T10:15:00Z, now; not before the ledger began
        #[arg(long, value_name = "TIME")]
        at: String,
        /// Until when, at most 7 days later [default: the same]
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// What for
        #[arg(long, value_name = "REASON", value_parser = told)]
        why: String,
        /// Who says so
        #[arg(long, value_name = "NAME", value_parser = told)]
        by: Option<String>,
    },
    /// Give a key another label
    Relabel {
        /// Its label
        label: String,
        /// Its new label
        new_label: String,
    },
}
