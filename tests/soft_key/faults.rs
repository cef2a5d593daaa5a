//! Each fault does what its name says.

use std::io;
use std::time::{Duration, Instant};

use ciborium::Value;
use glasskey::ctap::cbor::{self, CborError, Deviation};
use glasskey::ctap::frame::{Assembly, Channel, Command, Packet, Partial};
use glasskey::soft::fault::Mode;
use glasskey::soft::{self, FaultSpec, Op, Options, SoftKey, Touch};
use tempfile::TempDir;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::raw::{
    CLIENT_DATA_HASH, Client, NONCE, get_assertion, get_info, key, make_credential, make_credential_with,
    member, plugged_in, request,
};
use crate::statement::{Statement, aaguid_extension, certified_key, issued_by};

const RP: &str = "glasskey.invalid";
const PIN: &str = "1234";

fn faulty(fault: &str) -> (TempDir, Client) {
    plugged_in(&Options { faults: vec![fault.parse().expect("a fault")], ..Options::default() })
}

/// A key with a PIN and a credential made in good health, then opened with the fault.
fn enrolled(fault: &str) -> (TempDir, SoftKey, Statement, Client) {
    let dir = tempfile::tempdir().expect("a folder");
    let key = key(&dir, "a", &Options::default());
    let mut client = Client::connect(&key);
    client.set_pin(PIN);
    let token = client.pin_token(PIN);
    let registration = Statement::registration(&client.map(&make_credential_with(RP, Some(&token))));
    drop(client);
    let fault: FaultSpec = fault.parse().expect("a fault");
    let key = key.with_faults([fault]);
    let client = Client::connect(&key);
    (dir, key, registration, client)
}

fn register(client: &mut Client) -> Statement {
    let token = client.pin_token(PIN);
    Statement::registration(&client.map(&make_credential_with(RP, Some(&token))))
}

fn assert_with(client: &mut Client, credential: &Statement) -> Statement {
    let token = client.pin_token(PIN);
    Statement::assertion(&client.map(&get_assertion(RP, credential.credential_id(), Some(&token))))
}

fn ca(dir: &TempDir) -> Certificate {
    Certificate::from_der(&soft::ca_certificate(dir.path()).expect("a CA")).expect("a certificate")
}

#[test]
fn without_a_fault_all_is_well() {
    let (dir, key, first, mut client) = enrolled("silent@reset");
    let second = register(&mut client);
    assert_eq!((second.flags(), second.aaguid()), (0x45, &key.aaguid().as_bytes()[..]));
    assert!(second.is_for(RP) && second.signed_by(&certified_key(&second.leaf())));
    assert!(issued_by(&second.leaf(), &ca(&dir)));
    let assertion = assert_with(&mut client, &first);
    assert_eq!(assertion.flags(), 0x05);
    assert!(assertion.is_for(RP) && assertion.signed_by(&first.public_key()));
}

#[test]
fn flags_and_rp_are_wrong_and_correctly_signed() {
    for (fault, flags, rp) in
        [("uv-flag-missing", 0x01, true), ("up-flag-missing", 0x04, true), ("wrong-rpidhash", 0x05, false)]
    {
        let (_dir, _key, first, mut client) = enrolled(fault);
        let registration = register(&mut client);
        assert_eq!((registration.flags(), registration.is_for(RP)), (flags | 0x40, rp), "{fault}");
        assert!(registration.signed_by(&certified_key(&registration.leaf())), "{fault}");
        let assertion = assert_with(&mut client, &first);
        assert_eq!((assertion.flags(), assertion.is_for(RP)), (flags, rp), "{fault}");
        assert!(assertion.signed_by(&first.public_key()), "{fault}");
    }
}

#[test]
fn a_wrong_challenge_is_correctly_signed_and_a_wrong_signature_is_not() {
    use sha2::Digest as _;
    let other = sha2::Sha256::digest(b"other client data");
    let (_dir, _key, first, mut client) = enrolled("wrong-challenge");
    let registration = register(&mut client);
    assert!(registration.signed_over(&certified_key(&registration.leaf()), &other));
    let assertion = assert_with(&mut client, &first);
    assert!(assertion.signed_over(&first.public_key(), &other));
    assert!(!assertion.signed_over(&first.public_key(), &CLIENT_DATA_HASH));

    let (_dir, _key, first, mut client) = enrolled("wrong-signature");
    let registration = register(&mut client);
    assert!(!registration.signed_by(&certified_key(&registration.leaf())));
    assert!(!assert_with(&mut client, &first).signed_by(&first.public_key()));
}

#[test]
fn attestation_can_be_absent_or_the_credentials_own() {
    let (_dir, key, _, mut client) = enrolled("no-x5c");
    let registration = register(&mut client);
    assert!(registration.x5c.is_empty() && registration.signed_by(&registration.public_key()));
    assert_eq!(registration.aaguid(), key.aaguid().as_bytes());
    let info = client.map(&get_info());
    assert_eq!(member(&info, 3), Some(Value::Bytes(key.aaguid().as_bytes().to_vec())));

    let (.., mut client) = enrolled("attestation-none");
    let registration = register(&mut client);
    assert_eq!(registration.format.as_deref(), Some("none"));
    assert!(registration.x5c.is_empty() && registration.signature.is_none());
}

