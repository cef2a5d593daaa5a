//! `pin status|set|change|verify`: guarded PIN work. What changes the PIN of an enrolled key is recorded, and the key
//! signs it with the new PIN, which so is proven.

use serde_json::json;

use super::World;
use super::book::{self, Book};
use super::check::tell_left;
use super::record::{self, Recorded};
use crate::cli::{Pin as Verb, PinGuard};
use crate::ctap::client_pin::{Permissions, Retries};
use crate::ctap::info::Info;
use crate::ctap::pin::Pin;
use crate::ctap::protocol::Protocol;
use crate::error::Error;
use crate::exit::Exit;
use crate::key::authority::Authority;
use crate::key::found::Found;
use crate::key::guard::{Guard, Permit, PinRefusal};
use crate::key::session::{KeyError, Session};
use crate::ledger::payload::{Payload, PinChanged};
use crate::plan::Plan;
use crate::term::escape::escape;
use crate::term::show;
use crate::verdict::words::counted;

pub(super) fn pin(world: &World, verb: &Verb) -> Result<Exit, Error> {
    let found = world.one()?;
    let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
    let info = session.info()?;
    let protocol = info.protocol().ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
    let book = match verb {
        Verb::Set | Verb::Change(_) => Book::of_key(world, &mut session, &found, &info)?,
        Verb::Status | Verb::Verify(_) => None,
    };
    // The plan has a say in the PINs of enrolled keys.
    let plan = if book.is_some() { world.rules_if_any()? } else { None };
    let mut key = Key { world, found, info, protocol, session: &mut session, book, plan };
    match verb {
        Verb::Status => key.status(),
        Verb::Set => key.set(),
        Verb::Change(guard) => key.change(*guard),
        Verb::Verify(guard) => key.verify(*guard),
    }
}

struct Key<'a> {
    world: &'a World,
    found: Found,
    info: Info,
    protocol: Protocol,
    session: &'a mut Session,
    /// Where the key is enrolled and what changes it is recorded.
    book: Option<Book<'a>>,
    plan: Option<Plan>,
}

