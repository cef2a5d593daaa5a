//! Where a ledger lies: a plain file, reached over no link, readable by its owner only.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::disk;
use crate::ledger::error::LedgerError;

/// Where the ledger is unless somebody says otherwise: `glasskey/ledger.db` in the user's data folder.
///
/// # Errors
/// [`LedgerError::NoHome`].
pub fn default() -> Result<PathBuf, LedgerError> {
    let base = etcetera::choose_base_strategy().map_err(|_| LedgerError::NoHome)?;
    Ok(base.data_dir().join("glasskey").join("ledger.db"))
}

/// Whether anything lies there, be it a ledger or not.
#[must_use]
pub fn is_taken(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether anything lies there. What cannot be looked at is not "nothing": a folder that may not be entered, a disk that
/// fails, a link to what is not mounted.
///
/// # Errors
/// [`LedgerError::File`].
pub fn is_there(path: &Path) -> Result<bool, LedgerError> {
    for place in path.ancestors().filter(|place| !place.as_os_str().is_empty()) {
        match place.symlink_metadata() {
            Ok(_) if place == path => return Ok(true),
            // The nearest folder that is there; through a link it must lead somewhere.
            Ok(_) => return place.metadata().map(|_| false).map_err(error(path)),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(error(path)(source)),
        }
    }
    Ok(false)
}

fn error(path: &Path) -> impl Fn(io::Error) -> LedgerError + '_ {
    move |source| LedgerError::File { file: path.display().to_string(), source }
}

/// The path with the links in its folder resolved, so that only the file itself is left to be one.
fn settle(path: &Path) -> Result<PathBuf, LedgerError> {
    let not_a_file =
        || LedgerError::NoPlainFile { file: path.display().to_string(), what: "the name of no file" };
    let name = path.file_name().ok_or_else(not_a_file)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(name)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            Err(LedgerError::Missing(path.display().to_string()))
        }
        Err(source) => Err(error(path)(source)),
    }
}

/// Finds a ledger's file; refuses what is no plain file.
pub(super) fn find(path: &Path) -> Result<PathBuf, LedgerError> {
    let settled = settle(path)?;
    let about = match settled.symlink_metadata() {
        Ok(about) => about.file_type(),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            return Err(LedgerError::Missing(path.display().to_string()));
        }
        Err(source) => return Err(error(path)(source)),
    };
    match disk::no_plain_file(about) {
        None => Ok(settled),
        Some(what) => Err(LedgerError::NoPlainFile { file: path.display().to_string(), what }),
    }
}

/// Why a file that SQLite could not open cannot be read. Never asked of one that is open: to close a file takes its locks away.
#[expect(clippy::disallowed_methods, reason = "SQLite does not tell why")]
pub(super) fn unreadable(path: &Path) -> Option<LedgerError> {
    fs::File::open(path).err().map(error(path))
}

/// Heeds a file that its owner has made read-only, also as root.
pub(super) fn writable(path: &Path) -> Result<(), LedgerError> {
    if disk::is_read_only(&path.metadata().map_err(error(path))?) {
        return Err(LedgerError::ReadOnly("its file is marked read-only".into()));
    }
    Ok(())
}

/// Makes a new file with mode 0600 under another name, has it filled, and gives it its name: it appears whole.
pub(super) fn make(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        disk::make_private_folder(folder).map_err(error(path))?;
    }
    let settled = settle(path)?;
    let exists = || LedgerError::Exists(path.display().to_string());
    if is_taken(&settled) {
        return Err(exists());
    }
    let mut name = settled.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let temporary = settled.with_file_name(name);
    disk::new_private_file().open(&temporary).map_err(error(path))?;
    let made = fill(&temporary).and_then(|()| match fs::hard_link(&temporary, &settled) {
        Ok(()) => Ok(()),
        Err(_) if is_taken(&settled) => Err(exists()),
        // A file system without hard links.
        Err(_) => fs::rename(&temporary, &settled).map_err(error(path)),
    });
    for leftover in [temporary.clone(), journal(&temporary)] {
        // Gone already, or nothing that could be done about it.
        drop(fs::remove_file(leftover));
    }
    made?;
    disk::sync_folder_of(&settled).map_err(error(path))
}

fn journal(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-journal");
    name.into()
}
