//! A rig whose key has been enrolled, and what must not change of it: what the tests of `entra register` and `entra forget`
//! begin with.

use glasskey::ctap::client_pin::Permissions;
use glasskey::ctap::pin::Pin;
use glasskey::key::authority::Authority;
use glasskey::key::cancel::Cancel;
use glasskey::key::guard::Guard;
use glasskey::key::patience::Patience;
use glasskey::key::session::Session;
use glasskey::soft;
use serde_json::{Value, json};

pub(crate) use super::options::*;
use super::registered::make;
use super::rig::{PIN, Rig, YUBIKEY};

/// A rig with one key, `y1`, that is EA-01-A.
pub(crate) fn enrolled() -> Rig {
    let rig = Rig::new();
    rig.add_with_pin("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig
}

pub(crate) fn path(rig: &Rig, name: &str) -> String {
    rig.at(name).display().to_string()
}

/// `entra register` for EA-01 with these options and further arguments.
pub(crate) fn register(rig: &Rig, options: &Value, more: &[&str]) -> (i32, Value) {
    std::fs::write(rig.at("options.json"), options.to_string()).unwrap();
    let (options, out) = (path(rig, "options.json"), path(rig, "body.json"));
    let verb = ["entra", "register", "--account", "EA-01", "--options", &options, "--out", &out];
    rig.json(&[&verb, more].concat())
}

/// What must be as it was where nothing was done: the record, the passkeys on the key, the PIN attempts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct State {
    head: String,
    passkeys: Vec<Value>,
    retries: u64,
}

pub(crate) fn state(rig: &Rig) -> State {
    State { head: rig.head(), passkeys: passkeys(rig, "y1"), retries: retries(rig) }
}

pub(crate) fn retries(rig: &Rig) -> u64 {
    rig.json(&["--key", "soft:y1", "pin", "status"]).1["retries"].as_u64().unwrap()
}

/// The key as it is, by this program's own client, whatever faults it was given.
fn session(rig: &Rig, name: &str) -> Session {
    let keys = soft::list(&rig.at("keys")).unwrap();
    let key = keys.iter().find(|key| key.name() == name).unwrap().clone();
    let key = key.with_options(|options| {
        options.faults.clear();
        options.info = soft::Overlay::default();
        options.touch = soft::Touch::Auto;
        options.touch_delay_ms = 0;
    });
    let wire = Box::new(key.plug_in().unwrap());
    Session::open(wire, Patience::default(), Cancel::default(), Box::new(|_| {})).unwrap()
}

fn prove<'p>(session: &mut Session, pin: &'p Pin, of: Permissions, rp_id: Option<&str>) -> Authority<'p> {
    let info = session.info().unwrap();
    let guard = Guard { spend_scarce: true, ..Guard::default() };
    let permit = guard.permit(session.retries(info.protocol().unwrap()).unwrap()).unwrap();
    Authority::prove(session, &info, permit, pin, of, rp_id).unwrap()
}

/// What a key holds for Entra: ids and user names.
pub(crate) fn passkeys(rig: &Rig, name: &str) -> Vec<Value> {
    // A PIN that is right gives back the attempts that were spent: so a copy is asked.
    rig.copy(name, "look");
    let mut session = session(rig, "look");
    let pin = Pin::parse(PIN.to_owned()).unwrap();
    let authority = prove(&mut session, &pin, Permissions::CREDENTIAL_MANAGEMENT, None);
    let dialect = glasskey::ctap::credential_management::Dialect::Final;
    let listed = glasskey::facts::credentials::try_list(&mut session, dialect, &authority).unwrap();
    drop(session);
    std::fs::remove_dir_all(rig.at("keys").join("look")).unwrap();
    let one = |passkey: &glasskey::key::manage::Passkey| json!({ "id": base64url(&passkey.credential_id), "rp_id": passkey.rp_id, "user": passkey.user_name });
    listed.passkeys.iter().map(one).collect()
}

/// Makes a passkey on a key as a browser would, and as no record knows of it.
pub(crate) fn elsewhere(rig: &Rig, name: &str, rp_id: &str, handle: &[u8], user: &str) -> Vec<u8> {
    let mut session = session(rig, name);
    let pin = Pin::parse(PIN.to_owned()).unwrap();
    let authority = prove(&mut session, &pin, Permissions::MAKE_CREDENTIAL, Some(rp_id));
    make(&mut session, &authority, rp_id, handle, user)
}
