//! The file: SQLite, one append-only table. Nothing else writes records.
//!
//! A [`Ledger`] may be read; a [`Writer`] may be written, and can only be had where this program knows the format and
//! the system lets it. An event is on disk before [`Draft::commit`] returns.

mod draft;
pub mod place;
mod rows;
mod schema;
mod sqlite;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::bytes::Hash;
use super::chain::{Break, Chain, Entry, Reason};
use super::error::LedgerError;
use super::event::{Body, BodyError, FORMAT};
use super::inventory::{Inventory, Key};
use super::payload::{LedgerCreated, Payload};

pub use draft::Draft;
pub(super) use rows::Rows;
use sqlite::told;

/// How long SQLite waits where another process only reads or writes.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often whoever waits for another process that records is asked whether to wait on.
const SLICE: Duration = Duration::from_millis(100);

/// Whether to wait on for another process that records, which takes as long as its key and its person take; told for how
/// long it has been. Asked with nothing at the beginning of each wait.
pub type WaitOn = Box<dyn FnMut(Duration) -> bool + Send>;

/// A ledger that may be read. When it was opened every event was found in its place, and replayed, and the receipts that
/// the inventory rests on were verified: no conclusion is drawn from a signature that nobody looked at. All others are for
/// [`super::verify`].
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    newer: Option<u64>,
    chain: Chain,
    inventory: Inventory,
}

impl Ledger {
    /// Opens a ledger for reading, follows its chain from the first event to the last, and replays it.
    ///
    /// # Errors
    /// [`LedgerError`]; among them the first event that is out of place.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::on(sqlite::connect(path, sqlite::May::Read)?)
    }

    fn on(opened: sqlite::Opened) -> Result<Self, LedgerError> {
        let sqlite::Opened { connection, path, newer } = opened;
        let mut ledger =
            Self { connection, path, newer, chain: Chain::default(), inventory: Inventory::default() };
        let later = catch_up(&ledger.connection, &mut ledger.chain, &mut ledger.inventory)?;
        ledger.newer = ledger.newer.or(later);
        if ledger.chain.seq == 0 {
            return Err(Break { seq: 1, reason: Reason::Empty }.into());
        }
        ledger.prove()?;
        Ok(ledger)
    }

    /// Verifies the receipts that the inventory rests on.
    fn prove(&self) -> Result<(), LedgerError> {
        let mut entries = Vec::new();
        for (seq, signer) in self.inventory.rests_on() {
            entries.extend(self.event(seq)?.map(|entry| (entry, signer)));
        }
        Ok(super::verify::receipts(entries)?)
    }

    /// Where it lies, links in its folders resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its format, or that of an event in it, where that is later than this program's: it may be read, never written.
    #[must_use]
    pub fn newer(&self) -> Option<u64> {
        self.newer
    }

    /// How many events there are, and the hash of the newest.
    #[must_use]
    pub fn chain(&self) -> Chain {
        self.chain
    }

    /// The hash of the newest event.
    #[must_use]
    pub fn head(&self) -> Hash {
        self.chain.head
    }

    /// What the events add up to.
    #[must_use]
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// The events after number `after` (0: all), in order, until `each` errs. Memory does not grow with their count.
    ///
    /// # Errors
    /// [`LedgerError`], or what `each` says.
    pub fn for_each<E: From<LedgerError>>(
        &self,
        after: u64,
        mut each: impl FnMut(Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(mut chain) = self.chain_at(after)? else { return Ok(()) };
        let mut rows = Rows::after(after);
        while let Some(chunk) = rows.next_chunk(&self.connection)? {
            for row in chunk {
                let entry = row.and_then(|row| chain.follow(row)).map_err(LedgerError::from)?;
                each(entry)?;
            }
        }
        Ok(())
    }

    /// One event.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn event(&self, seq: u64) -> Result<Option<Entry>, LedgerError> {
        let Some(mut chain) = seq.checked_sub(1).map(|before| self.chain_at(before)).transpose()?.flatten()
        else {
            return Ok(None);
        };
        let row = rows::one(&self.connection, seq)?;
        row.map(|row| row.and_then(|row| chain.follow(row)).map_err(LedgerError::from)).transpose()
    }

    /// All events about a key, whatever its label was at the time, and how its pending steps ended.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn history(&self, key: &Key) -> Result<Vec<Entry>, LedgerError> {
        let mut then = Inventory::default();
        let (mut history, mut intents) = (Vec::new(), BTreeSet::new());
        self.for_each::<LedgerError>(0, |entry| {
            let body = entry.body.as_ref().map(|body| &body.event);
            let label = body.and_then(Payload::label);
            let about = label.and_then(|label| then.key(label)).map(|key| key.enrolled);
            let about = entry.event.seq == key.enrolled.seq || about == Some(key.enrolled);
            let of_intent =
                matches!(body, Some(Payload::Outcome(outcome)) if intents.contains(&outcome.intent));
            if about && matches!(body, Some(Payload::Intent(_))) {
                intents.insert(entry.event.seq);
            }
            then.apply(&entry);
            if about || of_intent {
                history.push(entry);
            }
            Ok(())
        })?;
        Ok(history)
    }

    /// The chain as it stood after event `seq`; `None` where there is none.
    fn chain_at(&self, seq: u64) -> Result<Option<Chain>, LedgerError> {
        if seq == 0 {
            return Ok(Some(Chain::default()));
        }
        let row = rows::one(&self.connection, seq)?.transpose()?;
        let head = row.and_then(|row| row.hash.as_slice().try_into().ok().map(Hash::new));
        Ok(head.map(|head| Chain { seq, head }))
    }
}

