//! A sample that has to be unplugged in the middle of a run, and what comes back in its place.

use std::path::Path;

use super::bench::Wanted;
use super::credentials::Trial;
use super::*;
use crate::ctap::client_pin::Permissions;
use crate::ctap::credential_management::Metadata;
use crate::facts::credentials::Credentials;
use crate::key::guard::Guard;
use crate::ledger::Writer;
use crate::onboard::error::OnboardError;
use crate::run::record::Sighting;
use crate::run::reset::tests::{has_pin, open, three, world};
use crate::soft;

/// Beside the two enrolled keys and the sample `c`: `d`, of their model and enrolled by nobody, and `e`, of another one.
fn five() -> tempfile::TempDir {
    let dir = three();
    let other = soft::Options { aaguid: uuid::Uuid::from_u128(7), ..soft::Options::default() };
    soft::create(&dir.path().join("keys"), "d", &soft::Options::default()).unwrap();
    soft::create(&dir.path().join("keys"), "e", &other).unwrap();
    let world = world(dir.path(), &[&["soft:d"]]);
    let mut session = open(&world, "soft:d");
    let protocol = session.info().unwrap().protocol().unwrap();
    let shared = session.agree(protocol).unwrap();
    session.set_pin(&shared, &Pin::parse("quagga-7731".to_owned()).unwrap()).unwrap();
    dir
}

/// The sample `c` in the middle of a run, with a test credential.
fn sample<'w>(world: &'w World, dir: &Path) -> (Bench<'w>, Facts) {
    let found = world.bus.find().unwrap().swap_remove(0);
    assert_eq!(found.path, "soft:c");
    let mut session = world.open(&found, &world.progress(), "", "").unwrap();
    let info = session.info().unwrap();
    let inventory = Writer::open(&dir.join("ledger.db")).unwrap().inventory().clone();
    let seen = Sighting::take(&mut session, &info, inventory).unwrap();
    let facts = look(&found, &mut session).unwrap();
    let mut bench = Bench::new(world, found, session, info, seen, Guard::default(), true);
    let made = bench.make(&Wanted::plain(&RelyingParty::custody()), None).unwrap();
    let id = made.attestation.auth_data.attested.unwrap().credential_id;
    bench.remember(Some(id)).unwrap();
    (bench, facts)
}

#[test]
fn the_sample_that_comes_back_in_the_middle_is_gone_on_with_and_no_other_key() {
    let dir = five();
    let back = |came| {
        let world = world(dir.path(), &[&["soft:c"], &[], &[came]]);
        let (mut bench, _) = sample(&world, dir.path());
        bench.replug().map(|knows| (knows, bench.lost, bench.over().is_some()))
    };
    assert_eq!(back("soft:c").unwrap(), (Some(true), false, false));
    // Of its model, and nobody's: it may be the sample that has lost its credential. It is let be all the same.
    assert_eq!(back("soft:d").unwrap(), (Some(false), true, true));
    for (came, told) in [
        ("soft:a", "EA-01-A of EA-01 was plugged in, which is enrolled"),
        ("soft:e", "a key of another model came"),
    ] {
        match back(came).unwrap_err() {
            Error::Onboard(OnboardError::NotReplugged(why)) => assert!(why.contains(told), "{why}"),
            other => panic!("{came}: {other}"),
        }
    }
}

#[test]
fn what_may_not_be_the_sample_is_neither_sent_a_pin_nor_erased() {
    let dir = five();
    // It came in the middle: the reset at the end is left out.
    let first = world(dir.path(), &[&["soft:c"], &[], &["soft:d"]]);
    let (mut bench, facts) = sample(&first, dir.path());
    bench.replug().unwrap();
    let mut tried = Tried::default();
    let pin = bench.attempt(|bench| bench.retries()).unwrap();
    assert!(matches!(pin, Step::Skipped(why) if why.contains("does not know the test credential")));
    ending::erase(&mut bench, &mut Journal::open(&first, false).unwrap(), &facts, &mut tried).unwrap();
    assert!(matches!(tried.reset, Step::Skipped(_)), "{:?}", tried.reset);
    drop(bench);
    // It came when the sample was to be erased.
    for came in ["soft:d", "soft:a"] {
        let second = world(dir.path(), &[&["soft:c"], &[], &[came]]);
        let (mut bench, facts) = sample(&second, dir.path());
        let mut tried = Tried::default();
        ending::erase(&mut bench, &mut Journal::open(&second, false).unwrap(), &facts, &mut tried).unwrap();
        assert!(matches!(tried.reset, Step::Broke(_)), "{came}: {:?}", tried.reset);
    }
    assert!(has_pin(dir.path(), "soft:a") && has_pin(dir.path(), "soft:d"));
}

#[test]
fn an_interruption_forgets_no_passkey_that_is_still_on_the_sample() {
    let dir = five();
    let world = world(dir.path(), &[&["soft:c"]]);
    let (mut bench, facts) = sample(&world, dir.path());
    let pin = Pin::parse("quagga-7731".to_owned()).unwrap();
    let shared = bench.session.agree(bench.info.protocol().unwrap()).unwrap();
    bench.session.set_pin(&shared, &pin).unwrap();
    let mut authority = bench.prove(&pin, Permissions::CREDENTIAL_MANAGEMENT, None).unwrap();
    bench.state.passkeys = vec![vec![1; 16], vec![2; 16]];
    world.cancel.request();
    let before = Credentials { count: Metadata { existing: 0, remaining: 0 }, passkeys: Vec::new() };
    let ended = Trial::new(&mut bench, &mut authority, &facts).clean(Some(&before));
    assert!(ended.is_err());
    assert!(bench.state.words().iter().any(|words| words.starts_with("2 passkeys of this run")));
}
