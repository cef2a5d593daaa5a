//! Soft keys, by raw packets: what any client may expect of a key's CTAPHID, and what a soft key adds.
#![cfg(feature = "softkey")]
#![expect(clippy::disallowed_methods, reason = "a test measures time")]

// `cfg(test)`: clippy then allows helpers of tests what it allows tests.
#[cfg(test)]
#[path = "soft_key/raw.rs"]
mod raw;

#[cfg(test)]
#[path = "soft_key/faults.rs"]
mod faults;
#[cfg(test)]
#[path = "soft_key/info.rs"]
mod info;
#[cfg(test)]
#[path = "soft_key/minting.rs"]
mod minting;
#[cfg(test)]
#[path = "soft_key/statement.rs"]
mod statement;

use std::time::{Duration, Instant};

use ciborium::Value;
use glasskey::ctap::frame::{Channel, Command, Message};
use glasskey::soft::{self, Op, Options, SoftError, SoftKey, Touch};
use raw::{Client, get_info, key, make_credential, member, plugged_in};
use uuid::Uuid;

#[test] // CTAP §11.2.9.1.3
fn init_gives_each_client_its_own_channel_and_says_what_the_key_can() {
    let (_dir, mut client) = plugged_in(&Options { firmware: "5.7.1".parse().ok(), ..Options::default() });
    let first = client.init(Channel::BROADCAST);
    let second = client.init(Channel::BROADCAST);
    assert_eq!(&first[..8], &raw::NONCE);
    assert_ne!(first[8..12], second[8..12]);
    assert_eq!(&first[12..], [2, 5, 7, 1, 0x0d]);
}

#[test]
fn init_on_ones_own_channel_starts_afresh_and_keeps_the_channel() {
    let (_dir, mut client) = plugged_in(&Options::default());
    let long = Message { channel: client.channel, command: Command::Ping, payload: vec![1; 200] };
    client.send_report(&long.reports().unwrap()[0]);
    let answer = client.init(client.channel);
    assert_eq!(answer[8..12], client.channel.0);
    assert_eq!(client.call(Command::Ping, b"x"), Ok(b"x".to_vec()));
}

#[test]
fn ping_gives_back_any_length() {
    let (_dir, mut client) = plugged_in(&Options::default());
    for length in [0, 1, 57, 58, 116, 117, 3072, 7609] {
        let payload: Vec<u8> = (0..=250).cycle().take(length).collect();
        assert_eq!(client.call(Command::Ping, &payload), Ok(payload), "{length} bytes");
    }
}

#[test]
fn wink_is_answered_and_what_the_key_has_not_is_refused() {
    let (_dir, mut client) = plugged_in(&Options::default());
    assert_eq!(client.call(Command::Wink, b""), Ok(vec![]));
    assert_eq!(client.call(Command::Wink, b"?"), Err(0x03));
    assert_eq!(client.call(Command::Msg, &[0, 3, 0, 0]), Err(0x01));
    assert_eq!(client.call(Command::Lock, &[0]), Err(0x01));
    assert_eq!(client.call(Command::Other(0x42), b""), Err(0x01));
    assert_eq!(client.call(Command::Cbor, b""), Err(0x03));
}

#[test]
fn framing_errors_have_their_codes() {
    let (_dir, mut client) = plugged_in(&Options::default());
    let own = client.channel;
    let long = Message { channel: own, command: Command::Ping, payload: vec![1; 200] }.reports().unwrap();

    client.send_report(&long[0]);
    client.send_report(&long[2]);
    assert_eq!(client.answer(own), Err(0x04), "a packet out of order");

    client.send_report(&long[0]);
    client.send_report(&long[0]);
    assert_eq!(client.answer(own), Err(0x04), "a message inside a message");

    client.send_report(&long[0]);
    assert_eq!(client.answer(own), Err(0x05), "the rest of the message never comes");

    let mut huge = long[0];
    huge[5..7].copy_from_slice(&7610_u16.to_be_bytes());
    client.send_report(&huge);
    assert_eq!(client.answer(own), Err(0x03), "a length that no message has");

    let stranger = Channel([9, 9, 9, 9]);
    for unknown in [stranger, Channel::RESERVED, Channel::BROADCAST] {
        client.send(unknown, Command::Ping, b"");
        assert_eq!(client.answer(unknown), Err(0x0b), "channel {unknown:?}");
    }

    client.send_report(&long[1]);
    assert!(client.hears_nothing(), "a stray continuation packet is nobody's");
}

