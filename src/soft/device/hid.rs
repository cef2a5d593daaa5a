//! The key's end of CTAPHID (CTAP §11.2): channels, messages, keepalives, errors.
//!
//! One thread owns all state and takes events one by one: reports from clients, answers and touches from the firmware.
#![expect(clippy::disallowed_methods, reason = "keepalives and time limits need the clock")]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::Event;
use super::channels::Channels;
use super::work::{State, Work};
use crate::ctap::frame::{Assembly, Channel, Command, FrameError, Message, Packet, Partial, Report};
use crate::soft::bend;
use crate::soft::fault::{FaultBook, Mode};
use crate::soft::firmware::Job;
use crate::soft::info::Compiled;
use crate::soft::lie::Lie;
use crate::soft::mischief::{self, Mischief};
use crate::soft::options::FirmwareVersion;
use crate::soft::stats::{Op, SoftStats};
use crate::soft::touch::Button;

/// CTAP §11.2.9.2.1: a keepalive at least every 100 ms.
const KEEPALIVE: Duration = Duration::from_millis(100);
/// How long the next packet of a message may take.
const PACKET_LIMIT: Duration = Duration::from_millis(750);
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

/// What the key shows of itself.
pub(super) struct Settings {
    pub(super) version: Option<FirmwareVersion>,
    pub(super) aaguid: [u8; 16],
    pub(super) info: Compiled,
}

/// The device itself.
pub(super) struct Hid {
    settings: Settings,
    faults: FaultBook,
    stats: Arc<SoftStats>,
    jobs: Sender<Job>,
    button: Arc<Button>,
    out: Sender<Report>,
    channels: Channels,
    next_job: u64,
    state: State,
    dead: bool,
    vanish: Option<Instant>,
    mischief: Mischief,
}

/// The client or the firmware is gone, or the plug is pulled.
struct Gone;

impl Hid {
    pub(super) fn new(
        settings: Settings,
        faults: FaultBook,
        stats: Arc<SoftStats>,
        jobs: Sender<Job>,
        button: Arc<Button>,
        out: Sender<Report>,
    ) -> Self {
        let (channels, next_job) = (Channels::default(), 0);
        let (state, dead, vanish, mischief) = (State::Idle, false, None, Mischief::default());
        Self { settings, faults, stats, jobs, button, out, channels, next_job, state, dead, vanish, mischief }
    }

