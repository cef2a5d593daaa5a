//! Steps that change a key, in the ledger: the intent before, the outcome after, and what became of the key.

use serde_json::Value;

use super::World;
use super::record::{self, Recorded, Sighting};
use crate::ctap::info::Info;
use crate::error::Error;
use crate::key::authority::Authority;
use crate::key::found::Found;
use crate::key::session::{KeyError, Session};
use crate::key::talk_error::TalkError;
use crate::ledger::inventory::{Pending, Refusal};
use crate::ledger::payload::{Ended, Intent, Outcome, Payload};
use crate::ledger::{Event, Inventory, LedgerError, Writer};
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

    /// For an enrolled key that is known already.
    pub(super) fn of_label(world: &'w World, writer: Writer, label: &str, details: Value) -> Self {
        Self { world, writer, label: Some(label.to_owned()), account: None, details }
    }

    /// For a sample that is in nobody's custody.
    pub(super) fn of_nobody(world: &'w World, writer: Writer, details: Value) -> Self {
        Self { world, writer, label: None, account: None, details }
    }

    /// For the key that is plugged in, where a ledger is kept and the key answers to one of its custody credentials, or
    /// does not tell. Tells what was begun with it before and never ended.
    pub(super) fn of_key(
        world: &'w World,
        session: &mut Session,
        found: &Found,
        info: &Info,
    ) -> Result<Option<Self>, Error> {
        let Some(writer) = world.writer_if_any()? else { return Ok(None) };
        let seen = Sighting::take(session, info, writer.inventory().clone())?;
        Ok(Self::of_seen(world, writer, found, &seen))
    }

    /// The same for a key that has been asked.
    pub(super) fn of_seen(world: &'w World, writer: Writer, found: &Found, seen: &Sighting) -> Option<Self> {
        let inventory = writer.inventory();
        if let Some(key) = seen.key() {
            let label = key.label.clone();
            let open = inventory.pending().filter(|pending| record::about(inventory, pending, &label));
            record::tell_pending(world, open);
            return Some(Self { world, writer, label: Some(label), account: None, details: Value::Null });
        }
        // A soft key is none of the real ones, nor the other way round.
        if seen.may_be().is_empty() || inventory.admit_soft(found.soft).is_err() {
            return None;
        }
        world.term.complain(&format!(
            "the key does not tell without a PIN whether it is {}: what is done with it is recorded of none of them",
            escape(&seen.may_be().join(" or "))
        ));
        Some(Self::of_nobody(world, writer, Intent::of_one_of(seen.may_be())))
    }

    /// The label of the enrolled key.
    pub(super) fn label(&self) -> &str {
        self.label.as_deref().unwrap_or_default()
    }

    /// The relying party of the enrolled key's custody credential.
    pub(super) fn rp_id(&self) -> Option<String> {
        Some(self.inventory().key(self.label())?.custody.rp_id.clone())
    }

    /// What the record knows.
    pub(super) fn inventory(&self) -> &Inventory {
        self.writer.inventory()
    }

    /// The ledger itself.
    pub(super) fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// Closes the open steps of a kind, once something is on record that makes an end of them.
    pub(super) fn give_up(&mut self, why: &str, which: impl Fn(&Pending) -> bool) {
        record::give_up(self.world, &mut self.writer, why, |_, pending| which(pending));
    }

    /// Does a step that changes the key. The intent is on disk before it begins. What `became` of the key, and that the
    /// step is done or has failed, are on disk before this returns. A step of which nobody can tell whether it was done
    /// stays open: [`Pending::cure`] tells what closes it.
    pub(super) fn step<T, R>(
        &mut self,
        step: &str,
        session: &mut Session,
        does: impl FnOnce(&mut Self, &mut Session) -> Result<T, Error>,
        became: impl FnOnce(&mut Self, &mut Session, T) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let intent = self.intend(step)?;
        self.world.acts();
        let error = match does(self, session) {
            Ok(done) => {
                let became = became(self, session, done).map_err(|error| match error {
                    Error::Ledger(source) => Error::NotRecorded { step: step.to_owned(), source },
                    other => other,
                })?;
                self.end(step, Outcome { intent, result: Ended::Done, why: None });
                return Ok(became);
            }
            Err(error) => error,
        };
        self.failed(step, intent, &error);
        Err(error)
    }

    /// Does a step with a key that is in nobody's custody: nothing is recorded but that it was begun, and its end.
    pub(super) fn bracket<T>(
        &mut self,
        step: &str,
        does: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let intent = self.intend(step)?;
        self.world.acts();
        let done = does();
        match &done {
            Ok(_) => self.end(step, Outcome { intent, result: Ended::Done, why: None }),
            Err(error) => self.failed(step, intent, error),
        }
        done
    }

    /// Writes that a step has failed, unless nobody can tell.
    fn failed(&mut self, step: &str, intent: u64, error: &Error) {
        if !unsure(error) {
            let why = Some(escape(&error.to_string()));
            self.end(step, Outcome { intent, result: Ended::Failed, why });
        }
    }

    /// Writes that a step is about to begin.
    fn intend(&mut self, step: &str) -> Result<u64, Error> {
        self.write(Payload::Intent(Intent {
            step: step.to_owned(),
            label: self.label.clone(),
            account: self.account.clone(),
            details: self.details.clone(),
        }))
    }

    /// Writes how a step ended. One that another run has given up meanwhile has its end; where it cannot be written, the
    /// step stays open, and what is to be told of it is told all the same.
    fn end(&mut self, step: &str, outcome: Outcome) {
        match self.write(Payload::Outcome(outcome)) {
            Ok(_) | Err(Error::Ledger(LedgerError::Refused(Refusal::NoSuchIntent(_)))) => {}
            Err(error) => {
                let error = escape(&error.to_string());
                self.world.term.complain(&format!("how '{step}' ended could not be recorded: {error}"));
            }
        }
    }

    /// Records what a step has made of the enrolled key; signed by the key, where it grants authority and is touched.
    pub(super) fn became(
        &mut self,
        session: &mut Session,
        authority: Option<Authority<'_>>,
        payload: Payload,
    ) -> Result<Recorded, Error> {
        let recorded = record::keep(&mut self.writer, session, authority, payload)?;
        record::tell_unsigned(self.world, self.label(), &recorded);
        Ok(recorded)
    }

    /// Records an event that no key signs.
    pub(super) fn record(&mut self, payload: Payload) -> Result<Event, Error> {
        Ok(self.writer.record(payload, World::clock(), World::nonce()?)?)
    }

    fn write(&mut self, payload: Payload) -> Result<u64, Error> {
        Ok(self.record(payload)?.seq)
    }
}

