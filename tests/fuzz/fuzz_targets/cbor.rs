#![no_main]
//! Strict CBOR: what is decoded encodes to the same bytes if it was canonical, and to bytes of the same meaning if not.

use glasskey::ctap::cbor::{Deviation, MAX_LEN, decode, decode_prefix, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok((first, rest)) = decode_prefix(bytes) else {
        assert!(decode(bytes).is_err());
        return;
    };
    assert!(bytes.len() <= MAX_LEN && rest.len() < bytes.len() && bytes.ends_with(rest));
    assert_eq!(decode(bytes).is_ok(), rest.is_empty());
    let used = &bytes[..bytes.len() - rest.len()];
    let again = encode(&first.value).expect("what was decoded can be encoded");
    assert_eq!(again != used, first.deviations.contains(&Deviation::Encoding));
    // A length in its shortest form may be a byte longer than none at all.
    if again.len() <= MAX_LEN {
        let second = decode(&again).expect("its own encoding is taken");
        assert_eq!(encode(&second.value).expect("it can be encoded"), again);
        assert!(!second.deviations.contains(&Deviation::Encoding));
    }
});
