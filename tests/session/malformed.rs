//! Answers that are none: each command with each way of making no sense. Refused, named, never a panic.

use ciborium::{Value, cbor};
use glasskey::ctap::cbor::encode;
use glasskey::ctap::client_pin::TokenKind;
use glasskey::ctap::protocol::Protocol;
use glasskey::key::session::{KeyError, Session};

use super::{PinKey, assertion, permit, pin, registration, session};

/// Makes the key answer `body` to one kind of request and all else well.
fn ask(answer: Vec<u8>, command: &'static str) -> Result<(), KeyError> {
    let (mut key, _) = PinKey::with_pin(Protocol::Two, "1234");
    let wanted: (u8, u8) = match command {
        "getInfo" => (0x04, 0),
        "makeCredential" => (0x01, 0),
        "getAssertion" => (0x02, 0),
        "getPINRetries" => (0x06, 1),
        "getKeyAgreement" => (0x06, 2),
        "setPIN" => (0x06, 3),
        "changePIN" => (0x06, 4),
        "getPinToken" => (0x06, 5),
        other => panic!("{other}"),
    };
    let (mut session, _) = session(move |request| {
        // Canonical order: the map's head, 0x01, the protocol, 0x02, the subcommand.
        let subcommand = if request[0] == 0x06 { request[5] } else { 0 };
        if (request[0], subcommand) == wanted { answer.clone() } else { key.answer(request) }
    });
    perform(&mut session, command)
}

fn perform(session: &mut Session, command: &str) -> Result<(), KeyError> {
    match command {
        "getInfo" => session.info().map(drop),
        "getPINRetries" => session.retries(Protocol::Two).map(drop),
        "makeCredential" => session.make_credential(&registration(), None).map(drop),
        "getAssertion" => session.get_assertion(&assertion(&[]), None).map(drop),
        _ => {
            let shared = session.agree(Protocol::Two)?;
            match command {
                "setPIN" => session.set_pin(&shared, &pin("1234")),
                "changePIN" => session.change_pin(permit(), &shared, &pin("1234"), &pin("1234")),
                "getPinToken" => session.token(permit(), &shared, &pin("1234"), TokenKind::Plain).map(drop),
                _ => Ok(()),
            }
        }
    }
}

/// Commands with a body that the client reads, each with a good one.
fn bodies() -> Vec<(&'static str, Value)> {
    let auth_data = |flags: u8, rest: &[u8]| Value::from([&[3; 32][..], &[flags, 0, 0, 0, 1], rest].concat());
    let attested = [&[7; 16][..], &[0, 2, 9, 9], &[0xa1, 0x01, 0x02]].concat();
    let point = p256::SecretKey::from_slice(&[5; 32]).unwrap().public_key();
    let point = p256::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&point, false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    let key = cbor!({1 => 2, 3 => -25, -1 => 1}).unwrap().into_map().unwrap();
    let key = [key, vec![((-2).into(), x.into()), ((-3).into(), y.into())]].concat();
    vec![
        (
            "getInfo",
            Value::Map(vec![
                (1.into(), Value::Array(vec!["FIDO_2_0".into()])),
                (3.into(), Value::from(&[7; 16][..])),
            ]),
        ),
        ("getPINRetries", cbor!({3 => 8}).unwrap()),
        ("getKeyAgreement", Value::Map(vec![(1.into(), Value::Map(key))])),
        // Whatever it decrypts to has the right length: 16 bytes for the vector, 32 for the token.
        ("getPinToken", Value::Map(vec![(2.into(), Value::from(&[1; 48][..]))])),
        (
            "makeCredential",
            Value::Map(vec![
                (1.into(), "packed".into()),
                (2.into(), auth_data(0x41, &attested)),
                (3.into(), Value::Map(vec![])),
            ]),
        ),
        (
            "getAssertion",
            Value::Map(vec![(2.into(), auth_data(0x01, &[])), (3.into(), Value::from(&[1, 2][..]))]),
        ),
    ]
}

fn malformed(command: &'static str, answer: Vec<u8>) {
    let result = ask(answer.clone(), command);
    assert!(
        matches!(&result, Err(KeyError::Malformed { during, .. }) if *during == command),
        "{command} with {}: {result:?}",
        hex::encode(answer)
    );
}

#[test]
fn one_bend_makes_a_good_answer_unreadable() {
    for (command, good) in bodies() {
        let bytes = [vec![0], encode(&good).unwrap()].concat();
        assert!(ask(bytes.clone(), command).is_ok(), "{command}: {:?}", ask(bytes, command));
        // No status; a status alone; no map; an empty one; too deep; sizes that no answer has.
        malformed(command, vec![]);
        for body in [&[][..], &[0x80], &[0x00], &[0xf6], &[0xa0], &[0x81; 40], &[0xff]] {
            malformed(command, [&[0], body].concat());
        }
        for huge in [0x9b, 0x5b, 0x7b, 0xbb] {
            malformed(command, vec![0, huge, 0x40, 0, 0, 0, 0, 0, 0, 0]);
        }
        malformed(command, [&bytes[..], &[0]].concat());
        for end in 1..bytes.len() {
            malformed(command, bytes[..end].to_vec());
        }
        let members = good.into_map().unwrap();
        for place in 0..members.len() {
            let mut missing = members.clone();
            let (key, _) = missing.remove(place);
            malformed(command, [vec![0], encode(&Value::Map(missing)).unwrap()].concat());
            for wrong in [Value::Null, Value::from(-1), Value::from(true), Value::Array(vec![Value::Null])] {
                let mut bent = members.clone();
                bent[place] = (key.clone(), wrong);
                malformed(command, [vec![0], encode(&Value::Map(bent)).unwrap()].concat());
            }
            let mut twice = members.clone();
            twice.push(members[place].clone());
            malformed(command, [vec![0], encode(&Value::Map(twice)).unwrap()].concat());
        }
    }
}

#[test] // CTAP §8.1: no body, or an empty map
fn where_no_body_is_due_only_an_empty_one_is_taken() {
    for command in ["setPIN", "changePIN"] {
        assert!(ask(vec![0], command).is_ok() && ask(vec![0, 0xa0], command).is_ok());
        for body in [&[0xa1, 0x01, 0x01][..], &[0x00], &[0xa0, 0x00], &[0xff; 500]] {
            malformed(command, [&[0], body].concat());
        }
        malformed(command, vec![]);
    }
}
