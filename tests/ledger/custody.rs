//! Custody keys made of nothing but P-256, and a ledger full of events.

use std::path::{Path, PathBuf};

use ciborium::Value;
use glasskey::ctap::cbor;
use glasskey::ledger::bytes::{Bytes, Hash};
use glasskey::ledger::payload::*;
use glasskey::ledger::{Event, Receipt, Writer};
use glasskey::webauthn::client_data::{Challenge, ClientData};
use glasskey::webauthn::relying_party::RelyingParty;
use jiff::Timestamp;
use p256::ecdsa::{DerSignature, SigningKey, signature::Signer};
use serde_json::json;
use sha2::{Digest, Sha256};

pub(crate) const AAGUID: [u8; 16] = *b"soft model no. 1";

const CUSTODY: &str = "glasskey.invalid";
const ENTRA: &str = "login.microsoft.com";

/// A key in custody, as far as a ledger sees it.
pub(crate) struct Key {
    pub(crate) label: String,
    pub(crate) aaguid: [u8; 16],
    signing: SigningKey,
    id: Vec<u8>,
    counter: u32,
}

fn auth_data(rp_id: &str, flags: u8, counter: u32, rest: &[u8]) -> Vec<u8> {
    let rp: [u8; 32] = Sha256::digest(rp_id).into();
    [&rp[..], &[flags], &counter.to_be_bytes(), rest].concat()
}

impl Key {
    /// The same number makes the same key.
    pub(crate) fn new(number: u32) -> Self {
        let secret: [u8; 32] = Sha256::digest(format!("custody key {number}")).into();
        let id = Sha256::digest(format!("credential {number}")).to_vec();
        let signing = SigningKey::from_slice(&secret).unwrap();
        Self { label: format!("EA-{number:05}"), aaguid: AAGUID, signing, id, counter: 1 }
    }

    pub(crate) fn cose(&self) -> Vec<u8> {
        let point = self.signing.verifying_key().to_sec1_point(false);
        let part = |part: Option<&p256::FieldBytes>| Value::Bytes(part.unwrap().to_vec());
        let members =
            [(1, 2.into()), (3, (-7).into()), (-1, 1.into()), (-2, part(point.x())), (-3, part(point.y()))];
        let members = members.map(|(label, value): (i64, Value)| (label.into(), value));
        cbor::encode(&Value::Map(members.into())).unwrap()
    }

    fn attestation_object(&self, rp_id: &str) -> Vec<u8> {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let credential = [&self.aaguid[..], &length, &self.id, &self.cose()].concat();
        let members: [(&str, Value); 3] = [
            ("fmt", "none".into()),
            ("attStmt", Value::Map(vec![])),
            ("authData", Value::Bytes(auth_data(rp_id, 0x45, 1, &credential))),
        ];
        cbor::encode(&cbor::map(members).unwrap()).unwrap()
    }

    pub(crate) fn enrolled(&self, account: &str, soft: bool) -> Enrolled {
        let challenge = Challenge::new([7; 32]);
        Enrolled {
            label: self.label.clone(),
            account: account.into(),
            site: Some("Safe in Bern".into()),
            custodian: Some("Ada".into()),
            witness: Some("Grace".into()),
            aaguid: uuid::Uuid::from_bytes(self.aaguid),
            model: Some("Model 1".into()),
            vendor: Some("Vendor".into()),
            firmware: Some(328_707),
            soft,
            custody: Custody {
                rp_id: CUSTODY.into(),
                credential_id: self.id.clone().into(),
                public_key: self.cose().into(),
                counter: 1,
            },
            registration: RawRegistration {
                attestation_object: self.attestation_object(CUSTODY).into(),
                client_data: Bytes(
                    ClientData::create(&RelyingParty::custody(), &challenge).as_bytes().to_vec(),
                ),
            },
            facts: json!({ "info": { "versions": ["FIDO_2_1"], "options": { "rk": true } }, "soft": soft }),
            findings: json!([{ "id": "pin-set", "status": "pass", "saw": "a PIN is set" }]),
            override_reason: None,
        }
    }

    /// A passkey for Entra, with the id of this number's credential, as if it were made on the key of that label.
    pub(crate) fn passkey(&self, label: &str, account: &str) -> EntraRegistered {
        let enrolled = self.enrolled(account, true);
        let attestation_object = self.attestation_object(ENTRA).into();
        EntraRegistered {
            label: label.into(),
            account: account.into(),
            rp_id: ENTRA.into(),
            credential_id: enrolled.custody.credential_id,
            user_handle_sha256: Hash::new([5; 32]),
            aaguid: enrolled.aaguid,
            registration: RawRegistration { attestation_object, ..enrolled.registration },
        }
    }

