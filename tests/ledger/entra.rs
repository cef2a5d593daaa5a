//! Passkeys for Entra on record: made, forgotten, deleted, gone with a reset.

use glasskey::ledger::Payload;
use glasskey::ledger::inventory::{Refusal, State};
use glasskey::ledger::payload::*;
use glasskey::ledger::{Ledger, LedgerError, Writer};
use uuid::Uuid;

use crate::custody::{Key, create, folder, nonce, time};

/// A passkey with the id of this number's credential.
fn registered(label: &str, number: u32) -> EntraRegistered {
    let account = if label.ends_with('2') { "ea-02" } else { "EA-01" };
    Key::new(number).passkey(label, account)
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
    let other_rp = EntraRegistered { rp_id: "login.example".into(), ..registered("EA-00001", 14) };
    assert_eq!(refused(Payload::EntraRegistered(Box::new(other_rp))), Refusal::OtherCredential);
    let custody = Key::new(14).enrolled("EA-01", true).registration;
    let not_entras = EntraRegistered { registration: custody, ..registered("EA-00001", 14) };
    assert_eq!(refused(Payload::EntraRegistered(Box::new(not_entras))), Refusal::OtherCredential);
    let other_account = EntraRegistered { account: "EA-02".into(), ..registered("EA-00001", 14) };
    let refusal = refused(Payload::EntraRegistered(Box::new(other_account)));
    assert_eq!(refusal, Refusal::OtherAccount("EA-01".into()));

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
    // What was forgotten may be made again; on a key that is lost nothing is made.
    ledger.record(entra("EA-00001", 10), time(4), nonce(4)).unwrap();
    let lost = Lost { label: "EA-00002".into(), why: "fire".into() };
    ledger.record(Payload::Lost(lost), time(4), nonce(4)).unwrap();
    match ledger.begin(entra("EA-00002", 20), time(4), nonce(4)) {
        Err(LedgerError::Refused(refusal)) => assert_eq!(refusal, Refusal::NotActive(State::Lost)),
        other => panic!("{other:?}"),
    }
    drop(ledger);
    let read = Ledger::open(&path).unwrap();
    assert_eq!((read.inventory().odd(), read.inventory().key("EA-00001").unwrap().entra.len()), (0, 2));
}
