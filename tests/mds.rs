//! FIDO's metadata: who may sign a BLOB, what of it is read, what becomes of it. Minted BLOBs, and real ones where the
//! research lies beside the repository.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests make files and may panic"
)]

#[path = "support/blob.rs"]
mod blob;
#[path = "support/mint.rs"]
#[expect(dead_code, reason = "attestation is minted with it as well")]
mod mint;

#[path = "mds/beneath.rs"]
mod beneath;
#[path = "mds/entries.rs"]
mod entries;
#[path = "mds/kept.rs"]
mod kept;
#[path = "mds/real.rs"]
mod real;
#[path = "support/schema.rs"]
mod schema;
#[path = "mds/signer.rs"]
mod signer;
#[path = "support/skip.rs"]
mod skip;
#[path = "mds/verb.rs"]
mod verb;
