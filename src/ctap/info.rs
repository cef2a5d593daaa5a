//! The answer to authenticatorGetInfo (CTAP §6.4), every member of CTAP 2.0 to 2.3: said or unsaid.

use std::collections::BTreeMap;

use ciborium::Value;
use serde::Serialize;
use uuid::Uuid;

use super::cbor::{self, CborError, Members};
use super::protocol::Protocol;

/// An algorithm that a key offers for new credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Algorithm {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The COSE algorithm number; ES256 is -7.
    pub alg: i64,
}

/// What a key says of itself. `None` is unsaid, which is not no.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Info {
    /// 0x01, e.g. `FIDO_2_1`.
    pub versions: Vec<String>,
    /// 0x02.
    pub extensions: Option<Vec<String>>,
    /// 0x03: which model it claims to be.
    pub aaguid: Uuid,
    /// 0x04: each option as said; one that is not here is unsaid.
    pub options: BTreeMap<String, bool>,
    /// 0x05: bytes; 1024 where unsaid.
    pub max_msg_size: Option<usize>,
    /// 0x06, in the key's order of preference; numbers that are no known protocol are kept in `unknown`.
    pub pin_uv_auth_protocols: Option<Vec<u64>>,
    /// 0x07.
    pub max_credential_count_in_list: Option<u64>,
    /// 0x08: bytes.
    pub max_credential_id_length: Option<u64>,
    /// 0x09.
    pub transports: Option<Vec<String>>,
    /// 0x0A.
    pub algorithms: Option<Vec<Algorithm>>,
    /// 0x0B: bytes.
    pub max_serialized_large_blob_array: Option<u64>,
    /// 0x0C: the PIN must be changed before anything else works.
    pub force_pin_change: Option<bool>,
    /// 0x0D: code points.
    pub min_pin_length: Option<u64>,
    /// 0x0E: the vendor's own number.
    pub firmware_version: Option<u64>,
    /// 0x0F: bytes.
    pub max_cred_blob_length: Option<u64>,
    /// 0x10.
    pub max_rp_ids_for_set_min_pin_length: Option<u64>,
    /// 0x11.
    pub preferred_platform_uv_attempts: Option<u64>,
    /// 0x12: bits of the FIDO registry of predefined values.
    pub uv_modality: Option<u64>,
    /// 0x13: name to level.
    pub certifications: Option<BTreeMap<String, u64>>,
    /// 0x14: free slots for discoverable credentials.
    pub remaining_discoverable_credentials: Option<u64>,
    /// 0x15.
    pub vendor_prototype_config_commands: Option<Vec<u64>>,
    /// 0x16.
    pub attestation_formats: Option<Vec<String>>,
    /// 0x17.
    pub uv_count_since_last_pin_entry: Option<u64>,
    /// 0x18.
    pub long_touch_for_reset: Option<bool>,
    /// 0x19: encrypted device identifier, hexadecimal.
    pub enc_identifier: Option<String>,
    /// 0x1A.
    pub transports_for_reset: Option<Vec<String>>,
    /// 0x1B.
    pub pin_complexity_policy: Option<bool>,
    /// 0x1C.
    pub pin_complexity_policy_url: Option<String>,
    /// 0x1D: code points; 63 where unsaid.
    pub max_pin_length: Option<u64>,
    /// 0x1E: encrypted credential store state, hexadecimal.
    pub enc_cred_store_state: Option<String>,
    /// 0x1F.
    pub authenticator_config_commands: Option<Vec<u64>>,
    /// Members that no version up to 2.3 names, or that steer nothing and have another type than their own: key and diagnostic notation.
    pub unknown: BTreeMap<String, String>,
    /// Protocols that it offers and that are not to be believed.
    #[serde(skip)]
    distrusted: Vec<Protocol>,
}

