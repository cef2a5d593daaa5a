//! `credentials list|delete`: the discoverable credentials on a key. A deletion on an enrolled key is recorded, and the
//! key signs it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::World;
use super::book::{self, Book};
use super::check;
use super::record::{self, Recorded};
use crate::cli::{Credentials as Verb, PinGuard};
use crate::ctap::client_pin::Permissions;
use crate::ctap::credential::Protection;
use crate::ctap::credential_management::Dialect;
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::credentials::{Credentials, try_list};
use crate::facts::{Facts, look};
use crate::key::authority::Authority;
use crate::key::guard::{Permit, PinRefusal};
use crate::key::manage::Passkey;
use crate::key::session::{KeyError, Session};
use crate::ledger::bytes::Bytes;
use crate::ledger::payload::{CredentialDeleted, Payload};
use crate::term::escape::escape;
use crate::term::show;

/// What must be typed before a credential is deleted.
const WORD: &str = "delete";
/// The shortest beginning of an id that names a credential.
const LEAST: usize = 8;

pub(super) fn credentials(world: &World, verb: &Verb) -> Result<Exit, Error> {
    let found = world.one()?;
    let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
    let facts = look(&found, &mut session)?;
    let dialect = Dialect::of(&facts.info).ok_or(Error::NoCredentialManagement)?;
    match verb {
        Verb::List(guard) => {
            let (permit, pin) = ask_pin(world, &facts, *guard)?;
            let authority = prove(&mut session, &facts, permit, &pin)?;
            let listed = try_list(&mut session, dialect, &authority)?;
            tell(world, &facts, &listed, None, None)
        }
        Verb::Delete(arguments) => {
            let mut book = Book::of_key(world, &mut session, &found, &facts.info)?;
            let (permit, pin) = ask_pin(world, &facts, arguments.pin)?;
            let authority = prove(&mut session, &facts, permit, &pin)?;
            let listed = try_list(&mut session, dialect, &authority)?;
            let all = listed.passkeys.iter().collect();
            let passkey = meant(all, |passkey| &passkey.credential_id, &arguments.id)?;
            confirm(world, arguments.yes, passkey)?;
            let deletes = |session: &mut Session| {
                let left = delete(session, dialect, &authority, &listed, passkey)?;
                Ok((left, Some(authority)))
            };
            let ((left, _), recorded) = book::step(
                &mut book,
                "delete passkey",
                &mut session,
                deletes,
                |book, session, (_, authority)| {
                    let gone = gone(book.label().to_owned(), passkey);
                    book.became(session, authority.take(), Payload::CredentialDeleted(gone))
                },
            )?;
            tell(world, &facts, &left, Some(passkey), recorded.as_ref())
        }
    }
}

pub(super) fn gone(label: String, passkey: &Passkey) -> CredentialDeleted {
    let rp_id = passkey.rp_id.clone();
    CredentialDeleted { label, rp_id, credential_id: Bytes(passkey.credential_id.clone()) }
}

pub(super) fn ask_pin(world: &World, facts: &Facts, guard: PinGuard) -> Result<(Permit, Pin), Error> {
    if facts.pin_set != Some(true) {
        return Err(KeyError::Pin(PinRefusal::NotSet).into());
    } else if facts.info.force_pin_change == Some(true) {
        return Err(KeyError::Pin(PinRefusal::ChangeForced).into());
    }
    let retries = facts.retries.ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
    let permit = world.guard(guard)?.permit(retries).map_err(KeyError::Pin)?;
    Ok((permit, check::ask_pin(world, facts)?))
}

pub(super) fn prove<'p>(
    session: &mut Session,
    facts: &Facts,
    permit: Permit,
    pin: &'p Pin,
) -> Result<Authority<'p>, Error> {
    Ok(Authority::prove(session, &facts.info, permit, pin, Permissions::CREDENTIAL_MANAGEMENT, None)?)
}

/// The one of these whose credential id begins like this, in hexadecimal or base64url.
pub(super) fn meant<T>(all: Vec<T>, of: impl Fn(&T) -> &[u8], id: &str) -> Result<T, Error> {
    let (id, lower) = (id.trim_end_matches('='), id.to_lowercase());
    let forms = |one: &T| (hex::encode(of(one)), BASE64_URL_SAFE_NO_PAD.encode(of(one)));
    let whole = |(hexadecimal, base64url): &(String, String)| *hexadecimal == lower || base64url == id;
    let begins = |(hexadecimal, base64url): &(String, String)| {
        hexadecimal.starts_with(&lower) || base64url.starts_with(id)
    };
    let (mut exact, others): (Vec<T>, Vec<T>) = all.into_iter().partition(|one| whole(&forms(one)));
    if let Some(one) = exact.pop() {
        return Ok(one);
    } else if id.len() < LEAST {
        return Err(Error::CredentialIdShort(LEAST));
    }
    let mut found: Vec<T> = others.into_iter().filter(|one| begins(&forms(one))).collect();
    match (found.pop(), found.len()) {
        (None, _) => Err(Error::NoSuchCredential(id.to_owned())),
        (Some(one), 0) => Ok(one),
        (Some(_), more) => Err(Error::SeveralCredentials(more.saturating_add(1))),
    }
}

