//! A key that was seen, whether or not it may be opened.

use std::io;

use super::plugs::{Changes, Unsaid};
use super::wire::Wire;

/// Why a key that is there cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// This user may not open the device.
    #[error("this user may not open {path}")]
    Permission {
        /// The device.
        path: String,
    },
    /// Another program has it to itself.
    #[error("another program is using {path}")]
    Busy {
        /// The device.
        path: String,
    },
    /// It was unplugged since it was seen.
    #[error("{path} is gone")]
    Gone {
        /// The device.
        path: String,
    },
    /// Anything else.
    #[error("{path} cannot be opened: {reason}")]
    Other {
        /// The device.
        path: String,
        /// What the system says.
        reason: String,
    },
}

impl OpenError {
    /// Names what the system said about opening `path`.
    #[must_use]
    pub fn from_io(path: &str, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Permission { path },
            io::ErrorKind::ResourceBusy | io::ErrorKind::WouldBlock => Self::Busy { path },
            io::ErrorKind::NotFound => Self::Gone { path },
            _ => Self::Other { path, reason: error.to_string() },
        }
    }
}

/// One key that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How it is named: a device path, or `soft:NAME`.
    pub path: String,
    /// USB vendor id.
    pub vendor_id: u16,
    /// USB product id.
    pub product_id: u16,
    /// What the device calls itself: hostile text.
    pub product: String,
    /// Real firmware in this process, no hardware.
    pub soft: bool,
}

/// Where keys are found and opened: USB, or a folder of soft keys.
pub trait Bus: Send + Sync {
    /// The keys there are, in a stable order, also those that may not be opened.
    ///
    /// # Errors
    /// When the system cannot even be asked.
    fn find(&self) -> io::Result<Vec<Found>>;

    /// Opens one of them.
    ///
    /// # Errors
    /// [`OpenError`].
    fn open(&self, found: &Found) -> Result<Box<dyn Wire>, OpenError>;

    /// What tells when keys may have come or gone.
    fn changes(&self) -> Box<dyn Changes> {
        Box::new(Unsaid)
    }
}
