//! Keys that are registered for Entra, as far as a key knows: they hold a passkey for it.

use glasskey::ctap::client_pin::Permissions;
use glasskey::ctap::credential::{ES256, Extensions, MakeCredential};
use glasskey::ctap::pin::Pin;
use glasskey::key::authority::Authority;
use glasskey::key::cancel::Cancel;
use glasskey::key::guard::Guard;
use glasskey::key::patience::Patience;
use glasskey::key::session::Session;
use glasskey::soft;

use crate::rig::{PIN, Rig};

/// Makes a passkey for Entra on a soft key, as a browser would.
pub(crate) fn register(rig: &Rig, name: &str, user: &str) -> Vec<u8> {
    let keys = soft::list(&rig.at("keys")).unwrap();
    let key = keys.iter().find(|key| key.name() == name).unwrap();
    let wire = Box::new(key.plug_in().unwrap());
    let mut session = Session::open(wire, Patience::default(), Cancel::default(), Box::new(|_| {})).unwrap();
    let info = session.info().unwrap();
    let permit = Guard::default().permit(session.retries(info.protocol().unwrap()).unwrap()).unwrap();
    let pin = Pin::parse(PIN.to_owned()).unwrap();
    let rp_id = "login.microsoft.com";
    let authority =
        Authority::prove(&mut session, &info, permit, &pin, Permissions::MAKE_CREDENTIAL, Some(rp_id))
            .unwrap();
    make(&mut session, &authority, rp_id, user.as_bytes(), user)
}

/// Has the key make a passkey that it keeps, by a token for that.
pub(crate) fn make(
    session: &mut Session,
    authority: &Authority<'_>,
    rp_id: &str,
    handle: &[u8],
    user: &str,
) -> Vec<u8> {
    let wanted = MakeCredential {
        client_data_hash: [7; 32],
        rp_id,
        rp_name: rp_id,
        user_id: handle,
        user_name: user,
        display_name: user,
        algorithms: &[ES256],
        exclude: &[],
        extensions: Extensions::default(),
        discoverable: true,
    };
    let made = session.make_credential(&wanted, Some(authority.proof().token())).unwrap();
    made.auth_data.attested.unwrap().credential_id
}
