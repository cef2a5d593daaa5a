//! Where the PINs of several keys come from: one prompt after the other, or one line of standard input each.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::{World, ask_pin};
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::facts::Facts;
use crate::term::pin::PinInputError;
use crate::term::progress::Progress;

/// How long the keys that are ready wait for one that has not said yet who it is, before the next PIN is asked for.
const GRACE: Duration = Duration::from_secs(1);

/// How far a key has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// It has not said yet who it is.
    Looking,
    /// Its PIN is to be asked for.
    Queued,
    /// Its PIN is there, or it needs none.
    Ready,
}

#[derive(Default)]
struct Turns {
    keys: BTreeMap<usize, At>,
    asking: bool,
}

impl Turns {
    fn none(&self, at: At) -> bool {
        self.keys.values().all(|one| *one != at)
    }
}

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
    turns: Mutex<Turns>,
    changed: Condvar,
}

impl<'w> Desk<'w> {
    /// For as many keys, all there already; with none, for keys that come one after the other.
    pub(super) fn new(world: &'w World, progress: &'w Progress, keys: usize) -> Self {
        let turns = Turns { keys: (1..=keys).map(|number| (number, At::Looking)).collect(), asking: false };
        let (lines, turns) = (Mutex::default(), Mutex::new(turns));
        Self { world, progress, together: keys > 0, lines, turns, changed: Condvar::new() }
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

    /// Waits until something holds of the turns; it is told whether nothing has changed for a while.
    fn wait(&self, holds: impl Fn(&Turns, bool) -> bool) -> MutexGuard<'_, Turns> {
        let mut turns = self.turns();
        let mut waited = false;
        while !holds(&turns, waited) {
            let (guard, timeout) =
                self.changed.wait_timeout(turns, GRACE).unwrap_or_else(PoisonError::into_inner);
            (turns, waited) = (guard, timeout.timed_out());
        }
        turns
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, number: usize, at: Option<At>) {
        let mut turns = self.turns();
        turns.asking &= at != Some(At::Ready);
        match at {
            Some(at) => drop(turns.keys.insert(number, at)),
            None => drop(turns.keys.remove(&number)),
        }
        self.changed.notify_all();
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
        desk.set(number, Some(At::Queued));
        let mut turns = desk.wait(|turns, waited| {
            let before = |at| turns.keys.range(..number).any(|(_, one)| *one == at);
            !turns.asking && !before(At::Queued) && (waited || !before(At::Looking))
        });
        turns.asking = true;
        drop(turns);
        let asked = match desk.world.cancel.requested() {
            true => Err(PinInputError::Interrupted.into()),
            false => desk.progress.aside(|| ask_pin(desk.world, facts)),
        };
        desk.set(number, Some(At::Ready));
        asked
    }

    /// Waits until no key that is there is asked for its PIN any more: touches come after that. A key that has not said
    /// yet who it is holds nobody up for long, and none at all where PINs are lines.
    pub(super) fn go(&self) {
        let desk = self.desk;
        if desk.world.pins.is_stdin() || !desk.together {
            return;
        }
        desk.set(self.number, Some(At::Ready));
        let all_asked = |turns: &Turns, waited: bool| {
            !turns.asking && turns.none(At::Queued) && (waited || turns.none(At::Looking))
        };
        drop(desk.wait(all_asked));
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.desk.set(self.number, None);
    }
}
