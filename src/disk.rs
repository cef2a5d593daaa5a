//! What every new file needs, and not every system knows in the same way: a mode, and a folder that is synchronised.
#![expect(clippy::disallowed_methods, reason = "opens the folders of files that other rooms write")]

use std::fs::{DirBuilder, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// How to make a new file: never over another, and on Unix with mode 0600. Elsewhere it has its folder's rights.
#[must_use]
pub fn new_private_file() -> OpenOptions {
    let mut how = OpenOptions::new();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how
}

/// Makes a folder with those above it, where they are missing; on Unix with mode 0700.
///
/// # Errors
/// What the system says.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut how = DirBuilder::new();
    how.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut how, 0o700);
    how.create(path)
}

/// Whether its owner has made a file read-only; root, too, is to heed that.
#[must_use]
pub fn is_read_only(about: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o200 == 0;
    #[cfg(not(unix))]
    about.permissions().readonly()
}

/// Has the entry of a new or renamed file on disk, too: synchronises the folder in which it lies. Windows opens no folders;
/// there its file system's journal is relied on.
///
/// # Errors
/// What the system says.
pub fn sync_folder_of(file: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}
