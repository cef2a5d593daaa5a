//! The files of a run: looked at before the key is, and written when all is known.
#![expect(clippy::disallowed_methods, reason = "reads the earlier run that is named on the command line")]

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::Onboard;
use crate::error::Error;
use crate::onboard::compare::{Earlier, MAX_LEN};
use crate::onboard::error::OnboardError;

/// What is to be written, and what was read.
pub(super) struct Files {
    pub(super) out: Option<PathBuf>,
    pub(super) entry: Option<PathBuf>,
    earlier: Option<Earlier>,
}

impl Files {
    /// Reads the earlier run, and makes sure that what is to be written is not there yet.
    pub(super) fn look(arguments: &Onboard) -> Result<Self, Error> {
        for path in [&arguments.out, &arguments.catalogue_entry].into_iter().flatten() {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            if path.symlink_metadata().is_ok() {
                return Err(OnboardError::Exists(path.display().to_string()).into());
            } else if !folder.is_dir() {
                let source = ErrorKind::NotFound.into();
                return Err(OnboardError::Write { file: path.display().to_string(), source }.into());
            }
        }
        Ok(Self {
            out: arguments.out.clone(),
            entry: arguments.catalogue_entry.clone(),
            earlier: arguments.compare.as_deref().map(read).transpose()?,
        })
    }

    /// The earlier run.
    pub(super) fn earlier(&self) -> Option<&Earlier> {
        self.earlier.as_ref()
    }
}

fn read(path: &Path) -> Result<Earlier, Error> {
    let file = path.display().to_string();
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_LEN).unwrap_or(u64::MAX).saturating_add(1);
    std::fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|source| Error::File { file: file.clone(), source })?;
    Earlier::parse(&bytes).map_err(|source| OnboardError::Compare { file, source }.into())
}

/// Writes a file that is not there yet.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let file = || path.display().to_string();
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => OnboardError::Exists(file()).into(),
        _ => OnboardError::Write { file: file(), source }.into(),
    })
}
