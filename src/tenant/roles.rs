//! The role: active, permanent, and not in many hands.

use super::ids::{Id, Row};
use super::view::{View, is_id, same_id};
use super::wire::Assignment;
use crate::plan::Account;
use crate::verdict::row::{counted, listed, or_pass};

/// Microsoft asks for fewer than five.
const MANY: usize = 5;

fn is_tenant_wide(assignment: &Assignment) -> bool {
    assignment.directory_scope_id.as_deref() == Some("/")
}

/// The assignments through which an account has the role: its own, and its group's.
fn of<'v>(
    view: &'v View<'_>,
    all: &'v [Assignment],
    account: &'v Account,
) -> impl Iterator<Item = &'v Assignment> {
    let group = view.group();
    let through = move |principal: &str| {
        group.is_some_and(|group| {
            let members = group.members.as_deref().unwrap_or_default();
            same_id(&group.id, principal) && members.iter().any(|member| is_id(&member.id, account))
        })
    };
    let has = move |one: &&Assignment| is_id(&one.principal_id, account) || through(&one.principal_id);
    all.iter().filter(|one| is_tenant_wide(one)).filter(has)
}

pub(super) fn active(view: &View<'_>) -> Vec<Row> {
    let id = Id::GlobalAdministrator;
    let without = view.without(|account| of(view, &view.schedules, account).next().is_some());
    let rows = without.iter().map(|account| {
        let cure = "Assign Global Administrator to it: active, permanent, for the whole directory.";
        Row::fail(id, "it has no active assignment of Global Administrator", cure).about(account)
    });
    or_pass(rows.collect(), id, "all are Global Administrators of the whole directory")
}

/// Whether an assignment needs no activation and has no end; `None` where the export doesn't say.
fn is_permanent(assignment: &Assignment) -> Option<bool> {
    let assigned = assignment.assignment_type.as_deref()?.eq_ignore_ascii_case("Assigned");
    let schedule =
        assignment.schedule_info.as_ref().and_then(|info| info.expiration.as_ref()?.kind.as_deref());
    let endless = match (&assignment.end_date_time, schedule) {
        (Some(end), _) => end.is_none(),
        (None, Some(kind)) => kind.eq_ignore_ascii_case("noExpiration"),
        (None, None) => return None,
    };
    Some(assigned && endless)
}

pub(super) fn permanent(view: &View<'_>) -> Vec<Row> {
    let id = Id::RolePermanent;
    let mut rows = Vec::new();
    let mut judged = 0_usize;
    for account in &view.plan.accounts {
        let all: Vec<_> = of(view, &view.schedules, account).map(is_permanent).collect();
        if all.is_empty() {
            continue;
        }
        judged = judged.saturating_add(1);
        if all.contains(&Some(true)) {
            continue;
        }
        let row = if all.contains(&None) {
            Row::skipped(id, "the export does not say whether its assignment ends")
                .cure(super::Kind::RoleSchedules.fetch(view.plan))
        } else {
            Row::fail(
                id,
                "its assignment was activated, or has an end",
                "Assign the role anew: active and permanent.",
            )
        };
        rows.push(row.about(account.name.as_str()));
    }
    if judged == 0 {
        return vec![Row::skipped(id, "none of the accounts has the role")];
    }
    or_pass(rows, id, "no assignment was activated or has an end")
}

pub(super) fn not_eligible(view: &View<'_>) -> Vec<Row> {
    let id = Id::NotEligible;
    let eligible = view.without(|account| of(view, &view.eligibilities, account).next().is_none());
    let rows = eligible.iter().map(|account| {
        let cure = "Take the eligibility away; the active, permanent assignment is all that it needs.";
        Row::fail(id, "it is eligible for Global Administrator", cure).about(account)
    });
    or_pass(rows.collect(), id, "none is eligible for the role")
}

pub(super) fn few(view: &View<'_>) -> Vec<Row> {
    let id = Id::FewAdministrators;
    let all: Vec<_> = view.assignments.iter().filter(|one| is_tenant_wide(one)).collect();
    let ours = view.group_id();
    let is_group = |one: &&&Assignment| {
        let kind = one.principal.as_ref().and_then(|principal| principal.odata_type.as_deref());
        kind.is_some_and(|kind| kind.ends_with("group"))
            && !ours.as_deref().is_some_and(|id| same_id(id, &one.principal_id))
    };
    let groups: Vec<_> = all.iter().filter(is_group).map(|one| one.principal_id.as_str()).collect();
    let people: std::collections::BTreeSet<_> =
        all.iter().map(|one| one.principal_id.to_ascii_lowercase()).collect();
    let saw = format!("{} of Global Administrator", counted(people.len(), "assignment"));
    let cure = "Give the others lesser roles, or make them eligible: Microsoft asks for fewer than five.";
    if people.len() >= MANY {
        return vec![Row::fail(id, saw, cure)];
    }
    if !groups.is_empty() {
        let saw = format!("{saw}, of which groups: {}; how many are in them is not told", listed(&groups));
        return vec![Row::warn(id, saw, cure)];
    }
    vec![Row::pass(id, saw)]
}
