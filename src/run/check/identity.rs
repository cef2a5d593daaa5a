//! Which enrolled key a key is, and what follows for its check.

use serde_json::{Value, json};

use super::Check;
use super::roll::Place;
use crate::error::Error;
use crate::facts::Facts;
use crate::key::session::Session;
use crate::ledger::Inventory;
use crate::ledger::inventory::{Key, State};
use crate::ledger::payload::Change;
use crate::plan::same;
use crate::run::make::{Make, Makes};
use crate::run::named::is_key;
use crate::run::record::{self, Known};
use crate::verdict::identity::{Enrolled, Identity};
use crate::webauthn::relying_party::RelyingParty;

/// Which enrolled key it is, kept while the key goes through the check.
pub(super) enum Who {
    NoLedger,
    NoLedgerFor(String),
    Unreadable(String),
    New,
    Stranger(Vec<String>),
    NotAsNamed { label: String, is: Option<String> },
    NotOfAccount { account: String, is: Option<String> },
    CannotTell,
    Enrolled(Box<Enrolled>, Vec<Change>),
}

impl Who {
    pub(super) fn identity(&self) -> Identity<'_> {
        match self {
            Self::NoLedger => Identity::NoLedger,
            Self::NoLedgerFor(account) => Identity::NoLedgerFor { account },
            Self::Unreadable(why) => Identity::Unreadable { why },
            Self::New => Identity::New,
            Self::Stranger(like) => Identity::Stranger { like },
            Self::NotAsNamed { label, is } => Identity::NotAsNamed { label, is: is.as_deref() },
            Self::NotOfAccount { account, is } => Identity::NotOfAccount { account, is: is.as_deref() },
            Self::CannotTell => Identity::CannotTell,
            Self::Enrolled(key, _) => Identity::Enrolled(key),
        }
    }

    pub(super) fn enrolled(&self) -> Option<&Enrolled> {
        match self {
            Self::Enrolled(key, _) => Some(key),
            _ => None,
        }
    }

    /// Whether it is not the key that was named, or of the account that was, or another one that is plugged in answers
    /// as the same: nothing that it could do changes that.
    pub(super) fn is_another(&self) -> bool {
        let twin = self.enrolled().is_some_and(|key| key.twin.is_some());
        twin || matches!(self, Self::NotAsNamed { .. } | Self::NotOfAccount { .. })
    }

    /// Looks round for another key that answers as this one. What was seen once is not forgotten.
    pub(super) fn beside(&mut self, place: Option<&Place>) {
        if let Self::Enrolled(key, _) = self {
            key.twin = key.twin.take().or_else(|| place.and_then(Place::twin));
        }
    }

    pub(super) fn changes(&self) -> &[Change] {
        match self {
            Self::Enrolled(_, changes) => changes,
            _ => &[],
        }
    }

    /// Of which key the check is recorded. Another key in the place of the one that was named is recorded as a check of
    /// that one, which it has not signed.
    pub(super) fn label(&self) -> Option<&str> {
        match self {
            Self::Enrolled(key, _) => Some(&key.label),
            Self::NotAsNamed { label, .. } => Some(label),
            _ => None,
        }
    }

    /// Which enrolled key it is, in a few words; none where nobody keeps a ledger.
    pub(super) fn words(&self) -> Option<String> {
        match self {
            Self::NoLedger | Self::NoLedgerFor(_) | Self::Unreadable(_) => None,
            Self::Enrolled(key, _) => Some(format!("{} of {}", key.label, key.account)),
            Self::NotAsNamed { is: Some(is), .. } | Self::NotOfAccount { is: Some(is), .. } => {
                Some(is.clone())
            }
            Self::CannotTell => Some("does not tell whether it is enrolled".to_owned()),
            Self::New
            | Self::Stranger(_)
            | Self::NotAsNamed { is: None, .. }
            | Self::NotOfAccount { is: None, .. } => Some("not enrolled".to_owned()),
        }
    }

    /// Which enrolled key it is, as JSON; null where it is none. Whether that is proven, `same-key` tells.
    pub(super) fn document(&self) -> Value {
        match self {
            Self::Enrolled(key, changes) => json!({
                "label": key.label, "account": key.account, "state": key.state, "changes": changes,
            }),
            _ => Value::Null,
        }
    }
}