#[test]
fn another_channel_hears_busy_while_a_transaction_runs() {
    let (_dir, mut client) = plugged_in(&Options { touch: Touch::Never, ..Options::default() });
    let other = client.another_channel();
    client.send(client.channel, Command::Cbor, &make_credential("example.com"));
    assert_eq!(client.keepalive(), 2);
    client.send(other, Command::Ping, b"");
    assert_eq!(client.answer(other), Err(0x06));
    client.send(other, Command::Cancel, b"");
    assert_eq!(client.keepalive(), 2, "a stranger's cancel does nothing");
    client.send(client.channel, Command::Cancel, b"");
    assert_eq!(client.answer(client.channel), Ok(vec![0x2d]));
    client.send(other, Command::Ping, b"y");
    assert_eq!(client.answer(other), Ok(b"y".to_vec()));
}

#[test] // CTAP §11.2.9.1.5
fn cancel_ends_the_wait_for_a_touch_at_once() {
    let (_dir, mut client) = plugged_in(&Options { touch: Touch::Never, ..Options::default() });
    client.send(client.channel, Command::Cbor, &make_credential("example.com"));
    assert_eq!(client.keepalive(), 2);
    let start = Instant::now();
    client.send(client.channel, Command::Cancel, b"");
    assert_eq!(client.answer(client.channel), Ok(vec![0x2d]));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(client.stats().cancels(), 1);
    client.send(client.channel, Command::Cancel, b"");
    assert!(client.hears_nothing(), "a cancel of nothing is not answered");
}

#[test]
fn init_gives_up_ones_own_transaction() {
    let (_dir, mut client) = plugged_in(&Options { touch: Touch::Never, ..Options::default() });
    client.send(client.channel, Command::Cbor, &make_credential("example.com"));
    assert_eq!(client.keepalive(), 2);
    client.init(client.channel);
    assert_eq!(client.cbor(&get_info())[0], 0, "the abandoned answer is not this one");
}

#[test]
fn keepalives_come_every_100_ms_until_the_touch() {
    let (_dir, mut client) = plugged_in(&Options { touch_delay_ms: 450, ..Options::default() });
    let start = Instant::now();
    assert_eq!(client.cbor(&make_credential("example.com"))[0], 0);
    assert!(start.elapsed() >= Duration::from_millis(450));
    let (count, took) = (client.stats().keepalives(), start.elapsed());
    assert!(
        (4..=took.as_millis().div_ceil(100) + 1).contains(&count.into()),
        "{count} keepalives in {took:?}"
    );
}

#[test]
fn a_refused_touch_and_one_that_never_comes_have_their_codes() {
    let (_dir, mut client) = plugged_in(&Options { touch: Touch::Deny, ..Options::default() });
    assert_eq!(client.cbor(&make_credential("example.com")), [0x27]);
    let (_dir, mut client) =
        plugged_in(&Options { touch: Touch::Never, touch_timeout_ms: 250, ..Options::default() });
    assert_eq!(client.cbor(&make_credential("example.com")), [0x2f]);
}

#[test]
fn get_info_shows_the_chosen_model_and_firmware() {
    let aaguid = Uuid::from_u128(0x2fc0579f_8113_47ea_b116_bb5a8db9202a);
    let options = Options { aaguid, firmware: "5.7.1".parse().ok(), ..Options::default() };
    let (_dir, mut client) = plugged_in(&options);
    let info = client.map(&get_info());
    assert_eq!(member(&info, 3), Some(Value::Bytes(aaguid.as_bytes().to_vec())));
    assert_eq!(member(&info, 0x0e), Some(Value::from(0x050701)));
    assert_eq!(client.stats().transactions(Op::GetInfo), 1);
}

#[test]
fn two_keys_share_no_randomness() {
    let dir = tempfile::tempdir().unwrap();
    let mut credentials = Vec::new();
    for name in ["a", "b"] {
        let mut client = Client::connect(&key(&dir, name, &Options::default()));
        for _ in 0..2 {
            credentials.push(client.map(&make_credential("example.com")));
        }
    }
    let mut keys: Vec<_> = credentials
        .iter()
        .map(|answer| member(answer, 2).and_then(|v| v.into_bytes().ok()).unwrap()[37 + 16..].to_vec())
        .collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 4);
}

