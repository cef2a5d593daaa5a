//! Which keys the tenant lets in, and by what the accounts sign in.

use serde_json::{Value, json};

use super::access::demanded;
use super::ids::{Id, Row};
use super::kind::Kind;
use super::view::{View, same_id};
use crate::entra::methods::Methods;
use crate::plan::Account;
use crate::policy::{Agreement, Allowed, Content, Policy, PolicyError, PolicySet, PolicySource};
use crate::verdict::row::{counted, listed, or_pass};

pub(super) fn method(view: &View<'_>) -> Vec<Row> {
    let id = Id::PasskeyMethod;
    let fetch = || Kind::Fido2Configuration.fetch(view.plan);
    let Some(source) = &view.fido2 else {
        return vec![Row::skipped(id, "the export holds no FIDO2 configuration").cure(fetch())];
    };
    let excluded = match &source.content {
        Content::Fido2(config) => config.exclude.as_deref().unwrap_or_default(),
        Content::Strengths(_) | Content::List(_) => &[],
    };
    let group = view.group_id();
    if excluded.iter().any(|target| group.as_deref().is_some_and(|group| same_id(group, &target.id))) {
        let saw = "the accounts' group is excluded from the method, which wins over every profile";
        return vec![Row::fail(id, saw, "Take the exclusion away.")];
    }
    let policy = match source.choose(view.plan.profile()) {
        Ok(policy) => policy,
        Err(error) => {
            let cure = error.hint().unwrap_or_else(fetch);
            return vec![Row::skipped(id, error.to_string()).cure(cure)];
        }
    };
    let what = policy.profile.clone().unwrap_or_else(|| "the configuration".to_owned());
    vec![match policy.gate {
        Allowed::Yes => Row::pass(id, format!("on, by {what}")),
        Allowed::No(reason) => {
            Row::fail(id, format!("{what}: {reason}"), "Switch the method on for the accounts' group.")
        }
        Allowed::CannotTell(reason) => Row::skipped(id, format!("{what}: {reason}")).cure(fetch()),
    }]
}

/// The strength that guards the accounts: the one that the plan, else a policy for the accounts, names; else what all
/// strengths together leave to choose.
fn strength(view: &View<'_>) -> Result<PolicySource, PolicyError> {
    let named = view.strength.map(|id| id.to_string()).or_else(|| demanded(view));
    let is_meant = |value: &&Value| {
        let id = value.get("id").and_then(Value::as_str);
        named.as_deref().is_none_or(|named| id.is_some_and(|id| same_id(named, id)))
    };
    let meant: Vec<&Value> = view.strength_values.iter().filter(is_meant).collect();
    let document = json!({ "value": meant }).to_string();
    PolicySource::parse(Kind::AuthenticationStrengths.words(), document.as_bytes())
}

pub(super) fn agree(view: &View<'_>) -> Vec<Row> {
    let id = Id::ListsAgree;
    let Some(profiles) = &view.fido2 else {
        return vec![Row::skipped(id, "the exports hold no lists")];
    };
    let both = strength(view)
        .and_then(|strength| Ok([profiles.choose(view.plan.profile())?, strength.choose(None)?]));
    let policies = match both {
        // Whom the lists are for, and whether the method is on, is asked elsewhere.
        Ok(both) => PolicySet { policies: both.map(|one| Policy { gate: Allowed::Yes, ..one }).to_vec() },
        Err(error) => {
            return vec![Row::skipped(id, error.to_string()).cure(error.hint().unwrap_or_default())];
        }
    };
    vec![match policies.agreement() {
        Agreement::Agree => Row::pass(id, "the passkey profile and the strength let in the same models"),
        Agreement::Differ(all) => {
            let told: Vec<_> = all.iter().map(ToString::to_string).collect();
            let cure = "Make the lists equal: `glasskey policy emit passkey-profile` and `glasskey policy emit authentication-strength`.";
            Row::fail(id, told.join("; "), cure)
        }
        Agreement::CannotTell(doubts) => {
            let told: Vec<_> = doubts.iter().map(|doubt| doubt.reason.to_string()).collect();
            Row::skipped(id, told.join("; ")).cure(Kind::AuthenticationStrengths.fetch(view.plan))
        }
        Agreement::NothingToCompare => Row::skipped(id, "the exports hold no lists"),
    }]
}

/// The lists of an account's methods, as their contexts name it.
fn of<'v>(view: &'v View<'_>, account: &'v Account) -> impl Iterator<Item = &'v Methods> {
    let is_ours = |user: &str| account.upn.is(user) || same_id(user, &account.object_id.to_string());
    view.methods.iter().filter(move |list| list.user.as_deref().is_some_and(is_ours))
}

/// A row for each account, if it has a list.
fn each(view: &View<'_>, id: Id, good: &str, judge: impl Fn(&[&Methods]) -> Option<Row>) -> Vec<Row> {
    let mut rows = Vec::new();
    for account in &view.plan.accounts {
        let lists: Vec<_> = of(view, account).collect();
        let row = if lists.is_empty() {
            let cure = Kind::AuthenticationMethods.fetch(view.plan);
            Some(Row::skipped(id, "no file holds its methods").cure(cure))
        } else {
            judge(&lists)
        };
        rows.extend(row.map(|row| row.about(account.name.as_str())));
    }
    or_pass(rows, id, good)
}

pub(super) fn has_passkey(view: &View<'_>) -> Vec<Row> {
    let id = Id::HasPasskey;
    each(view, id, "each account has a passkey; `entra match` tells whether its key is in custody", |lists| {
        let all = || lists.iter().flat_map(|list| &list.passkeys);
        if all().next().is_none() {
            return Some(Row::fail(id, "it has no passkey", "Register its keys: docs/entra.md tells how."));
        }
        let soft: Vec<_> =
            all().filter(|one| one.kind.as_deref().is_some_and(|kind| kind != "deviceBound")).collect();
        let saw = format!("{} not bound to one device", counted(soft.len(), "passkey"));
        (!soft.is_empty()).then(|| Row::fail(id, saw, "Take them off the account: they can be copied."))
    })
}

pub(super) fn passkey_only(view: &View<'_>) -> Vec<Row> {
    let id = Id::PasskeyOnly;
    each(view, id, "passkeys, and the password that no account can be without", |lists| {
        let others = lists.iter().flat_map(|list| &list.others);
        let others: Vec<&str> =
            others.filter(|other| !other.is_password()).map(|other| other.kind.as_str()).collect();
        let cure = "Take them off the account.";
        (!others.is_empty()).then(|| Row::fail(id, format!("also signs in by {}", listed(&others)), cure))
    })
}
