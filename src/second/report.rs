//! What the child tells, line by line, so that what it had done is known when it hangs or dies.

use serde::{Deserialize, Serialize};

use super::job::Bytes;
use crate::ctap::frame::Channel;

/// How much of a text the child may say.
const MAX_TEXT: usize = 200;

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Line {
    /// It has a channel to the key. Known to the parent so that it can cancel there what a killed child has begun.
    Channel {
        /// Its four bytes.
        id: [u8; 4],
    },
    /// getInfo.
    Info(Info),
    /// PIN attempts left.
    Retries {
        /// As the crate says it, whatever it read.
        left: i64,
    },
    /// The key waits to be touched.
    Touch {},
    /// makeCredential.
    Registration(Registration),
    /// getAssertion.
    Assertion(Assertion),
    /// It gave up.
    Failed {
        /// The crate's words, and through them perhaps the key's: hostile text.
        why: String,
    },
    /// It panicked.
    Panicked {
        /// Where in the source.
        at: String,
    },
    /// It has done all that it was told to do.
    Done {},
}

/// What the second client read of getInfo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// 16 bytes, if all is well.
    pub aaguid: Bytes,
    /// In the order and the number in which they came.
    pub options: Vec<(String, bool)>,
}

/// What the second client has of a registration: an attestation object in parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The statement's format.
    pub fmt: String,
    /// What the key signed.
    pub auth_data: Bytes,
    /// The statement's algorithm.
    pub alg: i64,
    /// The statement's signature.
    pub sig: Bytes,
    /// Its certificates; empty where there are none.
    pub x5c: Vec<Bytes>,
}

/// What the second client has of an assertion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// Which credential signed; empty where the key did not say.
    pub credential_id: Bytes,
    /// What the key signed.
    pub auth_data: Bytes,
    /// The signature.
    pub signature: Bytes,
}

/// How far the child came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Its channel to the key.
    pub channel: Option<Channel>,
    /// getInfo.
    pub info: Option<Info>,
    /// PIN attempts left, as it read them.
    pub retries: Option<i64>,
    /// makeCredential.
    pub registration: Option<Registration>,
    /// getAssertion.
    pub assertion: Option<Assertion>,
}

/// How the child ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum End {
    /// With a whole report.
    #[error("the second client did all it was asked")]
    Finished,
    /// It said that it could not go on.
    #[error("the second client gave up at {during}: {}", .why.escape_debug())]
    GaveUp {
        /// What it was doing.
        during: &'static str,
        /// What it says, at most 200 characters: hostile text.
        why: String,
    },
    /// It panicked.
    #[error("the second client crashed at {during} ({})", .at.escape_debug())]
    Panicked {
        /// What it was doing.
        during: &'static str,
        /// Where in its source.
        at: String,
    },
    /// It ended without a word.
    #[error("the second client ended at {during} without a word ({status})")]
    Died {
        /// What it was doing.
        during: &'static str,
        /// What the system says.
        status: String,
    },
    /// It was ended, for it took too long.
    #[error("the second client was stuck at {during} and was ended after {seconds} s")]
    TimeUp {
        /// What it was doing.
        during: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// It was ended after the key had asked for a touch. The crate does not tell whether there was one.
    #[error(
        "the second client's {during} did not end: nobody touched the key, or the key did not answer after it"
    )]
    NotTouched {
        /// What it was doing.
        during: &'static str,
    },
    /// What it told is no report.
    #[error("the second client's report makes no sense: {0}")]
    Nonsense(&'static str),
    /// It could not be started.
    #[error("the second client could not be started: {0}")]
    NotStarted(String),
    /// Ctrl-C: it was ended.
    #[error("interrupted")]
    Interrupted,
}

impl Report {
    /// What the child does next, or was doing when it ended.
    #[must_use]
    pub fn during(&self) -> &'static str {
        if self.channel.is_none() {
            "INIT"
        } else if self.info.is_none() {
            "getInfo"
        } else if self.retries.is_none() {
            "getPINRetries"
        } else if self.registration.is_none() {
            "makeCredential"
        } else if self.assertion.is_none() {
            "getAssertion"
        } else {
            "its end"
        }
    }

    /// Takes a line in. `Some`: the last one.
    pub(super) fn take(&mut self, line: Line) -> Option<End> {
        let during = self.during();
        // Each thing is told once and in order, so only what is due is taken.
        match (line, during) {
            (Line::Channel { id }, "INIT") => self.channel = Some(Channel(id)),
            (Line::Info(info), "getInfo") => self.info = Some(info),
            (Line::Retries { left }, "getPINRetries") => self.retries = Some(left),
            (Line::Registration(made), "makeCredential") => self.registration = Some(made),
            (Line::Assertion(made), "getAssertion") => self.assertion = Some(made),
            (Line::Touch {}, _) => {}
            (Line::Done {}, "its end") => return Some(End::Finished),
            (Line::Failed { why }, _) => {
                return Some(End::GaveUp { during, why: why.chars().take(MAX_TEXT).collect() });
            }
            (Line::Panicked { at }, _) => {
                return Some(End::Panicked { during, at: at.chars().take(MAX_TEXT).collect() });
            }
            _ => return Some(End::Nonsense("it is out of order")),
        }
        None
    }
}