#[test]
fn certificates_can_be_wrong_under_a_good_signature() {
    let (dir, key, _, mut client) = enrolled("cert-aaguid-mismatch");
    let registration = register(&mut client);
    let leaf = registration.leaf();
    assert!(registration.signed_by(&certified_key(&leaf)) && issued_by(&leaf, &ca(&dir)));
    assert_ne!(aaguid_extension(&leaf).unwrap().0[2..], key.aaguid().as_bytes()[..]);
    assert_eq!(registration.aaguid(), key.aaguid().as_bytes());

    let (dir, _, _, mut client) = enrolled("cert-aaguid-missing");
    let leaf = register(&mut client).leaf();
    assert!(issued_by(&leaf, &ca(&dir)) && aaguid_extension(&leaf).is_none());

    let (dir, _, _, mut client) = enrolled("wrong-root");
    let registration = register(&mut client);
    let leaf = registration.leaf();
    assert_eq!(leaf.tbs_certificate().issuer(), ca(&dir).tbs_certificate().subject());
    assert!(!issued_by(&leaf, &ca(&dir)) && registration.signed_by(&certified_key(&leaf)));

    let (.., mut client) = enrolled("bad-x5c");
    assert!(Certificate::from_der(&register(&mut client).x5c[0]).is_err());
}

#[test]
fn cbor_can_be_bad_in_every_way() {
    let decoded = |fault: &str| {
        let (_dir, mut client) = faulty(fault);
        cbor::decode(&client.cbor(&get_info())[1..])
    };
    assert_eq!(decoded("truncated-cbor"), Err(CborError::Malformed));
    assert_eq!(decoded("trailing-garbage"), Err(CborError::Trailing(2)));
    assert_eq!(decoded("deep-cbor"), Err(CborError::TooDeep));
    assert_eq!(decoded("huge-alloc"), Err(CborError::Malformed));
    assert_eq!(decoded("non-canonical").unwrap().deviations, [Deviation::KeyOrder, Deviation::Encoding]);
    assert!(member(&decoded("wrong-types").unwrap().value, 3).unwrap().is_text());
    let versions = member(&decoded("escape-info").unwrap().value, 1).unwrap();
    assert!(versions.as_array().unwrap().iter().any(|v| v.as_text().unwrap().contains('\u{1b}')));
    let (_dir, mut client) = faulty("truncated-authdata@makecred");
    let answer = client.map(&make_credential(RP));
    assert_eq!(member(&answer, 2).unwrap().into_bytes().unwrap().len(), 20);
}

/// A registration with one member more, or in the place of another.
fn registration(member: u8, value: Value) -> Vec<u8> {
    let plain = make_credential(RP);
    let Value::Map(mut members) = cbor::decode(&plain[1..]).unwrap().value else { panic!("no map") };
    members.retain(|(name, _)| *name != member.into());
    members.push((member.into(), value));
    members.sort_by_key(|(name, _)| i128::from(name.as_integer().unwrap()));
    request(1, &Value::Map(members))
}

#[test] // what this program never asks, real models may all the same be asked by others
fn the_habits_of_real_models_strike_at_what_they_are_known_to_refuse_and_at_nothing_else() {
    let text = |text: &str| Value::from(text);
    let described = |transports: bool| {
        let usb = (text("transports"), Value::Array(vec![text("usb")]));
        let mut credential =
            vec![(text("id"), Value::Bytes(vec![1; 32])), (text("type"), text("public-key"))];
        credential.extend(transports.then_some(usb));
        registration(5, Value::Array(vec![Value::Map(credential)]))
    };
    let algorithms = |offered: &[i64]| {
        let one =
            |alg: &i64| Value::Map(vec![(text("alg"), (*alg).into()), (text("type"), text("public-key"))]);
        registration(4, Value::Array(offered.iter().map(one).collect()))
    };
    let (touch_only, plain) = (registration(8, Value::Bytes(vec![])), make_credential(RP));
    for (fault, struck, code, spared) in [
        ("refuse-selection", &touch_only, 0x14, &plain),
        ("refuse-transports", &described(true), 0x12, &described(false)),
        ("refuse-eddsa", &algorithms(&[-7, -8]), 0x26, &algorithms(&[-7])),
    ] {
        let (_dir, mut client) = faulty(fault);
        assert_eq!(client.cbor(struck), [code], "{fault}");
        assert_eq!(client.cbor(spared)[0], 0, "{fault}");
        let (_dir, mut sound) = faulty("silent@reset");
        assert_ne!(sound.cbor(struck)[0], code, "{fault}: only such a model refuses it so");
    }
}

