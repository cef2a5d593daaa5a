//! `check`: look at each key, ask for its PIN, have it register and sign, judge.

mod candidate;
mod report;

use std::sync::Mutex;

pub(super) use candidate::Candidate;
use candidate::Owned;
pub(super) use report::Judged;

use super::World;
use super::record::{self, Known};
use crate::catalogue::Catalogue;
use crate::cli::{Check as Arguments, PinGuard};
use crate::ctap::client_pin::Retries;
use crate::ctap::pin::Pin;
use crate::ctap::protocol::Protocol;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::credentials::PasskeyLook;
use crate::facts::{self, Exercise, Facts, Step, look};
use crate::key::authority::Authority;
use crate::key::conversation::OnWait;
use crate::key::found::Found;
use crate::key::guard::{Guard, Permit, PinRefusal};
use crate::key::session::{KeyError, Session};
use crate::ledger::{Inventory, Writer};
use crate::plan::Plan;
use crate::policy::PolicySet;
use crate::second::program::Program;
use crate::second::trial::Bench;
use crate::second::{self, Leave, Second, WhyNot};
use crate::term::escape::escape;
use crate::term::progress::Progress;
use crate::verdict::evidence::Evidence;
use crate::verdict::finding::Id;
use crate::verdict::identity::Diversity;
use crate::verdict::{Case, judge};
use crate::webauthn::client_data::Challenge;
use crate::webauthn::relying_party::RelyingParty;

/// What stands fixed before a key is touched.
pub(super) struct Check<'a> {
    pub(super) world: &'a World,
    pub(super) arguments: &'a Arguments,
    pub(super) plan: Option<Plan>,
    pub(super) policy: Option<PolicySet>,
    pub(super) catalogue: Catalogue,
    /// Where there is one and it is not left out. One receipt is signed at a time.
    pub(super) ledger: Option<Mutex<Writer>>,
    /// The enrolled keys as they were when the check began.
    pub(super) inventory: Option<Inventory>,
    /// The label by which the key was named, if it was.
    pub(super) label: Option<String>,
    /// The drill that the check is a part of.
    pub(super) drill: Option<u64>,
}

pub(super) fn check(world: &World, arguments: &Arguments) -> Result<Exit, Error> {
    // All that can be wrong without a key is found before one is touched.
    let plan = world.plan_if_any()?;
    let (files, profile) = match &plan {
        Some(plan) if arguments.policy.is_empty() => (plan.policy_files(), plan.profile()),
        _ => (arguments.policy.clone(), arguments.profile.as_deref()),
    };
    let policy = if files.is_empty() { None } else { Some(PolicySet::load(&files, profile)?) };
    let catalogue = plan.as_ref().map_or_else(|| world.catalogue(), |plan| world.catalogue_of(plan))?;
    let ledger = if arguments.no_record { None } else { world.writer_if_any()? };
    // What is not recorded is recognised all the same.
    let inventory = match &ledger {
        Some(writer) => Some(writer.inventory().clone()),
        None => world.ledger_if_any()?.map(|ledger| ledger.inventory().clone()),
    };
    let named = world.label(inventory.as_ref());
    let check = Check {
        world,
        arguments,
        plan,
        policy,
        catalogue,
        ledger: ledger.map(Mutex::new),
        inventory,
        label: named,
        drill: None,
    };
    let keys = if arguments.all { all(world)? } else { vec![check.one()?] };
    let progress = world.progress();
    let candidates = each(&keys, |found| check.see(found, name(&keys, found), &progress));
    let candidates: Vec<_> = candidates
        .into_iter()
        .map(|candidate| candidate.and_then(|candidate| check.with_pin(candidate)))
        .collect();
    let judged = each(keys.iter().zip(candidates), |(found, candidate)| {
        check.finish(found, candidate?, || {
            progress.follow(&name(&keys, found), "the second client is working")
        })
    });
    report::report(world, arguments.all, &check.catalogue, &keys, judged)
}

