//! Rows in and out.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use super::sqlite::told;
use crate::ledger::chain::{Break, Reason, Row};
use crate::ledger::error::LedgerError;
use crate::ledger::event::Event;

/// Rows read at a time: at most so many, and no more once so many bytes are read.
const CHUNK_ROWS: i64 = 512;
const CHUNK_BYTES: usize = 8 << 20;

/// Before the first row, also before one that somebody put in with a number below 1.
const START: i64 = i64::MIN;

const COLUMNS: &str = "SELECT seq, at, kind, body, prev, seal, receipt, hash FROM events";

/// Reads rows in chunks and holds no lock in between: what is there never changes.
#[derive(Debug)]
pub(in crate::ledger) struct Rows {
    from: Option<i64>,
    next: u64,
}

impl Rows {
    /// All after number `after`; from the very first row on where that is 0.
    pub(in crate::ledger) fn after(after: u64) -> Self {
        let from = match after {
            0 => Some(START),
            _ => i64::try_from(after).ok().and_then(|after| after.checked_add(1)),
        };
        Self { from, next: after.saturating_add(1) }
    }

    /// The next rows, or `None` after the last. A row of other types than the schema's is a break, and the last.
    pub(in crate::ledger) fn next_chunk(
        &mut self,
        connection: &Connection,
    ) -> Result<Option<Vec<Result<Row, Break>>>, LedgerError> {
        let Some(from) = self.from else { return Ok(None) };
        let mut statement =
            connection.prepare(&format!("{COLUMNS} WHERE seq >= ?1 ORDER BY seq LIMIT ?2")).map_err(told)?;
        let mut found = statement.query(params![from, CHUNK_ROWS]).map_err(told)?;
        let (mut chunk, mut bytes) = (Vec::new(), 0_usize);
        while let Some(row) = found.next().map_err(told)? {
            let row = match read(row) {
                Ok(row) => row,
                Err(reason) => {
                    chunk.push(Err(Break { seq: self.next, reason }));
                    self.from = None;
                    return Ok(Some(chunk));
                }
            };
            bytes =
                bytes.saturating_add(row.body.len()).saturating_add(row.receipt.as_ref().map_or(0, Vec::len));
            self.from = row.seq.checked_add(1);
            self.next = self.next.saturating_add(1);
            chunk.push(Ok(row));
            if bytes > CHUNK_BYTES {
                break;
            }
        }
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}

/// One row.
pub(super) fn one(connection: &Connection, seq: u64) -> Result<Option<Result<Row, Break>>, LedgerError> {
    let Ok(number) = i64::try_from(seq) else { return Ok(None) };
    connection
        .query_row(&format!("{COLUMNS} WHERE seq = ?1"), [number], |row| Ok(read(row)))
        .optional()
        .map(|row| row.map(|row| row.map_err(|reason| Break { seq, reason })))
        .map_err(told)
}

fn read(row: &rusqlite::Row<'_>) -> Result<Row, Reason> {
    let text = |place: usize, name| match row.get_ref(place) {
        Ok(ValueRef::Text(text)) => Ok(text.to_vec()),
        _ => Err(Reason::Column(name)),
    };
    let blob = |place: usize, name| match row.get_ref(place) {
        Ok(ValueRef::Blob(bytes)) => Ok(bytes.to_vec()),
        _ => Err(Reason::Column(name)),
    };
    Ok(Row {
        seq: row.get(0).map_err(|_| Reason::Column("seq"))?,
        at: text(1, "at")?,
        kind: text(2, "kind")?,
        body: text(3, "body")?,
        prev: blob(4, "prev")?,
        seal: blob(5, "seal")?,
        receipt: match row.get_ref(6) {
            Ok(ValueRef::Null) => None,
            _ => Some(text(6, "receipt")?),
        },
        hash: blob(7, "hash")?,
    })
}

/// The one statement that writes a record.
pub(super) fn insert(
    connection: &Connection,
    event: &Event,
    receipt: Option<&str>,
) -> Result<(), LedgerError> {
    let seq = i64::try_from(event.seq).map_err(|_| LedgerError::Full)?;
    connection
        .execute(
            "INSERT INTO events (seq, at, kind, body, prev, seal, receipt, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                seq,
                event.at.to_string(),
                event.kind,
                event.body,
                event.prev.as_bytes(),
                event.seal.as_bytes(),
                receipt,
                event.hash.as_bytes(),
            ],
        )
        .map(|_| ())
        .map_err(told)
}
