//! FIDO's metadata (MDS3): a BLOB, its signature verified offline, its entries read one by one, kept as a file.
//!
//! A BLOB is a JWT (RFC 7515, compact) whose payload lists every model. [`Metadata`] is what one says, with the proof
//! of who said it: [`Proof::Signed`] only where the signature and a path to a trusted root hold; a bare payload stays
//! [`Proof::Unsigned`] for ever. [`store`] keeps the file as it came, and reads it again with all checks.
//! Section numbers are those of FIDO Metadata Service v3.0.
//!
//! The crate `fido-mds` is not used: see `docs/decisions/0010-fido-metadata.md`.

mod chain;
mod entry;
mod error;
mod jws;
mod payload;
mod status;
pub mod store;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use chain::HOST;
pub use entry::Entry;
pub use error::MdsError;
pub use payload::{LeftOut, Tally};
pub use status::{Report, Standing, Warning, is_bad};

use crate::webauthn::anchor::Anchor;

/// The largest file that is read, in bytes: the real ones have about 5 MiB.
pub const MOST_BYTES: usize = 64 << 20;

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "proof", rename_all = "kebab-case")]
pub enum Proof {
    /// FIDO: the signature was verified, with a certificate for [`HOST`].
    Signed {
        /// The certificate's subject; foreign text.
        signer: String,
        /// The root that it leads to.
        root: String,
        /// The time at which the whole path was valid.
        at: Timestamp,
        /// The last second of the path's validity.
        not_after: Timestamp,
    },
    /// Nobody that can be proven.
    Unsigned,
}

/// What one BLOB says.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// Its number: each BLOB has a higher one than the last.
    pub number: u32,
    /// The day by which FIDO promised the next one.
    pub next_update: Date,
    /// Who said it.
    pub proof: Proof,
    /// SHA-256 of the file as it came.
    pub sha256: [u8; 32],
    /// How its entries were read; none is lost without a word.
    pub tally: Tally,
    entries: BTreeMap<Uuid, Entry>,
}

impl Metadata {
    /// Reads a file and checks who signed it, with certificates valid `at` that time. A bare payload is taken only
    /// where `unsigned` allows it; a signature that is there must hold in any case.
    ///
    /// # Errors
    /// [`MdsError`].
    pub fn read(file: &str, roots: &[Anchor], at: Timestamp, unsigned: bool) -> Result<Self, MdsError> {
        // A real BLOB was published with a byte order mark, and with a line feed at its end.
        let text = file.trim_start_matches('\u{feff}').trim();
        let sha256 = Sha256::digest(file.as_bytes()).into();
        if text.starts_with('{') {
            if !unsigned {
                return Err(MdsError::Unsigned);
            }
            return Self::of(text.as_bytes(), Proof::Unsigned, sha256);
        }
        let jws = jws::Jws::parse(text)?;
        let path = chain::check(jws.certificates(), roots, at)?;
        let payload = jws.payload(&path.leaf)?;
        let proof =
            Proof::Signed { signer: path.leaf.subject(), root: path.root, at, not_after: path.not_after };
        Self::of(&payload, proof, sha256)
    }

    fn of(payload: &[u8], proof: Proof, sha256: [u8; 32]) -> Result<Self, MdsError> {
        let payload::Payload { number, next_update, entries, tally } = payload::read(payload)?;
        Ok(Self { number, next_update, proof, sha256, tally, entries })
    }

    /// Whether FIDO signed it.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        matches!(self.proof, Proof::Signed { .. })
    }

    /// Whether a newer one should be out by then.
    #[must_use]
    pub fn is_stale(&self, today: Date) -> bool {
        self.next_update < today
    }

    /// What it says of a model.
    #[must_use]
    pub fn entry(&self, aaguid: Uuid) -> Option<&Entry> {
        self.entries.get(&aaguid)
    }

    /// All models, in the order of their AAGUIDs.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// What to call it: `FIDO MDS3 no. 291`, and whether nobody signed it.
    #[must_use]
    pub fn name(&self) -> String {
        let doubt = if self.is_signed() { "" } else { ", unsigned" };
        format!("FIDO MDS3 no. {}{doubt}", self.number)
    }
}
