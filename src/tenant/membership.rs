//! The accounts' group and administrative unit.

use super::ids::{Id, Row};
use super::kind::Kind;
use super::view::{View, is_id, same_id};
use super::wire::{Group, Member, Unit};
use crate::verdict::finding::or_pass;
use crate::verdict::words::listed;

/// The group, or why it is not known.
fn group<'v>(view: &'v View<'_>, id: Id) -> Result<&'v Group, Vec<Row>> {
    view.group().ok_or_else(|| {
        let cure = match &view.plan.entra.group {
            Some(_) => Kind::Groups.fetch(view.plan),
            None => "Name the group in the plan, under [entra] as `group`, and fetch it with its members."
                .to_owned(),
        };
        vec![Row::skipped(id, "the accounts' group is in no export").cure(cure)]
    })
}

fn name(name: Option<&str>, id: &str) -> String {
    name.map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
}

pub(super) fn assignable(view: &View<'_>) -> Vec<Row> {
    let id = Id::RoleAssignableGroup;
    let group = match group(view, id) {
        Ok(group) => group,
        Err(rows) => return rows,
    };
    let what = name(group.display_name.as_deref(), &group.id);
    let (Some(assignable), Some(security)) = (group.is_assignable_to_role, group.security_enabled) else {
        let saw = "the export does not say `isAssignableToRole` and `securityEnabled`";
        return vec![Row::skipped(id, saw).cure(Kind::Groups.fetch(view.plan))];
    };
    let dynamic = group.group_types.iter().flatten().any(|kind| kind == "DynamicMembership");
    let cure = "Make another one, role-assignable from the beginning: `glasskey entra emit group`. It cannot be changed later.";
    if !assignable || !security {
        return vec![Row::fail(id, format!("{what} is no role-assignable security group"), cure)];
    }
    if dynamic {
        return vec![Row::fail(id, format!("who is in {what} is decided by a rule"), cure)];
    }
    vec![Row::pass(id, what)]
}

pub(super) fn members(view: &View<'_>) -> Vec<Row> {
    let id = Id::GroupMembers;
    let group = match group(view, id) {
        Ok(group) => group,
        Err(rows) => return rows,
    };
    let Some(members) = &group.members else {
        return vec![
            Row::skipped(id, "the export does not hold the group's members")
                .cure(Kind::Groups.fetch(view.plan)),
        ];
    };
    if is_cut(members) {
        return vec![Row::skipped(id, CUT).cure(ALL_MEMBERS)];
    }
    let mut rows =
        missing(view, id, members, "it is not in the group", "Put it in: `glasskey entra emit group`.");
    let strange: Vec<&str> = members
        .iter()
        .filter(|member| !view.plan.accounts.iter().any(|account| is_id(&member.id, account)))
        .map(|member| member.id.as_str())
        .collect();
    if !strange.is_empty() {
        let saw = format!("also holds {}", listed(&strange));
        let cure = "Take them out: whoever is in the group is left out by the other policies.";
        rows.push(Row::fail(id, saw, cure));
    }
    or_pass(rows, id, "the accounts, and nobody else")
}

/// Graph expands no more than this many members, and does not say that there are more.
const EXPANDED: usize = 20;
const CUT: &str = "the export holds 20 members, and Graph expands no more: there may be others";
const ALL_MEMBERS: &str = "Fetch the members page by page, and put all of them into the export's `members`.";

pub(super) fn is_cut(members: &[Member]) -> bool {
    members.len() == EXPANDED
}

fn missing(view: &View<'_>, id: Id, members: &[Member], saw: &str, cure: &str) -> Vec<Row> {
    let without = view.without(|account| members.iter().any(|member| is_id(&member.id, account)));
    without.iter().map(|account| Row::fail(id, saw, cure).about(account)).collect()
}

/// The unit, or why it is not known.
fn unit<'v>(view: &'v View<'_>, id: Id) -> Result<&'v Unit, Vec<Row>> {
    view.unit().ok_or_else(|| {
        let cure = match &view.plan.entra.administrative_unit {
            Some(_) => Kind::AdministrativeUnits.fetch(view.plan),
            None => {
                "Name the unit in the plan, under [entra] as `administrative_unit`, and fetch it with its members."
                    .to_owned()
            }
        };
        vec![Row::skipped(id, "the accounts' administrative unit is in no export").cure(cure)]
    })
}

pub(super) fn restricted(view: &View<'_>) -> Vec<Row> {
    let id = Id::RestrictedUnit;
    let unit = match unit(view, id) {
        Ok(unit) => unit,
        Err(rows) => return rows,
    };
    let what = name(unit.display_name.as_deref(), &unit.id);
    let cure = "Make another one: `glasskey entra emit rmau`. An existing one cannot be restricted later.";
    vec![match unit.is_member_management_restricted {
        Some(true) => Row::pass(
            id,
            format!(
                "{what}; while the accounts are in it, an app needs a role in the unit to change them, and nobody resets their passwords"
            ),
        ),
        Some(false) => Row::fail(id, format!("{what} is no restricted management unit"), cure),
        None => Row::skipped(id, "the export does not say `isMemberManagementRestricted`")
            .cure(Kind::AdministrativeUnits.fetch(view.plan)),
    }]
}

pub(super) fn in_unit(view: &View<'_>) -> Vec<Row> {
    let id = Id::UnitMembers;
    let unit = match unit(view, id) {
        Ok(unit) => unit,
        Err(rows) => return rows,
    };
    let Some(members) = &unit.members else {
        let fetch = Kind::AdministrativeUnits.fetch(view.plan);
        return vec![Row::skipped(id, "the export does not hold the unit's members").cure(fetch)];
    };
    if is_cut(members) {
        return vec![Row::skipped(id, CUT).cure(ALL_MEMBERS)];
    }
    let mut rows =
        missing(view, id, members, "it is not in the unit", "Put it in: `glasskey entra emit rmau`.");
    let group = view.group_id();
    if members.iter().any(|member| group.as_deref().is_some_and(|group| same_id(group, &member.id))) {
        let saw = "holds the accounts' group, too: of a role-assignable group in such a unit nobody can change the members";
        rows.push(Row::warn(id, saw, "Take the group out of the unit when its members must change."));
    }
    or_pass(rows, id, "all accounts are in it")
}
