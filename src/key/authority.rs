//! A PIN that the key has taken, and the tokens that it gives for it.

use super::guard::{Permit, PinRefusal};
use super::session::{KeyError, ProvenPin, Session};
use crate::ctap::client_pin::{Permissions, TokenKind};
use crate::ctap::info::Info;
use crate::ctap::pin::Pin;
use crate::ctap::protocol::{Protocol, SharedSecret};

/// A PIN that the key has taken in this session. Holds the token of the moment: a new one makes the last one void
/// (CTAP §6.5.5.7).
#[expect(missing_debug_implementations, reason = "secrets are never shown")]
pub struct Authority<'a> {
    shared: SharedSecret,
    pin: &'a Pin,
    /// The key gives tokens with permissions, each good for one signature.
    by_permission: bool,
    proof: ProvenPin,
}

impl<'a> Authority<'a> {
    /// Tries the PIN, once, for a first token. **A wrong PIN costs one attempt.**
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn prove(
        session: &mut Session,
        info: &Info,
        permit: Permit,
        pin: &'a Pin,
        permissions: Permissions,
        rp_id: Option<&str>,
    ) -> Result<Self, KeyError> {
        let protocol = info.protocol().ok_or(PinRefusal::NoProtocol)?;
        Self::prove_by(session, info, protocol, permit, pin, permissions, rp_id)
    }

    /// The same by a PIN/UV auth protocol of the caller's choice.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn prove_by(
        session: &mut Session,
        info: &Info,
        protocol: Protocol,
        permit: Permit,
        pin: &'a Pin,
        permissions: Permissions,
        rp_id: Option<&str>,
    ) -> Result<Self, KeyError> {
        let by_permission = info.option("pinUvAuthToken") == Some(true);
        let shared = session.agree(protocol)?;
        let proof = session.token(permit, &shared, pin, kind(by_permission, permissions, rp_id))?;
        Ok(Self { shared, pin, by_permission, proof })
    }

    /// Makes ready for another use: a new token where the last one would not do, under a secret of its own
    /// ([`Session::next_token`]). A token of a key without permissions serves for everything until the key loses power.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn turn_to(
        &mut self,
        session: &mut Session,
        permissions: Permissions,
        rp_id: Option<&str>,
    ) -> Result<(), KeyError> {
        if self.by_permission {
            let kind = kind(true, permissions, rp_id);
            (self.shared, self.proof) = session.next_token(&self.proof, &self.shared, self.pin, kind)?;
        }
        Ok(())
    }

    /// The secret that this end and the key share.
    #[must_use]
    pub fn shared(&self) -> &SharedSecret {
        &self.shared
    }

    /// The token of the moment.
    #[must_use]
    pub fn proof(&self) -> &ProvenPin {
        &self.proof
    }
}

fn kind(by_permission: bool, permissions: Permissions, rp_id: Option<&str>) -> TokenKind<'_> {
    if by_permission { TokenKind::WithPermissions { permissions, rp_id } } else { TokenKind::Plain }
}
