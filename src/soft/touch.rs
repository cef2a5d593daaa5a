//! The button of a soft key: how the firmware's wait for a touch ends.
#![expect(clippy::disallowed_methods, reason = "a touch takes time")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use fido_authenticator::{Error, TrussedRequirements, UserPresence};

use super::device::Event;
use super::options::{Options, Touch};

/// How often the wait looks for a cancel.
const STEP: Duration = Duration::from_millis(1);

/// Shared by the firmware, which waits, and the device, which cancels.
#[derive(Debug)]
pub(super) struct Button {
    behaviour: Touch,
    delay: Duration,
    /// The job that runs.
    current: AtomicU64,
    /// The newest job that was cancelled.
    cancelled: AtomicU64,
    events: Sender<Event>,
}

impl Button {
    pub(super) fn new(options: &Options, events: Sender<Event>) -> Self {
        Self {
            behaviour: options.touch,
            delay: Duration::from_millis(u64::from(options.touch_delay_ms)),
            current: AtomicU64::new(0),
            cancelled: AtomicU64::new(0),
            events,
        }
    }

    /// The firmware begins a job.
    pub(super) fn begin(&self, job: u64) {
        self.current.store(job, Ordering::SeqCst);
    }

    /// Ends the wait of a job, now or when it comes to it.
    pub(super) fn cancel(&self, job: u64) {
        self.cancelled.fetch_max(job, Ordering::SeqCst);
    }

    fn wait(&self, limit: Duration) -> Result<(), Error> {
        let job = self.current.load(Ordering::SeqCst);
        // The device may have gone; then nobody is there to be told.
        let _ = self.events.send(Event::TouchAwaited { job });
        let start = Instant::now();
        loop {
            if self.cancelled.load(Ordering::SeqCst) >= job {
                return Err(Error::KeepaliveCancel);
            }
            let waited = start.elapsed();
            match self.behaviour {
                Touch::Auto if waited >= self.delay => return Ok(()),
                Touch::Deny if waited >= self.delay => return Err(Error::OperationDenied),
                _ if waited >= limit => return Err(Error::UserActionTimeout),
                _ => std::thread::sleep(STEP),
            }
        }
    }
}

impl UserPresence for &Button {
    fn user_present<T: TrussedRequirements>(self, _: &mut T, limit_ms: u32) -> Result<(), Error> {
        self.wait(Duration::from_millis(u64::from(limit_ms)))
    }
}