    /// What the key answers when it is asked to sign a seal.
    pub(crate) fn receipt(&mut self, seal: Hash) -> Receipt {
        self.counter += 1;
        let client_data = ClientData::get(&RelyingParty::custody(), &Challenge::new(*seal.as_bytes()));
        let auth_data = auth_data(CUSTODY, 0x05, self.counter, &[]);
        let signature: DerSignature = self.signing.sign(&[&auth_data[..], &client_data.hash()].concat());
        Receipt {
            auth_data: auth_data.into(),
            client_data: client_data.as_bytes().into(),
            credential_id: self.id.clone().into(),
            signature: signature.as_bytes().into(),
        }
    }

    pub(crate) fn enroll(&mut self, ledger: &mut Writer, account: &str) -> Event {
        let payload = Payload::Enrolled(Box::new(self.enrolled(account, true)));
        self.signed(ledger, payload)
    }

    pub(crate) fn signed(&mut self, ledger: &mut Writer, payload: Payload) -> Event {
        self.signed_at(ledger, payload, time(1))
    }

    pub(crate) fn signed_at(&mut self, ledger: &mut Writer, payload: Payload, at: Timestamp) -> Event {
        let draft = ledger.begin(payload, at, nonce(1)).unwrap();
        let receipt = self.receipt(draft.seal());
        draft.commit(Some(receipt)).unwrap()
    }

    pub(crate) fn checked(&self, verdict: Verdict) -> Payload {
        Payload::Checked(Box::new(Checked {
            label: self.label.clone(),
            verdict,
            findings: json!([{ "id": "same-key", "status": "pass", "saw": "it signed" }]),
            facts: json!({ "path": "/dev/hidraw3", "product": "A key", "info": { "firmware": 328_707 } }),
            counter: Some(self.counter),
            changes: vec![],
            drill: None,
        }))
    }
}

pub(crate) fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub(crate) fn nonce(number: u8) -> [u8; 32] {
    [number; 32]
}

pub(crate) fn moved(label: &str, site: &str) -> Payload {
    Payload::Moved(Moved { label: label.into(), site: Some(site.into()), ..Moved::default() })
}

pub(crate) fn create(path: &Path) -> Writer {
    let created = LedgerCreated { organisation: Some("Contoso".into()) };
    Writer::create(path, created, time(0), nonce(0)).unwrap()
}

/// A folder that is fast to synchronise, where there is one.
pub(crate) fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// A ledger with an event of every kind, 36 in all, 16 with receipts; the last one is not signed.
pub(crate) fn full(folder: &Path) -> (PathBuf, Vec<Key>) {
    let path = folder.join("ledger.db");
    let mut ledger = create(&path);
    let mut keys: Vec<_> = (1..=4).map(Key::new).collect();
    let mut write = |payload| ledger.record(payload, time(1), nonce(2)).unwrap();
    let intent = |step: &str, label: Option<&str>| {
        Payload::Intent(Intent {
            step: step.into(),
            label: label.map(Into::into),
            account: None,
            details: json!({ "path": "/dev/hidraw3" }),
        })
    };
    let outcome =
        |intent, result| Payload::Outcome(Outcome { intent, result, why: Some("so it was".into()) });
    let begun = write(intent("make custody credential", None)).seq;
    write(outcome(begun, Ended::Done));
    for (key, account) in keys.iter_mut().zip(["EA-01", "EA-01", "EA-02", "EA-02"]) {
        key.enroll(&mut ledger, account);
    }
    for verdict in [Verdict::Fit, Verdict::FitWithWarnings, Verdict::NotFit] {
        for key in &mut keys {
            let checked = key.checked(verdict);
            key.signed(&mut ledger, checked);
        }
    }
    let mut write = |payload| ledger.record(payload, time(2), nonce(3)).unwrap();
    for key in &keys {
        write(Payload::PinChanged(PinChanged { label: key.label.clone() }));
        write(moved(&key.label, "Safe in Chur"));
    }
    write(Payload::Relabelled(Relabelled { label: "EA-00001".into(), new_label: "Bern-1".into() }));
    keys[0].label = "Bern-1".into();
    write(Payload::CredentialDeleted(CredentialDeleted {
        label: "ea-00002".into(),
        rp_id: "example.org".into(),
        credential_id: vec![1, 2, 3].into(),
    }));
    write(Payload::Lost(Lost { label: "EA-00002".into(), why: "=HYPERLINK(\"fire\")".into() }));
    write(Payload::Retired(Retired { label: "EA-00003".into(), why: "old firmware".into() }));
    let begun = write(intent("reset", Some("EA-00004"))).seq;
    write(Payload::Reset(Reset { label: "EA-00004".into() }));
    write(outcome(begun, Ended::Done));
    write(intent("set PIN", Some("Bern-1")));
    write(moved("Bern-1", "Safe in Thun"));
    (path, keys)
}

pub(crate) const EVENTS: u64 = 36;
pub(crate) const RECEIPTS: u64 = 16;
