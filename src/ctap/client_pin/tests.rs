use super::*;
use proptest::prelude::*;
use zeroize::Zeroizing;

fn number(value: i64) -> Value {
    value.into()
}

fn answer(members: &[(i64, Value)]) -> Value {
    Value::Map(members.iter().map(|(key, value)| (number(*key), value.clone())).collect())
}

/// A secret shared with the key whose private key is 1, which makes its public key the generator.
fn shared(protocol: Protocol) -> SharedSecret {
    let generator = p256::SecretKey::from_slice(&[&[0; 31][..], &[1]].concat()).unwrap().public_key();
    let point = p256::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&generator, false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    let members = [(1, number(2)), (3, number(-25)), (-1, number(1)), (-2, x.into()), (-3, y.into())];
    let theirs = cbor::encode(&answer(&members)).unwrap();
    SharedSecret::agree(protocol, &theirs, &Zeroizing::new([1; 32])).unwrap()
}

#[test] // CTAP §6.5.5.2, §6.5.5.4
fn requests_that_cost_nothing_are_these_bytes() {
    assert_eq!(get_retries(Protocol::One).unwrap(), [0x06, 0xa2, 0x01, 0x01, 0x02, 0x01]);
    assert_eq!(get_retries(Protocol::Two).unwrap(), [0x06, 0xa2, 0x01, 0x02, 0x02, 0x01]);
    assert_eq!(get_key_agreement(Protocol::One).unwrap(), [0x06, 0xa2, 0x01, 0x01, 0x02, 0x02]);
}

#[test] // CTAP §6.5.5.2
fn retries_are_a_byte_and_the_power_cycle_is_said_or_unsaid() {
    let read = |members: &[(i64, Value)]| retries(answer(members)).ok().map(|r| (r.left, r.power_cycle));
    assert_eq!(read(&[(3, number(8))]), Some((8, None)));
    assert_eq!(read(&[(3, number(0)), (4, true.into())]), Some((0, Some(true))));
    assert_eq!(read(&[(3, number(255)), (4, false.into()), (5, number(3))]), Some((255, Some(false))));
    for bad in [number(256), number(-1), "8".into(), Value::Null] {
        assert_eq!(read(&[(3, bad)]), None);
    }
    assert_eq!(read(&[(3, number(8)), (4, number(1))]), None);
    assert_eq!(read(&[(4, true.into())]), None);
}

#[test] // CTAP §6.5.5.7
fn a_token_has_the_length_of_its_protocol() {
    for (protocol, length, good) in [
        (Protocol::One, 16, true),
        (Protocol::One, 32, true),
        (Protocol::One, 48, false),
        (Protocol::Two, 16, false),
        (Protocol::Two, 32, false),
        (Protocol::Two, 48, true),
        (Protocol::Two, 64, false),
        (Protocol::Two, 47, false),
        (Protocol::One, 0, false),
    ] {
        let sent = answer(&[(2, vec![5; length].into())]);
        assert_eq!(token(sent, &shared(protocol)).is_ok(), good, "{protocol:?} {length}");
    }
}

fn arbitrary_answer() -> impl Strategy<Value = Value> {
    let member = prop_oneof![
        any::<i64>().prop_map(number),
        any::<bool>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..70).prop_map(Value::from),
        Just(Value::Map(vec![])),
        Just(Value::Null),
    ];
    prop::collection::vec((-1i64..12, member), 0..6).prop_map(|members| answer(&members))
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(value in arbitrary_answer()) {
        let _ = retries(value.clone());
        let _ = key_agreement(value.clone());
        for protocol in [Protocol::One, Protocol::Two] {
            let _ = token(value.clone(), &shared(protocol));
        }
    }

    #[test]
    fn a_request_is_canonical_and_shows_nothing_of_the_pin(text in "[!-~]{4,63}", iv: [u8; 16]) {
        let pin = || Pin::parse(text.clone()).unwrap();
        for protocol in [Protocol::One, Protocol::Two] {
            let shared = shared(protocol);
            let kind = TokenKind::WithPermissions { permissions: Permissions::MAKE_CREDENTIAL, rp_id: Some("a.example") };
            for request in [
                set_pin(&shared, &pin(), &iv).unwrap(),
                change_pin(&shared, &pin(), &pin(), [&iv, &iv]).unwrap(),
                get_token(&shared, &pin(), kind, &iv).unwrap(),
            ] {
                prop_assert_eq!(cbor::decode(&request[1..]).unwrap().deviations, vec![]);
                let hash = pin().hash();
                prop_assert!(!request.windows(16).any(|part| part == hash.as_slice()));
                prop_assert!(!request.windows(text.len()).any(|part| part == text.as_bytes()));
            }
        }
    }
}
