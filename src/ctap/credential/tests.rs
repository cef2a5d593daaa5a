use super::*;
use crate::ctap::protocol::Protocol;
use proptest::prelude::*;
use zeroize::Zeroizing;

fn token(protocol: Protocol) -> Token {
    Token::new(protocol, Zeroizing::new(vec![7; 32])).unwrap()
}

fn registration<'a>(exclude: &'a [Vec<u8>]) -> MakeCredential<'a> {
    MakeCredential {
        client_data_hash: [1; 32],
        rp_id: "example.com",
        rp_name: "Example",
        user_id: b"user",
        user_name: "u",
        display_name: "U",
        algorithms: &[ES256],
        exclude,
        extensions: Extensions::default(),
        discoverable: false,
    }
}

/// The request's members; its CBOR is canonical.
fn members(request: &[u8], command: u8) -> Vec<(i128, Value)> {
    assert_eq!(request[0], command);
    let decoded = cbor::decode(&request[1..]).unwrap();
    assert_eq!(decoded.deviations, []);
    let members = decoded.value.into_map().unwrap();
    members.into_iter().map(|(key, value)| (key.as_integer().unwrap().into(), value)).collect()
}

fn keys(members: &[(i128, Value)]) -> Vec<i128> {
    members.iter().map(|(key, _)| *key).collect()
}

#[test] // CTAP §6.1
fn what_is_not_asked_for_does_not_stand_in_the_request() {
    let plain = members(&registration(&[]).request(None).unwrap(), MAKE);
    assert_eq!(keys(&plain), [1, 2, 3, 4], "no rk, no extensions, no enterprise attestation");

    let ids = [vec![5; 20]];
    let protection = Some(Protection::Required);
    let full = MakeCredential {
        extensions: Extensions { hmac_secret: true, protection },
        discoverable: true,
        ..registration(&ids)
    };
    let full = members(&full.request(Some(&token(Protocol::Two))).unwrap(), MAKE);
    assert_eq!(keys(&full), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let extensions = cbor::map([("hmac-secret", Value::from(true)), ("credProtect", 3.into())]).unwrap();
    assert_eq!(full[5].1, extensions);
    assert_eq!(full[6].1, Value::Map(vec![("rk".into(), true.into())]));
    assert_eq!(full[7].1.as_bytes().map(Vec::len), Some(32));
    assert_eq!(full[8].1, 2.into());
}

#[test] // CTAP §6.2
fn an_assertion_asks_for_a_touch_unless_told_otherwise() {
    let ids = [vec![5; 20], vec![6]];
    let wanted =
        |allow, touch| GetAssertion { rp_id: "example.com", client_data_hash: [1; 32], allow, touch };
    let plain = members(&wanted(&[], true).request(None).unwrap(), GET);
    assert_eq!(keys(&plain), [1, 2]);
    let full = members(&wanted(&ids, false).request(Some(&token(Protocol::One))).unwrap(), GET);
    assert_eq!(keys(&full), [1, 2, 3, 5, 6, 7]);
    assert_eq!(full[2].1.as_array().map(Vec::len), Some(2));
    assert_eq!(full[3].1, Value::Map(vec![("up".into(), false.into())]));
    assert_eq!((full[4].1.as_bytes().map(Vec::len), &full[5].1), (Some(16), &1.into()));
}

fn auth_data(flags: u8) -> Vec<u8> {
    let attested = [&[7; 16][..], &[0, 2, 9, 9], &[0xa1, 0x01, 0x02]].concat();
    [&[3; 32][..], &[flags, 0, 0, 0, 1], if flags & 0x40 == 0 { &[] } else { &attested }].concat()
}

fn answer(members: &[(u8, Value)]) -> Value {
    Value::Map(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

#[test] // WebAuthn Level 3 §6.5.4
fn the_attestation_object_holds_what_the_key_said_byte_for_byte() {
    let statement =
        Value::Map(vec![("sig".into(), Value::from(&[1, 2, 3][..])), ("alg".into(), (-7).into())]);
    let good = [(1, "packed".into()), (2, auth_data(0x41).into()), (3, statement.clone())];
    let attestation = Attestation::parse(answer(&good)).unwrap();
    let object = cbor::decode(&attestation.object).unwrap().value.into_map().unwrap();
    let expected: [(Value, Value); 3] = [
        ("fmt".into(), "packed".into()),
        ("attStmt".into(), statement),
        ("authData".into(), auth_data(0x41).into()),
    ];
    assert_eq!(object, expected);

    let mut bare = good;
    bare[1].1 = auth_data(0x01).into();
    let missing = AnswerError::Cbor(CborError::Missing("attested credential data"));
    assert_eq!(Attestation::parse(answer(&bare)), Err(missing));
}

#[test] // CTAP §6.2.2
fn a_credential_that_is_named_must_have_an_id() {
    let parse = |credential: Option<Value>| {
        let mut members = vec![(2, auth_data(0x01).into()), (3, Value::from(&[1][..]))];
        members.extend(credential.map(|credential| (1, credential)));
        AssertionAnswer::parse(answer(&members)).map(|answer| answer.credential_id)
    };
    assert_eq!(parse(None), Ok(None));
    let id = Value::Map(vec![("id".into(), Value::from(&[5][..])), ("type".into(), "public-key".into())]);
    assert_eq!(parse(Some(id)), Ok(Some(vec![5])));
    for bad in [Value::Map(vec![]), Value::Map(vec![("id".into(), "5".into())]), Value::from(&[5][..])] {
        assert!(parse(Some(bad)).is_err());
    }
}

fn arbitrary_member() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..90).prop_map(Value::from),
        "[a-z]{0,8}".prop_map(Value::from),
        any::<u8>().prop_map(|flags| auth_data(flags).into()),
        Just(Value::Map(vec![])),
    ]
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(members in prop::collection::vec((0u8..6, arbitrary_member()), 0..6)) {
        let _ = Attestation::parse(answer(&members));
        let _ = AssertionAnswer::parse(answer(&members));
    }
}
