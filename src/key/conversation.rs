//! One conversation: a channel, and exchanges on it that each end in time (CTAP §11.2).

mod exchange;

use std::time::{Duration, Instant};

use super::cancel::Cancel;
use super::patience::{Pace, Patience};
pub use super::pulse::{Timing, Traffic, Waiting};
use super::talk_error::TalkError;
use super::wire::{NoWire, Wire};
use crate::ctap::frame::{Assembly, Channel, Command, Message, Packet, Partial, Report};
use crate::ctap::init::{DeviceVersion, InitAnswer};
use exchange::Exchange;

/// How often a wait asks whether it was cancelled; data wakes it at once.
const SLICE: Duration = Duration::from_millis(50);
/// How long to stay away from a key that is busy with another program.
const BUSY_PAUSE: Duration = Duration::from_millis(100);

/// An open channel to one key.
pub struct Conversation {
    wire: Box<dyn Wire>,
    channel: Channel,
    version: DeviceVersion,
    patience: Patience,
    cancel: Cancel,
    on_wait: OnWait,
    traffic: Traffic,
    /// Of the next INIT.
    nonce: [u8; 8],
    /// A command was sent and its answer not read: it may still come, and is not the next command's.
    unsettled: bool,
    /// How the exchanges went, in order.
    timings: Vec<Timing>,
}

/// Called when what the key waits for changes, and with `None` when the wait is over.
pub type OnWait = Box<dyn FnMut(Option<Waiting>) + Send>;

impl std::fmt::Debug for Conversation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conversation")
            .field("channel", &self.channel)
            .field("traffic", &self.traffic)
            .finish()
    }
}

/// Where waiting for a report ended.
enum Heard {
    Report(Report),
    TimeUp,
    Cancelled,
}

impl Conversation {
    /// Opens a channel (CTAPHID_INIT). `nonce` is 8 fresh random bytes: answers with another nonce are other programs'.
    ///
    /// # Errors
    /// [`TalkError`].
    pub fn open(
        wire: Box<dyn Wire>,
        patience: Patience,
        cancel: Cancel,
        on_wait: OnWait,
        nonce: [u8; 8],
    ) -> Result<Self, TalkError> {
        let version = DeviceVersion { protocol: 0, device: [0; 3], capabilities: 0 };
        let (channel, traffic, unsettled) = (Channel::BROADCAST, Traffic::default(), false);
        let timings = Vec::new();
        let mut this =
            Self { wire, channel, version, patience, cancel, on_wait, traffic, nonce, unsettled, timings };
        this.init()?;
        Ok(this)
    }

    /// CTAPHID_INIT: a channel, or a fresh start on the one there is (CTAP §11.2.9.1.3). No two have the same nonce.
    fn init(&mut self) -> Result<(), TalkError> {
        let nonce = self.nonce;
        self.nonce = u64::from_be_bytes(nonce).wrapping_add(1).to_be_bytes();
        let mut exchange = Exchange { nonce: Some(nonce), ..self.begin("INIT", Pace::Quick) };
        let answer = InitAnswer::parse(&self.once(&mut exchange, Command::Init, &nonce)?)?;
        (self.channel, self.version) = (answer.channel, answer.version);
        self.traffic.transactions = self.traffic.transactions.saturating_add(1);
        self.unsettled = false;
        Ok(())
    }

    /// What the key said when the channel was opened.
    #[must_use]
    pub fn version(&self) -> DeviceVersion {
        self.version
    }

    /// What went over the wire so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Lets the key go, and takes with it what was measured. Whatever is asked of the key from now on finds it gone.
    pub fn hang_up(&mut self) -> (Vec<Timing>, Traffic) {
        self.wire = Box::new(NoWire);
        (std::mem::take(&mut self.timings), std::mem::take(&mut self.traffic))
    }

    /// How each exchange went, INIT aside.
    #[must_use]
    pub fn timings(&self) -> &[Timing] {
        &self.timings
    }

    /// Sends a command and returns the payload of its answer. A busy key is asked again until the time is up, but never
    /// with a PIN ([`Pace::Pin`]). Where the answer to an earlier command was not read, the channel is cleared first, in a
    /// time of its own.
    ///
    /// # Errors
    /// [`TalkError`]; before a time-out or an interruption is returned the key has been told to stop.
    pub fn exchange(
        &mut self,
        command: Command,
        payload: &[u8],
        during: &'static str,
        pace: Pace,
    ) -> Result<Vec<u8>, TalkError> {
        self.clear()?;
        self.whole(self.begin(during, pace), command, payload).0
    }

