//! `check`: look at each key, ask for its PIN, have it register and sign, judge.

use serde_json::{Value, json};

use super::World;
use crate::catalogue::Catalogue;
use crate::cli::Check;
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::{self, Exercise, Facts, Step, look};
use crate::key::found::Found;
use crate::key::guard::{Guard, Permit, PinRefusal};
use crate::key::session::{KeyError, Session};
use crate::policy::PolicySet;
use crate::second::program::Program;
use crate::second::trial::Bench;
use crate::second::{self, Leave, Second, WhyNot};
use crate::term::escape::escape;
use crate::term::progress::Progress;
use crate::term::show;
use crate::verdict::evidence::Evidence;
use crate::verdict::{Case, Outcome, Verdict, judge};
use crate::webauthn::client_data::Challenge;
use crate::webauthn::relying_party::RelyingParty;

/// One key on its way through the check.
struct Candidate {
    session: Session,
    facts: Facts,
    pin: Option<(Permit, Pin)>,
}

pub(super) fn check(world: &World, arguments: &Check) -> Result<Exit, Error> {
    // All that can be wrong without a key is found before one is touched.
    let policy = match arguments.policy.as_slice() {
        [] => None,
        files => Some(PolicySet::load(files, arguments.profile.as_deref())?),
    };
    let catalogue = world.catalogue()?;
    let keys = if arguments.all { all(world)? } else { vec![world.one()?] };
    let progress = world.progress();
    let candidates = each(&keys, |found| see(world, found, name(&keys, found), &progress));
    let candidates: Vec<_> = candidates
        .into_iter()
        .map(|candidate| candidate.and_then(|candidate| ask_pin(world, arguments, candidate)))
        .collect();
    let checked = each(keys.iter().zip(candidates), |(found, candidate)| {
        exercise(world, arguments, candidate?, found, name(&keys, found), &progress)
    });
    let judged = checked.into_iter().map(|checked| {
        let (facts, second) = checked?;
        let case = Case {
            facts: &facts,
            catalogue: &catalogue,
            policy: policy.as_ref(),
            second: &second,
            now: world.now,
        };
        Ok(Judged { verdict: judge(&case), broke: Evidence::broke(&case), facts })
    });
    report(world, arguments.all, &catalogue, &keys, judged.collect())
}

struct Judged {
    facts: Facts,
    verdict: Verdict,
    broke: bool,
}

impl Judged {
    fn exit(&self) -> Exit {
        match self.verdict.outcome {
            _ if self.broke => Exit::Misbehaved,
            Outcome::Fit | Outcome::FitWithWarnings => Exit::Yes,
            Outcome::NotFit => Exit::No,
        }
    }

    fn document(&self) -> Value {
        json!({
            "schema": "glasskey.check/1",
            "verdict": self.verdict.outcome,
            "key": self.facts,
            "findings": self.verdict.findings,
            "event": null,
        })
    }
}

fn all(world: &World) -> Result<Vec<Found>, Error> {
    let keys: Vec<_> = world.keys()?.into_iter().map(|(_, found)| found).collect();
    if keys.is_empty() { Err(Error::NoKey) } else { Ok(keys) }
}

/// Tells keys apart on the screen where there are several.
fn name(keys: &[Found], found: &Found) -> String {
    if keys.len() > 1 { escape(&found.path) } else { String::new() }
}

/// Does something with each item in a thread of its own, so that a dead key costs the others nothing.
fn each<T: Send, R: Send>(
    items: impl IntoIterator<Item = T>,
    does: impl Fn(T) -> Result<R, Error> + Sync,
) -> Vec<Result<R, Error>> {
    std::thread::scope(|scope| {
        let does = &does;
        let threads: Vec<_> = items.into_iter().map(|item| scope.spawn(move || does(item))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Err(Error::Bug))).collect()
    })
}

fn see(world: &World, found: &Found, name: String, progress: &Progress) -> Result<Candidate, Error> {
    let mut session = world.open(found, progress, &name, "the key is working")?;
    let facts = look(found, &mut session)?;
    Ok(Candidate { session, facts, pin: None })
}