#[test]
fn a_key_outlives_its_wire_and_its_reset_keeps_the_attestation() {
    let dir = tempfile::tempdir().unwrap();
    let key = key(&dir, "a", &Options::default());
    let mut client = Client::connect(&key);
    client.set_pin("1234");
    assert_eq!(client.pin_retries(), 8);
    client.spend_pin_attempt();
    drop(client);

    let mut client = Client::connect(&key);
    assert_eq!(client.pin_retries(), 7, "a spent attempt stays spent");
    let options = member(&client.map(&get_info()), 4).unwrap();
    assert_eq!(member(&options, "clientPin"), Some(Value::Bool(true)));

    assert_eq!(client.cbor(&[0x07]), [0], "reset");
    let info = client.map(&get_info());
    assert_eq!(member(&member(&info, 4).unwrap(), "clientPin"), Some(Value::Bool(false)));
    assert_eq!(member(&info, 3), Some(Value::Bytes(key.aaguid().as_bytes().to_vec())));
}

#[test]
fn a_spent_attempt_is_in_the_file_before_the_answer_comes() {
    let dir = tempfile::tempdir().unwrap();
    let key = key(&dir, "a", &Options::default());
    let mut client = Client::connect(&key);
    client.set_pin("1234");
    client.spend_pin_attempt();
    // What a killed process leaves: a copy of the folder, taken while the key runs.
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("a")).unwrap();
    for file in ["key.toml", "attestation.der", "attestation.pem", "flash.img"] {
        std::fs::copy(dir.path().join("a").join(file), copy.path().join("a").join(file)).unwrap();
    }
    let left = soft::list(copy.path()).unwrap();
    assert_eq!(Client::connect(&left[0]).pin_retries(), 7);
}

#[test]
fn a_key_is_listed_by_name_and_opened_by_one_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    key(&dir, "b", &Options::default());
    let a = key(&dir, "a", &Options { product: Some("My key".to_owned()), ..Options::default() });
    let keys = soft::list(dir.path()).unwrap();
    assert_eq!(keys.iter().map(SoftKey::path).collect::<Vec<_>>(), ["soft:a", "soft:b"]);
    assert_eq!(keys.iter().map(SoftKey::product).collect::<Vec<_>>(), ["My key", "Soft key b"]);

    let wire = a.open().unwrap();
    assert!(matches!(keys[0].open(), Err(SoftError::InUse(_))));
    drop(wire);
    assert!(keys[0].open().is_ok());
}

#[test]
fn keys_made_at_once_have_one_ca() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|threads| {
        for name in ["a", "b", "c", "d"] {
            let dir = &dir;
            threads.spawn(move || key(dir, name, &Options::default()));
        }
    });
    let parsed = |der: &[u8]| <x509_cert::Certificate as x509_cert::der::Decode>::from_der(der).unwrap();
    let ca = parsed(&soft::ca_certificate(dir.path()).unwrap());
    for name in ["a", "b", "c", "d"] {
        let leaf = parsed(&std::fs::read(dir.path().join(name).join("attestation.der")).unwrap());
        assert!(statement::issued_by(&leaf, &ca), "{name}");
    }
}

#[test]
fn what_cannot_be_is_refused_with_a_cure() {
    let dir = tempfile::tempdir().unwrap();
    key(&dir, "a", &Options::default());
    let again = soft::create(dir.path(), "a", &Options::default()).unwrap_err();
    assert!(matches!(again, SoftError::Exists(_)) && !again.hint().is_empty());
    for name in ["", ".", "..", "a/b", "a b", ".hidden", "ä"] {
        assert!(
            matches!(soft::create(dir.path(), name, &Options::default()), Err(SoftError::Name(_))),
            "{name:?}"
        );
    }
    assert!(matches!(soft::list(&dir.path().join("none")), Err(SoftError::File { .. })));
    for version in ["5", "5.7", "5.7.256", "a.b.c", "5.7.1.0"] {
        assert!(version.parse::<soft::FirmwareVersion>().is_err(), "{version}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_packet_confuses_the_key_for_long(
        packets in proptest::collection::vec(
            (proptest::bool::ANY, proptest::array::uniform32(0_u8..), proptest::array::uniform28(0_u8..)), 1..40,
        ),
    ) {
        let (_dir, mut client) = plugged_in(&Options { touch: Touch::Deny, ..Options::default() });
        for (ours, head, tail) in packets {
            let channel = if ours { client.channel } else { Channel([1, 2, 3, 4]) };
            let report = [&channel.0[..], &head, &tail].concat();
            client.send_report(&report.try_into().unwrap());
        }
        client.restart();
        proptest::prop_assert_eq!(client.call(Command::Ping, b"still here"), Ok(b"still here".to_vec()));
    }
}
