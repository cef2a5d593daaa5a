//! Freeing a key from what a killed client has begun.
//!
//! A key that waits for a touch goes on waiting when its client is gone, and a touch would then serve the dead client's
//! request. CTAPHID_CANCEL counts only on the channel of that request (CTAP §11.2.9.1.5), and opening another channel
//! does not end it either; but a key knows channels, not programs. So the cancel is sent on the dead client's channel.

use std::io;
use std::time::{Duration, Instant};

use crate::ctap::frame::{Channel, Command, Message, Packet};
use crate::key::wire::Wire;

/// Cancels what was begun on `channel`, and waits no longer than `grace` for the key's word that it has stopped. A key
/// that was not doing anything there says nothing.
///
/// # Errors
/// What the system says, for instance that the key is gone.
pub fn free(wire: &mut dyn Wire, channel: Channel, grace: Duration) -> io::Result<bool> {
    let cancel = Message { channel, command: Command::Cancel, payload: Vec::new() };
    for report in cancel.reports().map_err(io::Error::other)? {
        wire.send(&report)?;
    }
    let end = Instant::now() + grace;
    while let Some(report) = wire.receive(end)? {
        if let Packet::Init { channel: found, command, .. } = Packet::parse(&report)
            && found == channel
            && command != Command::Keepalive
        {
            return Ok(true);
        }
        if Instant::now() >= end {
            break;
        }
    }
    Ok(false)
}
