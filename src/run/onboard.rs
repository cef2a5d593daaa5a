//! `onboard`: a new model is tried on a sample key, section by section, judged, and what follows is told.
#![expect(clippy::disallowed_methods, reason = "a run is timed")]

mod bench;
mod credentials;
mod ending;
mod files;
mod journal;
mod outcome;
mod pins;
mod protocols;
mod sample;
mod state;
mod transport;

use std::time::Instant;

use super::World;
use crate::cli::Onboard;
use crate::ctap::client_pin::Permissions;
use crate::ctap::credential::ES256;
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::{self, Exercise, Facts, Step, look};
use crate::onboard::tried::{PinTried, Tried};
use crate::onboard::{self, Case};
use crate::policy::PolicySet;
use crate::second::{Second, WhyNot};
use crate::term::escape::escape;
use crate::webauthn::relying_party::RelyingParty;
use bench::Bench;
use files::Files;
use journal::Journal;
use outcome::Outcome;

/// How many passkeys are made for one site.
const MANY: usize = 5;
/// What Entra asks for, the best first: ES256, RS256.
const ALGORITHMS: [i64; 2] = [ES256, -257];

pub(super) fn onboard(world: &World, arguments: &Onboard) -> Result<Exit, Error> {
    // All that can be wrong without a key is found before one is touched.
    let plan = world.plan_if_any()?;
    let catalogue = world.catalogue_of(plan.as_ref())?;
    let policy = match plan.as_ref().map(|plan| (plan.policy_files(), plan.profile())) {
        Some((files, profile)) if !files.is_empty() => Some(PolicySet::load(&files, profile)?),
        _ => None,
    };
    let files = Files::look(arguments)?;
    let mut journal = Journal::open(world, !arguments.no_record)?;
    let inventory = match journal.inventory() {
        Some(inventory) => Some(inventory),
        None => world.ledger_if_any()?.map(|ledger| ledger.inventory().clone()),
    };
    let mut bench = sample::open(world, arguments, plan.as_ref(), inventory.as_ref())?;
    let began = Instant::now();
    let mut tried = Tried::default();
    let ran = run(&mut bench, &mut journal, arguments, &mut tried);
    if ran.is_err() && bench.begun {
        world.term.complain("The run was cut off: nothing is judged.");
    }
    // That a sample was erased at the end is no news.
    if ran.is_err() || tried.reset.done().is_none() {
        for word in bench.state.words() {
            world.term.complain(&format!("The sample is not as it was: {word}."));
        }
    }
    let (mut facts, second) = ran?;
    tried.lost = bench.lost;
    let measured = bench.measured();
    facts.traffic = measured.traffic;
    facts.deviations = measured.deviations;
    facts.deviations.sort_unstable();
    facts.deviations.dedup();
    tried.timings = measured.timings;
    let case = Case {
        facts: &facts,
        tried: &tried,
        catalogue: &catalogue,
        policy: policy.as_ref(),
        second: &second,
        now: world.now,
    };
    let verdict = onboard::judge(&case);
    let outcome = Outcome::new(&case, &verdict, began.elapsed(), files.earlier())?;
    let recorded = outcome.payload().and_then(|payload| journal.record(payload));
    outcome.tell(world, &files, &recorded)
}

/// Everything, in order. What the key does of it is in `tried` and in the facts.
fn run(
    bench: &mut Bench<'_>,
    journal: &mut Journal<'_>,
    arguments: &Onboard,
    tried: &mut Tried,
) -> Result<(Facts, Second), Error> {
    if bench.info.protocol().is_none() || bench.info.option("clientPin").is_none() {
        let why = "the key can have no PIN that is known here";
        tried.pin = PinTried::skipped(why);
        return without_pin(bench, tried, why);
    }
    let told = bench.info.pin_uv_auth_protocols.clone();
    let pin = if bench.erasable {
        let pin = sample::new_pin(bench)?;
        sample::confirm(bench, arguments)?;
        // A sample as it comes out of the box need not be erased first.
        if bench.info.option("clientPin") == Some(true) {
            sample::erase(bench, journal)?;
        }
        if !sample::set_pin(bench, journal, &pin, &mut tried.pin)? {
            let set = std::mem::replace(&mut tried.pin.set, onboard::tried::untried());
            tried.pin = PinTried { set, ..PinTried::skipped("the key took no PIN") };
            return without_pin(bench, tried, "the key took no PIN");
        }
        pin
    } else {
        sample::old_pin(bench, &mut tried.pin)?
    };
    let held = protocols::settle(bench, &pin, bench.erasable)?;
    if !bench.erasable {
        sample::must_be_empty(held)?;
    }
    bench.begun = true;
    bench.world.term.note(&announce(bench));
    let mut facts = exercise(bench, Some(&pin))?;
    facts.info.pin_uv_auth_protocols = told;
    bench.remember(ending::test_credential(&facts))?;
    transport::echo(bench, tried)?;
    protocols::each(bench, &facts, &pin, tried)?;
    journal.step("make test passkeys and delete them", || credentials(bench, &facts, &pin, tried))?;
    journal.step("try PINs on the sample, change its PIN and change it back", || {
        let tried = &mut tried.pin;
        pins::wrong(bench, &pin, tried)?;
        tried.short = pins::short(bench, &pin)?;
        tried.changed = pins::change(bench, &pin)?;
        tried.forced = pins::force(bench, &pin)?;
        tried.locked = pins::lock(bench, &pin, &tried.wrong)?;
        Ok(())
    })?;
    ending::unplug(bench, &facts, tried)?;
    let second = ending::second(bench, &facts, &pin)?;
    tried.pin.raised = journal.step("have the sample want longer PINs", || pins::raise(bench, &pin))?;
    ending::erase(bench, journal, &facts, tried)?;
    Ok((facts, second))
}

