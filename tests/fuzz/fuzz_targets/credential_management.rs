#![no_main]
//! The answers of authenticatorCredentialManagement: read as they are, with every count within bounds.

use ciborium::Value;
use glasskey::ctap::cbor::{self, CborError, Deviation};
use glasskey::ctap::credential::Protection;
use glasskey::ctap::credential_management::{
    MOST, Metadata, Party, Stored, first_party, first_stored, metadata, next_party, next_stored,
};
use glasskey::facts::credentials::{Credentials, is_named};
use glasskey::key::manage::Passkey;
use glasskey::term::show;
use glasskey_fuzz::{Input, assert_harmless, assert_harmless_screen};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let mut answers = [input.chunk(), input.chunk(), input.rest()]
        .map(|bytes| cbor::decode(bytes).ok().map(|decoded| decoded.value));
    let count = answers[0].take().and_then(count).unwrap_or(Metadata { existing: 1, remaining: 0 });
    let party = answers[1].take().and_then(party);
    let stored = answers[2].take().and_then(stored);
    if let (Some(party), Some(stored)) = (party, stored) {
        screen(count, party, stored);
    }
});

fn member(answer: &Value, key: i64) -> Option<&Value> {
    answer.as_map()?.iter().find(|(name, _)| *name == Value::from(key)).map(|(_, value)| value)
}

fn named<'v>(answer: &'v Value, key: i64, name: &str) -> Option<&'v Value> {
    member(answer, key)?.as_map()?.iter().find(|(known, _)| known.as_text() == Some(name)).map(|(_, v)| v)
}

fn read<T>(read: Result<T, CborError>) -> Option<T> {
    read.map_err(|error| assert_harmless(&error.to_string())).ok()
}

fn count(answer: Value) -> Option<Metadata> {
    let count = read(metadata(answer.clone()))?;
    assert_eq!(member(&answer, 1), Some(&count.existing.into()));
    assert_eq!(member(&answer, 2), Some(&count.remaining.into()));
    Some(count)
}

fn party(answer: Value) -> Option<Party> {
    let next = read(next_party(answer.clone()));
    let (party, total) = read(first_party(answer.clone()))??;
    assert!((1..=MOST).contains(&total) && member(&answer, 5) == Some(&total.into()));
    assert_eq!(next.as_ref(), Some(&party), "first or next, it is read alike");
    assert_eq!(named(&answer, 3, "id").and_then(Value::as_text), Some(party.id.as_str()));
    assert_eq!(member(&answer, 4).and_then(Value::as_bytes), Some(&party.id_hash.to_vec()));
    Some(party)
}

fn stored(answer: Value) -> Option<Stored> {
    let next = read(next_stored(answer.clone()));
    let (stored, total) = read(first_stored(answer.clone()))?;
    assert!((1..=MOST).contains(&total) && member(&answer, 9) == Some(&total.into()));
    assert_eq!(next.as_ref(), Some(&stored), "first or next, it is read alike");
    let text = |name| named(&answer, 6, name).and_then(Value::as_text);
    assert_eq!(named(&answer, 6, "id").and_then(Value::as_bytes), Some(&stored.user_id));
    assert_eq!(
        (text("name"), text("displayName")),
        (stored.user_name.as_deref(), stored.display_name.as_deref())
    );
    assert_eq!(named(&answer, 7, "id").and_then(Value::as_bytes), Some(&stored.credential_id));
    assert!((1..=1023).contains(&stored.credential_id.len()));
    // The order of its members is the key's own; it is what was registered, byte for byte.
    let told = cbor::encode(member(&answer, 8).expect("it was read")).expect("it was decoded");
    let key = cbor::decode(&stored.public_key).expect("it was encoded anew");
    assert!(stored.public_key == told && key.value.is_map());
    assert!(!key.deviations.contains(&Deviation::Encoding));
    let level = match stored.protection {
        Some(Protection::Optional) => Some(1),
        Some(Protection::OptionalWithId) => Some(2),
        Some(Protection::Required) => Some(3),
        None => None,
    };
    assert!(level.is_none_or(|level| member(&answer, 10) == Some(&level.into())), "unsaid is not said");
    Some(stored)
}

/// The same passkey twice, as a hostile key may list it.
fn screen(count: Metadata, party: Party, stored: Stored) {
    let passkey = Passkey {
        rp_id: party.id,
        rp_id_hash: party.id_hash,
        user_id: stored.user_id,
        user_name: stored.user_name,
        display_name: stored.display_name,
        credential_id: stored.credential_id,
        public_key: stored.public_key,
        protection: stored.protection,
    };
    if let Some(name) = &passkey.user_name {
        assert!(is_named(&passkey, name));
    }
    let credentials = Credentials { count, passkeys: vec![passkey.clone(), passkey] };
    assert_eq!(credentials.entra().count() + credentials.stray().count(), 2);
    assert_eq!(credentials.whole(), count.existing == 2);
    serde_json::to_value(&credentials).expect("a list can be written");
    assert_harmless_screen(&show::passkeys(&credentials));
}
