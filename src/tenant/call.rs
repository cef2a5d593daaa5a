//! Whom the alerts call.

use std::collections::BTreeSet;

use super::alerts::{is_sentinel, of_each, ours};
use super::ids::{Id, Row};
use super::kind::Kind;
use super::view::{View, same_id};
use super::wire::{ActionGroup, Alert, Receiver, Resource};
use crate::verdict::finding::or_pass;
use crate::verdict::words::listed;

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
        let on = |group: &str| find(view, group).map_or(Some(false), |group| group.properties.enabled);
        if called(rule).any(|group| on(group) == Some(true)) {
            return None;
        }
        if called(rule).any(|group| on(group).is_none()) {
            let saw = "the export does not say whether its action group is switched on";
            return Some(Row::skipped(id, saw).cure(Kind::ActionGroups.fetch(view.plan)));
        }
        let dead: Vec<_> = called(rule).collect();
        let saw =
            format!("it calls an action group that is not there, or is switched off: {}", listed(&dead));
        Some(Row::fail(id, saw, cure))
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
        let cure = "Add a text message, a call, or a mailbox of another tenant.";
        let row = match outside(&group.properties, &domains) {
            Outside::Person => return None,
            Outside::Machine => {
                let saw =
                    "it reaches people outside this tenant only by a webhook: whom that calls cannot be read";
                Row::warn(id, saw, "See in a drill that somebody is called.")
            }
            Outside::Nobody => {
                Row::fail(id, "it reaches people only by mail, app or role of this tenant", cure)
            }
        };
        Some(row.about(&group.name.clone().unwrap_or_default()))
    };
    or_pass(found.iter().filter_map(row).collect(), id, "somebody is called also when the tenant is locked")
}

/// Whom an action group reaches when nobody can sign in to the tenant.
enum Outside {
    /// A person: by telephone, or by mail of another tenant.
    Person,
    /// A machine elsewhere, which may call a person.
    Machine,
    /// Nobody: what runs in the subscription, or is read with an account of the tenant, is of no use then.
    Nobody,
}

fn outside(group: &ActionGroup, domains: &BTreeSet<String>) -> Outside {
    let foreign = |mail: &String| {
        let domain = mail.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        domain.contains('.') && !domains.contains(&domain)
    };
    let says = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let live =
        |one: &&Receiver| !one.status.as_deref().is_some_and(|told| told.eq_ignore_ascii_case("Disabled"));
    let mut mails = group.email_receivers.iter().filter(live).filter_map(|one| one.email_address.as_ref());
    let mut phones = group.sms_receivers.iter().chain(&group.voice_receivers).filter(live);
    if mails.any(foreign) || phones.any(|one| says(&one.phone_number)) {
        Outside::Person
    } else if group.webhook_receivers.iter().any(|one| says(&one.service_uri)) {
        Outside::Machine
    } else {
        Outside::Nobody
    }
}
