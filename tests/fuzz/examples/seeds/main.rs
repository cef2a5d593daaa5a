//! Writes `seeds/`: for each target a few small inputs that get past its first checks. Run in this folder:
//! `cargo run --example seeds`. All of it is made here; nothing comes from a real key or tenant.

use std::fs;
use std::path::Path;

use ciborium::Value;
use glasskey::ctap::cbor::{encode, map};
use glasskey_fuzz::chunk;

#[path = "../../../support/blob.rs"]
#[allow(dead_code)]
mod blob;
#[path = "../../../ledger/custody.rs"]
#[allow(dead_code)]
mod custody;
#[path = "../../../support/mint.rs"]
#[allow(dead_code)]
mod mint;

mod files;

/// As run.sh has it: libFuzzer cuts longer inputs.
const MAX_LEN: usize = 20480;

fn main() {
    let write = |target: &str, name: &str, bytes: Vec<u8>| {
        assert!(bytes.len() <= MAX_LEN, "{target}/{name} would be cut");
        let folder = Path::new("seeds").join(target);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), bytes).expect("it is written");
    };
    let (_, maker) = mint::vendor();
    let object = maker.object();
    let cose = encode(&maker.cose).expect("a key");

    write("frame", "cut", [&[1, 1, 2, 3, 4, 0x10][..], &[7; 200]].concat());
    write(
        "frame",
        "join",
        [&[0, 1, 2, 3, 4, 0x90, 0, 70][..], &[7; 57], &[1, 2, 3, 4, 0], &[7; 59]].concat(),
    );
    write("init", "answer", b"nonce678\x01\x02\x03\x04\x02\x05\x07\x04\x0c".to_vec());
    write("cbor", "map", info());
    write(
        "cbor",
        "lengths",
        b"\x9f\x01\xf9\x3c\x00\xfa\x47\xc3\x50\x00\x5f\x41\x01\xff\xc2\x41\x01\xff".to_vec(),
    );
    write("cbor", "big-number", b"\x82\x01\xc3\x5f\xff".to_vec());
    write("info", "answer", info());
    write("authdata", "registration", maker.auth_data());
    let extended = mint::Maker { flags: 0xc5, tail: b"\xa1\x6bcredProtect\x02".to_vec(), ..maker.clone() };
    write("authdata", "extensions", extended.auth_data());
    write("authdata", "assertion", mint::Maker { flags: 5, ..maker.clone() }.auth_data());
    let client_pin = |members: Vec<(i64, Value)>| [chunk(&encoded(members)), b"123456".to_vec()].concat();
    write("client_pin", "retries", [vec![0], client_pin(vec![(3, 8.into()), (4, false.into())])].concat());
    write("client_pin", "agreement", [vec![1], client_pin(vec![(1, maker.cose.clone())])].concat());
    write("client_pin", "token", [vec![0], client_pin(vec![(2, vec![9; 32].into())])].concat());
    write("client_pin", "token-2", [vec![1], client_pin(vec![(2, vec![9; 48].into())])].concat());
    let statement = map(maker.statement()).expect("a map");
    let made = vec![(1, "packed".into()), (2, maker.auth_data().into()), (3, statement)];
    write("credential", "made", encoded(made));
    let id = map([("id", vec![0xcd; 16].into()), ("type", "public-key".into())]).expect("a map");
    let auth_data = mint::Maker { flags: 5, ..maker.clone() }.auth_data();
    write(
        "credential",
        "signed",
        encoded(vec![(1, id), (2, auth_data.into()), (3, vec![0x30, 6, 2, 1, 1, 2, 1, 1].into())]),
    );
    manage(write);
    for protocol in [0, 1] {
        let head = [&[protocol][..], &[3; 32]].concat();
        let tail = [&[4; 16][..], &chunk(&[5; 48]), &[6; 64]].concat();
        write("protocol", &format!("agreed-{protocol}"), [head, chunk(&cose), tail].concat());
    }
    write("cose", "es256", [chunk(&cose), chunk(&[0x30, 6, 2, 1, 1, 2, 1, 1])].concat());
    sessions(write);
    write("registration", "raw", [vec![0], chunk(&object), vec![0; 4]].concat());
    write("registration", "raw-foreign", [vec![0], chunk(&object), vec![0, 1, 1]].concat());
    write("registration", "genuine", vec![1, 0, 0, 0, 1]);
    write("registration", "minted", vec![2, 1, 0x41, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    for leaf in 3..6 {
        write("certificate", &format!("leaf-{leaf}"), vec![0, leaf, 0, 0, 0, 0]);
    }
    write("certificate", "chain", vec![1, 4, 0, 1, 0, 0, 0, 0]);
    write("certificate", "raw", [vec![0, 7], chunk(&maker.leaf.der), vec![0, 0, 0]].concat());
    // A root, a leaf of it, and a path from the one to the other.
    write("trust", "path", vec![0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0]);
    write("trust", "chain", vec![1, 0, 0, 9, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 2, 2, 1, 1, 0, 0]);
    write("assertion", "genuine", vec![0; 16]);
    let stored = |object: &[u8], client_data: &[u8]| {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as engine};
        let (object, client_data) = (engine.encode(object), engine.encode(client_data));
        let json = serde_json::json!({"attestationObject": object, "clientDataJSON": client_data, "at": "2026-01-01"});
        [b"\x01", json.to_string().as_bytes()].concat()
    };
    write("stored", "raw", stored(&object, &maker.client_data));
    write("stored", "genuine", vec![0; 9]);
    write(
        "stored",
        "members",
        [&[0, 0, 0, 0, 0, 1][..], &chunk(b"glasskey.invalid"), &[0, 0, 0, 0]].concat(),
    );
    write("client_data", "create", [&[0, 1, 1][..], &maker.client_data].concat());
    write(
        "client_data",
        "spaced",
        b"\0\0\0{ \"origin\":\"a\", \"challenge\":\"AA==\", \"type\":\"webauthn.create\" }".to_vec(),
    );
    let get = String::from_utf8_lossy(&maker.client_data).replace("create", "get");
    write("client_data", "list", b"\0\0\0[\"webauthn.create\",\"AAAA\",\"https://x\"]".to_vec());
    write("client_data", "get", [&[1][..], get.as_bytes()].concat());
    ledger(write);
    files::all(write);
    write("escape", "text", "Schlüssel №1 鍵 \u{1b}[31m\u{202e}".as_bytes().to_vec());
}

