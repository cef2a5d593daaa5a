//! One request on its way to its answer: its limits, and how it goes.

use std::time::{Duration, Instant};

use crate::ctap::frame::{Command, Message};
use crate::key::patience::{Limits, Pace};
use crate::key::pulse::Pulse;

/// One request on its way to its answer.
pub(super) struct Exchange {
    /// Of an INIT: all but the answer with this nonce and errors are others' frames or old ones.
    pub(super) nonce: Option<[u8; 8]>,
    pub(super) during: &'static str,
    pub(super) pace: Pace,
    pub(super) limits: Limits,
    /// The end of the total limit.
    pub(super) end: Instant,
    /// The end of the silence limit, moved by every packet of ours.
    pub(super) quiet: Instant,
    pub(super) pulse: Pulse,
    /// The wait ends, and the key is told, as soon as it says that it wants to be touched.
    pub(super) give_up_at_touch: bool,
}

impl Exchange {
    pub(super) fn begin(during: &'static str, pace: Pace, limits: Limits) -> Self {
        let now = Instant::now();
        let (end, quiet) = (now + limits.total, now + limits.silence);
        let pulse = Pulse::start(during, now);
        Self { nonce: None, during, pace, limits, end, quiet, pulse, give_up_at_touch: false }
    }

    /// A packet of its channel came.
    pub(super) fn heard(&mut self) {
        let now = Instant::now();
        self.quiet = now + self.limits.silence;
        self.pulse.beat(now);
    }

    /// How long it may still wait, for whatever comes first.
    pub(super) fn deadline(&self) -> Instant {
        self.quiet.min(self.end)
    }

    /// The key may be silent for as long again: it is another program's for now.
    pub(super) fn bear(&mut self) {
        self.quiet = Instant::now() + self.limits.silence;
    }

    /// The longest silence that it bears.
    pub(super) fn patience(&self) -> Duration {
        self.limits.silence.min(self.limits.total)
    }

    /// Whether a message is not for this exchange, although it came on its channel.
    pub(super) fn skips(&self, message: &Message) -> bool {
        match (&self.nonce, message.command) {
            (None, _) | (Some(_), Command::Error) => false,
            (Some(nonce), Command::Init) => message.payload.get(..8) != Some(nonce),
            (Some(_), _) => true,
        }
    }
}
