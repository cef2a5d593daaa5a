//! Why an account gets no passkey, or why one is not taken off a key again.

use std::io;

use jiff::Timestamp;

use crate::graph::words::{clean, quoted};
use crate::key::session::KeyError;
use crate::webauthn::cose::Algorithm;
use crate::webauthn::registration::RegistrationError;
use crate::webauthn::relying_party::ENTRA_RP_ID;
use crate::webauthn::trust::TrustError;

/// Why an account gets no passkey, or why one is not taken off a key again.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Too late.
    #[error("the challenge ran out at {0}: Entra would refuse the answer")]
    Expired(Timestamp),
    /// Made for another site.
    #[error("the options are of the relying party {}, not of {ENTRA_RP_ID}", quoted(.0))]
    OtherParty(String),
    /// Made for another user.
    #[error("the options are for {}, and the account is {upn}", quoted(.told))]
    OtherUser {
        /// As the options say.
        told: String,
        /// As the plan says.
        upn: String,
    },
    /// The name is the account's, and the user handle another one's.
    #[error("by its user handle the passkey would be one of {}: the ledger has it there", clean(.0))]
    OtherHandle(String),
    /// No ES256.
    #[error("the options offer {}, and only ES256 (-7) is accepted", algorithms(.0))]
    NoAlgorithm(Vec<i64>),
    /// None of the enrolled keys.
    #[error("this key is none of the enrolled ones")]
    NotEnrolled,
    /// It answers no question without a PIN and a touch.
    #[error("the key does not tell without a PIN which key it is")]
    CannotTell,
    /// A key of another account.
    #[error("this is {} of {}, not a key of {}", clean(.label), clean(.is), clean(.wanted))]
    NotOfAccount {
        /// Its label.
        label: String,
        /// Its account.
        is: String,
        /// The account that was named.
        wanted: String,
    },
    /// Retired, lost or reset.
    #[error("this is {}, and by the record it is {state}", clean(.label))]
    NotActive {
        /// Its label.
        label: String,
        /// In words.
        state: &'static str,
    },
    /// Entra has a passkey of this key already.
    #[error("the key {} holds {}, which Entra knows already", clean(.label), excluded(.id.as_deref()))]
    Excluded {
        /// The key's label.
        label: String,
        /// As the options write it; unsaid where only the key told.
        id: Option<String>,
    },
    /// A new one would take its place.
    #[error("the key {} holds a passkey of the account already{}", clean(.label), if *.recorded { "" } else { ", and the record does not know it" })]
    Holds {
        /// The key's label.
        label: String,
        /// Whether the record knows it.
        recorded: bool,
    },
    /// No room.
    #[error("the key {} has no room for another passkey", clean(.0))]
    Full(String),
    /// The options insist on what the key cannot do.
    #[error("the options insist on a credProtect level, and the key does not offer credProtect")]
    CannotProtect,
    /// The key made one that Entra would not take.
    #[error("the key made a passkey that does not verify: {0}")]
    Registration(#[from] RegistrationError),
    /// The key made one that nobody vouches for.
    #[error("the key made a passkey that nobody vouches for: {0}")]
    Trust(#[from] TrustError),
    /// The key made one and does not list it.
    #[error("the key says that it made a passkey, and does not list it")]
    NotListed,
    /// The key made one and would not list it.
    #[error("the key made a passkey, and then would not tell of it: {0}")]
    Unlisted(KeyError),
    /// Made and on record, and not in its file.
    #[error("the passkey is on {} and on record, and {} could not be written: {source}", clean(.label), clean(.file))]
    NotWritten {
        /// The key's label.
        label: String,
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// No passkey on record whose body could be written again.
    #[error("no passkey of {} for Entra is on record", clean(.0))]
    NoneOnRecord(String),
    /// The challenge in the record is another one.
    #[error("the passkey on record was not made with these options")]
    OtherChallenge,
    /// Nothing is to be taken off the key.
    #[error("nothing is known of a passkey for Entra on {}", clean(.0))]
    NothingToForget(String),
    /// What a registration may have left cannot be told from such a list.
    #[error("the key {} does not list all that it holds", clean(.0))]
    ListCut(String),
    /// More than one.
    #[error("{0} passkeys could be meant")]
    Several(usize),
}

impl RegisterError {
    /// Whether it is the key's own fault.
    #[must_use]
    pub fn misbehaved(&self) -> bool {
        matches!(self, Self::Registration(_) | Self::Trust(_) | Self::NotListed | Self::Unlisted(_))
    }

    /// Whether it is an answer: not this key. All else could not be told, or is about files.
    #[must_use]
    pub fn is_no(&self) -> bool {
        match self {
            Self::NotEnrolled
            | Self::NotOfAccount { .. }
            | Self::NotActive { .. }
            | Self::Excluded { .. }
            | Self::Holds { .. }
            | Self::Full(_)
            | Self::CannotProtect
            | Self::NothingToForget(_) => true,
            Self::Expired(_)
            | Self::OtherParty(_)
            | Self::OtherUser { .. }
            | Self::OtherHandle(_)
            | Self::NoAlgorithm(_)
            | Self::CannotTell
            | Self::Registration(_)
            | Self::Trust(_)
            | Self::NotListed
            | Self::Unlisted(_)
            | Self::NotWritten { .. }
            | Self::NoneOnRecord(_)
            | Self::OtherChallenge
            | Self::ListCut(_)
            | Self::Several(_) => false,
        }
    }

    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Expired(_) => {
                "fetch new options; those of Graph beta may be asked to last longer: creationOptions(challengeTimeoutInMinutes=60)"
            }
            Self::OtherParty(_) => {
                "fetch them from Graph; a passkey for any other site is of no use to the account"
            }
            Self::OtherUser { .. } | Self::OtherHandle(_) => {
                "fetch the options of this account, by the object id that the plan has"
            }
            Self::NoAlgorithm(_) => {
                "fetch new options; if Entra offers no ES256 any more, this program must learn what it offers"
            }
            Self::NotEnrolled => "enroll it first: `glasskey enroll --account NAME`",
            Self::CannotTell => "name it by its label with `--key`: it is then asked to sign as that one",
            Self::NotOfAccount { .. } => {
                "take a key of the account; `glasskey inventory` tells which these are"
            }
            Self::NotActive { .. } => {
                "find out why it is here; one that was lost: `glasskey inventory found LABEL --why REASON`"
            }
            Self::Excluded { .. } => {
                "nothing is left to do: `glasskey entra match` tells whether it is the account's"
            }
            Self::Holds { recorded: true, .. } => {
                "if Entra has it, nothing is left to do. If its body was never sent, `--from-record` writes it again; if Entra will not take it, `glasskey entra forget` deletes it"
            }
            Self::Holds { recorded: false, .. } => {
                "somebody registered it elsewhere: see with `glasskey entra match --account NAME --methods FILE --with-key` whether Entra has it; if not, delete it with `glasskey credentials delete`"
            }
            Self::Full(_) => {
                "delete what nobody needs with `glasskey credentials delete`, or use another key"
            }
            Self::CannotProtect => "use a key that offers credProtect",
            Self::Registration(_) | Self::Trust(_) | Self::NotListed | Self::Unlisted(_) => {
                "do not rely on this key; `glasskey entra forget` takes what it made off it"
            }
            Self::NotWritten { .. } => {
                "nothing is lost: `glasskey entra register --from-record --account NAME --out FILE` writes the body again, into another file, without the key; send it before the challenge runs out"
            }
            Self::NoneOnRecord(_) => "make one: leave out `--from-record`, and plug the key in",
            Self::OtherChallenge => "give the options that it was made with, or none",
            Self::NothingToForget(_) => {
                "`glasskey credentials list` shows what is on the key, `glasskey credentials delete` deletes it"
            }
            Self::ListCut(_) => "plug the key in again and repeat this",
            Self::Several(_) => "name one with `--id`; `glasskey credentials list` shows the ids",
        }
    }
}

fn algorithms(offered: &[i64]) -> String {
    let named: Vec<_> = offered.iter().take(10).map(|one| Algorithm(*one).to_string()).collect();
    if named.is_empty() { "no algorithm".to_owned() } else { named.join(", ") }
}

fn excluded(id: Option<&str>) -> String {
    id.map_or_else(|| "a passkey".to_owned(), |id| format!("the passkey {}", quoted(id)))
}
