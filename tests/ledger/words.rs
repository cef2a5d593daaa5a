//! What `ledger verify` says, in the words of people who count.

use glasskey::ledger::bytes::Hash;
use glasskey::ledger::inventory::Oddity;
use glasskey::ledger::verify::{Fault, Report, Told};
use glasskey::term::show::ledger::verified;

fn report(events: u64, receipts: u64, signed_to: Option<u64>) -> Report {
    let head = Some(Hash::new([0xab; 32]));
    Report {
        events,
        receipts,
        head,
        intact: true,
        broken: None,
        told: None,
        signed_to,
        soft: None,
        odd: 0,
        oddities: Vec::new(),
    }
}

fn words(report: &Report) -> String {
    anstream::adapter::strip_str(&verified("ledger.db", report)).to_string()
}

#[test]
fn one_is_one_and_none_is_told_as_none() {
    for events in 1..4 {
        for receipts in 0..events {
            for signed_to in
                (receipts > 0).then(|| receipts + 1..=events).into_iter().flatten().map(Some).chain([None])
            {
                let told = words(&report(events, receipts, signed_to));
                for bad in ["all 1 ", "1 events", "1 receipts", "the 0 ", "the 1 ", " 0 after"] {
                    assert!(!told.contains(bad), "{bad}: {told}");
                }
            }
        }
    }
}

#[test]
fn what_is_good_and_what_that_proves() {
    insta::assert_snapshot!(words(&report(29, 5, Some(22))), @r#"
    ledger.db
      ✓ pass chain                  all 29 events stand as they were sealed, each chained to the one before
      ✓ pass receipts               5 receipts, each verified by two libraries with the key that was enrolled
      - skip head                   whether events were cut off at the end: the file alone cannot tell
                                   → compare the head with the newest label or report: `glasskey ledger verify --head HASH`
      - skip signed                 up to event 22 nothing can have been changed without an enrolled key; the 7 events after it are only chained, and whoever may write the file could have replaced them
      head                              abababababababababababababababababababababababababababababababab
    INTACT  (29 events, 5 receipts)
    "#);
    let told = Some(Told { hash: Hash::new([0xab; 32]), seq: Some(28) });
    insta::assert_snapshot!(words(&Report { told, ..report(29, 5, Some(29)) }), @r#"
    ledger.db
      ✓ pass chain                  all 29 events stand as they were sealed, each chained to the one before
      ✓ pass receipts               5 receipts, each verified by two libraries with the key that was enrolled
      ✓ pass head                   the head that was told is that of event 28, and 1 event came after it: nothing up to there is cut off
      ✓ pass signed                 the newest event is signed by its key: nothing can have been changed without an enrolled key
      head                              abababababababababababababababababababababababababababababababab
    INTACT  (29 events, 5 receipts)
    "#);
    let told = Some(Told { hash: Hash::new([0xab; 32]), seq: None });
    insta::assert_snapshot!(words(&Report { told, intact: false, ..report(29, 5, Some(22)) }), @r#"
    ledger.db
      ✓ pass chain                  all 29 events stand as they were sealed, each chained to the one before
      ✓ pass receipts               5 receipts, each verified by two libraries with the key that was enrolled
      ✗ FAIL head                   no event has the head that was told: the ledger was cut off or replaced, or the head is another ledger's
                                   → read the head once more from the label; then bring the ledger back from a copy that has it
      head                              abababababababababababababababababababababababababababababababab
    NOT INTACT  (29 events, 5 receipts)
    "#);
}

#[test]
fn what_is_not_good_and_the_cure() {
    let broken = |seq, reason: &str, newer| Some(Fault { seq, reason: reason.into(), newer });
    let seal = "its seal is not that of its body: the body was changed";
    let bent = Report { broken: broken(Some(3), seal, false), intact: false, ..report(2, 1, Some(2)) };
    insta::assert_snapshot!(words(&bent), @r#"
    ledger.db
      ✗ FAIL chain                  event 3: its seal is not that of its body: the body was changed; the 2 before it are good
                                   → keep this file for whoever looks into it, and bring the ledger back from a copy
      - skip receipts               1 receipt, verified by two libraries with the key that was enrolled
      - skip head                   whether events were cut off at the end: the file alone cannot tell
                                   → compare the head with the newest label or report: `glasskey ledger verify --head HASH`
      head                              abababababababababababababababababababababababababababababababab
    NOT INTACT  (good so far: 2 events, 1 receipt)
    "#);
    let later = "it is of format 2, and this program knows 1: it cannot tell";
    let newer = Report { broken: broken(None, later, true), intact: false, ..report(1, 0, None) };
    insta::assert_snapshot!(words(&newer), @r#"
    ledger.db
      ! warn chain                  it is of format 2, and this program knows 1: it cannot tell
                                   → use the version of glasskey that wrote it, or a later one
      - skip receipts               none: no key has signed anything
      - skip head                   whether events were cut off at the end: the file alone cannot tell
                                   → compare the head with the newest label or report: `glasskey ledger verify --head HASH`
      head                              abababababababababababababababababababababababababababababababab
    CANNOT TELL  (good so far: 1 event, 0 receipts)
    "#);
    let first = (2..102).map(|seq| Oddity { seq, what: "no key has the label 'x'".into() }).collect();
    let odd = words(&Report { odd: 103, oddities: first, soft: Some(true), ..report(104, 0, None) });
    assert!(
        odd.contains("event 101: no key") && odd.contains("3 more events that glasskey would not have"),
        "{odd}"
    );
}
