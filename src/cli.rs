//! The command line as it is typed. Help, completions and man pages come from these types.

pub mod custody;
pub mod drill;
pub mod entra;
mod file;
pub mod onboard;
pub mod policy;
#[cfg(feature = "softkey")]
pub mod soft;
pub mod tenant;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
pub use custody::{Enroll, ExportFormat, Inventory, InventoryVerb, Label, LedgerVerb, PlanVerb, Report};
pub use drill::{ActionName, Drill};
pub use entra::{EmitWhat, EntraVerb, Forget, Match, Register};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
pub use onboard::Onboard;
pub use policy::{EmitList, PolicyEmit, PolicyVerb};
#[cfg(feature = "softkey")]
pub use soft::{SoftCreate, SoftVerb};
pub use tenant::TenantVerb;
use uuid::Uuid;

use crate::key::guard::Guard;
use crate::plan::{self, NameError};
use crate::term::Color;

/// Checks the FIDO2 hardware keys behind break-glass accounts: is this key one that would get you back in?
#[derive(Debug, Parser)]
#[command(name = "glasskey", version = VERSION, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// Flags of every verb.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The version, the commit that it is made of, and the date of the built-in catalogue.
pub const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("GLASSKEY_COMMIT"),
    ", catalogue of ",
    env!("GLASSKEY_CATALOGUE"),
    ")"
);

const EXIT_CODES: &str = "\
Exit codes: 0 yes · 1 no · 2 could not tell (usage, files) · 3 no key · 4 a key that may not be opened · \
5 PIN refused, blocked or guarded · 6 ledger broken or newer · 7 the key misbehaved or went silent · 130 interrupted";

/// Flags of every verb.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The custody plan; else `custody.toml` in this folder
    #[arg(long, global = true, value_name = "FILE", env = "GLASSKEY_PLAN", hide_env_values = true)]
    pub plan: Option<OsString>,
    /// The key: a device path, a number from `glasskey keys`, or a label from the inventory
    #[arg(long, global = true, value_name = "KEY")]
    pub key: Option<String>,
    /// Read the PIN from one line of standard input (a verb that needs two reads two: current, new; of several keys each has its line)
    #[arg(long, global = true)]
    pub pin_stdin: bool,
    /// How long a person may take to touch a key, in seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub touch_timeout: u64,
    /// Print one JSON document on standard output; all else goes to standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// When to colour; colour never carries meaning alone
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Leave out notes and prompts for touches
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// The ledger; else `glasskey/ledger.db` in the user's data folder
    #[arg(long, global = true, value_name = "FILE", env = "GLASSKEY_LEDGER", hide_env_values = true)]
    pub ledger: Option<OsString>,
    /// A folder of catalogue files that adds to the built-in catalogue
    #[arg(long, global = true, value_name = "DIR")]
    pub catalogue: Option<PathBuf>,
    /// Use the soft keys kept in this folder instead of USB
    #[cfg(feature = "softkey")]
    #[arg(long, global = true, value_name = "DIR")]
    pub soft: Option<PathBuf>,
}

impl Cli {
    /// Refuses what cannot be meant together and what clap overlooks: a conflict with a global flag before the verb.
    ///
    /// # Errors
    /// A usage error.
    pub fn agree(self) -> Result<Self, clap::Error> {
        let fault = |kind, words: &str| Err(Self::command().error(kind, words));
        match &self.verb {
            Verb::Check(Check { all: true, .. }) if self.global.key.is_some() => {
                fault(ErrorKind::ArgumentConflict, "the argument '--all' cannot be used with '--key <KEY>'")
            }
            Verb::Check(Check { watch: true, .. }) if self.global.key.is_some() => {
                fault(ErrorKind::ArgumentConflict, "the argument '--watch' cannot be used with '--key <KEY>'")
            }
            Verb::Enroll(Enroll { batch: Some(_), .. }) if self.global.key.is_some() => fault(
                ErrorKind::ArgumentConflict,
                "the argument '--batch <FILE>' cannot be used with '--key <KEY>'",
            ),
            Verb::Completions { .. } | Verb::Man { .. } if self.global.json => fault(
                ErrorKind::ArgumentConflict,
                "the argument '--json' cannot be used with 'completions' and 'man': they give no answer",
            ),
            Verb::Report(report) => {
                report.agree(self.global.json).map_or(Ok(self), |(kind, words)| fault(kind, words))
            }
            Verb::Label(label) => {
                label.agree(self.global.json).map_or(Ok(self), |(kind, words)| fault(kind, words))
            }
            _ => Ok(self),
        }
    }
}

