//! `check --watch`: keys that are plugged in one after the other, each told good or bad in one line.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Check;
use super::desk::Desk;
use super::report::Told;
use super::roll::Roll;
use crate::error::Error;
use crate::exit::Exit;
use crate::key::found::Found;
use crate::key::plugs::Plugs;
use crate::term::escape::escape;
use crate::term::progress::Progress;

/// How long the system is trusted to tell of a key before the bus is looked at.
const LOOK: Duration = Duration::from_secs(1);

pub(super) fn watch(check: &Check<'_>) -> Result<Exit, Error> {
    let world = check.world;
    let progress = world.progress();
    let (desk, roll) = (Desk::new(world, &progress, 0), Roll::empty());
    let watch = Watch { check, desk, roll, progress: &progress, worst: Mutex::default() };
    let count = check.arguments.count.and_then(|count| usize::try_from(count).ok());
    if count.is_none() {
        world.term.note("plug in one key after the other; what is told may be pulled; Ctrl-C ends");
    }
    std::thread::scope(|scope| -> Result<(), Error> {
        let mut plugs = Plugs::new(world.bus.as_ref());
        let mut change = plugs.look().map_err(Error::List)?;
        let mut numbers = 1..=count.unwrap_or(usize::MAX);
        loop {
            change.gone.iter().for_each(|found| watch.roll.went(&found.path));
            // A key is taken before a number is, or a number would be lost.
            for ((_, found), number) in change.come.into_iter().zip(numbers.by_ref()) {
                let watch = &watch;
                watch.roll.came(number, &found.path);
                scope.spawn(move || watch.one(number, &found));
            }
            if numbers.is_empty() || world.cancel.requested() {
                return Ok(());
            }
            change = plugs.next(LOOK).map_err(Error::List)?;
        }
    })?;
    // Ctrl-C is how a watch ends: it counts only where it cut off a check, or where there was none.
    let worst = watch.worst.into_inner().unwrap_or_else(PoisonError::into_inner);
    worst.unwrap_or(Ok(Exit::Interrupted))
}

struct Watch<'a> {
    check: &'a Check<'a>,
    desk: Desk<'a>,
    roll: Arc<Roll>,
    progress: &'a Progress,
    /// The gravest end of a key so far; an error where one could not be told.
    worst: Mutex<Option<Result<Exit, Error>>>,
}

impl Watch<'_> {
    /// A key that has come, to its line.
    fn one(&self, number: usize, found: &Found) {
        let row = self.progress.row(&escape(&found.path));
        let mut check = self.check.clone();
        let places = (self.desk.seat(number), self.roll.place(number));
        let judged = check.refresh(found).and_then(|()| {
            let session = check.world.open_new(found, row.follow())?;
            check.through(found, session, places, &row)
        });
        row.end();
        let told = Told { found, judged: &judged, catalogue: &check.catalogue };
        let exit = self.progress.aside(|| self.tell(&told));
        let mut worst = self.worst.lock().unwrap_or_else(PoisonError::into_inner);
        *worst = Some(match (worst.take(), exit) {
            (Some(Ok(before)), Ok(exit)) => Ok(before.max(exit)),
            (Some(Err(error)), _) => Err(error),
            (_, exit) => exit,
        });
    }

    fn tell(&self, told: &Told<'_>) -> Result<Exit, Error> {
        let term = self.check.world.term;
        match term.json {
            true => term.document_line(&told.document())?,
            false => told.glance(&term)?,
        }
        Ok(told.exit())
    }
}

impl Check<'_> {
    /// The record as it is by now: the key may have been enrolled, or checked, since the watch began.
    fn refresh(&mut self, found: &Found) -> Result<(), Error> {
        if self.ledger.is_some() {
            self.inventory = self.world.ledger_if_any()?.map(|ledger| ledger.inventory().clone());
        }
        // One that was not there when the watch began is vouched for only now.
        if found.soft {
            self.catalogue = Arc::new(self.world.catalogue_of(self.plan.as_deref())?);
        }
        Ok(())
    }
}
