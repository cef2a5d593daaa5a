//! What exported logs show of an account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ledger::bytes::Hash;

/// Which log a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogKind {
    /// Sign-ins.
    SignIns,
    /// Changes to the directory.
    Audit,
}

/// A sign-in of the account, as a log tells it. Texts are as in the log, cut to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInSeen {
    /// When.
    pub at: Timestamp,
    /// The entry's id, by which it is found again in the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Entra's error code; 0 is success.
    pub error_code: i64,
    /// How it was proven who signs in, where the log tells: `Passkey (device-bound)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Into which application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// From which address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A change of the account, by it, or of what lets it sign in, as a log tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeSeen {
    /// When.
    pub at: Timestamp,
    /// The entry's id, by which it is found again in the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What was done: `User registered security info`.
    pub activity: String,
    /// Whether it was done; `false` where it was tried in vain.
    pub success: bool,
    /// Whether the account itself was changed.
    pub of_account: bool,
    /// Whether the account itself made the change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_account: bool,
}

/// An exported log was looked through for one account. Nothing about anybody else is kept, but what the file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceAttached {
    /// The event that began the drill that it is for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill: Option<u64>,
    /// For which account it was looked through.
    pub account: String,
    /// Which log.
    pub log: LogKind,
    /// The file's name, without its folder.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Hash,
    /// How many entries the file has, whosever they are.
    pub entries: u64,
    /// When the oldest of them was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// When the newest of them was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// Whether the file says that there is more than it holds: it is one page of several.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// The account's sign-ins, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sign_ins: Vec<SignInSeen>,
    /// The changes, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeSeen>,
    /// How many more there were than are kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// An account was used outside drills, and somebody answers for it: its sign-ins then are no alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountUsed {
    /// Which account.
    pub account: String,
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// What for.
    pub why: String,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}
