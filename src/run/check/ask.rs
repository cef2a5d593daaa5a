//! Asking for a PIN: whether it may be tried, and how many attempts are left.

use super::World;
use crate::cli::PinGuard;
use crate::ctap::client_pin::Retries;
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::facts::Facts;
use crate::key::guard::Guard;
use crate::plan::Plan;
use crate::term::escape::escape;
use crate::verdict::words::counted;

/// The guard, with the plan's floor.
pub(in crate::run) fn guard_of(typed: PinGuard, plan: Option<&Plan>) -> Guard {
    let guard = Guard::from(typed);
    Guard { floor: plan.map_or(guard.floor, |plan| u64::from(*plan.rules.pin_retries_floor)), ..guard }
}

/// Shows the attempts left.
pub(in crate::run) fn tell_left(world: &World, path: &str, retries: Retries) {
    world.term.complain(&format!("{}: {} left", escape(path), counted(retries.left, "PIN attempt")));
}

/// Shows the attempts left, and asks for the PIN: one prompt, one attempt.
pub(in crate::run) fn ask_pin(world: &World, facts: &Facts) -> Result<Pin, Error> {
    if let Some(retries) = facts.retries {
        tell_left(world, &facts.path, retries);
    }
    let prompt = format!("PIN of {} ({}): ", escape(&facts.product), escape(&facts.path));
    Ok(Pin::parse(world.pins.read(&prompt)?)?)
}
