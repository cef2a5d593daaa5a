//! The wait for another glasskey that records: as long as it may take, and no longer than somebody bears.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::key::cancel::Cancel;
use crate::ledger::store::WaitOn;
use crate::term::Term;

/// The longest that one may hold the ledger: the longest touch that can be waited for, and what the key computes besides.
const HELD: Duration = Duration::from_secs(660);
/// How long the wait goes on after a Ctrl-C that came before it: what was broken off is to be on record.
const LAST_WORD: Duration = Duration::from_secs(15);
/// When a wait is worth a word.
const TELLING: Duration = Duration::from_secs(1);

/// Waits, says so, and ends on Ctrl-C. `acted`: something was done that must be recorded.
pub(super) fn on(term: Term, cancel: Cancel, acted: Arc<AtomicBool>) -> WaitOn {
    let mut wait = Wait::default();
    Box::new(move |waited| {
        let (goes_on, tell) = wait.goes_on(waited, cancel.requested(), acted.load(Ordering::SeqCst));
        if let Some(words) = tell {
            term.complain(words);
        }
        goes_on
    })
}

/// One wait after the other.
#[derive(Debug, Default)]
pub(super) struct Wait {
    cancelled_before: bool,
    told: bool,
}

impl Wait {
    /// Whether it goes on after so long, and what is to be said. `acted`: something was done that must be recorded.
    pub(super) fn goes_on(
        &mut self,
        waited: Duration,
        cancelled: bool,
        acted: bool,
    ) -> (bool, Option<&'static str>) {
        if waited.is_zero() {
            *self = Self { cancelled_before: cancelled, told: false };
        }
        let goes_on = match (self.cancelled_before, cancelled) {
            (true, _) => waited < LAST_WORD,
            (false, true) => false,
            (false, false) => acted || waited < HELD,
        };
        let tell = goes_on && !self.told && waited >= TELLING;
        self.told |= tell;
        let words = if acted {
            "Another glasskey is recording. What was done here is recorded as soon as it has ended; Ctrl-C gives that up."
        } else {
            "Another glasskey is recording: waiting until it has ended (Ctrl-C ends the wait)."
        };
        (goes_on, tell.then_some(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_ledger_is_waited_for_as_long_as_one_may_hold_it_and_until_ctrl_c_after_an_act() {
        let mut wait = Wait::default();
        let mut goes_on = |waited, cancelled, acted| wait.goes_on(s(waited), cancelled, acted).0;
        assert!(goes_on(0, false, false) && goes_on(640, false, false) && !goes_on(661, false, false));
        assert!(goes_on(0, false, true) && goes_on(100_000, false, true) && !goes_on(100_001, true, true));
        // What Ctrl-C broke off is recorded all the same, if that is soon.
        assert!(goes_on(0, true, true) && goes_on(14, true, true) && !goes_on(15, true, true));
    }

    #[test]
    fn a_wait_is_told_once() {
        let mut wait = Wait::default();
        let mut told = |waited| wait.goes_on(s(waited), false, true).1.is_some();
        assert_eq!([0, 1, 2, 0, 3, 4].map(&mut told), [false, true, false, false, true, false]);
    }
}
