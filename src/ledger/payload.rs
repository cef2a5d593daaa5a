//! What an event says. One struct a kind; unknown members are refused, so nothing is read past.

mod checked;
mod created;
mod drill;
mod enrolled;
mod entra;
mod evidence;
mod life;
mod onboard;
mod step;

use serde::{Deserialize, Serialize};

pub use checked::{Change, Checked, Verdict};
pub use created::LedgerCreated;
pub use drill::{
    Action, ActionClosed, Answer, Because, DrillAccount, DrillAnswered, DrillBegun, DrillEnded, DrillKey,
    DrillVerdict, DrilledAccount, NotChecked, Question,
};
pub use enrolled::{Custody, Enrolled, RawRegistration};
pub use entra::{EntraForgotten, EntraRegistered};
pub use evidence::{AccountUsed, ChangeSeen, EvidenceAttached, LogKind, SignInSeen};
pub use life::{CredentialDeleted, Found, Lost, Moved, PinChanged, Relabelled, Reset, Retired};
pub use onboard::Onboarded;
pub use step::{Ended, Intent, Outcome, REGISTER_PASSKEY};

/// What an event says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Payload {
    /// The first event of every ledger, and no other.
    LedgerCreated(LedgerCreated),
    /// A step that changes a key is about to be tried.
    Intent(Intent),
    /// What came of it.
    Outcome(Outcome),
    /// A key is taken into custody.
    Enrolled(Box<Enrolled>),
    /// A key was checked.
    Checked(Box<Checked>),
    /// A key has another PIN.
    PinChanged(PinChanged),
    /// A key lies elsewhere, or with somebody else.
    Moved(Moved),
    /// A key has another label.
    Relabelled(Relabelled),
    /// A key is taken out of service.
    Retired(Retired),
    /// A key is lost.
    Lost(Lost),
    /// A key that was lost is there again.
    Found(Found),
    /// A key was reset: its credentials are gone.
    Reset(Reset),
    /// A credential was deleted from a key.
    CredentialDeleted(CredentialDeleted),
    /// A passkey for Entra was made on a key.
    EntraRegistered(Box<EntraRegistered>),
    /// A passkey for Entra was deleted from a key.
    EntraForgotten(EntraForgotten),
    /// A drill begins.
    DrillBegun(Box<DrillBegun>),
    /// A key of a drill could not be checked.
    NotChecked(NotChecked),
    /// A question of a drill was answered.
    DrillAnswered(DrillAnswered),
    /// A drill ended.
    DrillEnded(Box<DrillEnded>),
    /// What remained to be done after a drill is done.
    ActionClosed(ActionClosed),
    /// An exported log was looked through for an account.
    EvidenceAttached(Box<EvidenceAttached>),
    /// An account was used outside drills.
    AccountUsed(AccountUsed),
    /// A model was onboarded.
    Onboarded(Box<Onboarded>),
}

impl Payload {
    /// The kind, as it stands in the column and in the body.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LedgerCreated(_) => "ledger-created",
            Self::Intent(_) => "intent",
            Self::Outcome(_) => "outcome",
            Self::Enrolled(_) => "enrolled",
            Self::Checked(_) => "checked",
            Self::PinChanged(_) => "pin-changed",
            Self::Moved(_) => "moved",
            Self::Relabelled(_) => "relabelled",
            Self::Retired(_) => "retired",
            Self::Lost(_) => "lost",
            Self::Found(_) => "found",
            Self::Reset(_) => "reset",
            Self::CredentialDeleted(_) => "credential-deleted",
            Self::EntraRegistered(_) => "entra-registered",
            Self::EntraForgotten(_) => "entra-forgotten",
            Self::DrillBegun(_) => "drill-begun",
            Self::NotChecked(_) => "not-checked",
            Self::DrillAnswered(_) => "drill-answered",
            Self::DrillEnded(_) => "drill-ended",
            Self::ActionClosed(_) => "action-closed",
            Self::EvidenceAttached(_) => "evidence-attached",
            Self::AccountUsed(_) => "account-used",
            Self::Onboarded(_) => "onboarded",
        }
    }

    /// The label of the key that it is about, as it was before the event: the key that may sign a receipt.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::LedgerCreated(_)
            | Self::Outcome(_)
            | Self::DrillBegun(_)
            | Self::DrillEnded(_)
            | Self::ActionClosed(_)
            | Self::EvidenceAttached(_)
            | Self::AccountUsed(_)
            | Self::Onboarded(_) => None,
            Self::Intent(intent) => intent.label.as_deref(),
            Self::Enrolled(enrolled) => Some(&enrolled.label),
            Self::Checked(checked) => Some(&checked.label),
            Self::PinChanged(changed) => Some(&changed.label),
            Self::Moved(moved) => Some(&moved.label),
            Self::Relabelled(relabelled) => Some(&relabelled.label),
            Self::Retired(retired) => Some(&retired.label),
            Self::Lost(lost) => Some(&lost.label),
            Self::Found(found) => Some(&found.label),
            Self::Reset(reset) => Some(&reset.label),
            Self::CredentialDeleted(deleted) => Some(&deleted.label),
            Self::EntraRegistered(registered) => Some(&registered.label),
            Self::EntraForgotten(forgotten) => Some(&forgotten.label),
            Self::NotChecked(not) => Some(&not.label),
            Self::DrillAnswered(answered) => answered.label.as_deref(),
        }
    }
}
