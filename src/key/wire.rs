//! The whole hardware seam.

use std::io;
use std::time::Instant;

use crate::ctap::frame::Report;

/// One pipe of 64-byte HID reports to a key. All above it runs without hardware.
pub trait Wire: Send {
    /// Sends one report.
    ///
    /// # Errors
    /// Whatever the system says, for instance that the key is gone.
    fn send(&mut self, report: &Report) -> io::Result<()>;

    /// Waits for one report, and no longer than `until`. `None`: nothing came.
    ///
    /// # Errors
    /// Whatever the system says, for instance that the key is gone.
    fn receive(&mut self, until: Instant) -> io::Result<Option<Report>>;
}

impl Wire for Box<dyn Wire> {
    fn send(&mut self, report: &Report) -> io::Result<()> {
        self.as_mut().send(report)
    }

    fn receive(&mut self, until: Instant) -> io::Result<Option<Report>> {
        self.as_mut().receive(until)
    }
}

/// A wire to nothing: what is left where a key was let go.
#[derive(Debug, Clone, Copy)]
pub struct NoWire;

impl Wire for NoWire {
    fn send(&mut self, _: &Report) -> io::Result<()> {
        Err(io::ErrorKind::NotConnected.into())
    }

    fn receive(&mut self, _: Instant) -> io::Result<Option<Report>> {
        Err(io::ErrorKind::NotConnected.into())
    }
}
