//! The fewest round trips that the specification allows: counted at the key, not at the client.
#![cfg(feature = "softkey")]

#[cfg(test)] // clippy allows helpers of tests what it allows tests
#[path = "support/exercise.rs"]
mod exercise;
#[cfg(test)]
#[path = "support/passkeys.rs"]
#[expect(dead_code, reason = "this binary uses a part")]
mod passkeys;

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

/// What a check asks a key, by kind.
const OPS: [Op; 8] = [
    Op::Init,
    Op::GetInfo,
    Op::Retries,
    Op::KeyAgreement,
    Op::PinToken,
    Op::CredMgmt,
    Op::MakeCred,
    Op::GetAssertion,
];

#[test]
fn check_agrees_for_each_token_and_fetches_one_for_each_signature_and_one_for_the_list() {
    let home = tempfile::tempdir().unwrap();
    let key = exercise::key(home.path(), &Options::default());
    let (mut session, stats) = exercise::open(&key);
    let facts = exercise::check(&mut session);
    // A key that holds nothing says so in one exchange.
    assert_eq!(OPS.map(|op| stats.transactions(op)), [1, 1, 1, 3, 3, 1, 1, 1]);
    assert_eq!(facts.traffic.transactions, 12);
    assert_eq!(stats.packets_in(), facts.traffic.sent);
}

#[test]
fn a_passkey_costs_two_exchanges_to_list_and_two_to_prove() {
    let (_home, key) = passkeys::holding(&Options::default(), &[("login.microsoft.com", "ea-01")]);
    let (mut session, stats) = exercise::open(&key);
    let facts = exercise::check(&mut session);
    assert!(facts.entra.done().is_some());
    assert_eq!(OPS.map(|op| stats.transactions(op)), [1, 1, 1, 4, 4, 3, 1, 2]);
    assert_eq!(facts.traffic.transactions, 17);
}

#[test]
fn a_key_that_does_not_list_is_not_asked_to() {
    let home = tempfile::tempdir().unwrap();
    let mut options = Options::default();
    options.info = options.info.remove("4.credMgmt");
    let key = exercise::key(home.path(), &options);
    let (mut session, stats) = exercise::open(&key);
    exercise::check(&mut session);
    assert_eq!(OPS.map(|op| stats.transactions(op)), [1, 1, 1, 2, 2, 0, 1, 1]);
}

#[test]
fn a_key_that_knows_no_permissions_gives_one_token_for_both_signatures() {
    let home = tempfile::tempdir().unwrap();
    let mut options = Options::default();
    options.info = options.info.remove("4.pinUvAuthToken");
    let key = exercise::key(home.path(), &options);
    let (mut session, stats) = exercise::open(&key);
    exercise::check(&mut session);
    assert_eq!((stats.transactions(Op::KeyAgreement), stats.transactions(Op::PinToken)), (1, 1));
}
