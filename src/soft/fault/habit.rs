//! What a key refuses although it should not, by what the request holds: the habits of real models (`aaguids/quirks.toml`).

use ciborium::Value;

use crate::ctap::cbor;
use crate::soft::stats::Op;

/// One habit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// PIN/UV auth protocol one is offered, and what is asked with it is refused.
    ProtocolOne,
    /// PIN/UV auth protocol two is offered, and what is asked with it is refused.
    ProtocolTwo,
    /// A list of credentials to exclude that is not empty is refused, whosoever they are.
    ExcludeList,
    /// A registration with an empty pinUvAuthParam, which asks for a touch only, is refused for want of its protocol.
    Selection,
    /// A list of credentials that tells how each is reached is refused.
    Transports,
    /// The attempts left are told only where the question names a protocol.
    BareRetries,
    /// A registration that offers EdDSA is refused, where a real key would sign it wrongly.
    EdDsa,
}

impl Habit {
    /// Has it a meaning for the command?
    #[must_use]
    pub fn reaches(self, op: Op) -> bool {
        match self {
            Self::ProtocolOne | Self::ProtocolTwo => {
                matches!(op, Op::MakeCred | Op::GetAssertion | Op::CredMgmt)
            }
            Self::ExcludeList | Self::Selection | Self::EdDsa => op == Op::MakeCred,
            Self::Transports => matches!(op, Op::MakeCred | Op::GetAssertion),
            Self::BareRetries => op == Op::Retries,
        }
    }

    /// The status with which it refuses the request, if it does.
    pub(in crate::soft) fn refuses(self, op: Op, request: &[u8]) -> Option<u8> {
        let (_, body) = request.split_first()?;
        let Value::Map(members) = cbor::decode(body).ok()?.value else { return None };
        let at = |key: u8| members.iter().find(|(name, _)| *name == Value::from(key)).map(|(_, value)| value);
        let list = |key: u8| at(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let protocol = match op {
            Op::MakeCred => at(9),
            Op::GetAssertion => at(7),
            Op::CredMgmt => at(3),
            _ => at(1),
        };
        let credentials = if op == Op::MakeCred { list(5) } else { list(3) };
        let (strikes, code) = match self {
            Self::ProtocolOne => (protocol == Some(&Value::from(1)), 0x33),
            Self::ProtocolTwo => (protocol == Some(&Value::from(2)), 0x33),
            Self::ExcludeList => (!credentials.is_empty(), 0x19),
            Self::Selection => (at(8) == Some(&Value::Bytes(Vec::new())) && protocol.is_none(), 0x14),
            Self::Transports => (credentials.iter().any(tells_transports), 0x12),
            Self::BareRetries => (protocol.is_none(), 0x14),
            Self::EdDsa => (list(4).iter().any(is_eddsa), 0x26),
        };
        strikes.then_some(code)
    }
}

fn tells_transports(credential: &Value) -> bool {
    let members = credential.as_map().map(Vec::as_slice).unwrap_or_default();
    members.iter().any(|(name, _)| name.as_text() == Some("transports"))
}

fn is_eddsa(offered: &Value) -> bool {
    let members = offered.as_map().map(Vec::as_slice).unwrap_or_default();
    members.iter().any(|(name, value)| name.as_text() == Some("alg") && *value == Value::from(-8))
}
