//! Requests of authenticatorConfig (CTAP §6.11). None of its answers has a body.

use super::cbor::{self, CborError};
use super::protocol::Token;

/// The command byte.
pub const COMMAND: u8 = 0x0d;
/// `setMinPINLength` (CTAP §6.11.4).
const SET_MIN_PIN_LENGTH: u8 = 0x03;

/// `setMinPINLength`: raises the least length of a PIN, in code points, which only a reset takes back; or has the
/// key demand a new PIN; or both. The token needs the permission `acfg`.
///
/// # Errors
/// As [`cbor::encode`].
pub fn set_min_pin_length(
    least: Option<u64>,
    force_change: bool,
    token: &Token,
) -> Result<Vec<u8>, CborError> {
    let least = least.map(|least| (0x01, least.into()));
    let force = force_change.then(|| (0x03, true.into()));
    let parameters = cbor::map(least.into_iter().chain(force))?;
    // The proof covers 32 bytes of 0xff, the command, the subcommand, and its parameters as they are encoded.
    let mut message = vec![0xff; 32];
    message.extend([COMMAND, SET_MIN_PIN_LENGTH]);
    message.extend(cbor::encode(&parameters)?);
    let members = [
        (0x01, SET_MIN_PIN_LENGTH.into()),
        (0x02, parameters),
        (0x03, token.protocol().number().into()),
        (0x04, token.authenticate(&message).into()),
    ];
    let mut request = vec![COMMAND];
    request.extend(cbor::encode(&cbor::map(members)?)?);
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctap::protocol::Protocol;
    use zeroize::Zeroizing;

    #[test]
    fn the_request_is_what_the_specification_says_byte_for_byte() {
        let token = Token::new(Protocol::Two, Zeroizing::new(vec![7; 32])).unwrap();
        let request = set_min_pin_length(Some(6), true, &token).unwrap();
        let parameters = [0xa2, 0x01, 0x06, 0x03, 0xf5];
        let proof = token.authenticate(&[[0xff; 32].as_slice(), &[0x0d, 0x03], &parameters].concat());
        let head = [[0x0d, 0xa4, 0x01, 0x03, 0x02].as_slice(), &parameters, &[0x03, 0x02, 0x04, 0x58, 0x20]];
        assert_eq!(request, [head.concat(), proof].concat());
        // What is not asked for is not sent: a key may refuse what it need not know.
        let forced = set_min_pin_length(None, true, &token).unwrap();
        assert_eq!(forced.get(..8).unwrap(), [0x0d, 0xa4, 0x01, 0x03, 0x02, 0xa1, 0x03, 0xf5]);
    }
}
