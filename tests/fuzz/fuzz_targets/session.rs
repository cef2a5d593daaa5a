#![no_main]
//! A whole conversation with a hostile key: every report that it sends is the fuzzer's choice.
//!
//! It ends, it never panics, and what it holds to be done the key has at least said: a test registration or assertion
//! only passes if the right private key signed it, and a key that no vendor vouches for is never fit.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use glasskey::catalogue::Catalogue;
use glasskey::ctap::pin::Pin;
use glasskey::facts::credentials::PasskeyLook;
use glasskey::facts::{self, Exercise, Facts};
use glasskey::key::cancel::Cancel;
use glasskey::key::found::Found;
use glasskey::key::guard::Guard;
use glasskey::key::patience::Patience;
use glasskey::key::session::{KeyError, Session};
use glasskey::term::show;
use glasskey::verdict::finding::{Id, Status};
use glasskey::verdict::{Case, Outcome, Verdict, judge};
use glasskey::webauthn::client_data::Challenge;
use glasskey::webauthn::relying_party::RelyingParty;
use glasskey_fuzz::{assert_harmless, assert_harmless_screen};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

use self::wire::{Key, Seen};

#[path = "../../support/mint.rs"]
#[allow(dead_code)]
mod mint;
#[path = "session/wire.rs"]
mod wire;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the compiled-in files are sound"));

fuzz_target!(|bytes: &[u8]| {
    let Some((verb, script)) = bytes.split_first() else { return };
    let seen = Arc::new(Mutex::new(Seen::default()));
    let cancel = Cancel::default();
    let wire = Box::new(Key::new(script, cancel.clone(), Arc::clone(&seen)));
    let result = match verb % 4 {
        0 => set_pin(wire, cancel, &seen),
        1 => change_pin(wire, cancel, &seen),
        _ => check(wire, cancel, &seen),
    };
    if let Err(error) = result {
        assert_harmless(&error.to_string());
        let error = glasskey::error::Error::from(error);
        assert_harmless_screen(&show::failed("fuzz", &error.to_string(), error.hint().as_deref()));
    }
});

/// A key that goes silent in the end is not waited for; one that answers may compute as long as a busy machine needs.
fn open(wire: Box<Key>, cancel: Cancel) -> Result<Session, KeyError> {
    let short = Duration::from_millis(if wire.falls_silent() { 5 } else { 90 });
    let patience =
        Patience { quick: short, work: short, touch: short, reset: short, grace: Duration::from_millis(1) };
    Session::open(wire, patience, cancel, Box::new(|_| {}))
}

fn pin() -> Pin {
    Pin::parse("123456".to_owned()).unwrap_or_else(|error| panic!("{error}"))
}

fn said(seen: &Mutex<Seen>, command: u8, subcommand: u8) -> bool {
    seen.lock().expect("one thread").done.contains(&(command, subcommand))
}

fn set_pin(wire: Box<Key>, cancel: Cancel, seen: &Mutex<Seen>) -> Result<(), KeyError> {
    let mut session = open(wire, cancel)?;
    let Some(protocol) = session.info()?.protocol() else { return Ok(()) };
    let shared = session.agree(protocol)?;
    session.set_pin(&shared, &pin())?;
    assert!(said(seen, 6, 3), "a PIN was set without the key's word");
    Ok(())
}

fn change_pin(wire: Box<Key>, cancel: Cancel, seen: &Mutex<Seen>) -> Result<(), KeyError> {
    let mut session = open(wire, cancel)?;
    let Some(protocol) = session.info()?.protocol() else { return Ok(()) };
    let retries = session.retries(protocol)?;
    let permit = Guard::default().permit(retries)?;
    assert!(said(seen, 6, 1) && retries.left > 3);
    let shared = session.agree(protocol)?;
    session.change_pin(permit, &shared, &pin(), &pin())?;
    assert!(said(seen, 6, 4), "a PIN was changed without the key's word");
    Ok(())
}

fn check(wire: Box<Key>, cancel: Cancel, seen: &Mutex<Seen>) -> Result<(), KeyError> {
    let mut session = open(wire, cancel)?;
    let found =
        Found { path: "fuzz".into(), vendor_id: 1, product_id: 2, product: "fuzz".into(), soft: false };
    let mut facts = facts::look(&found, &mut session)?;
    assert!(said(seen, 4, 0));
    let permit = facts.retries.map(|retries| Guard::default().permit(retries)).transpose()?;
    if facts.info.force_pin_change == Some(true) {
        return Ok(());
    }
    let steps = Exercise {
        rp: RelyingParty::custody(),
        register: Challenge::new([1; 32]),
        assert: Challenge::new([2; 32]),
        exclude: Vec::new(),
        custody: None,
        passkeys: Some(PasskeyLook { challenge: Challenge::new([3; 32]), user: None }),
    };
    let pin = pin();
    facts::exercise(&mut session, &mut facts, permit.map(|permit| (permit, &pin)), steps)?;
    assert!(
        !facts.pin_proven || said(seen, 6, 5) || said(seen, 6, 9),
        "a PIN was proven without the key's word"
    );
    assert!(facts.registration.done().is_none() || said(seen, 1, 0));
    assert!(facts.assertion.done().is_none() || said(seen, 2, 0));
    assert!(facts.credentials.done().is_none() || said(seen, 0x0a, 0));
    let now = Timestamp::from_second(1_790_000_000).expect("a time");
    let verdict = judge(&Case::alone(&facts, &CATALOGUE, now));
    judged(&facts, &verdict, seen);
    Ok(())
}

fn judged(facts: &Facts, verdict: &Verdict, seen: &Mutex<Seen>) {
    assert_eq!(verdict.outcome, Outcome::NotFit, "a key is fit that nobody vouches for");
    let signed = |message: Vec<u8>| seen.lock().expect("one thread").signed.contains(&message);
    for finding in verdict.findings.iter().filter(|finding| finding.status == Status::Pass) {
        match finding.id {
            Id::Attestation => panic!("{}", finding.saw),
            Id::TestRegistration => {
                let made = facts.registration.done().expect("it was done");
                let message = [&made.attestation.auth_data.raw[..], &made.client_data.hash()].concat();
                assert!(signed(message), "a forged registration");
            }
            Id::TestAssertion => {
                let made = facts.assertion.done().expect("it was done");
                let message = [&made.answer.auth_data.raw[..], &made.client_data.hash()].concat();
                assert!(signed(message), "a forged assertion");
            }
            Id::EntraCredential => {
                let made = &facts.entra.done().expect("it was done").asserted;
                let message = [&made.answer.auth_data.raw[..], &made.client_data.hash()].concat();
                assert!(signed(message), "a forged proof of the Entra passkey");
            }
            Id::StrayCredentials => {
                assert!(
                    facts
                        .credentials
                        .done()
                        .is_some_and(|listed| listed.whole() && listed.stray().count() == 0)
                );
            }
            Id::UvProven => assert!(facts.pin_proven),
            _ => {}
        }
    }
    serde_json::to_value(facts).expect("facts can be written");
    serde_json::to_value(verdict).expect("a verdict can be written");
    assert_harmless_screen(&show::check(facts, &CATALOGUE, verdict));
    assert_harmless_screen(&show::info(facts, CATALOGUE.model(facts.info.aaguid), None, &[]));
}
