//! Which keys the tenant lets in, and by what the accounts sign in.

use serde_json::{Value, json};

use super::access::demanded;
use super::ids::{Id, Row};
use super::kind::Kind;
use super::view::{View, is_id, is_of, same_id};
use crate::entra::methods::Methods;
use crate::plan::Account;
use crate::policy::{Agreement, Allowed, Note, Policy, PolicyError, PolicySet, PolicySource};
use crate::verdict::finding::or_pass;
use crate::verdict::words::{counted, listed};

pub(super) fn method(view: &View<'_>) -> Vec<Row> {
    let id = Id::PasskeyMethod;
    let fetch = || Kind::Fido2Configuration.fetch(view.plan);
    let Some(source) = &view.fido2 else {
        return vec![Row::skipped(id, "the export holds no FIDO2 configuration").cure(fetch())];
    };
    let policy = match source.choose(view.plan.profile()) {
        Ok(policy) => policy,
        Err(error) => {
            let cure = error.hint().unwrap_or_else(fetch);
            return vec![Row::skipped(id, error.to_string()).cure(cure)];
        }
    };
    let what = policy.profile.clone().unwrap_or_else(|| "the configuration".to_owned());
    match policy.gate {
        Allowed::Yes => {
            let rows = policy.notes.iter().filter_map(|note| reached(view, note)).collect();
            or_pass(rows, id, format!("on for the accounts, by {what}"))
        }
        Allowed::No(reason) => vec![Row::fail(id, format!("{what}: {reason}"), SWITCH_ON)],
        Allowed::CannotTell(reason) => vec![Row::skipped(id, format!("{what}: {reason}")).cure(fetch())],
    }
}

const SWITCH_ON: &str = "Switch the method on for the accounts' group, with the profile of their keys.";

/// What a note on whom the method is for means for the accounts; `None` where it leaves them in.
fn reached(view: &View<'_>, note: &Note) -> Option<Row> {
    let id = Id::PasskeyMethod;
    let group = view.group_id();
    let named = |ids: &[String], account: &Account| {
        let is_group = |id: &String| group.as_deref().is_some_and(|group| same_id(group, id));
        ids.iter().any(|id| is_group(id) || is_id(id, account))
    };
    match note {
        Note::TargetsUnsaid | Note::ExclusionsUnsaid | Note::DefaultByOmission => {
            Some(Row::skipped(id, note.to_string()).cure(Kind::Fido2Configuration.fetch(view.plan)))
        }
        Note::Excludes { ids } if view.plan.accounts.iter().any(|account| named(ids, account)) => {
            let saw = "the accounts are excluded from the method, which wins over every profile";
            Some(Row::fail(id, saw, "Take the exclusion away."))
        }
        Note::Excludes { .. } => {
            let cure =
                "See that no account is in it, by way of other groups neither, or take the exclusion away.";
            Some(Row::skipped(id, note.to_string()).cure(cure))
        }
        Note::OnlyFor { ids } => {
            let left_out = view.without(|account| named(ids, account));
            match (left_out.is_empty(), &group) {
                (true, _) => None,
                (false, Some(_)) => {
                    let saw =
                        "neither the account nor the accounts' group is among those that the method is for";
                    Some(Row::fail(id, saw, SWITCH_ON).about(&left_out.join(", ")))
                }
                (false, None) => {
                    let cure = "Name the group in the plan, under [entra] as `group`.";
                    Some(Row::skipped(id, note.to_string()).cure(cure))
                }
            }
        }
        _ => None,
    }
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
    view.methods.iter().filter(move |list| is_of(list, account))
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
        let soft = all().filter(|one| one.is_device_bound() == Some(false)).count();
        if soft > 0 {
            let saw = format!("{} not bound to one device", counted(soft, "passkey"));
            return Some(Row::fail(id, saw, "Take them off the account: they can be copied."));
        }
        let unsaid = all().any(|one| one.is_device_bound().is_none());
        let saw = "the export does not say `passkeyType`: a synced passkey can be copied";
        unsaid.then(|| Row::skipped(id, saw).cure(Kind::AuthenticationMethods.fetch(view.plan)))
    })
}

pub(super) fn passkey_only(view: &View<'_>) -> Vec<Row> {
    let id = Id::PasskeyOnly;
    each(view, id, "passkeys, and the password that no account can be without", |lists| {
        let others = lists.iter().flat_map(|list| &list.others);
        let others: Vec<&str> =
            others.filter(|other| !other.is_password()).map(|other| other.kind.as_str()).collect();
        if !others.is_empty() {
            let saw = format!("also signs in by {}", listed(&others));
            return Some(Row::fail(id, saw, "Take them off the account."));
        }
        let told = lists.iter().any(|list| list.every_kind);
        let saw = "a list of passkeys alone: what else the account signs in by, it does not tell";
        (!told).then(|| Row::skipped(id, saw).cure(Kind::AuthenticationMethods.fetch(view.plan)))
    })
}
