//! A client of raw packets, with just enough of CTAP2 to ask a key for something.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ciborium::{Value, cbor};
use glasskey::ctap::cbor;
use glasskey::ctap::frame::{Assembly, Channel, Command, Message, Packet, Partial, Report};
use glasskey::key::wire::Wire;
use glasskey::soft::{self, Options, SoftKey, SoftStats, SoftWire};
use p256::elliptic_curve::sec1::ToSec1Point;

pub(crate) const NONCE: [u8; 8] = *b"nonce123";
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Client {
    wire: SoftWire,
    pub(crate) channel: Channel,
}

pub(crate) fn key(dir: &tempfile::TempDir, name: &str, options: &Options) -> SoftKey {
    soft::create(dir.path(), name, options).expect("a key")
}

pub(crate) fn plugged_in(options: &Options) -> (tempfile::TempDir, Client) {
    let dir = tempfile::tempdir().expect("a folder");
    let client = Client::connect(&key(&dir, "a", options));
    (dir, client)
}

impl Client {
    pub(crate) fn connect(key: &SoftKey) -> Self {
        let mut client = Self { wire: key.plug_in().expect("the key starts"), channel: Channel::BROADCAST };
        client.channel = client.another_channel();
        client
    }

    pub(crate) fn stats(&self) -> Arc<SoftStats> {
        self.wire.stats()
    }

    pub(crate) fn another_channel(&mut self) -> Channel {
        Channel(self.init(Channel::BROADCAST)[8..12].try_into().unwrap())
    }

    pub(crate) fn init(&mut self, channel: Channel) -> Vec<u8> {
        self.send(channel, Command::Init, &NONCE);
        self.answer(channel).expect("INIT is answered")
    }

    /// INIT on the own channel, with a nonce of its own; what came before is passed over.
    pub(crate) fn restart(&mut self) {
        let nonce = *b"restart!";
        self.send(self.channel, Command::Init, &nonce);
        while self.receive()[7..15] != nonce {}
    }

    pub(crate) fn send(&mut self, channel: Channel, command: Command, payload: &[u8]) {
        for report in (Message { channel, command, payload: payload.to_vec() }).reports().unwrap() {
            self.send_report(&report);
        }
    }

    pub(crate) fn send_report(&mut self, report: &Report) {
        self.wire.send(report).expect("the key is there");
    }

    pub(crate) fn receive(&mut self) -> Report {
        self.wire.receive(Instant::now() + PATIENCE).expect("the key is there").expect("the key answers")
    }

    /// The error by which the key takes its leave, after what else it sends.
    pub(crate) fn gone(&mut self) -> std::io::Error {
        loop {
            match self.wire.receive(Instant::now() + PATIENCE) {
                Ok(report) => assert!(report.is_some(), "a wait that did not end"),
                Err(error) => return error,
            }
        }
    }

    /// The next report, if one comes soon.
    pub(crate) fn next_report(&mut self) -> Option<Report> {
        self.wire.receive(Instant::now() + Duration::from_millis(150)).expect("the key is there")
    }

    pub(crate) fn hears_nothing(&mut self) -> bool {
        self.wire.receive(Instant::now() + Duration::from_millis(150)).expect("the key is there").is_none()
    }

    /// The next message of any command but keepalive, or the code of an error.
    pub(crate) fn answer(&mut self, channel: Channel) -> Result<Vec<u8>, u8> {
        let mut partial: Option<Partial> = None;
        loop {
            let report = self.receive();
            let packet = Packet::parse(&report);
            if packet.channel() != channel
                || matches!(packet, Packet::Init { command: Command::Keepalive, .. })
            {
                continue;
            }
            let assembly = match partial.take() {
                None => Partial::start(&packet).unwrap(),
                Some(partial) => partial.extend(&packet).unwrap(),
            };
            match assembly {
                Assembly::Complete(Message { command: Command::Error, payload, .. }) => {
                    return Err(payload[0]);
                }
                Assembly::Complete(message) => return Ok(message.payload),
                Assembly::Partial(more) => partial = Some(more),
            }
        }
    }

