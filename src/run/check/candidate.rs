//! One key on its way through a check, and which enrolled key it is taken for.

use crate::ctap::pin::Pin;
use crate::facts::Facts;
use crate::key::guard::Permit;
use crate::key::session::Session;
use crate::verdict::identity::{Enrolled, Identity};

/// One key on its way through the check.
pub(in crate::run) struct Candidate {
    pub(super) session: Session,
    pub(super) facts: Facts,
    pub(super) identity: Owned,
    pub(super) pin: Option<(Permit, Pin)>,
}

impl Candidate {
    /// Whether a PIN was asked for.
    pub(in crate::run) fn has_pin(&self) -> bool {
        self.pin.is_some()
    }

    /// The label of the enrolled key that it answers as; not proven yet.
    pub(in crate::run) fn answers_as(&self) -> Option<&str> {
        match &self.identity {
            Owned::Enrolled(key) => Some(&key.label),
            Owned::NoLedger | Owned::Stranger(_) | Owned::NotAsNamed(_) | Owned::CannotTell => None,
        }
    }
}

/// Which enrolled key it is, kept while the key goes through the check.
pub(super) enum Owned {
    NoLedger,
    Stranger(Vec<String>),
    NotAsNamed(String),
    CannotTell,
    Enrolled(Box<Enrolled>),
}

impl Owned {
    pub(super) fn as_identity(&self) -> Identity<'_> {
        match self {
            Self::NoLedger => Identity::NoLedger,
            Self::Stranger(like) => Identity::Stranger { like },
            Self::NotAsNamed(label) => Identity::NotAsNamed { label },
            Self::CannotTell => Identity::CannotTell,
            Self::Enrolled(key) => Identity::Enrolled(key),
        }
    }
}
