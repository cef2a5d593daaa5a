//! A key that does what a test tells it: a [`Wire`] that keeps what was sent and plays a turn for each message.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use glasskey::ctap::frame::{Assembly, Channel, Command, Message, Packet, Partial, Report};
use glasskey::key::wire::Wire;

/// The channel that a scripted key hands out.
pub(crate) const OURS: Channel = Channel([0x50, 0, 0, 1]);
/// Another program's.
pub(crate) const THEIRS: Channel = Channel([0x50, 0, 0, 2]);
/// What a keepalive says (CTAP §11.2.9.1.7).
pub(crate) const PROCESSING: u8 = 1;
pub(crate) const TOUCH: u8 = 2;

/// One thing that a key does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// It sends this.
    Send(Report),
    /// It waits, then goes on.
    Pause(Duration),
    /// It sends this again and again; `times` unsaid is until a cancel.
    Repeat { report: Report, every: Duration, times: Option<u32> },
    /// It waits for CTAPHID_CANCEL, for ever if need be.
    UntilCancelled,
    /// It is unplugged.
    Vanish,
}

/// What a key does when it has received a message.
pub(crate) type Turn = Vec<Step>;

/// What a key received, message by message, and whether it has anything left to say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    messages: Arc<Mutex<Vec<Message>>>,
    steps_left: Arc<AtomicUsize>,
}

impl Received {
    pub(crate) fn all(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    pub(crate) fn said_all(&self) -> bool {
        self.steps_left.load(Ordering::SeqCst) == 0
    }

    pub(crate) fn count(&self, command: Command) -> usize {
        self.all().iter().filter(|message| message.command == command).count()
    }
}

type Brain = Box<dyn FnMut(&Message) -> Turn + Send>;

/// The key.
pub(crate) struct ScriptedKey {
    brain: Brain,
    received: Received,
    partial: Option<Partial>,
    steps: VecDeque<Step>,
    /// When the step at the front began.
    began: Instant,
    cancelled: bool,
}

impl ScriptedKey {
    /// A key that decides on every message but CANCEL; `brain` answers INIT as well.
    pub(crate) fn that(brain: impl FnMut(&Message) -> Turn + Send + 'static) -> Self {
        Self {
            brain: Box::new(brain),
            received: Received::default(),
            partial: None,
            steps: VecDeque::new(),
            began: Instant::now(),
            cancelled: false,
        }
    }

    /// A key that opens channels, and then plays one turn for each message; when they are used up it is silent.
    pub(crate) fn that_plays(turns: impl IntoIterator<Item = Turn>) -> Self {
        let mut turns: VecDeque<Turn> = turns.into_iter().collect();
        Self::that(move |message| match message.command {
            Command::Init => vec![opens(message)],
            _ => turns.pop_front().unwrap_or_default(),
        })
    }

    /// What it receives from now on.
    pub(crate) fn received(&self) -> Received {
        self.received.clone()
    }

    fn take(&mut self, message: Message) {
        self.received.messages.lock().unwrap().push(message.clone());
        if message.command == Command::Cancel {
            self.cancelled = true;
            return;
        }
        // INIT on a channel of one's own ends what the key was doing there (CTAP §11.2.9.1.3).
        if message.command == Command::Init {
            self.steps.clear();
        }
        if self.steps.is_empty() {
            self.began = Instant::now();
        }
        self.cancelled = false;
        self.steps.extend((self.brain)(&message));
        self.received.steps_left.store(self.steps.len(), Ordering::SeqCst);
    }

    fn next_step(&mut self) {
        self.steps.pop_front();
        self.received.steps_left.store(self.steps.len(), Ordering::SeqCst);
        self.began = Instant::now();
    }
}

impl Wire for ScriptedKey {
    fn send(&mut self, report: &Report) -> io::Result<()> {
        if matches!(self.steps.front(), Some(Step::Vanish)) {
            return Err(gone());
        }
        let packet = Packet::parse(report);
        let assembly = match self.partial.take() {
            None => Partial::start(&packet),
            Some(partial) => partial.extend(&packet),
        };
        match assembly.expect("the client frames well") {
            Assembly::Complete(message) => self.take(message),
            Assembly::Partial(partial) => self.partial = Some(partial),
        }
        Ok(())
    }

