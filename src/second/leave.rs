//! When the second client may be started: it spends PIN attempts, so only with a PIN that the key has just taken.

use uuid::Uuid;

use crate::ctap::client_pin::Retries;
use crate::ctap::protocol::Protocol;
use crate::facts::{Facts, Step};
use crate::key::guard::{Guard, Permit, PinRefusal};

/// Why the second client was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WhyNot {
    /// Nobody asked.
    #[error("it was not asked for (`--second-client`)")]
    NotAsked,
    /// The build has none.
    #[error("there is no second client in this build (cargo feature `second-client`)")]
    NotInBuild,
    /// It finds its keys over USB only.
    #[error("the second client talks to USB keys only, and this is a soft key")]
    Soft,
    /// Without a PIN it has nothing to do.
    #[error("no PIN is set, so the second client was not tried")]
    NoPin,
    /// It would spend an attempt on a PIN that may be wrong.
    #[error("the key did not take the PIN from our own client, so the second client was not tried")]
    PinNotProven,
    /// Our own client failed: there is nothing to compare with.
    #[error("our own client did not register and sign, so the second client was not tried")]
    OursFailed,
    /// Attempts went away although the PIN was right.
    #[error(
        "the right PIN did not restore the attempts ({before} before, {now} now), so the second client was not tried"
    )]
    Fell {
        /// Before this run.
        before: u64,
        /// Now.
        now: u64,
    },
    /// The PIN guard.
    #[error("the second client was not tried: {0}")]
    Guarded(PinRefusal),
}

/// Leave to give the PIN to the second client, once. Only [`Leave::ask`] makes one, and a trial uses it up.
#[derive(Debug)]
pub struct Leave {
    pub(super) before: Retries,
    pub(super) aaguid: Uuid,
    pub(super) protocol: Protocol,
    _permit: Permit,
}

impl Leave {
    /// Asks for leave. `now`: the attempts left, read after our own client has used the PIN in this run.
    ///
    /// # Errors
    /// [`WhyNot`].
    pub fn ask(facts: &Facts, now: Retries, guard: Guard) -> Result<Self, WhyNot> {
        may_try(facts)?;
        let before = facts.retries.map_or(0, |retries| retries.left);
        if now.left < before {
            return Err(WhyNot::Fell { before, now: now.left });
        }
        let permit = guard.permit(now).map_err(WhyNot::Guarded)?;
        let protocol = facts.info.protocol().ok_or(WhyNot::PinNotProven)?;
        Ok(Self { before: now, aaguid: facts.info.aaguid, protocol, _permit: permit })
    }
}

/// What speaks against it before the attempts are read again.
///
/// # Errors
/// [`WhyNot`].
pub fn may_try(facts: &Facts) -> Result<(), WhyNot> {
    if facts.soft {
        Err(WhyNot::Soft)
    } else if facts.pin_set != Some(true) {
        Err(WhyNot::NoPin)
    } else if !facts.pin_proven {
        Err(WhyNot::PinNotProven)
    } else if !matches!((&facts.registration, &facts.assertion), (Step::Done(_), Step::Done(_))) {
        Err(WhyNot::OursFailed)
    } else {
        Ok(())
    }
}
