//! The connection: how the file is opened, and what SQLite's errors mean here.

use std::path::{Path, PathBuf};

use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{PATIENCE, place, schema};
use crate::ledger::error::LedgerError;
use crate::ledger::event::FORMAT;

/// No value in a ledger is longer: a body and what is around it.
const LONGEST_VALUE: i32 = 4 << 20;

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum May {
    /// Read.
    Read,
    /// Read and write.
    Write,
}

/// A ledger's file, looked at but not read.
pub(super) struct Opened {
    pub connection: Connection,
    pub path: PathBuf,
    pub newer: Option<u64>,
}

/// Opens a ledger, and makes sure that it is one.
pub(super) fn connect(path: &Path, may: May) -> Result<Opened, LedgerError> {
    let found = place::find(path)?;
    // Also a reader opens for writing where it can: after a crash SQLite first takes the cut-off write back.
    let connection = open(&found)?;
    let name = || path.display().to_string();
    let number = |pragma| {
        connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_err(|error| {
            match error.sqlite_error_code() {
                Some(ErrorCode::NotADatabase) => LedgerError::NotALedger(name()),
                _ => told(error),
            }
        })
    };
    if number("application_id")? != i64::from(schema::APPLICATION_ID) {
        return Err(LedgerError::NotALedger(name()));
    }
    let version = match u64::try_from(number("user_version")?) {
        Ok(version) if version > 0 => version,
        _ => return Err(LedgerError::NotALedger(name())),
    };
    let newer = (version > u64::from(FORMAT)).then_some(version);
    match newer {
        None => check_schema(&connection)?,
        Some(_) => check_table(&connection)?,
    }
    match may {
        May::Read => connection.pragma_update(None, "query_only", true).map_err(told)?,
        May::Write => {
            if let Some(version) = newer {
                return Err(LedgerError::Newer(version));
            }
            place::writable(&found)?;
            if connection.is_readonly("main").map_err(told)? {
                return Err(LedgerError::ReadOnly("the system opens it for reading only".into()));
            }
            safest(&connection)?;
        }
    }
    Ok(Opened { connection, path: found, newer })
}

/// A connection to an empty file that was just made.
pub(super) fn new(path: &Path) -> Result<Connection, LedgerError> {
    let connection = open(path)?;
    safest(&connection)?;
    Ok(connection)
}

fn open(path: &Path) -> Result<Connection, LedgerError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| {
        let refused = error.sqlite_error_code() == Some(ErrorCode::CannotOpen);
        // The system says why in plainer words.
        refused.then(|| place::unreadable(path)).flatten().unwrap_or_else(|| told(error))
    })?;
    connection.busy_timeout(PATIENCE).map_err(told)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE).map_err(told)?;
    // The file may be anybody's: its schema may not call functions, and its pages are looked at closely.
    connection.pragma_update(None, "trusted_schema", false).map_err(told)?;
    connection.pragma_update(None, "cell_size_check", true).map_err(told)?;
    Ok(connection)
}

/// The rollback journal, with the folder synchronised too: a ledger at rest is one file, and a committed event
/// outlives a power cut.
fn safest(connection: &Connection) -> Result<(), LedgerError> {
    let mode = connection
        .pragma_update_and_check(None, "journal_mode", "delete", |row| row.get::<_, String>(0))
        .map_err(told)?;
    if mode != "delete" {
        return Err(LedgerError::Io(format!("SQLite keeps its journal in mode '{mode}'")));
    }
    connection.pragma_update(None, "synchronous", "extra").map_err(told)
}

fn check_schema(connection: &Connection) -> Result<(), LedgerError> {
    let mut statement =
        connection.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").map_err(told)?;
    let text = |row: &rusqlite::Row<'_>, column| row.get::<_, Option<String>>(column);
    let objects = statement
        .query_map([], |row| Ok((text(row, 0)?, text(row, 1)?, text(row, 2)?)))
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(told)?;
    let wanted = schema::OBJECTS
        .map(|(kind, name, sql)| (Some(kind.to_owned()), Some(name.to_owned()), Some(sql.to_owned())));
    if objects == wanted { Ok(()) } else { Err(LedgerError::Guards) }
}

/// In a later format, too, events are rows of a table, which can be read in bounded time: not of a view, nor of what code
/// makes up.
fn check_table(connection: &Connection) -> Result<(), LedgerError> {
    let rows = "SELECT count(*) FROM sqlite_schema WHERE name = 'events' AND type = 'table' AND rootpage > 0";
    match connection.query_row(rows, [], |row| row.get::<_, i64>(0)).map_err(told)? {
        1 => Ok(()),
        _ => Err(LedgerError::Guards),
    }
}

/// What an error of SQLite means here.
pub(super) fn told(error: rusqlite::Error) -> LedgerError {
    let words = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => LedgerError::Busy,
        Some(ErrorCode::DiskFull) => LedgerError::Full,
        Some(ErrorCode::ReadOnly) => LedgerError::ReadOnly(words),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::TooBig) => {
            LedgerError::Damaged(words)
        }
        Some(_) => LedgerError::Io(words),
        None => LedgerError::Damaged(words),
    }
}
