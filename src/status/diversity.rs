//! Do the accounts hang on one vendor, brand or maker?

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

use super::Held;
use super::fleet::{Fleet, makers_of};
use super::row::{Id, Row, listed, or_pass};
use crate::catalogue::{Catalogue, Confidence, Relation, Role};
use crate::ledger::inventory::{Inventory, State};
use crate::plan::{Diversity, Plan, folded, same};

/// Another account holds keys of the same make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The other account.
    pub with_account: String,
    /// Its key.
    pub with_key: String,
    /// The vendor, brand or maker that stands behind both keys.
    pub by: String,
    /// How it stands behind each, for people.
    pub basis: String,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { with_account, with_key, by, basis } = self;
        write!(f, "{with_account} holds the key {with_key}, and {by} stands behind both: {basis}")
    }
}

/// Whether a key of this model, enrolled for this account, would break the rule `disjoint`: an active key of another
/// account has a vendor, brand or maker in common with it. Under `survivable` never: that rule is about all keys together,
/// and [`super::status`] judges it.
///
/// A model that the catalogue doesn't know has no makers, and so no conflict: `model-known` is what refuses it.
#[must_use]
pub fn conflict(
    plan: &Plan,
    inventory: &Inventory,
    catalogue: &Catalogue,
    account: &str,
    aaguid: Uuid,
) -> Option<Conflict> {
    let held: Vec<Held<'_>> = inventory.keys().iter().map(Held::from).collect();
    conflict_with(plan, &held, catalogue, account, aaguid)
}

