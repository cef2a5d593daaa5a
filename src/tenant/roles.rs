//! The role: active, permanent, and not in many hands.

use std::collections::BTreeSet;

use super::ids::{Id, Row};
use super::kind::Kind;
use super::membership::is_cut;
use super::view::{View, is_id, same_id};
use super::wire::Assignment;
use crate::plan::Account;
use crate::verdict::finding::or_pass;
use crate::verdict::words::{counted, listed};

/// Microsoft asks for fewer than five.
const MANY: usize = 5;

fn is_tenant_wide(assignment: &Assignment) -> bool {
    assignment.directory_scope_id.as_deref() == Some("/")
}

/// Whether who holds the role is the account: itself, or by its group; `None` where that is not known.
fn holds(view: &View<'_>, assignment: &Assignment, account: &Account) -> Option<bool> {
    let principal = &assignment.principal_id;
    if view.plan.accounts.iter().any(|one| is_id(principal, one)) {
        return Some(is_id(principal, account));
    }
    if !same_id(principal, &view.group_id()?) {
        return Some(false);
    }
    let members = view.group()?.members.as_deref()?;
    let is_in = members.iter().any(|member| is_id(&member.id, account));
    (is_in || !is_cut(members)).then_some(is_in)
}

/// The assignments for the whole directory through which an account has the role; `None` where one may be its own.
fn of<'v>(view: &View<'_>, all: &'v [Assignment], account: &Account) -> Option<Vec<&'v Assignment>> {
    let told = all.iter().filter(|one| is_tenant_wide(one)).map(|one| (one, holds(view, one, account)));
    let told: Vec<_> = told.collect();
    let sure: Vec<_> = told.iter().filter(|(_, holds)| *holds == Some(true)).map(|(one, _)| *one).collect();
    let unknown = told.iter().any(|(_, holds)| holds.is_none());
    (!sure.is_empty() || !unknown).then_some(sure)
}

/// That it is not known whether an account has the role by its group.
fn by_group(view: &View<'_>, id: Id, account: &Account) -> Row {
    let saw = "whether it has the role by the accounts' group is not known";
    Row::skipped(id, saw).cure(Kind::Groups.fetch(view.plan)).about(account.name.as_str())
}

pub(super) fn active(view: &View<'_>) -> Vec<Row> {
    let id = Id::GlobalAdministrator;
    let judge = |account: &Account| {
        let Some(all) = of(view, &view.schedules, account) else { return Some(by_group(view, id, account)) };
        let cure = "Assign Global Administrator to it: active, permanent, for the whole directory.";
        let row = || Row::fail(id, "it has no active assignment of Global Administrator", cure);
        all.is_empty().then(|| row().about(account.name.as_str()))
    };
    let rows = view.plan.accounts.iter().filter_map(judge).collect();
    or_pass(rows, id, "all are Global Administrators of the whole directory")
}

/// Whether an assignment needs no activation and has no end; `None` where the export doesn't say.
fn is_permanent(assignment: &Assignment) -> Option<bool> {
    let assigned = assignment.assignment_type.as_deref()?.eq_ignore_ascii_case("Assigned");
    Some(assigned && assignment.end_date_time.as_ref()?.is_none())
}

pub(super) fn permanent(view: &View<'_>) -> Vec<Row> {
    let id = Id::RolePermanent;
    let mut rows = Vec::new();
    let mut judged = 0_usize;
    for account in &view.plan.accounts {
        let Some(all) = of(view, &view.schedules, account) else {
            rows.push(by_group(view, id, account));
            continue;
        };
        if all.is_empty() {
            continue;
        }
        judged = judged.saturating_add(1);
        let all: Vec<_> = all.into_iter().map(is_permanent).collect();
        if all.contains(&Some(true)) {
            continue;
        }
        let row = if all.contains(&None) {
            Row::skipped(id, "the export does not say whether its assignment ends")
                .cure(Kind::RoleSchedules.fetch(view.plan))
        } else {
            Row::fail(
                id,
                "its assignment was activated, or has an end",
                "Assign the role anew: active and permanent.",
            )
        };
        rows.push(row.about(account.name.as_str()));
    }
    if judged == 0 && rows.is_empty() {
        return vec![Row::skipped(id, "none of the accounts has the role")];
    }
    or_pass(rows, id, "no assignment was activated or has an end")
}

pub(super) fn not_eligible(view: &View<'_>) -> Vec<Row> {
    let id = Id::NotEligible;
    let judge = |account: &Account| {
        let Some(all) = of(view, &view.eligibilities, account) else {
            return Some(by_group(view, id, account));
        };
        let cure = "Take the eligibility away; the active, permanent assignment is all that it needs.";
        let row = || Row::fail(id, "it is eligible for Global Administrator", cure);
        (!all.is_empty()).then(|| row().about(account.name.as_str()))
    };
    let rows = view.plan.accounts.iter().filter_map(judge).collect();
    or_pass(rows, id, "none is eligible for the role")
}

/// Who holds the role: a person or an app, or a group with nobody knows how many in it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    One(String),
    Group(String),
}

/// Who holds the role by an assignment, where the export says what it is. The accounts' group is the accounts.
fn holders(view: &View<'_>, assignment: &Assignment) -> Option<Vec<Holder>> {
    let principal = &assignment.principal_id;
    let one = |id: &str| Holder::One(id.to_ascii_lowercase());
    if view.group_id().is_some_and(|group| same_id(&group, principal)) {
        return Some(view.plan.accounts.iter().map(|account| one(&account.object_id.to_string())).collect());
    }
    let kind = assignment.principal.as_ref().and_then(|principal| principal.odata_type.as_deref());
    match kind {
        Some(kind) if kind.ends_with("group") => Some(vec![Holder::Group(principal.to_ascii_lowercase())]),
        Some(_) => Some(vec![one(principal)]),
        None if view.plan.accounts.iter().any(|account| is_id(principal, account)) => {
            Some(vec![one(principal)])
        }
        None => None,
    }
}

pub(super) fn few(view: &View<'_>) -> Vec<Row> {
    let id = Id::FewAdministrators;
    let fetch = || Kind::RoleAssignments.fetch(view.plan);
    let told: Option<Vec<_>> =
        view.assignments.iter().filter(|one| is_tenant_wide(one)).map(|one| holders(view, one)).collect();
    let Some(told) = told else {
        let saw = "the export does not say whether who holds the role is a group";
        return vec![Row::skipped(id, saw).cure(fetch())];
    };
    let all: BTreeSet<Holder> = told.into_iter().flatten().collect();
    if all.is_empty() {
        let saw = "the export holds no assignment of Global Administrator, and no tenant is without";
        return vec![Row::skipped(id, saw).cure(fetch())];
    }
    let saw = counted(all.len(), "Global Administrator");
    let cure = "Give the others lesser roles, or make them eligible: Microsoft asks for fewer than five.";
    if all.len() >= MANY {
        return vec![Row::fail(id, saw, cure)];
    }
    let group = |one: &Holder| match one {
        Holder::Group(id) => Some(id.clone()),
        Holder::One(_) => None,
    };
    let groups: Vec<String> = all.iter().filter_map(group).collect();
    if !groups.is_empty() {
        let saw = format!("{saw}, of which groups: {}; how many are in them is not told", listed(&groups));
        return vec![Row::warn(id, saw, cure)];
    }
    vec![Row::pass(id, saw)]
}
