//! What a faulty key makes of a request before its firmware sees it, and of the answer after: it keeps to the form of
//! the protocol and breaks a promise. [`super::bend`] breaks the form.

use ciborium::Value;

use super::bend::edited;
use super::fault::Mode;
use crate::ctap::cbor;
use crate::ctap::credential::ES256;
use crate::ctap::status::Code;

/// Attempts of a key at rest.
const FULL: i128 = 8;

/// The mischief of one open key.
#[derive(Debug, Default)]
pub(super) struct Mischief {
    /// The fewest PIN attempts that it ever told.
    lowest: Option<i128>,
}

/// What is answered although the firmware never sees the request.
pub(super) fn instead(mode: Mode, request: &[u8]) -> Option<Vec<u8>> {
    let parameter = |key: u8| {
        let decoded = cbor::decode(request.get(1..)?).ok()?.value;
        let members = decoded.into_map().ok()?;
        members.into_iter().find(|(name, _)| *name == Value::from(key)).map(|(_, value)| value)
    };
    match mode {
        Mode::DeletePretended if parameter(1) == Some(6.into()) => Some(vec![0]),
        Mode::ConfigPretended | Mode::ResetPretended => Some(vec![0]),
        _ => None,
    }
}

/// What the firmware is asked in place of what was asked.
pub(super) fn request(mode: Mode, mut request: Vec<u8>) -> Vec<u8> {
    let body = request.split_off(request.len().min(1));
    let body = edited(&body, |members| match mode {
        Mode::ExcludeIgnored => without(members, 5),
        Mode::AllowIgnored => without(members, 3),
        // Of makeCredential, and of getAssertion.
        Mode::ExtensionsIgnored if request == [0x01] => without(members, 6),
        Mode::ExtensionsIgnored => without(members, 4),
        Mode::NotDiscoverable => without(members, 7),
        Mode::AlgorithmIgnored => {
            let es256 = cbor::map([("alg", ES256.into()), ("type", "public-key".into())]);
            put(members, 4, Value::Array(es256.into_iter().collect()));
        }
        Mode::ProtectionLax => {
            if let Some(Value::Map(extensions)) = at(members, 6) {
                for (name, value) in extensions {
                    if name.as_text() == Some("credProtect") {
                        *value = 1.into();
                    }
                }
            }
        }
        _ => {}
    });
    request.extend(body);
    request
}

impl Mischief {
    /// What is answered in place of the firmware's answer.
    pub(super) fn payload(&mut self, mode: Mode, payload: Vec<u8>) -> Vec<u8> {
        let status = |code: Code| payload == [code.byte()];
        match mode {
            Mode::LockUnsaid if status(Code::PinAuthBlocked) => return vec![Code::PinInvalid.byte()],
            Mode::WrongPinUnsaid if status(Code::PinInvalid) => return vec![Code::Other.byte()],
            Mode::CancelDenied if status(Code::KeepaliveCancel) => return vec![Code::OperationDenied.byte()],
            _ => {}
        }
        let Some((0, body)) = payload.split_first() else { return payload };
        let body = edited(body, |members| match mode {
            Mode::UserUnsaid => without(members, 4),
            Mode::OthersUnsaid => without(members, 5),
            Mode::ListShort => put(members, 9, 1.into()),
            Mode::RetriesStuck | Mode::RetriesDouble | Mode::RetriesSticky => {
                if let Some(left) = at(members, 3).and_then(|left| left.as_integer()) {
                    put(members, 3, self.retries(mode, left.into()));
                }
            }
            _ => {}
        });
        [&[0], body.as_slice()].concat()
    }

    fn retries(&mut self, mode: Mode, left: i128) -> Value {
        let lowest = self.lowest.map_or(left, |lowest| lowest.min(left));
        self.lowest = Some(lowest);
        let told = match mode {
            Mode::RetriesStuck => FULL,
            Mode::RetriesDouble => FULL.saturating_sub(FULL.saturating_sub(left).saturating_mul(2)).max(0),
            _ => lowest,
        };
        Value::from(u8::try_from(told).unwrap_or_default())
    }
}

fn at(members: &mut [(Value, Value)], key: u8) -> Option<&mut Value> {
    let key = Value::from(key);
    members.iter_mut().find(|(name, _)| *name == key).map(|(_, value)| value)
}

fn put(members: &mut [(Value, Value)], key: u8, value: Value) {
    if let Some(place) = at(members, key) {
        *place = value;
    }
}

fn without(members: &mut Vec<(Value, Value)>, key: u8) {
    let key = Value::from(key);
    members.retain(|(name, _)| *name != key);
}
