//! Why a verb ended early: which room failed, its exit code, and the cure. No wildcard in either match.

mod hint;
mod kind;

use std::io;

use crate::batch::BatchError;
use crate::catalogue::CatalogueError;
use crate::ctap::pin::PinError;
use crate::drill::SaidError;
use crate::entra::{EntraError, RegisterError};
use crate::exit::Exit;
use crate::key::found::OpenError;
use crate::key::guard::PinRefusal;
use crate::key::session::KeyError;
use crate::key::talk_error::TalkError;
use crate::ledger::LedgerError;
use crate::logs::LogError;
use crate::mds::MdsError;
use crate::onboard::error::OnboardError;
use crate::plan::PlanError;
use crate::policy::PolicyError;
use crate::report::PaperError;
use crate::term::pin::PinInputError;
use crate::verdict::Verdict;
use crate::verdict::words::second;
use crate::webauthn::stored::StoredError;

/// Why a verb ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No key is plugged in.
    #[error("no FIDO2 key is plugged in")]
    NoKey,
    /// `--key` names none of the keys that are plugged in.
    #[error("{}", not_there(.named, .instead.as_deref()))]
    NoSuchKey {
        /// As it was typed.
        named: String,
        /// Which enrolled key the only one plugged in is instead.
        instead: Option<String>,
        /// What is plugged in.
        hint: String,
    },
    /// Two keys answer to one custody credential.
    #[error("two keys answer as {}: {} and {}; one of them is a copy", .label.escape_debug(), .paths[0], .paths[1])]
    Twins {
        /// The label.
        label: String,
        /// Where they are.
        paths: [String; 2],
    },
    /// Several keys are plugged in and none is named.
    #[error("several keys are plugged in:\n{}", .0.join("\n"))]
    SeveralKeys(Vec<String>),
    /// The system cannot list its devices.
    #[error("the keys cannot be listed: {0}")]
    List(io::Error),
    /// The key cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The key, or the conversation with it.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A PIN that no key would take.
    #[error("the PIN was not sent: {0}")]
    Pin(#[from] PinError),
    /// A new PIN that is too short.
    #[error("the new PIN was not sent: {by} wants at least {least} characters")]
    NewPinTooShort {
        /// How long it must be.
        least: u64,
        /// Who says so.
        by: &'static str,
    },
    /// A PIN shorter than the plan asks.
    #[error("the PIN was not sent: the plan wants at least {0} characters")]
    PinTooShort(u64),
    /// The key said that it has the new PIN, and does not take it.
    #[error("the key says that it has the new PIN, and does not take it: {0}")]
    NewPinNotTaken(PinRefusal),
    /// No PIN came.
    #[error(transparent)]
    PinInput(#[from] PinInputError),
    /// A policy file.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The custody plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A file of Graph.
    #[error(transparent)]
    Entra(#[from] EntraError),
    /// A passkey that is not made, or not taken off a key.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The catalogue, or a folder that adds to it.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// FIDO's metadata that were to be imported.
    #[error(transparent)]
    Metadata(#[from] MdsError),
    /// FIDO's metadata as they were kept.
    #[error("the imported metadata in {} cannot be used: {source}", .file.escape_debug())]
    KeptMetadata {
        /// The file.
        file: String,
        /// Why.
        source: MdsError,
    },
    /// Nobody said where the organisation's own catalogue files lie.
    #[error("no folder is named for your own catalogue files")]
    NoFolder,
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Onboarding a model.
    #[error(transparent)]
    Onboard(#[from] OnboardError),
    /// A report or a label.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// A step that was done, and of which the ledger could not be told.
    #[error("'{step}' was done, and could not be recorded: {source}")]
    NotRecorded {
        /// Which.
        step: String,
        /// Why.
        source: LedgerError,
    },
    /// A list of keys to be enrolled.
    #[error("{}: {source}", .file.escape_debug())]
    Batch {
        /// The file.
        file: String,
        /// Why.
        source: BatchError,
    },
    /// Two keys came at once where one was awaited.
    #[error("{0} keys came at once, and nobody can tell which is meant")]
    CameTogether(usize),
    /// A stored registration that is none.
    #[error("{}: {source}", .file.escape_debug())]
    Stored {
        /// The file.
        file: String,
        /// Why.
        source: StoredError,
    },
    /// A file.
    #[error("{}: {source}", .file.escape_debug())]
    File {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The output.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
    /// The plan contradicts itself, or is not filled in.
    #[error("the plan is not sound: line {line}: {}", .what.escape_debug())]
    PlanUnsound {
        /// Where.
        line: usize,
        /// What is wrong.
        what: String,
        /// What to do about it.
        cure: String,
    },
    /// The plan has no such account.
    #[error("the plan has no account {}", .0.escape_debug())]
    UnknownAccount(String),
    /// A name that the plan does not have.
    #[error("the plan has no {what} {}", .name.escape_debug())]
    NotInPlan {
        /// Site or custodian.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A key of the ledger has this label.
    #[error("the label {} is taken", .0.escape_debug())]
    LabelTaken(String),
    /// Somebody watches over themselves.
    #[error("the witness is the custodian: nobody would have watched")]
    OwnWitness,
    /// The same physical key once more, which does not tell which one it is.
    #[error("this key is enrolled already: it holds the custody credential of {}", .0.join(" or "))]
    EnrolledAsOneOf(Vec<String>),
    /// A key that may be an enrolled one, and is treated as if it were.
    #[error("the key does not tell without its PIN whether it is {}: {refused}", .labels.join(" or "))]
    MayBeEnrolled {
        /// The enrolled keys that it may be.
        labels: Vec<String>,
        /// What is not done.
        refused: &'static str,
        /// What to do.
        cure: &'static str,
    },
    /// The same physical key once more.
    #[error("this key is enrolled already: it is {} of {}, {state}, since {}", .label.escape_debug(), .account.escape_debug(), second(.since))]
    AlreadyEnrolled {
        /// Its label.
        label: String,
        /// Its account.
        account: String,
        /// When it was enrolled.
        since: jiff::Timestamp,
        /// `active`, `retired`, `lost`, `reset`.
        state: &'static str,
    },
    /// The plan allows this account no keys of this vendor.
    #[error("the plan allows {} no keys of {}", .account.escape_debug(), .vendor.escape_debug())]
    VendorNotInPlan {
        /// The account.
        account: String,
        /// The vendor; empty where the model is not known.
        vendor: String,
    },
    /// The key that was to be enrolled is not fit; the findings say why.
    #[error("{}", if *.broke { "the key went silent or made no sense" } else { "the key is not fit" })]
    NotFit {
        /// The findings.
        verdict: Box<Verdict>,
        /// Whether the key went silent or made no sense.
        broke: bool,
    },
    /// Another account rests on the same vendor.
    #[error("one vendor's fault would take out two accounts: {0}")]
    Diversity(String),
    /// A thread of this program died; only a bug can do that.
    #[error("a part of this program failed while it was asking a key")]
    Bug,
    /// No such model.
    #[error("the catalogue does not know the model {0}")]
    UnknownModel(uuid::Uuid),
    /// A key that does not list what it holds.
    #[error("this key does not offer to list or delete its passkeys")]
    NoCredentialManagement,
    /// A beginning of a credential id that is too short to name one.
    #[error("give at least {0} characters of the credential id")]
    CredentialIdShort(usize),
    /// No such credential on the key.
    #[error("no passkey on the key has an id that begins with {}", .0.escape_debug())]
    NoSuchCredential(String),
    /// Several credentials begin like this.
    #[error("{0} passkeys on the key have an id that begins like this")]
    SeveralCredentials(usize),
    /// The word was not typed.
    #[error("the word was not typed: nothing was done")]
    NotConfirmed,
    /// The key said that it deleted a credential, and counts as many as before.
    #[error("the key says that it deleted the passkey, and counts as many as before")]
    NotDeleted,
    /// The key said that it did what it was asked, and could not be looked at afterwards.
    #[error("the key said that it did what it was asked, and could not be looked at afterwards: {0}")]
    Unseen(Box<Error>),
    /// The key was not reset.
    #[error("the key was not erased: {0}")]
    NotErased(String),
    /// Another model was plugged in than was unplugged.
    #[error("another key was plugged in (AAGUID {came}, not {went}): nothing was erased")]
    AnotherKey {
        /// The one before.
        went: uuid::Uuid,
        /// The one now.
        came: uuid::Uuid,
    },
    /// The key said that it was reset, and still has a PIN.
    #[error("the key says that it was erased, and still has a PIN")]
    StillSet,
    /// What people say of a drill.
    #[error(transparent)]
    Said(#[from] SaidError),
    /// An exported log.
    #[error("{}: {source}", .file.escape_debug())]
    Log {
        /// The file.
        file: String,
        /// Why.
        source: LogError,
    },
    /// Nothing to end, or to give up.
    #[error("no drill is open")]
    NoDrill,
    /// Several drills have an open action of this number.
    #[error("action {number} is open in several drills")]
    SeveralActions {
        /// The action's number.
        number: u32,
        /// The drills, by the events that began them.
        drills: Vec<u64>,
    },
    /// An account that the open drill does not have.
    #[error("drill {number} is open, and {} is not in it", .account.escape_debug())]
    NotInDrill {
        /// The event that began it.
        number: u64,
        /// The account.
        account: String,
    },
    /// Ctrl-C where no key and no PIN was waited for.
    #[error("interrupted")]
    Interrupted,
    /// A soft key.
    #[cfg(feature = "softkey")]
    #[error(transparent)]
    Soft(#[from] crate::soft::SoftError),
}

impl Error {
    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Unseen(error) => error.exit(),
            Self::NoKey | Self::NoSuchKey { .. } | Self::Open(OpenError::Gone { .. }) => Exit::NoKey,
            Self::Open(OpenError::Permission { .. } | OpenError::Busy { .. } | OpenError::Other { .. })
            | Self::Key(KeyError::Talk(TalkError::Busy)) => Exit::NotPermitted,
            Self::Key(KeyError::Pin(_))
            | Self::Pin(_)
            | Self::NewPinTooShort { .. }
            | Self::PinTooShort(_) => Exit::Pin,
            Self::Interrupted
            | Self::Key(KeyError::Talk(TalkError::Interrupted))
            | Self::PinInput(PinInputError::Interrupted) => Exit::Interrupted,
            Self::Key(KeyError::OnlyU2f)
            | Self::AlreadyEnrolled { .. }
            | Self::EnrolledAsOneOf(_)
            | Self::MayBeEnrolled { .. }
            | Self::Twins { .. }
            | Self::VendorNotInPlan { .. }
            | Self::NotFit { broke: false, .. }
            | Self::Diversity(_) => Exit::No,
            Self::NotFit { broke: true, .. } => Exit::Misbehaved,
            Self::Key(KeyError::Talk(_) | KeyError::Refused { .. } | KeyError::Malformed { .. })
            | Self::Ledger(LedgerError::Receipt(_))
            | Self::NotDeleted
            | Self::NewPinNotTaken(_)
            | Self::StillSet => Exit::Misbehaved,
            Self::NotConfirmed | Self::NotErased(_) | Self::AnotherKey { .. } => Exit::No,
            Self::Onboard(error) if error.is_no_sample() => Exit::No,
            Self::Onboard(OnboardError::NoPin) => Exit::Pin,
            Self::Metadata(error) if error.is_refusal() => Exit::No,
            Self::Register(error) if error.is_no() => Exit::No,
            Self::Register(error) if error.misbehaved() => Exit::Misbehaved,
            Self::Ledger(source) | Self::NotRecorded { source, .. } if source.is_the_record() => Exit::Ledger,
            Self::SeveralKeys(_)
            | Self::List(_)
            | Self::Key(KeyError::Random)
            | Self::PinInput(_)
            | Self::Ledger(_)
            | Self::Onboard(_)
            | Self::NotRecorded { .. }
            | Self::OwnWitness
            | Self::Policy(_)
            | Self::Plan(_)
            | Self::Entra(_)
            | Self::Register(_)
            | Self::Catalogue(_)
            | Self::Paper(_)
            | Self::Metadata(_)
            | Self::KeptMetadata { .. }
            | Self::NoFolder
            | Self::Batch { .. }
            | Self::CameTogether(_)
            | Self::Stored { .. }
            | Self::File { .. }
            | Self::Output(_)
            | Self::Bug
            | Self::PlanUnsound { .. }
            | Self::UnknownAccount(_)
            | Self::NotInPlan { .. }
            | Self::LabelTaken(_)
            | Self::Said(_)
            | Self::Log { .. }
            | Self::NoDrill
            | Self::SeveralActions { .. }
            | Self::NotInDrill { .. }
            | Self::NoCredentialManagement
            | Self::CredentialIdShort(_)
            | Self::NoSuchCredential(_)
            | Self::SeveralCredentials(_)
            | Self::UnknownModel(_) => Exit::CouldNotTell,
            #[cfg(feature = "softkey")]
            Self::Soft(_) => Exit::CouldNotTell,
        }
    }
}

fn not_there(named: &str, instead: Option<&str>) -> String {
    let named = named.escape_debug();
    match instead {
        None => format!("no key plugged in is {named}"),
        Some(is) => format!("{named} was named; the key plugged in is {}", is.escape_debug()),
    }
}
