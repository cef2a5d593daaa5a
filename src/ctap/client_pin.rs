//! Requests and answers of authenticatorClientPIN (CTAP §6.5.5).

use ciborium::Value;

use super::cbor::{self, CborError, Members};
use super::pin::Pin;
use super::protocol::{Protocol, ProtocolError, SharedSecret, Token};

/// The command byte.
pub const COMMAND: u8 = 0x06;

/// What a token may be used for (CTAP §6.5.5.7). Bits add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permissions(pub u8);

impl Permissions {
    /// Making credentials.
    pub const MAKE_CREDENTIAL: Self = Self(0x01);
    /// Getting assertions.
    pub const GET_ASSERTION: Self = Self(0x02);
    /// Managing credentials.
    pub const CREDENTIAL_MANAGEMENT: Self = Self(0x04);
    /// Configuring the key.
    pub const CONFIGURATION: Self = Self(0x20);
}

/// How a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind<'a> {
    /// `getPinToken`, of CTAP 2.0: a token for everything.
    Plain,
    /// `getPinUvAuthTokenUsingPinWithPermissions`, where the option `pinUvAuthToken` is true.
    WithPermissions {
        /// What for.
        permissions: Permissions,
        /// For which relying party; making credentials and getting assertions need one.
        rp_id: Option<&'a str>,
    },
}

/// How many PIN attempts are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Retries {
    /// Attempts until the PIN is blocked for good.
    pub left: u64,
    /// The key wants to be unplugged before it takes another attempt; unsaid where the key does not tell.
    pub power_cycle: Option<bool>,
}

/// What can be wrong in building a request or reading an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientPinError {
    /// The CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The PIN/UV auth protocol.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

/// `getPINRetries`.
///
/// # Errors
/// As [`cbor::encode`].
pub fn get_retries(protocol: Protocol) -> Result<Vec<u8>, CborError> {
    request(protocol, 0x01, [])
}

/// Reads the answer to `getPINRetries`. A count above 255 is no count.
///
/// # Errors
/// [`CborError`].
pub fn retries(answer: Value) -> Result<Retries, CborError> {
    let mut m = Members::of(answer, "the answer")?;
    let left: u8 = cbor::integer(&m.need(0x03, "pinRetries")?, "pinRetries")?;
    let power_cycle = m.take(0x04).map(|v| cbor::boolean(&v, "powerCycleState")).transpose()?;
    Ok(Retries { left: left.into(), power_cycle })
}

/// `getKeyAgreement`.
///
/// # Errors
/// As [`cbor::encode`].
pub fn get_key_agreement(protocol: Protocol) -> Result<Vec<u8>, CborError> {
    request(protocol, 0x02, [])
}

/// Reads the answer to `getKeyAgreement`: the key's COSE_Key, for [`SharedSecret::agree`].
///
/// # Errors
/// [`CborError`].
pub fn key_agreement(answer: Value) -> Result<Vec<u8>, CborError> {
    let mut m = Members::of(answer, "the answer")?;
    let key = m.need(0x01, "keyAgreement")?;
    if !key.is_map() {
        return Err(CborError::WrongType { member: "keyAgreement", wanted: "a map" });
    }
    cbor::encode(&key)
}

/// `setPIN`. `iv` is 16 fresh random bytes.
///
/// # Errors
/// [`ClientPinError`].
pub fn set_pin(shared: &SharedSecret, new: &Pin, iv: &[u8; 16]) -> Result<Vec<u8>, ClientPinError> {
    let new = shared.encrypt(new.padded().as_slice(), iv)?;
    let proof = shared.authenticate(&[&new]);
    let members = [(0x03, our_key(shared)?), (0x04, proof.into()), (0x05, new.into())];
    Ok(request(shared.protocol(), 0x03, members)?)
}

/// `changePIN`: costs an attempt when `current` is wrong. `ivs` are 32 fresh random bytes.
///
/// # Errors
/// [`ClientPinError`].
pub fn change_pin(
    shared: &SharedSecret,
    current: &Pin,
    new: &Pin,
    ivs: [&[u8; 16]; 2],
) -> Result<Vec<u8>, ClientPinError> {
    let [iv_new, iv_hash] = ivs;
    let new = shared.encrypt(new.padded().as_slice(), iv_new)?;
    let hash = shared.encrypt(current.hash().as_slice(), iv_hash)?;
    let proof = shared.authenticate(&[&new, &hash]);
    let members = [(0x03, our_key(shared)?), (0x04, proof.into()), (0x05, new.into()), (0x06, hash.into())];
    Ok(request(shared.protocol(), 0x04, members)?)
}

/// Asks for a token: costs an attempt when the PIN is wrong. `iv` is 16 fresh random bytes.
///
/// # Errors
/// [`ClientPinError`].
pub fn get_token(
    shared: &SharedSecret,
    pin: &Pin,
    kind: TokenKind<'_>,
    iv: &[u8; 16],
) -> Result<Vec<u8>, ClientPinError> {
    let hash = shared.encrypt(pin.hash().as_slice(), iv)?;
    let mut members = vec![(0x03, our_key(shared)?), (0x06, hash.into())];
    let subcommand = match kind {
        TokenKind::Plain => 0x05,
        TokenKind::WithPermissions { permissions, rp_id } => {
            members.push((0x09, permissions.0.into()));
            members.extend(rp_id.map(|rp_id| (0x0a, rp_id.into())));
            0x09
        }
    };
    Ok(request(shared.protocol(), subcommand, members)?)
}

/// Reads the token out of the answer.
///
/// # Errors
/// [`ClientPinError`].
pub fn token(answer: Value, shared: &SharedSecret) -> Result<Token, ClientPinError> {
    let mut m = Members::of(answer, "the answer")?;
    let secret = cbor::bytes(m.need(0x02, "pinUvAuthToken")?, "pinUvAuthToken")?;
    Ok(Token::new(shared.protocol(), shared.decrypt(&secret)?)?)
}

fn our_key(shared: &SharedSecret) -> Result<Value, CborError> {
    Ok(cbor::decode(shared.our_key())?.value)
}

fn request(
    protocol: Protocol,
    subcommand: u8,
    members: impl IntoIterator<Item = (u8, Value)>,
) -> Result<Vec<u8>, CborError> {
    let head = [(0x01, protocol.number().into()), (0x02, subcommand.into())];
    let mut bytes = vec![COMMAND];
    bytes.extend(cbor::encode(&cbor::map(head.into_iter().chain(members))?)?);
    Ok(bytes)
}

#[cfg(test)]
#[path = "client_pin/tests.rs"]
mod tests;
