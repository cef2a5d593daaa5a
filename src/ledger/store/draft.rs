//! An event before it is recorded.

use std::sync::Arc;

use rusqlite::Transaction;

use super::rows;
use super::sqlite::told;
use crate::ledger::bytes::Hash;
use crate::ledger::chain::{Chain, Entry};
use crate::ledger::error::LedgerError;
use crate::ledger::event::{self, Body, Event};
use crate::ledger::inventory::Inventory;
use crate::ledger::payload::Payload;
use crate::ledger::receipt::{self, Receipt, Signer};
use crate::webauthn::client_data::Challenge;

/// An event that waits for the key's signature, and holds the lock. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Draft<'w> {
    transaction: Transaction<'w>,
    chain: &'w mut Chain,
    inventory: &'w mut Inventory,
    body: Body,
    text: String,
    seal: Hash,
    signer: Option<Arc<Signer>>,
}

impl<'w> Draft<'w> {
    pub(super) fn new(
        transaction: Transaction<'w>,
        chain: &'w mut Chain,
        inventory: &'w mut Inventory,
        body: Body,
    ) -> Result<Self, LedgerError> {
        let text = body.canonical()?;
        let seal = event::seal(&chain.head, &text);
        let signer = inventory.signer(&body.event);
        Ok(Self { transaction, chain, inventory, body, text, seal, signer })
    }

    /// What is to be signed.
    #[must_use]
    pub fn seal(&self) -> Hash {
        self.seal
    }

    /// The seal as the challenge of an assertion, with touch and PIN, under [`Signer::rp`].
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        receipt::challenge(&self.seal)
    }

    /// Whose signature it takes; `None` for an event that no key can sign.
    #[must_use]
    pub fn signer(&self) -> Option<&Signer> {
        self.signer.as_deref()
    }

    /// The inventory as it is before the event.
    #[must_use]
    pub fn inventory(&self) -> &Inventory {
        self.inventory
    }

    /// Verifies the receipt and records the event. It is on disk when this returns.
    ///
    /// # Errors
    /// [`LedgerError`]; then nothing was recorded.
    pub fn commit(self, receipt: Option<Receipt>) -> Result<Event, LedgerError> {
        match (&receipt, &self.signer) {
            (Some(receipt), Some(signer)) => {
                receipt.verify(&self.seal, signer)?;
            }
            (Some(_), None) => return Err(LedgerError::NoSigner),
            (None, _) if matches!(self.body.event, Payload::Enrolled(_)) => {
                return Err(LedgerError::NotSigned);
            }
            (None, _) => {}
        }
        let signed = receipt.as_ref().map(Receipt::canonical).transpose()?;
        let event = event(*self.chain, &self.body, self.text, receipt.zip(signed.as_deref()));
        rows::insert(&self.transaction, &event, signed.as_deref())?;
        self.transaction.commit().map_err(told)?;
        *self.chain = Chain { seq: event.seq, head: event.hash };
        let entry = Entry { event, body: Some(self.body) };
        self.inventory.apply(&entry);
        Ok(entry.event)
    }
}

/// The next event of a chain; the receipt comes with its bytes.
pub(super) fn event(chain: Chain, body: &Body, text: String, receipt: Option<(Receipt, &str)>) -> Event {
    let (receipt, signed) = receipt.unzip();
    let seal = event::seal(&chain.head, &text);
    Event {
        seq: chain.next_seq(),
        at: body.at,
        kind: body.event.kind().to_owned(),
        body: text,
        prev: chain.head,
        seal,
        receipt,
        hash: event::hash(&seal, signed),
    }
}
