//! More enrolled keys than a key takes in one list.

use std::time::Instant;

use glasskey::custody::{Recognised, recognise};
use glasskey::key::cancel::Cancel;
use glasskey::key::patience::Patience;
use glasskey::key::session::Session;
use glasskey::ledger::Writer;
use glasskey::ledger::payload::Payload;
use glasskey::soft::{self, Op, SoftStats, Touch};
use glasskey::webauthn::relying_party::RelyingParty;
use std::sync::Arc;

use crate::made_up;
use crate::rig::{Rig, TOKEN2, YUBIKEY, sign};

/// Enrolls so many keys that are nothing but signatures.
fn enroll_made_up(rig: &Rig, numbers: std::ops::Range<u32>) {
    let mut writer = Writer::open(&rig.at("ledger.db")).unwrap();
    for number in numbers {
        made_up::Key::new(number).enroll(&mut writer, "EA-09");
    }
}

/// A key of the folder, plugged in where nobody would touch it.
fn untouched(rig: &Rig, name: &str) -> (Session, Arc<SoftStats>) {
    let keys = soft::list(&rig.at("keys")).unwrap();
    let key = keys.into_iter().find(|key| key.name() == name).unwrap();
    let wire = key.with_options(|options| options.touch = Touch::Never).plug_in().unwrap();
    let stats = wire.stats();
    let session = Session::open(Box::new(wire), Patience::default(), Cancel::default(), Box::new(|_| {}));
    (session.unwrap(), stats)
}

#[test]
fn a_key_is_enrolled_and_found_among_many_in_batches_that_it_takes_and_without_a_touch() {
    let rig = Rig::new();
    enroll_made_up(&rig, 0..24);
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    enroll_made_up(&rig, 24..30);
    let (code, check) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!((code, sign(&check, "same-key")), (0, "pass"), "{check:#}");
    let (code, again) = rig.json(&["enroll", "--account", "EA-01"]);
    assert_eq!((code, &again["error"]["kind"]), (1, &"already-enrolled".into()), "{again}");
    rig.add_with_pin("t1", TOKEN2);

    let inventory = rig.ledger().inventory().clone();
    let ids: Vec<&[u8]> = inventory.keys().iter().map(|key| key.custody.credential_id.as_slice()).collect();
    let own = inventory.key("EA-01-A").unwrap().custody.credential_id.0.clone();
    assert_eq!((ids.len(), ids.iter().position(|id| *id == own)), (31, Some(24)));
    for (name, wanted, lists) in [("y1", Recognised::As(own), 3), ("t1", Recognised::AsNone, 4)] {
        let (mut session, stats) = untouched(&rig, name);
        let info = session.info().unwrap();
        assert_eq!(info.max_credential_count_in_list, Some(10));
        let began = Instant::now();
        let known = recognise(&mut session, &info, &RelyingParty::custody(), &ids).unwrap();
        assert_eq!(known, wanted, "{name}");
        assert_eq!(
            stats.transactions(Op::GetAssertion),
            lists,
            "{name}: lists of ten, and none after its own"
        );
        // One that waits for a touch says so every 100 ms, and gives up after 30 s.
        assert_eq!(stats.transactions(Op::PinToken), 0);
        assert!(began.elapsed().as_secs() < 20, "{name}: {:?}", began.elapsed());
        assert_eq!(session.retries(info.protocol().unwrap()).unwrap().left, 8);
    }
}

#[test]
fn a_soft_key_is_kept_out_of_a_ledger_of_real_ones_before_it_is_changed() {
    let rig = Rig::new();
    let mut writer = Writer::open(&rig.at("ledger.db")).unwrap();
    let mut real = made_up::Key::new(1);
    let payload = Payload::Enrolled(Box::new(real.enrolled("EA-01", false)));
    real.signed(&mut writer, payload);
    drop(writer);
    let head = rig.head();
    rig.add("y1", YUBIKEY);
    let (code, refused) = rig.json(&["enroll", "--account", "EA-01"]);
    assert_eq!((code, &refused["error"]["kind"]), (2, &"ledger".into()), "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("soft key"), "{refused}");
    assert_eq!(rig.head(), head);
    assert_eq!(rig.json(&["pin", "status"]).1["pin_set"], false);
}
