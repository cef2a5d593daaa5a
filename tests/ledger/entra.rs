//! Passkeys for Entra on record: made, forgotten, deleted, gone with a reset.

use glasskey::ledger::Payload;
use glasskey::ledger::bytes::Hash;
use glasskey::ledger::inventory::Refusal;
use glasskey::ledger::payload::*;
use glasskey::ledger::{Ledger, LedgerError, Writer};
use uuid::Uuid;

use crate::custody::{AAGUID, Key, create, folder, nonce, time};

/// A passkey with the id of this number's credential.
fn registered(label: &str, number: u32) -> EntraRegistered {
    let enrolled = Key::new(number).enrolled("EA-01", true);
    EntraRegistered {
        label: label.into(),
        account: "EA-01".into(),
        rp_id: "login.microsoft.com".into(),
        credential_id: enrolled.custody.credential_id,
        user_handle_sha256: Hash::new([5; 32]),
        aaguid: Uuid::from_bytes(AAGUID),
        registration: enrolled.registration,
    }
}

fn entra(label: &str, number: u32) -> Payload {
    Payload::EntraRegistered(Box::new(registered(label, number)))
}

fn ids(ledger: &Writer, label: &str) -> Vec<Vec<u8>> {
    let key = ledger.inventory().key(label).unwrap();
    key.entra.iter().map(|one| one.credential_id.0.clone()).collect()
}

#[test]
fn what_a_key_holds_for_entra_follows_its_events() {
    let folder = folder();
    let path = folder.path().join("ledger.db");
    let mut ledger = create(&path);
    let (mut one, mut two) = (Key::new(1), Key::new(2));
    one.enroll(&mut ledger, "EA-01");
    two.enroll(&mut ledger, "EA-02");
    let id = |number| registered("", number).credential_id;
    for number in [10, 11, 12] {
        ledger.record(entra("ea-00001", number), time(2), nonce(2)).unwrap();
    }
    ledger.record(entra("EA-00002", 13), time(2), nonce(2)).unwrap();
    assert_eq!(ids(&ledger, "EA-00001"), [id(10).0, id(11).0, id(12).0]);
    assert_eq!(ledger.inventory().key_by_entra_credential(&id(13).0).unwrap().label, "EA-00002");

    let forgotten = |label: &str, number| {
        let why = "the upload failed".into();
        Payload::EntraForgotten(EntraForgotten { label: label.into(), credential_id: id(number), why })
    };
    let mut refused = |payload| match ledger.begin(payload, time(3), nonce(3)) {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(entra("EA-00002", 10)), Refusal::EntraKnown("EA-00001".into()));
    assert_eq!(refused(forgotten("EA-00002", 10)), Refusal::EntraUnknown, "it is on the other key");
    let other_model = EntraRegistered { aaguid: Uuid::nil(), ..registered("EA-00001", 14) };
    assert_eq!(refused(Payload::EntraRegistered(Box::new(other_model))), Refusal::OtherCredential);
    let other_id = EntraRegistered { credential_id: id(15), ..registered("EA-00001", 14) };
    assert_eq!(refused(Payload::EntraRegistered(Box::new(other_id))), Refusal::OtherCredential);

    ledger.record(forgotten("EA-00001", 10), time(3), nonce(3)).unwrap();
    let deleted = CredentialDeleted {
        label: "EA-00001".into(),
        rp_id: "login.microsoft.com".into(),
        credential_id: id(11),
    };
    ledger.record(Payload::CredentialDeleted(deleted), time(3), nonce(3)).unwrap();
    assert_eq!(ids(&ledger, "EA-00001"), [id(12).0]);
    ledger.record(Payload::Reset(Reset { label: "EA-00002".into() }), time(3), nonce(3)).unwrap();
    assert_eq!(ids(&ledger, "EA-00002"), [[0; 0]; 0]);
    // What was forgotten may be made again.
    ledger.record(entra("EA-00001", 10), time(4), nonce(4)).unwrap();
    drop(ledger);
    let read = Ledger::open(&path).unwrap();
    assert_eq!((read.inventory().odd(), read.inventory().key("EA-00001").unwrap().entra.len()), (0, 2));
}
