//! What the child is told: one line of JSON, then the PIN, 64 bytes padded with zeros. Then the pipe stays open:
//! its end tells the child that the parent is gone.

use std::io::{self, BufRead, Read, Write};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::ctap::pin::Pin;

/// The longest job.
const MAX_JOB: u64 = 16 * 1024;
/// How the PIN travels.
const PADDED_PIN: usize = 64;

/// Bytes, in JSON as base64url.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_URL_SAFE_NO_PAD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// What the second client is to do. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// What each line of the report begins with. Random, so that nothing else that is printed there can be taken for one.
    pub marker: String,
    /// The key's device path.
    pub path: String,
    /// The model that it must be. Nothing that costs is sent to another one: keys may have changed places.
    pub aaguid: Bytes,
    /// The PIN attempts that it must have left.
    pub retries: u64,
    /// The PIN/UV auth protocol.
    pub protocol: u64,
    /// The relying party's id.
    pub rp_id: String,
    /// Client data of the registration, whose hash the key is to sign.
    pub register: Bytes,
    /// Client data of the assertion.
    pub assert: Bytes,
    /// After how many seconds the child ends itself, should its parent not have ended it by then.
    pub seconds: u64,
}

impl Job {
    /// Hands the job and the PIN over. `pipe` must not buffer.
    pub(super) fn hand_over(&self, pin: &Pin, pipe: &mut impl Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        pipe.write_all(&line)?;
        pipe.write_all(pin.padded().as_slice())?;
        pipe.flush()
    }

    /// Takes a job and the PIN.
    pub(super) fn take(pipe: &mut impl BufRead) -> io::Result<(Self, Zeroizing<String>)> {
        let mut line = Vec::new();
        pipe.by_ref().take(MAX_JOB).read_until(b'\n', &mut line)?;
        let job = serde_json::from_slice(&line)?;
        let mut padded = Zeroizing::new([0; PADDED_PIN]);
        pipe.read_exact(padded.as_mut_slice())?;
        // A PIN holds no NUL, so its padding begins at the first.
        let bytes = padded.split(|byte| *byte == 0).next().unwrap_or_default();
        match String::from_utf8(bytes.to_vec()) {
            Ok(pin) => Ok((job, Zeroizing::new(pin))),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(io::ErrorKind::InvalidData.into())
            }
        }
    }
}
