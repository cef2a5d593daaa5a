//! Why a conversation ended without an answer.

use std::io;
use std::time::Duration;

use crate::ctap::frame::{Command, FrameError};
use crate::ctap::init::InitError;

/// Why there is no answer. Nothing in here is a refusal: the key was not understood, not heard, or not reached.
#[derive(Debug, thiserror::Error)]
pub enum TalkError {
    /// Nothing came, or nothing more.
    #[error("the key did not answer {during} within {} s", .after.as_secs())]
    Silent {
        /// The command.
        during: &'static str,
        /// The limit.
        after: Duration,
    },
    /// It said that it was working, and never ended.
    #[error("the key was still busy with {during} after {} s", .after.as_secs())]
    Endless {
        /// The command.
        during: &'static str,
        /// The limit.
        after: Duration,
    },
    /// It waited for a touch that did not come; it has been told to stop waiting.
    #[error(
        "nobody touched the key within {} s{}", .after.as_secs(),
        if *.stopped { "" } else { ", and it did not say that it stopped waiting: unplug it before anybody touches it" }
    )]
    NoTouch {
        /// The limit.
        after: Duration,
        /// Whether it said that it stopped. One that did not may still take a late touch.
        stopped: bool,
    },
    /// Ctrl-C; the key has been told.
    #[error("interrupted")]
    Interrupted,
    /// Another program holds the key.
    #[error("another program is using the key")]
    Busy,
    /// The system lost the key.
    #[error("the key was lost during {during}: {source}")]
    Gone {
        /// The command.
        during: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// Packets that make no message.
    #[error("the key sent a broken message in answer to {during}: {source}")]
    Frame {
        /// The command.
        during: &'static str,
        /// What is wrong.
        source: FrameError,
    },
    /// An answer to something else.
    #[error("the key answered {during} with another command ({found:?})")]
    Unexpected {
        /// The command.
        during: &'static str,
        /// What came.
        found: Command,
    },
    /// CTAPHID_ERROR.
    #[error("the key refused the message of {during} with CTAPHID error 0x{code:02x}")]
    ErrorFrame {
        /// The command.
        during: &'static str,
        /// The key's error code.
        code: u8,
    },
    /// An answer to INIT that opens nothing.
    #[error("the key opened no channel: {0}")]
    Init(#[from] InitError),
}
