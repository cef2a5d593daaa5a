//! Keys made by hand: the preview command of older keys, and keys that lie about how much they hold.

use std::time::Duration;

use ciborium::Value;
use glasskey::ctap::cbor::{decode, encode};
use glasskey::ctap::client_pin::{Retries, TokenKind};
use glasskey::ctap::credential_management::Dialect;
use glasskey::ctap::frame::{Command, Message};
use glasskey::ctap::protocol::{Protocol, Token};
use glasskey::key::cancel::Cancel;
use glasskey::key::guard::Guard;
use glasskey::key::manage::Passkey;
use glasskey::key::patience::Patience;
use glasskey::key::session::{KeyError, ProvenPin, Session};
use pin_key::PinKey;
use scripted::{Received, ScriptedKey, answers, opens};
use zeroize::Zeroizing;

#[path = "../session/pin_key.rs"]
#[expect(dead_code, reason = "this binary uses a part")]
mod pin_key;
#[path = "../support/scripted.rs"]
mod scripted;

/// A key that manages credentials under the command byte given, by what `holds` says to each subcommand and hash.
fn key(
    command: u8,
    mut holds: impl FnMut(u8, Option<u8>) -> Vec<u8> + Send + 'static,
) -> (Session, ProvenPin, Received) {
    let (mut pins, _) = PinKey::with_pin(Protocol::One, "123456");
    let key = ScriptedKey::that(move |message: &Message| match (message.command, message.payload.first()) {
        (Command::Init, _) => vec![opens(message)],
        (Command::Cbor, Some(byte)) if *byte == command => answers(&managed(&message.payload, &mut holds)),
        _ => answers(&pins.answer(&message.payload)),
    });
    let received = key.received();
    let limit = Duration::from_secs(5);
    let patience = Patience { quick: limit, work: limit, touch: limit, reset: limit, grace: limit };
    let mut session = Session::open(Box::new(key), patience, Cancel::default(), Box::new(|_| {})).unwrap();
    let permit = Guard::default().permit(Retries { left: 8, power_cycle: None }).unwrap();
    let shared = session.agree(Protocol::One).unwrap();
    let proof = session.token(permit, &shared, &super::pin(), TokenKind::Plain).unwrap();
    (session, proof, received)
}

/// Checks the proof as a key does, over the parameters as they came; the first byte of the hash goes to `holds`.
fn managed(request: &[u8], holds: &mut impl FnMut(u8, Option<u8>) -> Vec<u8>) -> Vec<u8> {
    let members = decode(&request[1..]).unwrap().value.into_map().unwrap();
    let get = |key: u8| members.iter().find(|(k, _)| *k == key.into()).map(|(_, value)| value.clone());
    let subcommand = u8::try_from(get(1).unwrap().as_integer().unwrap()).unwrap();
    let parameters = get(2).map(|value| encode(&value).unwrap()).unwrap_or_default();
    if matches!(subcommand, 3 | 5) {
        assert_eq!((get(3), get(4)), (None, None), "a continuation proves nothing");
    } else {
        let token = Token::new(Protocol::One, Zeroizing::new(vec![0x77; 32])).unwrap();
        let proof = token.authenticate(&[&[subcommand], parameters.as_slice()].concat());
        assert_eq!((get(3), get(4)), (Some(1.into()), Some(proof.into())));
    }
    // {1: h'..'} or {2: {..}}: the hash stands behind four bytes of heads.
    holds(subcommand, parameters.get(4).copied())
}

fn ok(members: &[(u8, Value)]) -> Vec<u8> {
    let map = Value::Map(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect());
    [vec![0], encode(&map).unwrap()].concat()
}

