//! The chain: rows in, events out, every link recomputed. Pure, and total over any row.

use super::bytes::Hash;
use super::event::{self, Body, BodyError, Event};
use super::receipt::Receipt;

/// A row as it stands in the file: anybody may have written it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Column `seq`.
    pub seq: i64,
    /// Column `at`.
    pub at: Vec<u8>,
    /// Column `kind`.
    pub kind: Vec<u8>,
    /// Column `body`.
    pub body: Vec<u8>,
    /// Column `prev`.
    pub prev: Vec<u8>,
    /// Column `seal`.
    pub seal: Vec<u8>,
    /// Column `receipt`.
    pub receipt: Option<Vec<u8>>,
    /// Column `hash`.
    pub hash: Vec<u8>,
}

/// Where and why the chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {seq}: {reason}")]
pub struct Break {
    /// The number that the event should have.
    pub seq: u64,
    /// Why.
    pub reason: Reason,
}

/// Why the chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Another number follows.
    #[error("the next event is numbered {0}: events are missing, or were put in")]
    Sequence(i64),
    /// There is no event at all.
    #[error("it is missing, and every ledger begins with one")]
    Empty,
    /// A column of another type or length than this program writes.
    #[error("its column '{0}' is malformed")]
    Column(&'static str),
    /// A column that says something else than the sealed body.
    #[error("its column '{0}' is not what its body says")]
    Differs(&'static str),
    /// It is not chained to the event before.
    #[error("it is not chained to the event before")]
    Prev,
    /// The seal is not over this body.
    #[error("its seal is not that of its body: the body was changed")]
    Seal,
    /// The hash is not over this seal and this receipt.
    #[error("its hash is not that of its seal and its receipt")]
    Hash,
    /// The body.
    #[error("its body is not as this program writes it: {0}")]
    Body(BodyError),
    /// The receipt's form.
    #[error("its receipt is not as this program writes it: {0}")]
    ReceiptForm(BodyError),
    /// The receipt.
    #[error("its receipt is not good: {0}")]
    Receipt(String),
    /// A receipt by nobody that the ledger knows.
    #[error("it has a receipt, but no enrolled key could have signed it")]
    NoSigner,
    /// An enrolment that the key did not sign.
    #[error("it enrolls a key, and the key has not signed it")]
    NotSigned,
    /// An enrolment that could not have been recorded.
    #[error("it enrolls a key that cannot be enrolled: {0}")]
    Enrolment(String),
}

/// Where a chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// How many events there are.
    pub seq: u64,
    /// The hash of the newest.
    pub head: Hash,
}

impl Default for Chain {
    fn default() -> Self {
        Self { seq: 0, head: Hash::ZERO }
    }
}

/// An event, and what it says unless it is of a later format.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The event.
    pub event: Event,
    /// What it says; `None` for a body of a later format.
    pub body: Option<Body>,
}

impl Chain {
    /// The number of the next event.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.seq.saturating_add(1)
    }

    /// Takes the next row, if it is the next event.
    ///
    /// # Errors
    /// [`Break`]; the chain then stands where it stood.
    pub fn follow(&mut self, row: Row) -> Result<Entry, Break> {
        let entry = self.link(row).map_err(|reason| Break { seq: self.next_seq(), reason })?;
        *self = Self { seq: entry.event.seq, head: entry.event.hash };
        Ok(entry)
    }

    fn link(&self, row: Row) -> Result<Entry, Reason> {
        let seq = self.next_seq();
        if u64::try_from(row.seq) != Ok(seq) {
            return Err(Reason::Sequence(row.seq));
        }
        let bytes = |name, column: &[u8]| column.try_into().map(Hash::new).map_err(|_| Reason::Column(name));
        let text = |name, column| String::from_utf8(column).map_err(|_| Reason::Column(name));
        let prev = bytes("prev", &row.prev)?;
        let seal = bytes("seal", &row.seal)?;
        let hash = bytes("hash", &row.hash)?;
        let body = text("body", row.body)?;
        let receipt = row.receipt.map(|receipt| text("receipt", receipt)).transpose()?;
        if prev != self.head {
            return Err(Reason::Prev);
        }
        if seal != event::seal(&prev, &body) {
            return Err(Reason::Seal);
        }
        if hash != event::hash(&seal, receipt.as_deref()) {
            return Err(Reason::Hash);
        }
        let (at, kind) = (text("at", row.at)?, text("kind", row.kind)?);
        let said = match Body::parse(&body) {
            Ok(said) => Some(said),
            Err(BodyError::Newer(_)) => None,
            Err(error) => return Err(Reason::Body(error)),
        };
        if said.as_ref().is_some_and(|said| said.event.kind() != kind) {
            return Err(Reason::Differs("kind"));
        }
        let time = at.parse().map_err(|_| Reason::Column("at"))?;
        if said.as_ref().is_some_and(|said| said.at.to_string() != at) {
            return Err(Reason::Differs("at"));
        }
        let receipt = receipt.as_deref().map(Receipt::parse).transpose().map_err(Reason::ReceiptForm)?;
        let event = Event { seq, at: time, kind, body, prev, seal, receipt, hash };
        Ok(Entry { event, body: said })
    }
}
