//! How the key treats PINs: wrong ones, short ones, new ones, and demands for them. Every attempt is asked of the guard,
//! and enough are kept for the right PIN to follow.

use super::super::World;
use super::bench::Bench;
use super::state::{LONGER, PinNow};
use crate::ctap::client_pin::Permissions;
use crate::ctap::info::Info;
use crate::ctap::pin::Pin;
use crate::ctap::status::{Code, Refusal};
use crate::error::Error;
use crate::facts::Step;
use crate::key::guard::{Permit, PinRefusal};
use crate::key::session::KeyError;
use crate::onboard::tried::{Forced, Locked, PinTried, Raised, Wrong, done};

/// How many wrong PINs in a row lock a key until it is unplugged (CTAP §6.5.5.7).
const IN_A_ROW: u8 = 3;

/// A wrong PIN: random, so that it is nobody's.
fn wrong_pin() -> Result<Pin, Error> {
    let seed = World::nonce()?;
    Ok(Pin::parse(hex::encode(seed.get(..8).unwrap_or_default()))?)
}

impl Bench<'_> {
    /// Whether so many wrong PINs leave attempts enough for the right one.
    fn may_waste(&mut self, wrong: u8) -> Result<bool, Error> {
        let left = self.retries()?.left;
        Ok(left.saturating_sub(wrong.into()) > self.guard.floor)
    }

    fn change(&mut self, from: &Pin, to: &Pin) -> Result<(), Error> {
        let permit: Permit = self.permit()?;
        let protocol = self.info.protocol().ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
        let shared = self.session.agree(protocol)?;
        self.session.change_pin(permit, &shared, from, to).map_err(|error| match error {
            // A rule that the new PIN breaks says nothing against the old one.
            KeyError::Pin(PinRefusal::Policy) => {
                KeyError::Refused { during: "changePIN", refusal: Refusal::Known(Code::PinPolicyViolation) }
            }
            error => error,
        })?;
        Ok(())
    }

    fn told(&mut self) -> Result<Info, Error> {
        Ok(self.session.info()?)
    }
}

/// A wrong PIN, and the right one after it.
pub(super) fn wrong(bench: &mut Bench<'_>, pin: &Pin, tried: &mut PinTried) -> Result<(), Error> {
    tried.wrong = match bench.attempt(|bench| bench.may_waste(1))? {
        Step::Done(false) => Step::Skipped("too few attempts are left to spend one on a wrong PIN"),
        _ => bench.attempt(|bench| {
            let before = bench.retries()?.left;
            let taken = match bench.spend(&wrong_pin()?)? {
                Ok(()) => true,
                Err(PinRefusal::Wrong { .. }) => false,
                Err(refusal) => return Err(KeyError::Pin(refusal).into()),
            };
            Ok(Wrong { before, after: bench.retries()?.left, taken })
        })?,
    };
    tried.restored = bench.attempt(|bench| match bench.spend(pin)? {
        Ok(()) => bench.retries(),
        Err(refusal) => Err(KeyError::Pin(refusal).into()),
    })?;
    Ok(())
}

/// A PIN that is too short, and the least length; if the key takes it, it is changed back.
pub(super) fn short(bench: &mut Bench<'_>, pin: &Pin) -> Result<(u64, Step<()>), Error> {
    let least = bench.info.min_pin_length.unwrap_or(4).max(4);
    let step = take_short(bench, pin, least)?;
    if step.done().is_some() {
        let back = bench.attempt(|bench| bench.change(&Pin::too_short_for(least), pin))?;
        if back.done().is_some() {
            bench.state.pin = PinNow::Given;
        } else {
            bench.end("the key kept a PIN that is too short");
        }
    }
    Ok((least, step))
}

fn take_short(bench: &mut Bench<'_>, pin: &Pin, least: u64) -> Result<Step<()>, Error> {
    let was = bench.state.pin;
    let step = bench.attempt(|bench| {
        bench.state.pin = PinNow::Short;
        bench.change(pin, &Pin::too_short_for(least))
    })?;
    if matches!(step, Step::Refused(_) | Step::Skipped(_)) {
        bench.state.pin = was;
    }
    Ok(step)
}

