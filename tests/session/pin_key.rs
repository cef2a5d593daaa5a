//! The key's side of authenticatorClientPIN, under both protocols.

use std::sync::{Arc, Mutex};

use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use ciborium::Value;
use glasskey::ctap::cbor::{decode, encode};
use glasskey::ctap::protocol::Protocol;
use hmac::{KeyInit as _, Mac as _};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use sha2::{Digest as _, Sha256};

const TOKEN: [u8; 32] = [0x77; 32];

/// What the key knows and has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) pin: Option<String>,
    pub(crate) left: u64,
    pub(crate) granted: Option<(u64, Option<String>)>,
    pub(crate) ivs: Vec<Vec<u8>>,
    /// So many wrong PINs another program sends before the next request.
    pub(crate) strangers: u64,
}

pub(crate) struct PinKey {
    protocol: Protocol,
    secret: p256::SecretKey,
    seen: Arc<Mutex<Seen>>,
}

/// A request that a key must refuse; a test that meets one has found a fault of the client.
type Parameters = Vec<(Value, Value)>;

impl PinKey {
    pub(crate) fn new(protocol: Protocol) -> (Self, Arc<Mutex<Seen>>) {
        let seen = Arc::new(Mutex::new(Seen { left: 8, ..Seen::default() }));
        let secret = p256::SecretKey::from_slice(&[0x42; 32]).unwrap();
        (Self { protocol, secret, seen: Arc::clone(&seen) }, seen)
    }

    pub(crate) fn with_pin(protocol: Protocol, pin: &str) -> (Self, Arc<Mutex<Seen>>) {
        let (key, seen) = Self::new(protocol);
        seen.lock().unwrap().pin = Some(pin.to_owned());
        (key, seen)
    }

    pub(crate) fn brain(mut self) -> impl FnMut(&[u8]) -> Vec<u8> + Send {
        move |request| self.answer(request)
    }