#[test]
fn packets_can_be_wrong_in_every_way() {
    let packets = |fault: &str| {
        let (_dir, mut client) = faulty(fault);
        client.send(client.channel, Command::Cbor, &get_info());
        let mut reports = Vec::new();
        while let Some(report) = client.next_report() {
            reports.push(report);
        }
        (client.channel, reports)
    };
    let join = |(own, reports): (Channel, Vec<_>)| {
        let mut reports = reports.iter().map(Packet::parse).filter(|packet| packet.channel() == own);
        let mut assembly = Partial::start(&reports.next()?).ok()?;
        while let Assembly::Partial(partial) = assembly {
            assembly = partial.extend(&reports.next()?).ok()?;
        }
        Some(assembly)
    };
    for fault in ["bad-seq", "missing-packet", "double-packet", "huge-bcnt"] {
        assert_eq!(join(packets(fault)), None, "{fault}");
    }
    let Some(Assembly::Complete(good)) = join(packets("silent@reset")) else { panic!("no answer") };
    for fault in ["foreign-before", "foreign-within", "slow=2"] {
        let (own, reports) = packets(fault);
        let foreign = reports.iter().position(|report| Packet::parse(report).channel() != own);
        let expected = match fault {
            "foreign-before" => Some(0),
            "foreign-within" => Some(1),
            _ => None,
        };
        assert_eq!(foreign, expected, "{fault}");
        let Some(Assembly::Complete(joined)) = join((own, reports)) else { panic!("{fault}: no answer") };
        assert_eq!(joined.payload.len(), good.payload.len(), "{fault}");
    }
    let Some(Assembly::Complete(short)) = join(packets("short-bcnt")) else { panic!("no answer") };
    assert_eq!(short.payload.len() + 20, good.payload.len());
}

#[test]
fn silence_comes_when_it_was_ordered() {
    let (_dir, mut client) = faulty("silent-after=2@getinfo");
    for _ in 0..2 {
        assert_eq!(client.cbor(&get_info())[0], 0);
    }
    client.send(client.channel, Command::Cbor, &get_info());
    assert!(client.hears_nothing());
    assert_eq!(client.pin_retries(), 8, "others are answered");

    let (_dir, mut client) = faulty("dead@getinfo");
    client.send(client.channel, Command::Cbor, &get_info());
    client.send(Channel::BROADCAST, Command::Init, &NONCE);
    assert!(client.hears_nothing());
}

#[test]
fn keepalives_can_come_for_ever_or_in_a_flood() {
    let (_dir, mut client) = faulty("keepalive-forever@makecred");
    client.send(client.channel, Command::Cbor, &make_credential(RP));
    client.send(client.channel, Command::Cancel, b"");
    for _ in 0..4 {
        assert_eq!(client.keepalive(), 1);
    }
    assert_eq!(client.init(client.channel)[..8], NONCE, "only INIT frees it");

    let (_dir, mut client) = faulty("keepalive-flood=5/1");
    let start = Instant::now();
    assert_eq!(client.cbor(&get_info())[0], 0);
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert!(client.stats().keepalives() > 20, "{}", client.stats().keepalives());
}

#[test]
fn a_forged_pin_error_costs_no_attempt() {
    let (.., mut client) = enrolled("ctap-error=0x31@pintoken*1");
    client.spend_pin_attempt();
    assert_eq!(client.pin_retries(), 8);
    client.pin_token(PIN);
    assert_eq!(client.stats().transactions(Op::PinToken), 2);
}

#[test]
fn a_key_that_vanishes_is_an_error_at_once_and_may_be_plugged_in_again() {
    let dir = tempfile::tempdir().unwrap();
    let key = key(&dir, "a", &Options { touch: Touch::Never, ..Options::default() });
    for fault in [Mode::Vanish(0), Mode::Vanish(150)] {
        let mut client = Client::connect(&key.clone().with_faults([fault.into()]));
        client.send(client.channel, Command::Cbor, &make_credential(RP));
        let start = Instant::now();
        assert_eq!(client.gone().kind(), io::ErrorKind::NotConnected);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[test]
fn a_wrong_nonce_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let key = key(&dir, "a", &Options::default()).with_faults(["wrong-nonce*1".parse().unwrap()]);
    let mut client = Client::connect(&key);
    assert_eq!(client.init(Channel::BROADCAST)[..8], NONCE, "the second is right");
}

#[test]
fn a_key_whose_firmware_dies_is_gone_and_not_still_working() {
    let dir = tempfile::tempdir().unwrap();
    let key = key(&dir, "a", &Options::default());
    // The firmware copies the AAGUID from behind these bytes of its certificate, and panics where there is none.
    let cut = b"\x06\x0b\x2b\x06\x01\x04\x01\x82\xe5\x1c\x01\x01\x04\x04\x12\x04\x10";
    std::fs::write(dir.path().join("a/attestation.der"), cut).unwrap();
    let mut client = Client::connect(&key);
    client.send(client.channel, Command::Cbor, &get_info());
    assert_eq!(client.gone().kind(), io::ErrorKind::NotConnected);
    drop(client);
    assert!(key.plug_in().is_ok(), "its lock is free");
}
