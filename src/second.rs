//! The second client: another CTAP2 implementation, the crate `ctap-hid-fido2`, on the same key.
//!
//! In an emergency a browser talks to the key, not this program, so what only this program can do with a key proves
//! too little. That crate hangs, panics and takes other programs' answers for its own, so it lives in a child process:
//!
//! ```text
//! Leave (our own client proved the PIN) ─► child ─► Report, End ─► the key is freed, retries read again ─► Trial
//!                                                                                  compare(facts, trial) ─► Comparison
//! ```
//!
//! The child is this same program with one hidden argument. It gets a [`job::Job`] and the PIN on its standard input, and
//! tells [`report::Line`]s on its standard output, each behind a marker that only it and its parent know, for the crate
//! prints there too. Nothing that it prints is shown. Nothing that it says is believed: registration and assertion are
//! verified by [`crate::webauthn`], and what it spent is read by our own client.
//!
//! Only [`client`] needs the crate, and with it the feature `second-client`.
#![expect(
    clippy::disallowed_methods,
    reason = "the child has a time limit, and ends itself when its parent is gone"
)]

pub mod child;
#[cfg(feature = "second-client")]
mod client;
pub mod compare;
pub mod free;
pub mod job;
pub mod leave;
pub mod listen;
pub mod program;
pub mod report;
pub mod trial;

#[cfg(test)]
mod tests;

pub use leave::{Leave, WhyNot};
pub use trial::{Trial, try_key};

/// What came of the second client.
#[derive(Debug)]
pub enum Second {
    /// It was not tried, for this reason.
    Skipped(WhyNot),
    /// It was not tried, for the key did not tell how many PIN attempts are left; in words.
    Unread(String),
    /// It was tried.
    Tried(Box<Trial>),
}

impl Second {
    /// Whether the key went silent or made no sense to our own client, before the trial or after it.
    #[must_use]
    pub fn broke(&self) -> bool {
        match self {
            Self::Skipped(_) => false,
            Self::Unread(_) => true,
            Self::Tried(trial) => trial.after.is_err(),
        }
    }
}

/// Whether this build has a second client.
#[must_use]
pub const fn in_this_build() -> bool {
    cfg!(feature = "second-client")
}

/// The child's side of the second client, where this process was started as one.
#[cfg(feature = "second-client")]
#[must_use]
pub fn child_main() -> Option<bool> {
    program::is_child(std::env::args_os()).then(|| child::main(client::Crate::open))
}

/// The child's side of the second client; this build has none.
#[cfg(not(feature = "second-client"))]
#[must_use]
pub const fn child_main() -> Option<bool> {
    None
}
