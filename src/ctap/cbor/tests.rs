use super::*;
use proptest::prelude::*;

fn arbitrary_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(Value::from),
        "[a-z]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,6}", inner, 0..6)
                .prop_map(|members| map(members.into_iter().map(|(k, v)| (Value::from(k), v))).unwrap()),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_canonically_reads_back_without_deviation(value in arbitrary_value()) {
        let decoded = decode(&encode(&value).unwrap()).unwrap();
        prop_assert_eq!(decoded, Decoded { value, deviations: vec![] });
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(decoded) = decode(&bytes) {
            let again = decode(&encode(&decoded.value).unwrap()).unwrap();
            // NaN differs from itself, so compare what is written.
            prop_assert_eq!(encode(&again.value).unwrap(), encode(&decoded.value).unwrap());
        }
    }

    #[test]
    fn every_cut_of_a_good_item_is_refused(value in arbitrary_value()) {
        let bytes = encode(&value).unwrap();
        for end in 0..bytes.len() {
            prop_assert!(decode(&bytes[..end]).is_err());
        }
    }
}

#[test]
fn trailing_bytes_double_keys_depth_and_size_are_refused() {
    assert_eq!(decode(&[0xa0, 0x00]), Err(CborError::Trailing(1)));
    assert_eq!(decode(&[0xa2, 0x01, 0x02, 0x01, 0x03]), Err(CborError::DoubleKey));
    // The same key once in short and once in long form is the same key.
    assert_eq!(decode(&[0xa2, 0x01, 0x02, 0x18, 0x01, 0x03]), Err(CborError::DoubleKey));
    assert_eq!(decode(&[0x81; 40]), Err(CborError::TooDeep));
    assert_eq!(decode(&vec![0; MAX_LEN + 1]), Err(CborError::TooLong(MAX_LEN + 1)));
    // An array and a byte string that claim 2^62 members end at once, without reserving memory.
    assert_eq!(decode(&[0x9b, 0x40, 0, 0, 0, 0, 0, 0, 0]), Err(CborError::Malformed));
    assert_eq!(decode(&[0x5b, 0x40, 0, 0, 0, 0, 0, 0, 0]), Err(CborError::Malformed));
}

#[test]
fn what_is_not_canonical_but_clear_is_read_and_recorded() {
    let of = |bytes: &[u8]| decode(bytes).unwrap().deviations;
    assert_eq!(of(&[0x18, 0x01]), [Deviation::Encoding]);
    assert_eq!(of(&[0x9f, 0x01, 0xff]), [Deviation::Encoding]);
    assert_eq!(of(&[0xa2, 0x02, 0x00, 0x01, 0x00]), [Deviation::KeyOrder]);
    assert_eq!(of(&[0xc1, 0x00]), [Deviation::Tag]);
    // Negative keys come after positive ones, whatever their length (CTAP §8).
    assert_eq!(of(&[0xa2, 0x19, 0x01, 0x00, 0x00, 0x20, 0x00]), []);
    assert_eq!(of(&[0xa2, 0x20, 0x00, 0x19, 0x01, 0x00, 0x00]), [Deviation::KeyOrder]);
}

/// Found by fuzzing: -1 as a big number of no bytes, whose length is indefinite, was another key than -1.
#[test]
fn a_big_number_hides_no_double_key() {
    assert_eq!(decode(&[0xa2, 0x20, 0x00, 0xc3, 0x40, 0x00]), Err(CborError::DoubleKey));
    assert_eq!(decode(&[0xa2, 0x20, 0x00, 0xc3, 0x5f, 0xff, 0x00]), Err(CborError::Malformed));
    // One that is read as a number is told as a deviation.
    assert_eq!(decode(&[0xc2, 0x41, 0x01]).unwrap().deviations, [Deviation::Encoding]);
}
