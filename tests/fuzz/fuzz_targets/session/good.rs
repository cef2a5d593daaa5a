//! What a good key would say to the last request.

use ciborium::Value;
use glasskey::ctap::cbor::{self, encode};
use glasskey::ctap::frame::{Command, Message};
use glasskey::ctap::protocol::{Protocol, SharedSecret};
use glasskey::webauthn::relying_party::RelyingParty;
use p256::ecdsa::{DerSignature, SigningKey, signature::Signer};
use zeroize::Zeroizing;

use super::{CHANNEL, Key};
use crate::mint;

/// A model of the catalogue, so that only the attestation can tell that this is no key of it.
const AAGUID: [u8; 16] = *b"\x03\x01\x2c\xb7\x4f\xb2\x42\xe7\x9e\x8d\xa8\x1f\x10\xe2\xa5\xe9";
const AGREEMENT: [u8; 32] = [0x21; 32];

impl Key {
    /// What a good key would say.
    pub fn answer(&mut self) -> Vec<u8> {
        if let Some(Message { command: Command::Init, payload, .. }) = &self.request {
            return [payload.as_slice(), &CHANNEL.0, &[2, 5, 7, 4, 0x0c]].concat();
        }
        let (command, asked) = self.asked();
        let members = match command {
            0x01 => self.make(&asked),
            0x02 => self.sign(&asked),
            0x04 => self.info(),
            0x06 => client_pin(&asked),
            0x0a => self.holds(&asked),
            _ => vec![],
        };
        if members.is_empty() { vec![0] } else { [vec![0], encoded(members)].concat() }
    }

    fn info(&self) -> Vec<(i64, Value)> {
        let texts = |texts: &[&str]| Value::Array(texts.iter().map(|text| (*text).into()).collect());
        let options = [
            ("rk", true),
            ("up", true),
            ("clientPin", self.nature & 8 == 0),
            ("pinUvAuthToken", self.nature & 16 == 0),
            ("credMgmt", self.nature & 64 != 0),
        ];
        let options = cbor::map(options.map(|(name, said)| (name, said.into()))).expect("a map");
        let protocols = if self.nature & 32 == 0 { vec![2.into(), 1.into()] } else { vec![1.into()] };
        vec![
            (1, texts(&["FIDO_2_0", "FIDO_2_1"])),
            (2, texts(&["hmac-secret"])),
            (3, AAGUID.to_vec().into()),
            (4, options),
            (6, Value::Array(protocols)),
        ]
    }

    fn signed(&self, auth_data: &[u8], asked: &[(Value, Value)], hash: i64, by: &SigningKey) -> Value {
        let hash = member(asked, hash).and_then(|hash| hash.as_bytes().cloned()).unwrap_or_default();
        let message = [auth_data, &hash].concat();
        let signature: DerSignature = by.sign(&message);
        self.seen.lock().expect("one thread").signed.push(message);
        signature.as_bytes().to_vec().into()
    }

    fn make(&self, asked: &[(Value, Value)]) -> Vec<(i64, Value)> {
        let mut leaf = mint::Draft::leaf();
        leaf.extensions = vec![mint::basic_constraints(false, None), mint::aaguid_extension(false, &AAGUID)];
        let mut maker = mint::Maker::new(leaf.self_signed());
        maker.aaguid = AAGUID;
        maker.flags = if member(asked, 8).is_some() { 0x45 } else { 0x41 };
        let auth_data = maker.auth_data();
        let signature = self.signed(&auth_data, asked, 1, &mint::key(1));
        let x5c = Value::Array(vec![maker.leaf.der.into()]);
        let statement = cbor::map([("alg", (-7).into()), ("sig", signature), ("x5c", x5c)]).expect("a map");
        vec![(1, "packed".into()), (2, auth_data.into()), (3, statement)]
    }

    /// One passkey for Entra, and one of another site unless the key is of the other nature.
    fn holds(&self, asked: &[(Value, Value)]) -> Vec<(i64, Value)> {
        let total = if self.nature & 128 == 0 { 1 } else { 2 };
        let map = |members: Vec<(&str, Value)>| cbor::map(members).expect("a map");
        let party =
            |id: &str, hash: [u8; 32]| vec![(3, map(vec![("id", id.into())])), (4, hash.to_vec().into())];
        let entra = RelyingParty::entra_proof();
        match number(asked, 1) {
            Some(1) => vec![(1, total.into()), (2, 20.into())],
            Some(2) => [party(entra.id().as_str(), entra.id().hash()), vec![(5, total.into())]].concat(),
            Some(3) => party("example.org", [9; 32]),
            Some(4) => {
                let user = map(vec![("id", vec![1].into()), ("name", "ea-01@contoso.example".into())]);
                let id = map(vec![("id", vec![0xcd; 16].into()), ("type", "public-key".into())]);
                vec![(6, user), (7, id), (8, mint::es256_key()), (9, 1.into()), (10, 2.into())]
            }
            _ => vec![],
        }
    }

    fn sign(&self, asked: &[(Value, Value)]) -> Vec<(i64, Value)> {
        let flags = if member(asked, 6).is_some() { 0x05 } else { 0x01 };
        let rp = RelyingParty::entra_proof();
        let entra = member(asked, 1).and_then(Value::as_text) == Some(rp.id().as_str());
        let rp = if entra { rp } else { RelyingParty::custody() };
        let auth_data = [&rp.id().hash()[..], &[flags, 0, 0, 0, 4]].concat();
        let signature = self.signed(&auth_data, asked, 2, &mint::credential_key());
        let id = cbor::map([("id", vec![0xcd; 16].into()), ("type", "public-key".into())]).expect("a map");
        vec![(1, id), (2, auth_data.into()), (3, signature)]
    }
}

fn client_pin(asked: &[(Value, Value)]) -> Vec<(i64, Value)> {
    let protocol = if number(asked, 1) == Some(1) { Protocol::One } else { Protocol::Two };
    let agree = |theirs: &[u8]| SharedSecret::agree(protocol, theirs, &Zeroizing::new(AGREEMENT));
    match number(asked, 2) {
        Some(1) => vec![(3, 8.into())],
        Some(2) => {
            let any = encode(&mint::es256_key()).expect("a key");
            let ours = agree(&any).ok().and_then(|shared| cbor::decode(shared.our_key()).ok());
            vec![(1, ours.map_or(Value::Null, |decoded| decoded.value))]
        }
        Some(5 | 9) => {
            let theirs = member(asked, 3).and_then(|key| encode(key).ok()).unwrap_or_default();
            let token = agree(&theirs).and_then(|shared| shared.encrypt(&[7; 32], &[8; 16]));
            vec![(2, token.unwrap_or_default().into())]
        }
        _ => vec![],
    }
}

fn member(members: &[(Value, Value)], key: i64) -> Option<&Value> {
    members.iter().find(|(name, _)| *name == Value::from(key)).map(|(_, value)| value)
}

pub fn number(members: &[(Value, Value)], key: i64) -> Option<u8> {
    member(members, key)?.as_integer()?.try_into().ok()
}

fn encoded(members: Vec<(i64, Value)>) -> Vec<u8> {
    encode(&cbor::map(members).expect("a map")).expect("it can be encoded")
}
