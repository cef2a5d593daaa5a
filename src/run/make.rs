//! What a key's make means for the accounts: the same question at its enrolment and at each check.

use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::ledger::inventory::{Inventory, Key};
use crate::plan::{Diversity as Rule, Plan};
use crate::status::Held;
use crate::status::diversity::{conflict, conflict_with};
use crate::verdict::identity::Diversity;

/// What a key's make means for the accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Make {
    /// Nobody has a plan here.
    NoPlan,
    /// No account of a plan is concerned.
    NotAsked,
    /// Nobody knows who makes keys of this model.
    Unknown,
    /// No other account rests on it.
    Clear,
    /// The rule is about all keys together.
    JudgedByAll,
    /// Another account rests on it, in words.
    Conflict(String),
    /// Another account does, in words, and a person took that on for this reason.
    Overridden(String, String),
}

impl Make {
    pub(super) fn as_diversity(&self) -> Diversity<'_> {
        match self {
            Self::NoPlan => Diversity::NoPlan,
            Self::NotAsked => Diversity::NotAsked,
            Self::Unknown => Diversity::Unknown,
            Self::Clear => Diversity::Clear,
            Self::JudgedByAll => Diversity::JudgedByAll,
            Self::Conflict(conflict) => Diversity::Conflict(conflict),
            Self::Overridden(conflict, reason) => Diversity::Overridden { conflict, reason },
        }
    }
}

/// By what a make is judged.
#[derive(Clone, Copy)]
pub(super) struct Makes<'a> {
    pub(super) plan: &'a Plan,
    pub(super) catalogue: &'a Catalogue,
}

impl Makes<'_> {
    /// Of a key that is to be enrolled; `reason` is why a person takes a conflict on.
    pub(super) fn of_new(
        self,
        inventory: &Inventory,
        account: &str,
        aaguid: Uuid,
        reason: Option<&str>,
    ) -> Make {
        let conflict = conflict(self.plan, inventory, self.catalogue, account, aaguid);
        match (conflict.map(|conflict| conflict.to_string()), reason) {
            (None, _) if *self.plan.rules.diversity == Rule::Survivable => Make::JudgedByAll,
            (None, _) if self.catalogue.makers(aaguid).is_empty() => Make::Unknown,
            (None, _) => Make::Clear,
            (Some(conflict), Some(reason)) => Make::Overridden(conflict, reason.to_owned()),
            (Some(conflict), None) => Make::Conflict(conflict),
        }
    }

    /// Of an enrolled key. What was taken on at its enrolment, or at that of the other key, is taken on still.
    pub(super) fn of_enrolled(self, inventory: &Inventory, key: &Key) -> Make {
        let Self { plan, catalogue } = self;
        let (account, aaguid) = (key.account.as_str(), key.aaguid);
        if key.override_reason.is_none() {
            let keys: Vec<Held<'_>> = inventory
                .keys()
                .iter()
                .filter(|other| other.override_reason.is_none())
                .map(Held::from)
                .collect();
            if let Some(conflict) = conflict_with(plan, &keys, catalogue, account, aaguid) {
                return Make::Conflict(conflict.to_string());
            }
        }
        let other = conflict(plan, inventory, catalogue, account, aaguid)
            .and_then(|conflict| inventory.key(&conflict.with_key)?.override_reason.as_deref());
        self.of_new(inventory, account, aaguid, key.override_reason.as_deref().or(other))
    }
}