    /// Runs until the plug is pulled.
    pub(super) fn serve(mut self, inbox: &Receiver<Event>) {
        loop {
            let event = match self.deadline() {
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => inbox.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            let done = match event {
                _ if self.vanish.is_some_and(|at| at <= Instant::now()) => Err(Gone),
                Ok(Event::Report(report)) => self.report(&report),
                Ok(Event::TouchAwaited { job }) => self.touch_awaited(job),
                Ok(Event::Answer { job, payload }) => self.answered(job, payload),
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => Err(Gone),
            };
            if done.is_err() {
                return;
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let next = match &self.state {
            State::Idle => None,
            State::Assembling { until, .. } => Some(*until),
            State::Working(work) => Some(work.tick),
        };
        next.into_iter().chain(self.vanish).min()
    }

    fn tick(&mut self) -> Result<(), Gone> {
        let now = Instant::now();
        match &mut self.state {
            State::Assembling { channel, until, .. } if *until <= now => {
                let channel = *channel;
                self.state = State::Idle;
                self.error(channel, code::TIMEOUT)
            }
            State::Working(work) if work.tick <= now => {
                work.tick = now + work.interval;
                let (channel, touch) = (work.channel, work.touch);
                match &mut work.hold {
                    Some((until, held)) if *until <= now => match held.take() {
                        Some(payload) => self.answer(payload),
                        None => self.keepalive(channel, touch),
                    },
                    _ => self.keepalive(channel, touch),
                }
            }
            _ => Ok(()),
        }
    }

    fn report(&mut self, report: &Report) -> Result<(), Gone> {
        self.stats.count_in();
        let packet = Packet::parse(report);
        let channel = packet.channel();
        match packet {
            _ if self.dead => return Ok(()),
            Packet::Init { command: Command::Init, .. } => return self.init(&packet),
            Packet::Init { .. } if !self.channels.contains(channel) => {
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
        let known = self.channels.contains(channel);
        if channel != Channel::BROADCAST && !known {
            return self.error(channel, code::INVALID_CHANNEL);
        }
        let mut payload = match Partial::start(packet) {
            Ok(Assembly::Complete(message)) if message.payload.len() == 8 => message.payload,
            _ => return self.error(channel, code::INVALID_LENGTH),
        };
        self.stats.count_transaction(Op::Init);
        let strike = self.faults.strike(Op::Init).map(|strike| strike.mode);
        match strike {
            Some(Mode::Dead) => self.dead = true,
            Some(Mode::Vanish(ms)) => self.vanish_in(ms),
            Some(Mode::WrongNonce) => payload.reverse(),
            _ => {}
        }
        if matches!(strike, Some(Mode::Dead | Mode::Silent | Mode::Vanish(0))) {
            return Ok(());
        }
        let busy = match &self.state {
            State::Idle => false,
            State::Assembling { channel: owner, .. } => *owner != channel,
            State::Working(work) if work.channel == channel => {
                // Its answer will find another state and be dropped.
                self.button.cancel(work.job);
                false
            }
            State::Working(_) => true,
        };
        match (known, busy) {
            (true, true) => return self.error(channel, code::BUSY),
            (true, false) => self.state = State::Idle,
            // Somebody else's transaction goes on; a channel costs nothing.
            (false, _) => {}
        }
        payload.extend(if known { channel.0 } else { self.channels.allocate().0 });
        payload.push(if matches!(strike, Some(Mode::InitOdd)) { 1 } else { 2 });
        payload.extend(
            self.settings.version.map_or([0; 3], |version| [version.major, version.minor, version.patch]),
        );
        payload.push(CAPABILITIES);
        self.send(strike, channel, Command::Init, payload)
    }

    fn cancel(&mut self, channel: Channel) {
        if let State::Working(work) = &self.state
            && work.channel == channel
            && work.mode() != Some(Mode::CancelDeaf)
        {
            self.stats.count_cancel();
            self.button.cancel(work.job);
        }
    }

    fn assembled(&mut self, channel: Channel, assembly: Assembly) -> Result<(), Gone> {
        let message = match assembly {
            Assembly::Complete(message) => message,
            Assembly::Partial(partial) => {
                self.state = State::Assembling { channel, partial, until: Instant::now() + PACKET_LIMIT };
                return Ok(());
            }
        };
        let Message { command, payload, .. } = message;
        match command {
            Command::Ping => {
                let bent = self.faults.strike(Op::Ping).is_some();
                let echo = payload.iter().map(|byte| byte ^ u8::from(bent)).collect();
                self.send(None, channel, Command::Ping, echo)
            }
            Command::Wink if self.faults.strike(Op::Wink).is_some() => {
                self.error(channel, code::INVALID_COMMAND)
            }
            Command::Wink if payload.is_empty() => self.send(None, channel, Command::Wink, payload),
            Command::Wink => self.error(channel, code::INVALID_LENGTH),
            Command::Cbor if payload.is_empty() => self.error(channel, code::INVALID_LENGTH),
            Command::Cbor => self.begin(channel, payload),
            _ => self.error(channel, code::INVALID_COMMAND),
        }
    }

    fn begin(&mut self, channel: Channel, mut request: Vec<u8>) -> Result<(), Gone> {
        let op = Op::of_cbor(&request);
        self.stats.count_transaction(op);
        let strike = self.faults.strike(op);
        let mode = strike.as_ref().map(|strike| strike.mode);
        if let Some(mode) = mode {
            if let Some(answer) = mischief::instead(mode, &request) {
                return self.send(None, channel, Command::Cbor, answer);
            }
            request = mischief::request(mode, request);
        }
        self.next_job = self.next_job.saturating_add(1);
        let now = Instant::now();
        let lie = mode.and_then(|mode| Lie::of(mode, self.settings.aaguid));
        let (job, tick, interval) = (self.next_job, now + KEEPALIVE, KEEPALIVE);
        let mut work = Work { channel, job, op, strike, lie, touch: false, tick, interval, hold: None };
        match mode {
            Some(Mode::CtapError(code)) => return self.send(None, channel, Command::Cbor, vec![code]),
            Some(Mode::Refuses(habit)) => {
                if let Some(code) = habit.refuses(op, &request) {
                    return self.send(None, channel, Command::Cbor, vec![code]);
                }
            }
            Some(Mode::Silent | Mode::SilentAfter(_)) => return Ok(()),
            Some(Mode::Dead) => {
                self.dead = true;
                return Ok(());
            }
            Some(Mode::Vanish(0)) => return Err(Gone),
            Some(Mode::Vanish(ms)) => self.vanish_in(ms),
            Some(Mode::KeepaliveRare(ms)) => {
                work.interval = Duration::from_millis(u64::from(ms));
                work.tick = now + work.interval;
                // So long that one is missed.
                work.hold = Some((now + work.interval + KEEPALIVE, None));
            }
            Some(Mode::KeepaliveFlood { interval_ms, seconds }) => {
                work.interval = Duration::from_millis(u64::from(interval_ms));
                work.tick = now;
                work.hold = Some((now + Duration::from_secs(u64::from(seconds)), None));
            }
            _ => {}
        }
        let lie = work.lie;
        self.state = State::Working(work);
        if mode == Some(Mode::KeepaliveForever) {
            return Ok(());
        }
        self.jobs.send(Job { id: job, request, lie }).map_err(|_| Gone)
    }

    fn vanish_in(&mut self, ms: u32) {
        self.vanish = Some(Instant::now() + Duration::from_millis(u64::from(ms)));
    }

    fn touch_awaited(&mut self, job: u64) -> Result<(), Gone> {
        match &mut self.state {
            State::Working(work) if work.job == job => {
                work.touch = true;
                work.tick = Instant::now() + work.interval;
                let channel = work.channel;
                self.keepalive(channel, true)
            }
            _ => Ok(()),
        }
    }

    fn answered(&mut self, job: u64, payload: Vec<u8>) -> Result<(), Gone> {
        match &mut self.state {
            State::Working(work) if work.job == job => match &mut work.hold {
                Some((_, held)) => {
                    *held = Some(payload);
                    Ok(())
                }
                None => self.answer(payload),
            },
            // Its transaction was given up.
            _ => Ok(()),
        }
    }

    fn answer(&mut self, mut payload: Vec<u8>) -> Result<(), Gone> {
        let State::Working(work) = std::mem::replace(&mut self.state, State::Idle) else { return Ok(()) };
        if work.op == Op::GetInfo {
            payload = self.settings.info.apply(payload);
        }
        if let Some(strike) = &work.strike {
            payload = self.mischief.payload(strike.mode, payload);
            payload = bend::payload(strike, work.lie, payload);
        }
        self.send(work.mode(), work.channel, Command::Cbor, payload)
    }

    fn keepalive(&mut self, channel: Channel, touch: bool) -> Result<(), Gone> {
        self.stats.count_keepalive();
        self.send(None, channel, Command::Keepalive, vec![if touch { 2 } else { 1 }])
    }

    fn error(&mut self, channel: Channel, code: u8) -> Result<(), Gone> {
        self.send(None, channel, Command::Error, vec![code])
    }

    fn send(
        &mut self,
        mode: Option<Mode>,
        channel: Channel,
        command: Command,
        payload: Vec<u8>,
    ) -> Result<(), Gone> {
        let mut reports = Message { channel, command, payload }.reports().map_err(|_| Gone)?;
        if let Some(mode) = mode {
            reports = bend::packets(mode, reports);
        }
        for report in reports {
            if let Some(Mode::Slow(ms)) = mode {
                std::thread::sleep(Duration::from_millis(u64::from(ms)));
            }
            // Before it goes: whoever has it may look at the count.
            self.stats.count_out();
            self.out.send(report).map_err(|_| Gone)?;
        }
        Ok(())
    }
}
