//! The extension `hmac-secret` (CTAP §12.7): what Windows unlocks offline with. Salts in, secrets out, both encrypted.

use ciborium::Value;
use zeroize::Zeroizing;

use super::authdata::AuthenticatorData;
use super::cbor::{self, CborError, Members};
use super::client_pin::ClientPinError;
use super::protocol::{Protocol, SharedSecret};

/// The extension's name.
pub const NAME: &str = "hmac-secret";
/// The length of a salt, and of a secret.
pub const LEN: usize = 32;

/// A salt, of the relying party's choice.
pub type Salt = [u8; LEN];
/// What a key makes of a salt: always the same for one credential.
pub type Secret = Zeroizing<[u8; LEN]>;

/// What a key is sent to make secrets of one or two salts. `iv` is 16 fresh random bytes.
///
/// # Errors
/// [`ClientPinError`].
pub fn input(shared: &SharedSecret, salts: &[Salt], iv: &[u8; 16]) -> Result<Value, ClientPinError> {
    let encrypted = shared.encrypt(&salts.concat(), iv)?;
    let proof = shared.authenticate(&[&encrypted]);
    let mut members =
        vec![(0x01, cbor::decode(shared.our_key())?.value), (0x02, encrypted.into()), (0x03, proof.into())];
    // One is the default, and CTAP 2.0 keys know no other.
    if shared.protocol() != Protocol::One {
        members.push((0x04, shared.protocol().number().into()));
    }
    Ok(cbor::map(members)?)
}

/// Reads the secrets out of what a key signed.
///
/// # Errors
/// [`ClientPinError`]; [`CborError::Missing`] where there are none, [`CborError::WrongType`] unless there is one for
/// each salt.
pub fn output(
    auth_data: &AuthenticatorData,
    salts: &[Salt],
    shared: &SharedSecret,
) -> Result<Vec<Secret>, ClientPinError> {
    let extensions = auth_data.extensions.as_ref().ok_or(CborError::Missing(NAME))?;
    let mut members = Members::of(extensions.value.clone(), "extensions")?;
    let encrypted = cbor::bytes(members.need(NAME, NAME)?, NAME)?;
    let plain = shared.decrypt(&encrypted)?;
    let wrong = CborError::WrongType { member: NAME, wanted: "one secret for each salt" };
    if plain.len() != salts.len().saturating_mul(LEN) {
        return Err(wrong.into());
    }
    let (secrets, _) = plain.as_chunks::<LEN>();
    Ok(secrets.iter().map(|secret| Zeroizing::new(*secret)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctap::authdata::Flags;

    fn shared(protocol: Protocol) -> SharedSecret {
        let theirs = SharedSecret::agree(protocol, &base(), &Zeroizing::new([3; 32])).unwrap();
        SharedSecret::agree(protocol, theirs.our_key(), &Zeroizing::new([2; 32])).unwrap()
    }

    /// Any public key, as the key would send it.
    fn base() -> Vec<u8> {
        use p256::elliptic_curve::sec1::ToSec1Point;
        let point = p256::SecretKey::from_slice(&[1; 32]).unwrap().public_key().to_sec1_point(false);
        let coordinate = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
        let members = [
            (1, Value::from(2)),
            (3, Value::from(-25)),
            (-1, Value::from(1)),
            (-2, coordinate(point.x().unwrap())),
            (-3, coordinate(point.y().unwrap())),
        ];
        cbor::encode(&cbor::map(members).unwrap()).unwrap()
    }

    /// Authenticator data whose extensions are these.
    fn signed(extensions: &Value) -> AuthenticatorData {
        let head = [[0; 32].as_slice(), &[Flags::UP | Flags::ED], &[0; 4]].concat();
        AuthenticatorData::parse(&[head, cbor::encode(extensions).unwrap()].concat()).unwrap()
    }

    #[test]
    fn what_a_key_encrypts_is_read_again_and_nothing_else_is() {
        for protocol in [Protocol::One, Protocol::Two] {
            let shared = shared(protocol);
            let secret = |bytes: &[u8]| {
                let value = Value::Bytes(shared.encrypt(bytes, &[9; 16]).unwrap());
                signed(&cbor::map([(NAME, value)]).unwrap())
            };
            let one = [[1; 32]];
            let read = output(&secret(&[5; 32]), &one, &shared).unwrap();
            assert_eq!(read.iter().map(|secret| **secret).collect::<Vec<_>>(), [[5; 32]]);
            let two = output(&secret(&[[5; 32], [6; 32]].concat()), &[[1; 32], [2; 32]], &shared).unwrap();
            assert_eq!(two.iter().map(|secret| **secret).collect::<Vec<_>>(), [[5; 32], [6; 32]]);
            assert!(output(&secret(&[5; 64]), &one, &shared).is_err(), "two secrets for one salt");
            assert!(output(&secret(&[5; 16]), &one, &shared).is_err(), "half a secret");
            assert!(
                output(&signed(&cbor::map([(NAME, Value::from(true))]).unwrap()), &one, &shared).is_err()
            );
            assert!(output(&signed(&Value::Map(Vec::new())), &one, &shared).is_err());
        }
    }

    #[test]
    fn the_protocol_is_named_unless_it_is_the_first() {
        for (protocol, members) in [(Protocol::One, 3), (Protocol::Two, 4)] {
            let Value::Map(sent) = input(&shared(protocol), &[[1; 32]], &[0; 16]).unwrap() else { panic!() };
            assert_eq!(sent.len(), members);
        }
    }
}
