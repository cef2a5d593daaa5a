use super::*;
use proptest::prelude::*;

/// The least that a CTAP 2.0 key says.
fn least() -> Vec<(u8, Value)> {
    vec![
        (0x01, Value::Array(vec!["FIDO_2_0".into()])),
        (0x03, Value::Bytes(vec![7; 16])),
        (0x04, Value::Map(vec![("rk".into(), true.into()), ("clientPin".into(), false.into())])),
    ]
}

fn parse(members: Vec<(u8, Value)>) -> Result<Info, CborError> {
    Info::parse(cbor::map(members).unwrap())
}

fn with(key: u8, value: Value) -> Result<Info, CborError> {
    let mut members = least();
    members.retain(|(k, _)| *k != key);
    members.push((key, value));
    parse(members)
}

#[test]
fn said_no_and_unsaid_stay_apart() {
    let info = parse(least()).unwrap();
    assert_eq!(info.option("clientPin"), Some(false));
    assert_eq!(info.option("uv"), None);
    assert_eq!(info.force_pin_change, None);
    assert_eq!(info.protocol(), None);
    assert!(info.speaks("FIDO_2_0") && !info.speaks("FIDO_2_1"));
}

#[test]
fn protocol_two_is_preferred_whatever_the_order() {
    for (offered, chosen) in [
        (vec![1, 2], Some(Protocol::Two)),
        (vec![2, 1], Some(Protocol::Two)),
        (vec![1], Some(Protocol::One)),
        (vec![9], None),
    ] {
        let value = Value::Array(offered.into_iter().map(|n: u8| n.into()).collect());
        assert_eq!(with(0x06, value).unwrap().protocol(), chosen);
    }
}

#[test]
fn a_steering_member_of_a_wrong_type_is_refused_and_another_is_kept_as_unknown() {
    for key in [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0c, 0x0d, 0x1d] {
        assert!(matches!(with(key, "no".into()), Err(CborError::WrongType { .. })), "{key:#x}");
    }
    for key in (0x09..=0x1f).filter(|key| ![0x0c, 0x0d, 0x1c, 0x1d].contains(key)) {
        let info = with(key, "odd".into()).unwrap();
        assert_eq!(
            info.unknown.get(&format!("0x{key:02x}")).map(String::as_str),
            Some("Text(\"odd\")"),
            "{key:#x}"
        );
    }
    assert_eq!(
        with(0x03, Value::Bytes(vec![0; 15])),
        Err(CborError::WrongType { member: "aaguid", wanted: "16 bytes long" })
    );
}

#[test]
fn members_of_later_versions_are_kept() {
    let info = with(0x40, Value::Bytes(vec![0xab])).unwrap();
    assert_eq!(info.unknown.get("0x40").map(String::as_str), Some("h'ab'"));
}

proptest! {
    #[test]
    fn arbitrary_members_are_read_or_refused(key in any::<u8>(), bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(decoded) = cbor::decode(&bytes) {
            let _ = with(key, decoded.value);
        }
    }
}
