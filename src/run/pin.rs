//! `pin status|set|change|verify`: guarded PIN work.

use serde_json::json;

use super::World;
use super::book::{self, Book};
use crate::cli::{Pin as Verb, PinGuard};
use crate::ctap::client_pin::{Permissions, Retries, TokenKind};
use crate::ctap::info::Info;
use crate::ctap::pin::Pin;
use crate::ctap::protocol::Protocol;
use crate::error::Error;
use crate::exit::Exit;
use crate::key::found::Found;
use crate::key::guard::{Guard, Permit, PinRefusal};
use crate::key::session::{KeyError, Session};
use crate::ledger::payload::{Payload, PinChanged};
use crate::term::escape::escape;

pub(super) fn pin(world: &World, verb: &Verb) -> Result<Exit, Error> {
    let found = world.one()?;
    let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
    let info = session.info()?;
    let protocol = info.protocol().ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
    let book = match verb {
        Verb::Set | Verb::Change(_) => Book::of_key(world, &mut session, &info)?,
        Verb::Status | Verb::Verify(_) => None,
    };
    let mut key = Key { world, found, info, protocol, session: &mut session, book };
    match verb {
        Verb::Status => key.status(),
        Verb::Set => key.set(),
        Verb::Change(guard) => key.change(*guard),
        Verb::Verify(guard) => key.verify(*guard),
    }
}

fn pin_changed((): &(), label: String) -> Option<Payload> {
    Some(Payload::PinChanged(PinChanged { label }))
}

struct Key<'a> {
    world: &'a World,
    found: Found,
    info: Info,
    protocol: Protocol,
    session: &'a mut Session,
    /// Where the key is enrolled and what changes it is recorded.
    book: Option<Book<'a>>,
}

impl Key<'_> {
    fn is_set(&self) -> bool {
        self.info.option("clientPin") == Some(true)
    }

    fn status(&mut self) -> Result<Exit, Error> {
        let retries = if self.is_set() { Some(self.session.retries(self.protocol)?) } else { None };
        let words = match retries {
            None => "no PIN is set".to_owned(),
            Some(Retries { left, power_cycle: Some(true) }) => {
                format!("a PIN is set; {left} attempts left, after the key has been unplugged")
            }
            Some(Retries { left, .. }) => format!("a PIN is set; {left} attempts left"),
        };
        self.tell("status", retries.map(|retries| retries.left), &words)
    }

    fn set(&mut self) -> Result<Exit, Error> {
        if self.is_set() {
            return Err(KeyError::Pin(PinRefusal::AlreadySet).into());
        }
        let new = self.new_pin()?;
        let (session, protocol) = (&mut *self.session, self.protocol);
        book::step(&mut self.book, "set PIN", pin_changed, || {
            let shared = session.agree(protocol)?;
            Ok(session.set_pin(&shared, &new)?)
        })?;
        self.tell("set", None, "the PIN is set")
    }

    fn change(&mut self, guard: PinGuard) -> Result<Exit, Error> {
        let permit = self.permit(guard)?;
        let current = Pin::parse(self.world.pins.read(&self.prompt("Current PIN"))?)?;
        let new = self.new_pin()?;
        let (session, protocol) = (&mut *self.session, self.protocol);
        book::step(&mut self.book, "change PIN", pin_changed, || {
            let shared = session.agree(protocol)?;
            Ok(session.change_pin(permit, &shared, &current, &new)?)
        })?;
        self.tell("change", None, "the PIN is changed")
    }

    fn verify(&mut self, guard: PinGuard) -> Result<Exit, Error> {
        if self.info.force_pin_change == Some(true) {
            return Err(KeyError::Pin(PinRefusal::ChangeForced).into());
        }
        let permit = self.permit(guard)?;
        let pin = Pin::parse(self.world.pins.read(&self.prompt("PIN"))?)?;
        let shared = self.session.agree(self.protocol)?;
        // The least that a token can be asked for: one relying party that can never be a real site.
        let kind = if self.info.option("pinUvAuthToken") == Some(true) {
            let rp_id = Some("glasskey.invalid");
            TokenKind::WithPermissions { permissions: Permissions::GET_ASSERTION, rp_id }
        } else {
            TokenKind::Plain
        };
        self.session.token(permit, &shared, &pin, kind)?;
        let left = self.session.retries(self.protocol)?.left;
        self.tell("verify", Some(left), &format!("the PIN is right; {left} attempts left"))
    }

    fn permit(&mut self, guard: PinGuard) -> Result<Permit, Error> {
        if !self.is_set() {
            return Err(KeyError::Pin(PinRefusal::NotSet).into());
        }
        let retries = self.session.retries(self.protocol)?;
        let permit = Guard::from(guard).permit(retries).map_err(KeyError::Pin)?;
        self.world.term.complain(&format!(
            "{}: {} PIN attempts left",
            escape(&self.found.path),
            retries.left
        ));
        Ok(permit)
    }

    fn prompt(&self, what: &str) -> String {
        format!("{what} of {} ({}): ", escape(&self.found.product), escape(&self.found.path))
    }

    fn new_pin(&self) -> Result<Pin, Error> {
        let least = self.info.min_pin_length.unwrap_or(4);
        let prompt = format!("New PIN, at least {least} characters: ");
        let new = Pin::parse(self.world.pins.read_new(&prompt)?)?;
        if u64::try_from(new.code_points()).unwrap_or(u64::MAX) < least {
            return Err(Error::NewPinTooShort(least));
        }
        Ok(new)
    }

    fn tell(&self, did: &str, retries: Option<u64>, words: &str) -> Result<Exit, Error> {
        if self.world.term.json {
            let set = did != "status" || self.is_set();
            self.world.term.document(&json!({
                "schema": "glasskey.pin/1", "path": self.found.path, "did": did, "pin_set": set, "retries": retries,
                "force_pin_change": self.info.force_pin_change, "min_pin_length": self.info.min_pin_length,
            }))?;
        } else {
            self.world.term.out(&format!("{}: {words}\n", escape(&self.found.path)))?;
        }
        Ok(Exit::Yes)
    }
}