fn named(members: &[(&str, Value)]) -> Value {
    Value::Map(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

fn party(number: u8, total: Option<u64>) -> Vec<u8> {
    let id = format!("\u{1b}[2J{number}.example");
    let mut members = vec![(3, named(&[("id", id.into())])), (4, vec![number; 32].into())];
    members.extend(total.map(|total| (5, total.into())));
    ok(&members)
}

fn credential(number: u8, total: Option<u64>) -> Vec<u8> {
    let user = named(&[("id", vec![number].into())]);
    let id = named(&[("id", vec![number; 16].into()), ("type", "public-key".into())]);
    let mut members = vec![(6, user), (7, id), (8, named(&[]))];
    members.extend(total.map(|total| (9, total.into())));
    ok(&members)
}

fn count(received: &Received, command: u8) -> usize {
    let asks =
        |message: &&Message| message.command == Command::Cbor && message.payload.first() == Some(&command);
    received.all().iter().filter(asks).count()
}

fn ids(passkeys: &[Passkey]) -> Vec<(u8, u8)> {
    passkeys.iter().map(|passkey| (passkey.rp_id_hash[0], passkey.credential_id[0])).collect()
}

#[test]
fn the_preview_command_lists_counts_and_deletes() {
    let (mut first, mut second) = (true, true);
    let (mut session, proof, received) = key(0x41, move |subcommand, hash| match (subcommand, hash) {
        (1, None) => ok(&[(1, 3.into()), (2, 22.into())]),
        (2, None) => party(1, Some(2)),
        (3, None) if std::mem::take(&mut first) => party(2, None),
        (4, Some(1)) => credential(10, Some(2)),
        (5, None) if std::mem::take(&mut second) => credential(11, None),
        (4, Some(2)) => credential(20, Some(1)),
        (6, Some(_)) => vec![0],
        other => panic!("{other:?}"),
    });
    let metadata = session.creds_metadata(Dialect::Preview, &proof).unwrap();
    assert_eq!((metadata.existing, metadata.remaining), (3, 22));
    let passkeys = session.passkeys(Dialect::Preview, &proof).unwrap();
    assert_eq!(ids(&passkeys), [(1, 10), (1, 11), (2, 20)]);
    // Hostile text stays as it is in the data.
    assert_eq!(passkeys[0].rp_id, "\u{1b}[2J1.example");
    session.delete_credential(Dialect::Preview, &proof, &[10; 16]).unwrap();
    assert_eq!((count(&received, 0x41), count(&received, 0x0a)), (7, 0));
}

#[test]
fn a_list_ends_where_the_key_says_so() {
    let mut sent = 0_u8;
    let (mut session, proof, _) = key(0x0a, move |subcommand, hash| match (subcommand, hash) {
        (2, _) => party(1, Some(1000)),
        (3, _) if sent < 4 => {
            sent += 1;
            party(sent + 1, None)
        }
        (4, Some(1)) => credential(1, Some(1000)),
        (4, Some(2)) => credential(2, Some(1)),
        _ => vec![0x2e],
    });
    assert_eq!(ids(&session.passkeys(Dialect::Final, &proof).unwrap()), [(1, 1), (2, 2)]);
}

#[test]
fn a_key_that_claims_too_much_or_repeats_itself_is_stopped() {
    let listed = |claims: u64, repeats: bool| {
        let (mut session, proof, received) = key(0x0a, move |subcommand, _| match subcommand {
            2 => party(1, Some(claims)),
            3 => party(if repeats { 1 } else { 2 }, None),
            _ => credential(1, Some(claims)),
        });
        (session.passkeys(Dialect::Final, &proof).err(), count(&received, 0x0a))
    };
    for claims in [1001, u64::from(u32::MAX), u64::MAX] {
        let (error, exchanges) = listed(claims, false);
        assert!(matches!(error, Some(KeyError::Malformed { .. })), "{error:?}");
        assert_eq!(exchanges, 1);
    }
    let (error, exchanges) = listed(1000, true);
    assert!(matches!(error, Some(KeyError::Malformed { during: "enumerateRPs", .. })), "{error:?}");
    assert_eq!(exchanges, 2);
    // Two relying parties of a thousand credentials each: the sum is bounded, too.
    let (mut session, proof, received) = key(0x0a, |subcommand, _| match subcommand {
        2 => party(1, Some(2)),
        3 => party(2, None),
        4 => credential(1, Some(1000)),
        _ => credential(1, None),
    });
    let error = session.passkeys(Dialect::Final, &proof).err();
    assert!(matches!(error, Some(KeyError::Malformed { .. })), "{error:?}");
    assert_eq!(count(&received, 0x0a), 2 + 2000);
}
