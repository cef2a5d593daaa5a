//! CTAPHID framing (CTAP §11.2.4): messages of up to 7609 bytes cut into 64-byte reports, and joined again.
//!
//! The same types serve both ends, so a soft key frames its answers with the code that reads them.

/// One HID report, without the report id.
pub type Report = [u8; REPORT_LEN];

/// Length of a report in bytes.
pub const REPORT_LEN: usize = 64;
/// Payload bytes in an initialization packet.
pub const INIT_DATA: usize = REPORT_LEN - 7;
/// Payload bytes in a continuation packet.
pub const CONT_DATA: usize = REPORT_LEN - 5;
/// The longest message: one initialization packet and 128 continuation packets.
pub const MAX_PAYLOAD: usize = INIT_DATA + 128 * CONT_DATA;

/// A channel identifier. Never a number: its bytes have no order that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Channel(pub [u8; 4]);

impl Channel {
    /// The channel on which a new channel is asked for.
    pub const BROADCAST: Self = Self([0xff; 4]);
    /// Reserved; no key may hand it out.
    pub const RESERVED: Self = Self([0; 4]);
}

/// The command byte of a message, without its top bit. Every value has a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Echo.
    Ping,
    /// A CTAP1/U2F message.
    Msg,
    /// Exclusive access.
    Lock,
    /// A new channel.
    Init,
    /// Show yourself.
    Wink,
    /// A CTAP2 command.
    Cbor,
    /// Give up the command in progress.
    Cancel,
    /// Still working (key to client only).
    Keepalive,
    /// A framing error (key to client only).
    Error,
    /// Any other value, vendor commands among them.
    Other(u8),
}

impl From<u8> for Command {
    fn from(byte: u8) -> Self {
        match byte & 0x7f {
            0x01 => Self::Ping,
            0x03 => Self::Msg,
            0x04 => Self::Lock,
            0x06 => Self::Init,
            0x08 => Self::Wink,
            0x10 => Self::Cbor,
            0x11 => Self::Cancel,
            0x3b => Self::Keepalive,
            0x3f => Self::Error,
            other => Self::Other(other),
        }
    }
}

impl From<Command> for u8 {
    fn from(command: Command) -> Self {
        match command {
            Command::Ping => 0x01,
            Command::Msg => 0x03,
            Command::Lock => 0x04,
            Command::Init => 0x06,
            Command::Wink => 0x08,
            Command::Cbor => 0x10,
            Command::Cancel => 0x11,
            Command::Keepalive => 0x3b,
            Command::Error => 0x3f,
            Command::Other(other) => other & 0x7f,
        }
    }
}

/// One whole message on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whose it is.
    pub channel: Channel,
    /// What it asks or answers.
    pub command: Command,
    /// Its bytes, at most [`MAX_PAYLOAD`].
    pub payload: Vec<u8>,
}

/// What is wrong with a packet or a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The payload does not fit into one message.
    #[error("a message of {0} bytes is longer than the {MAX_PAYLOAD} that CTAPHID can carry")]
    TooLong(usize),
    /// A continuation packet came where a message should begin.
    #[error("a continuation packet came before its message began")]
    NotStarted,
    /// A packet has another sequence number than its place demands: one is missing, doubled or out of order.
    #[error("packet {found} came where packet {expected} was due")]
    Sequence {
        /// The number that was due.
        expected: u8,
        /// The number that came.
        found: u8,
    },
    /// A message began before the last one was whole.
    #[error("a new message began before the last one was whole")]
    Interrupted,
}

/// One packet, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// The first packet of a message.
    Init {
        /// Whose it is.
        channel: Channel,
        /// The message's command.
        command: Command,
        /// The message's whole length in bytes, as claimed.
        length: u16,
        /// The first bytes; those beyond `length` are padding.
        data: &'a [u8; INIT_DATA],
    },
    /// A further packet of a message.
    Continuation {
        /// Whose it is.
        channel: Channel,
        /// 0 to 127.
        sequence: u8,
        /// The next bytes; those beyond the message's length are padding.
        data: &'a [u8; CONT_DATA],
    },
}

