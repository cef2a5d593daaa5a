//! Which key this is by the record, and what its make means for the accounts: handed in, for a verdict reads no files.

use crate::webauthn::assertion::Credential;

/// Which enrolled key this is.
#[derive(Debug, Clone, Copy)]
pub enum Identity<'a> {
    /// There is no record to ask.
    NoLedger,
    /// There is none, and the key was named for an account.
    NoLedgerFor {
        /// The account.
        account: &'a str,
    },
    /// There is one, and it cannot be relied on.
    Unreadable {
        /// Why.
        why: &'a str,
    },
    /// It is about to be enrolled, or no key is enrolled yet.
    New,
    /// None of the enrolled keys.
    Stranger {
        /// Enrolled keys of the same model, by their labels: one of them may have been reset, or swapped for this one.
        like: &'a [String],
    },
    /// The key was named by a label, and does not answer to that key's custody credential.
    NotAsNamed {
        /// The label.
        label: &'a str,
        /// Which enrolled key it is instead.
        is: Option<&'a str>,
    },
    /// The key was named for an account, and is not enrolled for it.
    NotOfAccount {
        /// The account.
        account: &'a str,
        /// Which enrolled key it is instead.
        is: Option<&'a str>,
    },
    /// The key does not tell without a PIN and a touch which credentials it holds.
    CannotTell,
    /// It answered to this key's custody credential, or does not tell and was named by its label; whether it is the key,
    /// its signature proves.
    Enrolled(&'a Enrolled),
}

/// What the record says of the key.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// Its label.
    pub label: String,
    /// For which account.
    pub account: String,
    /// In words: `active`, `retired`, `lost`, `reset`.
    pub state: &'static str,
    /// Whether it answered to its custody credential; else it does not tell, and was named by its label.
    pub answered: bool,
    /// Where another key is plugged in that answers as this one: one of the two is a copy.
    pub twin: Option<String>,
    /// Its custody credential, with the counter last seen.
    pub credential: Credential,
    /// What is not as it was at enrolment, in words.
    pub changes: Vec<String>,
    /// The ids of its passkeys for Entra, as far as they were registered on record.
    pub passkeys: Vec<Vec<u8>>,
}

/// Whether the key's make takes away what another account rests on.
#[derive(Debug, Clone, Copy)]
pub enum Diversity<'a> {
    /// Nobody has a plan here.
    NoPlan,
    /// There is no plan, or no account is concerned.
    NotAsked,
    /// Nobody knows who makes a key of this model.
    Unknown,
    /// No other account holds a key of this make.
    Clear,
    /// The plan's rule is about all keys together, not about one.
    JudgedByAll,
    /// Another account does, in words.
    Conflict(&'a str),
    /// Another account does, and a person took that on, for this reason.
    Overridden {
        /// In words.
        conflict: &'a str,
        /// The person's reason.
        reason: &'a str,
    },
}
