//! The answer to CTAPHID_INIT (CTAP §11.2.9.1.3).

use super::frame::Channel;

/// What a key says of itself when it opens a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct DeviceVersion {
    /// The CTAPHID protocol version; 2.
    pub protocol: u8,
    /// The device's version, as the vendor counts: major, minor, build.
    pub device: [u8; 3],
    /// Capability bits.
    pub capabilities: u8,
}

impl DeviceVersion {
    /// The key can show itself ([`super::frame::Command::Wink`]).
    pub const WINK: u8 = 0x01;
    /// The key speaks CTAP2.
    pub const CBOR: u8 = 0x04;
    /// The key does not speak CTAP1/U2F.
    pub const NO_MSG: u8 = 0x08;

    /// Whether a capability is claimed.
    #[must_use]
    pub fn can(&self, capability: u8) -> bool {
        self.capabilities & capability != 0
    }
}

/// An answer to CTAPHID_INIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InitAnswer {
    /// The nonce of the request that this answers: an answer with another nonce is somebody else's.
    pub nonce: [u8; 8],
    /// The channel that was opened.
    pub channel: Channel,
    /// The key's versions.
    pub version: DeviceVersion,
}

/// Why an answer to CTAPHID_INIT is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InitError {
    /// It has another length than 17 bytes or more.
    #[error("the answer to INIT has {0} bytes, not 17")]
    Length(usize),
    /// The channel is one that nobody may use.
    #[error("the key handed out a reserved channel")]
    ReservedChannel,
}

impl InitAnswer {
    /// Takes the payload apart. Bytes after the seventeenth are for later versions and skipped (CTAP §11.2.9.1.3).
    ///
    /// # Errors
    /// [`InitError`].
    pub fn parse(payload: &[u8]) -> Result<Self, InitError> {
        let Some((head, _)) = payload.split_first_chunk::<17>() else {
            return Err(InitError::Length(payload.len()));
        };
        let [n0, n1, n2, n3, n4, n5, n6, n7, c0, c1, c2, c3, protocol, major, minor, build, capabilities] =
            *head;
        let channel = Channel([c0, c1, c2, c3]);
        if channel == Channel::BROADCAST || channel == Channel::RESERVED {
            return Err(InitError::ReservedChannel);
        }
        Ok(Self {
            nonce: [n0, n1, n2, n3, n4, n5, n6, n7],
            channel,
            version: DeviceVersion { protocol, device: [major, minor, build], capabilities },
        })
    }
}

#[cfg(test)]
#[path = "init/tests.rs"]
mod tests;
