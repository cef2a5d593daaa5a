//! Why the ledger cannot be used: the cause and the cure.

use std::io;

use super::chain::Break;
use super::event::{BodyError, FORMAT};
use super::inventory::Refusal;
use crate::webauthn::assertion::AssertionError;

/// Why the ledger cannot be used, or an event was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is none.
    #[error("there is no ledger at {}", .0.escape_debug())]
    Missing(String),
    /// There is one already.
    #[error("{} is there already, and is left as it is", .0.escape_debug())]
    Exists(String),
    /// A link, a folder, a device.
    #[error("{} is {what}, and a ledger is a plain file", .file.escape_debug())]
    NoPlainFile {
        /// Where.
        file: String,
        /// What is there.
        what: &'static str,
    },
    /// Another kind of file.
    #[error("{} is no ledger", .0.escape_debug())]
    NotALedger(String),
    /// Its table or its guards are not those that this program makes.
    #[error("the ledger's table or the triggers that guard it were changed")]
    Guards,
    /// SQLite cannot read it.
    #[error("the ledger's file is damaged: {0}")]
    Damaged(String),
    /// The chain breaks.
    #[error("the ledger is broken: {0}")]
    Broken(#[from] Break),
    /// Written by a later version.
    #[error(
        "the ledger is of format {0}, and this program knows {FORMAT}: it can be shown, and neither written nor judged"
    )]
    Newer(u64),
    /// It may be read only.
    #[error("the ledger may not be written: {0}")]
    ReadOnly(String),
    /// Another process records.
    #[error("another glasskey is recording, and was waited for no longer")]
    Busy,
    /// The disk is full.
    #[error("the disk is full: nothing was recorded")]
    Full,
    /// The system refuses.
    #[error("the ledger cannot be read or written: {0}")]
    Io(String),
    /// The place.
    #[error("{}: {source}", .file.escape_debug())]
    File {
        /// Where.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// There is no data folder.
    #[error("there is no home folder to keep the ledger in")]
    NoHome,
    /// A label that no key has, or had.
    #[error("no key has, or had, the label '{}'", .0.escape_debug())]
    NoKey(String),
    /// An event that may not follow.
    #[error("not recorded: {0}")]
    Refused(#[from] Refusal),
    /// An event that could not be read back.
    #[error("not recorded: {0}")]
    Body(#[from] BodyError),
    /// A receipt that is not good.
    #[error("not recorded: the key's receipt is not good: {0}")]
    Receipt(#[from] AssertionError),
    /// A receipt that nobody could have signed.
    #[error("not recorded: no enrolled key can sign this event")]
    NoSigner,
    /// An enrolment without the key's own signature.
    #[error("not recorded: an enrolment must be signed by its key")]
    NotSigned,
}

impl LedgerError {
    /// Whether the record itself cannot be relied on or is of a later version, as against a file or an argument.
    #[must_use]
    pub fn is_the_record(&self) -> bool {
        match self {
            Self::NotALedger(_) | Self::Guards | Self::Damaged(_) | Self::Broken(_) | Self::Newer(_) => true,
            Self::Missing(_)
            | Self::Exists(_)
            | Self::NoPlainFile { .. }
            | Self::ReadOnly(_)
            | Self::Busy
            | Self::Full
            | Self::Io(_)
            | Self::File { .. }
            | Self::NoHome
            | Self::NoKey(_)
            | Self::Refused(_)
            | Self::Body(_)
            | Self::Receipt(_)
            | Self::NoSigner
            | Self::NotSigned => false,
        }
    }

    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Missing(_) => "`glasskey ledger init` makes one; `--ledger FILE` names another",
            Self::Exists(_) => "use it, or name another place with `--ledger FILE`",
            Self::NoPlainFile { .. } => "name the file itself with `--ledger FILE`",
            Self::NotALedger(_) => "name the ledger with `--ledger FILE`, or bring the file back from a copy",
            Self::Guards | Self::Damaged(_) | Self::Broken(_) => {
                "keep this file for whoever looks into it, and bring the ledger back from a copy; `glasskey ledger verify --head HASH` tells whether a copy holds what a label says"
            }
            Self::Newer(_) => "use the version of glasskey that wrote it, or a later one",
            Self::ReadOnly(_) => "use an account that may write the file and its folder, or another copy",
            Self::Busy => "end the other glasskey, or wait until it has ended; then try again",
            Self::Full => "make room, and try again",
            Self::NoHome => "name a place with `--ledger FILE`",
            Self::NoKey(_) | Self::Refused(Refusal::NoSuchLabel(_)) => {
                "`glasskey inventory` lists the labels"
            }
            Self::Refused(Refusal::LabelTaken(_)) => {
                "choose a label that no key ever had: old papers still name that key"
            }
            Self::Refused(Refusal::SoftAmongReal | Refusal::RealAmongSoft) => {
                "keep soft keys in a ledger of their own, with `--ledger FILE`"
            }
            Self::Refused(Refusal::BadLabel { .. }) => "choose a label as it would stand on the key's bag",
            Self::Refused(Refusal::NothingSaid) => "give `--site`, `--custodian` or `--bag`",
            Self::Refused(Refusal::Already(_) | Refusal::NotLost(_)) => {
                "nothing is left to record; `glasskey inventory show LABEL` tells what was recorded, and when"
            }
            Self::Refused(Refusal::NoSuchAction(_)) => {
                "`glasskey status` names the open actions: DRILL.NUMBER"
            }
            Self::Refused(Refusal::EndsBeforeItBegins) => "give an end that is not before the beginning",
            Self::Io(_) | Self::File { .. } => {
                "check the path, and that this account may read and write the file and its folder"
            }
            Self::Refused(Refusal::NoReason) => {
                "say why with `--why REASON`: it is what a reader has to go by later"
            }
            Self::Refused(Refusal::TooLong) => "record each use by itself, with its own times",
            Self::Refused(Refusal::BeforeTheLedger(_)) => {
                "the account's first drill settles what was before; note the reason there"
            }
            Self::Receipt(_) => {
                "this is another key than the one that was enrolled, or it was reset since: check it"
            }
            Self::Refused(_) | Self::Body(_) | Self::NoSigner | Self::NotSigned => return None,
        })
    }
}
