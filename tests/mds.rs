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
#[allow(clippy::allow_attributes, dead_code, reason = "each test binary uses a part")]
mod blob;
#[path = "support/mint.rs"]
#[allow(clippy::allow_attributes, dead_code, reason = "each test binary uses a part")]
mod mint;

#[path = "mds/beneath.rs"]
mod beneath;
#[path = "mds/entries.rs"]
mod entries;
#[path = "mds/kept.rs"]
mod kept;
#[path = "mds/real.rs"]
mod real;
#[path = "mds/signer.rs"]
mod signer;
#[path = "mds/verb.rs"]
mod verb;
