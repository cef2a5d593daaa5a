//! Exported sign-in and audit logs, looked through for one account. Pure: whoever reads the file hands in its bytes.
//!
//! A log is read in every shape in which Entra and Azure give it out: Microsoft Graph v1.0 and beta (one page, several
//! pages one after the other, a bare list), the portal's download, rows of a Log Analytics query, records of a diagnostic
//! setting; as one document or as one a line. Members that are not needed may be anything; those that are needed must be
//! there, and of their type, or the whole file is refused: half a log proves nothing. Of anybody but the account nothing
//! leaves this room.

mod activity;
mod entry;
mod shape;
mod sign_in;

use std::cmp::Reverse;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::graph::{self, GraphError};
use crate::ledger::bytes::Hash;
use crate::ledger::payload::{ChangeSeen, EvidenceAttached, LogKind, SignInSeen};
use crate::plan::Account;

pub use activity::{Activity, of_policies};
pub use sign_in::SignIn;

/// The most bytes of a log that are read.
pub const LIMIT: usize = 64 << 20;
/// The most sign-ins, and the most changes, that are kept of an account.
pub const MOST: usize = 200;
/// The most characters that are kept of a text.
const LONGEST: usize = 200;

/// Why a file is no log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// It is no JSON, or a member that is needed is missing or of another type.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// No entry, and nothing that says which log it is.
    #[error("it holds no entry, and does not say which log it is")]
    Empty,
    /// An entry of neither kind.
    #[error("{}: neither a sign-in nor an entry of an audit log", .0.escape_debug())]
    Neither(String),
    /// Sign-ins and audit entries in one file.
    #[error("it holds sign-ins and audit entries")]
    Mixed,
    /// The other log.
    #[error("this is {}, not {}", words(*.is), words(*.wanted))]
    Other {
        /// What it is.
        is: LogKind,
        /// What it should be.
        wanted: LogKind,
    },
}

fn words(kind: LogKind) -> &'static str {
    match kind {
        LogKind::SignIns => "a sign-in log",
        LogKind::Audit => "an audit log",
    }
}

impl LogError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Other { .. } => "give sign-in logs by `--signins` and audit logs by `--audit`",
            Self::Empty => {
                "export more days, or attach it to a drill with `--signins` or `--audit`, which say what it is"
            }
            Self::Mixed => "export the sign-in log and the audit log into a file each",
            Self::Graph(GraphError::TooLarge { .. }) => {
                "export fewer entries: filter by the accounts, or by the days since the last drill"
            }
            Self::Graph(_) | Self::Neither(_) => {
                "export it as JSON: from the portal, from Microsoft Graph (auditLogs/signIns, auditLogs/directoryAudits), or the rows of SigninLogs or AuditLogs"
            }
        }
    }
}

/// A log, read and not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Which; `None` where it has no entry and does not say.
    pub kind: Option<LogKind>,
    /// SHA-256 of the file.
    pub sha256: Hash,
    /// Whether it says that there is more than it holds.
    pub partial: bool,
    /// The sign-ins, in the order of the file.
    pub sign_ins: Vec<SignIn>,
    /// The audit entries, in the order of the file.
    pub activities: Vec<Activity>,
}

/// Whose entries are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The object id in Entra.
    pub object_id: Uuid,
    /// The user principal name.
    pub upn: String,
}

impl From<&Account> for Who {
    fn from(account: &Account) -> Self {
        Self { object_id: account.object_id.uuid(), upn: account.upn.to_string() }
    }
}

impl Who {
    /// Whether an entry is about this account: by its id, or by its name, small and capital letters alike. Either is enough:
    /// an account that was made anew under the name is told of, too.
    #[must_use]
    pub fn is(&self, id: Option<Uuid>, upn: Option<&str>) -> bool {
        id == Some(self.object_id) || upn.is_some_and(|upn| upn.eq_ignore_ascii_case(&self.upn))
    }
}