impl Check<'_> {
    pub(super) fn identify(&self, session: &mut Session, facts: &Facts) -> Result<Who, Error> {
        if let Some(why) = &self.unreadable {
            return Ok(Who::Unreadable(why.clone()));
        }
        let Some(inventory) = &self.inventory else {
            return Ok(self.account.clone().map_or(Who::NoLedger, Who::NoLedgerFor));
        };
        let key = match (record::recognise(session, &facts.info, inventory)?, &self.label) {
            (Known::As(key), Some(label)) if key.label != *label => {
                return Ok(Who::NotAsNamed { label: label.clone(), is: Some(is_key(key)) });
            }
            (Known::As(key), _) => Some((key, true)),
            (Known::AsNone, Some(label)) => {
                return Ok(Who::NotAsNamed { label: label.clone(), is: None });
            }
            (Known::AsNone, None) => None,
            // Whether it is the one that was named, its signature will tell.
            (Known::CannotTell, label) => match label.as_ref().and_then(|label| inventory.key(label)) {
                None => return Ok(Who::CannotTell),
                Some(key) => Some((key, false)),
            },
        };
        match (key, &self.account) {
            (Some((key, _)), Some(account)) if !same(&key.account, account) => {
                Ok(Who::NotOfAccount { account: account.clone(), is: Some(is_key(key)) })
            }
            (Some((key, answered)), _) => {
                let changes = self.changes(key, facts)?;
                Ok(Who::Enrolled(Box::new(record::enrolled(key, answered, &changes)), changes))
            }
            (None, Some(account)) => Ok(Who::NotOfAccount { account: account.clone(), is: None }),
            (None, None) if inventory.keys().is_empty() => Ok(Who::New),
            (None, None) => {
                let like = inventory.keys().iter().filter(|key| key.aaguid == facts.info.aaguid);
                Ok(Who::Stranger(like.map(|key| key.label.clone()).collect()))
            }
        }
    }

    fn changes(&self, key: &Key, facts: &Facts) -> Result<Vec<Change>, Error> {
        let Some(ledger) = &self.ledger else { return Ok(Vec::new()) };
        let ledger = ledger.lock().map_err(|_| Error::Bug)?;
        record::changes(ledger.ledger(), &self.catalogue, key, facts)
    }

    /// The inventory's word on the key.
    fn key(&self, who: &Who) -> Option<(&Inventory, &Key)> {
        let inventory = self.inventory.as_ref()?;
        Some((inventory, inventory.key(&who.enrolled()?.label)?))
    }

    /// What the key's make means for the accounts; of a key that is counted on, or named for an account.
    pub(super) fn diversity(&self, who: &Who, facts: &Facts) -> Make {
        let Some(plan) = self.plan.as_deref() else { return Make::NoPlan };
        let makes = Makes { plan, catalogue: &self.catalogue };
        match (self.key(who), &self.account) {
            (Some((inventory, key)), _) if key.state == State::Active => makes.of_enrolled(inventory, key),
            // Of a key that stands on the record for another account, nothing is planned for this one.
            _ if matches!(who, Who::NotOfAccount { is: Some(_), .. }) => Make::NotAsked,
            (Some(_), _) | (None, None) => Make::NotAsked,
            (None, Some(account)) => {
                let empty = Inventory::default();
                let inventory = self.inventory.as_ref().unwrap_or(&empty);
                makes.of_new(inventory, account, facts.info.aaguid, None)
            }
        }
    }

    /// The user name of the account that the key is for.
    pub(super) fn user(&self, who: &Who) -> Option<&str> {
        let account = who.enrolled().map(|key| &key.account).or(self.account.as_ref())?;
        Some(self.plan.as_ref()?.account(account)?.upn.as_str())
    }

    /// The relying party of the custody credential, else the plan's, else the usual one.
    pub(super) fn rp(&self, who: &Who) -> RelyingParty {
        match (self.key(who), &self.plan) {
            (Some((_, key)), _) => key.signer.rp.clone(),
            (None, Some(plan)) => plan.custody(),
            (None, None) => RelyingParty::custody(),
        }
    }
}
