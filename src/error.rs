//! Why a verb ended early: which room failed, its exit code, and the cure. No wildcard in either match.

use std::io;

use crate::catalogue::CatalogueError;
use crate::ctap::pin::PinError;
use crate::ctap::status::{Code, Refusal};
use crate::exit::Exit;
use crate::key::found::OpenError;
use crate::key::guard::PinRefusal;
use crate::key::session::KeyError;
use crate::key::talk_error::TalkError;
use crate::ledger::LedgerError;
use crate::onboard::error::OnboardError;
use crate::plan::PlanError;
use crate::policy::PolicyError;
use crate::term::pin::PinInputError;
use crate::verdict::Verdict;
use crate::webauthn::stored::StoredError;

/// Why a verb ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No key is plugged in.
    #[error("no FIDO2 key is plugged in")]
    NoKey,
    /// `--key` names none of the keys that are plugged in.
    #[error("no key plugged in is {}", .0.escape_debug())]
    NoSuchKey(String),
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
    /// A new PIN shorter than the key asks.
    #[error("the new PIN was not sent: this key wants at least {0} characters")]
    NewPinTooShort(u64),
    /// No PIN came.
    #[error(transparent)]
    PinInput(#[from] PinInputError),
    /// A policy file.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The custody plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The catalogue, or a folder that adds to it.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Onboarding a model.
    #[error(transparent)]
    Onboard(#[from] OnboardError),
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
    /// The same physical key once more.
    #[error("this key is enrolled already: it is {} of {}, {state}, since {since}", .label.escape_debug(), .account.escape_debug())]
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
            Self::NoKey | Self::NoSuchKey(_) | Self::Open(OpenError::Gone { .. }) => Exit::NoKey,
            Self::Open(OpenError::Permission { .. } | OpenError::Busy { .. } | OpenError::Other { .. })
            | Self::Key(KeyError::Talk(TalkError::Busy)) => Exit::NotPermitted,
            Self::Key(KeyError::Pin(_)) | Self::Pin(_) | Self::NewPinTooShort(_) => Exit::Pin,
            Self::Interrupted
            | Self::Key(KeyError::Talk(TalkError::Interrupted))
            | Self::PinInput(PinInputError::Interrupted) => Exit::Interrupted,
            Self::Key(KeyError::OnlyU2f)
            | Self::AlreadyEnrolled { .. }
            | Self::VendorNotInPlan { .. }
            | Self::NotFit { broke: false, .. }
            | Self::Diversity(_) => Exit::No,
            Self::NotFit { broke: true, .. } => Exit::Misbehaved,
            Self::Key(KeyError::Talk(_) | KeyError::Refused { .. } | KeyError::Malformed { .. })
            | Self::Ledger(LedgerError::Receipt(_))
            | Self::NotDeleted
            | Self::StillSet => Exit::Misbehaved,
            Self::NotConfirmed | Self::NotErased(_) | Self::AnotherKey { .. } => Exit::No,
            Self::Onboard(error) if error.is_no_sample() => Exit::No,
            Self::Onboard(OnboardError::NoPin) => Exit::Pin,
            Self::Ledger(error) if error.is_the_record() => Exit::Ledger,
            Self::SeveralKeys(_)
            | Self::List(_)
            | Self::Key(KeyError::Random)
            | Self::PinInput(_)
            | Self::Ledger(_)
            | Self::Onboard(_)
            | Self::Policy(_)
            | Self::Plan(_)
            | Self::Catalogue(_)
            | Self::Stored { .. }
            | Self::File { .. }
            | Self::Output(_)
            | Self::Bug
            | Self::PlanUnsound { .. }
            | Self::UnknownAccount(_)
            | Self::NotInPlan { .. }
            | Self::LabelTaken(_)
            | Self::NoCredentialManagement
            | Self::CredentialIdShort(_)
            | Self::NoSuchCredential(_)
            | Self::SeveralCredentials(_)
            | Self::UnknownModel(_) => Exit::CouldNotTell,
            #[cfg(feature = "softkey")]
            Self::Soft(_) => Exit::CouldNotTell,
        }
    }

    /// A stable word for scripts.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.exit() {
            Exit::NoKey => "no-key",
            Exit::NotPermitted => "not-permitted",
            Exit::Pin => "pin",
            Exit::Interrupted => "interrupted",
            Exit::Ledger => "ledger",
            Exit::Misbehaved => "key-misbehaved",
            Exit::Yes | Exit::No | Exit::CouldNotTell => match self {
                Self::Key(KeyError::OnlyU2f) => "only-u2f",
                Self::PlanUnsound { .. } | Self::UnknownAccount(_) | Self::NotInPlan { .. } => "plan",
                Self::LabelTaken(_) | Self::AlreadyEnrolled { .. } => "already-enrolled",
                Self::VendorNotInPlan { .. } | Self::Diversity(_) => "vendor-diversity",
                Self::NotFit { .. } => "not-fit",
                Self::SeveralKeys(_) => "several-keys",
                Self::Policy(_) => "policy",
                Self::Plan(_) => "plan",
                Self::Ledger(_) => "ledger",
                Self::Catalogue(_) | Self::UnknownModel(_) => "catalogue",
                Self::PinInput(_) => "pin-input",
                Self::Bug => "bug",
                Self::List(_) | Self::Output(_) | Self::Key(_) => "system",
                Self::NoCredentialManagement
                | Self::CredentialIdShort(_)
                | Self::NoSuchCredential(_)
                | Self::SeveralCredentials(_) => "credential",
                Self::NotConfirmed => "not-confirmed",
                Self::Onboard(error) if error.is_no_sample() => "no-sample",
                Self::NotErased(_) | Self::AnotherKey { .. } => "not-erased",
                _ => "file",
            },
        }
    }

    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let fixed = match self {
            Self::NoKey => "plug a key in; `glasskey doctor` looks for what may hide it",
            Self::NoSuchKey(_) => "`glasskey keys` lists them",
            Self::SeveralKeys(_) => "name one with `--key`, by its number or path",
            Self::Open(OpenError::Permission { .. }) => {
                "install the udev rule (`udev/70-glasskey.rules`), plug the key in again, or use an account that may open it; `glasskey doctor` tells more"
            }
            Self::Open(OpenError::Busy { .. }) | Self::Key(KeyError::Talk(TalkError::Busy)) => {
                "close the other program (a browser, perhaps), and try again"
            }
            Self::Open(OpenError::Gone { .. }) => "plug it in again",
            Self::Key(KeyError::Pin(refusal)) => pin_hint(*refusal),
            Self::Key(KeyError::OnlyU2f) => "use a FIDO2 key",
            Self::Key(KeyError::Talk(TalkError::Interrupted))
            | Self::PinInput(PinInputError::Interrupted)
            | Self::Interrupted => {
                return None;
            }
            Self::Key(
                KeyError::Talk(TalkError::NoTouch { .. })
                | KeyError::Refused {
                    refusal:
                        Refusal::Known(Code::OperationDenied | Code::UserActionTimeout | Code::ActionTimeout),
                    ..
                },
            ) => "try again, and touch the key when it blinks",
            Self::Key(KeyError::Talk(_)) => {
                "plug the key in again and retry, in another port if need be; a key that stays like this does not belong in a safe"
            }
            Self::Key(KeyError::Refused { .. } | KeyError::Malformed { .. }) => {
                "plug the key in again and retry; if it happens again, this model or this key is not to be relied on"
            }
            Self::Pin(_) | Self::NewPinTooShort(_) => "no attempt was spent; enter the PIN again",
            Self::PinInput(PinInputError::NoLine) => "give one line for each PIN that is asked for",
            Self::PinInput(PinInputError::Prompt(_)) => {
                "run it on a terminal, or give the PIN by `--pin-stdin`"
            }
            Self::PinInput(PinInputError::Mismatch) => "nothing was sent; start again",
            Self::Policy(error) => return error.hint(),
            Self::PlanUnsound { cure, .. } => return Some(cure.clone()),
            Self::Plan(error) => return Some(error.hint()),
            Self::Ledger(error) => return error.hint().map(str::to_owned),
            Self::Onboard(error) => error.hint(),
            Self::UnknownAccount(_) | Self::NotInPlan { .. } => {
                "name it as the plan does, or add it to the plan; `glasskey plan check` shows what it holds"
            }
            Self::NotFit { .. } => "the findings tell what to do about each",
            Self::LabelTaken(_) => {
                "choose another one with `--label`, or leave it out for the next free letter"
            }
            Self::AlreadyEnrolled { .. } => {
                "`glasskey inventory show LABEL` tells its history; check it with `glasskey check`"
            }
            Self::VendorNotInPlan { .. } => "use a key of a vendor that the plan allows, or change the plan",
            Self::Diversity(_) => {
                "use a key of another vendor; or `--override REASON`, which is recorded, or the rule `survivable` in the plan"
            }
            Self::Bug => "this is a bug: please report it, with what was plugged in",
            Self::UnknownModel(_) => {
                "`glasskey catalogue list` shows the models; `--catalogue DIR` adds your own"
            }
            Self::NoCredentialManagement => "`glasskey reset` erases all of them, and the PIN",
            Self::CredentialIdShort(_) | Self::NoSuchCredential(_) | Self::SeveralCredentials(_) => {
                "`glasskey credentials list` shows the ids; with `--json` it shows them whole"
            }
            Self::NotConfirmed => "type the word as it stands; `--yes` does without it, for scripts",
            Self::NotErased(_) => "what was on the key is still there; start again",
            Self::AnotherKey { .. } => "start again, with one key only",
            Self::NotDeleted | Self::StillSet => "do not rely on this key: it does not do what it says",
            Self::Stored { .. } => "give JSON with `attestationObject` and `clientDataJSON`, both base64url",
            #[cfg(feature = "softkey")]
            Self::Soft(error) => error.hint(),
            Self::Open(OpenError::Other { .. })
            | Self::List(_)
            | Self::Key(KeyError::Random)
            | Self::PinInput(PinInputError::Stdin(_))
            | Self::Catalogue(_)
            | Self::File { .. }
            | Self::Output(_) => return None,
        };
        Some(fixed.to_owned())
    }
}

fn pin_hint(refusal: PinRefusal) -> &'static str {
    match refusal {
        PinRefusal::Guarded { .. } => {
            "make sure of the PIN; then `--spend-scarce-pin-attempt` spends one of the last attempts. At none left the key must be erased"
        }
        PinRefusal::Blocked => "the key must be reset, which erases it, and enrolled again",
        PinRefusal::PowerCycle => "unplug the key, plug it in again, and make sure of the PIN first",
        PinRefusal::Wrong { .. } => {
            "make sure of the PIN before you try again: it is never tried again by itself"
        }
        PinRefusal::NotSet => "set one with `glasskey pin set`",
        PinRefusal::AlreadySet => "change it with `glasskey pin change`",
        PinRefusal::ChangeForced => "change it with `glasskey pin change`",
        PinRefusal::Policy => {
            "choose a longer or less simple PIN; `glasskey info` shows the rules that the key tells"
        }
        PinRefusal::NoProtocol => "use another model",
    }
}