impl Key<'_> {
    fn is_set(&self) -> bool {
        self.info.option("clientPin") == Some(true)
    }

    fn status(&mut self) -> Result<Exit, Error> {
        let retries = if self.is_set() { Some(self.session.retries(self.protocol)?) } else { None };
        let words = match retries {
            None => "no PIN is set".to_owned(),
            Some(Retries { left: 0, .. }) => PinRefusal::Blocked.to_string(),
            Some(Retries { left, power_cycle: Some(true) }) => {
                format!("a PIN is set; {} left, after the key has been unplugged", counted(left, "attempt"))
            }
            Some(Retries { left, .. }) => format!("a PIN is set; {} left", counted(left, "attempt")),
        };
        let left = retries.map(|retries| retries.left);
        let exit = self.tell("status", left, &words, None)?;
        if left != Some(0) {
            return Ok(exit);
        }
        if let Some(cure) = Error::from(KeyError::Pin(PinRefusal::Blocked)).hint() {
            self.world.term.complain(&cure);
        }
        Ok(Exit::Pin)
    }

    fn set(&mut self) -> Result<Exit, Error> {
        if self.is_set() {
            return Err(KeyError::Pin(PinRefusal::AlreadySet).into());
        }
        let (new, protocol) = (self.new_pin()?, self.protocol);
        let recorded = self.step("set PIN", &new, |session| {
            let shared = session.agree(protocol)?;
            session.set_pin(&shared, &new)
        })?;
        self.tell("set", None, "the PIN is set", recorded)
    }

    fn change(&mut self, guard: PinGuard) -> Result<Exit, Error> {
        let permit = self.permit(guard)?;
        let current = Pin::parse(self.world.pins.read(&self.prompt("Current PIN"))?)?;
        let (new, protocol) = (self.new_pin()?, self.protocol);
        let recorded = self.step("change PIN", &new, |session| {
            let shared = session.agree(protocol)?;
            session.change_pin(permit, &shared, &current, &new)
        })?;
        self.tell("change", None, "the PIN is changed", recorded)
    }

    /// Gives the key a PIN. An enrolled key is asked to take it at once, and to sign the record with it.
    fn step(
        &mut self,
        step: &str,
        new: &Pin,
        does: impl FnOnce(&mut Session) -> Result<(), KeyError>,
    ) -> Result<Option<Recorded>, Error> {
        let (world, info, protocol) = (self.world, &self.info, self.protocol);
        let rp_id = self.book.as_ref().and_then(Book::rp_id);
        let gives = |session: &mut Session| {
            does(session)?;
            rp_id.map_or(Ok(None), |rp_id| take(world, session, info, protocol, new, &rp_id))
        };
        let (_, recorded) =
            book::step(&mut self.book, step, self.session, gives, |book, session, authority| {
                let payload = Payload::PinChanged(PinChanged { label: book.label().to_owned() });
                book.became(session, authority.take(), payload)
            })?;
        Ok(recorded)
    }

    fn verify(&mut self, guard: PinGuard) -> Result<Exit, Error> {
        if self.info.force_pin_change == Some(true) {
            return Err(KeyError::Pin(PinRefusal::ChangeForced).into());
        }
        let permit = self.permit(guard)?;
        let pin = Pin::parse(self.world.pins.read(&self.prompt("PIN"))?)?;
        // The least that a token can be asked for: one relying party that can never be a real site.
        let (least, rp_id) = (Permissions::GET_ASSERTION, Some("glasskey.invalid"));
        Authority::prove(self.session, &self.info, permit, &pin, least, rp_id)?;
        let left = self.session.retries(self.protocol)?.left;
        self.tell("verify", Some(left), &format!("the PIN is right; {} left", counted(left, "attempt")), None)
    }

    fn permit(&mut self, guard: PinGuard) -> Result<Permit, Error> {
        if !self.is_set() {
            return Err(KeyError::Pin(PinRefusal::NotSet).into());
        }
        let retries = self.session.retries(self.protocol)?;
        let permit = self.world.guard(guard)?.permit(retries).map_err(KeyError::Pin)?;
        tell_left(self.world, &self.found.path, retries);
        Ok(permit)
    }

    fn prompt(&self, what: &str) -> String {
        format!("{what} of {} ({}): ", escape(&self.found.product), escape(&self.found.path))
    }

    fn new_pin(&self) -> Result<Pin, Error> {
        new_pin(self.world, &self.info, self.plan.as_ref())
    }

    fn tell(
        &self,
        did: &str,
        retries: Option<u64>,
        words: &str,
        recorded: Option<Recorded>,
    ) -> Result<Exit, Error> {
        if self.world.term.json {
            let set = did != "status" || self.is_set();
            self.world.term.document(&json!({
                "schema": "glasskey.pin/1", "path": self.found.path, "did": did, "pin_set": set, "retries": retries,
                "force_pin_change": self.info.force_pin_change, "min_pin_length": self.info.min_pin_length,
                "event": recorded.as_ref().map(|recorded| record::place(&recorded.event)),
            }))?;
        } else {
            self.world.term.out(&format!("{}: {words}\n", escape(&self.found.path)))?;
            if let Some(recorded) = &recorded {
                self.world.term.out(&show::ledger::kept(&recorded.event))?;
            }
        }
        Ok(self.world.ended())
    }
}

/// Asks for a new PIN, as long as the key and the plan want it.
pub(super) fn new_pin(world: &World, info: &Info, plan: Option<&Plan>) -> Result<Pin, Error> {
    let key = info.min_pin_length.unwrap_or(4);
    let planned = plan.map_or(0, |plan| u64::from(*plan.rules.min_pin_length));
    let (least, by) = if planned > key { (planned, "the plan") } else { (key, "this key") };
    let typed = world.pins.read_new(&format!("New PIN, at least {least} characters: "))?;
    let new = Pin::parse_new(typed)?;
    if shorter(&new, least) { Err(Error::NewPinTooShort { least, by }) } else { Ok(new) }
}

/// Whether a PIN has fewer characters.
pub(super) fn shorter(pin: &Pin, least: u64) -> bool {
    u64::try_from(pin.code_points()).unwrap_or(u64::MAX) < least
}

/// Has the key take the PIN that it has just been given, so that it can sign. `None` where it cannot be asked: the PIN
/// is changed all the same.
fn take<'p>(
    world: &World,
    session: &mut Session,
    info: &Info,
    protocol: Protocol,
    new: &'p Pin,
    rp_id: &str,
) -> Result<Option<Authority<'p>>, Error> {
    let mut prove = || {
        let permit = Guard::default().permit(session.retries(protocol)?)?;
        Authority::prove(session, info, permit, new, Permissions::GET_ASSERTION, Some(rp_id))
    };
    match prove() {
        Ok(authority) => Ok(Some(authority)),
        Err(KeyError::Pin(
            refusal @ (PinRefusal::Wrong { .. } | PinRefusal::NotSet | PinRefusal::ChangeForced),
        )) => Err(Error::NewPinNotTaken(refusal)),
        Err(error) => {
            world.term.complain(&format!(
                "the key was not asked to sign the record: {}",
                escape(&error.to_string())
            ));
            Ok(None)
        }
    }
}
