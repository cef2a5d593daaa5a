//! Documents on disk: whole or not at all, readable by their owner only, and in the place of nothing but an earlier one
//! of the same kind. So no slip of the fingers costs a ledger, a plan, or anything else.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use crate::disk;
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
    let fault = |source| PaperError::File { file: file.clone(), source };
    let name = path
        .file_name()
        .ok_or_else(|| PaperError::NoPlainFile { file: file.clone(), what: "the name of no file" })?;
    may_replace(path, kind)?;
    let mut temporary = name.to_owned();
    temporary.push(format!(".new-{}", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let written = disk::new_private_file()
        .open(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        // A link that has come there meanwhile is replaced, not followed.
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Gone already, or nothing that could be done about it.
        drop(fs::remove_file(&temporary));
    }
    written.and_then(|()| disk::sync_folder_of(path)).map_err(fault)
}

/// Whether nothing is there, or an earlier document of this kind.
pub(super) fn may_replace(path: &Path, kind: Kind) -> Result<(), PaperError> {
    let file = path.display().to_string();
    let about = match path.symlink_metadata() {
        Ok(about) => about.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(PaperError::File { file, source }),
    };
    let what = if about.is_symlink() {
        "a symbolic link"
    } else if about.is_dir() {
        "a folder"
    } else if !about.is_file() {
        "a device or a pipe"
    } else {
        let mut begins = Vec::new();
        let most = u64::try_from(kind.mark.len()).unwrap_or(u64::MAX);
        let read =
            OpenOptions::new().read(true).open(path).and_then(|old| old.take(most).read_to_end(&mut begins));
        return match read {
            Ok(_) if begins.is_empty() || begins == kind.mark.as_bytes() => Ok(()),
            Ok(_) => Err(PaperError::NotOurs { file, what: kind.what }),
            Err(source) => Err(PaperError::File { file, source }),
        };
    };
    Err(PaperError::NoPlainFile { file, what })
}
