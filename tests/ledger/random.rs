//! Any rows, any bodies: replay and verification say something, and never panic.

use glasskey::ledger::bytes::Hash;
use glasskey::ledger::chain::{Chain, Row};
use glasskey::ledger::{Body, Inventory, Payload, Receipt, event, export};
use proptest::prelude::*;

use crate::custody::{Key, moved, nonce, time};

fn some_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..80),
        "\\PC{0,60}".prop_map(String::into_bytes),
        Just(vec![0; 32])
    ]
}

prop_compose! {
    fn any_row()(seq in -1..4_i64, at in some_bytes(), kind in some_bytes(), body in some_bytes(), prev in some_bytes(),
        seal in some_bytes(), receipt in prop::option::of(some_bytes()), hash in some_bytes()) -> Row {
        Row { seq, at, kind, body, prev, seal, receipt, hash }
    }
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]{1}", "\\PC{0,5}"]
}

fn any_payload() -> impl Strategy<Value = Payload> {
    use glasskey::ledger::payload::*;
    prop_oneof![
        Just(Payload::LedgerCreated(LedgerCreated::default())),
        (label(), 1..5_u32).prop_map(|(label, number)| {
            let mut key = Key::new(number);
            key.label = label;
            Payload::Enrolled(Box::new(key.enrolled("EA-01", number > 1)))
        }),
        (label(), label()).prop_map(|(label, site)| moved(&label, &site)),
        (label(), label())
            .prop_map(|(label, new_label)| Payload::Relabelled(Relabelled { label, new_label })),
        label().prop_map(|label| Payload::Lost(Lost { label, why: "=1".into() })),
        label().prop_map(|label| Payload::Found(Found { label, why: "+1".into() })),
        label().prop_map(|label| Payload::Reset(Reset { label })),
        (0..9_u64).prop_map(|intent| Payload::Outcome(Outcome { intent, result: Ended::Failed, why: None })),
        prop::option::of(label()).prop_map(|label| {
            let details = serde_json::json!({ "big": u64::MAX, "small": i64::MIN, "real": 0.1 });
            Payload::Intent(Intent { step: "x".into(), label, account: None, details })
        }),
    ]
}

/// The row of an event that follows, well sealed.
fn row(chain: &Chain, payload: Payload) -> Row {
    let body = Body::new(time(0), nonce(0), payload);
    let text = body.canonical().unwrap();
    let seal = event::seal(&chain.head, &text);
    Row {
        seq: i64::try_from(chain.seq + 1).unwrap(),
        at: body.at.to_string().into(),
        kind: body.event.kind().into(),
        body: text.into(),
        prev: chain.head.as_bytes().to_vec(),
        seal: seal.as_bytes().to_vec(),
        receipt: None,
        hash: event::hash(&seal, None).as_bytes().to_vec(),
    }
}

proptest! {
    #[test]
    fn any_row_is_judged(rows in prop::collection::vec(any_row(), 0..6)) {
        let mut chain = Chain::default();
        for row in rows {
            prop_assert!(chain.follow(row).is_err());
        }
    }

    #[test]
    fn any_text_is_judged(text in "\\PC{0,200}") {
        prop_assert!(Body::parse(&text).is_err());
        prop_assert!(Receipt::parse(&text).is_err());
        drop(event::is_canonical(&text));
    }

    /// Whatever is sealed is replayed; what this program would not have written has no effect and is counted.
    #[test]
    fn any_events_add_up(payloads in prop::collection::vec(any_payload(), 0..20)) {
        let (mut chain, mut inventory) = (Chain::default(), Inventory::default());
        for payload in payloads {
            let admitted = inventory.admit(&payload).is_ok();
            let before = inventory.odd();
            let entry = chain.follow(row(&chain.clone(), payload)).unwrap();
            event::is_canonical(&entry.event.body).unwrap();
            drop(export::cells(&entry));
            inventory.apply(&entry);
            prop_assert_eq!(inventory.odd() == before, admitted);
        }
        prop_assert_eq!(inventory.events(), chain.seq);
        let mut labels: Vec<_> = inventory.keys().iter().map(|key| key.label.to_lowercase()).collect();
        labels.sort();
        labels.dedup();
        prop_assert_eq!(labels.len(), inventory.keys().len());
        for key in inventory.keys() {
            prop_assert_eq!(inventory.key(&key.label).unwrap(), key);
        }
    }

    #[test]
    fn no_cell_is_a_formula(text in "[=+@\\-\t\r\n\" ,;'a＝]{0,8}") {
        let cell = export::neutral(&text);
        prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝']));
        let line = export::csv_line([&cell, "next"]).unwrap();
        prop_assert_eq!(line.matches('\n').count(), 1);
        prop_assert!(line.ends_with(",next\r\n"));
    }
}

#[test]
fn a_hash_is_read_as_it_is_printed() {
    let hash = Hash::new(std::array::from_fn(|place| u8::try_from(place).unwrap()));
    let printed = hash.to_string();
    let spaced = format!("{} {}\n", &printed[..8].to_uppercase(), &printed[8..]);
    assert_eq!(spaced.parse(), Ok(hash));
    assert!("abcd".parse::<Hash>().is_err());
}
