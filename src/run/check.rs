//! `check`: look at each key, ask for its PIN, have it register and sign, judge.

mod all;
mod ask;
mod desk;
mod identity;
mod report;
mod roll;
mod second_client;
mod watch;

use std::sync::{Arc, Mutex};

pub(super) use ask::{ask_pin, guard_of, tell_left};
use identity::Who;
pub(super) use report::{Judged, NotKept};
use roll::Place;
pub(super) use second_client::try_second;

use super::World;
use super::named::{self, Named, name};
use super::record::{self, Known};
use super::world::Access;
use crate::catalogue::Catalogue;
use crate::cli::Check as Arguments;
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::credentials::PasskeyLook;
use crate::facts::{self, Exercise, Facts, Step, look};
use crate::key::authority::Authority;
use crate::key::conversation::OnWait;
use crate::key::found::Found;
use crate::key::guard::Permit;
use crate::key::session::{KeyError, Session};
use crate::key::talk_error::TalkError;
use crate::ledger::{Event, Inventory};
use crate::plan::Plan;
use crate::policy::{PolicyError, PolicySet};
use crate::second::Second;
use crate::term::escape::escape;
use crate::verdict::evidence::Evidence;
use crate::verdict::finding::Id;
use crate::verdict::{Case, Verdict, judge};

/// One key on its way through the check.
pub(super) struct Candidate {
    session: Session,
    facts: Facts,
    who: Who,
    pin: Option<(Permit, Pin)>,
    /// Among several that are looked at.
    place: Option<Place>,
}

impl Candidate {
    /// Whether a PIN was asked for.
    pub(super) fn has_pin(&self) -> bool {
        self.pin.is_some()
    }

    /// Whether it answered as the enrolled key that it is taken for.
    pub(super) fn answered(&self) -> bool {
        self.who.enrolled().is_some_and(|key| key.answered)
    }

    /// The label of the enrolled key that it is taken for; not proven yet.
    pub(super) fn is(&self) -> Option<&str> {
        self.who.enrolled().map(|key| key.label.as_str())
    }

    /// Takes its place among the keys that are looked at.
    fn among(mut self, place: Place) -> Self {
        let answered = self.who.enrolled().filter(|key| key.answered);
        place.tells(answered.map(|key| key.credential.id.clone()));
        self.who.beside(Some(&place));
        Self { place: Some(place), ..self }
    }
}

/// What stands fixed before a key is touched.
#[derive(Clone)]
pub(super) struct Check<'a> {
    pub(super) world: &'a World,
    pub(super) arguments: &'a Arguments,
    pub(super) plan: Option<Arc<Plan>>,
    pub(super) policy: Option<Arc<PolicySet>>,
    pub(super) catalogue: Arc<Catalogue>,
    /// Where there is one. One receipt is signed at a time.
    pub(super) ledger: Option<Arc<Mutex<Access>>>,
    /// The enrolled keys as they were when the check began.
    pub(super) inventory: Option<Inventory>,
    /// Why the ledger cannot be relied on, where nothing is to be recorded in it.
    pub(super) unreadable: Option<String>,
    /// The label by which the key was named, if it was, as it is now.
    pub(super) label: Option<String>,
    /// The account for which the key was named, if it was, as the plan writes it.
    pub(super) account: Option<String>,
    /// The drill that the check is a part of.
    pub(super) drill: Option<u64>,
}

pub(super) fn check(world: &World, arguments: &Arguments) -> Result<Exit, Error> {
    // All that can be wrong without a key is found before one is touched.
    let mut check = Check::prepare(world, arguments)?;
    if arguments.watch {
        check.open_ledger(&[])?;
        return watch::watch(&check);
    }
    let keys = world.plugged()?;
    check.open_ledger(&keys)?;
    if arguments.all {
        return all::all(&check, &keys);
    }
    let found = check.one(&keys)?;
    let (name, progress) = (name(&keys, &found), world.progress());
    let session = world.open(&found, &progress, &name, "the key is working")?;
    let candidate = check.with_pin(check.see(&found, session)?, |facts| ask_pin(world, facts))?;
    let wait = || progress.follow(&name, "the second client is working");
    report::one(world, &check.catalogue, check.finish(&found, candidate, wait)?)
}

/// The ledger, where there is one: what is not recorded is recognised all the same. One that is broken is no reason not
/// to look at a key, if that is asked for, unless the key is named by what only the ledger knows.
fn ledger(
    world: &World,
    arguments: &Arguments,
    keys: &[Found],
) -> Result<(Option<Access>, Option<String>), Error> {
    match world.access_if_any(!arguments.no_record) {
        Err(Error::Ledger(broken)) if arguments.no_record && broken.is_the_record() => {
            match world.named(keys)? {
                Some(Named::Label(_)) => Err(broken.into()),
                Some(Named::Key(_)) | None => Ok((None, Some(broken.to_string()))),
            }
        }
        ledger => Ok((ledger?, None)),
    }
}

