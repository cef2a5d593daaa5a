//! Conditional Access: the accounts are bound by the policies that are for them, and by no other.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ids::{Id, Row};
use super::kind::Kind;
use super::view::{View, is_id, same_id};
use super::wire::{Access, Users};
use crate::plan::Account;
use crate::verdict::finding::or_pass;
use crate::verdict::words::listed;

const ENABLED: &str = "enabled";
const REPORTING: &str = "enabledForReportingButNotEnforced";
const DISABLED: &str = "disabled";

fn name(policy: &Access) -> String {
    policy.display_name.clone().unwrap_or_else(|| "a policy without a name".to_owned())
}

fn users(policy: &Access) -> Option<&Users> {
    policy.conditions.as_ref()?.users.as_ref()
}

fn holds(ids: &Option<Vec<String>>, id: &str) -> bool {
    ids.iter().flatten().any(|one| same_id(one, id))
}

/// Whether the policy names an account, itself or by its group, as one that it is for.
fn is_for(view: &View<'_>, policy: &Access, account: &Account) -> bool {
    let Some(users) = users(policy) else { return false };
    let itself = users.include_users.iter().flatten().any(|id| is_id(id, account));
    itself || view.group_id().is_some_and(|group| holds(&users.include_groups, &group))
}

fn is_excluded(view: &View<'_>, policy: &Access, account: &Account) -> bool {
    let Some(users) = users(policy) else { return false };
    let itself = users.exclude_users.iter().flatten().any(|id| is_id(id, account) || same_id(id, "All"));
    itself || view.group_id().is_some_and(|group| holds(&users.exclude_groups, &group))
}

/// The policies that are for the accounts, also those that are not switched on.
fn own<'v>(view: &'v View<'_>) -> Vec<&'v Access> {
    let ours = |policy: &&Access| view.plan.accounts.iter().any(|account| is_for(view, policy, account));
    view.access.iter().filter(ours).collect()
}

fn state(policy: &Access) -> &str {
    policy.state.as_deref().unwrap_or_default()
}

/// The strength that the policies for the accounts demand, where it is one.
pub(super) fn demanded(view: &View<'_>) -> Option<String> {
    let of = |policy: &Access| {
        Some(policy.grant_controls.as_ref()?.authentication_strength.as_ref()?.id.to_ascii_lowercase())
    };
    let ids: BTreeSet<String> = own(view).into_iter().filter_map(of).collect();
    if ids.len() == 1 { ids.into_iter().next() } else { None }
}

/// Why the exports don't tell whose policies these are.
fn no_group(view: &View<'_>, id: Id) -> Option<Vec<Row>> {
    if view.group_id().is_some() {
        return None;
    }
    let cure = "Name the group in the plan, under [entra] as `group`.";
    Some(vec![Row::skipped(id, "the accounts' group is not known").cure(cure)])
}

/// What narrows a policy so that a sign-in may slip by it.
fn narrow(view: &View<'_>, policy: &Access) -> Vec<String> {
    let Some(conditions) = &policy.conditions else { return vec!["it has no conditions".to_owned()] };
    let mut why = Vec::new();
    let applications = conditions.applications.as_ref();
    let all =
        applications.is_some_and(|apps| apps.include_applications.iter().flatten().any(|app| app == "All"));
    if !all {
        why.push("it is not for all applications".to_owned());
    }
    let group = view.group_id();
    let is_ours = |id: &String| group.as_deref().is_some_and(|group| same_id(group, id));
    let excluded = users(policy).and_then(|users| users.exclude_groups.as_ref());
    let strange: Vec<_> =
        excluded.into_iter().flatten().filter(|id| !is_ours(id)).map(String::as_str).collect();
    if !strange.is_empty() {
        why.push(format!("it leaves out groups, and nobody here knows who is in them: {}", listed(&strange)));
    }
    if !conditions.client_app_types.iter().flatten().any(|kind| kind == "all") {
        why.push("it is not for all client apps".to_owned());
    }
    let within = [applications.map(|apps| &apps.others), users(policy).map(|users| &users.others)];
    // What is included beside them takes nothing away.
    let within = within.into_iter().flatten().flatten().filter(|(member, _)| !member.starts_with("include"));
    let others = conditions.others.iter().chain(within);
    let others: Vec<_> =
        others.filter(|(member, value)| says(member, value)).map(|(member, _)| member.as_str()).collect();
    if !others.is_empty() {
        why.push(format!("it holds only under conditions: {}", listed(&others)));
    }
    why
}

/// Whether a member of Graph's says anything.
fn says(member: &str, value: &Value) -> bool {
    let empty = match value {
        Value::Null => true,
        Value::Array(all) => all.iter().all(|one| one == ""),
        _ => false,
    };
    !empty && !member.contains("@odata.")
}

pub(super) fn dedicated(view: &View<'_>) -> Vec<Row> {
    let id = Id::PolicyDedicated;
    if let Some(rows) = no_group(view, id) {
        return rows;
    }
    let own = own(view);
    let mut rows = Vec::new();
    let whole: Vec<_> =
        own.iter().filter(|policy| state(policy) == ENABLED && narrow(view, policy).is_empty()).collect();
    let covers = |account: &Account| {
        whole.iter().any(|policy| is_for(view, policy, account) && !is_excluded(view, policy, account))
    };
    let without = view.without(covers);
    if !without.is_empty() {
        let why = match own.as_slice() {
            [] => "there is none".to_owned(),
            [policy, ..] if state(policy) != ENABLED => format!("{} is {}", name(policy), state(policy)),
            [policy, ..] if narrow(view, policy).is_empty() => format!("{} leaves it out", name(policy)),
            [policy, ..] => format!("{}: {}", name(policy), narrow(view, policy).join("; ")),
        };
        let cure = "Make it with `glasskey entra emit ca-policies`, try a sign-in with each key in report-only mode, then switch it on.";
        let saw = format!("no policy demands the keys of every sign-in: {why}");
        rows.push(Row::fail(id, saw, cure).about(&without.join(", ")));
    }
    let names: Vec<_> = whole.iter().map(|policy| name(policy)).collect();
    or_pass(rows, id, listed(&names))
}

