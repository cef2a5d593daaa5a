//! Each registered passkey has its key, and each key its passkey.

use super::row::{Id, Row};
use super::{Case, Registered};
use crate::escape::quote;
use crate::ledger::inventory::{Key, State};
use crate::plan::same;
use crate::verdict::finding::or_pass;

/// A passkey by the name that somebody gave it, and by its id.
fn name(passkey: &Registered) -> String {
    match &passkey.name {
        Some(name) => format!("{name} ({})", passkey.id),
        None => passkey.id.clone(),
    }
}

/// The label of the key that holds the passkey for sure.
pub(super) fn proven(case: &Case<'_>, passkey: &Registered) -> Option<String> {
    if case.is_on_key(passkey)
        && let Some(label) = case.on_key.and_then(|key| key.label.clone())
    {
        return Some(label);
    }
    case.holder(passkey).map(|key| key.label.clone())
}

/// Has each registered passkey its physical key?
pub(super) fn known(case: &Case<'_>) -> Vec<Row> {
    let rows: Vec<Row> =
        case.methods.passkeys.iter().map(|passkey| one(case, passkey).about(&name(passkey))).collect();
    if !rows.is_empty() {
        return rows;
    }
    let cure = "Register the account's keys: `docs/entra.md` tells how.";
    vec![Row::fail(Id::PasskeyKnown, "the account has no passkey", cure)]
}

fn one(case: &Case<'_>, passkey: &Registered) -> Row {
    let id = Id::PasskeyKnown;
    const STRANGE: &str = "Find out whose it is, and take it off the account.";
    if let Some(key) = case.holder(passkey) {
        let whose = format!("{} of {}", key.label, key.account);
        if !same(&key.account, case.account.name.as_str()) {
            return Row::fail(id, format!("it is on {whose}: another account's key"), STRANGE);
        } else if key.state != State::Active {
            let saw = format!("it is on {whose}, which is {}", key.state.words());
            return Row::fail(id, saw, "Take it off the account: whoever has that key has a way in.");
        }
        let on = if case.is_on_key(passkey) {
            "on record, and on the key that is plugged in"
        } else {
            "on record"
        };
        return Row::pass(id, format!("{}: {on}", key.label));
    }
    if case.is_on_key(passkey) {
        let on_key = case.on_key.and_then(|key| key.label.as_deref());
        let Some(key) = on_key.and_then(|label| case.inventory.key(label)) else {
            let cure = "Enroll the key, so that it is known whose it is.";
            return Row::fail(id, "it is on the key that is plugged in, which is not enrolled", cure);
        };
        if !same(&key.account, case.account.name.as_str()) {
            return Row::fail(
                id,
                format!("it is on {} of {}: another account's key", key.label, key.account),
                STRANGE,
            );
        }
        return Row::pass(id, format!("{}: it is on the key that is plugged in", key.label));
    }
    let Some(aaguid) = passkey.aaguid else {
        let cure = "Ask each key with `--with-key`; a passkey that none of them holds is a stranger's.";
        return Row::skipped(id, "Entra does not say its model, and it is on no record").cure(cure);
    };
    let alike: Vec<&str> =
        case.keys().filter(|key| key.aaguid == aaguid).map(|key| key.label.as_str()).collect();
    if alike.is_empty() {
        return Row::fail(id, format!("no key of the account is a {}", case.model(aaguid)), STRANGE);
    }
    let saw = format!("it is on no record; {} of this model may hold it, or another key", alike.join(", "));
    Row::skipped(id, saw).cure("Ask those keys: the same command with `--with-key`.")
}

