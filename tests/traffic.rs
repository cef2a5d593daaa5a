//! The fewest round trips that the specification allows: counted at the key, not at the client.
#![cfg(feature = "softkey")]

#[cfg(test)] // clippy allows helpers of tests what it allows tests
#[path = "support/exercise.rs"]
mod exercise;

use glasskey::soft::{Op, Options};

#[test]
fn info_is_init_get_info_and_retries_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let key = exercise::key(home.path(), &Options::default());
    let (mut session, stats) = exercise::open(&key);
    let facts = exercise::look(&mut session);
    let counted = [Op::Init, Op::GetInfo, Op::Retries].map(|op| stats.transactions(op));
    assert_eq!(counted, [1, 1, 1]);
    assert_eq!(facts.traffic.transactions, 3);
    assert_eq!((stats.packets_in(), facts.traffic.sent), (3, 3));
    assert_eq!(stats.packets_out(), facts.traffic.received);
}

#[test]
fn check_agrees_once_and_fetches_one_token_for_each_signature() {
    let home = tempfile::tempdir().unwrap();
    let key = exercise::key(home.path(), &Options::default());
    let (mut session, stats) = exercise::open(&key);
    let facts = exercise::check(&mut session);
    let ops =
        [Op::Init, Op::GetInfo, Op::Retries, Op::KeyAgreement, Op::PinToken, Op::MakeCred, Op::GetAssertion];
    assert_eq!(ops.map(|op| stats.transactions(op)), [1, 1, 1, 1, 2, 1, 1]);
    assert_eq!(facts.traffic.transactions, 8);
    assert_eq!(stats.packets_in(), facts.traffic.sent);
}

#[test]
fn a_key_that_knows_no_permissions_gives_one_token_for_both_signatures() {
    let home = tempfile::tempdir().unwrap();
    let mut options = Options::default();
    options.info = options.info.remove("4.pinUvAuthToken");
    let key = exercise::key(home.path(), &options);
    let (mut session, stats) = exercise::open(&key);
    exercise::check(&mut session);
    assert_eq!(stats.transactions(Op::PinToken), 1);
}
