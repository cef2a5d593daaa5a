use super::*;
use crate::ctap::protocol::Protocol;
use proptest::prelude::*;
use zeroize::Zeroizing;

fn token(protocol: Protocol) -> Token {
    Token::new(protocol, Zeroizing::new(vec![7; 32])).unwrap()
}

fn answer(members: &[(u8, Value)]) -> Value {
    Value::Map(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

fn named(members: &[(&str, Value)]) -> Value {
    Value::Map(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

fn rp(total: Value) -> Vec<(u8, Value)> {
    let rp = named(&[("id", "example.com".into()), ("name", "Example".into())]);
    vec![(3, rp), (4, vec![9_u8; 32].into()), (5, total)]
}

fn credential(total: Value) -> Vec<(u8, Value)> {
    let user = named(&[("id", vec![1_u8].into()), ("name", "u".into()), ("displayName", "U".into())]);
    let id = named(&[("id", vec![2_u8; 16].into()), ("type", "public-key".into())]);
    let key = answer(&[(1, 2.into())]);
    vec![(6, user), (7, id), (8, key), (9, total), (10, 2.into()), (11, vec![0_u8; 32].into())]
}

/// The same members, one of them another.
fn with(mut members: Vec<(u8, Value)>, key: u8, value: Option<Value>) -> Value {
    members.retain(|(k, _)| *k != key);
    members.extend(value.map(|value| (key, value)));
    answer(&members)
}

#[test] // CTAP §6.8.1 to §6.8.5
fn the_proof_is_over_the_subcommand_and_its_parameters_as_they_are_sent() {
    for (protocol, number) in [(Protocol::One, 1_u8), (Protocol::Two, 2)] {
        let token = token(protocol);
        let sent = |request: Vec<u8>, command: u8| {
            assert_eq!(request[0], command);
            cbor::decode(&request[1..]).map(|decoded| {
                assert_eq!(decoded.deviations, []);
                Members::of(decoded.value, "request").unwrap()
            })
        };
        for (dialect, command) in [(Dialect::Final, 0x0a), (Dialect::Preview, 0x41)] {
            let requests = [
                (1_u8, dialect.get_metadata(&token).unwrap()),
                (2, dialect.first_rp(&token).unwrap()),
                (4, dialect.first_credential(&[5; 32], &token).unwrap()),
                (6, dialect.delete(&[6; 20], &token).unwrap()),
            ];
            for (subcommand, request) in requests {
                let mut m = sent(request, command).unwrap();
                assert_eq!(m.take(1), Some(subcommand.into()));
                let parameters = m.take(2).map(|v| cbor::encode(&v).unwrap()).unwrap_or_default();
                assert_eq!(parameters.is_empty(), subcommand < 4);
                let message = [&[subcommand], parameters.as_slice()].concat();
                assert_eq!(m.take(3), Some(number.into()));
                assert_eq!(m.take(4), Some(token.authenticate(&message).into()));
                assert_eq!(m.rest(), []);
            }
            assert_eq!(dialect.next_rp().unwrap(), [command, 0xa1, 1, 3]);
            assert_eq!(dialect.next_credential().unwrap(), [command, 0xa1, 1, 5]);
        }
    }
    let request = Dialect::Final.first_credential(&[5; 32], &token(Protocol::Two)).unwrap();
    assert_eq!(request[..9], [0x0a, 0xa4, 1, 4, 2, 0xa1, 1, 0x58, 32]);
}

#[test]
fn counts_are_numbers_and_bounded() {
    let counted = |members: &[(u8, Value)]| metadata(answer(members)).ok();
    assert_eq!(counted(&[(1, 2.into()), (2, 48.into())]), Some(Metadata { existing: 2, remaining: 48 }));
    assert_eq!(counted(&[(1, 2.into())]), None);
    assert_eq!(counted(&[(1, "2".into()), (2, 48.into())]), None);
    assert_eq!(counted(&[(1, (-1).into()), (2, 48.into())]), None);
    let party = |total: u64| first_party(answer(&rp(total.into())));
    assert_eq!(party(1000).unwrap().unwrap().1, 1000);
    assert_eq!(party(0), Ok(None));
    assert_eq!(first_party(answer(&[(5, 0.into())])), Ok(None));
    for many in [1001, u64::from(u32::MAX), u64::MAX] {
        assert!(party(many).is_err());
        assert!(first_stored(answer(&credential(many.into()))).is_err());
    }
    assert!(first_stored(answer(&credential(0.into()))).is_err());
}

#[test]
fn a_relying_party_and_a_credential_are_read_whole() {
    let (party, total) = first_party(answer(&rp(3.into()))).unwrap().unwrap();
    assert_eq!((party, total), (Party { id: "example.com".into(), id_hash: [9; 32] }, 3));
    let (stored, total) = first_stored(answer(&credential(2.into()))).unwrap();
    assert_eq!((stored.user_id.as_slice(), stored.credential_id.len(), total), (&[1][..], 16, 2));
    assert_eq!((stored.user_name.as_deref(), stored.display_name.as_deref()), (Some("u"), Some("U")));
    assert_eq!(stored.protection, Some(Protection::OptionalWithId));
    assert_eq!(stored.public_key, [0xa1, 1, 2]);
    // A key may leave the names out, and credProtect.
    let bare = with(credential(1.into()), 6, Some(named(&[("id", vec![1_u8].into())])));
    assert_eq!(next_stored(bare).unwrap().user_name, None);
    for unsaid in [None, Some(0.into()), Some(4.into())] {
        assert_eq!(next_stored(with(credential(1.into()), 10, unsaid)).unwrap().protection, None);
    }
}

#[test]
fn a_member_that_is_missing_or_of_another_type_is_refused() {
    for key in [3, 4, 5] {
        assert!(first_party(with(rp(1.into()), key, None)).is_err(), "{key}");
        assert!(first_party(with(rp(1.into()), key, Some(true.into()))).is_err(), "{key}");
    }
    assert!(next_party(with(rp(1.into()), 4, Some(vec![9_u8; 31].into()))).is_err());
    for key in [6, 7, 8, 9] {
        assert!(first_stored(with(credential(1.into()), key, None)).is_err(), "{key}");
        assert!(first_stored(with(credential(1.into()), key, Some(true.into()))).is_err(), "{key}");
    }
    assert!(next_stored(with(credential(1.into()), 10, Some("2".into()))).is_err());
    for length in [0, 1024] {
        let id = named(&[("id", vec![2_u8; length].into())]);
        assert!(next_stored(with(credential(1.into()), 7, Some(id))).is_err());
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(decoded) = cbor::decode(&bytes) {
            let value = decoded.value;
            let _ = (metadata(value.clone()), first_party(value.clone()), next_party(value.clone()));
            let _ = (first_stored(value.clone()), next_stored(value));
        }
    }

    #[test]
    fn texts_come_through_as_they_are(id in any::<String>(), name in any::<String>()) {
        let told = with(rp(1.into()), 3, Some(named(&[("id", id.as_str().into())])));
        prop_assert_eq!(next_party(told).unwrap().id, id);
        let user = named(&[("id", vec![1_u8].into()), ("name", name.as_str().into())]);
        let told = with(credential(1.into()), 6, Some(user));
        prop_assert_eq!(next_stored(told).unwrap().user_name, Some(name));
    }
}
