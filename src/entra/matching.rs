//! The passkeys that Entra lists for an account, against the record, and against the key that is plugged in.

mod registered;
mod row;

use serde::Serialize;
use uuid::Uuid;

use super::methods::{Methods, Registered};
use crate::catalogue::Catalogue;
use crate::ledger::Inventory;
use crate::ledger::inventory::{Key, State};
use crate::plan::{Account, same};
use crate::verdict::finding::Status;
use crate::verdict::finding::or_pass;
use crate::verdict::words::{counted, listed};
pub use row::{Id, Row};

/// What a key that is plugged in holds for Entra.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnKey {
    /// Its label, where it answered to a custody credential.
    pub label: Option<String>,
    /// Its model.
    pub aaguid: Uuid,
    /// Its passkeys for Entra: their ids, and the user's name that the key tells.
    pub passkeys: Vec<(Vec<u8>, Option<String>)>,
}

/// All that is matched.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The account of the plan.
    pub account: &'a Account,
    /// What is on record.
    pub inventory: &'a Inventory,
    /// Its passkeys, as Entra lists them.
    pub methods: &'a Methods,
    /// Its methods of every kind, where that file was given.
    pub all: Option<&'a Methods>,
    /// What the key that is plugged in holds, where it was asked.
    pub on_key: Option<&'a OnKey>,
    /// Names of models.
    pub catalogue: &'a Catalogue,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Matched {
    /// Whether all is matched; `None` where that cannot be told.
    pub well: Option<bool>,
    /// The rows.
    pub findings: Vec<Row>,
    /// The passkeys that Entra lists, each with its key.
    pub passkeys: Vec<Pair>,
}

/// A passkey that Entra lists, and its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Its id as Graph writes it.
    pub id: String,
    /// The name that somebody gave it.
    pub name: Option<String>,
    /// When it was registered, as Graph writes it.
    pub created: Option<String>,
    /// Its model.
    pub aaguid: Option<Uuid>,
    /// The label of its key, where that is proven.
    pub key: Option<String>,
}

impl<'a> Case<'a> {
    /// The account's active keys.
    fn keys(&self) -> impl Iterator<Item = &'a Key> {
        let account = &self.account.name;
        let own = move |key: &&Key| key.state == State::Active && same(&key.account, account.as_str());
        self.inventory.keys().iter().filter(own)
    }

    /// The key on record that holds a passkey.
    fn holder(&self, passkey: &Registered) -> Option<&'a Key> {
        let id = passkey.credential_id.as_ref().ok()?;
        id.readings().find_map(|reading| self.inventory.key_by_entra_credential(reading))
    }

    /// Whether the key that is plugged in holds a passkey.
    fn is_on_key(&self, passkey: &Registered) -> bool {
        let Ok(id) = &passkey.credential_id else { return false };
        self.on_key.is_some_and(|key| key.passkeys.iter().any(|(held, _)| id.may_be(held)))
    }

    /// A model in words.
    fn model(&self, aaguid: Uuid) -> String {
        let model = self.catalogue.model(aaguid);
        model.map_or_else(|| aaguid.to_string(), |model| format!("{} ({aaguid})", model.name))
    }
}

/// Holds the lists against the record and the key.
#[must_use]
pub fn matched(case: &Case<'_>) -> Matched {
    let rules: [fn(&Case<'_>) -> Vec<Row>; 7] = [
        account,
        whole,
        registered::known,
        registered::as_it_is,
        registered::keys,
        on_the_key,
        other_methods,
    ];
    let findings: Vec<Row> = rules.iter().flat_map(|rule| rule(case)).collect();
    let has = |status, counts: &dyn Fn(&Row) -> bool| {
        findings.iter().any(|row| row.status == status && counts(row))
    };
    // What nobody asked for leaves nothing open.
    let asked = |row: &Row| match row.id {
        Id::OnTheKey => case.on_key.is_some(),
        Id::OtherMethods => case.all.is_some(),
        _ => true,
    };
    let well = if has(Status::Fail, &|_| true) {
        Some(false)
    } else {
        (!has(Status::Skipped, &asked)).then_some(true)
    };
    let pair = |passkey: &Registered| Pair {
        id: passkey.id.clone(),
        name: passkey.name.clone(),
        created: passkey.created.clone(),
        aaguid: passkey.aaguid,
        key: registered::proven(case, passkey),
    };
    Matched { well, passkeys: case.methods.passkeys.iter().map(pair).collect(), findings }
}

fn lists<'c>(case: &Case<'c>) -> impl Iterator<Item = &'c Methods> {
    [Some(case.methods), case.all].into_iter().flatten()
}