/// Answers to the three questions about what a key holds: how much, the first relying party, its first credential.
fn manage(write: impl Fn(&str, &str, Vec<u8>)) {
    let named = |members: Vec<(&str, Value)>| map(members).expect("a map");
    let party = |total: u32| {
        let rp = named(vec![("id", "login.microsoft.com".into())]);
        encoded(vec![(3, rp), (4, vec![9; 32].into()), (5, total.into())])
    };
    let stored = |total: u32, key: Value| {
        let user = vec![
            ("id", vec![1].into()),
            ("name", "ea-01@contoso.example".into()),
            ("displayName", "EA".into()),
        ];
        let id = named(vec![("id", vec![0xcd; 16].into()), ("type", "public-key".into())]);
        let members = [(6, named(user)), (7, id), (8, key), (9, total.into()), (10, 2.into())];
        encoded(members.into())
    };
    let counts = encoded(vec![(1, 2.into()), (2, 48.into())]);
    let key = mint::es256_key;
    let turned = Value::Map(key().into_map().expect("a map").into_iter().rev().collect());
    write("credential_management", "two", [chunk(&counts), chunk(&party(1)), stored(2, key())].concat());
    write("credential_management", "none", [chunk(&counts), chunk(&party(0)), stored(0, key())].concat());
    write(
        "credential_management",
        "key-order",
        [chunk(&counts), chunk(&party(1)), stored(1, turned)].concat(),
    );
    write(
        "credential_management",
        "many",
        [chunk(&counts), chunk(&party(1001)), stored(1000, key())].concat(),
    );
}

