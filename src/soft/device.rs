//! A soft key that is plugged in: one thread for its CTAPHID, one for its firmware.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

mod channels;
mod hid;
mod work;

use self::hid::{Hid, Settings};
use super::SoftError;
use super::fault::FaultBook;
use super::firmware::{Firmware, Parts};
use super::info::Compiled;
use super::stats::SoftStats;
use super::wire::gone;
use crate::ctap::frame::Report;

/// What the device's thread waits for.
#[derive(Debug)]
pub(super) enum Event {
    /// A client sent a report.
    Report(Report),
    /// The firmware waits for a touch.
    TouchAwaited { job: u64 },
    /// The firmware has answered: status byte and CBOR.
    Answer { job: u64, payload: Vec<u8> },
    /// The plug is pulled.
    Stop,
}

/// A soft key that is plugged in. Reports go in by [`SoftDevice::handle`] and come out of the channel that it was
/// started with; as with hidraw, every reader gets all of them. Dropping it pulls the plug.
#[derive(Debug)]
pub struct SoftDevice {
    events: Sender<Event>,
    thread: Option<JoinHandle<()>>,
    stats: Arc<SoftStats>,
}

impl SoftDevice {
    /// Starts the firmware and the thread that speaks for it; `lock` is let go when both have ended.
    pub(super) fn start(
        parts: Parts,
        faults: FaultBook,
        info: Compiled,
        out: Sender<Report>,
        lock: File,
    ) -> Result<Self, SoftError> {
        let (events, inbox) = mpsc::channel();
        let stats = Arc::new(SoftStats::default());
        let name = parts.name.clone();
        let (version, aaguid) = (parts.options.firmware, parts.options.aaguid.into_bytes());
        let Firmware { jobs, button, thread: firmware } = Firmware::start(parts, events.clone())?;
        let settings = Settings { version, aaguid, info };
        let hid = Hid::new(settings, faults, Arc::clone(&stats), jobs, Arc::clone(&button), out);
        let thread = thread::Builder::new().name(format!("soft key {name}, HID")).spawn(move || {
            hid.serve(&inbox);
            drop(inbox);
            button.cancel(u64::MAX);
            // A panic of the firmware has been shown by its own thread.
            let _ = firmware.join();
            drop(lock);
        });
        let thread = thread.map_err(|_| SoftError::Firmware(name))?;
        Ok(Self { events, thread: Some(thread), stats })
    }

    /// Takes one report from a client.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotConnected`] once the key is gone.
    pub fn handle(&self, report: &Report) -> io::Result<()> {
        self.events.send(Event::Report(*report)).map_err(|_| gone())
    }

    /// What the key has done since it was opened.
    #[must_use]
    pub fn stats(&self) -> Arc<SoftStats> {
        Arc::clone(&self.stats)
    }
}

impl Drop for SoftDevice {
    fn drop(&mut self) {
        // If the thread has ended already, there is nothing to stop.
        let _ = self.events.send(Event::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
