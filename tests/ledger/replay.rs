use glasskey::ledger::inventory::{Refusal, State};
use glasskey::ledger::payload::*;
use glasskey::ledger::{Ledger, LedgerError, Payload};

use crate::custody::{EVENTS, Key, RECEIPTS, create, folder, full, moved, nonce, time};

#[test]
fn the_events_add_up_to_the_inventory() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let ledger = Ledger::open(&path).unwrap();
    let inventory = ledger.inventory();
    assert_eq!((inventory.events(), inventory.odd()), (EVENTS, 0));
    assert_eq!(inventory.organisation(), Some("Contoso"));
    assert_eq!(inventory.head(), Some(ledger.head()));
    let states: Vec<_> = inventory.keys().iter().map(|key| (key.label.as_str(), key.state)).collect();
    let wanted = [
        ("Bern-1", State::Active),
        ("EA-00002", State::Lost),
        ("EA-00003", State::Retired),
        ("EA-00004", State::Reset),
    ];
    assert_eq!(states, wanted);
    let key = inventory.key("BERN-1").unwrap();
    assert_eq!(key.site.as_deref(), Some("Safe in Thun"));
    assert_eq!(key.custodian.as_deref(), Some("Ada"));
    assert_eq!(key.last_verdict, Some(Verdict::NotFit));
    assert_eq!(key.custody.counter, 5, "the counter of the last receipt");
    assert!(key.last_good_check.unwrap().seq < key.last_checked.unwrap().seq);
    assert!(inventory.key("EA-00001").is_none(), "the old label names no key");
    assert_eq!(inventory.ever("ea-00001").unwrap().label, "Bern-1");
    let pending: Vec<_> = inventory.pending().map(|pending| pending.intent.step.as_str()).collect();
    assert_eq!(pending, ["set PIN"]);
    assert!(inventory.pending().next().unwrap().cure().contains("Bern-1"));
}

#[test]
fn an_event_that_may_not_follow_is_refused_and_not_recorded() {
    let folder = folder();
    let path = folder.path().join("ledger.db");
    let mut ledger = create(&path);
    let mut one = Key::new(1);
    one.enroll(&mut ledger, "EA-01");
    let mut refused = |payload| match ledger.begin(payload, time(3), nonce(3)) {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let mut other = Key::new(2);
    other.label = "ea-00001".into();
    let enrolled = |key: &Key, soft| Payload::Enrolled(Box::new(key.enrolled("EA-01", soft)));
    assert!(matches!(refused(enrolled(&other, true)), Refusal::LabelTaken(_)));
    other.label = "EA-2".into();
    assert_eq!(refused(enrolled(&other, false)), Refusal::RealAmongSoft);
    for label in ["", " x", "12", "a/b", "-x", "two\nlines", "Soft:one", &"x".repeat(65)] {
        other.label = label.into();
        assert!(matches!(refused(enrolled(&other, true)), Refusal::BadLabel { .. }), "{label}");
    }
    let mut again = one.enrolled("EA-01", true);
    again.label = "again".into();
    assert_eq!(refused(Payload::Enrolled(Box::new(again))), Refusal::CredentialKnown("EA-00001".into()));
    let mut swapped = Key::new(3).enrolled("EA-01", true);
    swapped.custody.public_key = one.cose().into();
    assert_eq!(refused(Payload::Enrolled(Box::new(swapped))), Refusal::OtherCredential);
    assert!(matches!(refused(moved("nobody", "x")), Refusal::NoSuchLabel(_)));
    let nothing = Payload::Moved(Moved { label: "EA-00001".into(), ..Moved::default() });
    assert_eq!(refused(nothing), Refusal::NothingSaid);
    assert_eq!(refused(Payload::LedgerCreated(LedgerCreated::default())), Refusal::AlreadyCreated);
    let outcome = Payload::Outcome(Outcome { intent: 1, result: Ended::Done, why: None });
    assert_eq!(refused(outcome), Refusal::NoSuchIntent(1));
    assert_eq!(Ledger::open(&path).unwrap().chain().seq, 2);
}

#[test]
fn real_keys_keep_soft_ones_out() {
    let folder = folder();
    let mut ledger = create(&folder.path().join("ledger.db"));
    let mut real = Key::new(1);
    let payload = Payload::Enrolled(Box::new(real.enrolled("EA-01", false)));
    real.signed(&mut ledger, payload);
    let payload = Payload::Enrolled(Box::new(Key::new(2).enrolled("EA-01", true)));
    let refused = ledger.begin(payload, time(1), nonce(1));
    assert!(matches!(refused, Err(LedgerError::Refused(Refusal::SoftAmongReal))));
}

#[test]
fn a_label_that_was_another_keys_is_never_given_again() {
    let folder = folder();
    let mut ledger = create(&folder.path().join("ledger.db"));
    let mut keys = [Key::new(1), Key::new(2)];
    keys.iter_mut().for_each(|key| drop(key.enroll(&mut ledger, "EA-01")));
    let mut rename = |label: &str, new_label: &str| {
        let payload = Payload::Relabelled(Relabelled { label: label.into(), new_label: new_label.into() });
        ledger.record(payload, time(1), nonce(1)).map(|event| event.seq)
    };
    rename("EA-00001", "typo").unwrap();
    rename("typo", "EA-00001").unwrap();
    assert!(matches!(rename("EA-00002", "TYPO"), Err(LedgerError::Refused(Refusal::LabelTaken(_)))));
}

#[test]
fn only_the_keys_own_receipt_is_taken() {
    let folder = folder();
    let path = folder.path().join("ledger.db");
    let mut ledger = create(&path);
    let (mut one, mut two) = (Key::new(1), Key::new(2));
    let payload = Payload::Enrolled(Box::new(one.enrolled("EA-01", true)));
    let unsigned = ledger.begin(payload, time(1), nonce(1)).unwrap().commit(None);
    assert!(matches!(unsigned, Err(LedgerError::NotSigned)));
    one.enroll(&mut ledger, "EA-01");
    two.enroll(&mut ledger, "EA-02");
    let draft = ledger.begin(one.checked(Verdict::Fit), time(1), nonce(1)).unwrap();
    assert_eq!(draft.signer().unwrap().credential.id, one.receipt(draft.seal()).credential_id.0);
    let foreign = two.receipt(draft.seal());
    assert!(matches!(draft.commit(Some(foreign)), Err(LedgerError::Receipt(_))));
    let draft = ledger.begin(one.checked(Verdict::Fit), time(1), nonce(1)).unwrap();
    let stale = one.receipt(ledger_seal());
    assert!(matches!(draft.commit(Some(stale)), Err(LedgerError::Receipt(_))));
    let outcome = Payload::Intent(Intent {
        step: "look".into(),
        label: None,
        account: None,
        details: serde_json::Value::Null,
    });
    let draft = ledger.begin(outcome, time(1), nonce(1)).unwrap();
    let receipt = one.receipt(draft.seal());
    assert!(matches!(draft.commit(Some(receipt)), Err(LedgerError::NoSigner)));
    assert_eq!(Ledger::open(&path).unwrap().chain().seq, 3);
}

fn ledger_seal() -> glasskey::ledger::bytes::Hash {
    glasskey::ledger::bytes::Hash::new([9; 32])
}

#[test]
fn the_whole_verifies() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let report = glasskey::ledger::verify::verify(&path, None).unwrap();
    assert!(report.intact, "{report:?}");
    assert_eq!((report.events, report.receipts), (EVENTS, RECEIPTS));
    assert_eq!(report.signed_to, Some(19));
    assert_eq!(report.soft, Some(true));
}
