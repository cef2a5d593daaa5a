//! Whom the alerts call.

use std::collections::BTreeSet;

use serde_json::Value;

use super::alerts::{is_sentinel, of_each, ours};
use super::ids::{Id, Row};
use super::kind::Kind;
use super::view::{View, same_id};
use super::wire::{ActionGroup, Alert, Resource};
use crate::verdict::row::{listed, or_pass};

/// Receivers that need an account of the tenant.
const INSIDE: [&str; 2] = ["armRoleReceivers", "azureAppPushReceivers"];

fn called(rule: &Resource<Alert>) -> impl Iterator<Item = &str> {
    rule.properties.actions.iter().flat_map(|actions| actions.action_groups.iter().map(String::as_str))
}

/// The action group of this id, which may be given as a whole id or, by a template, as something else.
fn find<'v>(view: &'v View<'_>, id: &str) -> Option<&'v Resource<ActionGroup>> {
    view.action_groups.iter().find(|group| group.id.as_deref().is_some_and(|own| same_id(own, id)))
}

pub(super) fn exists(view: &View<'_>) -> Vec<Row> {
    let id = Id::ActionGroup;
    of_each(view, id, "each calls an action group that is there and switched on", |rule| {
        if is_sentinel(rule) {
            let saw = "whom an incident of Sentinel calls stands in automation rules, which are in no export";
            return Some(Row::warn(id, saw, "See in a drill that somebody is called."));
        }
        let cure = "Make an action group, and name it in the rule.";
        if called(rule).next().is_none() {
            return Some(Row::fail(id, "it calls nobody", cure));
        }
        let live =
            |group: &&str| find(view, group).is_some_and(|group| group.properties.enabled != Some(false));
        let dead: Vec<_> = called(rule).filter(|group| !live(group)).collect();
        let all_dead = called(rule).all(|group| !live(&group));
        let saw =
            format!("it calls an action group that is not there, or is switched off: {}", listed(&dead));
        all_dead.then(|| Row::fail(id, saw, cure))
    })
}

pub(super) fn independent(view: &View<'_>) -> Vec<Row> {
    let id = Id::ActionGroupOutside;
    let domains: BTreeSet<String> =
        view.domains.iter().map(|domain| domain.id.to_ascii_lowercase()).collect();
    if domains.is_empty() {
        let fetch = Kind::Domains.fetch(view.plan);
        return vec![Row::skipped(id, "the export holds no domain").cure(fetch)];
    }
    let groups: BTreeSet<&str> = ours(view).into_iter().flat_map(called).collect();
    let found: Vec<_> = groups.iter().filter_map(|group| find(view, group)).collect();
    if found.is_empty() {
        return vec![Row::skipped(id, "no action group is known")];
    }
    let row = |group: &&Resource<ActionGroup>| {
        let name = group.name.clone().unwrap_or_default();
        let saw = "it reaches people only by mail, app or role of this tenant";
        let cure = "Add a text message, a call, a webhook, or a mailbox of another tenant.";
        (!reaches_outside(&group.properties, &domains)).then(|| Row::fail(id, saw, cure).about(&name))
    };
    or_pass(found.iter().filter_map(row).collect(), id, "somebody is called also when the tenant is locked")
}

fn reaches_outside(group: &ActionGroup, domains: &BTreeSet<String>) -> bool {
    let foreign = |mail: &str| {
        let domain = mail.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        domain.contains('.') && !domains.contains(&domain)
    };
    let other = |(list, receivers): (&String, &Value)| {
        let some = receivers.as_array().is_some_and(|all| !all.is_empty());
        some && list.ends_with("Receivers") && !INSIDE.contains(&list.as_str())
    };
    let mails = group.email_receivers.iter().filter_map(|mail| mail.email_address.as_deref());
    mails.into_iter().any(foreign) || group.others.iter().any(other)
}