    /// Status byte and body.
    pub(crate) fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        let decoded = decode(&request[1..]).expect("strict CBOR");
        assert_eq!(decoded.deviations, [], "a request is canonical");
        let members = decoded.value.into_map().unwrap();
        match request[0] {
            // makeCredential, getAssertion: the proof over the client data hash, and its protocol.
            0x01 => self.proof_of(&members, 0x01, 0x08),
            0x02 => self.proof_of(&members, 0x02, 0x06),
            0x06 => self.client_pin(&members),
            other => panic!("command {other:#x}"),
        }
    }

    fn proof_of(&self, members: &Parameters, hash: u8, proof: u8) -> Vec<u8> {
        assert_eq!(number(members, proof + 1), self.number());
        assert_eq!(bytes(members, proof), self.prove(&TOKEN, &bytes(members, hash)), "pinUvAuthParam");
        vec![0x2e]
    }

    fn number(&self) -> u64 {
        if self.protocol == Protocol::One { 1 } else { 2 }
    }

    fn client_pin(&mut self, members: &Parameters) -> Vec<u8> {
        assert_eq!(number(members, 0x01), self.number(), "pinUvAuthProtocol");
        let subcommand = number(members, 0x02);
        let expected: &[u8] = match subcommand {
            1 | 2 => &[1, 2],
            3 => &[1, 2, 3, 4, 5],
            4 => &[1, 2, 3, 4, 5, 6],
            5 => &[1, 2, 3, 6],
            9 if has(members, 0x0a) => &[1, 2, 3, 6, 9, 10],
            9 => &[1, 2, 3, 6, 9],
            other => panic!("subcommand {other}"),
        };
        let found: Vec<_> = members.iter().map(|(key, _)| key.clone()).collect();
        assert_eq!(found, expected.iter().map(|key| Value::from(*key)).collect::<Vec<_>>());
        let seen = Arc::clone(&self.seen);
        let mut seen = seen.lock().unwrap();
        for _ in 0..std::mem::take(&mut seen.strangers) {
            self.wrong(&mut seen);
        }
        match subcommand {
            1 => ok(&[(3, seen.left.into())]),
            2 => ok(&[(1, self.public())]),
            3 => {
                let (hmac, aes) = self.shared(members);
                let new = bytes(members, 5);
                assert_eq!(bytes(members, 4), self.prove(&hmac, &new), "pinUvAuthParam of setPIN");
                if seen.pin.is_some() {
                    return vec![0x33];
                }
                seen.pin = Some(unpad(&self.decrypt(&aes, &new, &mut seen.ivs)));
                vec![0]
            }
            4 => {
                let (hmac, aes) = self.shared(members);
                let (new, old) = (bytes(members, 5), bytes(members, 6));
                let both = [&new[..], &old].concat();
                assert_eq!(bytes(members, 4), self.prove(&hmac, &both), "pinUvAuthParam of changePIN");
                if !self.right(&aes, &old, &mut seen) {
                    return vec![0x31];
                }
                seen.pin = Some(unpad(&self.decrypt(&aes, &new, &mut seen.ivs)));
                vec![0]
            }
            _ => {
                let (_, aes) = self.shared(members);
                if !self.right(&aes, &bytes(members, 6), &mut seen) {
                    return vec![0x31];
                }
                let rp = has(members, 10).then(|| get(members, 10).into_text().unwrap());
                seen.granted = has(members, 9).then(|| (number(members, 9), rp));
                ok(&[(2, self.encrypt(&aes, &TOKEN).into())])
            }
        }
    }

    /// A wrong PIN costs an attempt and makes a new key agreement key (CTAP §6.5.5.7).
    fn wrong(&mut self, seen: &mut Seen) {
        seen.left -= 1;
        // Another one each time: no count is met twice.
        self.secret = p256::SecretKey::from_slice(&[0x50 + u8::try_from(seen.left).unwrap(); 32]).unwrap();
    }

    fn right(&mut self, aes: &[u8; 32], sent: &[u8], seen: &mut Seen) -> bool {
        let hash = self.decrypt(aes, sent, &mut seen.ivs);
        let right = seen.pin.as_ref().is_some_and(|pin| hash == Sha256::digest(pin.as_bytes())[..16]);
        if right {
            seen.left = 8;
        } else {
            self.wrong(seen);
        }
        right
    }

    /// Our key agreement key, as CTAP §6.5.6 wants it.
    fn public(&self) -> Value {
        let point = self.secret.public_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let pair = |label: i64, value: Value| (Value::from(label), value);
        Value::Map(vec![
            pair(1, 2.into()),
            pair(3, (-25).into()),
            pair(-1, 1.into()),
            pair(-2, x.into()),
            pair(-3, y.into()),
        ])
    }

    /// The keys for HMAC and AES, from the client's public key.
    fn shared(&self, members: &Parameters) -> ([u8; 32], [u8; 32]) {
        let theirs = get(members, 3).into_map().unwrap();
        let label = |label: i64| theirs.iter().find(|(k, _)| *k == label.into()).unwrap().1.clone();
        assert_eq!((theirs.len(), label(1), label(3), label(-1)), (5, 2.into(), (-25).into(), 1.into()));
        let point = [vec![4], label(-2).into_bytes().unwrap(), label(-3).into_bytes().unwrap()].concat();
        let theirs = p256::PublicKey::from_sec1_bytes(&point).unwrap();
        let z = p256::ecdh::diffie_hellman(self.secret.to_nonzero_scalar(), theirs.as_affine());
        let z = z.raw_secret_bytes();
        match self.protocol {
            Protocol::One => (Sha256::digest(z).into(), Sha256::digest(z).into()),
            Protocol::Two => {
                // HKDF of one block, by hand (RFC 5869): extract with a salt of zeros, expand.
                let prk = hmac_sha256(&[0; 32], z);
                let expand = |info: &[u8]| hmac_sha256(&prk, &[info, &[1]].concat());
                (expand(b"CTAP2 HMAC key"), expand(b"CTAP2 AES key"))
            }
        }
    }

    fn prove(&self, key: &[u8], message: &[u8]) -> Vec<u8> {
        hmac_sha256(key, message)[..if self.protocol == Protocol::One { 16 } else { 32 }].to_vec()
    }

    fn decrypt(&self, aes: &[u8; 32], sent: &[u8], ivs: &mut Vec<Vec<u8>>) -> Vec<u8> {
        let (iv, blocks) =
            if self.protocol == Protocol::One { (&[0; 16][..], sent) } else { sent.split_at(16) };
        ivs.push(iv.to_vec());
        let iv: [u8; 16] = iv.try_into().unwrap();
        let cipher = cbc::Decryptor::<aes::Aes256>::new(aes.into(), &iv.into());
        cipher.decrypt_padded_vec::<NoPadding>(blocks).unwrap()
    }

    fn encrypt(&self, aes: &[u8; 32], plain: &[u8]) -> Vec<u8> {
        let iv = if self.protocol == Protocol::One { [0; 16] } else { [0x1f; 16] };
        let cipher = cbc::Encryptor::<aes::Aes256>::new(aes.into(), &iv.into());
        let blocks = cipher.encrypt_padded_vec::<NoPadding>(plain);
        if self.protocol == Protocol::One { blocks } else { [&iv[..], &blocks].concat() }
    }
}

/// A new PIN travels in 64 bytes, zeros at its end (CTAP §6.5.5.5).
fn unpad(padded: &[u8]) -> String {
    assert_eq!(padded.len(), 64);
    let end = padded.iter().position(|byte| *byte == 0).unwrap();
    assert!(padded[end..].iter().all(|byte| *byte == 0));
    String::from_utf8(padded[..end].to_vec()).unwrap()
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mac = hmac::Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.chain_update(message).finalize().into_bytes().into()
}

fn ok(members: &[(u8, Value)]) -> Vec<u8> {
    let map = Value::Map(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect());
    [vec![0], encode(&map).unwrap()].concat()
}

fn has(members: &Parameters, key: u8) -> bool {
    members.iter().any(|(k, _)| *k == key.into())
}

fn get(members: &Parameters, key: u8) -> Value {
    members.iter().find(|(k, _)| *k == key.into()).expect("a member").1.clone()
}

fn bytes(members: &Parameters, key: u8) -> Vec<u8> {
    get(members, key).into_bytes().unwrap()
}

fn number(members: &Parameters, key: u8) -> u64 {
    get(members, key).as_integer().unwrap().try_into().unwrap()
}