fn account(case: &Case<'_>) -> Vec<Row> {
    let (id, account) = (Id::Account, case.account);
    let is_ours =
        |user: &str| account.upn.is(user) || account.object_id.to_string().eq_ignore_ascii_case(user);
    let users: Vec<_> = lists(case).map(|list| list.user.as_deref()).collect();
    if let Some(other) = users.iter().flatten().find(|user| !is_ours(user)) {
        let saw = format!("a list is of {other}, and {} is {}", account.name, account.upn);
        return vec![Row::fail(id, saw, "Name the file of this account, or the account of this file.")];
    }
    if users.iter().any(Option::is_none) {
        let cure = "Keep the whole answer of Graph: its `@odata.context` says whose list it is.";
        return vec![Row::warn(id, "a list does not say whose it is", cure)];
    }
    vec![Row::pass(id, format!("of {}", account.upn))]
}

fn whole(case: &Case<'_>) -> Vec<Row> {
    let id = Id::WholeList;
    if lists(case).all(|list| list.whole) {
        return vec![Row::pass(id, "no list goes on elsewhere")];
    }
    let cure = "Fetch the other pages too (`@odata.nextLink`), and put all entries into one `value`.";
    vec![Row::skipped(id, "a list goes on on a next page, which is not in the file").cure(cure)]
}

fn on_the_key(case: &Case<'_>) -> Vec<Row> {
    let id = Id::OnTheKey;
    let Some(key) = case.on_key else { return vec![Row::skipped(id, "no key was asked (`--with-key`)")] };
    let label = key.label.as_deref().unwrap_or("the key that is plugged in");
    let upn = case.account.upn.as_str();
    let mut rows = Vec::new();
    for (held, user) in &key.passkeys {
        let known = case
            .methods
            .passkeys
            .iter()
            .any(|passkey| passkey.credential_id.as_ref().is_ok_and(|id| id.may_be(held)));
        let user = user.as_deref().unwrap_or("an unnamed user");
        if known {
            continue;
        }
        let saw = format!("holds a passkey of {user} for Entra that is not in the list of {upn}");
        let row = if user.eq_ignore_ascii_case(upn) {
            Row::fail(
                id,
                saw,
                "Entra does not know it, so it signs nobody in: delete it from the key, and register anew.",
            )
        } else {
            Row::warn(id, saw, "A key in custody serves one account: find out whose it is.")
        };
        rows.push(row.about(label));
    }
    if key.passkeys.is_empty() {
        let cure =
            "Register the key for the account; if it was, its passkey is gone, and it must be done again.";
        rows.push(Row::fail(id, "holds no passkey for Entra", cure).about(label));
    }
    or_pass(
        rows,
        id,
        format!("Entra knows all that {label} holds for it: {}", counted(key.passkeys.len(), "passkey")),
    )
}

fn other_methods(case: &Case<'_>) -> Vec<Row> {
    let id = Id::OtherMethods;
    let Some(all) = case.all else {
        return vec![Row::skipped(id, "no file with methods of every kind was given (`--all-methods`)")];
    };
    let strange: Vec<&str> =
        all.others.iter().filter(|other| !other.is_password()).map(|other| other.kind.as_str()).collect();
    if !strange.is_empty() {
        let saw = format!("also signs in by {}", listed(&strange));
        return vec![Row::fail(
            id,
            saw,
            "Take them off the account: each is another way in, tied to a person or a phone.",
        )];
    }
    if !all.every_kind {
        let saw = "the file of `--all-methods` lists passkeys alone: what else the account signs in by, it does not tell";
        let cure = "Fetch `authentication/methods`, not `authentication/fido2Methods`.";
        return vec![Row::skipped(id, saw).cure(cure)];
    }
    if all.passkeys.len() != case.methods.passkeys.len() {
        let saw = format!(
            "one file lists {}, the other {}",
            counted(case.methods.passkeys.len(), "passkey"),
            all.passkeys.len()
        );
        return vec![Row::fail(id, saw, "Fetch both lists anew: something changed in between.")];
    }
    vec![Row::pass(id, "passkeys, and the password that no account can be without")]
}
