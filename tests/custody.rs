//! Custody from the plan to the record, by runs of the real program on soft keys.
#![cfg(feature = "softkey")]
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests make files and may panic"
)]

#[path = "custody/batch.rs"]
mod batch;
#[path = "custody/bench.rs"]
mod bench;
#[path = "custody/blocked.rs"]
mod blocked;
#[path = "custody/caught.rs"]
mod caught;
#[path = "custody/causes.rs"]
mod causes;
#[path = "custody/ceremony.rs"]
mod ceremony;
#[path = "custody/changed.rs"]
mod changed;
#[path = "custody/copies.rs"]
mod copies;
#[path = "custody/doctor.rs"]
mod doctor;
#[path = "support/exercise.rs"]
#[expect(dead_code, reason = "keys are opened with it here")]
mod exercise;
#[path = "custody/life.rs"]
mod life;
#[path = "ledger/custody.rs"]
#[expect(dead_code, reason = "the ledger's own tests use the rest")]
mod made_up;
#[path = "custody/many.rs"]
mod many;
#[path = "custody/mistaken.rs"]
mod mistaken;
#[path = "custody/named.rs"]
mod named;
#[path = "custody/news.rs"]
mod news;
#[path = "support/passkeys.rs"]
#[expect(dead_code, reason = "passkeys are made with it here")]
mod passkeys;
#[path = "custody/prompted.rs"]
mod prompted;
#[path = "custody/proven.rs"]
mod proven;
#[path = "custody/pulled.rs"]
mod pulled;
#[path = "custody/quirks.rs"]
mod quirks;
#[path = "custody/refused.rs"]
mod refused;
#[path = "support/custody.rs"]
mod rig;
#[path = "custody/steps.rs"]
mod steps;
#[path = "custody/together.rs"]
mod together;
#[path = "custody/typeable.rs"]
mod typeable;
#[cfg(target_os = "linux")]
#[path = "support/typed.rs"]
mod typed;
