//! Which single failure would take out every account: of a vendor, a maker, a kind of chip, or whoever attests the keys.

use std::collections::BTreeMap;

use super::Held;
use super::fleet::Fleet;
use super::row::{Id, Row, listed};
use crate::plan::folded;

/// What may fail: a vendor, brand or maker; chips by one maker; a certificate that vouches for keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Maker(String),
    Chip(String),
    Issuer(String),
}

pub(super) fn single_failure(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::SingleFailure;
    let holding: Vec<_> = fleet.owners.iter().filter(|owner| !owner.keys.is_empty()).collect();
    if holding.len() < 2 {
        return vec![Row::skipped(id, "fewer than two accounts hold keys")];
    }
    let keys: Vec<&Held<'_>> = holding.iter().flat_map(|owner| owner.keys.iter().copied()).collect();
    let mut causes: BTreeMap<Cause, (String, usize)> = BTreeMap::new();
    for key in &keys {
        for (cause, name) in of_key(fleet, key) {
            let (_, count) = causes.entry(cause).or_insert((name, 0));
            *count = count.saturating_add(1);
        }
    }
    let unknown = keys.iter().filter(|key| fleet.case.catalogue.chip(key.aaguid).is_none());
    let unknown: Vec<&str> = unknown.map(|key| key.label).collect();
    let open = match unknown.as_slice() {
        [] => String::new(),
        unknown => format!("; which chip is in {} is not known", listed(unknown)),
    };
    // Two chips that are known to differ are enough: whatever the others are, none is in every key.
    let chips = causes.keys().filter(|cause| matches!(cause, Cause::Chip(_))).count();
    let may_share_a_chip = !unknown.is_empty() && chips < 2;
    let fatal = |kind: fn(&Cause) -> bool, words: &str| {
        let behind_all = causes.iter().filter(|(cause, (_, count))| kind(cause) && *count == keys.len());
        let names: Vec<&str> = behind_all.map(|(_, (name, _))| name.as_str()).collect();
        (!names.is_empty()).then(|| format!("{words} {}", listed(&names)))
    };
    let fatal: Vec<String> = [
        fatal(|cause| matches!(cause, Cause::Maker(_)), "a fault or recall by"),
        fatal(|cause| matches!(cause, Cause::Chip(_)), "a fault of chips by"),
        fatal(|cause| matches!(cause, Cause::Issuer(_)), "the loss of the attestation certificate"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if fatal.is_empty() {
        if may_share_a_chip {
            let saw =
                "no vendor, maker or attestation certificate stands behind every key; a maker of chips may";
            return vec![Row::skipped(id, format!("{saw}{open}"))];
        }
        let saw = "no vendor, maker, maker of chips or attestation certificate stands behind every key";
        return vec![Row::pass(id, format!("{saw}{open}"))];
    }
    let accounts: Vec<_> = holding.iter().map(|owner| owner.account.name.as_str()).collect();
    let saw = format!("each of these alone would take out {}: {}{open}", listed(&accounts), fatal.join("; "));
    vec![Row::warn(
        id,
        saw,
        "Give one of the accounts a key that has none of them in common with the others.",
    )]
}

/// What a key hangs on, each cause once, with its name for people.
fn of_key(fleet: &Fleet<'_>, key: &Held<'_>) -> BTreeMap<Cause, String> {
    let catalogue = fleet.case.catalogue;
    let makers =
        fleet.makers(key).iter().map(|maker| (Cause::Maker(folded(&maker.name)), maker.name.clone()));
    let chip = catalogue.chip(key.aaguid).map(|chip| (Cause::Chip(folded(&chip.maker)), chip.maker.clone()));
    let issuers = catalogue
        .anchor_records(key.aaguid)
        .map(|anchor| (Cause::Issuer(anchor.sha256.clone()), format!("'{}'", anchor.name)));
    makers.chain(chip).chain(issuers).collect()
}
