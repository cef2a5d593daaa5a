//! One whole look and exercise of a soft key, through the code that `info` and `check` run.

use glasskey::ctap::pin::Pin;
use glasskey::facts::credentials::PasskeyLook;
use glasskey::facts::{self, Exercise, Facts};
use glasskey::key::cancel::Cancel;
use glasskey::key::found::Found;
use glasskey::key::guard::Guard;
use glasskey::key::patience::Patience;
use glasskey::key::session::Session;
use glasskey::soft::{self, Options, SoftKey, SoftStats};
use glasskey::webauthn::client_data::Challenge;
use glasskey::webauthn::relying_party::RelyingParty;
use std::path::Path;
use std::sync::Arc;

/// The PIN of the keys made here.
pub(crate) const PIN: &str = "123456";

/// A key with a PIN.
pub(crate) fn key(dir: &Path, options: &Options) -> SoftKey {
    let key = soft::create(dir, "k", options).unwrap();
    let (mut session, _) = open(&key);
    let protocol = session.info().unwrap().protocol().unwrap();
    let shared = session.agree(protocol).unwrap();
    session.set_pin(&shared, &Pin::parse(PIN.to_owned()).unwrap()).unwrap();
    key
}

/// Plugs the key in and opens a channel.
pub(crate) fn open(key: &SoftKey) -> (Session, Arc<SoftStats>) {
    let wire = key.plug_in().unwrap();
    let stats = wire.stats();
    let quiet = Box::new(|_| {});
    (Session::open(Box::new(wire), Patience::default(), Cancel::default(), quiet).unwrap(), stats)
}

/// What `info` does.
pub(crate) fn look(session: &mut Session) -> Facts {
    let found =
        Found { path: "soft:k".into(), vendor_id: 0, product_id: 0, product: String::new(), soft: true };
    facts::look(&found, session).unwrap()
}

/// What `check` does with a PIN.
pub(crate) fn check(session: &mut Session) -> Facts {
    let mut facts = look(session);
    let permit = Guard::default().permit(facts.retries.unwrap()).unwrap();
    let pin = Pin::parse(PIN.to_owned()).unwrap();
    let exercise = Exercise {
        rp: RelyingParty::custody(),
        register: Challenge::new([1; 32]),
        assert: Challenge::new([2; 32]),
        exclude: Vec::new(),
        custody: None,
        passkeys: Some(PasskeyLook { challenge: Challenge::new([3; 32]), user: None }),
    };
    facts::exercise(session, &mut facts, Some((permit, &pin)), exercise).unwrap();
    assert!(facts.registration.done().is_some() && facts.assertion.done().is_some());
    facts
}