impl Check<'_> {
    /// The one key that is meant; a label means the key that answers to its custody credential.
    fn one(&self) -> Result<Found, Error> {
        let Some((label, inventory)) = self.label.as_ref().zip(self.inventory.as_ref()) else {
            return self.world.one();
        };
        let keys = all(self.world)?;
        if let [only] = keys.as_slice() {
            return Ok(only.clone());
        }
        let progress = self.world.progress();
        let answers = each(&keys, |found| {
            let mut session = self.world.open(found, &progress, "", "asking the key who it is")?;
            let facts = look(found, &mut session)?;
            let known = record::recognise(&mut session, &facts.info, inventory)?;
            Ok(matches!(known, Known::As(key) if key.label == *label).then(|| found.clone()))
        });
        answers
            .into_iter()
            .find_map(|answer| answer.ok().flatten())
            .ok_or_else(|| Error::NoSuchKey(label.clone()))
    }

    /// What the key tells without a PIN and a touch, and which enrolled key it answers as.
    pub(super) fn see(&self, found: &Found, name: String, progress: &Progress) -> Result<Candidate, Error> {
        let mut session = self.world.open(found, progress, &name, "the key is working")?;
        let facts = look(found, &mut session)?;
        let identity = self.identify(&mut session, &facts)?;
        Ok(Candidate { session, facts, identity, pin: None })
    }

    fn identify(&self, session: &mut Session, facts: &Facts) -> Result<Owned, Error> {
        let Some(inventory) = &self.inventory else { return Ok(Owned::NoLedger) };
        let known = record::recognise(session, &facts.info, inventory)?;
        Ok(match (known, &self.label) {
            (Known::As(key), Some(label)) if key.label != *label => Owned::NotAsNamed(label.clone()),
            (Known::As(key), _) => Owned::Enrolled(Box::new(record::enrolled(key, facts))),
            (Known::AsNone, Some(label)) => Owned::NotAsNamed(label.clone()),
            (Known::AsNone, None) => {
                let like = inventory.keys().iter().filter(|key| key.aaguid == facts.info.aaguid);
                Owned::Stranger(like.map(|key| key.label.clone()).collect())
            }
            (Known::CannotTell, _) => Owned::CannotTell,
        })
    }

    /// Asks for the PIN where one is set and may be tried.
    pub(super) fn with_pin(&self, mut candidate: Candidate) -> Result<Candidate, Error> {
        let facts = &candidate.facts;
        let wanted = !self.arguments.no_touch && facts.info.force_pin_change != Some(true);
        if let Some(retries) = facts.retries.filter(|_| wanted) {
            let guard = guard_of(self.arguments.pin, self.plan.as_ref());
            let permit = guard.permit(retries).map_err(KeyError::Pin)?;
            candidate.pin = Some((permit, ask_pin(self.world, facts)?));
        }
        Ok(candidate)
    }

    /// Has the key register and sign, judges it, and records the check of an enrolled key.
    pub(super) fn finish(
        &self,
        found: &Found,
        candidate: Candidate,
        on_wait: impl FnOnce() -> OnWait,
    ) -> Result<Judged, Error> {
        let Candidate { mut session, mut facts, identity, pin } = candidate;
        let (permit, pin) = pin.unzip();
        let authority = self.exercise(&mut session, &mut facts, permit.zip(pin.as_ref()), &identity)?;
        // One exchange more than a check needs: only a drill asks.
        if let Some(protocol) = facts.info.protocol().filter(|_| self.drill.is_some() && facts.pin_proven) {
            facts.retries_after = session.retries(protocol).ok();
        }
        let (second, session) = match self.may_try_second(&facts) {
            Err(why) => (Second::Skipped(why), Some((session, authority))),
            Ok(protocol) => {
                // Ours ends here: the other client wants the key to itself.
                let now = session.retries(protocol)?;
                drop((session, authority));
                (self.second(found, &facts, now, pin.as_ref(), on_wait())?, None)
            }
        };
        let case = Case {
            facts: &facts,
            catalogue: &self.catalogue,
            policy: self.policy.as_ref(),
            second: Some(&second),
            rp: Some(&self.rp(&identity)),
            identity: identity.as_identity(),
            diversity: Diversity::NotAsked,
            user: self.user(&identity),
            now: self.world.now,
        };
        let (verdict, mut broke) = (judge(&case), Evidence::broke(&case));
        // Another key in the place of an enrolled one is recorded as a check of that one, which it has not signed.
        let label = match &identity {
            Owned::Enrolled(key) => Some(&key.label),
            Owned::NotAsNamed(label) => Some(label),
            Owned::NoLedger | Owned::Stranger(_) | Owned::CannotTell => None,
        };
        let event = match (&self.ledger, label, session) {
            (Some(ledger), Some(label), Some((mut session, authority))) => {
                let mut writer = ledger.lock().map_err(|_| Error::Bug)?;
                // Only a key that has just proven itself is asked for its signature.
                let proven = matches!(identity, Owned::Enrolled(_)) && verdict.passed(Id::TestAssertion);
                let authority = authority.filter(|_| proven);
                let recorded = record::checked(
                    &mut writer,
                    &mut session,
                    authority,
                    label,
                    &facts,
                    &verdict,
                    self.drill,
                )?;
                if let Some(error) = &recorded.unsigned {
                    let why = escape(&error.to_string());
                    self.world
                        .term
                        .complain(&format!("{}: the key did not sign the record: {why}", escape(label)));
                    broke = true;
                }
                Some((recorded.event.seq, recorded.event.hash))
            }
            _ => None,
        };
        Ok(Judged { facts, verdict, broke, event })
    }

    /// Whether the second client may be tried.
    fn may_try_second(&self, facts: &Facts) -> Result<Protocol, WhyNot> {
        if !second::in_this_build() {
            return Err(WhyNot::NotInBuild);
        } else if !self.arguments.wants_second_client() {
            return Err(WhyNot::NotAsked);
        }
        second::leave::may_try(facts)?;
        facts.info.protocol().ok_or(WhyNot::PinNotProven)
    }

    /// Has the second client do what ours has done, where the attempts left allow it.
    fn second(
        &self,
        found: &Found,
        facts: &Facts,
        now: Retries,
        pin: Option<&Pin>,
        on_wait: OnWait,
    ) -> Result<Second, Error> {
        let leave = match Leave::ask(facts, now, guard_of(self.arguments.pin, self.plan.as_ref())) {
            Ok(leave) => leave,
            Err(why) => return Ok(Second::Skipped(why)),
        };
        let (program, patience) = (Program::this()?, self.world.patience());
        let (bus, cancel) = (self.world.bus.as_ref(), &self.world.cancel);
        let bench = Bench { program: &program, bus, found, patience, cancel };
        let pin = pin.ok_or(KeyError::Pin(PinRefusal::NotSet))?;
        let (rp, register, assert) = (RelyingParty::custody(), challenge()?, challenge()?);
        let steps = Exercise { rp, register, assert, exclude: Vec::new(), custody: None, passkeys: None };
        Ok(Second::Tried(Box::new(second::try_key(&bench, leave, pin, &steps, on_wait)?)))
    }

    /// The user name of the account that the key is for.
    fn user(&self, identity: &Owned) -> Option<&str> {
        let Owned::Enrolled(key) = identity else { return None };
        Some(self.plan.as_ref()?.account(&key.account)?.upn.as_str())
    }

    /// The relying party of the custody credential, else the plan's, else the usual one.
    fn rp(&self, identity: &Owned) -> RelyingParty {
        let enrolled = match (identity, &self.inventory) {
            (Owned::Enrolled(key), Some(inventory)) => inventory.key_by_credential(&key.credential.id),
            _ => None,
        };
        match (enrolled, &self.plan) {
            (Some(key), _) => key.signer.rp.clone(),
            (None, Some(plan)) => plan.custody(),
            (None, None) => RelyingParty::custody(),
        }
    }

    fn exercise<'p>(
        &self,
        session: &mut Session,
        facts: &mut Facts,
        pin: Option<(Permit, &'p Pin)>,
        identity: &Owned,
    ) -> Result<Option<Authority<'p>>, Error> {
        let why_not = if self.arguments.no_touch {
            Some("--no-touch was given")
        } else if facts.info.force_pin_change == Some(true) {
            Some("the key demands a new PIN first")
        } else if facts.pin_set == Some(true) && pin.is_none() {
            Some("the key has no PIN protocol that is known here")
        } else {
            None
        };
        if let Some(why) = why_not {
            (facts.registration, facts.assertion) = (Step::Skipped(why), Step::Skipped(why));
            (facts.credentials, facts.entra) = (Step::Skipped(why), Step::Skipped(why));
            return Ok(None);
        }
        let passkeys = match self.arguments.no_passkeys {
            true => None,
            false => {
                Some(PasskeyLook { challenge: challenge()?, user: self.user(identity).map(str::to_owned) })
            }
        };
        let custody = match identity {
            Owned::Enrolled(key) => Some(key.credential.id.clone()),
            _ => None,
        };
        let (rp, register, assert) = (self.rp(identity), challenge()?, challenge()?);
        let steps = Exercise { rp, register, assert, exclude: Vec::new(), custody, passkeys };
        let authority = facts::exercise(session, facts, pin, steps)?;
        if self.arguments.no_passkeys {
            let why = "--no-passkeys was given";
            (facts.credentials, facts.entra) = (Step::Skipped(why), Step::Skipped(why));
        }
        Ok(authority)
    }
}

/// The guard, with the plan's floor.
pub(super) fn guard_of(typed: PinGuard, plan: Option<&Plan>) -> Guard {
    let guard = Guard::from(typed);
    Guard { floor: plan.map_or(guard.floor, |plan| u64::from(*plan.rules.pin_retries_floor)), ..guard }
}

/// Shows the attempts left, and asks for the PIN: one prompt, one attempt.
pub(super) fn ask_pin(world: &World, facts: &Facts) -> Result<Pin, Error> {
    if let Some(retries) = facts.retries {
        world.term.complain(&format!("{}: {} PIN attempts left", escape(&facts.path), retries.left));
    }
    let prompt = format!("PIN of {} ({}): ", escape(&facts.product), escape(&facts.path));
    Ok(Pin::parse(world.pins.read(&prompt)?)?)
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

pub(super) fn challenge() -> Result<Challenge, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| KeyError::Random)?;
    Ok(Challenge::new(bytes))
}
