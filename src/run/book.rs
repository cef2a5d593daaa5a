//! Steps that change a key, in the ledger: the intent before, the outcome after, and what became of the key.

use serde_json::Value;

use super::World;
use super::record::{self, Known};
use crate::ctap::info::Info;
use crate::error::Error;
use crate::key::session::Session;
use crate::ledger::inventory::Pending;
use crate::ledger::payload::{Ended, Intent, Outcome, Payload};
use crate::ledger::{Event, Writer};
use crate::term::escape::escape;

/// The ledger, open for the steps of one run.
pub(super) struct Book<'w> {
    world: &'w World,
    writer: Writer,
    /// The enrolled key that the steps change; none before it is enrolled.
    label: Option<String>,
    account: Option<String>,
    details: Value,
}

impl<'w> Book<'w> {
    /// For a key that is to be enrolled for an account.
    pub(super) fn for_account(world: &'w World, writer: Writer, account: &str, details: Value) -> Self {
        Self { world, writer, label: None, account: Some(account.to_owned()), details }
    }

    /// For a sample that is in nobody's custody.
    pub(super) fn of_nobody(world: &'w World, writer: Writer, details: Value) -> Self {
        Self { world, writer, label: None, account: None, details }
    }

    /// For an enrolled key, where a ledger is kept and the key answers to one of its custody credentials.
    pub(super) fn of_key(
        world: &'w World,
        session: &mut Session,
        info: &Info,
    ) -> Result<Option<Self>, Error> {
        let Some(writer) = world.writer_if_any()? else { return Ok(None) };
        let Known::As(key) = record::recognise(session, info, writer.inventory())? else { return Ok(None) };
        let label = Some(key.label.clone());
        Ok(Some(Self { world, writer, label, account: None, details: Value::Null }))
    }

    /// The label of the enrolled key.
    pub(super) fn label(&self) -> String {
        self.label.clone().unwrap_or_default()
    }

    /// The ledger itself.
    pub(super) fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// Does a step that changes the key. The intent is on disk before it begins. What the step makes of the key, by
    /// `becomes`, and that it is done or has failed, are on disk before this returns.
    pub(super) fn step<T>(
        &mut self,
        step: &str,
        becomes: impl FnOnce(&T, String) -> Option<Payload>,
        does: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let intent = Intent {
            step: step.to_owned(),
            label: self.label.clone(),
            account: self.account.clone(),
            details: self.details.clone(),
        };
        let intent = self.write(Payload::Intent(intent))?;
        let (result, why) = match does(self) {
            Ok(done) => {
                if let Some(payload) = becomes(&done, self.label()) {
                    self.write(payload)?;
                }
                self.write(Payload::Outcome(Outcome { intent, result: Ended::Done, why: None }))?;
                return Ok(done);
            }
            Err(error) => (Ended::Failed, error),
        };
        let outcome = Outcome { intent, result, why: Some(escape(&why.to_string())) };
        self.write(Payload::Outcome(outcome))?;
        Err(why)
    }

    /// Closes what was begun for an account before the event `before` and never ended: it was told, and a later
    /// enrolment has taken its place.
    pub(super) fn give_up_older(&mut self, account: &str, before: u64) -> Result<(), Error> {
        let ours =
            |pending: &Pending| pending.intent.account.as_deref() == Some(account) && pending.seq <= before;
        self.give_up(ours, "a later enrolment took its place")
    }

    /// Closes what was begun and never ended, for this reason: it was told before.
    pub(super) fn give_up(&mut self, which: impl Fn(&Pending) -> bool, why: &str) -> Result<(), Error> {
        let pending = self.writer.inventory().pending();
        let open: Vec<u64> = pending.filter(|pending| which(pending)).map(|pending| pending.seq).collect();
        for intent in open {
            let why = Some(why.to_owned());
            self.write(Payload::Outcome(Outcome { intent, result: Ended::Abandoned, why }))?;
        }
        Ok(())
    }

    /// Records an event that no key signs.
    pub(super) fn record(&mut self, payload: Payload) -> Result<Event, Error> {
        Ok(self.writer.record(payload, self.world.now, World::nonce()?)?)
    }

    fn write(&mut self, payload: Payload) -> Result<u64, Error> {
        Ok(self.record(payload)?.seq)
    }
}

/// Does a step with a ledger behind it, or, where none is kept or the key is not enrolled, without.
pub(super) fn step<T>(
    book: &mut Option<Book<'_>>,
    step: &str,
    becomes: impl FnOnce(&T, String) -> Option<Payload>,
    does: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    match book {
        Some(book) => book.step(step, becomes, |_| does()),
        None => does(),
    }
}