/// Rows about the policies that are for the accounts, but for those that are switched off.
fn of_each(
    view: &View<'_>,
    id: Id,
    good: &str,
    judge: impl Fn(&Access) -> Option<(String, &'static str)>,
) -> Vec<Row> {
    if let Some(rows) = no_group(view, id) {
        return rows;
    }
    let own: Vec<_> = own(view).into_iter().filter(|policy| state(policy) != DISABLED).collect();
    if own.is_empty() {
        return vec![Row::skipped(id, "there is no policy for the accounts")];
    }
    let row = |policy: &&Access| {
        let (saw, cure) = judge(policy)?;
        Some(Row::fail(id, saw, cure).about(&name(policy)))
    };
    or_pass(own.iter().filter_map(row).collect(), id, good)
}

pub(super) fn strength(view: &View<'_>) -> Vec<Row> {
    const CURE: &str =
        "Require the strength, and nothing else: what else is asked for may be out of reach on the day.";
    of_each(
        view,
        Id::PolicyStrength,
        "the strength, by which FIDO2 keys alone sign in, and nothing else",
        |policy| {
            let Some(grant) = &policy.grant_controls else {
                return Some(("it demands nothing".to_owned(), CURE));
            };
            let others: Vec<&str> =
                [&grant.built_in_controls, &grant.custom_authentication_factors, &grant.terms_of_use]
                    .into_iter()
                    .flatten()
                    .flatten()
                    .map(String::as_str)
                    .collect();
            if !others.is_empty() {
                return Some((format!("it also demands, or blocks by, {}", listed(&others)), CURE));
            }
            let Some(strength) = &grant.authentication_strength else {
                return Some(("it demands no authentication strength".to_owned(), CURE));
            };
            if let Some(planned) = view.strength
                && !same_id(&strength.id, &planned.to_string())
            {
                return Some((
                    format!("it demands the strength {}, and the plan names {planned}", strength.id),
                    CURE,
                ));
            }
            let Some(known) = view.strengths.iter().find(|known| same_id(&known.id, &strength.id)) else {
                return Some((
                    format!("the strength {} is in no export", strength.id),
                    "Fetch all strengths anew.",
                ));
            };
            let combinations: Vec<&str> =
                known.allowed_combinations.iter().flatten().map(String::as_str).collect();
            if combinations == ["fido2"] {
                return None;
            }
            let what = known.display_name.clone().unwrap_or_else(|| known.id.clone());
            Some((
                format!("the strength {what} lets in {}", listed(&combinations)),
                "Let the strength hold `fido2` alone.",
            ))
        },
    )
}

pub(super) fn frequency(view: &View<'_>) -> Vec<Row> {
    of_each(view, Id::SignInFrequency, "sessions end", |policy| {
        let session = policy.session_controls.as_ref();
        let on = session.and_then(|session| session.sign_in_frequency.as_ref()?.is_enabled) == Some(true);
        (!on).then(|| ("it sets no sign-in frequency".to_owned(), "Set a sign-in frequency of some hours."))
    })
}

pub(super) fn browser(view: &View<'_>) -> Vec<Row> {
    of_each(view, Id::PersistentBrowser, "no browser stays signed in", |policy| {
        let browser =
            policy.session_controls.as_ref().and_then(|session| session.persistent_browser.as_ref());
        let never =
            browser.is_some_and(|one| one.is_enabled == Some(true) && one.mode.as_deref() == Some("never"));
        (!never)
            .then(|| ("a browser may stay signed in".to_owned(), "Set persistent browser sessions to never."))
    })
}

/// Whether a policy certainly does not reach the accounts: it is for nobody, for guests, or for certain other people.
fn is_elsewhere(policy: &Access) -> bool {
    let Some(users) = users(policy) else { return false };
    let nobody = |ids: &Option<Vec<String>>| ids.iter().flatten().next().is_none();
    let few = users.include_users.iter().flatten().all(|id| !same_id(id, "All"));
    few && nobody(&users.include_groups) && nobody(&users.include_roles) && users.include_users.is_some()
}

pub(super) fn exclude(view: &View<'_>) -> Vec<Row> {
    let id = Id::PoliciesExclude;
    if let Some(rows) = no_group(view, id) {
        return rows;
    }
    let mut rows = Vec::new();
    let mut others = 0_usize;
    for policy in &view.access {
        let ours = view.plan.accounts.iter().any(|account| is_for(view, policy, account));
        if ours || state(policy) == DISABLED || is_elsewhere(policy) {
            continue;
        }
        if ![ENABLED, REPORTING].contains(&state(policy)) || users(policy).is_none() {
            let cure = Kind::ConditionalAccess.fetch(view.plan);
            rows.push(
                Row::skipped(id, "the export does not say its state and its users")
                    .cure(cure)
                    .about(&name(policy)),
            );
            continue;
        }
        others = others.saturating_add(1);
        let bound = view.without(|account| is_excluded(view, policy, account));
        if !bound.is_empty() {
            let saw = format!("it also binds {}", listed(&bound));
            let cure =
                "Exclude the accounts' group from it; the policy made for the accounts demands their keys.";
            rows.push(Row::fail(id, saw, cure).about(&name(policy)));
        }
    }
    let good = format!("{others} other policies are switched on or report, and leave the group out");
    or_pass(rows, id, good)
}
