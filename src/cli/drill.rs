//! Arguments of `drill`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::{Check, PinGuard, told};

/// Arguments of `drill`. On a terminal what is not said here is asked for; elsewhere, and with `--pin-stdin`, nobody is
/// asked, and what is not said is unanswered.
#[derive(Debug, Args)]
pub struct Drill {
    /// Only this account; all of the plan where it is missing. Of a drill that goes on: only what is left of this account
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Who leads the drill
    #[arg(long, value_name = "NAME", value_parser = told)]
    pub by: Option<String>,
    /// Who else is there; may be given again
    #[arg(long, value_name = "NAME", value_parser = told)]
    pub present: Vec<String>,
    /// Whether the account signed in (`sign-in`)
    #[arg(long, value_name = "yes|no", value_parser = ["yes", "no"])]
    pub signin_ok: Option<String>,
    /// When it signed in: 10:15, 2026-11-21T10:15:00Z, now
    #[arg(long, value_name = "TIME")]
    pub signin_at: Option<String>,
    /// Whether that sign-in was seen in the log (`sign-in-seen`)
    #[arg(long, value_name = "yes|no", value_parser = ["yes", "no"])]
    pub signin_seen: Option<String>,
    /// Whether it is still Global Administrator and could do its work (`role`)
    #[arg(long, value_name = "yes|no", value_parser = ["yes", "no"])]
    pub role_ok: Option<String>,
    /// Whether the alert fired (`alert`); `--alert-at` says yes by itself
    #[arg(long, value_name = "yes|no", value_parser = ["yes", "no"])]
    pub alert_ok: Option<String>,
    /// When the alert fired
    #[arg(long, value_name = "TIME")]
    pub alert_at: Option<String>,
    /// Any other answer, by the question's id: yes, no or not-applicable; may be given again
    #[arg(long, value_name = "ID=ANSWER")]
    pub answer: Vec<String>,
    /// A file of answers, TOML or JSON: docs/drill.md
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// A key that is not where it should be; `--why` tells what is known
    #[arg(long, value_name = "LABEL", requires = "why")]
    pub missing: Vec<String>,
    /// A key that is not checked this time; `--why` says why
    #[arg(long, value_name = "LABEL", requires = "why")]
    pub leave_out: Vec<String>,
    /// The sealed bag that a key was put into; may be given again
    #[arg(long, value_name = "LABEL=NUMBER")]
    pub bag: Vec<String>,
    /// An exported sign-in log, JSON; may be given again
    #[arg(long, value_name = "FILE")]
    pub signins: Vec<PathBuf>,
    /// An exported audit log, JSON; may be given again
    #[arg(long, value_name = "FILE")]
    pub audit: Vec<PathBuf>,
    /// Check no key now: answer from a machine without keys
    #[arg(long)]
    pub no_keys: bool,
    /// End the drill although something is not done or not answered
    #[arg(long, requires = "why", conflicts_with_all = ["abandon", "close"])]
    pub end: bool,
    /// Give the drill up: it counts for nothing
    #[arg(long, requires = "why", conflicts_with = "close")]
    pub abandon: bool,
    /// An action of a drill is done, such as 5.2; without the drill where only one has that number open. `--why` says what was done
    #[arg(long, value_name = "DRILL.NUMBER", requires = "why")]
    pub close: Option<ActionName>,
    /// The reason for what is asked for
    #[arg(long, value_name = "REASON", value_parser = told)]
    pub why: Option<String>,
    /// The PIN guard.
    #[command(flatten)]
    pub pin: PinGuard,
}

/// An action of a drill: `5.2`; or `2`, where no other drill has one of this number open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionName {
    /// The event that began the drill.
    pub drill: Option<u64>,
    /// Its number in the drill, from 1.
    pub number: u32,
}

impl FromStr for ActionName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = match text.split_once('.') {
            Some((drill, number)) => drill.parse().ok().map(Some).zip(number.parse().ok()),
            None => text.parse().ok().map(|number| (None, number)),
        };
        let (drill, number) = name.ok_or("an action is named by its drill and its number, such as 5.2")?;
        Ok(Self { drill, number })
    }
}

impl Check {
    /// The whole check of one key, by the plan, and recorded.
    #[must_use]
    pub fn whole(pin: PinGuard) -> Self {
        Self {
            all: false,
            watch: false,
            count: None,
            no_touch: false,
            no_passkeys: false,
            policy: Vec::new(),
            profile: None,
            account: None,
            #[cfg(feature = "second-client")]
            second_client: false,
            no_record: false,
            pin,
        }
    }
}
