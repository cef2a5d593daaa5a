//! The rules that watch the accounts.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;

use super::ids::{Id, Row};
use super::logs::{is_kept, workspaces};
use super::query::{Watch, watch};
use super::view::{View, same_id};
use super::wire::{Alert, Dimension, Resource};
use crate::plan::Account;
use crate::verdict::finding::or_pass;
use crate::verdict::words::listed;

/// The tables that must be watched, each with the category of logs that fills it.
const TABLES: [(&str, &str); 2] = [("SigninLogs", "SignInLogs"), ("AuditLogs", "AuditLogs")];

/// A rule by its name.
pub(super) fn name(rule: &Resource<Alert>) -> String {
    rule.name.clone().or_else(|| rule.id.clone()).unwrap_or_else(|| "a rule without a name".to_owned())
}

/// Whether a rule is Sentinel's.
pub(super) fn is_sentinel(rule: &Resource<Alert>) -> bool {
    rule.properties.query.is_some() && rule.properties.criteria.is_none()
}

/// The queries of a rule. Of several criteria all must hold, so with several none does for itself.
fn queries(rule: &Resource<Alert>) -> Vec<&str> {
    match (&rule.properties.query, &rule.properties.criteria) {
        (Some(query), None) => vec![query],
        (_, Some(criteria)) if criteria.all_of.len() == 1 => {
            criteria.all_of.iter().filter_map(|one| one.query.as_deref()).collect()
        }
        _ => Vec::new(),
    }
}

fn watches(rule: &Resource<Alert>, table: &str, account: &Account) -> Watch {
    let id = account.object_id.to_string();
    let found = queries(rule).into_iter().map(|query| watch(query, table, &id)).max().unwrap_or(Watch::No);
    let criteria = rule.properties.criteria.iter().flat_map(|criteria| &criteria.all_of);
    let whole = criteria.flat_map(|one| one.dimensions.iter().flatten()).all(Dimension::takes_all);
    if whole { found } else { found.min(Watch::Perhaps) }
}

/// The rules that watch any of the accounts, switched on or not.
pub(super) fn ours<'v>(view: &'v View<'_>) -> Vec<&'v Resource<Alert>> {
    let any = |rule: &&Resource<Alert>| {
        view.plan
            .accounts
            .iter()
            .any(|account| TABLES.iter().any(|(table, _)| watches(rule, table, account) != Watch::No))
    };
    view.alerts.iter().filter(any).collect()
}

fn watched(view: &View<'_>, id: Id, table: &str) -> Vec<Row> {
    let best = |account: &Account| view.alerts.iter().map(|rule| watches(rule, table, account)).max();
    let without = view.without(|account| best(account).unwrap_or(Watch::No) != Watch::No);
    if !without.is_empty() {
        let saw = format!("no rule over {table} names the object id");
        let cure = "Make the rules: `glasskey entra emit alert-rule`, or `sentinel-rule`.";
        return vec![Row::fail(id, saw, cure).about(&without.join(", "))];
    }
    let unclear = view.without(|account| best(account) == Some(Watch::Yes));
    if !unclear.is_empty() {
        let saw = format!(
            "a rule over {table} names the object id, and does more or less than look for it: whether it fires cannot be read"
        );
        let cure = "See it fire in a drill, or put the query of `glasskey entra emit kql` in its place.";
        return vec![Row::warn(id, saw, cure).about(&unclear.join(", "))];
    }
    vec![Row::pass(id, format!("rules over {table} look for every account's object id"))]
}

pub(super) fn sign_ins(view: &View<'_>) -> Vec<Row> {
    watched(view, Id::AlertSignIns, "SigninLogs")
}

pub(super) fn audit(view: &View<'_>) -> Vec<Row> {
    watched(view, Id::AlertAudit, "AuditLogs")
}

/// Rows about the rules that watch the accounts.
pub(super) fn of_each(
    view: &View<'_>,
    id: Id,
    good: &str,
    judge: impl Fn(&Resource<Alert>) -> Option<Row>,
) -> Vec<Row> {
    let ours = ours(view);
    if ours.is_empty() {
        return vec![Row::skipped(id, "no rule watches the accounts")];
    }
    let rows = ours.iter().filter_map(|rule| Some(judge(rule)?.about(&name(rule)))).collect();
    or_pass(rows, id, good)
}

pub(super) fn enabled(view: &View<'_>) -> Vec<Row> {
    let id = Id::AlertEnabled;
    of_each(view, id, "all are switched on", |rule| match rule.properties.enabled {
        Some(true) => None,
        Some(false) => {
            Some(Row::fail(id, "it is switched off", "Switch it on, and find out who switched it off."))
        }
        None => Some(Row::skipped(id, "the export does not say whether it is on")),
    })
}

