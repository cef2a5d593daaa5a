//! What the key holds: its discoverable credentials, and whether the one for Entra signs.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::{Asserted, Step, assert, broken};
use crate::ctap::client_pin::Permissions;
use crate::ctap::credential_management::{Dialect, Metadata};
use crate::ctap::info::Info;
use crate::key::authority::Authority;
use crate::key::manage::Passkey;
use crate::key::session::{KeyError, Session};
use crate::webauthn::client_data::Challenge;
use crate::webauthn::cose::PublicKey;
use crate::webauthn::relying_party::RelyingParty;

/// What the key tells of its discoverable credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// How many there are, and for how many more there is room.
    pub count: Metadata,
    /// Those that it listed.
    pub passkeys: Vec<Passkey>,
}

impl Credentials {
    /// Whether the key listed as many as it says it holds.
    #[must_use]
    pub fn whole(&self) -> bool {
        usize::try_from(self.count.existing) == Ok(self.passkeys.len())
    }

    /// The passkeys for Entra: told by the hash of the relying party id, for its text may be cut short.
    pub fn entra(&self) -> impl Iterator<Item = &Passkey> {
        let hash = RelyingParty::entra_proof().id().hash();
        self.passkeys.iter().filter(move |passkey| passkey.rp_id_hash == hash)
    }

    /// All others.
    pub fn stray(&self) -> impl Iterator<Item = &Passkey> {
        let hash = RelyingParty::entra_proof().id().hash();
        self.passkeys.iter().filter(move |passkey| passkey.rp_id_hash != hash)
    }
}

/// Whether a passkey's user name is the one expected: without regard to case, as Entra compares, and as far as the
/// key has kept it (a key may cut a name short after 64 bytes, WebAuthn Level 3 §6.4.1).
#[must_use]
pub fn is_named(passkey: &Passkey, expected: &str) -> bool {
    let Some(told) = &passkey.user_name else { return false };
    // The cut stands between two characters, so up to three of the 64 bytes may be missing.
    let cut_short = (61..=64).contains(&told.len()) && expected.len() > 64;
    let (told, expected) = (told.to_lowercase(), expected.to_lowercase());
    told == expected || (cut_short && expected.starts_with(&told))
}

/// Only relying parties and user names leave the program with a check.
impl Serialize for Credentials {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Told<'a> {
            rp_id: &'a str,
            user_name: Option<&'a str>,
        }
        fn told(passkey: &Passkey) -> Told<'_> {
            Told { rp_id: &passkey.rp_id, user_name: passkey.user_name.as_deref() }
        }
        let told: Vec<_> = self.passkeys.iter().map(told).collect();
        let mut members = serializer.serialize_struct("Credentials", 3)?;
        members.serialize_field("existing", &self.count.existing)?;
        members.serialize_field("remaining", &self.count.remaining)?;
        members.serialize_field("passkeys", &told)?;
        members.end()
    }
}

/// As the list, where there is one; else null.
pub(super) fn listed<S: Serializer>(step: &Step<Credentials>, serializer: S) -> Result<S::Ok, S::Error> {
    step.done().serialize(serializer)
}

/// What the look at the passkeys needs from outside.
#[derive(Debug, Clone)]
pub struct PasskeyLook {
    /// For the proof that the Entra passkey signs.
    pub challenge: Challenge,
    /// The account's user name: only its passkey is asked to sign. Without it the first one is.
    pub user: Option<String>,
}

/// A passkey for Entra that signed.
#[derive(Debug, Clone)]
pub struct EntraProof {
    /// Which.
    pub passkey: Passkey,
    /// What it signed: client data that no site accepts.
    pub asserted: Asserted,
}

/// How to ask this key for its list, or why it cannot be asked.
pub(super) fn dialect(info: &Info, look: Option<&PasskeyLook>, pin: bool) -> Result<Dialect, &'static str> {
    if look.is_none() {
        Err("not asked for")
    } else if !pin {
        Err("no PIN is set, and without one no key lists what it holds")
    } else {
        Dialect::of(info).ok_or("the key does not offer to list what it holds (no credential management)")
    }
}

/// Lists what the key holds. Where there is nothing, that is one exchange.
pub(super) fn list(
    session: &mut Session,
    dialect: Dialect,
    authority: &Authority<'_>,
) -> Result<Step<Credentials>, KeyError> {
    match try_list(session, dialect, authority) {
        Ok(credentials) => Ok(Step::Done(credentials)),
        Err(error) => broken(error),
    }
}

/// The list, for verbs that want it or nothing.
///
/// # Errors
/// [`KeyError`].
pub fn try_list(
    session: &mut Session,
    dialect: Dialect,
    authority: &Authority<'_>,
) -> Result<Credentials, KeyError> {
    let count = session.creds_metadata(dialect, authority.proof())?;
    let passkeys =
        if count.existing == 0 { Vec::new() } else { session.passkeys(dialect, authority.proof())? };
    Ok(Credentials { count, passkeys })
}

/// Has the Entra passkey sign what no site accepts.
pub(super) fn prove_entra(
    session: &mut Session,
    credentials: &Step<Credentials>,
    look: &PasskeyLook,
    authority: &mut Authority<'_>,
) -> Result<Step<EntraProof>, KeyError> {
    let Some(credentials) = credentials.done() else {
        return Ok(Step::Skipped("the passkeys on the key are not known"));
    };
    let wanted = |passkey: &&Passkey| look.user.as_deref().is_none_or(|user| is_named(passkey, user));
    let Some(passkey) = credentials.entra().find(wanted) else {
        return Ok(Step::Skipped("the key lists no such passkey"));
    };
    if PublicKey::parse(&passkey.public_key).is_err() {
        return Ok(Step::Skipped("its public key is none that can be verified here (ES256 only)"));
    }
    let rp = RelyingParty::entra_proof();
    let signed =
        authority.turn_to(session, Permissions::GET_ASSERTION, Some(rp.id().as_str())).and_then(|()| {
            assert(session, &rp, look.challenge, passkey.credential_id.clone(), Some(authority.proof()))
        });
    match signed {
        Ok(asserted) => Ok(Step::Done(EntraProof { passkey: passkey.clone(), asserted })),
        Err(error) => broken(error),
    }
}
