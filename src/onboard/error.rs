//! Why an onboarding did not begin, or was not finished.

use std::io;

use super::compare::CompareError;

/// Why an onboarding did not begin, or was not finished.
#[derive(Debug, thiserror::Error)]
pub enum OnboardError {
    /// It is somebody's key.
    #[error("the key holds {0} passkeys: it is no sample")]
    HoldsPasskeys(u32),
    /// It may be somebody's key.
    #[error("the key does not tell whether it holds passkeys: it may be no sample")]
    MayHoldPasskeys,
    /// It has no PIN.
    #[error("no PIN is set on the key, and one that was set could not be taken back without a reset")]
    NoPin,
    /// Nobody pulled it out, or put it in again.
    #[error("the key was not plugged in again: {0}")]
    NotReplugged(String),
    /// A file that is no earlier run.
    #[error("{}: {source}", .file.escape_debug())]
    Compare {
        /// The file.
        file: String,
        /// Why.
        source: CompareError,
    },
    /// A file that is there already.
    #[error("{} is there already", .0.escape_debug())]
    Exists(String),
    /// A file that cannot be written.
    #[error("{}: {source}", .file.escape_debug())]
    Write {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
}

impl OnboardError {
    /// Whether the key is, or may be, one that is in use.
    #[must_use]
    pub fn is_no_sample(&self) -> bool {
        matches!(self, Self::HoldsPasskeys(_) | Self::MayHoldPasskeys)
    }

    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::HoldsPasskeys(_) | Self::MayHoldPasskeys => {
                "take a key that nobody uses; a sample may be erased with `--reset-allowed`, and everything on it is gone then"
            }
            Self::NoPin => {
                "allow the reset with `--reset-allowed`; or set a PIN with `glasskey pin set` and start again"
            }
            Self::NotReplugged(_) => "plug it in again, and start again",
            Self::Compare { .. } => "give what `glasskey --json onboard` printed",
            Self::Exists(_) => "name another file: nothing is overwritten",
            Self::Write { .. } => "name a file in a folder that you may write to",
        }
    }
}
