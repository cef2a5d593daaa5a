//! The ledger: what was done with every key, in a record that nobody can quietly change.
//!
//! | file | what it holds |
//! |---|---|
//! | [`payload`], [`event`] | what an event says, and how it is sealed |
//! | [`receipt`] | the key's own signature over a seal |
//! | [`chain`] | rows in, events out: every link recomputed; pure |
//! | [`inventory`] | replaying events: keys, places, states, what is pending; pure |
//! | [`store`] | the file: the only room that writes records |
//! | [`verify`] | the whole chain and every receipt, over all cores |
//! | [`export`] | JSON Lines and CSV |
//!
//! The format, precise enough to write it anew: `docs/ledger.md`.

pub mod bytes;
pub mod chain;
pub mod error;
pub mod event;
pub mod export;
pub mod inventory;
pub mod payload;
pub mod receipt;
pub mod store;
pub mod verify;

pub use error::LedgerError;
pub use event::{Body, Event};
pub use inventory::Inventory;
pub use payload::Payload;
pub use receipt::Receipt;
pub use store::{Draft, Ledger, Writer};
