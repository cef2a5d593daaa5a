//! The ledger behind the run, where one is kept: each step that changes the sample is an intent before it is done.

use super::super::World;
use super::super::book::Book;
use super::super::record;
use crate::error::Error;
use crate::ledger::inventory::Pending;
use crate::ledger::payload::{Intent, Payload};
use crate::ledger::{Event, Inventory};

fn is_onboarding(pending: &Pending) -> bool {
    pending.intent.onboarding().is_some()
}

/// The ledger, or none.
pub(super) struct Journal<'w>(Option<Book<'w>>);

impl<'w> Journal<'w> {
    /// The ledger, unless it is to be left alone.
    pub(super) fn open(world: &'w World, record: bool) -> Result<Self, Error> {
        let writer = if record { world.writer_if_any()? } else { None };
        let told = format!(
            "the sample may be erased, hold test passkeys, or have another PIN (the one that was given, and {} behind it)",
            super::state::LONGER
        );
        let open = writer.iter().flat_map(|writer| writer.inventory().pending());
        record::tell_pending(world, open.filter(|pending| is_onboarding(pending)));
        Ok(Self(writer.map(|writer| Book::of_nobody(world, writer, Intent::of_onboarding(&told)))))
    }

    /// The enrolled keys.
    pub(super) fn inventory(&mut self) -> Option<Inventory> {
        self.0.as_mut().map(|book| book.writer().inventory().clone())
    }

    /// Does a step that changes the sample.
    pub(super) fn step<T>(
        &mut self,
        step: &str,
        does: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        match &mut self.0 {
            Some(book) => book.bracket(step, does),
            None => does(),
        }
    }

    /// Records what came of the run, and closes what an earlier one left open: it was told.
    pub(super) fn record(&mut self, payload: Payload) -> Result<Option<Event>, Error> {
        let Some(book) = &mut self.0 else { return Ok(None) };
        let event = book.record(payload)?;
        let why = "a later onboarding took its place";
        book.give_up(why, is_onboarding);
        Ok(Some(event))
    }
}
