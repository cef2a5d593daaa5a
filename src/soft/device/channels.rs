//! The channels that a key has handed out.

use crate::ctap::frame::Channel;

/// How many are remembered; the oldest is forgotten.
const CHANNELS: usize = 256;

/// The channels that are valid.
#[derive(Debug, Default)]
pub(super) struct Channels {
    known: Vec<Channel>,
    last: u32,
}

impl Channels {
    pub(super) fn contains(&self, channel: Channel) -> bool {
        self.known.contains(&channel)
    }

    /// A new channel: never the broadcast channel, never the reserved one.
    pub(super) fn allocate(&mut self) -> Channel {
        self.last = self.last.wrapping_add(1);
        let [_, a, b, c] = self.last.to_be_bytes();
        let channel = Channel([0x50, a, b, c]);
        if self.known.len() >= CHANNELS {
            self.known.remove(0);
        }
        self.known.push(channel);
        channel
    }
}