impl Global {
    /// How long a person may take.
    #[must_use]
    pub fn touch(&self) -> Duration {
        Duration::from_secs(self.touch_timeout)
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the keys that are plugged in, also those that can't be opened
    Keys {
        /// Go on, and tell when a key comes or goes
        #[arg(long)]
        watch: bool,
    },
    /// Show all facts of one key
    Info,
    /// Judge a key against the allow-list and the catalogue
    Check(Check),
    /// Take a key into custody for an account
    Enroll(Enroll),
    /// Try a new model on a sample key, before anybody buys fifty: identity, attestation, what Entra asks, PIN, conduct
    Onboard(Onboard),
    /// Drill day: every key and everything else that must work, step by step; goes on where it was interrupted
    Drill(Box<Drill>),
    /// PIN work, guarded
    #[command(subcommand)]
    Pin(Pin),
    /// The passkeys on a key
    #[command(subcommand)]
    Credentials(Credentials),
    /// Erase a key: its PIN and every credential
    Reset(Reset),
    /// Verify stored registrations
    #[command(subcommand)]
    Attestation(AttestationVerb),
    /// Allow-lists
    #[command(subcommand)]
    Policy(PolicyVerb),
    /// Files of Microsoft Graph, in and out
    #[command(subcommand)]
    Entra(EntraVerb),
    /// The tenant's exported configuration
    #[command(subcommand)]
    Tenant(TenantVerb),
    /// Judge the inventory by the custody plan: what is missing, overdue, no longer allowed; needs no key
    Status,
    /// The custody plan: accounts, sites, custodians, rules
    #[command(subcommand)]
    Plan(PlanVerb),
    /// Models, vendors and advisories
    #[command(subcommand)]
    Catalogue(CatalogueVerb),
    /// The record of every key: make it, read it, verify it
    #[command(subcommand)]
    Ledger(LedgerVerb),
    /// The keys in custody: who, where, what state
    Inventory(Inventory),
    /// Write all of it as a document for people: accounts, rules, drills, keys and their history; needs no key
    Report(Report),
    /// Make labels for the bags: the facts of a key, and a QR code that holds them
    Label(Label),
    /// Look for what would keep this machine from reading keys, and how the ledger is, each with its cure
    Doctor,
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Write the man pages into a folder
    Man {
        /// The folder; made where it is missing
        dir: PathBuf,
    },
    /// Soft keys: real firmware in this process, for tests and training
    #[cfg(feature = "softkey")]
    #[command(subcommand)]
    Soft(SoftVerb),
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Check every key that is plugged in
    #[arg(long, conflicts_with = "key")]
    pub all: bool,
    /// Go on, and check every key that is plugged in, as it comes: each is told in one line, and may be pulled then
    #[arg(long, conflicts_with_all = ["all", "key"])]
    pub watch: bool,
    /// With `--watch`: end after so many keys, and not only at Ctrl-C
    #[arg(long, value_name = "KEYS", requires = "watch", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// Use neither PIN nor touch; what needs them is skipped, and says so
    #[arg(long)]
    pub no_touch: bool,
    /// Neither list the passkeys on the key nor have the one for Entra sign, which costs a touch of its own
    #[arg(long)]
    pub no_passkeys: bool,
    /// An allow-list: Graph JSON (passkey policy, authentication strength) or AAGUIDs, one a line; may be given again
    #[arg(long, value_name = "FILE")]
    pub policy: Vec<PathBuf>,
    /// Which passkey profile of the policy, by name or id
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// For which account of the plan it is: a key that is not enrolled for it is not fit
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Have another CTAP2 client (`ctap-hid-fido2`) read the key, register and sign, and compare; two more touches, and
    /// the check is not recorded, for the key is no longer ours when it ends
    #[cfg(feature = "second-client")]
    #[arg(long, conflicts_with = "no_touch")]
    pub second_client: bool,
    /// Leave the ledger as it is
    #[arg(long)]
    pub no_record: bool,
    /// The PIN guard.
    #[command(flatten)]
    pub pin: PinGuard,
}

impl Check {
    /// Whether the second client was asked for; never in a build without one.
    #[must_use]
    pub fn wants_second_client(&self) -> bool {
        #[cfg(feature = "second-client")]
        return self.second_client;
        #[cfg(not(feature = "second-client"))]
        return false;
    }
}

/// The one way past the PIN guard.
#[derive(Debug, Clone, Copy, Args)]
pub struct PinGuard {
    /// Spend one of the last PIN attempts although three or fewer are left; at none the key must be erased
    #[arg(long)]
    pub spend_scarce_pin_attempt: bool,
}

impl From<PinGuard> for Guard {
    fn from(typed: PinGuard) -> Self {
        Self { spend_scarce: typed.spend_scarce_pin_attempt, ..Self::default() }
    }
}

/// PIN work.
#[derive(Debug, Subcommand)]
pub enum Pin {
    /// Whether a PIN is set, and how many attempts are left; costs none
    Status,
    /// Set the first PIN
    Set,
    /// Change the PIN
    Change(PinGuard),
    /// Try the PIN once
    Verify(PinGuard),
}

/// The passkeys on a key.
#[derive(Debug, Subcommand)]
pub enum Credentials {
    /// List them: site, user, credential id, whether it works without the PIN
    List(PinGuard),
    /// Delete one, for good
    Delete(Delete),
}

/// Arguments of `credentials delete`.
#[derive(Debug, Args)]
pub struct Delete {
    /// Its credential id in hexadecimal or base64url, or the beginning of it
    pub id: String,
    /// Do not ask for the word
    #[arg(long)]
    pub yes: bool,
    /// The PIN guard.
    #[command(flatten)]
    pub pin: PinGuard,
}

/// Arguments of `reset`.
#[derive(Debug, Args)]
pub struct Reset {
    /// Do not ask for the word
    #[arg(long)]
    pub yes: bool,
}

/// Stored registrations.
#[derive(Debug, Subcommand)]
pub enum AttestationVerb {
    /// Verify them: statement, path to a vendor anchor, AAGUID
    Verify {
        /// JSON with `attestationObject` and `clientDataJSON`, optional `rpId`, `origin`, `challenge`, `at`
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// The catalogue.
#[derive(Debug, Subcommand)]
pub enum CatalogueVerb {
    /// List the models
    List {
        /// Only those whose vendor or name contains this text
        filter: Option<String>,
        /// Also software, platform and mobile authenticators
        #[arg(long)]
        all: bool,
    },
    /// Show one model with its anchors and advisories
    Show {
        /// The model's AAGUID
        aaguid: Uuid,
    },
    /// Take in FIDO's metadata: verify a BLOB offline and keep it, beneath the catalogue
    ImportMds(ImportMds),
    /// Put an advisory into your own catalogue folder, and tell which enrolled keys it is about
    AddAdvisory {
        /// The advisory: TOML of the same form as aaguids/advisories.toml
        file: PathBuf,
    },
}

/// Arguments of `catalogue import-mds`.
#[derive(Debug, Args)]
pub struct ImportMds {
    /// The BLOB (a JWT), as https://mds3.fidoalliance.org gives it
    pub file: PathBuf,
    /// Take a bare payload that nobody signed; it is marked wherever it is used
    #[arg(long)]
    pub unsigned: bool,
    /// Judge the signer's certificates at this past time, for an old BLOB: a day, or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<Timestamp>,
}

/// A text for the record: not blank, nothing in it that cannot be seen.
fn told(text: &str) -> Result<String, String> {
    plan::told(text).map_err(|NameError { problem, cure }| format!("{problem}; {cure}"))
}

/// A time, or a day, which is its first second in UTC.
fn time(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse().ok().or_else(day).ok_or_else(|| "write 2026-11-22 or 2026-11-22T09:00:00Z".to_owned())
}