/// A ledger's file that was looked at and not read: for whoever reads it row by row and judges.
pub(super) struct Looked(sqlite::Opened);

impl Looked {
    pub(super) fn at(path: &Path) -> Result<Self, LedgerError> {
        sqlite::connect(path, sqlite::May::Read).map(Self)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.0.connection
    }

    pub(super) fn newer(&self) -> Option<u64> {
        self.0.newer
    }

    /// What SQLite finds wrong with the file as a whole, if anything.
    pub(super) fn whole(&self) -> Result<Option<String>, LedgerError> {
        match self.0.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0)) {
            Ok(fine) if fine == "ok" => Ok(None),
            Ok(words) => Ok(Some(LedgerError::Damaged(words).to_string())),
            Err(error) => match told(error) {
                damaged @ LedgerError::Damaged(_) => Ok(Some(damaged.to_string())),
                error => Err(error),
            },
        }
    }
}

/// A ledger that may be written.
pub struct Writer {
    ledger: Ledger,
    wait_on: WaitOn,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("ledger", &self.ledger).finish_non_exhaustive()
    }
}

impl Writer {
    /// Opens a ledger for writing; otherwise as [`Ledger::open`].
    ///
    /// # Errors
    /// [`LedgerError`]; among them that the ledger is newer than this program, or read-only.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let opened = sqlite::connect(path, sqlite::May::Write)?;
        let ledger = Ledger::on(opened)?;
        match ledger.newer {
            Some(version) => Err(LedgerError::Newer(version)),
            None => Ok(Self { ledger, wait_on: Box::new(|waited| waited < PATIENCE) }),
        }
    }

    /// Makes a ledger with its first event. It is there whole, or not at all.
    ///
    /// # Errors
    /// [`LedgerError`]; among them that something is there already.
    pub fn create(
        path: &Path,
        created: LedgerCreated,
        now: Timestamp,
        nonce: [u8; 32],
    ) -> Result<Self, LedgerError> {
        let body = Body::new(now, nonce, Payload::LedgerCreated(created));
        let text = body.canonical()?;
        place::make(path, |temporary| {
            let connection = sqlite::new(temporary)?;
            let transaction =
                Transaction::new_unchecked(&connection, TransactionBehavior::Immediate).map_err(told)?;
            transaction.execute_batch(&schema::all(FORMAT)).map_err(told)?;
            let event = draft::event(Chain::default(), &body, text, None);
            rows::insert(&transaction, &event, None)?;
            transaction.commit().map_err(told)?;
            connection.close().map_err(|(_, error)| told(error))
        })?;
        Self::open(path)
    }

    /// The ledger, for reading.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What the events add up to, as far as this writer has seen them.
    #[must_use]
    pub fn inventory(&self) -> &Inventory {
        &self.ledger.inventory
    }

    /// How long to wait for another process that records; 15 seconds unless said otherwise.
    #[must_use]
    pub fn waiting(self, wait_on: WaitOn) -> Self {
        Self { wait_on, ..self }
    }

    /// Takes the lock, reads what others have recorded meanwhile, and drafts the next event. While the draft lives
    /// nobody else can record: let the key sign its seal, then commit it, or drop it, and nothing was recorded.
    ///
    /// # Errors
    /// [`LedgerError`]; among them that the event may not follow, and that another process holds the lock.
    pub fn begin(
        &mut self,
        payload: Payload,
        now: Timestamp,
        nonce: [u8; 32],
    ) -> Result<Draft<'_>, LedgerError> {
        let Ledger { connection, chain, inventory, .. } = &mut self.ledger;
        let transaction = lock(connection, &mut self.wait_on)?;
        if let Some(version) = catch_up(&transaction, chain, inventory)? {
            return Err(LedgerError::Newer(version));
        }
        inventory.admit(&payload)?;
        Draft::new(transaction, chain, inventory, Body::new(now, nonce, payload))
    }

    /// Records an event that no key signs.
    ///
    /// # Errors
    /// [`LedgerError`]; then nothing was recorded.
    pub fn record(
        &mut self,
        payload: Payload,
        now: Timestamp,
        nonce: [u8; 32],
    ) -> Result<super::Event, LedgerError> {
        self.begin(payload, now, nonce)?.commit(None)
    }
}

/// Takes the lock, as soon as it is free.
fn lock<'c>(connection: &'c Connection, wait_on: &mut WaitOn) -> Result<Transaction<'c>, LedgerError> {
    connection.busy_timeout(SLICE).map_err(told)?;
    let mut waited = Duration::ZERO;
    let locked = loop {
        match Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(told) {
            Err(LedgerError::Busy) if wait_on(waited) => waited = waited.saturating_add(SLICE),
            locked => break locked,
        }
    };
    connection.busy_timeout(PATIENCE).map_err(told)?;
    locked
}

/// Follows the chain to its end, and tells the latest format on the way that is later than this program's.
fn catch_up(
    connection: &Connection,
    chain: &mut Chain,
    inventory: &mut Inventory,
) -> Result<Option<u64>, LedgerError> {
    let mut rows = Rows::after(chain.seq);
    let mut later = None;
    while let Some(chunk) = rows.next_chunk(connection)? {
        for row in chunk {
            let entry = chain.follow(row?)?;
            if let (None, Err(BodyError::Newer(version))) = (&entry.body, Body::parse(&entry.event.body)) {
                later = later.max(Some(version));
            }
            inventory.apply(&entry);
        }
    }
    Ok(later)
}