impl<'a> Packet<'a> {
    /// Takes a report apart. Every report is one packet or the other.
    #[must_use]
    pub fn parse(report: &'a Report) -> Self {
        let [c0, c1, c2, c3, kind, rest @ ..] = report;
        let channel = Channel([*c0, *c1, *c2, *c3]);
        if kind & 0x80 == 0 {
            return Self::Continuation { channel, sequence: *kind, data: rest };
        }
        let [high, low, data @ ..] = rest;
        Self::Init { channel, command: Command::from(*kind), length: u16::from_be_bytes([*high, *low]), data }
    }

    /// Whose packet this is.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::Init { channel, .. } | Self::Continuation { channel, .. } => *channel,
        }
    }
}

impl Message {
    /// Cuts the message into reports.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] above [`MAX_PAYLOAD`] bytes.
    pub fn reports(&self) -> Result<Vec<Report>, FrameError> {
        let too_long = FrameError::TooLong(self.payload.len());
        if self.payload.len() > MAX_PAYLOAD {
            return Err(too_long);
        }
        let length = u16::try_from(self.payload.len()).map_err(|_| too_long)?;
        let (first, rest) = self.payload.split_at(self.payload.len().min(INIT_DATA));
        let [high, low] = length.to_be_bytes();
        let mut reports = vec![self.report(&[u8::from(self.command) | 0x80, high, low], first)];
        for (sequence, chunk) in (0u8..).zip(rest.chunks(CONT_DATA)) {
            reports.push(self.report(&[sequence], chunk));
        }
        Ok(reports)
    }

    fn report(&self, head: &[u8], data: &[u8]) -> Report {
        let mut report = [0; REPORT_LEN];
        let bytes = self.channel.0.iter().chain(head).chain(data);
        for (place, byte) in report.iter_mut().zip(bytes) {
            *place = *byte;
        }
        report
    }
}

/// Where joining packets has got to. Consumes itself, so nothing stale can be extended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assembly {
    /// The message is whole.
    Complete(Message),
    /// Packets are missing.
    Partial(Partial),
}

/// A message whose further packets are awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partial {
    message: Message,
    length: usize,
    next: u8,
}

impl Partial {
    /// Begins a message with its first packet.
    ///
    /// # Errors
    /// [`FrameError::NotStarted`] for a continuation packet, [`FrameError::TooLong`] for a length that no message can have.
    pub fn start(packet: &Packet<'_>) -> Result<Assembly, FrameError> {
        let Packet::Init { channel, command, length, data } = *packet else {
            return Err(FrameError::NotStarted);
        };
        let length = usize::from(length);
        if length > MAX_PAYLOAD {
            return Err(FrameError::TooLong(length));
        }
        let payload = data.iter().copied().take(length).collect();
        Ok(Self { message: Message { channel, command, payload }, length, next: 0 }.settle())
    }

    /// Adds the next packet. The caller has already skipped packets of other channels.
    ///
    /// # Errors
    /// [`FrameError::Interrupted`] for a new message's packet, [`FrameError::Sequence`] for any packet but the next.
    pub fn extend(mut self, packet: &Packet<'_>) -> Result<Assembly, FrameError> {
        let Packet::Continuation { sequence, data, .. } = *packet else {
            return Err(FrameError::Interrupted);
        };
        if sequence != self.next {
            return Err(FrameError::Sequence { expected: self.next, found: sequence });
        }
        self.next = self.next.wrapping_add(1);
        let missing = self.length.saturating_sub(self.message.payload.len());
        self.message.payload.extend(data.iter().take(missing));
        Ok(self.settle())
    }

    fn settle(self) -> Assembly {
        if self.message.payload.len() >= self.length {
            Assembly::Complete(self.message)
        } else {
            Assembly::Partial(self)
        }
    }
}

#[cfg(test)]
#[path = "frame/tests.rs"]
mod tests;
