//! A [`Wire`] to a soft key.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use super::device::SoftDevice;
use super::stats::SoftStats;
use crate::ctap::frame::Report;
use crate::key::wire::Wire;

/// One pipe to a soft key. Dropping it is pulling the plug; its state is in its file by then.
#[derive(Debug)]
pub struct SoftWire {
    device: SoftDevice,
    reports: Receiver<Report>,
}

impl SoftWire {
    pub(super) fn new(device: SoftDevice, reports: Receiver<Report>) -> Self {
        Self { device, reports }
    }

    /// What the key has done since it was opened.
    #[must_use]
    pub fn stats(&self) -> Arc<SoftStats> {
        self.device.stats()
    }
}

impl Wire for SoftWire {
    fn send(&mut self, report: &Report) -> io::Result<()> {
        self.device.handle(report)
    }

    #[expect(clippy::disallowed_methods, reason = "a wait needs the time that is left")]
    fn receive(&mut self, until: Instant) -> io::Result<Option<Report>> {
        match self.reports.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(report) => Ok(Some(report)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }
}

/// What every call says once the key is gone.
pub(super) fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the soft key has been unplugged")
}