impl<'a> Check<'a> {
    /// What files and arguments say; the ledger is opened later.
    fn prepare(world: &'a World, arguments: &'a Arguments) -> Result<Self, Error> {
        let plan = match &arguments.account {
            Some(_) => Some(world.plan()?),
            None => world.rules_if_any()?,
        };
        let account = match (&plan, &arguments.account) {
            (Some(plan), Some(name)) => {
                let account = plan.account(name).ok_or_else(|| Error::UnknownAccount(name.clone()))?;
                Some(account.name.as_str().to_owned())
            }
            _ => None,
        };
        let named = arguments.profile.as_deref();
        let (files, profile) = match &plan {
            Some(plan) if arguments.policy.is_empty() => (plan.policy_files(), named.or(plan.profile())),
            _ => (arguments.policy.clone(), named),
        };
        let policy = match (files.as_slice(), profile) {
            ([], None) => None,
            ([], Some(wanted)) => return Err(PolicyError::NoProfiles { wanted: wanted.to_owned() }.into()),
            (files, profile) => Some(Arc::new(PolicySet::load(files, profile)?)),
        };
        let catalogue = Arc::new(world.catalogue_of(plan.as_ref())?);
        world.heed(&catalogue);
        Ok(Self {
            world,
            arguments,
            plan: plan.map(Arc::new),
            policy,
            catalogue,
            ledger: None,
            inventory: None,
            unreadable: None,
            label: None,
            account,
            drill: None,
        })
    }

    fn open_ledger(&mut self, keys: &[Found]) -> Result<(), Error> {
        let (ledger, unreadable) = ledger(self.world, self.arguments, keys)?;
        if let (Some(plan), Some(Access::Write(writer))) = (&self.plan, &ledger) {
            plan.belongs_to(writer.inventory().organisation())?;
        }
        self.inventory = ledger.as_ref().map(|ledger| ledger.ledger().inventory().clone());
        (self.ledger, self.unreadable) = (ledger.map(|ledger| Arc::new(Mutex::new(ledger))), unreadable);
        Ok(())
    }

    /// The one key that is meant. A label means the key that answers to its custody credential; if only one key is there,
    /// it is that one that is judged by the label; so is the only one of several that does not tell.
    fn one(&mut self, keys: &[Found]) -> Result<Found, Error> {
        let label = match self.world.named(keys)? {
            None => return self.world.only(keys),
            Some(Named::Key(found)) => return Ok(found),
            Some(Named::Label(label)) => label,
        };
        let (inventory, key) = named::enrolled(keys, label, self.inventory.as_ref())?;
        self.label = Some(key.label.clone());
        if let [only] = keys {
            return Ok(only.clone());
        }
        let answers = named::roll_call(self.world, keys, inventory, false);
        let silent = keys.iter().zip(&answers).filter(|(_, answer)| matches!(answer, Ok(Known::CannotTell)));
        let silent: Vec<Found> = silent.map(|(found, _)| found.clone()).collect();
        match (named::by_label(answers, keys, key), silent.as_slice()) {
            (Err(Error::NoSuchKey { .. }), [one]) => Ok(one.clone()),
            (found, _) => found,
        }
    }

    /// What the key tells without a PIN and a touch, and which enrolled key it is taken for.
    pub(super) fn see(&self, found: &Found, mut session: Session) -> Result<Candidate, Error> {
        let facts = look(found, &mut session)?;
        let who = self.identify(&mut session, &facts)?;
        if let Some((label, inventory)) = who.label().zip(self.inventory.as_ref()) {
            let open = inventory.pending().filter(|pending| record::about(inventory, pending, label));
            record::tell_pending(self.world, open);
        }
        Ok(Candidate { session, facts, who, pin: None, place: None })
    }

