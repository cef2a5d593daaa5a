//! Requests, templates and queries for the tenant: onto standard output or into new files. Nothing is sent, nothing is
//! overwritten.

use std::io::{self, ErrorKind};
use std::path::Path;

use serde_json::{Value, json};

use super::World;
use crate::cli::EmitList;
use crate::disk::{NewFile, Readers};
use crate::error::Error;
use crate::exit::Exit;
use crate::policy::Emitted;
use crate::term::escape::{escape, escape_json};
use crate::term::show;

/// Where a body goes that is not written to a file, in the command that is shown.
const BODY: &str = "body.json";

/// Writes a file that is not there yet.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    begin(path)?.write(text).map_err(|error| not_new(path, error))
}

/// Makes room for a file that is not there yet.
pub(super) fn begin(path: &Path) -> Result<NewFile, Error> {
    NewFile::begin(path, Readers::Usual).map_err(|error| not_new(path, error))
}

fn not_new(path: &Path, error: io::Error) -> Error {
    Error::File { file: path.display().to_string(), source: reason(error) }
}

/// Why a new file is not written.
pub(super) fn reason(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::AlreadyExists => {
            io::Error::new(error.kind(), "there is something already, and nothing is overwritten")
        }
        _ => error,
    }
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
