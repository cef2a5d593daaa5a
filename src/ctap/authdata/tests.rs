use super::*;
use proptest::prelude::*;

const KEY: [u8; 3] = [0xa1, 0x01, 0x02];
const EXTENSIONS: [u8; 3] = [0xa1, 0x61, 0x61];

/// Good authenticator data: `flags`, a credential id of `id` bytes where attested, an extension where said.
fn good(flags: u8, id: u16) -> Vec<u8> {
    let mut raw = [&[3; 32][..], &[flags, 0, 1, 2, 3]].concat();
    if flags & Flags::AT != 0 {
        raw.extend([7; 16]);
        raw.extend(id.to_be_bytes());
        raw.extend(vec![9; id.into()]);
        raw.extend(KEY);
    }
    if flags & Flags::ED != 0 {
        raw.extend(EXTENSIONS);
        raw.push(0xf5);
    }
    raw
}

#[test]
fn every_part_is_found_whatever_the_flags() {
    for flags in 0..=u8::MAX {
        let raw = good(flags, 1023);
        let data = AuthenticatorData::parse(&raw).unwrap();
        assert_eq!((data.rp_id_hash, data.flags, data.counter), ([3; 32], Flags(flags), 0x0001_0203));
        assert_eq!(data.raw, raw);
        let attested = data.attested.map(|credential| {
            (credential.aaguid.into_bytes(), credential.credential_id.len(), credential.public_key)
        });
        assert_eq!(attested, (flags & 0x40 != 0).then(|| ([7; 16], 1023, KEY.to_vec())), "{flags:#x}");
        assert_eq!(data.extensions.is_some(), flags & 0x80 != 0, "{flags:#x}");
    }
}

#[test]
fn every_cut_and_every_byte_too_many_is_refused() {
    for flags in [0x01, 0x41, 0x81, 0xc5] {
        let raw = good(flags, 16);
        for end in 0..raw.len() {
            assert!(AuthenticatorData::parse(&raw[..end]).is_err(), "{flags:#x} cut at {end}");
        }
        let longer = [&raw[..], &[0xa0]].concat();
        assert_eq!(AuthenticatorData::parse(&longer), Err(AuthDataError::Trailing(1)));
    }
}

#[test]
fn a_credential_id_has_1_to_1023_bytes() {
    for (length, good_length) in [(0, false), (1, true), (1023, true), (1024, false), (u16::MAX, false)] {
        let parsed = AuthenticatorData::parse(&good(Flags::AT, length));
        assert_eq!(parsed.is_ok(), good_length, "{length}");
        if !good_length {
            assert_eq!(parsed, Err(AuthDataError::CredentialId(length.into())));
        }
    }
}

#[test]
fn extensions_are_a_map_and_each_item_is_strict_cbor() {
    let with = |item: &[u8]| {
        AuthenticatorData::parse(&[&good(Flags::UP, 0)[..32], &[0x80, 0, 0, 0, 0], item].concat())
    };
    assert!(with(&[0xa0]).is_ok());
    assert!(matches!(with(&[0x80]), Err(AuthDataError::Cbor(CborError::WrongType { .. }))));
    assert_eq!(with(&[0xa2, 1, 1, 1, 1]), Err(AuthDataError::Cbor(CborError::DoubleKey)));
    assert_eq!(with(&[0x81; 40]), Err(AuthDataError::Cbor(CborError::TooDeep)));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_to_their_last_or_refused(
        mut raw in prop::collection::vec(any::<u8>(), 0..200),
        flags in any::<u8>(),
        length in 0u16..40,
    ) {
        if let Some(place) = raw.get_mut(32) { *place = flags; }
        if let Some(place) = raw.get_mut(53..55) { place.copy_from_slice(&length.to_be_bytes()); }
        if let Ok(data) = AuthenticatorData::parse(&raw) {
            prop_assert_eq!(data.raw, raw);
            prop_assert_eq!(data.attested.is_some(), data.flags.has(Flags::AT));
            prop_assert_eq!(data.extensions.is_some(), data.flags.has(Flags::ED));
        }
    }
}