    /// The same, but the key is told to stop as soon as it says that it wants to be touched: its answer, and how the
    /// exchange went, where it came to one: whether the key obeyed, and in what time.
    ///
    /// # Errors
    /// As [`Conversation::exchange`], of what came before the command.
    pub fn break_off(
        &mut self,
        command: Command,
        payload: &[u8],
        during: &'static str,
    ) -> Result<(Result<Vec<u8>, TalkError>, Timing), TalkError> {
        self.clear()?;
        let exchange = Exchange { give_up_at_touch: true, ..self.begin(during, Pace::Touch) };
        Ok(self.whole(exchange, command, payload))
    }

    /// Clears the channel of an answer that was not read.
    fn clear(&mut self) -> Result<(), TalkError> {
        if self.unsettled { self.init() } else { Ok(()) }
    }

    fn whole(
        &mut self,
        mut exchange: Exchange,
        command: Command,
        payload: &[u8],
    ) -> (Result<Vec<u8>, TalkError>, Timing) {
        let answer = self.once(&mut exchange, command, payload);
        let timing = exchange.pulse.stop(Instant::now());
        self.timings.push(timing);
        self.traffic.transactions = self.traffic.transactions.saturating_add(answer.is_ok().into());
        (answer, timing)
    }

    fn begin(&self, during: &'static str, pace: Pace) -> Exchange {
        Exchange::begin(during, pace, self.patience.limits(pace))
    }

    /// Sends the request, and again after a pause while the key is busy, unless it carries a PIN; returns the first whole
    /// answer of the same command.
    fn once(
        &mut self,
        exchange: &mut Exchange,
        command: Command,
        payload: &[u8],
    ) -> Result<Vec<u8>, TalkError> {
        loop {
            // After Ctrl-C nothing is sent that might, for instance, cost a PIN attempt.
            if self.cancel.requested() {
                return Err(TalkError::Interrupted);
            }
            (self.on_wait)(Some(Waiting::Processing));
            self.unsettled |= command != Command::Init;
            let sent = self.send(exchange.during, command, payload);
            let answer = sent.and_then(|()| self.answer(exchange, command));
            (self.on_wait)(None);
            match answer {
                // A key that calls itself busy when it has the whole message may have looked at it all the same.
                Err(TalkError::ErrorFrame { code: 0x06, .. }) if exchange.pace == Pace::Pin => {
                    self.unsettled = true;
                    return Err(TalkError::Busy);
                }
                Err(TalkError::ErrorFrame { code: 0x06, .. }) => self.pause(exchange)?,
                other => return other,
            }
        }
    }

    fn send(&mut self, during: &'static str, command: Command, payload: &[u8]) -> Result<(), TalkError> {
        let message = Message { channel: self.channel, command, payload: payload.to_vec() };
        for report in message.reports().map_err(|source| TalkError::Frame { during, source })? {
            self.wire.send(&report).map_err(|source| TalkError::Gone { during, source })?;
            self.traffic.sent = self.traffic.sent.saturating_add(1);
        }
        Ok(())
    }

    /// Listens past other channels' frames while another program has the key.
    fn pause(&mut self, exchange: &mut Exchange) -> Result<(), TalkError> {
        let resume = Instant::now() + BUSY_PAUSE;
        if resume >= exchange.end {
            return Err(TalkError::Busy);
        }
        while Instant::now() < resume {
            match self.hear(resume, exchange.during)? {
                Heard::Cancelled => return Err(TalkError::Interrupted),
                Heard::Report(_) | Heard::TimeUp => {}
            }
        }
        exchange.bear();
        Ok(())
    }

    fn answer(&mut self, exchange: &mut Exchange, command: Command) -> Result<Vec<u8>, TalkError> {
        let mut waiting = None;
        let mut partial: Option<Partial> = None;
        loop {
            let report = match self.hear(exchange.deadline(), exchange.during)? {
                Heard::Report(report) => report,
                Heard::TimeUp => return self.give_up(exchange, command, waiting, partial),
                Heard::Cancelled => {
                    // Whatever the key still says: the person has ended it.
                    drop(self.cancel_command(exchange, command, partial));
                    return Err(TalkError::Interrupted);
                }
            };
            let packet = Packet::parse(&report);
            if packet.channel() != self.channel {
                continue;
            }
            exchange.heard();
            if let (None, Packet::Init { command: Command::Keepalive, data, .. }) = (&partial, &packet) {
                let [status, ..] = **data;
                let now = Waiting::read(status, exchange.limits.total);
                exchange.pulse.waiting(now);
                if exchange.give_up_at_touch && matches!(now, Waiting::Touch(_)) {
                    return self.give_up(exchange, command, Some(now), None);
                }
                if now != waiting.replace(now).unwrap_or(Waiting::Processing) {
                    (self.on_wait)(waiting);
                }
                continue;
            }
            if exchange.nonce.is_some() && matches!(packet, Packet::Init { .. }) {
                // An old answer that was broken off.
                partial = None;
            }
            let assembly = match partial.take() {
                None => Partial::start(&packet),
                Some(partial) => partial.extend(&packet),
            };
            let assembly = match assembly {
                // A packet of an old answer.
                Err(_) if exchange.nonce.is_some() => continue,
                other => other.map_err(|source| TalkError::Frame { during: exchange.during, source })?,
            };
            match assembly {
                Assembly::Complete(message) if exchange.skips(&message) => {}
                Assembly::Partial(more) => {
                    // What it waited for has come.
                    waiting = Some(Waiting::Processing);
                    partial = Some(more);
                }
                Assembly::Complete(message) => return self.settle(message, command, exchange.during),
            }
        }
    }

