//! A key that follows a script: it answers well, badly, too late, for others, or with any reports at all.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ciborium::Value;
use glasskey::ctap::cbor;
use glasskey::ctap::frame::{Assembly, Channel, Command, Message, Packet, Partial, Report};
use glasskey::key::cancel::Cancel;
use glasskey::key::wire::Wire;
use glasskey_fuzz::{Input, bend};

use self::good::number;

mod good;

const CHANNEL: Channel = Channel([1, 2, 3, 4]);

/// What the key really did.
#[derive(Default)]
pub struct Seen {
    /// Command and subcommand that it answered with success.
    pub done: Vec<(u8, u8)>,
    /// What was signed.
    pub signed: Vec<Vec<u8>>,
}

pub struct Key {
    script: Vec<u8>,
    at: usize,
    nature: u8,
    cancel: Cancel,
    seen: Arc<Mutex<Seen>>,
    coming: Option<Partial>,
    request: Option<Message>,
    queue: VecDeque<Report>,
    going: Option<Partial>,
    cancelled: bool,
}

impl Key {
    pub fn new(script: &[u8], cancel: Cancel, seen: Arc<Mutex<Seen>>) -> Self {
        let nature = script.first().copied().unwrap_or_default();
        let (coming, request, queue, going) = (None, None, VecDeque::new(), None);
        Self {
            script: script.to_vec(),
            at: 1,
            nature,
            cancel,
            seen,
            coming,
            request,
            queue,
            going,
            cancelled: false,
        }
    }

    /// Whether it ends by saying nothing of use, rather than by being unplugged.
    pub fn falls_silent(&self) -> bool {
        self.nature % 8 < 3
    }

    fn queue(&mut self, channel: Channel, command: Command, payload: Vec<u8>) {
        self.queue.extend(Message { channel, command, payload }.reports().unwrap_or_default());
    }

    /// The next line of the script.
    fn step(&mut self) -> io::Result<()> {
        let script = std::mem::take(&mut self.script);
        let mut input = Input::new(script.get(self.at..).unwrap_or_default());
        let step = self.follow(&mut input);
        self.at = script.len() - input.left();
        self.script = script;
        step
    }

    fn follow(&mut self, input: &mut Input<'_>) -> io::Result<()> {
        let channel = match &self.request {
            Some(Message { command: Command::Init, channel, .. }) => *channel,
            _ => CHANNEL,
        };
        let command = self.request.as_ref().map_or(Command::Cbor, |request| request.command);
        match input.below(12) {
            0 => {
                let mut report: Report = input.array();
                if input.flag() {
                    report[..4].copy_from_slice(&channel.0);
                }
                self.queue.push_back(report);
            }
            1 => self.queue(channel, Command::from(input.byte()), input.chunk().to_vec()),
            2 => self.queue(channel, command, [&[input.byte()], input.chunk()].concat()),
            3 => self.queue(channel, Command::Keepalive, vec![input.byte()]),
            4 => sleep(Duration::from_millis(1)),
            5 => return Err(io::ErrorKind::BrokenPipe.into()),
            6 => {
                let answer = bend(input, &self.answer());
                self.queue(channel, command, answer);
            }
            7 => {
                let answer = self.answer();
                self.queue(Channel(input.array()), command, answer);
            }
            8 if input.byte() == 0 => self.cancel.request(),
            9 => {
                let answer = self.answer();
                self.queue(channel, command, answer);
                let (from, to) = (usize::from(input.byte()), usize::from(input.byte()));
                match (self.queue.len(), input.below(3)) {
                    (length, 0) => self.queue.swap(from % length, to % length),
                    (length, 1) => drop(self.queue.remove(from % length)),
                    (length, _) => self.queue.push_back(self.queue[from % length]),
                }
            }
            10 => self.queue(channel, Command::Error, vec![input.byte()]),
            _ => {
                let answer = self.answer();
                self.queue(channel, command, answer);
            }
        }
        Ok(())
    }

    /// After the script.
    fn end(&mut self, until: Instant) -> io::Result<()> {
        match self.nature % 8 {
            0 => sleep(until.saturating_duration_since(Instant::now())),
            1 => {
                sleep(Duration::from_millis(1));
                self.queue(CHANNEL, Command::Keepalive, vec![self.nature >> 6]);
            }
            2 => self.queue(Channel([9; 4]), Command::Cbor, vec![0]),
            _ => return Err(io::ErrorKind::BrokenPipe.into()),
        }
        Ok(())
    }

    /// What the client will make of a report, told by the same rules.
    fn deliver(&mut self, report: &Report) {
        let packet = Packet::parse(report);
        let keepalive = matches!(packet, Packet::Init { command: Command::Keepalive, .. });
        if packet.channel() != CHANNEL || (keepalive && (self.cancelled || self.going.is_none())) {
            return;
        }
        let next = match self.going.take() {
            None => Partial::start(&packet),
            Some(partial) => partial.extend(&packet),
        };
        match next {
            Ok(Assembly::Partial(partial)) => self.going = Some(partial),
            Ok(Assembly::Complete(Message { command: Command::Cbor, payload, .. }))
                if payload.first() == Some(&0) =>
            {
                let asked = self.asked();
                self.seen
                    .lock()
                    .expect("one thread")
                    .done
                    .push((asked.0, number(&asked.1, 2).unwrap_or_default()));
            }
            _ => {}
        }
    }

    fn asked(&self) -> (u8, Vec<(Value, Value)>) {
        let payload = self.request.as_ref().map(|request| request.payload.as_slice()).unwrap_or_default();
        let Some((command, body)) = payload.split_first() else { return (0, Vec::new()) };
        let members = cbor::decode(body).ok().and_then(|decoded| decoded.value.into_map().ok());
        // Only clientPIN has subcommands; elsewhere 2 is something else.
        (*command, members.unwrap_or_default())
    }
}

impl Wire for Key {
    fn send(&mut self, report: &Report) -> io::Result<()> {
        let packet = Packet::parse(report);
        let next = match self.coming.take() {
            None => Partial::start(&packet),
            Some(partial) => partial.extend(&packet),
        };
        match next.map_err(io::Error::other)? {
            Assembly::Partial(partial) => self.coming = Some(partial),
            Assembly::Complete(message) => {
                self.cancelled = message.command == Command::Cancel;
                // What was half said before the cancel may still be ended.
                if !self.cancelled {
                    self.going = None;
                    self.request = Some(message);
                }
            }
        }
        Ok(())
    }

    fn receive(&mut self, until: Instant) -> io::Result<Option<Report>> {
        if self.queue.is_empty() {
            if self.at < self.script.len() { self.step()? } else { self.end(until)? }
        }
        let report = self.queue.pop_front();
        if let Some(report) = &report {
            self.deliver(report);
        }
        Ok(report)
    }
}
