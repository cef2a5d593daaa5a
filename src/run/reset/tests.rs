//! A key that has to be unplugged before it is erased, and what comes back in its place.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use super::*;
use crate::ctap::client_pin::Permissions;
use crate::ctap::credential::{ES256, Extensions, MakeCredential};
use crate::ctap::pin::Pin;
use crate::custody;
use crate::key::authority::Authority;
use crate::key::found::Bus;
use crate::key::guard::Guard;
use crate::key::wire::Wire;
use crate::ledger::Writer;
use crate::ledger::payload::{Custody, Enrolled, LedgerCreated, RawRegistration};
use crate::soft::bus::SoftBus;
use crate::soft::{self, Options};
use crate::webauthn::client_data::{Challenge, ClientData};
use crate::webauthn::relying_party::RelyingParty;

/// Soft keys that pass for real ones; one picture of what is plugged in after the other, and the last one for ever.
struct Plugs(SoftBus, Mutex<VecDeque<Vec<&'static str>>>);

impl Bus for Plugs {
    fn find(&self) -> io::Result<Vec<Found>> {
        let mut pictures = self.1.lock().unwrap();
        let there = if pictures.len() > 1 { pictures.pop_front().unwrap() } else { pictures[0].clone() };
        let keys = self.0.find()?.into_iter().filter(|key| there.contains(&key.path.as_str()));
        Ok(keys.map(|key| Found { soft: false, ..key }).collect())
    }

    fn open(&self, found: &Found) -> Result<Box<dyn Wire>, OpenError> {
        self.0.open(found)
    }
}

pub(in crate::run) fn world(dir: &Path, pictures: &[&[&'static str]]) -> World {
    let pictures = pictures.iter().map(|there| there.to_vec()).collect();
    World::rehearsal(
        Box::new(Plugs(SoftBus::new(&dir.join("keys")), Mutex::new(pictures))),
        &dir.join("ledger.db"),
    )
}

pub(in crate::run) fn open(world: &World, path: &str) -> Session {
    let found = world.bus.find().unwrap().into_iter().find(|found| found.path == path).unwrap();
    let opens = || world.open(&found, &world.progress(), "", "the key is working");
    // The firmware of a key that was just let go ends in its own time.
    let free = || opens().map_err(|_| std::thread::sleep(PAUSE));
    (0..TRIES).find_map(|_| free().ok()).map_or_else(|| opens().unwrap(), |session| session)
}

/// Gives a key a PIN and takes it into custody.
fn enroll(world: &World, writer: &mut Writer, path: &str, label: &str) {
    let mut session = open(world, path);
    let info = session.info().unwrap();
    let pin = Pin::parse("quagga-7731".to_owned()).unwrap();
    let protocol = info.protocol().unwrap();
    let shared = session.agree(protocol).unwrap();
    session.set_pin(&shared, &pin).unwrap();
    let rp = RelyingParty::custody();
    let permit = Guard::default().permit(session.retries(protocol).unwrap()).unwrap();
    let rp_id = rp.id().as_str();
    let mut authority =
        Authority::prove(&mut session, &info, permit, &pin, Permissions::MAKE_CREDENTIAL, Some(rp_id))
            .unwrap();
    let client_data = ClientData::create(&rp, &Challenge::new([1; 32]));
    let wanted = MakeCredential {
        client_data_hash: client_data.hash(),
        rp_id,
        rp_name: "glasskey",
        user_id: b"glasskey",
        user_name: "glasskey",
        display_name: "glasskey",
        algorithms: &[ES256],
        exclude: &[],
        extensions: Extensions::default(),
        discoverable: false,
    };
    let made = session.make_credential(&wanted, Some(authority.proof().token())).unwrap();
    let credential = made.auth_data.attested.as_ref().unwrap();
    let enrolled = Enrolled {
        label: label.to_owned(),
        account: "EA-01".to_owned(),
        site: None,
        custodian: None,
        witness: None,
        aaguid: info.aaguid,
        model: None,
        vendor: None,
        firmware: None,
        soft: false,
        custody: Custody {
            rp_id: rp_id.to_owned(),
            credential_id: credential.credential_id.clone().into(),
            public_key: credential.public_key.clone().into(),
            counter: made.auth_data.counter,
        },
        registration: RawRegistration {
            attestation_object: made.object.clone().into(),
            client_data: client_data.as_bytes().into(),
        },
        facts: json!({}),
        findings: json!([]),
        override_reason: None,
    };
    let draft = writer.begin(Payload::Enrolled(Box::new(enrolled)), World::clock(), [7; 32]).unwrap();
    let signer = draft.signer().unwrap().clone();
    let receipt = custody::sign(&mut session, &mut authority, &signer, &draft.challenge()).unwrap();
    draft.commit(Some(receipt)).unwrap();
}

/// Two enrolled keys of one model, and one that nobody enrolled.
pub(in crate::run) fn three() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c"] {
        soft::create(&dir.path().join("keys"), name, &Options::default()).unwrap();
    }
    let ledger = dir.path().join("ledger.db");
    let mut writer = Writer::create(&ledger, LedgerCreated::default(), World::clock(), [0; 32]).unwrap();
    let world = world(dir.path(), &[&["soft:a", "soft:b"]]);
    enroll(&world, &mut writer, "soft:a", "EA-01-A");
    enroll(&world, &mut writer, "soft:b", "EA-01-B");
    dir
}

/// Resets the first key, after which these keys are there, one picture after the other.
fn resets(dir: &Path, pictures: &[&[&'static str]]) -> Result<Exit, Error> {
    let once = || reset(&world(dir, pictures), &Reset { yes: true });
    // As in `open`.
    let free = |_| match once() {
        Err(Error::Open(OpenError::Busy { .. })) => {
            std::thread::sleep(PAUSE);
            None
        }
        done => Some(done),
    };
    (0..TRIES).find_map(free).unwrap_or_else(once)
}

pub(in crate::run) fn has_pin(dir: &Path, path: &'static str) -> bool {
    open(&world(dir, &[&[path]]), path).info().unwrap().option("clientPin") == Some(true)
}

#[test]
fn the_enrolled_key_that_comes_back_is_erased_and_recorded() {
    let dir = three();
    let done = resets(dir.path(), &[&["soft:a"], &["soft:a"], &[], &["soft:a"]]);
    assert_eq!(done.unwrap(), Exit::Yes);
    assert!(!has_pin(dir.path(), "soft:a"));
    let writer = Writer::open(&dir.path().join("ledger.db")).unwrap();
    assert_eq!(writer.inventory().key("EA-01-A").unwrap().state, State::Reset);
    assert_eq!(writer.inventory().pending().count(), 0);
}

#[test]
fn another_key_of_the_same_model_that_comes_in_its_place_is_not_erased() {
    for (came, told) in [
        ("soft:b", "EA-01-B of EA-01 was plugged in, not EA-01-A"),
        ("soft:c", "the key that was plugged in does not answer as EA-01-A"),
    ] {
        let dir = three();
        let head = Writer::open(&dir.path().join("ledger.db")).unwrap().ledger().head();
        let refused = resets(dir.path(), &[&["soft:a"], &["soft:a"], &[], &[came]]).unwrap_err();
        assert!(refused.exit() == Exit::No && refused.to_string().contains(told), "{refused}");
        assert!(has_pin(dir.path(), "soft:a") && has_pin(dir.path(), "soft:b"), "{came}");
        assert_eq!(
            Writer::open(&dir.path().join("ledger.db")).unwrap().ledger().head(),
            head,
            "nothing was begun"
        );
    }
}

#[test]
fn an_enrolled_key_that_comes_in_the_place_of_one_that_is_not_is_not_erased() {
    let dir = three();
    let head = Writer::open(&dir.path().join("ledger.db")).unwrap().ledger().head();
    let refused = resets(dir.path(), &[&["soft:c"], &["soft:c"], &[], &["soft:a"]]).unwrap_err();
    let told = "EA-01-A of EA-01 was plugged in, which is enrolled";
    assert!(refused.exit() == Exit::No && refused.to_string().contains(told), "{refused}");
    assert!(has_pin(dir.path(), "soft:a"));
    assert_eq!(Writer::open(&dir.path().join("ledger.db")).unwrap().ledger().head(), head);
    assert_eq!(resets(dir.path(), &[&["soft:c"], &["soft:c"], &[], &["soft:c"]]).unwrap(), Exit::Yes);
}

#[test]
fn a_key_in_use_that_comes_in_the_place_of_a_new_one_of_its_model_is_not_erased() {
    let dir = three();
    soft::create(&dir.path().join("keys"), "d", &Options::default()).unwrap();
    let plug = |there: &[&[&'static str]]| world(dir.path(), there);
    let mut mine = open(&plug(&[&["soft:d"]]), "soft:d");
    let protocol = mine.info().unwrap().protocol().unwrap();
    let shared = mine.agree(protocol).unwrap();
    mine.set_pin(&shared, &Pin::parse("quagga-7731".to_owned()).unwrap()).unwrap();
    drop(mine);
    let refused = resets(dir.path(), &[&["soft:c"], &["soft:c"], &[], &["soft:d"]]).unwrap_err();
    let told = "is not the one that was there: it differs in options";
    assert!(refused.exit() == Exit::No && refused.to_string().contains(told), "{refused}");
    assert!(has_pin(dir.path(), "soft:d"));
    // And the other way round: the one that is meant has a PIN, and a blank one comes.
    let refused = resets(dir.path(), &[&["soft:d"], &["soft:d"], &[], &["soft:c"]]).unwrap_err();
    assert!(refused.to_string().contains(told), "{refused}");
}
