//! The payload (§3.1.6): read so that a bad entry costs itself alone, and every entry is accounted for.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::entry::Entry;
use super::error::MdsError;

/// An entry that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its place in the list, from 1.
    pub place: usize,
    /// What it calls itself; foreign text.
    pub name: Option<String>,
    /// Why.
    pub why: String,
}

/// How the entries were read: `models + u2f + uaf + left_out` is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many there are.
    pub entries: usize,
    /// Models with an AAGUID: FIDO2.
    pub models: usize,
    /// Authenticators that speak only U2F; they are not kept.
    pub u2f: usize,
    /// UAF authenticators; they are not kept.
    pub uaf: usize,
    /// Those that were not read.
    pub left_out: Vec<LeftOut>,
}

/// A payload, read.
pub(super) struct Payload {
    pub(super) number: u32,
    pub(super) next_update: Date,
    pub(super) entries: BTreeMap<Uuid, Entry>,
    pub(super) tally: Tally,
}

/// What a payload must have; all else in it is ignored.
#[derive(Deserialize)]
struct Raw {
    no: u32,
    #[serde(rename = "nextUpdate")]
    next_update: Date,
    entries: Vec<Value>,
}

pub(super) fn read(payload: &[u8]) -> Result<Payload, MdsError> {
    let raw: Raw = serde_json::from_slice(payload).map_err(|error| MdsError::Payload(error.to_string()))?;
    let mut tally = Tally { entries: raw.entries.len(), ..Tally::default() };
    let mut entries: BTreeMap<Uuid, Entry> = BTreeMap::new();
    for (place, mut entry) in (1..).zip(raw.entries) {
        let aaguid = entry.get("aaguid").and_then(Value::as_str).map(str::to_owned);
        let name = entry.pointer("/metadataStatement/description").and_then(Value::as_str).map(str::to_owned);
        let read = match aaguid {
            Some(aaguid) => Entry::read(&aaguid, &mut entry),
            None if entry.get("aaid").is_some() => {
                tally.uaf = tally.uaf.saturating_add(1);
                continue;
            }
            None if entry.get("attestationCertificateKeyIdentifiers").is_some() => {
                tally.u2f = tally.u2f.saturating_add(1);
                continue;
            }
            None => Err("it names no authenticator".to_owned()),
        };
        let why = match read {
            Err(why) => why,
            Ok(again) if entries.contains_key(&again.aaguid) => {
                // Nothing that it warns of is lost.
                if let Some(first) = entries.get_mut(&again.aaguid) {
                    first.reports.extend(again.reports);
                }
                "its AAGUID stands there before; its status reports were added to the first entry".to_owned()
            }
            Ok(entry) => {
                tally.models = tally.models.saturating_add(1);
                entries.insert(entry.aaguid, entry);
                continue;
            }
        };
        tally.left_out.push(LeftOut { place, name, why });
    }
    Ok(Payload { number: raw.no, next_update: raw.next_update, entries, tally })
}
