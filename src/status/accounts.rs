//! Has every account its keys, and none that it may not have?

use super::fleet::Fleet;
use super::row::{Id, Row, counted, listed, or_pass};
use crate::catalogue::Role;
use crate::escape::quote;
use crate::ledger::inventory::State;

pub(super) fn account_known(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::AccountKnown;
    let row = |key: &&super::Held<'_>| {
        let saw = format!("is for the account '{}', which the plan does not have", key.account);
        Row::fail(id, saw, "Add the account to the plan, or retire the key.").about(key.label)
    };
    let rows = fleet.strangers.iter().map(row).collect();
    or_pass(
        rows,
        id,
        format!("the plan has the accounts of all {}", counted(fleet.active.len(), "active key")),
    )
}

pub(super) fn keys_per_account(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::KeysPerAccount;
    if fleet.owners.is_empty() {
        return vec![Row::fail(id, "the plan has no account", "Add the accounts to the plan.")];
    }
    let states = fleet.account_states();
    let row = |account: &super::AccountState| {
        let gone =
            [(State::Retired, account.retired), (State::Lost, account.lost), (State::Reset, account.reset)];
        let gone: Vec<String> = gone
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(state, count)| format!("{count} {}", state.words()))
            .collect();
        let gone = if gone.is_empty() { String::new() } else { format!(" (beside {})", gone.join(", ")) };
        let has = format!("{} active{gone}, {} wanted", counted(account.active, "key"), account.wanted);
        let enough = u32::try_from(account.active).unwrap_or(u32::MAX) >= account.wanted;
        let row = if enough {
            Row::pass(id, has)
        } else {
            Row::fail(
                id,
                has,
                format!("Enroll more: `glasskey enroll --account {}`.", quote(account.name.as_str())),
            )
        };
        row.about(&account.name)
    };
    states.iter().map(row).collect()
}

pub(super) fn vendor_allowed(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::VendorAllowed;
    let choosy = || fleet.owners.iter().filter(|owner| !owner.account.vendors.is_empty());
    if choosy().next().is_none() {
        return vec![Row::skipped(id, "the plan allows every account keys of any vendor")];
    }
    let mut rows = Vec::new();
    for owner in choosy() {
        for key in &owner.keys {
            let sellers = fleet.makers(key).iter().filter(|maker| maker.role != Role::Oem);
            let sellers: Vec<&str> = sellers.map(|maker| maker.name.as_str()).collect();
            if !sellers.iter().any(|seller| owner.account.allows(seller)) {
                let by = if sellers.is_empty() {
                    "a vendor that is not known".to_owned()
                } else {
                    listed(&sellers)
                };
                let allowed: Vec<&str> = owner.account.vendors.iter().map(|vendor| vendor.as_str()).collect();
                let saw =
                    format!("is by {by}; {} may hold keys by {} only", owner.account.name, listed(&allowed));
                let cure = "Put a key of an allowed vendor in its place, or change the plan.";
                rows.push(Row::fail(id, saw, cure).about(key.label));
            }
        }
    }
    or_pass(rows, id, "every key is of a vendor that its account may hold")
}