pub(super) fn confirm(world: &World, yes: bool, passkey: &Passkey) -> Result<(), Error> {
    let what = words(passkey);
    if yes {
        return Ok(());
    }
    let question =
        format!("Deletes {what}. Whoever signs in with it cannot any more, and it cannot be had back.");
    world.confirm(&question, WORD, false)
}

/// Deletes it, and counts again: the key's word that it did is not all.
pub(super) fn delete(
    session: &mut Session,
    dialect: Dialect,
    authority: &Authority<'_>,
    before: &Credentials,
    passkey: &Passkey,
) -> Result<Credentials, Error> {
    session.delete_credential(dialect, authority.proof(), &passkey.credential_id)?;
    let count = session.creds_metadata(dialect, authority.proof());
    let count = count.map_err(|error| Error::Unseen(Box::new(error.into())))?;
    if count.existing >= before.count.existing {
        return Err(Error::NotDeleted);
    }
    let mut passkeys = before.passkeys.clone();
    passkeys.retain(|other| other != passkey);
    Ok(Credentials { count, passkeys })
}

fn words(passkey: &Passkey) -> String {
    let user = passkey.user_name.as_deref().map_or_else(|| "an unnamed user".to_owned(), escape);
    format!("the passkey of {user} for {}", escape(&passkey.rp_id))
}

fn tell(
    world: &World,
    facts: &Facts,
    listed: &Credentials,
    deleted: Option<&Passkey>,
    recorded: Option<&Recorded>,
) -> Result<Exit, Error> {
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.credentials/1",
            "path": facts.path,
            "aaguid": facts.info.aaguid,
            "existing": listed.count.existing,
            "remaining": listed.count.remaining,
            "credentials": listed.passkeys.iter().map(document).collect::<Vec<_>>(),
            "deleted": deleted.map(document),
            "event": recorded.map(|recorded| record::place(&recorded.event)),
        }))?;
    } else if let Some(passkey) = deleted {
        let left = listed.count.existing;
        world.term.out(&format!("deleted: {}; {left} left on the key\n", words(passkey)))?;
        if let Some(recorded) = recorded {
            world.term.out(&show::ledger::kept(&recorded.event))?;
        }
    } else {
        world.term.out(&show::passkeys(listed))?;
    }
    Ok(world.ended())
}

fn document(passkey: &Passkey) -> Value {
    let base64url = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let protection = passkey.protection.map(|protection| match protection {
        Protection::Optional => "user-verification-optional",
        Protection::OptionalWithId => "user-verification-optional-with-credential-id-list",
        Protection::Required => "user-verification-required",
    });
    json!({
        "rp_id": passkey.rp_id,
        "rp_id_hash": hex::encode(passkey.rp_id_hash),
        "user_id": base64url(&passkey.user_id),
        "user_name": passkey.user_name,
        "display_name": passkey.display_name,
        "credential_id": base64url(&passkey.credential_id),
        "public_key": base64url(&passkey.public_key),
        "protection": protection,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctap::credential_management::Metadata;

    fn listed(ids: &[&[u8]]) -> Credentials {
        let passkey = |id: &&[u8]| Passkey {
            rp_id: "a.example".into(),
            rp_id_hash: [0; 32],
            user_id: vec![1],
            user_name: None,
            display_name: None,
            credential_id: id.to_vec(),
            public_key: vec![0xa0],
            protection: None,
        };
        let count = Metadata { existing: 3, remaining: 0 };
        Credentials { count, passkeys: ids.iter().map(passkey).collect() }
    }

    #[test]
    fn an_id_names_one_passkey_or_none() {
        let listed =
            listed(&[b"\xaa\xbb\xcc\xdd\x01", b"\xaa\xbb\xcc\xdd\x02", b"\x01", b"\x69\xb7\x1d\x79\xf8\x21"]);
        let meant = |id: &str| {
            meant(listed.passkeys.clone(), |passkey| &passkey.credential_id, id)
                .map(|passkey| passkey.credential_id)
        };
        assert!(matches!(meant("aabbccdd"), Err(Error::SeveralCredentials(2))));
        assert_eq!(meant("AABBCCDD02").unwrap(), b"\xaa\xbb\xcc\xdd\x02");
        assert_eq!(meant("aabbccdd0").map_err(|error| error.to_string()).ok(), None, "both begin like this");
        assert_eq!(meant("qrvM3QI=").unwrap(), b"\xaa\xbb\xcc\xdd\x02", "base64url, padded");
        // A whole id is enough, however short; a beginning wants eight characters.
        assert_eq!(meant("01").unwrap(), b"\x01");
        assert!(matches!(meant("aabbccd"), Err(Error::CredentialIdShort(8))));
        assert!(matches!(meant(""), Err(Error::CredentialIdShort(8))));
        assert!(matches!(meant("aabbccdd03"), Err(Error::NoSuchCredential(_))));
        // Base64url has regard to case.
        assert!(matches!(meant("abcdefGH"), Err(Error::NoSuchCredential(_))));
        assert_eq!(meant("abcdefgh").unwrap(), b"\x69\xb7\x1d\x79\xf8\x21");
    }
}
