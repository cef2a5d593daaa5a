//! Waiting for a person to pull a key out and put it in again.

use std::io;
use std::time::{Duration, Instant};

use super::cancel::Cancel;
use super::found::{Bus, Found};

/// How often the bus is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Why the key is not there again.
#[derive(Debug, thiserror::Error)]
pub enum ReplugError {
    /// Nobody pulled it out.
    #[error("the key was not unplugged within {} s", .0.as_secs())]
    NotOut(Duration),
    /// Nobody put it in.
    #[error("no key was plugged in within {} s", .0.as_secs())]
    NotIn(Duration),
    /// Another one was put in, by what the bus tells of it.
    #[error("the key plugged in is another one: USB id {:04x}:{:04x}, not {:04x}:{:04x}", .came.0, .came.1, .went.0, .went.1)]
    Another {
        /// USB vendor and product id of the key that went.
        went: (u16, u16),
        /// And of the one that came.
        came: (u16, u16),
    },
    /// Several were put in at once.
    #[error("several keys were plugged in at once")]
    Several,
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// The system cannot list its devices.
    #[error("the USB devices cannot be listed: {0}")]
    List(#[from] io::Error),
}

/// Waits until `key` is gone and a key with the same USB ids has come; `out` is called in between. Its path may be
/// another one. That it is the same key CTAP cannot prove: the caller compares what it tells of itself.
///
/// # Errors
/// [`ReplugError`]; each of the two waits ends after `limit`.
pub fn wait(
    bus: &dyn Bus,
    key: &Found,
    limit: Duration,
    cancel: &Cancel,
    out: impl FnOnce(),
) -> Result<Found, ReplugError> {
    let others = watch(bus, limit, cancel, |keys| (!keys.contains(key)).then_some(keys))?;
    let others = others.ok_or(ReplugError::NotOut(limit))?;
    out();
    let came = watch(bus, limit, cancel, |mut keys| {
        keys.retain(|found| !others.contains(found));
        (!keys.is_empty()).then_some(keys)
    })?;
    match came.ok_or(ReplugError::NotIn(limit))?.as_slice() {
        [one] if (one.vendor_id, one.product_id) == (key.vendor_id, key.product_id) => Ok(one.clone()),
        [one] => Err(ReplugError::Another {
            went: (key.vendor_id, key.product_id),
            came: (one.vendor_id, one.product_id),
        }),
        _ => Err(ReplugError::Several),
    }
}

/// Looks at the bus until `done` has an answer; `None` when the time is up.
fn watch<T>(
    bus: &dyn Bus,
    limit: Duration,
    cancel: &Cancel,
    mut done: impl FnMut(Vec<Found>) -> Option<T>,
) -> Result<Option<T>, ReplugError> {
    let end = Instant::now() + limit;
    loop {
        if cancel.requested() {
            return Err(ReplugError::Interrupted);
        }
        if let Some(answer) = done(bus.find()?) {
            return Ok(Some(answer));
        }
        if Instant::now() >= end {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
#[path = "replug/tests.rs"]
mod tests;