impl Info {
    /// Reads the answer. A member that steers what is done with the key (versions, AAGUID, options, sizes,
    /// PIN protocols, forced PIN change, PIN lengths) must have its type; another member of a wrong type is kept
    /// in [`Info::unknown`] and counts as unsaid.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn parse(answer: Value) -> Result<Self, CborError> {
        let mut m = Members::of(answer, "the getInfo answer")?;
        let mut spare = Spare::default();
        let aaguid = cbor::bytes(m.need(0x03, "aaguid")?, "aaguid")?;
        let info = Self {
            versions: texts(m.need(0x01, "versions")?, "versions")?,
            extensions: steering(&mut m, 0x02, "extensions", texts)?,
            aaguid: Uuid::from_slice(&aaguid)
                .map_err(|_| CborError::WrongType { member: "aaguid", wanted: "16 bytes long" })?,
            options: steering(&mut m, 0x04, "options", options)?.unwrap_or_default(),
            max_msg_size: steering(&mut m, 0x05, "maxMsgSize", size)?,
            pin_uv_auth_protocols: steering(&mut m, 0x06, "pinUvAuthProtocols", numbers)?,
            max_credential_count_in_list: steering(&mut m, 0x07, "maxCredentialCountInList", number)?,
            max_credential_id_length: steering(&mut m, 0x08, "maxCredentialIdLength", number)?,
            transports: spare.read(&mut m, 0x09, texts),
            algorithms: spare.read(&mut m, 0x0a, algorithms),
            max_serialized_large_blob_array: spare.read(&mut m, 0x0b, number),
            force_pin_change: steering(&mut m, 0x0c, "forcePINChange", flag)?,
            min_pin_length: steering(&mut m, 0x0d, "minPINLength", number)?,
            firmware_version: spare.read(&mut m, 0x0e, number),
            max_cred_blob_length: spare.read(&mut m, 0x0f, number),
            max_rp_ids_for_set_min_pin_length: spare.read(&mut m, 0x10, number),
            preferred_platform_uv_attempts: spare.read(&mut m, 0x11, number),
            uv_modality: spare.read(&mut m, 0x12, number),
            certifications: spare.read(&mut m, 0x13, certifications),
            remaining_discoverable_credentials: spare.read(&mut m, 0x14, number),
            vendor_prototype_config_commands: spare.read(&mut m, 0x15, numbers),
            attestation_formats: spare.read(&mut m, 0x16, texts),
            uv_count_since_last_pin_entry: spare.read(&mut m, 0x17, number),
            long_touch_for_reset: spare.read(&mut m, 0x18, flag),
            enc_identifier: spare.read(&mut m, 0x19, hexadecimal),
            transports_for_reset: spare.read(&mut m, 0x1a, texts),
            pin_complexity_policy: spare.read(&mut m, 0x1b, flag),
            pin_complexity_policy_url: spare.read(&mut m, 0x1c, url),
            max_pin_length: steering(&mut m, 0x1d, "maxPINLength", number)?,
            enc_cred_store_state: spare.read(&mut m, 0x1e, hexadecimal),
            authenticator_config_commands: spare.read(&mut m, 0x1f, numbers),
            unknown: BTreeMap::new(),
            distrusted: Vec::new(),
        };
        Ok(Self { unknown: spare.with(m.rest()), ..info })
    }

    /// An option: yes, no, or unsaid.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<bool> {
        self.options.get(name).copied()
    }

    /// Whether the key says that it speaks this version.
    #[must_use]
    pub fn speaks(&self, version: &str) -> bool {
        self.versions.iter().any(|v| v == version)
    }

    /// Whether the key says that it has this extension; unsaid counts as absent (CTAP §6.4).
    #[must_use]
    pub fn extends(&self, extension: &str) -> bool {
        self.extensions.iter().flatten().any(|e| e == extension)
    }

    /// The PIN/UV auth protocol to use: two where offered, else one; `None` where neither is. One that is distrusted is
    /// used only where there is no other.
    #[must_use]
    pub fn protocol(&self) -> Option<Protocol> {
        let offered = self.pin_uv_auth_protocols.as_deref().unwrap_or_default();
        let known = || [Protocol::Two, Protocol::One].into_iter().filter(|p| offered.contains(&p.number()));
        known().find(|protocol| !self.distrusted.contains(protocol)).or_else(|| known().next())
    }

    /// Takes no notice of a protocol that the key offers, because keys of its model are known not to keep it.
    pub fn distrust(&mut self, protocol: Protocol) {
        self.distrusted.push(protocol);
    }
}