    /// Asks for the PIN where one is set and may be tried; not of a key that is not the one that is meant.
    pub(super) fn with_pin(
        &self,
        mut candidate: Candidate,
        ask: impl FnOnce(&Facts) -> Result<Pin, Error>,
    ) -> Result<Candidate, Error> {
        let facts = &candidate.facts;
        let wanted = self.why_not_tried(facts, &candidate.who).is_none();
        if let Some(retries) = facts.retries.filter(|_| wanted) {
            let guard = guard_of(self.arguments.pin, self.plan.as_deref());
            let permit = guard.permit(retries).map_err(KeyError::Pin)?;
            candidate.pin = Some((permit, ask(facts)?));
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
        let Candidate { mut session, mut facts, mut who, pin, place } = candidate;
        let (permit, pin) = pin.unzip();
        who.beside(place.as_ref());
        let authority = self.exercise(&mut session, &mut facts, permit.zip(pin.as_ref()), &who)?;
        // One exchange more than a check needs: only a drill asks.
        if let Some(protocol) = facts.info.protocol().filter(|_| self.drill.is_some() && facts.pin_proven) {
            facts.retries_after = session.retries(protocol).ok();
        }
        let (second, session) = match self.may_try_second(&facts) {
            Err(why) => (Second::Skipped(why), Some((session, authority))),
            Ok(protocol) => {
                let now = session.retries(protocol);
                // Ours ends here: the other client wants the key to itself.
                drop((session, authority));
                let second = match now {
                    Ok(now) => self.second(found, &facts, now, pin.as_ref(), on_wait())?,
                    Err(interrupted @ KeyError::Talk(TalkError::Interrupted)) => {
                        return Err(interrupted.into());
                    }
                    // What our own client has found by now is kept.
                    Err(error) => Second::Unread(error.to_string()),
                };
                (second, None)
            }
        };
        // Another one may have come since the key was asked.
        who.beside(place.as_ref());
        let diversity = self.diversity(&who, &facts);
        let case = Case {
            facts: &facts,
            catalogue: &self.catalogue,
            policy: self.policy.as_deref(),
            second: Some(&second),
            rp: Some(&self.rp(&who)),
            identity: who.identity(),
            diversity: diversity.as_diversity(),
            user: self.user(&who),
            drill: self.drill.is_some(),
            now: self.world.now,
        };
        let (verdict, broke) = (judge(&case), Evidence::broke(&case));
        let (event, not_kept) = self.keep(&who, &facts, &verdict, session);
        let (enrolled, is) = (who.document(), who.words());
        Ok(Judged { enrolled, is, facts, verdict, broke, event, not_kept })
    }

    /// Records the check of an enrolled key; what cannot be recorded is told with the verdict.
    fn keep(
        &self,
        who: &Who,
        facts: &Facts,
        verdict: &Verdict,
        session: Option<(Session, Option<Authority<'_>>)>,
    ) -> (Option<Event>, Option<NotKept>) {
        let (Some(ledger), Some((mut session, authority))) = (&self.ledger, session) else {
            return (None, None);
        };
        let Some(label) = who.label() else {
            if let Who::NotOfAccount { account, is: Some(is) } = who {
                let told = format!("{}: not recorded: it is {is}, and was judged for {account}", facts.path);
                self.world.term.complain(&escape(&told));
            }
            return (None, None);
        };
        let Ok(mut ledger) = ledger.lock() else { return (None, Some(NotKept::AtAll(Error::Bug))) };
        let Access::Write(writer) = &mut *ledger else { return (None, None) };
        // Only a key that has just proven itself is asked for its signature.
        let proven = who.enrolled().is_some() && !who.is_another() && verdict.passed(Id::TestAssertion);
        let authority = authority.filter(|_| proven);
        let look = record::Look { label, facts, verdict, changes: who.changes().to_vec(), drill: self.drill };
        match record::checked(self.world, writer, &mut session, authority, look) {
            Err(error) => (None, Some(NotKept::AtAll(error))),
            Ok(recorded) => {
                record::tell_unsigned(self.world, label, &recorded);
                (Some(recorded.event), recorded.unsigned.map(NotKept::Signed))
            }
        }
    }

    /// Why the key is asked neither for its PIN nor for a touch.
    fn why_not_tried(&self, facts: &Facts, who: &Who) -> Option<&'static str> {
        if who.is_another() {
            Some(if who.enrolled().is_some() { TWIN } else { "it is not the key that is meant" })
        } else if self.arguments.no_touch {
            Some("--no-touch was given")
        } else if facts.info.force_pin_change == Some(true) {
            Some("the key demands a new PIN first")
        } else if self.drill.is_none() && facts.retries.is_some_and(|retries| retries.left == 0) {
            // Known before anybody typed: it says something of the key. A drill writes it down in its own way.
            Some("its PIN is blocked")
        } else {
            None
        }
    }

    fn exercise<'p>(
        &self,
        session: &mut Session,
        facts: &mut Facts,
        pin: Option<(Permit, &'p Pin)>,
        who: &Who,
    ) -> Result<Option<Authority<'p>>, Error> {
        let no_pin = match facts.info.protocol() {
            None => "the key has no PIN protocol that is known here",
            Some(_) => "it was asked for no PIN",
        };
        let without = (facts.pin_set == Some(true) && pin.is_none()).then_some(no_pin);
        if let Some(why) = self.why_not_tried(facts, who).or(without) {
            (facts.registration, facts.assertion) = (Step::Skipped(why), Step::Skipped(why));
            (facts.credentials, facts.entra) = (Step::Skipped(why), Step::Skipped(why));
            return Ok(None);
        }
        let passkeys = match self.arguments.no_passkeys {
            true => None,
            false => {
                Some(PasskeyLook { challenge: World::challenge()?, user: self.user(who).map(str::to_owned) })
            }
        };
        let custody = who.enrolled().map(|key| key.credential.id.clone());
        let (rp, register, assert) = (self.rp(who), World::challenge()?, World::challenge()?);
        let steps = Exercise { rp, register, assert, exclude: Vec::new(), custody, passkeys };
        let authority = facts::exercise(session, facts, pin, steps)?;
        if self.arguments.no_passkeys {
            let why = "--no-passkeys was given";
            (facts.credentials, facts.entra) = (Step::Skipped(why), Step::Skipped(why));
        }
        Ok(authority)
    }
}

/// Why nothing is tried of a key and its copy.
const TWIN: &str = "another key answers as the same one";