/// What can be tried of a key that has no PIN and cannot have one: it is not fit in any case.
fn without_pin(
    bench: &mut Bench<'_>,
    tried: &mut Tried,
    why: &'static str,
) -> Result<(Facts, Second), Error> {
    bench.begun = true;
    let facts = exercise(bench, None)?;
    transport::echo(bench, tried)?;
    bench.end(why);
    Ok((facts, Second::Skipped(WhyNot::NoPin)))
}

/// What is about to be done, before any of it costs a touch or an attempt.
fn announce(bench: &Bench<'_>) -> String {
    let touches = touches(bench);
    let replug = if bench.can_replug() { ", and unplug it" } else { "" };
    format!(
        "{}: you will touch the key about {touches} times{replug}. Up to four wrong PINs are tried on purpose, three of \
         them in a row; the right one brings the attempts back. {MANY} test passkeys are made and deleted.",
        escape(&bench.found.path)
    )
}

/// How often the key is to be touched: for the test registration and its use with and without the PIN, each algorithm
/// and the choice, the passkeys and what they are asked, extensions, and the reset at the end.
fn touches(bench: &Bench<'_>) -> usize {
    let info = &bench.info;
    let algorithms = info.algorithms.as_ref().map_or(1, Vec::len);
    let passkeys = if info.option("rk") == Some(true) { MANY.saturating_add(2) } else { 0 };
    [
        3,
        algorithms,
        usize::from(algorithms > 1),
        passkeys,
        usize::from(info.extends("credProtect")),
        2_usize.saturating_mul(usize::from(info.extends("hmac-secret"))),
        usize::from(bench.erasable),
    ]
    .iter()
    .sum()
}

/// What a check does: the test registration and the test assertion.
fn exercise(bench: &mut Bench<'_>, pin: Option<&Pin>) -> Result<Facts, Error> {
    let mut facts = look(&bench.found, &mut bench.session)?;
    facts.info.pin_uv_auth_protocols.clone_from(&bench.info.pin_uv_auth_protocols);
    let pin = pin.map(|pin| Ok::<_, Error>((bench.permit()?, pin))).transpose()?;
    let (rp, register, assert) = (RelyingParty::custody(), World::challenge()?, World::challenge()?);
    let steps = Exercise { rp, register, assert, exclude: Vec::new(), custody: None, passkeys: None };
    facts::exercise(&mut bench.session, &mut facts, pin, steps)?;
    if matches!((&facts.registration, &facts.assertion), (Step::NotTouched(_), _) | (_, Step::NotTouched(_)))
    {
        bench.end("nobody touched the key before");
    } else if facts.registration.broke() || facts.assertion.broke() {
        // One that makes no sense of one thing may make sense of the next; one that is gone does not.
        if bench.session.info().is_err() {
            bench.lost = true;
            bench.end("the key fell silent or was lost before");
        }
    }
    Ok(facts)
}

/// All that needs one token after another: algorithms, credentials, and the cancel.
fn credentials(bench: &mut Bench<'_>, facts: &Facts, pin: &Pin, tried: &mut Tried) -> Result<(), Error> {
    let custody = RelyingParty::custody();
    let proven = bench.attempt(|bench| bench.prove(pin, Permissions::MAKE_CREDENTIAL, Some(&custody)))?;
    let mut authority = match onboard::tried::done::<_, ()>(proven) {
        Ok(authority) => authority,
        Err(_) => return Ok(()),
    };
    protocols::algorithms(bench, &mut authority, tried)?;
    tried.credentials = credentials::Trial::new(bench, &mut authority, facts).run()?;
    transport::cancel(bench, &mut authority, tried)
}

#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "onboard/tests.rs"]
mod tests;
