//! Soft keys: real authenticator firmware (`fido-authenticator` on `trussed`) in process, behind the same
//! 64-byte reports as a hardware key. For tests and the demo; the feature `softkey` builds it.
//!
//! A soft key protects nothing: its secrets lie in a plain file, and its attestation leads to a test CA whose private
//! key lies beside it. It never looks like a vendor's key, and the caller marks it wherever it is recorded.
//!
//! ```no_run
//! use glasskey::soft::{self, Options};
//! # fn main() -> Result<(), soft::SoftError> {
//! let key = soft::create("keys".as_ref(), "alice", &Options::default())?;
//! let wire = key.open()?; // a `Wire`, as if the key had just been plugged in
//! # drop(wire); Ok(())
//! # }
//! ```

mod bend;
mod device;
mod error;
mod firmware;
mod flash;
mod home;
mod info;
mod lie;
mod mischief;
mod options;
mod stats;
mod touch;
mod wire;

pub mod bus;
pub mod der;
pub mod fault;
pub mod mint;

pub use device::SoftDevice;
pub use error::SoftError;
pub use fault::FaultSpec;
pub use home::{SoftKey, ca_certificate, create, list};
pub use info::Overlay;
pub use options::{FirmwareVersion, Options, Touch};
pub use stats::{Op, SoftStats};
pub use wire::SoftWire;
