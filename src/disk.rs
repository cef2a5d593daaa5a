//! New files: whole or not at all, and what not every system knows in the same way, a mode and a folder that is
//! synchronised.
#![expect(clippy::disallowed_methods, reason = "opens the folders of files that other rooms write")]

use std::fs::{DirBuilder, File, FileType, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// On Unix its owner alone.
    Owner,
    /// Whom the system lets read a new file.
    Usual,
}

/// What that is which is no plain file; a link counts as what it is.
#[must_use]
pub fn no_plain_file(about: FileType) -> Option<&'static str> {
    if about.is_symlink() {
        Some("a symbolic link")
    } else if about.is_dir() {
        Some("a folder")
    } else {
        (!about.is_file()).then_some("a device or a pipe")
    }
}

/// A file on its way: it appears whole or not at all. Its folder is written to at once, so that what would keep it from
/// being written is known before anything is done for it. Dropped before, it leaves nothing.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    temporary: NamedTempFile<File>,
}

impl NewFile {
    /// Makes room, under another name, for a file that is not there yet.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where something is there, be it a link to nowhere; else what the system says.
    pub fn begin(path: &Path, readers: Readers) -> io::Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Self::beside(path, readers)
    }

    fn beside(path: &Path, readers: Readers) -> io::Result<Self> {
        let mut prefix = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_owned();
        prefix.push(".new-");
        let folder = folder_of(path);
        let open = |path: &Path| match readers {
            Readers::Owner => new_private_file().open(path),
            Readers::Usual => OpenOptions::new().write(true).create_new(true).open(path),
        };
        let temporary = Builder::new().prefix(&prefix).make_in(folder, open)?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// Writes it. It takes nothing's place, also not that of what has come there meanwhile, and is on the disk before this
    /// returns.
    ///
    /// # Errors
    /// As [`NewFile::begin`]; then nothing is left of it.
    pub fn write(self, text: &str) -> io::Result<()> {
        let (path, temporary) = self.filled(text)?;
        temporary.persist_noclobber(&path).map_err(|error| error.error)?;
        sync_folder_of(&path)
    }

    fn filled(mut self, text: &str) -> io::Result<(PathBuf, NamedTempFile<File>)> {
        let file = self.temporary.as_file_mut();
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok((self.path, self.temporary))
    }
}

/// Writes a file that is not there yet, as [`NewFile`] does.
///
/// # Errors
/// As [`NewFile::begin`].
pub fn create(path: &Path, readers: Readers, text: &str) -> io::Result<()> {
    NewFile::begin(path, readers)?.write(text)
}

/// Writes a file in the place of what is there: whoever reads sees that or the new text, never a part. A link is replaced,
/// not followed.
///
/// # Errors
/// What the system says; then nothing has changed.
pub fn replace(path: &Path, readers: Readers, text: &str) -> io::Result<()> {
    let (path, temporary) = NewFile::beside(path, readers)?.filled(text)?;
    temporary.persist(&path).map_err(|error| error.error)?;
    sync_folder_of(&path)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

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
    File::open(folder_of(file))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_takes_nothings_place_and_leaves_nothing_where_it_cannot() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        let names = || -> Vec<_> {
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect()
        };
        create(&path, Readers::Usual, "one").unwrap();
        // What comes between the beginning and the end keeps its place, too.
        let late = folder.path().join("late.toml");
        let begun = NewFile::begin(&late, Readers::Usual).unwrap();
        std::fs::write(&late, "first").unwrap();
        for refused in [create(&path, Readers::Usual, "two"), begun.write("second")] {
            assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(&late).unwrap(), "first");
        drop(NewFile::begin(&folder.path().join("never"), Readers::Owner).unwrap());
        assert_eq!(names().len(), 2, "{:?}", names());
        replace(&path, Readers::Owner, "three").unwrap();
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), names().len()), ("three", 2));
    }
}
