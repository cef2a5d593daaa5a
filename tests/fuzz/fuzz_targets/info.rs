#![no_main]
//! The answer to getInfo: read or refused, and fit for a JSON document and a terminal.

use glasskey::ctap::cbor;
use glasskey::ctap::info::Info;
use glasskey::ctap::protocol::Protocol;
use glasskey::term::escape::escape;
use glasskey_fuzz::assert_harmless;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(decoded) = cbor::decode(bytes) else { return };
    let info = match Info::parse(decoded.value.clone()) {
        Ok(info) => info,
        Err(error) => return assert_harmless(&error.to_string()),
    };
    let members = decoded.value.as_map().expect("only a map is taken");
    let has = |key: i64| members.iter().any(|(name, _)| name.as_integer() == Some(key.into()));
    assert!(has(1) && has(3));
    // Said is said, and unsaid unsaid: what could not be read is kept beside, never dropped.
    assert_eq!(info.force_pin_change.is_some(), has(0x0c));
    assert_eq!(info.pin_uv_auth_protocols.is_some(), has(0x06));
    assert_eq!(info.firmware_version.is_some() || info.unknown.contains_key("0x0e"), has(0x0e));
    let offers = |number| info.pin_uv_auth_protocols.iter().flatten().any(|offered| *offered == number);
    match info.protocol() {
        Some(Protocol::Two) => assert!(offers(2)),
        Some(Protocol::One) => assert!(offers(1) && !offers(2)),
        None => assert!(!offers(1) && !offers(2)),
    }
    assert!(info.options.iter().all(|(name, said)| info.option(name) == Some(*said)));
    assert!(info.versions.iter().all(|version| info.speaks(version)));
    let json = serde_json::to_value(&info).expect("facts can be written as JSON");
    assert!(json.is_object());
    info.unknown
        .iter()
        .flat_map(|(name, value)| [name, value])
        .for_each(|text| assert_harmless(&escape(text)));
});
