//! The key's end of CTAPHID (CTAP §11.2): channels, messages, keepalives, errors.
//!
//! One thread owns all state and takes events one by one: reports from clients, answers and touches from the firmware.
#![expect(clippy::disallowed_methods, reason = "keepalives and time limits need the clock")]

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::SoftError;
use super::firmware::{Firmware, Job, Parts};
use super::options::FirmwareVersion;
use super::stats::{Op, SoftStats};
use super::wire::gone;
use crate::ctap::frame::{Assembly, Channel, Command, FrameError, Message, Packet, Partial, Report};

/// CTAP §11.2.9.2.1: a keepalive at least every 100 ms.
const KEEPALIVE: Duration = Duration::from_millis(100);
/// How long the next packet of a message may take.
const PACKET_LIMIT: Duration = Duration::from_millis(750);
/// How many channels are remembered.
const CHANNELS: usize = 256;
/// WINK, CBOR, no MSG.
const CAPABILITIES: u8 = 0x01 | 0x04 | 0x08;

mod code {
    pub(super) const INVALID_COMMAND: u8 = 0x01;
    pub(super) const INVALID_LENGTH: u8 = 0x03;
    pub(super) const INVALID_SEQUENCE: u8 = 0x04;
    pub(super) const TIMEOUT: u8 = 0x05;
    pub(super) const BUSY: u8 = 0x06;
    pub(super) const INVALID_CHANNEL: u8 = 0x0b;
}

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
    pub(super) fn start(parts: Parts, out: Sender<Report>, lock: File) -> Result<Self, SoftError> {
        let (events, inbox) = mpsc::channel();
        let stats = Arc::new(SoftStats::default());
        let name = parts.name.clone();
        let version = parts.options.firmware;
        let firmware = Firmware::start(parts, events.clone())?;
        let mut hid = Hid {
            out,
            jobs: firmware.jobs,
            button: firmware.button,
            stats: Arc::clone(&stats),
            version,
            channels: Vec::new(),
            next_channel: 0,
            next_job: 0,
            state: State::Idle,
        };
        let firmware = firmware.thread;
        let thread = thread::Builder::new().name(format!("soft key {name}, HID")).spawn(move || {
            hid.serve(&inbox);
            hid.button.cancel(u64::MAX);
            drop(hid);
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

/// What the key is doing.
#[derive(Debug)]
enum State {
    Idle,
    /// A message is coming in.
    Assembling {
        channel: Channel,
        partial: Partial,
        until: Instant,
    },
    /// The firmware works on a channel's command.
    Working {
        channel: Channel,
        job: u64,
        touch: bool,
        tick: Instant,
    },
}

struct Hid {
    out: Sender<Report>,
    jobs: Sender<Job>,
    button: Arc<super::touch::Button>,
    stats: Arc<SoftStats>,
    version: Option<FirmwareVersion>,
    channels: Vec<Channel>,
    next_channel: u32,
    next_job: u64,
    state: State,
}

/// The client or the firmware is gone.
struct Gone;

impl Hid {
    fn serve(&mut self, inbox: &Receiver<Event>) {
        loop {
            let event = match self.deadline() {
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => inbox.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            let done = match event {
                Ok(Event::Report(report)) => self.report(&report),
                Ok(Event::TouchAwaited { job }) => self.touch_awaited(job),
                Ok(Event::Answer { job, payload }) => self.answer(job, payload),
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => Err(Gone),
            };
            if done.is_err() {
                return;
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Idle => None,
            State::Assembling { until, .. } => Some(*until),
            State::Working { tick, .. } => Some(*tick),
        }
    }

    fn tick(&mut self) -> Result<(), Gone> {
        match &mut self.state {
            State::Idle => Ok(()),
            State::Assembling { channel, .. } => {
                let channel = *channel;
                self.state = State::Idle;
                self.error(channel, code::TIMEOUT)
            }
            State::Working { channel, touch, tick, .. } => {
                *tick = Instant::now() + KEEPALIVE;
                let (channel, touch) = (*channel, *touch);
                self.keepalive(channel, touch)
            }
        }
    }

    fn report(&mut self, report: &Report) -> Result<(), Gone> {
        self.stats.count_in();
        let packet = Packet::parse(report);
        let channel = packet.channel();
        match packet {
            Packet::Init { command: Command::Init, .. } => return self.init(&packet),
            Packet::Init { .. } if !self.channels.contains(&channel) => {
                return self.error(channel, code::INVALID_CHANNEL);
            }
            Packet::Init { command: Command::Cancel, .. } => {
                self.cancel(channel);
                return Ok(());
            }
            _ => {}
        }
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => match Partial::start(&packet) {
                Ok(assembly) => self.assembled(channel, assembly),
                Err(FrameError::TooLong(_)) => self.error(channel, code::INVALID_LENGTH),
                // A stray continuation packet is nobody's.
                Err(_) => Ok(()),
            },
            State::Assembling { channel: owner, partial, .. } if owner == channel => {
                match partial.extend(&packet) {
                    Ok(assembly) => self.assembled(channel, assembly),
                    Err(_) => self.error(channel, code::INVALID_SEQUENCE),
                }
            }
            busy => {
                self.state = busy;
                match packet {
                    Packet::Init { .. } => self.error(channel, code::BUSY),
                    Packet::Continuation { .. } => Ok(()),
                }
            }
        }
    }

    /// CTAPHID_INIT: a new channel, or a fresh start on one's own.
    fn init(&mut self, packet: &Packet<'_>) -> Result<(), Gone> {
        let channel = packet.channel();
        let known = self.channels.contains(&channel);
        if channel != Channel::BROADCAST && !known {
            return self.error(channel, code::INVALID_CHANNEL);
        }
        let Ok(Assembly::Complete(message)) = Partial::start(packet) else {
            return self.error(channel, code::INVALID_LENGTH);
        };
        if message.payload.len() != 8 {
            return self.error(channel, code::INVALID_LENGTH);
        }
        self.stats.count_transaction(Op::Init);
        let own = if known { channel } else { self.allocate() };
        match &self.state {
            State::Working { channel: owner, job, .. } if *owner == channel => {
                // Its answer will find another state and be dropped.
                self.button.cancel(*job);
                self.state = State::Idle;
            }
            State::Assembling { channel: owner, .. } if *owner == channel => self.state = State::Idle,
            State::Idle => {}
            _ if known => return self.error(channel, code::BUSY),
            // Somebody else's transaction goes on; a channel costs nothing.
            _ => {}
        }
        let version = self.version.map_or([0, 0, 0], |version| [version.major, version.minor, version.patch]);
        let mut payload = message.payload;
        payload.extend(own.0);
        payload.push(2);
        payload.extend(version);
        payload.push(CAPABILITIES);
        self.send(channel, Command::Init, payload)
    }

    fn allocate(&mut self) -> Channel {
        self.next_channel = self.next_channel.wrapping_add(1) & 0x00ff_ffff;
        let [_, rest @ ..] = self.next_channel.max(1).to_be_bytes();
        let [a, b, c] = rest;
        let channel = Channel([0x50, a, b, c]);
        if self.channels.len() >= CHANNELS {
            self.channels.remove(0);
        }
        self.channels.push(channel);
        channel
    }

    fn cancel(&mut self, channel: Channel) {
        if let State::Working { channel: owner, job, .. } = &self.state
            && *owner == channel
        {
            self.stats.count_cancel();
            self.button.cancel(*job);
        }
    }

    fn assembled(&mut self, channel: Channel, assembly: Assembly) -> Result<(), Gone> {
        match assembly {
            Assembly::Complete(message) => self.message(message),
            Assembly::Partial(partial) => {
                self.state = State::Assembling { channel, partial, until: Instant::now() + PACKET_LIMIT };
                Ok(())
            }
        }
    }

    fn message(&mut self, message: Message) -> Result<(), Gone> {
        let Message { channel, command, payload } = message;
        match command {
            Command::Ping => self.send(channel, Command::Ping, payload),
            Command::Wink if payload.is_empty() => self.send(channel, Command::Wink, payload),
            Command::Wink => self.error(channel, code::INVALID_LENGTH),
            Command::Cbor if payload.is_empty() => self.error(channel, code::INVALID_LENGTH),
            Command::Cbor => self.begin(channel, payload),
            _ => self.error(channel, code::INVALID_COMMAND),
        }
    }

    fn begin(&mut self, channel: Channel, request: Vec<u8>) -> Result<(), Gone> {
        self.stats.count_transaction(Op::of_cbor(&request));
        self.next_job = self.next_job.saturating_add(1);
        let job = self.next_job;
        self.state = State::Working { channel, job, touch: false, tick: Instant::now() + KEEPALIVE };
        self.jobs.send(Job { id: job, request }).map_err(|_| Gone)
    }

    fn touch_awaited(&mut self, awaited: u64) -> Result<(), Gone> {
        match &mut self.state {
            State::Working { channel, job, touch, tick } if *job == awaited => {
                *touch = true;
                *tick = Instant::now() + KEEPALIVE;
                let channel = *channel;
                self.keepalive(channel, true)
            }
            _ => Ok(()),
        }
    }

    fn answer(&mut self, answered: u64, payload: Vec<u8>) -> Result<(), Gone> {
        match &self.state {
            State::Working { channel, job, .. } if *job == answered => {
                let channel = *channel;
                self.state = State::Idle;
                self.send(channel, Command::Cbor, payload)
            }
            // Its transaction was given up.
            _ => Ok(()),
        }
    }

    fn keepalive(&mut self, channel: Channel, touch: bool) -> Result<(), Gone> {
        self.stats.count_keepalive();
        self.send(channel, Command::Keepalive, vec![if touch { 2 } else { 1 }])
    }

    fn error(&mut self, channel: Channel, code: u8) -> Result<(), Gone> {
        self.send(channel, Command::Error, vec![code])
    }

    fn send(&mut self, channel: Channel, command: Command, payload: Vec<u8>) -> Result<(), Gone> {
        let reports = Message { channel, command, payload }.reports().map_err(|_| Gone)?;
        for report in reports {
            self.out.send(report).map_err(|_| Gone)?;
            self.stats.count_out();
        }
        Ok(())
    }
}