    /// The status of the next packet, which must be a keepalive.
    pub(crate) fn keepalive(&mut self) -> u8 {
        let report = self.receive();
        match Packet::parse(&report) {
            Packet::Init { command: Command::Keepalive, data, .. } => data[0],
            other => panic!("no keepalive: {other:?}"),
        }
    }

    pub(crate) fn call(&mut self, command: Command, payload: &[u8]) -> Result<Vec<u8>, u8> {
        self.send(self.channel, command, payload);
        self.answer(self.channel)
    }

    /// Status byte and CBOR.
    pub(crate) fn cbor(&mut self, request: &[u8]) -> Vec<u8> {
        self.call(Command::Cbor, request).expect("no framing error")
    }

    /// The decoded answer of a command that must succeed.
    pub(crate) fn map(&mut self, request: &[u8]) -> Value {
        let answer = self.cbor(request);
        assert_eq!(answer[0], 0, "status {:#04x}", answer[0]);
        cbor::decode(&answer[1..]).expect("strict CBOR").value
    }

    pub(crate) fn pin_retries(&mut self) -> i128 {
        let answer = self.map(&request(6, &cbor!({1 => 1, 2 => 1}).unwrap()));
        member(&answer, 3).unwrap().as_integer().unwrap().into()
    }

    /// The key agreement of PIN protocol one: our public key and the shared secret.
    fn agree(&mut self) -> (Value, [u8; 32]) {
        let answer = self.map(&request(6, &cbor!({1 => 1, 2 => 2}).unwrap()));
        let theirs = member(&answer, 1).unwrap();
        let coordinate = |label: i64| member(&theirs, label).unwrap().into_bytes().unwrap();
        let point = [vec![4], coordinate(-2), coordinate(-3)].concat();
        let theirs = p256::PublicKey::from_sec1_bytes(&point).unwrap();
        let ours = p256::SecretKey::from_slice(&[7; 32]).unwrap();
        let shared = p256::ecdh::diffie_hellman(ours.to_nonzero_scalar(), theirs.as_affine());
        let point = ours.public_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let ours = Value::Map(vec![
            (1.into(), 2.into()),
            (3.into(), (-25).into()),
            ((-1).into(), 1.into()),
            ((-2).into(), Value::Bytes(x.to_vec())),
            ((-3).into(), Value::Bytes(y.to_vec())),
        ]);
        use sha2::Digest as _;
        (ours, sha2::Sha256::digest(shared.raw_secret_bytes()).into())
    }

    pub(crate) fn set_pin(&mut self, pin: &str) {
        let (ours, secret) = self.agree();
        let mut padded = [0; 64];
        padded[..pin.len()].copy_from_slice(pin.as_bytes());
        let sealed = encrypt(&secret, &padded);
        use hmac::{KeyInit as _, Mac as _};
        let mac =
            hmac::Hmac::<sha2::Sha256>::new_from_slice(&secret).unwrap().chain_update(&sealed).finalize();
        let auth = Value::Bytes(mac.into_bytes()[..16].to_vec());
        let parameters = Value::Map(vec![
            (1.into(), 1.into()),
            (2.into(), 3.into()),
            (3.into(), ours),
            (4.into(), auth),
            (5.into(), Value::Bytes(sealed)),
        ]);
        assert_eq!(self.cbor(&request(6, &parameters)), [0], "setPIN");
    }

    /// The pinUvAuthToken for a right PIN.
    pub(crate) fn pin_token(&mut self, pin: &str) -> Vec<u8> {
        use sha2::Digest as _;
        let (ours, secret) = self.agree();
        let hash = sha2::Sha256::digest(pin.as_bytes());
        let parameters = Value::Map(vec![
            (1.into(), 1.into()),
            (2.into(), 5.into()),
            (3.into(), ours),
            (6.into(), Value::Bytes(encrypt(&secret, &hash[..16]))),
        ]);
        let answer = self.map(&request(6, &parameters));
        decrypt(&secret, &member(&answer, 2).unwrap().into_bytes().unwrap())
    }

