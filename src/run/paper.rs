//! Documents on disk: whole or not at all, readable by their owner only, and in the place of nothing but an earlier one
//! of the same kind. So no slip of the fingers costs a ledger, a plan, or anything else.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;

use crate::disk::{self, Readers};
use crate::report::PaperError;

/// A kind of document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// For people.
    pub(super) what: &'static str,
    /// What each of them begins with.
    pub(super) mark: &'static str,
}

/// Writes a document. It appears whole, with mode 0600, and is on disk before this returns.
pub(super) fn write(path: &Path, kind: Kind, text: &str) -> Result<(), PaperError> {
    let file = path.display().to_string();
    if path.file_name().is_none() {
        return Err(PaperError::NoPlainFile { file, what: "the name of no file" });
    }
    may_replace(path, kind)?;
    disk::replace(path, Readers::Owner, text).map_err(|source| PaperError::File { file, source })
}

/// Whether nothing is there, or an earlier document of this kind.
pub(super) fn may_replace(path: &Path, kind: Kind) -> Result<(), PaperError> {
    let file = path.display().to_string();
    let about = match path.symlink_metadata() {
        Ok(about) => about.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(PaperError::File { file, source }),
    };
    if let Some(what) = disk::no_plain_file(about) {
        return Err(PaperError::NoPlainFile { file, what });
    }
    let mut begins = Vec::new();
    let most = u64::try_from(kind.mark.len()).unwrap_or(u64::MAX);
    let old = OpenOptions::new().read(true).open(path);
    match old.and_then(|old| old.take(most).read_to_end(&mut begins)) {
        Ok(_) if begins.is_empty() || begins == kind.mark.as_bytes() => Ok(()),
        Ok(_) => Err(PaperError::NotOurs { file, what: kind.what }),
        Err(source) => Err(PaperError::File { file, source }),
    }
}