/// Does Entra know each passkey as what it is?
pub(super) fn as_it_is(case: &Case<'_>) -> Vec<Row> {
    let id = Id::PasskeyAsItIs;
    let mut rows = Vec::new();
    for passkey in &case.methods.passkeys {
        let holder = case.holder(passkey);
        let mut tell = |row: Row| rows.push(row.about(&name(passkey)));
        if let (Some(key), Some(told)) = (holder, passkey.aaguid)
            && key.aaguid != told
        {
            let saw =
                format!("Entra says {}, and {} is {}", case.model(told), key.label, case.model(key.aaguid));
            tell(Row::fail(id, saw, "Take it off the account, and register the key anew."));
        }
        match passkey.kind.as_deref() {
            Some("deviceBound") => {}
            None => {
                let saw = "Entra does not say whether it is bound to one device";
                tell(Row::warn(
                    id,
                    saw,
                    "Fetch the list anew, from Graph itself: a synced passkey can be copied.",
                ));
            }
            Some(other) => {
                let saw = format!("Entra says that it is {other}, not bound to one device");
                tell(Row::fail(id, saw, "Take it off the account: a synced passkey can be copied."));
            }
        }
        match passkey.attestation.as_deref() {
            Some("attested") => {}
            told => {
                let saw = match told {
                    Some("notAttested") => "Entra took it without attestation".to_owned(),
                    Some(other) => format!("Entra says {other} of its attestation"),
                    None => "Entra does not say whether it was attested".to_owned(),
                };
                let cure = "Enforce attestation in the passkey profile, and register the key anew: without it anything can claim a model.";
                tell(Row::warn(id, saw, cure));
            }
        }
        if let Err(error) = &passkey.credential_id {
            tell(Row::warn(id, error.to_string(), "Fetch the list anew, from Graph itself."));
        }
    }
    or_pass(rows, id, "attested, device-bound, and of the model on record where there is one")
}

/// Is each active key of the account registered?
pub(super) fn keys(case: &Case<'_>) -> Vec<Row> {
    let rows: Vec<Row> = case.keys().map(|key| key_row(case, key).about(&key.label)).collect();
    if !rows.is_empty() {
        return rows;
    }
    let cure = format!("Enroll its keys: `glasskey enroll --account {}`.", quote(case.account.name.as_str()));
    vec![Row::fail(Id::KeyRegistered, "the account has no active key on record", cure)]
}

fn key_row(case: &Case<'_>, key: &Key) -> Row {
    let id = Id::KeyRegistered;
    const REGISTER: &str = "Register the key for the account.";
    let passkeys = &case.methods.passkeys;
    let plugged =
        case.on_key.filter(|held| held.label.as_deref().is_some_and(|label| same(label, &key.label)));
    if plugged.is_some() && passkeys.iter().any(|passkey| case.is_on_key(passkey)) {
        return Row::pass(id, "registered: the key holds a passkey that is in the list");
    }
    if key.entra.is_empty() {
        if plugged.is_some() {
            return Row::fail(id, "the key holds no passkey that is in the list", REGISTER);
        }
        let alike =
            passkeys.iter().filter(|passkey| passkey.aaguid.is_none_or(|aaguid| aaguid == key.aaguid));
        // A passkey that is another key's cannot be this one's.
        if alike.filter(|passkey| case.holder(passkey).is_none()).count() == 0 {
            return Row::fail(id, "no passkey in the list can be this key's", REGISTER);
        }
        let saw = "its passkeys for Entra are not on record; one of its model is in the list";
        return Row::skipped(id, saw).cure("Ask the key: the same command with `--with-key`.");
    }
    let listed = |id: &[u8]| {
        passkeys.iter().any(|passkey| passkey.credential_id.as_ref().is_ok_and(|told| told.may_be(id)))
    };
    let (there, gone): (Vec<_>, Vec<_>) =
        key.entra.iter().partition(|one| listed(one.credential_id.as_slice()));
    if there.is_empty() {
        return Row::fail(id, "Entra does not list the passkey that was made on it", REGISTER);
    }
    if !gone.is_empty() {
        let saw = "registered; it also holds a passkey that Entra does not list";
        return Row::warn(id, saw, "Delete that one from the key: `glasskey credentials delete ID`.");
    }
    Row::pass(id, "registered: the passkey on record is in the list")
}
