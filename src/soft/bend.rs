//! Bends the answer to a command: its CBOR first, its packets then.

use ciborium::Value;

use super::fault::{Mode, Strike};
use super::lie::Lie;
use crate::ctap::cbor;
use crate::ctap::frame::{Channel, Command, INIT_DATA, Message, Report};

/// Bytes that the authenticator data of `truncated-authdata` has left.
const STUMP: usize = 20;
const ESCAPES: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31mFIDO_2_1\u{1b}[0m";
/// The channel that nobody has.
const STRANGER: Channel = Channel([0xba, 0xdc, 0x0f, 0xfe]);

/// Bends status byte and CBOR.
pub(super) fn payload(strike: &Strike, lie: Option<Lie>, payload: Vec<u8>) -> Vec<u8> {
    let Some((0, body)) = payload.split_first() else { return payload };
    let body = match strike.mode {
        Mode::TruncatedCbor => body.iter().copied().take(body.len().saturating_sub(3)).collect(),
        Mode::TrailingGarbage => [body, &[0x00, 0xff]].concat(),
        Mode::DeepCbor => [[0x81; 1000].as_slice(), &[0x00]].concat(),
        Mode::HugeAlloc => vec![0xa1, 0x01, 0x5b, 0, 0, 0, 1, 0, 0, 0, 0],
        Mode::NonCanonical => non_canonical(body),
        _ => edited(body, |members| edit(strike, lie, members)),
    };
    [&[0], body.as_slice()].concat()
}

/// Decodes a map, edits it, and encodes it again, its order kept. What is no map stays.
pub(super) fn edited(body: &[u8], edit: impl FnOnce(&mut Vec<(Value, Value)>)) -> Vec<u8> {
    let Ok(cbor::Decoded { value: Value::Map(mut members), .. }) = cbor::decode(body) else {
        return body.to_vec();
    };
    edit(&mut members);
    cbor::encode(&Value::Map(members)).unwrap_or_else(|_| body.to_vec())
}

fn non_canonical(body: &[u8]) -> Vec<u8> {
    let mut turned = edited(body, |members| members.reverse());
    if let Some(head) = turned.first().copied().filter(|head| (0xa0..=0xb7).contains(head)) {
        turned.splice(..1, [0xb8, head & 0x1f]);
    }
    turned
}

fn edit(strike: &Strike, lie: Option<Lie>, members: &mut [(Value, Value)]) {
    if let (Some(lie), Some(Value::Bytes(auth_data))) = (lie, at(members, 2)) {
        lie.about(auth_data);
    }
    match strike.mode {
        Mode::WrongTypes => members.iter_mut().for_each(|(_, value)| *value = wrong_type(value)),
        Mode::TruncatedAuthdata => {
            if let Some(Value::Bytes(auth_data)) = at(members, 2) {
                auth_data.truncate(STUMP);
            }
        }
        Mode::WrongSignature => flip_signature(members),
        Mode::AttestationNone => {
            replace(members, 1, "none".into());
            replace(members, 3, Value::Map(Vec::new()));
        }
        Mode::EscapeInfo => {
            for key in [1, 2] {
                if let Some(Value::Array(texts)) = at(members, key) {
                    texts.push(ESCAPES.into());
                }
            }
        }
        _ => {
            if let (Some(certificate), Some(Value::Map(statement))) = (&strike.certificate, at(members, 3)) {
                replace(statement, "x5c", Value::Array(vec![Value::Bytes(certificate.clone())]));
            }
        }
    }
}

fn at(members: &mut [(Value, Value)], key: impl Into<Value>) -> Option<&mut Value> {
    let key = key.into();
    members.iter_mut().find(|(k, _)| *k == key).map(|(_, value)| value)
}

fn replace(members: &mut [(Value, Value)], key: impl Into<Value>, value: Value) {
    if let Some(place) = at(members, key) {
        *place = value;
    }
}

fn wrong_type(value: &Value) -> Value {
    if value.is_text() { 0.into() } else { "wrong".into() }
}

fn flip_signature(members: &mut [(Value, Value)]) {
    let signature = match at(members, 3) {
        Some(Value::Map(statement)) => at(statement, "sig"),
        other => other,
    };
    if let Some(Value::Bytes(signature)) = signature
        && let Some(last) = signature.last_mut()
    {
        *last ^= 1;
    }
}

/// Bends the packets of an answer.
pub(super) fn packets(mode: Mode, mut reports: Vec<Report>) -> Vec<Report> {
    match mode {
        Mode::ForeignBefore => drop(reports.splice(..0, foreign())),
        Mode::ForeignWithin => drop(reports.splice(reports.len().min(1)..reports.len().min(1), foreign())),
        Mode::BadSeq if reports.len() > 2 => reports.swap(1, 2),
        Mode::BadSeq => {
            if let Some([_, _, _, _, sequence, ..]) = reports.get_mut(1) {
                *sequence = 5;
            }
        }
        Mode::MissingPacket if reports.len() > 1 => drop(reports.remove(1)),
        Mode::DoublePacket => {
            if let Some(again) = reports.get(1).copied() {
                reports.insert(1, again);
            }
        }
        Mode::ShortBcnt => set_length(&mut reports, |length| length.saturating_sub(20).max(1)),
        Mode::HugeBcnt => set_length(&mut reports, |_| u16::MAX),
        _ => {}
    }
    reports
}

fn set_length(reports: &mut [Report], length: impl FnOnce(u16) -> u16) {
    if let Some([_, _, _, _, _, high, low, ..]) = reports.first_mut() {
        [*high, *low] = length(u16::from_be_bytes([*high, *low])).to_be_bytes();
    }
}

/// A getInfo answer for a channel that nobody has, in one packet.
fn foreign() -> Vec<Report> {
    let mut payload = b"\x00\xa2\x01\x81\x68FIDO_2_0\x03\x50FOREIGN-CHANNEL!".to_vec();
    payload.truncate(INIT_DATA);
    Message { channel: STRANGER, command: Command::Cbor, payload }.reports().unwrap_or_default()
}
