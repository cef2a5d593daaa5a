//! The sample before the run: who it is, what may be done with it, and its PIN.

use super::super::World;
use super::super::check::{ask_pin, guard_of};
use super::super::pin;
use super::super::record::Sighting;
use super::super::reset::{self, Doomed};
use super::bench::Bench;
use super::journal::Journal;
use super::state::PinNow;
use crate::cli::Onboard;
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::facts::{Step, look};
use crate::key::guard::PinRefusal;
use crate::key::session::KeyError;
use crate::ledger::{Inventory, LedgerError};
use crate::onboard;
use crate::onboard::error::OnboardError;
use crate::onboard::tried::PinTried;
use crate::plan::Plan;
use crate::term::escape::escape;
use crate::term::{Tone, paint};

/// What must be typed before a sample is erased.
const WORD: &str = "erase";

/// Opens the key, and makes sure that it is nobody's.
pub(super) fn open<'w>(
    world: &'w World,
    arguments: &Onboard,
    plan: Option<&Plan>,
    inventory: Option<&Inventory>,
) -> Result<Bench<'w>, Error> {
    let found = world.one()?;
    let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
    let info = session.info()?;
    if let Some(inventory) = inventory {
        inventory.admit_soft(found.soft).map_err(LedgerError::Refused)?;
    }
    let seen = Sighting::take(&mut session, &info, inventory.cloned().unwrap_or_default())?;
    if let Some(key) = seen.key() {
        return Err(Error::AlreadyEnrolled {
            label: key.label.clone(),
            account: key.account.clone(),
            since: key.enrolled.at,
            state: key.state.words(),
        });
    }
    match (arguments.reset_allowed, arguments.yes, seen.may_be()) {
        (_, _, []) | (true, false, _) => {}
        (true, true, _) => reset::must_tell(&seen)?,
        (false, _, labels) => {
            return Err(Error::MayBeEnrolled {
                labels: labels.to_vec(),
                refused: "it is not tried",
                cure: "take another sample; or, if you are sure that it is none of them, `--reset-allowed` without `--yes`, and type the word",
            });
        }
    }
    let guard = guard_of(arguments.pin, plan);
    Ok(Bench::new(world, found, session, info, seen, guard, arguments.reset_allowed))
}

/// Asks before a sample is erased.
pub(super) fn confirm(bench: &Bench<'_>, arguments: &Onboard) -> Result<(), Error> {
    let world = bench.world;
    let question = format!(
        "{} {} ({}), AAGUID {}, is erased, tried, and erased again: its PIN, every passkey on it, and every \
         credential that it ever made are gone. Nothing brings them back. {}Be sure that it is no key in use.",
        paint(Tone::Bad, "The sample"),
        escape(&bench.found.product),
        escape(&bench.found.path),
        bench.info.aaguid,
        reset::doubt(&bench.seen),
    );
    world.confirm(&question, WORD, arguments.yes)
}

/// Erases it. A soft key has no plug, and does not ask how long it has been in.
pub(super) fn erase(bench: &mut Bench<'_>, journal: &mut Journal<'_>) -> Result<(), Error> {
    // One that has fallen silent can only be asked again when it has been unplugged.
    let said = reset::Said::by(&mut bench.session).ok();
    let key = Doomed { found: bench.found.clone(), info: bench.info.clone(), said, seen: bench.seen.clone() };
    reset::may_be_reset(&key.info)?;
    if !key.found.soft {
        bench.let_go();
        let (session, found) = reset::replugged(bench.world, &key)?;
        (bench.session, bench.found) = (session, found);
        if bench.knows()? == Some(false) {
            let why = "the key that was plugged in does not know the test credential of this run";
            return Err(Error::NotErased(why.to_owned()));
        }
    }
    bench.begun = true;
    journal.step("erase the sample", || reset::erase(&mut bench.session, &key))?;
    // Some start anew when they are erased.
    bench.reopen()?;
    bench.info = bench.session.info()?;
    bench.state = super::state::State { pin: PinNow::None, ..Default::default() };
    Ok(())
}

/// The PIN that a sample is to have until it is erased again. Asked for before anything is done.
pub(super) fn new_pin(bench: &Bench<'_>) -> Result<Pin, Error> {
    bench.world.term.note("The sample gets a PIN, until it is erased again.");
    pin::new_pin(bench.world, &bench.info, None)
}

/// Sets the first PIN; whether the key took it.
pub(super) fn set_pin(
    bench: &mut Bench<'_>,
    journal: &mut Journal<'_>,
    pin: &Pin,
    tried: &mut PinTried,
) -> Result<bool, Error> {
    let protocol = bench.info.protocol().ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
    let set = journal.step("set the sample's PIN", || {
        let shared = bench.session.agree(protocol)?;
        match bench.session.set_pin(&shared, pin) {
            Err(KeyError::Refused { refusal, .. }) => Ok(Step::Refused(refusal)),
            set => Ok(Step::Done(set?)),
        }
    })?;
    bench.info = bench.session.info()?;
    tried.set = match onboard::tried::done(set) {
        Err(refused) => refused,
        Ok(()) => {
            bench.state.pin = PinNow::Given;
            bench.attempt(Bench::retries)?
        }
    };
    Ok(!matches!(tried.set, Step::Refused(_)))
}

/// The PIN that a sample has which may not be erased.
pub(super) fn old_pin(bench: &mut Bench<'_>, tried: &mut PinTried) -> Result<Pin, Error> {
    if bench.info.option("clientPin") != Some(true) {
        return Err(OnboardError::NoPin.into());
    } else if bench.info.force_pin_change == Some(true) {
        return Err(KeyError::Pin(PinRefusal::ChangeForced).into());
    }
    tried.set = Step::Skipped("the key had a PIN: `--reset-allowed` was not given");
    let retries = bench.retries()?;
    // Before anybody is asked for it.
    bench.guard.permit(retries).map_err(KeyError::Pin)?;
    let facts = look(&bench.found, &mut bench.session)?;
    ask_pin(bench.world, &facts)
}

/// A key that holds passkeys is somebody's.
pub(super) fn must_be_empty(held: Option<u32>) -> Result<(), Error> {
    match held {
        Some(0) => Ok(()),
        Some(held) => Err(OnboardError::HoldsPasskeys(held).into()),
        None => Err(OnboardError::MayHoldPasskeys.into()),
    }
}
