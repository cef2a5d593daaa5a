//! The cure of each error.

use std::io::ErrorKind;

use super::Error;
use crate::ctap::pin::PinError;
use crate::ctap::status::{Code, Refusal};
use crate::key::found::OpenError;
use crate::key::guard::PinRefusal;
use crate::key::session::KeyError;
use crate::key::talk_error::TalkError;
use crate::ledger::LedgerError;
use crate::term::pin::PinInputError;

impl Error {
    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let fixed = match self {
            Self::NoKey => "plug a key in; `glasskey doctor` looks for what may hide it",
            Self::NoSuchKey { hint, .. } => return Some(hint.clone()),
            Self::Twins { .. } => {
                "find out which is the copy; rely on neither: retire the label, and enroll another key"
            }
            Self::SeveralKeys(_) => {
                "name one with `--key`, by its number, its path, or its label if it is enrolled"
            }
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
            Self::Key(KeyError::Talk(TalkError::NoTouch { stopped: false, .. })) => {
                "unplug it, plug it in again, and try again"
            }
            Self::Key(
                KeyError::Talk(TalkError::NoTouch { stopped: true, .. })
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
            Self::Pin(PinError::Unseen) => {
                "no attempt was spent; type it anew. If the key's PIN truly holds such a character, change it with the program that set it"
            }
            Self::Pin(_) | Self::NewPinTooShort { .. } => "no attempt was spent; enter the PIN again",
            Self::PinTooShort(_) => {
                "no attempt was spent. If it is the key's PIN, change it with `glasskey pin change`, then enroll the key"
            }
            Self::PinInput(PinInputError::NoLine) => "give one line for each PIN that is asked for",
            Self::PinInput(PinInputError::LeftOut) => {
                "no attempt was spent; its line is the one of its number"
            }
            Self::PinInput(PinInputError::Prompt(_)) => {
                "run it on a terminal, or give the PIN by `--pin-stdin`"
            }
            Self::PinInput(PinInputError::Nothing) => "no attempt was spent; start again",
            Self::PinInput(PinInputError::NotText) => {
                "no attempt was spent; give the PIN as UTF-8 text, as every key keeps it"
            }
            Self::PinInput(PinInputError::Mismatch) => "nothing was sent; start again",
            Self::Policy(error) => return error.hint(),
            Self::Batch { .. } => {
                "correct the file; `glasskey enroll --batch FILE --dry-run` reads it, and touches no key"
            }
            Self::CameTogether(_) => "unplug them, and plug in the one that is meant",
            Self::PlanUnsound { cure, .. } => return Some(cure.clone()),
            Self::Plan(error) => return Some(error.hint()),
            Self::Ledger(source) => return source.hint().map(str::to_owned),
            Self::NotRecorded { source, .. } => {
                let mend = match source {
                    LedgerError::Busy => None,
                    LedgerError::Full => Some("make room"),
                    source => source.hint(),
                };
                let mend = mend.map(|mend| format!("{mend}; then ")).unwrap_or_default();
                return Some(format!(
                    "do not do it again; {mend}`glasskey inventory` tells what is open on the key, and how to close it"
                ));
            }
            Self::Paper(error) => return error.hint().map(str::to_owned),
            Self::OwnWitness => "name somebody else with `--witness`",
            Self::EnrolledAsOneOf(_) => "`glasskey inventory show LABEL` tells the history of each",
            Self::MayBeEnrolled { cure, .. } => cure,
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
            Self::Entra(error) => error.hint(),
            Self::Register(error) => error.hint(),
            Self::Metadata(error) => error.hint(),
            Self::KeptMetadata { .. } => {
                "import the BLOB again with `glasskey catalogue import-mds`, or remove the file: then nothing of it counts"
            }
            Self::NoFolder => {
                "name one with `--catalogue DIR`, or in the plan under [catalogue] as `folders`"
            }
            Self::NoCredentialManagement => "`glasskey reset` erases all of them, and the PIN",
            Self::CredentialIdShort(_) | Self::NoSuchCredential(_) | Self::SeveralCredentials(_) => {
                "`glasskey credentials list` shows the ids; with `--json` it shows them whole"
            }
            Self::NotConfirmed => "type the word as it stands; `--yes` does without it, for scripts",
            Self::NotErased(_) => "what was on the key is still there; start again",
            Self::AnotherKey { .. } => "start again, with one key only",
            Self::Said(error) => error.hint(),
            Self::Log { source, .. } => source.hint(),
            Self::SeveralActions { number, drills } => {
                let names: Vec<String> = drills.iter().map(|drill| format!("{drill}.{number}")).collect();
                return Some(format!("name the drill as well: {}", names.join(", ")));
            }
            Self::NoDrill => "`glasskey drill` begins one",
            Self::NotInDrill { .. } => {
                "end that drill first, or give it up: `glasskey drill --abandon --why REASON`"
            }
            Self::Unseen(_) => {
                "look whether it is done: `glasskey credentials list` shows the passkeys, `glasskey pin status` the PIN"
            }
            Self::NotDeleted | Self::NewPinNotTaken(_) | Self::StillSet => {
                "do not rely on this key: it does not do what it says"
            }
            Self::Stored { .. } => "give JSON with `attestationObject` and `clientDataJSON`, both base64url",
            #[cfg(feature = "softkey")]
            Self::Soft(error) => error.hint(),
            Self::List(_) => "`glasskey doctor` looks for what keeps the keys from being listed",
            Self::File { source, .. } => file_hint(source.kind()),
            Self::Output(_) => "make room where the output goes, or send it elsewhere",
            Self::Open(OpenError::Other { .. })
            | Self::Key(KeyError::Random)
            | Self::PinInput(PinInputError::Stdin(_))
            | Self::Catalogue(_) => return None,
        };
        Some(fixed.to_owned())
    }
}

fn file_hint(what: ErrorKind) -> &'static str {
    match what {
        ErrorKind::NotFound => "check the path; the folder that it lies in must be there",
        ErrorKind::PermissionDenied => "use an account that may read or write there, or name another place",
        ErrorKind::AlreadyExists => "name another place, or move what is there away first",
        ErrorKind::IsADirectory => "name a file: this is a folder",
        ErrorKind::NotADirectory => "name a folder: this, or a part of the path, is a file",
        ErrorKind::InvalidData => "save it as UTF-8 text, or name another file",
        ErrorKind::StorageFull => "make room, and try again",
        _ => "check the path, and that you may read or write there",
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