/// The PIN that is the given one with more behind it, where the key can take it.
fn longer(bench: &Bench<'_>, pin: &Pin) -> Result<Pin, &'static str> {
    let most = bench.info.max_pin_length.unwrap_or(63);
    let longer = pin.followed_by(LONGER).ok().filter(|longer| length(longer) <= most);
    longer.ok_or("the PIN is so long that no longer one can be tried")
}

fn length(pin: &Pin) -> u64 {
    u64::try_from(pin.code_points()).unwrap_or(u64::MAX)
}

/// Another PIN, used once, and back.
pub(super) fn change(bench: &mut Bench<'_>, pin: &Pin) -> Result<Step<()>, Error> {
    let longer = match longer(bench, pin) {
        Ok(longer) => longer,
        Err(why) => return Ok(Step::Skipped(why)),
    };
    bench.attempt(|bench| {
        there(bench, pin, &longer)?;
        back(bench, pin, &longer)
    })
}

/// Changes the PIN, and uses the new one.
fn there(bench: &mut Bench<'_>, pin: &Pin, longer: &Pin) -> Result<(), Error> {
    // Told as changed from the moment on from which it may be.
    bench.state.pin = PinNow::Longer;
    if let Err(error) = bench.change(pin, longer) {
        if let Error::Key(KeyError::Refused { .. }) = error {
            bench.state.pin = PinNow::Given;
        }
        return Err(error);
    }
    bench.spend(longer)?.map_err(|refusal| KeyError::Pin(refusal).into())
}

fn back(bench: &mut Bench<'_>, pin: &Pin, longer: &Pin) -> Result<(), Error> {
    bench.change(longer, pin)?;
    bench.state.pin = PinNow::Given;
    bench.spend(pin)?.map_err(|refusal| KeyError::Pin(refusal).into())
}

/// Three wrong PINs in a row, the right one, the plug, the right one again. `wrong`: what came of a single wrong one.
pub(super) fn lock(bench: &mut Bench<'_>, pin: &Pin, wrong: &Step<Wrong>) -> Result<Step<Locked>, Error> {
    if !bench.can_replug() {
        return Ok(Step::Skipped("nobody is at the terminal to unplug the key"));
    }
    // A key that counts otherwise may be nearer to its end than it says.
    if wrong.done().is_none_or(|wrong| wrong.after.saturating_add(1) != wrong.before) {
        return Ok(Step::Skipped("a wrong PIN does not cost exactly one attempt, so no more were tried"));
    }
    match bench.attempt(|bench| bench.may_waste(IN_A_ROW))? {
        Step::Done(false) => Ok(Step::Skipped("too few attempts are left to spend three on wrong PINs")),
        _ => bench.attempt(|bench| locked(bench, pin)),
    }
}

fn locked(bench: &mut Bench<'_>, pin: &Pin) -> Result<Locked, Error> {
    let before = bench.retries()?.left;
    let mut after = None;
    for count in 1..=IN_A_ROW {
        match bench.spend(&wrong_pin()?)? {
            Err(PinRefusal::Wrong { .. }) => {}
            Err(PinRefusal::PowerCycle) => {
                after = Some(count);
                break;
            }
            // A key that takes a wrong PIN is told of where one was tried by itself.
            Ok(()) => {}
            Err(refusal) => return Err(KeyError::Pin(refusal).into()),
        }
    }
    bench.state.locked = true;
    let now = bench.retries()?;
    // A key that says that it is locked is not asked whether it is: the guard sends it no PIN.
    let took_right = now.power_cycle != Some(true)
        && match bench.spend(pin)? {
            Ok(()) => true,
            Err(PinRefusal::PowerCycle) => {
                after.get_or_insert(IN_A_ROW);
                false
            }
            // It may be locked without saying so.
            Err(PinRefusal::Wrong { .. }) => false,
            Err(refusal) => return Err(KeyError::Pin(refusal).into()),
        };
    let opened = if took_right {
        bench.state.locked = false;
        None
    } else if bench.replug()? == Some(false) {
        // It may be another key: it is sent no PIN.
        return Ok(Locked { left: [before, now.left, now.left], after, took_right, opened: None });
    } else {
        Some(bench.spend(pin)?.is_ok())
    };
    if opened == Some(false) {
        bench.end("the key did not take the right PIN before");
    }
    Ok(Locked { left: [before, now.left, bench.retries()?.left], after, took_right, opened })
}

/// The key is told to demand a new PIN, gets one, and then the old one again.
pub(super) fn force(bench: &mut Bench<'_>, pin: &Pin) -> Result<Step<Forced>, Error> {
    let longer = match configurable(bench).and_then(|()| longer(bench, pin)) {
        Ok(longer) => longer,
        Err(why) => return Ok(Step::Skipped(why)),
    };
    bench.attempt(|bench| {
        let authority = bench.prove(pin, Permissions::CONFIGURATION, None)?;
        bench.state.forced = true;
        bench.session.set_min_pin_length(None, true, authority.proof())?;
        let told = bench.told()?.force_pin_change;
        let token = match bench.spend(pin)? {
            Ok(()) => Step::Done(()),
            Err(PinRefusal::ChangeForced) => Step::Refused(Refusal::Known(Code::PinPolicyViolation)),
            // What `getPinToken` of CTAP 2.0 says then.
            Err(PinRefusal::Wrong { .. }) => Step::Refused(Refusal::Known(Code::PinInvalid)),
            Err(refusal) => return Err(KeyError::Pin(refusal).into()),
        };
        there(bench, pin, &longer)?;
        let cleared = bench.told()?.force_pin_change;
        back(bench, pin, &longer)?;
        bench.state.forced = cleared == Some(true);
        Ok(Forced { told, token, cleared })
    })
}

/// The key is told to want longer PINs; only a reset takes that back. The PIN is the longer one from then on.
pub(super) fn raise(bench: &mut Bench<'_>, pin: &Pin) -> Result<Step<Raised>, Error> {
    let longer = match configurable(bench).and_then(|()| longer(bench, pin)) {
        Ok(longer) => longer,
        Err(why) => return Ok(Step::Skipped(why)),
    };
    let to = length(&longer);
    let raised = bench.attempt(|bench| {
        there(bench, pin, &longer)?;
        let authority = bench.prove(&longer, Permissions::CONFIGURATION, None)?;
        bench.state.least = Some(to);
        bench.session.set_min_pin_length(Some(to), false, authority.proof())?;
        Ok(bench.told()?.min_pin_length)
    })?;
    Ok(match done(raised) {
        Err(step) => step,
        Ok(told) => Step::Done(Raised { to, told, short: take_short(bench, &longer, to)? }),
    })
}

/// Whether the key can be told such things, and may be.
fn configurable(bench: &Bench<'_>) -> Result<(), &'static str> {
    if bench.info.option("authnrCfg") != Some(true) || bench.info.option("setMinPINLength") != Some(true) {
        Err("the key does not offer it (authnrCfg, setMinPINLength)")
    } else if !bench.erasable {
        Err("only a reset takes it back for sure: `--reset-allowed` was not given")
    } else {
        Ok(())
    }
}
