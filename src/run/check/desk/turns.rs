//! Whose turn it is at the terminal: one key is asked for at a time, lower numbers first.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
struct State {
    keys: BTreeMap<usize, At>,
    /// The key whose PIN is being asked for. Only that key ends it.
    asking: Option<usize>,
}

impl State {
    fn none(&self, at: At) -> bool {
        self.keys.values().all(|one| *one != at)
    }
}

/// The turns of several keys, by their numbers from 1.
pub(super) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

impl Turns {
    /// For as many keys, none of which has said yet who it is. More may come.
    pub(super) fn new(keys: usize) -> Self {
        let keys = (1..=keys).map(|number| (number, At::Looking)).collect();
        Self { state: Mutex::new(State { keys, asking: None }), changed: Condvar::new() }
    }

    /// Asks when it is this key's turn: nobody else asks meanwhile.
    pub(super) fn ask<T>(&self, number: usize, asks: impl FnOnce() -> T) -> T {
        self.set(number, Some(At::Queued));
        let mut state = self.wait(|state, waited| {
            let before = |at| state.keys.range(..number).any(|(_, one)| *one == at);
            state.asking.is_none() && !before(At::Queued) && (waited || !before(At::Looking))
        });
        state.asking = Some(number);
        drop(state);
        let asked = asks();
        self.set(number, Some(At::Ready));
        asked
    }

    /// Waits until nobody is asked for any more. A key that has not said yet who it is holds nobody up for long.
    pub(super) fn all_asked(&self, number: usize) {
        self.set(number, Some(At::Ready));
        drop(self.wait(|state, waited| {
            state.asking.is_none() && state.none(At::Queued) && (waited || state.none(At::Looking))
        }));
    }

    /// Nobody waits for this key any more.
    pub(super) fn leave(&self, number: usize) {
        self.set(number, None);
    }

    /// Waits until something holds; it is told whether nothing has changed for a while.
    fn wait(&self, holds: impl Fn(&State, bool) -> bool) -> MutexGuard<'_, State> {
        let mut state = self.state();
        let mut waited = false;
        while !holds(&state, waited) {
            let (guard, timeout) =
                self.changed.wait_timeout(state, GRACE).unwrap_or_else(PoisonError::into_inner);
            (state, waited) = (guard, timeout.timed_out());
        }
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, number: usize, at: Option<At>) {
        let mut state = self.state();
        if state.asking == Some(number) {
            state.asking = None;
        }
        match at {
            Some(at) => drop(state.keys.insert(number, at)),
            None => drop(state.keys.remove(&number)),
        }
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::thread;

    use super::*;

    #[test]
    fn nobody_asks_while_another_key_is_asked_for_whoever_goes_on_or_leaves_meanwhile() {
        let turns = &Turns::new(4);
        let (opened, open) = channel();
        let (answer, answered) = channel::<()>();
        let (asked, late) = channel();
        // All ends of the channels are in there, so that a failure ends every thread.
        thread::scope(move |scope| {
            // It passes over the first, which has not said yet who it is.
            scope.spawn(move || {
                turns.ask(2, || {
                    opened.send(()).unwrap();
                    answered.recv().unwrap();
                })
            });
            open.recv().unwrap();
            // One needs no PIN and goes on, one could not be checked, and now the first one wants to be asked for.
            scope.spawn(|| turns.all_asked(3));
            turns.leave(4);
            while turns.state().keys.get(&3) != Some(&At::Ready) {
                thread::yield_now();
            }
            scope.spawn(move || turns.ask(1, || asked.send(()).unwrap()));
            let moment = Duration::from_millis(300);
            assert_eq!(late.recv_timeout(moment), Err(RecvTimeoutError::Timeout), "two prompts at once");
            answer.send(()).unwrap();
            late.recv_timeout(Duration::from_secs(30)).unwrap();
        });
    }
}
