//! Keys that come and go: the system tells where it can, else the bus is looked at again and again.

#[cfg(target_os = "linux")]
pub(super) mod dev;

use std::io;
use std::time::{Duration, Instant};

use super::cancel::Cancel;
use super::found::{Bus, Found, OpenError};
use super::wire::Wire;

/// How often the bus is looked at where nobody tells.
const LOOK: Duration = Duration::from_millis(100);
/// How long the system may take to say who may open a key that has just come.
const SETTLE: Duration = Duration::from_secs(2);

/// What tells that keys may have come or gone.
pub trait Changes: Send {
    /// Waits until something may have changed, at most for `limit`. Gives the paths from which a key is gone since the
    /// last time, as far as that was told, also where another key has come there by now.
    fn wait(&mut self, limit: Duration) -> Vec<String>;
}

/// Nobody tells: a short sleep, and the bus must be looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unsaid;

impl Changes for Unsaid {
    fn wait(&mut self, limit: Duration) -> Vec<String> {
        std::thread::sleep(limit.min(LOOK));
        Vec::new()
    }
}

/// What became of the keys since the last look.
#[derive(Debug, Default)]
pub struct Change {
    /// Those that are gone.
    pub gone: Vec<Found>,
    /// Those that have come, with their numbers from 1 among all that are there.
    pub come: Vec<(usize, Found)>,
}

/// The keys of a bus, followed over time.
pub struct Plugs<'b> {
    bus: &'b dyn Bus,
    changes: Box<dyn Changes>,
    here: Vec<Found>,
}

impl std::fmt::Debug for Plugs<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugs").field("here", &self.here).finish_non_exhaustive()
    }
}

impl<'b> Plugs<'b> {
    /// No key is known yet: the first look tells of all that are there.
    #[must_use]
    pub fn new(bus: &'b dyn Bus) -> Self {
        Self { bus, changes: bus.changes(), here: Vec::new() }
    }

    /// Looks at once.
    ///
    /// # Errors
    /// When the system cannot list its devices.
    pub fn look(&mut self) -> io::Result<Change> {
        self.since(&[])
    }

    /// Waits until something may have changed, at most for `limit`, and looks. A key that went and another one that came
    /// to the same path in between are told as both.
    ///
    /// # Errors
    /// When the system cannot list its devices.
    pub fn next(&mut self, limit: Duration) -> io::Result<Change> {
        let gone = self.changes.wait(limit);
        self.since(&gone)
    }

    fn since(&mut self, told: &[String]) -> io::Result<Change> {
        let now = self.bus.find()?;
        let stayed = |old: &Found| now.contains(old) && !told.contains(&old.path);
        let (before, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.here).into_iter().partition(stayed);
        let come = (1..).zip(&now).filter(|(_, found)| !before.contains(found));
        let come = come.map(|(number, found)| (number, found.clone())).collect();
        self.here = now;
        Ok(Change { gone, come })
    }
}

/// Opens a key that has just come. Where this user may not open it, the system may not have said so yet: it is tried
/// again whenever something changes, for two seconds.
///
/// # Errors
/// [`OpenError`].
pub fn open_new(bus: &dyn Bus, found: &Found, cancel: &Cancel) -> Result<Box<dyn Wire>, OpenError> {
    let mut changes = bus.changes();
    let end = Instant::now() + SETTLE;
    loop {
        match bus.open(found) {
            Err(OpenError::Permission { .. }) if Instant::now() < end && !cancel.requested() => {
                changes.wait(LOOK.min(end.saturating_duration_since(Instant::now())));
            }
            opened => return opened,
        }
    }
}

#[cfg(test)]
#[path = "plugs/tests.rs"]
mod tests;
