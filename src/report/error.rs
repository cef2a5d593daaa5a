//! Why there is no document: the cause and the cure.

use std::io;

/// Why a report or a label was not made or not written.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The plan's size does not hold a label.
    #[error(
        "a label of {width_mm} × {height_mm} mm cannot hold what belongs on it: its text or its QR code could not be read"
    )]
    TooSmall {
        /// The width in the plan.
        width_mm: u32,
        /// The height in the plan.
        height_mm: u32,
    },
    /// There is no key to make a label for.
    #[error("no key is active, so there is no label to make")]
    NoActiveKey,
    /// Something else than an earlier document of this kind lies there.
    #[error("{}: there is something already, and it is no {what}: it is left as it is", .file.escape_debug())]
    NotOurs {
        /// Where.
        file: String,
        /// What would have been written.
        what: &'static str,
    },
    /// A link, a folder, a device.
    #[error("{} is {what}, and documents are written to plain files", .file.escape_debug())]
    NoPlainFile {
        /// Where.
        file: String,
        /// What is there.
        what: &'static str,
    },
    /// The file.
    #[error("{}: {source}", .file.escape_debug())]
    File {
        /// Where.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// A template; only a bug can do that.
    #[error("the document cannot be made: {0}")]
    Template(#[from] askama::Error),
}

impl PaperError {
    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::TooSmall { .. } => {
                Some("set `width_mm` and `height_mm` under [labels] in the plan: 62 and 29 hold all of it")
            }
            Self::NoActiveKey => Some("name the key: `glasskey inventory` lists the labels"),
            Self::NotOurs { .. } => Some("name another file, or move that one away first"),
            Self::NoPlainFile { .. } => Some("name the file itself, or another one"),
            Self::File { .. } => Some("check the path, and that you may write in its folder"),
            Self::Template(_) => None,
        }
    }
}
