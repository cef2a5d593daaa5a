//! Why there is no plan, and the cure.

use std::string::FromUtf8Error;

use super::place::position;
use crate::graph::words::clean_to;

/// Why no plan could be had from a file.
///
/// The fields keep foreign text as it was; `Display` escapes it.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// There is no such file.
    #[error("{}: there is no custody plan here", file.escape_debug())]
    Missing {
        /// The file.
        file: String,
    },
    /// The file can't be read.
    #[error("{}: can't be read: {source}", file.escape_debug())]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than [`super::LIMIT`].
    #[error("{}: larger than {limit} bytes, no custody plan is that large", file.escape_debug())]
    TooLarge {
        /// The file.
        file: String,
        /// The most bytes that are read.
        limit: usize,
    },
    /// A part of the file is not what it must be.
    #[error("{}: line {line}, column {column}: {}", file.escape_debug(), clean(problem))]
    Invalid {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
        /// What to do about it.
        cure: String,
    },
    /// The ledger is another organisation's.
    #[error("the plan is of '{}', the ledger of '{}'", clean(plan), clean(ledger))]
    OfAnother {
        /// Whose plan it is.
        plan: String,
        /// Whose ledger it is.
        ledger: String,
    },
    /// A template is to be written where there is a file already.
    #[error("{}: there is something already, and nothing is overwritten", file.escape_debug())]
    Exists {
        /// The file.
        file: String,
    },
    /// The template can't be written.
    #[error("{}: can't be written: {source}", file.escape_debug())]
    Write {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl PlanError {
    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Missing { .. } => {
                "name one with `--plan FILE` or GLASSKEY_PLAN, or write one with `glasskey plan init`"
                    .to_owned()
            }
            Self::Read { .. } => "check the path, and that you may read the file".to_owned(),
            Self::TooLarge { .. } => {
                "name the plan itself; `glasskey plan init` writes a template".to_owned()
            }
            Self::Invalid { cure, .. } => clean(cure),
            Self::OfAnother { .. } => {
                "name the two that belong together, with `--plan` and `--ledger`".to_owned()
            }
            Self::Exists { .. } => "name another file, or move that one away first".to_owned(),
            Self::Write { .. } => "check the path, and that you may write there".to_owned(),
        }
    }

    pub(super) fn not_text(file: &str, error: &FromUtf8Error) -> Self {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes().get(..good).unwrap_or_default());
        let (line, column) = position(&text, &(good..good));
        Self::Invalid {
            file: file.to_owned(),
            line,
            column,
            problem: "this is no UTF-8 text".to_owned(),
            cure: "save the file as UTF-8".to_owned(),
        }
    }
}

/// Foreign text in a message: what is invisible or commands a terminal is escaped, quotes stay, and a long text is cut.
pub(super) fn clean(text: &str) -> String {
    clean_to(text, 600)
}
