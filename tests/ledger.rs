//! The ledger: what is recorded stays, and whatever is done to it is found.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests make files and may panic"
)]

#[path = "ledger/custody.rs"]
mod custody;
#[path = "ledger/entra.rs"]
mod entra;
#[path = "ledger/events.rs"]
mod events;
#[path = "ledger/files.rs"]
mod files;
#[path = "ledger/kill.rs"]
mod kill;
#[path = "ledger/openssl.rs"]
mod openssl;
#[path = "ledger/python.rs"]
mod python;
#[path = "ledger/random.rs"]
mod random;
#[path = "ledger/replay.rs"]
mod replay;
#[cfg(feature = "softkey")]
#[path = "support/custody.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod rig;
#[cfg(not(feature = "softkey"))]
#[path = "support/schema.rs"]
mod schema;
#[path = "support/skip.rs"]
mod skip;
#[path = "ledger/tamper.rs"]
mod tamper;
#[path = "ledger/verbs.rs"]
mod verbs;
#[path = "ledger/words.rs"]
mod words;

#[cfg(feature = "softkey")]
use rig::faults;
#[cfg(not(feature = "softkey"))]
use schema::faults;
