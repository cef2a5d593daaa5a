//! `entra forget`: a passkey that Entra does not have is deleted from its key, and the record says so. Also what a
//! registration may have left of which nobody knows how it ended.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::book::Book;
use super::super::{World, credentials, record};
use super::which::{begun_for, enrolled, meant, open};
use crate::cli::Forget;
use crate::ctap::credential_management::Dialect;
use crate::entra::RegisterError;
use crate::entra::register::handle_hash;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::credentials::{Credentials, try_list};
use crate::facts::look;
use crate::key::manage::Passkey;
use crate::ledger::Event;
use crate::ledger::bytes::Bytes;
use crate::ledger::inventory::{Key, Pending};
use crate::ledger::payload::{EntraForgotten, Payload};
use crate::term::escape::escape;
use crate::term::show;

/// What is to be forgotten.
enum Target {
    /// It is on the key.
    OnKey(Passkey),
    /// The record has it, and the key does not.
    Gone(Bytes),
}

impl Target {
    fn id(&self) -> &[u8] {
        match self {
            Self::OnKey(passkey) => &passkey.credential_id,
            Self::Gone(id) => id.as_slice(),
        }
    }
}

pub(super) fn forget(world: &World, arguments: &Forget) -> Result<Exit, Error> {
    let writer = world.writer()?;
    let inventory = writer.inventory().clone();
    let (found, named) = meant(world, &inventory)?;
    let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
    let facts = look(&found, &mut session)?;
    let account = arguments.account.as_deref();
    let (key, _) = enrolled(&mut session, &facts.info, &inventory, named, account)?;
    let dialect = Dialect::of(&facts.info).ok_or(Error::NoCredentialManagement)?;
    let begun: Vec<_> = open(&inventory, &key.label).collect();
    let handles: BTreeSet<&str> = begun.iter().filter_map(|pending| begun_for(pending)).collect();
    let (permit, pin) = credentials::ask_pin(world, &facts, arguments.pin)?;
    let authority = credentials::prove(&mut session, &facts, permit, &pin)?;
    let listed = try_list(&mut session, dialect, &authority)?;
    let target = target(&listed, key, &handles, arguments.id.as_deref())?;
    if target.is_none() && begun.is_empty() {
        return Err(RegisterError::NothingToForget(key.label.clone()).into());
    } else if target.is_none() && !listed.whole() {
        return Err(RegisterError::ListCut(key.label.clone()).into());
    }
    if let Some(Target::OnKey(passkey)) = &target {
        credentials::confirm(world, arguments.yes, passkey)?;
    }
    let details = json!({ "credential_id": target.as_ref().map(|target| base64url(target.id())) });
    let mut book = Book::of_label(world, writer, &key.label, details);
    let recorded = match &target {
        None => None,
        Some(target) => {
            let payload = forgotten(key, target, &arguments.why);
            Some(match target {
                Target::Gone(_) => book.became(&mut session, Some(authority), payload)?,
                Target::OnKey(passkey) => book.step(
                    "forget passkey",
                    &mut session,
                    |_, session| {
                        credentials::delete(session, dialect, &authority, &listed, passkey)?;
                        Ok(authority)
                    },
                    |book, session, authority| book.became(session, Some(authority), payload),
                )?,
            })
        }
    };
    let why = match (&target, &recorded) {
        (Some(_), Some(recorded)) => format!("the passkey is off the key, event {}", recorded.event.seq),
        _ => "the key holds no such passkey".to_owned(),
    };
    let closed = settled(&begun, &listed, target.as_ref());
    book.give_up(&why, |pending| closed.contains(&pending.seq));
    tell(world, key, target.as_ref(), &closed, recorded.map(|recorded| recorded.event).as_ref())
}

/// What is meant: a passkey for Entra that the record knows on this key, or that was begun; by its id where there are several.
fn target(
    listed: &Credentials,
    key: &Key,
    handles: &BTreeSet<&str>,
    id: Option<&str>,
) -> Result<Option<Target>, Error> {
    let recorded = |id: &[u8]| key.entra.iter().any(|one| one.credential_id.as_slice() == id);
    let begun = |passkey: &Passkey| handles.contains(handle_hash(&passkey.user_id).to_string().as_str());
    let on_key = listed.entra().filter(|passkey| recorded(&passkey.credential_id) || begun(passkey));
    let held = |id: &[u8]| listed.passkeys.iter().any(|passkey| passkey.credential_id == id);
    // A list that is not whole does not say that anything is gone.
    let gone = key.entra.iter().filter(|one| listed.whole() && !held(one.credential_id.as_slice()));
    let gone = gone.map(|one| Target::Gone(one.credential_id.clone()));
    let mut targets: Vec<Target> = on_key.cloned().map(Target::OnKey).chain(gone).collect();
    match (id, targets.len()) {
        (Some(id), _) => credentials::meant(targets, Target::id, id).map(Some),
        (None, 0 | 1) => Ok(targets.pop()),
        (None, several) => Err(RegisterError::Several(several).into()),
    }
}

/// The registrations, by their events, of which nothing is left on the key.
fn settled(begun: &[&Pending], listed: &Credentials, gone: Option<&Target>) -> Vec<u64> {
    let left = || listed.entra().filter(|one| gone.is_none_or(|gone| one.credential_id != gone.id()));
    let of = |handle: &str| left().any(|one| handle_hash(&one.user_id).to_string() == handle);
    begun.iter().filter(|pending| !begun_for(pending).is_some_and(of)).map(|pending| pending.seq).collect()
}

/// What is recorded: of a passkey that was never on record, that one was deleted.
fn forgotten(key: &Key, target: &Target, why: &str) -> Payload {
    let label = key.label.clone();
    match target {
        Target::OnKey(passkey)
            if !key.entra.iter().any(|one| one.credential_id.0 == passkey.credential_id) =>
        {
            Payload::CredentialDeleted(credentials::gone(label, passkey))
        }
        target => {
            let credential_id = Bytes(target.id().to_vec());
            Payload::EntraForgotten(EntraForgotten { label, credential_id, why: why.to_owned() })
        }
    }
}

fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn tell(
    world: &World,
    key: &Key,
    target: Option<&Target>,
    closed: &[u64],
    event: Option<&Event>,
) -> Result<Exit, Error> {
    if world.term.json {
        let forgotten = target.map_or(Value::Null, |target| {
            json!({ "credential_id": base64url(target.id()), "was_on_key": matches!(target, Target::OnKey(_)) })
        });
        world.term.document(&json!({
            "schema": "glasskey.entra-forget/1", "label": key.label, "account": key.account,
            "forgotten": forgotten, "closed": closed, "event": event.map(record::place),
        }))?;
        return Ok(world.ended());
    }
    let label = escape(&key.label);
    world.term.out(&match target {
        Some(Target::OnKey(_)) => format!("deleted from {label}: its passkey for Entra\n"),
        Some(Target::Gone(_)) => {
            format!("{label} no longer held its passkey for Entra, and the record says so now\n")
        }
        None => format!("{label} holds nothing of the registration that was begun\n"),
    })?;
    if let Some(event) = event {
        world.term.out(&show::ledger::kept(event))?;
    }
    Ok(world.ended())
}
