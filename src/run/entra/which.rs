//! Which enrolled key is in hand, and what was begun with it and never ended.

use super::super::World;
use super::super::named::{self, Named, is_key};
use super::super::record::{self, Known};
use crate::ctap::info::Info;
use crate::entra::RegisterError;
use crate::error::Error;
use crate::key::found::Found;
use crate::key::session::Session;
use crate::ledger::Inventory;
use crate::ledger::inventory::{Key, Pending, State};
use crate::plan::same;

/// What an intent says of the passkey that was about to be made: SHA-256 of its user handle.
pub(super) const HANDLE: &str = "user_handle_sha256";

/// The key that is meant, and the one of the ledger as which it was named.
pub(super) fn meant<'i>(world: &World, inventory: &'i Inventory) -> Result<(Found, Option<&'i Key>), Error> {
    let keys = world.plugged()?;
    match (keys.as_slice(), world.named(&keys)?) {
        // It need not tell who it is: its signature will.
        ([only], Some(Named::Label(label))) => {
            Ok((only.clone(), Some(named::enrolled(&keys, label, Some(inventory))?.1)))
        }
        _ => Ok((world.one()?, None)),
    }
}

/// The enrolled key that this is; whether it answered as that one, or is only named so.
pub(super) fn enrolled<'i>(
    session: &mut Session,
    info: &Info,
    inventory: &'i Inventory,
    named: Option<&'i Key>,
    account: Option<&str>,
) -> Result<(&'i Key, bool), Error> {
    let (key, answered) = match (record::recognise(session, info, inventory)?, named) {
        (Known::As(key), Some(named)) if key.enrolled != named.enrolled => {
            return Err(Error::NoSuchKey {
                named: named.label.clone(),
                instead: Some(is_key(key)),
                hint: "put each key into its own bag, and look for the one that was named".to_owned(),
            });
        }
        (Known::As(key), _) => (key, true),
        (Known::CannotTell, Some(named)) => (named, false),
        (Known::CannotTell, None) => return Err(RegisterError::CannotTell.into()),
        (Known::AsNone, _) => return Err(RegisterError::NotEnrolled.into()),
    };
    if let Some(wanted) = account.filter(|wanted| !same(&key.account, wanted)) {
        let (label, is) = (key.label.clone(), key.account.clone());
        return Err(RegisterError::NotOfAccount { label, is, wanted: wanted.to_owned() }.into());
    }
    if key.state != State::Active {
        let (label, state) = (key.label.clone(), key.state.words());
        return Err(RegisterError::NotActive { label, state }.into());
    }
    Ok((key, answered))
}

/// Registrations with this key that were begun and never ended.
pub(super) fn open<'i>(inventory: &'i Inventory, label: &str) -> impl Iterator<Item = &'i Pending> {
    inventory
        .pending()
        .filter(move |pending| pending.intent.registers_passkey() && record::about(inventory, pending, label))
}

/// For whom a registration was begun: SHA-256 of the user handle, in hex.
pub(super) fn begun_for(pending: &Pending) -> Option<&str> {
    pending.intent.details.get(HANDLE)?.as_str()
}
