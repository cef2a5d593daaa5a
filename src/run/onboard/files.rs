//! The files of a run: looked at before the key is, and written when all is known.
#![expect(clippy::disallowed_methods, reason = "reads the earlier run that is named on the command line")]

use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::super::paper::{self, Kind};
use crate::cli::Onboard;
use crate::disk::{self, Readers};
use crate::error::Error;
use crate::onboard::compare::{Earlier, MAX_LEN};
use crate::onboard::entry::entry;
use crate::onboard::error::OnboardError;
use crate::report::Onboarding;
use crate::report::onboarding::{HTML_MARK, MARKDOWN_MARK};

const HTML: Kind = Kind { what: "report of an onboarding", mark: HTML_MARK };
const MARKDOWN: Kind = Kind { what: "report of an onboarding in Markdown", mark: MARKDOWN_MARK };

/// What is to be written, and what was read.
pub(super) struct Files {
    out: Option<PathBuf>,
    html: Option<PathBuf>,
    entry: Option<PathBuf>,
    earlier: Option<Earlier>,
}

impl Files {
    /// Reads the earlier run, and makes sure that what is to be written takes the place of nothing but an earlier
    /// report. An entry takes no place: somebody may have filled it in.
    pub(super) fn look(arguments: &Onboard) -> Result<Self, Error> {
        let files = Self {
            out: arguments.out.clone(),
            html: arguments.html.clone(),
            entry: arguments.catalogue_entry.clone(),
            earlier: arguments.compare.as_deref().map(read).transpose()?,
        };
        for path in [&files.out, &files.html, &files.entry].into_iter().flatten() {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if !folder.unwrap_or(Path::new(".")).is_dir() {
                let source = io::Error::new(ErrorKind::NotFound, "there is no folder to write it into");
                return Err(OnboardError::Write { file: path.display().to_string(), source }.into());
            }
        }
        files.out.iter().try_for_each(|path| paper::may_replace(path, MARKDOWN))?;
        files.html.iter().try_for_each(|path| paper::may_replace(path, HTML))?;
        match &files.entry {
            Some(path) if path.symlink_metadata().is_ok() => {
                Err(OnboardError::Exists(path.display().to_string()).into())
            }
            _ => Ok(files),
        }
    }

    /// The earlier run.
    pub(super) fn earlier(&self) -> Option<&Earlier> {
        self.earlier.as_ref()
    }

    /// Writes what was asked for. Each file by itself: which were written, and why the others were not.
    pub(super) fn write(&self, told: &Onboarding<'_>) -> (Vec<&Path>, Vec<Error>) {
        let markdown = |path: &Path| Ok(paper::write(path, MARKDOWN, &told.markdown()?)?);
        let html = |path: &Path| Ok(paper::write(path, HTML, &told.html()?)?);
        let entry = |path: &Path| {
            create(path, &entry(told.case, told.verdict, told.program).map_err(|_| Error::Bug)?)
        };
        let all = [
            self.out.as_deref().map(|path| (path, markdown(path))),
            self.html.as_deref().map(|path| (path, html(path))),
            self.entry.as_deref().map(|path| (path, entry(path))),
        ];
        let (mut written, mut faults) = (Vec::new(), Vec::new());
        for (path, done) in all.into_iter().flatten() {
            match done {
                Ok(()) => written.push(path),
                Err(error) => faults.push(error),
            }
        }
        (written, faults)
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
fn create(path: &Path, text: &str) -> Result<(), Error> {
    let file = || path.display().to_string();
    disk::create(path, Readers::Usual, text).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => OnboardError::Exists(file()).into(),
        _ => OnboardError::Write { file: file(), source }.into(),
    })
}