pub(super) fn threshold(view: &View<'_>) -> Vec<Row> {
    let id = Id::AlertThreshold;
    let is = |told: Option<&str>, wanted: &str| told.is_some_and(|told| told.eq_ignore_ascii_case(wanted));
    of_each(view, id, "the first event calls", |rule| {
        let alert = &rule.properties;
        let first = if rule.kind.as_deref() == Some("NRT") {
            true
        } else if is_sentinel(rule) {
            is(alert.trigger_operator.as_deref(), "GreaterThan") && alert.trigger_threshold == Some(0.0)
        } else {
            alert.criteria.iter().flat_map(|criteria| &criteria.all_of).all(|one| {
                let periods = one.failing_periods.as_ref().and_then(|one| one.min_failing_periods_to_alert);
                is(one.operator.as_deref(), "GreaterThan")
                    && one.threshold == Some(0.0)
                    && is(one.time_aggregation.as_deref(), "Count")
                    && periods.is_none_or(|periods| periods == 1)
            })
        };
        if !first {
            let cure = "Let it fire on more than 0 results, counted, in one period.";
            return Some(Row::fail(id, "it does not fire on the first result", cure));
        }
        let muted = alert
            .mute_actions_duration
            .as_deref()
            .is_some_and(|told| seconds(told).is_none_or(|time| !time.is_zero()));
        let quiet = alert.suppression_enabled == Some(true) || muted;
        let saw = "after it fired it is silent for a while: a drill would hide an attack";
        quiet.then(|| Row::warn(id, saw, "Switch its suppression off, and mute no actions."))
    })
}

pub(super) fn severity(view: &View<'_>) -> Vec<Row> {
    let id = Id::AlertSeverity;
    of_each(view, id, "all are of the highest severity", |rule| {
        let told = rule.properties.severity.as_ref();
        let highest = match told {
            Some(Value::Number(number)) => number.as_u64() == Some(0),
            Some(Value::String(word)) => word.eq_ignore_ascii_case("High") && is_sentinel(rule),
            _ => false,
        };
        let saw = format!("its severity is {}", told.map_or("unsaid".to_owned(), ToString::to_string));
        (!highest).then(|| Row::fail(id, saw, "Set it to 0 (critical); in Sentinel, to High."))
    })
}

/// A duration as ISO 8601 writes it.
fn seconds(text: &str) -> Option<SignedDuration> {
    text.parse::<jiff::Span>().ok()?.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()
}

/// How long an entry of Entra's logs may take to reach the workspace. A rule looks for when it happened, not for when it came.
const SLACK: SignedDuration = SignedDuration::from_mins(15);

pub(super) fn in_time(view: &View<'_>) -> Vec<Row> {
    let id = Id::AlertInTime;
    of_each(
        view,
        id,
        "each looks back as far as it pauses, and 15 minutes more for logs that come late",
        |rule| {
            let alert = &rule.properties;
            if rule.kind.as_deref() == Some("NRT") {
                return None;
            }
            let every = alert.evaluation_frequency.as_deref().or(alert.query_frequency.as_deref());
            let back = alert.window_size.as_deref().or(alert.query_period.as_deref());
            let (Some(pause), Some(window)) = (every.and_then(seconds), back.and_then(seconds)) else {
                return Some(Row::skipped(
                    id,
                    "the export does not say how often it runs and how far it looks back",
                ));
            };
            let told = format!(
                "it runs every {} and looks back {}",
                every.unwrap_or_default(),
                back.unwrap_or_default()
            );
            if pause > window {
                return Some(Row::fail(id, told, "Let it look back at least as far as it pauses."));
            }
            let saw = format!("{told}: what comes into the logs later than that it overlooks");
            let late = pause.saturating_add(SLACK) > window;
            late.then(|| {
                Row::warn(
                    id,
                    saw,
                    "Let it look back 15 minutes longer than it pauses: repeated alerts do no harm.",
                )
            })
        },
    )
}

pub(super) fn workspace(view: &View<'_>) -> Vec<Row> {
    let id = Id::AlertWorkspace;
    of_each(view, id, "over a workspace that the logs go to", |rule| {
        let read = TABLES.iter().filter(|(table, _)| {
            view.plan.accounts.iter().any(|account| watches(rule, table, account) != Watch::No)
        });
        let scopes: BTreeSet<&str> = match rule.id.as_deref() {
            // A rule of Sentinel lies in its workspace.
            Some(place) if is_sentinel(rule) => [place].into(),
            _ => rule.properties.scopes.iter().map(String::as_str).collect(),
        };
        let fed = |category: &str| {
            let fed = workspaces(view, category);
            fed.iter().any(|fed| {
                let begins = |scope: &&str| {
                    scope.to_ascii_lowercase().starts_with(&format!("{}/", fed.to_ascii_lowercase()))
                };
                scopes.iter().any(|scope| same_id(fed, scope) || (is_sentinel(rule) && begins(scope)))
            })
        };
        let dry: Vec<_> =
            read.filter(|(_, category)| !fed(category)).map(|(_, category)| *category).collect();
        if !dry.is_empty() && !dry.iter().any(|category| is_kept(view, category)) {
            return Some(Row::skipped(id, format!("{} go nowhere at all", listed(&dry))));
        }
        let saw = format!("{} do not go to its workspace", listed(&dry));
        let cure = "Send them there by a diagnostic setting of Entra, or let the rule look where they go.";
        (!dry.is_empty()).then(|| Row::fail(id, saw, cure))
    })
}
