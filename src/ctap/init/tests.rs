use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn arbitrary_bytes_are_an_answer_exactly_when_long_enough_and_of_a_usable_channel(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(0xff)], 0..40),
    ) {
        let channel = bytes.get(8..12);
        match InitAnswer::parse(&bytes) {
            Ok(answer) => {
                let version = answer.version;
                let mut again = [&answer.nonce[..], &answer.channel.0, &[version.protocol], &version.device].concat();
                again.push(version.capabilities);
                prop_assert_eq!(&again, &bytes[..17]);
            }
            Err(InitError::Length(length)) => prop_assert!(length == bytes.len() && length < 17),
            Err(InitError::ReservedChannel) => prop_assert!(channel == Some(&[0; 4]) || channel == Some(&[0xff; 4])),
        }
    }
}

#[test]
fn capabilities_are_read_bit_by_bit() {
    let version = |capabilities| DeviceVersion { protocol: 2, device: [0; 3], capabilities };
    for (bits, [wink, cbor, no_msg]) in
        [(0x00, [false; 3]), (0x01, [true, false, false]), (0x0c, [false, true, true]), (0xf2, [false; 3])]
    {
        let version = version(bits);
        let can =
            [DeviceVersion::WINK, DeviceVersion::CBOR, DeviceVersion::NO_MSG].map(|bit| version.can(bit));
        assert_eq!(can, [wink, cbor, no_msg], "{bits:#x}");
    }
}
