//! Do the accounts' keys lie apart, where the plan says, with whom it says?

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::Fleet;
use super::row::{Id, Row, listed, or_pass};
use crate::escape::quote;
use crate::plan::folded;

pub(super) fn sites_apart(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::SitesApart;
    if fleet.owners.iter().filter(|owner| !owner.keys.is_empty()).count() < 2 {
        return vec![Row::skipped(id, "fewer than two accounts hold keys")];
    }
    let mut at: BTreeMap<String, (&str, BTreeMap<usize, Vec<&str>>)> = BTreeMap::new();
    for (place, owner) in fleet.owners.iter().enumerate() {
        for key in &owner.keys {
            if let Some(site) = key.site {
                let (_, keys) = at.entry(folded(site)).or_insert((site, BTreeMap::new()));
                keys.entry(place).or_default().push(key.label);
            }
        }
    }
    let name = |place: &usize| fleet.owners.get(*place).map(|owner| owner.account.name.to_string());
    let planned = |place: &usize, site: &str| {
        fleet.owners.get(*place).is_some_and(|owner| owner.account.sites.iter().any(|own| own.is(site)))
    };
    let mut rows = Vec::new();
    for (site, keys) in at.values().filter(|(_, keys)| keys.len() > 1) {
        let accounts: Vec<String> = keys.keys().filter_map(name).collect();
        let labels: Vec<&str> = keys.values().flatten().copied().collect();
        let saw = format!("keys of {} lie here together: {}", listed(&accounts), listed(&labels));
        rows.push(if keys.keys().all(|place| planned(place, site)) {
            let saw = format!("{saw}; the plan has it so");
            Row::warn(id, saw, "Give each account a site of its own in the plan, and move the keys.")
                .about(site)
        } else {
            let cure = "Move the keys of one account: `glasskey inventory move LABEL --site NAME`.";
            Row::fail(id, saw, cure).about(site)
        });
    }
    or_pass(rows, id, "no site holds keys of two accounts")
}

pub(super) fn site_planned(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::SitePlanned;
    let plan = fleet.case.plan;
    if plan.sites.is_empty() {
        return vec![Row::skipped(id, "the plan names no site")];
    }
    let known: BTreeSet<String> = plan.sites.iter().map(|site| folded(site.name.as_str())).collect();
    let mut rows = Vec::new();
    for owner in &fleet.owners {
        let own: BTreeSet<String> = owner.account.sites.iter().map(|site| folded(site.as_str())).collect();
        for key in &owner.keys {
            let mover = format!("`glasskey inventory move {} --site NAME`", quote(key.label));
            let row = match key.site {
                None => Row::warn(id, "its site was never recorded", format!("Record it: {mover}.")),
                Some(site) if !known.contains(&folded(site)) => {
                    let saw = format!("lies at '{site}', which the plan does not have");
                    Row::fail(
                        id,
                        saw,
                        format!("Add the site to the plan, or record where the key is: {mover}."),
                    )
                }
                Some(site) if !own.is_empty() && !own.contains(&folded(site)) => {
                    let saw = format!("lies at '{site}', which is no site of {}", owner.account.name);
                    Row::fail(id, saw, format!("Bring it to its site and record that: {mover}."))
                }
                Some(_) => continue,
            };
            rows.push(row.about(key.label));
        }
    }
    or_pass(rows, id, "every key lies at a site of its account")
}

pub(super) fn custodian_planned(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::CustodianPlanned;
    let plan = fleet.case.plan;
    if plan.custodians.is_empty() {
        return vec![Row::skipped(id, "the plan names no custodian")];
    }
    let known: BTreeSet<String> = plan.custodians.iter().map(|one| folded(one.name.as_str())).collect();
    let mut rows = Vec::new();
    for owner in &fleet.owners {
        let own: BTreeSet<String> = owner.account.custodians.iter().map(|one| folded(one.as_str())).collect();
        for key in &owner.keys {
            let Some(person) = key.custodian else { continue };
            let saw = if !known.contains(&folded(person)) {
                format!("is kept by '{person}', whom the plan does not name")
            } else if !own.is_empty() && !own.contains(&folded(person)) {
                format!("is kept by '{person}', who is no custodian of {}", owner.account.name)
            } else {
                continue;
            };
            let cure = format!(
                "Change the plan, or hand the key over and record that: `glasskey inventory move {} --custodian NAME`.",
                quote(key.label)
            );
            rows.push(Row::warn(id, saw, cure).about(key.label));
        }
    }
    or_pass(rows, id, "every custodian on record is in the plan")
}
