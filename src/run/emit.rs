//! Requests, templates and queries for the tenant: onto standard output or into new files. Nothing is sent, nothing is
//! overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::World;
use crate::cli::EmitList;
use crate::error::Error;
use crate::exit::Exit;
use crate::policy::Emitted;
use crate::term::escape::{escape, escape_json};
use crate::term::show;

/// Where a body goes that is not written to a file, in the command that is shown.
const BODY: &str = "body.json";

/// A file that is not there yet: it appears whole or not at all, and takes nothing's place. Its folder is written to at
/// once, so that what would keep it from being written is known before anything is done for it.
pub(super) struct NewFile {
    path: PathBuf,
    temporary: PathBuf,
    file: File,
}

impl NewFile {
    /// Makes room for it, under another name.
    pub(super) fn begin(path: &Path) -> Result<Self, Error> {
        let fault = |source| Error::File { file: path.display().to_string(), source };
        if path.symlink_metadata().is_ok() {
            return Err(fault(taken()));
        }
        let name = path.file_name().ok_or_else(|| fault(io::ErrorKind::InvalidFilename.into()))?;
        let mut name = name.to_owned();
        name.push(format!(".new-{}", std::process::id()));
        let temporary = path.with_file_name(name);
        // Of a run that was cut off.
        drop(fs::remove_file(&temporary));
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary).map_err(fault)?;
        Ok(Self { path: path.to_owned(), temporary, file })
    }

    /// Writes it: on the disk under the other name, and then in its place.
    pub(super) fn write(mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        self.file.sync_all()?;
        // Whoever makes the name first has it; a rename alone would take the place of what came meanwhile.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&self.path)
            .map_err(|error| if error.kind() == ErrorKind::AlreadyExists { taken() } else { error })?;
        let renamed = fs::rename(&self.temporary, &self.path);
        if renamed.is_err() {
            drop(fs::remove_file(&self.path));
        }
        renamed
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.temporary));
    }
}

fn taken() -> io::Error {
    io::Error::other("there is something already, and nothing is overwritten")
}

/// Writes a file that is not there yet.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let fault = |source| Error::File { file: path.display().to_string(), source };
    NewFile::begin(path)?.write(text).map_err(fault)
}

/// A body as text: pretty, harmless on a terminal, a line break at its end.
pub(super) fn body(value: &Value) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(value).map_err(|_| Error::Bug)?;
    Ok(escape_json(&text) + "\n")
}

/// The change of an allow-list: its body on standard output or in a file, all else on standard error.
pub(super) fn policy(world: &World, what: &str, list: &EmitList, emitted: &Emitted) -> Result<Exit, Error> {
    let file = list.out.as_ref().map(|path| path.display().to_string());
    let named = file.as_deref().unwrap_or(BODY);
    let commands: Vec<String> = emitted.requests.iter().map(|request| request.az_rest(named)).collect();
    if let (Some(path), [request]) = (&list.out, emitted.requests.as_slice()) {
        write_new(path, &body(&request.body)?)?;
    }
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.policy-emit/1", "what": what, "dry_run": list.dry_run, "file": file,
            "requests": if list.dry_run { &[] } else { emitted.requests.as_slice() },
            "commands": if list.dry_run { &[] } else { commands.as_slice() },
            "changes": emitted.changes, "warnings": emitted.warnings,
        }))?;
        return Ok(Exit::Yes);
    }
    if list.dry_run {
        world.term.out(&show::changes(emitted))?;
        return Ok(Exit::Yes);
    }
    world.term.complain(show::changes(emitted).trim_end());
    match &file {
        Some(file) => world.term.out(&format!("{} is written\n", escape(file)))?,
        None => {
            for request in &emitted.requests {
                world.term.out(&body(&request.body)?)?;
            }
        }
    }
    for command in commands {
        world.term.complain(&escape(&command));
    }
    Ok(Exit::Yes)
}
