#![no_main]
//! The answer to CTAPHID_INIT.

use glasskey::ctap::frame::Channel;
use glasskey::ctap::init::{DeviceVersion, InitAnswer, InitError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match InitAnswer::parse(bytes) {
    Ok(answer) => {
        assert!(answer.channel != Channel::BROADCAST && answer.channel != Channel::RESERVED);
        let DeviceVersion { protocol, device, capabilities } = answer.version;
        let again = [&answer.nonce[..], &answer.channel.0, &[protocol], &device, &[capabilities]].concat();
        assert_eq!(again, bytes[..17]);
        assert_eq!(answer.version.can(DeviceVersion::CBOR), capabilities & 4 != 0);
    }
    Err(InitError::Length(length)) => assert!(length == bytes.len() && length < 17),
    Err(InitError::ReservedChannel) =>
        assert!([[0; 4], [0xff; 4]].contains(bytes[8..].first_chunk().expect("17 bytes"))),
});