/// [`conflict`] with keys that need not be of one inventory.
#[must_use]
pub fn conflict_with(
    plan: &Plan,
    keys: &[Held<'_>],
    catalogue: &Catalogue,
    account: &str,
    aaguid: Uuid,
) -> Option<Conflict> {
    if *plan.rules.diversity == Diversity::Survivable {
        return None;
    }
    let new = catalogue.makers(aaguid);
    // Known by FIDO's metadata alone, which tell no maker.
    let unmade = new.is_empty() && catalogue.model(aaguid).is_some();
    let others = keys.iter().filter(|key| key.state == State::Active && !same(key.account, account));
    let mut seen: BTreeSet<(Uuid, Option<&str>)> = BTreeSet::new();
    for key in others {
        // A model that was compared already has no conflict, whatever its key is called.
        if !seen.insert((key.aaguid, key.vendor)) {
            continue;
        }
        let conflict = |by: String, basis: String| Conflict {
            with_account: key.account.to_owned(),
            with_key: key.label.to_owned(),
            by,
            basis,
        };
        if unmade {
            let basis = "nobody knows who makes the new key, and it may be the same";
            return Some(conflict("perhaps one vendor".to_owned(), basis.to_owned()));
        }
        let theirs = makers_of(catalogue, key.aaguid, key.vendor);
        let shared = new.iter().find_map(|own| {
            theirs.iter().find(|other| same(&own.name, &other.name)).map(|other| (own, other))
        });
        if let Some((own, other)) = shared {
            let basis = if key.aaguid == aaguid {
                format!("the same model; {}", part(own))
            } else {
                format!("of the new key it is {}; of the other {}", part(own), part(other))
            };
            return Some(conflict(own.name.clone(), basis));
        }
    }
    None
}

/// What somebody has to do with a key.
fn part(maker: &Relation) -> String {
    let role = match maker.role {
        Role::Vendor => "the vendor",
        Role::Brand => "a brand that sells it",
        Role::Oem => "a maker of it",
    };
    match (maker.role, maker.confidence) {
        (Role::Vendor, _) => role.to_owned(),
        (Role::Brand | Role::Oem, Confidence::Stated) => format!("{role} ({})", maker.basis),
        (Role::Brand | Role::Oem, Confidence::Inferred) => format!("{role} (concluded: {})", maker.basis),
    }
}

/// One vendor, brand or maker, and the keys of each account that it stands behind.
struct Maker<'f> {
    name: &'f str,
    /// By the account's place in the plan: one key with what the maker has to do with it, and how many there are.
    behind: BTreeMap<usize, (&'f Held<'f>, &'f Relation, usize)>,
}

pub(super) fn vendor_diversity(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::VendorDiversity;
    let rule = *fleet.case.plan.rules.diversity;
    let holding = fleet.owners.iter().filter(|owner| !owner.keys.is_empty()).count();
    if holding == 0 {
        return vec![Row::skipped(id, "no account holds a key")];
    }
    let makers = makers(fleet);
    let mut rows = match rule {
        Diversity::Disjoint => disjoint(fleet, &makers),
        Diversity::Survivable => survivable(fleet, &makers),
    };
    let nobody: Vec<&str> = fleet
        .owners
        .iter()
        .flat_map(|owner| &owner.keys)
        .filter(|key| fleet.makers(key).is_empty())
        .map(|key| key.label)
        .collect();
    if !nobody.is_empty() {
        let saw = format!(
            "nobody knows who makes {}: it may be anybody, also another account's vendor",
            listed(&nobody)
        );
        let cure = "Put keys of known models in their place, or describe the models in a catalogue folder.";
        rows.push(Row::fail(id, saw, cure));
    }
    let kept = match rule {
        Diversity::Disjoint if holding == 1 => "disjoint: one account alone holds keys",
        Diversity::Disjoint => "disjoint: no two accounts share a vendor, brand or maker",
        Diversity::Survivable => {
            "survivable: no single vendor's, brand's or maker's failure takes out all accounts"
        }
    };
    or_pass(rows, id, kept)
}

fn makers<'f>(fleet: &'f Fleet<'f>) -> Vec<Maker<'f>> {
    let mut makers: BTreeMap<String, Maker<'f>> = BTreeMap::new();
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for (place, owner) in fleet.owners.iter().enumerate() {
        for key in &owner.keys {
            let mut counted = BTreeSet::new();
            for relation in fleet.makers(key) {
                let name = names.entry(&relation.name).or_insert_with(|| folded(&relation.name)).clone();
                if !counted.insert(name.clone()) {
                    continue;
                }
                let maker = makers
                    .entry(name)
                    .or_insert_with(|| Maker { name: &relation.name, behind: BTreeMap::new() });
                let (_, _, count) = maker.behind.entry(place).or_insert((key, relation, 0));
                *count = count.saturating_add(1);
            }
        }
    }
    makers.into_values().collect()
}

/// What a maker stands behind: one key of each account.
fn told(fleet: &Fleet<'_>, maker: &Maker<'_>) -> (String, String) {
    let name = |place: &usize| fleet.owners.get(*place).map(|owner| owner.account.name.to_string());
    let accounts: Vec<String> = maker.behind.keys().filter_map(name).collect();
    let keys = maker.behind.iter().filter_map(|(place, (key, relation, count))| {
        let more = if *count > 1 { format!(" and {} more", count.saturating_sub(1)) } else { String::new() };
        Some(format!("{}: {}{more}, {}", name(place)?, key.label, part(relation)))
    });
    (listed(&accounts), keys.collect::<Vec<_>>().join("; "))
}

fn disjoint(fleet: &Fleet<'_>, makers: &[Maker<'_>]) -> Vec<Row> {
    let shared = makers.iter().filter(|maker| maker.behind.len() > 1);
    let row = |maker: &Maker<'_>| {
        let (accounts, keys) = told(fleet, maker);
        let saw = format!("{} stands behind keys of {accounts} ({keys})", maker.name);
        let cure =
            "Put keys of another make in the place of one account's, or choose `survivable` in the plan.";
        Row::fail(Id::VendorDiversity, saw, cure).about(maker.name)
    };
    shared.map(row).collect()
}

/// A maker whose failure leaves no account a key. An account without keys is out already.
fn survivable(fleet: &Fleet<'_>, makers: &[Maker<'_>]) -> Vec<Row> {
    let held = |place: usize| fleet.owners.get(place).map_or(0, |owner| owner.keys.len());
    let takes_all = |maker: &&Maker<'_>| {
        let lost = |place| maker.behind.get(&place).map_or(0, |(_, _, count)| *count);
        (0..fleet.owners.len()).all(|place| lost(place) == held(place))
    };
    let row = |maker: &Maker<'_>| {
        let (accounts, keys) = told(fleet, maker);
        let saw = format!(
            "a failure of {} alone takes out {accounts}: it stands behind every key ({keys})",
            maker.name
        );
        let cure = "Give one of the accounts a key that this name has nothing to do with.";
        Row::fail(Id::VendorDiversity, saw, cure).about(maker.name)
    };
    makers.iter().filter(takes_all).map(row).collect()
}