/// Whether nobody can tell from this error if the key did what it was asked to do.
fn unsure(error: &Error) -> bool {
    match error {
        // A key that did not say that it stopped may take a touch that comes late.
        Error::Key(KeyError::Talk(TalkError::Busy | TalkError::NoTouch { stopped: true, .. })) => false,
        Error::Key(KeyError::Talk(_) | KeyError::Malformed { .. }) | Error::NewPinNotTaken(_) => true,
        // It could not be looked at when it had been asked.
        Error::Open(_) | Error::Interrupted | Error::Unseen(_) => true,
        // Something was made, and it is on the key.
        Error::Register(error) => error.misbehaved(),
        _ => false,
    }
}

/// Does a step with a ledger behind it, or, where none is kept or the key is not enrolled, without. Gives what the
/// step gave, and where what became of the key is recorded; of a key that does not tell which one it is, nowhere.
pub(super) fn step<T>(
    book: &mut Option<Book<'_>>,
    step: &str,
    session: &mut Session,
    does: impl FnOnce(&mut Session) -> Result<T, Error>,
    became: impl FnOnce(&mut Book<'_>, &mut Session, &mut T) -> Result<Recorded, Error>,
) -> Result<(T, Option<Recorded>), Error> {
    match book {
        None => Ok((does(session)?, None)),
        Some(book) if book.label.is_none() => Ok((book.bracket(step, || does(session))?, None)),
        Some(book) => book.step(
            step,
            session,
            |_, session| does(session),
            |book, session, mut done| {
                let recorded = became(book, session, &mut done)?;
                Ok((done, Some(recorded)))
            },
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_step_has_failed_only_if_it_is_certain_that_it_was_not_done() {
        let after = Duration::from_secs(30);
        let talk = |error| Error::Key(KeyError::Talk(error));
        for (error, open) in [
            (talk(TalkError::Busy), false),
            (talk(TalkError::NoTouch { after, stopped: true }), false),
            (talk(TalkError::NoTouch { after, stopped: false }), true),
            (talk(TalkError::Silent { during: "reset", after }), true),
            (talk(TalkError::Interrupted), true),
            (Error::Interrupted, true),
            (Error::NotErased("the touch was refused".to_owned()), false),
            (Error::StillSet, false),
            (Error::Unseen(Box::new(talk(TalkError::Busy))), true),
        ] {
            assert_eq!(unsure(&error), open, "{error}");
        }
    }
}
