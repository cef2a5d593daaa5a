//! What the key is doing.

use std::time::{Duration, Instant};

use crate::ctap::frame::{Channel, Partial};
use crate::soft::fault::{Mode, Strike};
use crate::soft::lie::Lie;
use crate::soft::stats::Op;

/// What the key is doing.
pub(super) enum State {
    Idle,
    /// A message is coming in.
    Assembling {
        channel: Channel,
        partial: Partial,
        until: Instant,
    },
    /// The firmware works on a channel's command.
    Working(Work),
}

/// One CBOR command.
pub(super) struct Work {
    pub(super) channel: Channel,
    pub(super) job: u64,
    pub(super) op: Op,
    pub(super) strike: Option<Strike>,
    pub(super) lie: Option<Lie>,
    pub(super) touch: bool,
    pub(super) tick: Instant,
    /// How long between keepalives.
    pub(super) interval: Duration,
    /// Until when an answer is held back, and that answer.
    pub(super) hold: Option<(Instant, Option<Vec<u8>>)>,
}

impl Work {
    pub(super) fn mode(&self) -> Option<Mode> {
        self.strike.as_ref().map(|strike| strike.mode)
    }
}