/// Reads optional members that steer nothing; keeps what it cannot read.
#[derive(Default)]
struct Spare(BTreeMap<String, String>);

impl Spare {
    fn read<T>(&mut self, m: &mut Members, key: u8, read: Reader<T>) -> Option<T> {
        let value = m.take(key)?;
        let shown = diagnostic(&value);
        let read = read(value, "a member").ok();
        if read.is_none() {
            self.0.insert(format!("0x{key:02x}"), shown);
        }
        read
    }

    fn with(mut self, rest: Vec<(Value, Value)>) -> BTreeMap<String, String> {
        for (key, value) in rest {
            let name = match key.as_integer().map(i128::from) {
                Some(number) => format!("0x{number:02x}"),
                None => diagnostic(&key),
            };
            self.0.insert(name, diagnostic(&value));
        }
        self.0
    }
}

type Reader<T> = fn(Value, &'static str) -> Result<T, CborError>;

fn steering<T>(
    m: &mut Members,
    key: u8,
    name: &'static str,
    read: Reader<T>,
) -> Result<Option<T>, CborError> {
    m.take(key).map(|value| read(value, name)).transpose()
}

fn diagnostic(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => format!("h'{}'", hex::encode(bytes)),
        other => format!("{other:?}"),
    }
}

fn texts(value: Value, member: &'static str) -> Result<Vec<String>, CborError> {
    cbor::array(value, member, cbor::text)
}

fn number(value: Value, member: &'static str) -> Result<u64, CborError> {
    cbor::integer(&value, member)
}

fn size(value: Value, member: &'static str) -> Result<usize, CborError> {
    cbor::integer(&value, member)
}

fn numbers(value: Value, member: &'static str) -> Result<Vec<u64>, CborError> {
    cbor::array(value, member, number)
}

fn flag(value: Value, member: &'static str) -> Result<bool, CborError> {
    cbor::boolean(&value, member)
}

fn hexadecimal(value: Value, member: &'static str) -> Result<String, CborError> {
    cbor::bytes(value, member).map(hex::encode)
}

/// The specification says a byte string; some keys send a text.
fn url(value: Value, member: &'static str) -> Result<String, CborError> {
    match value {
        Value::Bytes(bytes) => {
            String::from_utf8(bytes).map_err(|_| CborError::WrongType { member, wanted: "UTF-8" })
        }
        other => cbor::text(other, member),
    }
}

fn named<T>(
    value: Value,
    member: &'static str,
    read: impl Fn(&Value, &'static str) -> Result<T, CborError>,
) -> Result<BTreeMap<String, T>, CborError> {
    let members = Members::of(value, member)?.rest();
    members.into_iter().map(|(k, v)| Ok((cbor::text(k, member)?, read(&v, member)?))).collect()
}

fn options(value: Value, member: &'static str) -> Result<BTreeMap<String, bool>, CborError> {
    named(value, member, cbor::boolean)
}

fn certifications(value: Value, member: &'static str) -> Result<BTreeMap<String, u64>, CborError> {
    named(value, member, cbor::integer)
}

fn algorithms(value: Value, member: &'static str) -> Result<Vec<Algorithm>, CborError> {
    cbor::array(value, member, |item, member| {
        let mut m = Members::of(item, member)?;
        Ok(Algorithm {
            kind: cbor::text(m.need("type", "type")?, "type")?,
            alg: cbor::integer(&m.need("alg", "alg")?, "alg")?,
        })
    })
}

#[cfg(test)]
#[path = "info/tests.rs"]
mod tests;