    /// A wrong PIN.
    pub(crate) fn spend_pin_attempt(&mut self) {
        let (ours, secret) = self.agree();
        let parameters = Value::Map(vec![
            (1.into(), 1.into()),
            (2.into(), 5.into()),
            (3.into(), ours),
            (6.into(), Value::Bytes(encrypt(&secret, &[0xee; 16]))),
        ]);
        assert_eq!(self.cbor(&request(6, &parameters)), [0x31], "a wrong PIN");
    }
}

fn encrypt(secret: &[u8; 32], plain: &[u8]) -> Vec<u8> {
    use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _, block_padding::NoPadding};
    cbc::Encryptor::<aes::Aes256>::new(secret.into(), &[0; 16].into()).encrypt_padded_vec::<NoPadding>(plain)
}

fn decrypt(secret: &[u8; 32], sealed: &[u8]) -> Vec<u8> {
    use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::NoPadding};
    cbc::Decryptor::<aes::Aes256>::new(secret.into(), &[0; 16].into())
        .decrypt_padded_vec::<NoPadding>(sealed)
        .unwrap()
}

/// PIN protocol one's pinUvAuthParam.
fn pin_auth(token: &[u8], client_data_hash: &[u8]) -> Value {
    use hmac::{KeyInit as _, Mac as _};
    let mac =
        hmac::Hmac::<sha2::Sha256>::new_from_slice(token).unwrap().chain_update(client_data_hash).finalize();
    Value::Bytes(mac.into_bytes()[..16].to_vec())
}

pub(crate) fn request(command: u8, parameters: &Value) -> Vec<u8> {
    let mut bytes = vec![command];
    bytes.extend(cbor::encode(parameters).unwrap());
    bytes
}

pub(crate) fn get_info() -> Vec<u8> {
    vec![4]
}

/// The client data hash that both requests sign.
pub(crate) const CLIENT_DATA_HASH: [u8; 32] = [0xcd; 32];

pub(crate) fn make_credential(rp_id: &str) -> Vec<u8> {
    make_credential_with(rp_id, None)
}

pub(crate) fn make_credential_with(rp_id: &str, token: Option<&[u8]>) -> Vec<u8> {
    let parameter = Value::Map(vec![("alg".into(), (-7).into()), ("type".into(), "public-key".into())]);
    let mut members = vec![
        (1.into(), Value::Bytes(CLIENT_DATA_HASH.to_vec())),
        (2.into(), cbor!({"id" => rp_id}).unwrap()),
        (3.into(), Value::Map(vec![("id".into(), Value::Bytes(vec![1])), ("name".into(), "n".into())])),
        (4.into(), Value::Array(vec![parameter])),
    ];
    if let Some(token) = token {
        members.push((8.into(), pin_auth(token, &CLIENT_DATA_HASH)));
        members.push((9.into(), 1.into()));
    }
    request(1, &Value::Map(members))
}

pub(crate) fn get_assertion(rp_id: &str, credential: &[u8], token: Option<&[u8]>) -> Vec<u8> {
    let descriptor = Value::Map(vec![
        ("id".into(), Value::Bytes(credential.to_vec())),
        ("type".into(), "public-key".into()),
    ]);
    let mut members = vec![
        (1.into(), rp_id.into()),
        (2.into(), Value::Bytes(CLIENT_DATA_HASH.to_vec())),
        (3.into(), Value::Array(vec![descriptor])),
    ];
    if let Some(token) = token {
        members.push((6.into(), pin_auth(token, &CLIENT_DATA_HASH)));
        members.push((7.into(), 1.into()));
    }
    request(2, &Value::Map(members))
}

pub(crate) fn member(map: &Value, key: impl Into<Value>) -> Option<Value> {
    let key = key.into();
    map.as_map()?.iter().find(|(k, _)| *k == key).map(|(_, value)| value.clone())
}
