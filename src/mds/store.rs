//! Where imported metadata is kept: one file, the BLOB in it exactly as it came.
//!
//! ```json
//! {"schema":"glasskey.mds/1","sha256":"…","imported":"…","at":"…","source":"blob.jwt","raw":"eyJhbGci…"}
//! ```
//!
//! `jq -j .raw mds.json` gives the file back, byte for byte. Each time it is read, its hash, the signature and the path
//! to a root are checked again, at the time at which they held when it was imported: the signer's certificate expires
//! long before the metadata is of no use. Nothing is believed of the file but that time.
#![expect(clippy::disallowed_methods, reason = "this is where metadata is read and written")]

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::MdsError;
use super::{MOST_BYTES, Metadata};
use crate::disk::{self, Readers};
use crate::webauthn::anchor::Anchor;

/// The file's name in its folder.
pub const NAME: &str = "mds.json";

const SCHEMA: &str = "glasskey.mds/1";

/// Metadata as it was imported.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// What it says, and the proof.
    pub metadata: Metadata,
    /// When it was imported.
    pub imported: Timestamp,
    /// The file that it came from, for people; foreign text.
    pub source: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    schema: Cow<'a, str>,
    sha256: String,
    imported: Timestamp,
    at: Timestamp,
    source: Cow<'a, str>,
    #[serde(borrow)]
    raw: Cow<'a, str>,
}

/// The file in a folder.
#[must_use]
pub fn file(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// The text of a file that may be a BLOB.
///
/// # Errors
/// [`MdsError::File`], [`MdsError::TooLarge`], [`MdsError::NoBlob`].
pub fn text(path: &Path) -> Result<String, MdsError> {
    let fault = |source| MdsError::File { file: path.display().to_string(), source };
    let size = fs::metadata(path).map_err(fault)?.len();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > MOST_BYTES {
        return Err(MdsError::TooLarge(size));
    }
    String::from_utf8(fs::read(path).map_err(fault)?)
        .map_err(|_| MdsError::NoBlob("it is no text".to_owned()))
}

/// What a folder keeps, all of it checked again; `None` where it keeps nothing.
///
/// # Errors
/// [`MdsError`].
pub fn read(folder: &Path, roots: &[Anchor]) -> Result<Option<Kept>, MdsError> {
    let text = match text(&file(folder)) {
        Err(MdsError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    parse(&text, roots).map(Some)
}

/// What a kept file holds, all of it checked again.
///
/// # Errors
/// [`MdsError`].
pub fn parse(text: &str, roots: &[Anchor]) -> Result<Kept, MdsError> {
    let document: Document<'_> = serde_json::from_str(text)
        .map_err(|error| MdsError::NoBlob(format!("it was not written by this program ({error})")))?;
    if document.schema != SCHEMA {
        return Err(MdsError::NoBlob("it was not written by this program".to_owned()));
    }
    let metadata = Metadata::read(&document.raw, roots, document.at, true)?;
    if hex::encode(metadata.sha256) != document.sha256 || document.at > document.imported {
        return Err(MdsError::Changed);
    }
    Ok(Kept { metadata, imported: document.imported, source: document.source.into_owned() })
}

/// What is asked of an import.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// The file's text.
    pub raw: &'a str,
    /// The file's name, for people.
    pub source: &'a str,
    /// Whether a bare payload is taken.
    pub unsigned: bool,
    /// When the certificates must be valid; now, where nobody says otherwise. Not later than now.
    pub at: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// Verifies a file and keeps it, in place of what was kept. An older number is refused; so is a bare payload where
/// signed metadata is kept. Gives back what is kept now, and the number of what was kept before.
///
/// # Errors
/// [`MdsError`]; then nothing has changed.
pub fn import(folder: &Path, asked: Import<'_>, roots: &[Anchor]) -> Result<(Kept, Option<u32>), MdsError> {
    let at = asked.at.min(asked.now);
    let metadata = Metadata::read(asked.raw, roots, at, asked.unsigned)?;
    // What cannot be read any more cannot be gone back from, and importing is its cure.
    let before = read(folder, roots).ok().flatten().map(|kept| kept.metadata);
    if let Some(last) = &before {
        match (last.is_signed(), metadata.is_signed()) {
            (true, false) => return Err(MdsError::UnsignedOverSigned(last.number)),
            // What nobody signed may claim any number.
            (false, true) => {}
            _ if metadata.number < last.number => {
                return Err(MdsError::Older { number: metadata.number, last: last.number });
            }
            _ => {}
        }
    }
    let document = Document {
        schema: SCHEMA.into(),
        sha256: hex::encode(metadata.sha256),
        imported: asked.now,
        at,
        source: asked.source.into(),
        raw: asked.raw.into(),
    };
    write(folder, &document)?;
    let kept = Kept { metadata, imported: asked.now, source: asked.source.to_owned() };
    Ok((kept, before.map(|last| last.number)))
}

fn write(folder: &Path, document: &Document<'_>) -> Result<(), MdsError> {
    let file = file(folder);
    let text = serde_json::to_string(document).map_err(io::Error::from);
    let written = text.and_then(|text| {
        fs::create_dir_all(folder)?;
        disk::replace(&file, Readers::Usual, &(text + "\n"))
    });
    written.map_err(|source| MdsError::File { file: file.display().to_string(), source })
}
