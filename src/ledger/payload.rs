//! What an event says. One struct a kind; unknown members are refused, so nothing is read past.

mod checked;
mod created;
mod enrolled;
mod life;
mod onboard;
mod step;

use serde::{Deserialize, Serialize};

pub use checked::{Change, Checked, Verdict};
pub use created::LedgerCreated;
pub use enrolled::{Custody, Enrolled, RawRegistration};
pub use life::{CredentialDeleted, Lost, Moved, PinChanged, Relabelled, Reset, Retired};
pub use onboard::Onboarded;
pub use step::{Ended, Intent, Outcome};

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
    /// A key was reset: its credentials are gone.
    Reset(Reset),
    /// A credential was deleted from a key.
    CredentialDeleted(CredentialDeleted),
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
            Self::Reset(_) => "reset",
            Self::CredentialDeleted(_) => "credential-deleted",
            Self::Onboarded(_) => "onboarded",
        }
    }

    /// The label of the key that it is about, as it was before the event: the key that may sign a receipt.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::LedgerCreated(_) | Self::Outcome(_) | Self::Onboarded(_) => None,
            Self::Intent(intent) => intent.label.as_deref(),
            Self::Enrolled(enrolled) => Some(&enrolled.label),
            Self::Checked(checked) => Some(&checked.label),
            Self::PinChanged(changed) => Some(&changed.label),
            Self::Moved(moved) => Some(&moved.label),
            Self::Relabelled(relabelled) => Some(&relabelled.label),
            Self::Retired(retired) => Some(&retired.label),
            Self::Lost(lost) => Some(&lost.label),
            Self::Reset(reset) => Some(&reset.label),
            Self::CredentialDeleted(deleted) => Some(&deleted.label),
        }
    }
}
