//! Soft keys that hold passkeys, and the list of them.

use glasskey::ctap::client_pin::Permissions;
use glasskey::ctap::credential::{ES256, Extensions, MakeCredential, Protection};
use glasskey::ctap::credential_management::Dialect;
use glasskey::ctap::pin::Pin;
use glasskey::facts::credentials::{Credentials, try_list};
use glasskey::key::authority::Authority;
use glasskey::key::guard::Guard;
use glasskey::key::session::{KeyError, Session};
use glasskey::soft::{Options, SoftKey};

use crate::exercise;

pub(crate) fn pin() -> Pin {
    Pin::parse(exercise::PIN.to_owned()).unwrap()
}

/// Has the key take its PIN.
pub(crate) fn prove<'p>(
    session: &mut Session,
    pin: &'p Pin,
    permissions: Permissions,
    rp_id: Option<&str>,
) -> Authority<'p> {
    let info = session.info().unwrap();
    let permit = Guard::default().permit(session.retries(info.protocol().unwrap()).unwrap()).unwrap();
    Authority::prove(session, &info, permit, pin, permissions, rp_id).unwrap()
}

/// Makes a discoverable credential, as a browser would.
pub(crate) fn register(
    session: &mut Session,
    pin: &Pin,
    rp_id: &str,
    user: &str,
    protection: Option<Protection>,
) -> Vec<u8> {
    let authority = prove(session, pin, Permissions::MAKE_CREDENTIAL, Some(rp_id));
    let wanted = MakeCredential {
        client_data_hash: [7; 32],
        rp_id,
        rp_name: rp_id,
        user_id: user.get(..user.len().min(64)).unwrap().as_bytes(),
        user_name: user,
        display_name: user,
        algorithms: &[ES256],
        exclude: &[],
        extensions: Extensions { protection, ..Extensions::default() },
        discoverable: true,
    };
    let made = session.make_credential(&wanted, Some(authority.proof().token())).unwrap();
    made.auth_data.attested.unwrap().credential_id
}

/// A key with a PIN that holds these passkeys: relying party id and user name.
pub(crate) fn holding(options: &Options, passkeys: &[(&str, &str)]) -> (tempfile::TempDir, SoftKey) {
    let home = tempfile::tempdir().unwrap();
    let key = exercise::key(home.path(), options);
    let (mut session, _) = exercise::open(&key);
    for (rp_id, user) in passkeys {
        register(&mut session, &pin(), rp_id, user, None);
    }
    (home, key)
}

/// What the key lists.
pub(crate) fn list(session: &mut Session) -> Result<Credentials, KeyError> {
    let pin = pin();
    let authority = prove(session, &pin, Permissions::CREDENTIAL_MANAGEMENT, None);
    let dialect = Dialect::of(&session.info()?).unwrap();
    try_list(session, dialect, &authority)
}