    /// The time is up: the key is told, and if the answer still comes in the grace it counts.
    fn give_up(
        &mut self,
        exchange: &mut Exchange,
        command: Command,
        waiting: Option<Waiting>,
        partial: Option<Partial>,
    ) -> Result<Vec<u8>, TalkError> {
        let during = exchange.during;
        let endless = Instant::now() >= exchange.end && waiting.is_some();
        // 0x2D is the key's word that it has stopped; anything else is an answer that came at the last moment.
        let late = self.cancel_command(exchange, command, partial).unwrap_or_default();
        let stopped = late.is_some();
        if let Some(answer) = late.filter(|answer| *answer != [0x2d]) {
            return Ok(answer);
        }
        Err(match waiting {
            Some(Waiting::Touch(_)) if endless && exchange.pace != Pace::Quick => {
                TalkError::NoTouch { after: exchange.limits.total, stopped }
            }
            Some(_) if endless => TalkError::Endless { during, after: exchange.limits.total },
            _ => TalkError::Silent { during, after: exchange.patience() },
        })
    }

    /// Says CTAPHID_CANCEL and reads what the key answers to the command, if it answers within the grace. `partial` is
    /// what has been read of the answer before.
    fn cancel_command(
        &mut self,
        exchange: &mut Exchange,
        command: Command,
        mut partial: Option<Partial>,
    ) -> Result<Option<Vec<u8>>, TalkError> {
        if command != Command::Cbor {
            return Ok(None);
        }
        self.send(exchange.during, Command::Cancel, &[])?;
        let sent = Instant::now();
        exchange.pulse.cancel(sent);
        let end = sent + self.patience.grace;
        while Instant::now() < end {
            let report = match self.wire.receive(end) {
                Ok(Some(report)) => report,
                Ok(None) => continue,
                Err(_) => return Ok(None),
            };
            self.traffic.received = self.traffic.received.saturating_add(1);
            let packet = Packet::parse(&report);
            let keepalive = matches!(packet, Packet::Init { command: Command::Keepalive, .. });
            if packet.channel() != self.channel || keepalive {
                continue;
            }
            let next = match partial.take() {
                None => Partial::start(&packet),
                Some(partial) => partial.extend(&packet),
            };
            match next {
                Ok(Assembly::Partial(more)) => partial = Some(more),
                // An error of the cancel itself is no answer to the command, which the key goes on with.
                Ok(Assembly::Complete(message)) if message.command == command => {
                    exchange.pulse.obeyed(Instant::now());
                    return Ok(self.settle(message, command, exchange.during).ok());
                }
                // Nor is what makes no message.
                Ok(Assembly::Complete(_)) | Err(_) => {}
            }
        }
        Ok(None)
    }

    /// Waits for one report, in slices, so that a cancel is noticed.
    fn hear(&mut self, until: Instant, during: &'static str) -> Result<Heard, TalkError> {
        loop {
            if self.cancel.requested() {
                return Ok(Heard::Cancelled);
            }
            let now = Instant::now();
            if now >= until {
                return Ok(Heard::TimeUp);
            }
            let report = self
                .wire
                .receive(until.min(now + SLICE))
                .map_err(|source| TalkError::Gone { during, source })?;
            if let Some(report) = report {
                self.traffic.received = self.traffic.received.saturating_add(1);
                return Ok(Heard::Report(report));
            }
        }
    }

    /// Takes a whole message for the answer, or says what else it is.
    fn settle(
        &mut self,
        message: Message,
        command: Command,
        during: &'static str,
    ) -> Result<Vec<u8>, TalkError> {
        match message.command {
            found if found == command => {
                // What INIT clears, its caller says.
                self.unsettled &= command == Command::Init;
                Ok(message.payload)
            }
            Command::Error => {
                self.unsettled &= command == Command::Init;
                let code = message.payload.first().copied().unwrap_or_default();
                Err(TalkError::ErrorFrame { during, code })
            }
            found => Err(TalkError::Unexpected { during, found }),
        }
    }
}
