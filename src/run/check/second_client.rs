//! The second client's part of a check.

use super::{Check, World, guard_of};
use crate::ctap::client_pin::Retries;
use crate::ctap::pin::Pin;
use crate::ctap::protocol::Protocol;
use crate::error::Error;
use crate::facts::{Exercise, Facts};
use crate::key::conversation::OnWait;
use crate::key::found::Found;
use crate::key::guard::PinRefusal;
use crate::key::session::KeyError;
use crate::second::program::Program;
use crate::second::trial::Bench;
use crate::second::{self, Leave, Second, WhyNot};
use crate::webauthn::relying_party::RelyingParty;

impl Check<'_> {
    /// Whether the second client may be tried.
    pub(super) fn may_try_second(&self, facts: &Facts) -> Result<Protocol, WhyNot> {
        if !second::in_this_build() {
            return Err(WhyNot::NotInBuild);
        } else if !self.arguments.wants_second_client() {
            return Err(WhyNot::NotAsked);
        }
        second::leave::may_try(facts)?;
        facts.info.protocol().ok_or(WhyNot::PinNotProven)
    }

    /// Has the second client do what ours has done, where the attempts left allow it.
    pub(super) fn second(
        &self,
        found: &Found,
        facts: &Facts,
        now: Retries,
        pin: Option<&Pin>,
        on_wait: OnWait,
    ) -> Result<Second, Error> {
        let leave = match Leave::ask(facts, now, guard_of(self.arguments.pin, self.plan.as_deref())) {
            Ok(leave) => leave,
            Err(why) => return Ok(Second::Skipped(why)),
        };
        let pin = pin.ok_or(KeyError::Pin(PinRefusal::NotSet))?;
        try_second(self.world, found, leave, pin, on_wait)
    }
}

/// Has the second client read a key, register and sign. Ours must have let go of the key.
pub(in crate::run) fn try_second(
    world: &World,
    found: &Found,
    leave: Leave,
    pin: &Pin,
    on_wait: OnWait,
) -> Result<Second, Error> {
    let (program, patience) = (Program::this()?, world.patience());
    let bench = Bench { program: &program, bus: world.bus.as_ref(), found, patience, cancel: &world.cancel };
    let (rp, register, assert) = (RelyingParty::custody(), World::challenge()?, World::challenge()?);
    let steps = Exercise { rp, register, assert, exclude: Vec::new(), custody: None, passkeys: None };
    Ok(Second::Tried(Box::new(second::try_key(&bench, leave, pin, &steps, on_wait)?)))
}
