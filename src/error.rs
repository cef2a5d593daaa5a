//! Why a verb ended early: which room failed, its exit code, and the cure. No wildcard in either match.

use std::io;

use crate::catalogue::CatalogueError;
use crate::ctap::pin::PinError;
use crate::exit::Exit;
use crate::key::found::OpenError;
use crate::key::guard::PinRefusal;
use crate::key::session::KeyError;
use crate::key::talk_error::TalkError;
use crate::ledger::LedgerError;
use crate::policy::PolicyError;
use crate::term::pin::PinInputError;
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
    #[error("the USB devices cannot be listed: {0}")]
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
    /// The catalogue, or a folder that adds to it.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
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
    /// A thread of this program died; only a bug can do that.
    #[error("a part of this program failed while it was asking a key")]
    Bug,
    /// No such model.
    #[error("the catalogue does not know the model {0}")]
    UnknownModel(uuid::Uuid),
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
            Self::Key(KeyError::Talk(TalkError::Interrupted))
            | Self::PinInput(PinInputError::Interrupted) => Exit::Interrupted,
            Self::Key(KeyError::Talk(_) | KeyError::Refused { .. } | KeyError::Malformed { .. }) => {
                Exit::Misbehaved
            }
            Self::Ledger(error) if error.is_the_record() => Exit::Ledger,
            Self::SeveralKeys(_)
            | Self::List(_)
            | Self::Key(KeyError::Random)
            | Self::PinInput(_)
            | Self::Ledger(_)
            | Self::Policy(_)
            | Self::Catalogue(_)
            | Self::Stored { .. }
            | Self::File { .. }
            | Self::Output(_)
            | Self::Bug
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
                Self::SeveralKeys(_) => "several-keys",
                Self::Policy(_) => "policy",
                Self::Ledger(_) => "ledger",
                Self::Catalogue(_) | Self::UnknownModel(_) => "catalogue",
                Self::PinInput(_) => "pin-input",
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
            Self::Key(KeyError::Talk(TalkError::Interrupted))
            | Self::PinInput(PinInputError::Interrupted) => {
                return None;
            }
            Self::Key(KeyError::Talk(TalkError::NoTouch { .. })) => {
                "try again, and touch the key when it blinks"
            }
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
            Self::Ledger(error) => return error.hint().map(str::to_owned),
            Self::Bug => "this is a bug: please report it, with what was plugged in",
            Self::UnknownModel(_) => {
                "`glasskey catalogue list` shows the models; `--catalogue DIR` adds your own"
            }
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
