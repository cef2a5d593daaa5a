//! What can go wrong with a soft key before its wire is open. What goes wrong later, the wire says.

use std::io;
use std::path::PathBuf;

/// Why a soft key cannot be made, listed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SoftError {
    /// The name cannot be a folder's.
    #[error("{0:?} is no name for a soft key")]
    Name(String),
    /// There is such a key already.
    #[error("a soft key named {0} exists already")]
    Exists(String),
    /// There is no such key.
    #[error("there is no soft key named {0}")]
    Missing(String),
    /// Another process, or another wire of this one, has the key.
    #[error("the soft key {0} is in use")]
    InUse(String),
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file has been damaged or was not written by this program.
    #[error("{}: {what}", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A firmware version is not of the form `X.Y.Z`.
    #[error("{0:?} is no firmware version")]
    Version(String),
    /// A touch behaviour has another name.
    #[error("{0:?} is no touch behaviour")]
    Touch(String),
    /// A fault cannot be read, or could never strike.
    #[error("{0:?} is no fault")]
    Fault(String),
    /// A certificate cannot be minted.
    #[error("the certificate cannot be made: {0}")]
    Mint(&'static str),
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    Random(#[source] getrandom::Error),
    /// The firmware did not start, or stopped.
    #[error("the firmware of the soft key {0} does not start")]
    Firmware(String),
}

impl SoftError {
    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Name(_) => "use letters, digits, '-', '_' and '.', at most 64, not beginning with '.'",
            Self::Exists(_) => "choose another name, or remove the key's folder",
            Self::Missing(_) => "`glasskey soft list DIR` shows the keys there are",
            Self::InUse(_) => "close the other program that uses it",
            Self::File { .. } => "check that the folder exists and that you may read and write it",
            Self::Content { .. } | Self::Firmware(_) => {
                "remove the key's folder and make the key anew; a soft key holds nothing of value"
            }
            Self::Version(_) => "write it as three numbers of 0 to 255, for instance 5.7.1",
            Self::Touch(_) => "use auto, never or deny",
            Self::Fault(_) => {
                "write it as MODE[=ARG][@CMD][+SKIP][*TIMES], for instance silent@getassertion+1"
            }
            Self::Mint(_) => "dates are YYYYMMDDHHMMSSZ; UTCTime reaches from 1950 to 2049",
            Self::Random(_) => "try again when the system has started fully",
        }
    }
}