/// The first byte is the place in a genuine ledger, the second the kind of attack.
fn ledger(write: impl Fn(&str, &str, Vec<u8>)) {
    let body = br#"{"at":"2027-01-15T08:00:01Z","event":{"kind":"reset","label":"Bern-1"},"nonce":"0000000000000000000000000000000000000000000000000000000000000000","program":"glasskey/0.1.0","v":1}"#;
    write("ledger", "raw", [&[3, 0][..], &[0; 4], &chunk(body), &[0; 6]].concat());
    write("ledger", "genuine", vec![7, 2, 1, 0, 4, 0]);
    write("ledger", "bent-body", vec![4, 1, 0, 0, 1, 1, 0, 9, 0x20]);
    write("ledger", "bent-receipt", vec![7, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 9, 1]);
    write("ledger", "sealed-text", [&[20, 2, 0][..], &chunk(body), &[0]].concat());
    for kind in 0..18 {
        let mut sealed = vec![30, 2, 2, 2];
        sealed.extend([7; 32]);
        // The label of the first key, the kind, and then a receipt by that key.
        sealed.extend([1, kind, 0, 1, 2, 3, 0, 0, 0, 0, 6, 1, 0, 0, 0, 0]);
        write("ledger", &format!("sealed-{kind}"), sealed);
    }
}

fn encoded(members: Vec<(i64, Value)>) -> Vec<u8> {
    encode(&map(members).expect("a map")).expect("it can be encoded")
}

fn info() -> Vec<u8> {
    let texts = |texts: &[&str]| Value::Array(texts.iter().map(|text| (*text).into()).collect());
    let options = map([("rk", true.into()), ("clientPin", true.into())]).expect("a map");
    let algorithm = map([("alg", (-7).into()), ("type", "public-key".into())]).expect("a map");
    let mut members = vec![
        (1, texts(&["FIDO_2_1"])),
        (2, texts(&["hmac-secret"])),
        (3, vec![7; 16].into()),
        (4, options),
        (5, 1200.into()),
        (6, Value::Array(vec![2.into(), 1.into()])),
        (9, texts(&["usb"])),
        (10, Value::Array(vec![algorithm])),
        (12, false.into()),
        (19, map([("FIPS", 1.into())]).expect("a map")),
        (24, true.into()),
        (25, vec![1, 2, 3].into()),
    ];
    members.extend([7, 8, 11, 13, 14, 15, 16, 17, 18, 20, 23, 29].map(|key| (key, 4.into())));
    members.extend([21, 31].map(|key| (key, Value::Array(vec![1.into()]))));
    members.extend([22, 26].map(|key| (key, texts(&["packed"]))));
    members.extend([(27, true.into()), (28, "https://a".into()), (99, Value::Null)]);
    encoded(members)
}

/// The first byte is the verb, the second the key's nature; then one byte for each good answer.
fn sessions(write: impl Fn(&str, &str, Vec<u8>)) {
    for nature in [7, 15, 23, 39, 71, 199] {
        for verb in [0, 1, 2] {
            write("session", &format!("good-{verb}-{nature}"), [&[verb, nature][..], &[11; 20]].concat());
        }
    }
    write(
        "session",
        "keepalives",
        vec![2, 7, 3, 2, 11, 3, 1, 3, 2, 11, 3, 2, 11, 11, 3, 2, 11, 11, 3, 2, 11],
    );
    write("session", "refused", vec![2, 7, 11, 11, 11, 11, 2, 0x31, 0, 0, 11, 11, 11]);
    write("session", "bent", vec![2, 7, 11, 11, 11, 11, 11, 6, 1, 0, 60, 2, 4, 11, 11]);
    write("session", "silent", vec![2, 0, 11, 11]);
    write("session", "endless", vec![2, 0x81, 11, 11, 11, 11, 11]);
}
