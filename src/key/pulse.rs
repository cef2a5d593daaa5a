//! How a conversation goes: what the key waits for, what went over the wire, and how long each exchange took.

use std::time::{Duration, Instant};

/// What a key says it waits for (CTAPHID_KEEPALIVE, CTAP §11.2.9.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// It computes.
    Processing,
    /// It wants to be touched. How long a person may take, from when it was asked.
    Touch(Duration),
    /// A status that the specification does not know.
    Other(u8),
}

impl Waiting {
    /// What the status of a keepalive says; `limit`: how long the key's answer is awaited in all.
    pub(super) fn read(status: u8, limit: Duration) -> Self {
        match status {
            1 => Self::Processing,
            2 => Self::Touch(limit),
            other => Self::Other(other),
        }
    }
}

/// What went over the wire, for tests and benchmarks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Traffic {
    /// Requests that were answered, INIT among them.
    pub transactions: u64,
    /// Reports sent.
    pub sent: u64,
    /// Reports received, of this channel or not.
    pub received: u64,
}

impl Traffic {
    /// Adds what went over the wire in another conversation.
    pub fn add(&mut self, more: Self) {
        self.transactions = self.transactions.saturating_add(more.transactions);
        self.sent = self.sent.saturating_add(more.sent);
        self.received = self.received.saturating_add(more.received);
    }
}

/// How one exchange went, in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// The command.
    pub during: &'static str,
    /// From the request to the answer, or to the end of the wait for it.
    pub took: Duration,
    /// The longest time without a packet of this channel.
    pub silence: Duration,
    /// Keepalives of this channel.
    pub keepalives: u32,
    /// Whether the key said that it wants to be touched.
    pub touch: bool,
    /// From CTAPHID_CANCEL to the answer, where one was sent and answered.
    pub cancelled: Option<Duration>,
}

/// A stopwatch on one exchange.
#[derive(Debug)]
pub(super) struct Pulse {
    began: Instant,
    heard: Instant,
    cancelled: Option<Instant>,
    timing: Timing,
}

impl Pulse {
    pub(super) fn start(during: &'static str, now: Instant) -> Self {
        let (took, silence) = (Duration::ZERO, Duration::ZERO);
        let timing = Timing { during, took, silence, keepalives: 0, touch: false, cancelled: None };
        Self { began: now, heard: now, cancelled: None, timing }
    }

    /// A packet of this channel came.
    pub(super) fn beat(&mut self, now: Instant) {
        self.timing.silence = self.timing.silence.max(now.duration_since(self.heard));
        self.heard = now;
    }

    /// It was a keepalive.
    pub(super) fn waiting(&mut self, waiting: Waiting) {
        self.timing.keepalives = self.timing.keepalives.saturating_add(1);
        self.timing.touch |= matches!(waiting, Waiting::Touch(_));
    }

    /// CTAPHID_CANCEL is sent.
    pub(super) fn cancel(&mut self, now: Instant) {
        self.cancelled = Some(now);
    }

    /// An answer came after CTAPHID_CANCEL.
    pub(super) fn obeyed(&mut self, now: Instant) {
        self.timing.cancelled = self.cancelled.map(|at| now.duration_since(at));
    }

    pub(super) fn stop(&self, now: Instant) -> Timing {
        Timing { took: now.duration_since(self.began), ..self.timing }
    }
}