    fn receive(&mut self, until: Instant) -> io::Result<Option<Report>> {
        loop {
            let (report, due) = match self.steps.front_mut() {
                Some(Step::Send(report)) => {
                    let report = *report;
                    self.next_step();
                    return Ok(Some(report));
                }
                Some(Step::Vanish) => return Err(gone()),
                Some(Step::UntilCancelled) if self.cancelled => {
                    self.next_step();
                    continue;
                }
                Some(Step::Repeat { times: Some(0), .. }) => {
                    self.next_step();
                    continue;
                }
                Some(Step::Repeat { times: None, .. }) if self.cancelled => {
                    self.next_step();
                    continue;
                }
                None | Some(Step::UntilCancelled) => {
                    sleep_until(until);
                    return Ok(None);
                }
                Some(Step::Pause(pause)) => (None, self.began + *pause),
                Some(Step::Repeat { report, every, .. }) => (Some(*report), self.began + *every),
            };
            if due > until {
                sleep_until(until);
                return Ok(None);
            }
            sleep_until(due);
            if report.is_none() {
                self.next_step();
                continue;
            }
            self.began = due;
            if let Some(Step::Repeat { times: Some(times), .. }) = self.steps.front_mut() {
                *times -= 1;
            }
            return Ok(report);
        }
    }
}

/// A wire that wakes up early and often: `None` before its time.
pub(crate) struct Hasty<W>(pub(crate) W);

impl<W: Wire> Wire for Hasty<W> {
    fn send(&mut self, report: &Report) -> io::Result<()> {
        self.0.send(report)
    }

    fn receive(&mut self, until: Instant) -> io::Result<Option<Report>> {
        self.0.receive(until.min(Instant::now() + Duration::from_millis(1)))
    }
}

fn sleep_until(instant: Instant) {
    thread::sleep(instant.saturating_duration_since(Instant::now()));
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "unplugged")
}

/// A message cut into reports.
pub(crate) fn reports(channel: Channel, command: Command, payload: &[u8]) -> Vec<Report> {
    Message { channel, command, payload: payload.to_vec() }.reports().unwrap()
}

/// A whole message.
pub(crate) fn says(channel: Channel, command: Command, payload: &[u8]) -> Turn {
    reports(channel, command, payload).into_iter().map(Step::Send).collect()
}

/// The answer to a CTAP2 command: status byte and body.
pub(crate) fn answers(payload: &[u8]) -> Turn {
    says(OURS, Command::Cbor, payload)
}

/// CTAPHID_ERROR.
pub(crate) fn refuses(code: u8) -> Turn {
    says(OURS, Command::Error, &[code])
}

/// The answer to INIT: nonce, channel, versions, capabilities (CTAP §11.2.9.1.3).
pub(crate) fn opens(init: &Message) -> Step {
    let own = if init.channel == Channel::BROADCAST { OURS } else { init.channel };
    let payload = [&init.payload[..], &own.0, &[2, 5, 7, 1, 0x0d]].concat();
    Step::Send(reports(init.channel, Command::Init, &payload)[0])
}

/// One keepalive.
pub(crate) fn keepalive(status: u8) -> Step {
    Step::Send(reports(OURS, Command::Keepalive, &[status])[0])
}

/// Keepalives, until a cancel where `times` is unsaid.
pub(crate) fn keepalives(status: u8, every: Duration, times: impl Into<Option<u32>>) -> Step {
    let report = reports(OURS, Command::Keepalive, &[status])[0];
    Step::Repeat { report, every, times: times.into() }
}

/// Frames of another program's channel without end and without a pause.
pub(crate) fn foreign_flood() -> Step {
    let report = reports(THEIRS, Command::Cbor, &[0x31])[0];
    Step::Repeat { report, every: Duration::ZERO, times: Some(u32::MAX) }
}

pub(crate) fn pause(millis: u64) -> Step {
    Step::Pause(Duration::from_millis(millis))
}
