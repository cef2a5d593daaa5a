//! Where the PINs of several keys come from: one prompt after the other, or one line of standard input each.

mod turns;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use turns::Turns;
use zeroize::Zeroizing;

use super::{World, ask_pin};
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::facts::Facts;
use crate::term::pin::PinInputError;
use crate::term::progress::Progress;

/// Lines that have been read, each to be used once.
#[derive(Default)]
struct Lines {
    read: usize,
    unused: BTreeMap<usize, Zeroizing<String>>,
}

/// Where several keys get their PINs, each in its own thread.
pub(super) struct Desk<'w> {
    world: &'w World,
    progress: &'w Progress,
    /// Whether all keys are there already, and none is to be touched before all PINs are.
    together: bool,
    lines: Mutex<Lines>,
    turns: Turns,
}

impl<'w> Desk<'w> {
    /// For as many keys, all there already; with none, for keys that come one after the other.
    pub(super) fn new(world: &'w World, progress: &'w Progress, keys: usize) -> Self {
        Self { world, progress, together: keys > 0, lines: Mutex::default(), turns: Turns::new(keys) }
    }

    /// The place of the key with this number.
    pub(super) fn seat(&self, number: usize) -> Seat<'_> {
        Seat { desk: self, number }
    }

    /// The line with this number. Lines before it that are not asked for yet are kept for their keys.
    fn line(&self, number: usize) -> Result<String, PinInputError> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        while lines.read < number {
            let line = Zeroizing::new(self.world.pins.read("")?);
            lines.read = lines.read.saturating_add(1);
            let read = lines.read;
            lines.unused.insert(read, line);
        }
        let mut line = lines.unused.remove(&number).ok_or(PinInputError::NoLine)?;
        if line.is_empty() { Err(PinInputError::LeftOut) } else { Ok(std::mem::take(&mut *line)) }
    }
}

/// The place of one key; nobody waits for it once it is left.
pub(super) struct Seat<'d> {
    desk: &'d Desk<'d>,
    number: usize,
}

impl Seat<'_> {
    /// The key's PIN: the line of its number, or what is typed when it is its turn, lower numbers first.
    pub(super) fn pin(&self, facts: &Facts) -> Result<Pin, Error> {
        let (desk, number) = (self.desk, self.number);
        if desk.world.pins.is_stdin() {
            return Ok(Pin::parse(desk.line(number)?)?);
        }
        desk.turns.ask(number, || match desk.world.cancel.requested() {
            true => Err(PinInputError::Interrupted.into()),
            false => desk.progress.aside(|| ask_pin(desk.world, facts)),
        })
    }

    /// Waits until no key that is there is asked for its PIN any more: touches come after that. A key that has not said
    /// yet who it is holds nobody up for long, and none at all where PINs are lines.
    pub(super) fn go(&self) {
        if self.desk.together && !self.desk.world.pins.is_stdin() {
            self.desk.turns.all_asked(self.number);
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.desk.turns.leave(self.number);
    }
}
