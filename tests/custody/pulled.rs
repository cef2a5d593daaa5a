//! A key that is pulled out, or not touched, at any step: what was begun is ended in the record, and the next run works.

use glasskey::ledger::payload::{Ended, Payload};

use crate::rig::{Rig, YUBIKEY, sign};

/// The outcome that the ledger ends with.
fn last_outcome(rig: &Rig) -> (Ended, String) {
    let ledger = rig.ledger();
    let Payload::Outcome(outcome) = ledger.event(ledger.chain().seq).unwrap().unwrap().body.unwrap().event
    else {
        panic!("the last event is no outcome");
    };
    (outcome.result, outcome.why.unwrap_or_default())
}

#[test]
fn an_enrolment_that_breaks_off_at_any_step_is_recorded_as_failed_or_open_and_works_the_next_time() {
    // What goes wrong, the exit code, and the steps that stay open: nobody heard how they ended.
    for (fault, wanted, open) in [
        ("vanish@setpin", 7, 1),
        ("vanish@pintoken", 7, 0),
        ("vanish@credmgmt", 7, 0),
        ("vanish@makecred", 7, 0),
        ("vanish@getassertion", 7, 0),
        // The receipt.
        ("vanish@getassertion+1", 7, 1),
        ("silent@getassertion+1", 7, 1),
        ("wrong-signature@getassertion+1", 7, 0),
        // Nobody touches it, or somebody says no.
        ("ctap-error=0x27@makecred", 1, 0),
        ("ctap-error=0x27@getassertion", 1, 0),
        ("ctap-error=0x27@getassertion+1", 7, 0),
        ("ctap-error=0x2f@getassertion+1", 7, 0),
    ] {
        let rig = Rig::new();
        rig.add("y1", YUBIKEY);
        rig.fault("y1", &[fault]);
        let (code, document) = rig.json(&["--touch-timeout", "2", "enroll", "--account", "EA-01"]);
        assert_eq!(code, wanted, "{fault}: {document:#}");
        let ledger = rig.ledger();
        assert_eq!(
            (ledger.inventory().keys().len(), ledger.inventory().pending().count()),
            (0, open),
            "{fault}"
        );
        if open == 0 {
            let (result, why) = last_outcome(&rig);
            assert!(result == Ended::Failed && !why.is_empty(), "{fault}: {why}");
        }
        assert_eq!(rig.json(&["ledger", "verify"]).0, 0, "{fault}");
        rig.fault("y1", &[]);
        let document = rig.enroll("y1", "EA-01");
        assert_eq!((&document["label"], sign(&document, "pin-set")), (&"EA-01-A".into(), "pass"), "{fault}");
        assert_eq!(rig.ledger().inventory().pending().count(), 0, "{fault}");
    }
}

#[test]
fn a_check_whose_receipt_fails_is_not_recorded_as_signed() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    // One answer to the question who it is, one test, then the receipt.
    for fault in ["vanish@getassertion+2", "wrong-signature@getassertion+2", "ctap-error=0x27@getassertion+2"]
    {
        rig.fault("y1", &[fault]);
        let before = rig.ledger().inventory().key("EA-01-A").unwrap().last_good_check;
        let (code, document) = rig.json(&["check"]);
        // What was found is told and on record, without the key's word.
        assert_eq!((code, sign(&document, "same-key")), (7, "pass"), "{fault}: {document:#}");
        assert_eq!(document["event"]["hash"].as_str(), Some(rig.head().as_str()), "{fault}");
        let ledger = rig.ledger();
        assert_eq!(ledger.inventory().key("EA-01-A").unwrap().last_good_check, before, "{fault}");
        assert_eq!(rig.json(&["ledger", "verify"]).0, 0, "{fault}");
    }
    rig.fault("y1", &[]);
    assert_eq!(rig.json(&["check"]).0, 0);
}