/// Asks for the PIN where one is set and may be tried. Retries are shown first; one prompt, one attempt.
fn ask_pin(world: &World, arguments: &Check, mut candidate: Candidate) -> Result<Candidate, Error> {
    let facts = &candidate.facts;
    let wanted = !arguments.no_touch && facts.info.force_pin_change != Some(true);
    if let Some(retries) = facts.retries.filter(|_| wanted) {
        let permit = Guard::from(arguments.pin).permit(retries).map_err(KeyError::Pin)?;
        world.term.note(&format!("{}: {} PIN attempts left", escape(&facts.path), retries.left));
        let prompt = format!("PIN of {} ({}): ", escape(&facts.product), escape(&facts.path));
        candidate.pin = Some((permit, Pin::parse(world.pins.read(&prompt)?)?));
    }
    Ok(candidate)
}

fn exercise(
    world: &World,
    arguments: &Check,
    candidate: Candidate,
    found: &Found,
    name: String,
    progress: &Progress,
) -> Result<(Facts, Second), Error> {
    let Candidate { mut session, mut facts, pin } = candidate;
    let why_not = if arguments.no_touch {
        Some("--no-touch was given")
    } else if facts.info.force_pin_change == Some(true) {
        Some("the key demands a new PIN first")
    } else if facts.pin_set == Some(true) && pin.is_none() {
        Some("the key has no PIN protocol that is known here")
    } else {
        None
    };
    let (permit, pin) = pin.unzip();
    if let Some(why) = why_not {
        (facts.registration, facts.assertion) = (Step::Skipped(why), Step::Skipped(why));
    } else {
        facts::exercise(&mut session, &mut facts, permit.zip(pin.as_ref()), steps()?)?;
    }
    let second = match may_try_second(arguments, session, &facts)? {
        Ok(leave) => {
            let (program, patience) = (Program::this()?, world.patience());
            let bench =
                Bench { program: &program, bus: world.bus.as_ref(), found, patience, cancel: &world.cancel };
            let on_wait = progress.follow(&name, "the second client is working");
            let pin = pin.as_ref().ok_or(KeyError::Pin(PinRefusal::NotSet))?;
            Second::Tried(Box::new(second::try_key(&bench, leave, pin, &steps()?, on_wait)?))
        }
        Err(why) => Second::Skipped(why),
    };
    Ok((facts, second))
}

/// Whether the second client may be tried. Reads the attempts left, and closes our own channel to the key.
fn may_try_second(
    arguments: &Check,
    mut session: Session,
    facts: &Facts,
) -> Result<Result<Leave, WhyNot>, Error> {
    if !second::in_this_build() {
        return Ok(Err(WhyNot::NotInBuild));
    } else if !arguments.wants_second_client() {
        return Ok(Err(WhyNot::NotAsked));
    }
    if let Err(why) = second::leave::may_try(facts) {
        return Ok(Err(why));
    }
    let Some(protocol) = facts.info.protocol() else { return Ok(Err(WhyNot::PinNotProven)) };
    let now = session.retries(protocol)?;
    Ok(Leave::ask(facts, now, Guard::from(arguments.pin)))
}

/// What both clients are to do, with challenges of their own.
fn steps() -> Result<Exercise, Error> {
    Ok(Exercise { rp: RelyingParty::custody(), register: challenge()?, assert: challenge()? })
}

fn challenge() -> Result<Challenge, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| KeyError::Random)?;
    Ok(Challenge::new(bytes))
}

fn report(
    world: &World,
    all: bool,
    catalogue: &Catalogue,
    keys: &[Found],
    judged: Vec<Result<Judged, Error>>,
) -> Result<Exit, Error> {
    let exit = |result: &Result<Judged, Error>| result.as_ref().map_or_else(Error::exit, Judged::exit);
    let worst = judged.iter().map(exit).max().unwrap_or(Exit::NoKey);
    if !all {
        for result in judged {
            let judged = result?;
            if world.term.json {
                world.term.document(&judged.document())?;
            } else {
                world.term.out(&show::check(&judged.facts, catalogue, &judged.verdict))?;
            }
        }
        return Ok(worst);
    }
    let mut documents = Vec::new();
    for (found, result) in keys.iter().zip(&judged) {
        match result {
            Ok(judged) if world.term.json => documents.push(judged.document()),
            Ok(judged) => world.term.out(&show::check(&judged.facts, catalogue, &judged.verdict))?,
            Err(error) if world.term.json => documents.push(json!({
                "schema": "glasskey.error/1", "path": found.path,
                "error": { "kind": error.kind(), "message": error.to_string(), "hint": error.hint() },
            })),
            Err(error) => world.term.out(&show::failed(&found.path, error))?,
        }
    }
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.check-all/1", "checks": documents }))?;
    }
    Ok(worst)
}