impl Log {
    /// Reads a file.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, LogError> {
        let sha256 = Hash::new(Sha256::digest(bytes).into());
        let text = graph::text(bytes, LIMIT)?;
        let mut log =
            Self { kind: None, sha256, partial: false, sign_ins: Vec::new(), activities: Vec::new() };
        let found = shape::entries(graph::documents(&text)?)?;
        log.partial = found.partial();
        log.kind = found.context.as_deref().and_then(entry::of_context);
        for (at, object) in &found.entries {
            let entry = entry::Entry::new(at, object);
            let kind = entry.kind()?.ok_or_else(|| LogError::Neither(at.clone()))?;
            let other = match kind {
                LogKind::SignIns => log.activities.is_empty(),
                LogKind::Audit => log.sign_ins.is_empty(),
            };
            if !other {
                return Err(LogError::Mixed);
            }
            log.kind = Some(kind);
            match kind {
                LogKind::SignIns => log.sign_ins.push(SignIn::of(&entry)?),
                LogKind::Audit => log.activities.push(Activity::of(&entry)?),
            }
        }
        Ok(log)
    }

    /// The same log, where it is the one that is wanted, if one is. One without entries that does not say what it is may
    /// be any, and is what is wanted.
    ///
    /// # Errors
    /// [`LogError::Other`], [`LogError::Empty`].
    pub fn wanted(self, wanted: Option<LogKind>) -> Result<Self, LogError> {
        match (self.kind, wanted) {
            (Some(is), Some(wanted)) if is != wanted => Err(LogError::Other { is, wanted }),
            (None, None) => Err(LogError::Empty),
            (is, wanted) => Ok(Self { kind: wanted.or(is), ..self }),
        }
    }

    /// What the log shows of an account, from `since` on; of sign-ins also earlier ones that `new` says nobody has seen
    /// yet. `file` is its name without its folder.
    #[must_use]
    pub fn evidence(
        &self,
        account: &Account,
        drill: Option<u64>,
        file: &str,
        since: Option<Timestamp>,
        new: impl Fn(&SignInSeen) -> bool,
    ) -> EvidenceAttached {
        let who = Who::from(account);
        let times = || {
            let sign_ins = self.sign_ins.iter().map(|sign_in| sign_in.at);
            sign_ins.chain(self.activities.iter().map(|activity| activity.at))
        };
        let late = |at: Timestamp| since.is_none_or(|since| at >= since);
        let own = self.sign_ins.iter().filter(|one| who.is(one.user_id, one.upn.as_deref()));
        let own = own.map(SignIn::seen).filter(|one| late(one.at) || new(one));
        // Of many the successful ones are kept first, and the newest of them.
        let (sign_ins, more) =
            kept(own.collect(), |one: &SignInSeen| (one.error_code != 0, Reverse(one.at)), |one| one.at);
        let own = |one: &ChangeSeen| one.of_account || one.by_account;
        let about = self.activities.iter().filter(|one| late(one.at)).filter_map(|one| one.seen(&who));
        let (changes, still) =
            kept(about.collect(), |one: &ChangeSeen| (!own(one), Reverse(one.at)), |one| one.at);
        EvidenceAttached {
            drill,
            account: account.name.to_string(),
            log: self.kind.unwrap_or(LogKind::SignIns),
            file: cut(file),
            sha256: self.sha256,
            entries: u64::try_from(times().count()).unwrap_or(u64::MAX),
            first: times().min(),
            last: times().max(),
            partial: self.partial,
            sign_ins,
            changes,
            left_out: more.saturating_add(still),
        }
    }
}

/// The first [`MOST`] by one order, in the order of their times, and how many more there were.
fn kept<T, K: Ord>(
    mut all: Vec<T>,
    matters: impl Fn(&T) -> K,
    at: impl Fn(&T) -> Timestamp,
) -> (Vec<T>, u64) {
    let more = all.len().saturating_sub(MOST);
    all.sort_by_key(|one| matters(one));
    all.truncate(MOST);
    all.sort_by_key(|one| at(one));
    (all, u64::try_from(more).unwrap_or(u64::MAX))
}

/// A text, cut.
fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
