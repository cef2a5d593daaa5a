//! What a key is asked and what its answers are taken for, held against keys made by hand. The key's side of the PIN
//! protocols is written here from the specification (CTAP §6.5.5 to §6.5.7), so that it checks the client's.
#![expect(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "helpers of tests")]

#[cfg(test)] // clippy allows helpers of tests what it allows tests
#[path = "support/scripted.rs"]
mod scripted;

#[cfg(test)]
#[path = "session/malformed.rs"]
mod malformed;
#[cfg(test)]
#[path = "session/pin_key.rs"]
mod pin_key;

use std::time::Duration;

use ciborium::Value;
use glasskey::ctap::cbor::{Deviation, decode};
use glasskey::ctap::client_pin::{Permissions, Retries, TokenKind};
use glasskey::ctap::credential::{ES256, Extensions, GetAssertion, MakeCredential};
use glasskey::ctap::frame::{Command, Message};
use glasskey::ctap::pin::Pin;
use glasskey::ctap::protocol::Protocol;
use glasskey::ctap::status::Code;
use glasskey::key::cancel::Cancel;
use glasskey::key::guard::{Guard, Permit, PinRefusal};
use glasskey::key::patience::Patience;
use glasskey::key::session::{KeyError, Session};
use glasskey::key::talk_error::TalkError;
use pin_key::{PinKey, Seen};
use scripted::{Received, ScriptedKey, answers, opens, opens_with, refuses};

const PATIENCE: Patience = {
    let limit = Duration::from_secs(5);
    Patience { quick: limit, work: limit, touch: limit, reset: limit, grace: limit }
};

/// A session with a key that answers each CTAP2 request by `brain`: status byte and body.
fn session(mut brain: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> (Session, Received) {
    let key = ScriptedKey::that(move |message: &Message| match message.command {
        Command::Init => vec![opens(message)],
        Command::Cbor => answers(&brain(&message.payload)),
        other => panic!("{other:?} is not asked here"),
    });
    let received = key.received();
    (Session::open(Box::new(key), PATIENCE, Cancel::default(), Box::new(|_| {})).unwrap(), received)
}

fn pin(text: &str) -> Pin {
    Pin::parse(text.to_owned()).unwrap()
}

fn permit() -> Permit {
    Guard::default().permit(Retries { left: 8, power_cycle: None }).unwrap()
}

/// Whether this is a request of a subcommand of clientPIN.
fn steers(message: &Message, subcommand: u8) -> bool {
    let (Command::Cbor, [0x06, parameters @ ..]) = (message.command, message.payload.as_slice()) else {
        return false;
    };
    let members = decode(parameters).unwrap().value.into_map().unwrap();
    members.contains(&(Value::from(2), Value::from(subcommand)))
}

/// How often a subcommand of clientPIN was asked.
fn asked(received: &Received, subcommand: u8) -> usize {
    received.all().iter().filter(|message| steers(message, subcommand)).count()
}

const PLAIN: u8 = 0x05;
const WITH_PERMISSIONS: u8 = 0x09;
const RETRIES: u8 = 0x01;

fn registration<'a>() -> MakeCredential<'a> {
    MakeCredential {
        client_data_hash: [7; 32],
        rp_id: "example.com",
        rp_name: "Example",
        user_id: b"u",
        user_name: "u",
        display_name: "U",
        algorithms: &[ES256],
        exclude: &[],
        extensions: Extensions::default(),
        discoverable: false,
    }
}

fn assertion<'a>(allow: &'a [Vec<u8>]) -> GetAssertion<'a> {
    GetAssertion { rp_id: "example.com", client_data_hash: [9; 32], allow, touch: true }
}

#[test] // CTAP §6.5.5.5 to §6.5.5.7, §6.1, §6.2
fn a_pin_is_set_used_changed_and_used_again_under_both_protocols() {
    for protocol in [Protocol::One, Protocol::Two] {
        let (key, seen) = PinKey::new(protocol);
        let (mut session, received) = session(key.brain());
        let shared = session.agree(protocol).unwrap();
        // Typed decomposed, held composed: one PIN, in normalization form C.
        session.set_pin(&shared, &pin("Schlu\u{308}ssel")).unwrap();
        assert_eq!(seen.lock().unwrap().pin.as_deref(), Some("Schl\u{fc}ssel"));

        session.token(permit(), &shared, &pin("Schl\u{fc}ssel"), TokenKind::Plain).unwrap();
        let kind = TokenKind::WithPermissions {
            permissions: Permissions::GET_ASSERTION,
            rp_id: Some("example.com"),
        };
        let token = session.token(permit(), &shared, &pin("Schlu\u{308}ssel"), kind).unwrap();
        assert_eq!(seen.lock().unwrap().granted, Some((0x02, Some("example.com".to_owned()))));
        let (_, again) = session.next_token(&token, &shared, &pin("Schl\u{fc}ssel"), kind).unwrap();

        // The token proves itself: the key checks both proofs before it says that it has no such credential.
        for refused in [
            session.get_assertion(&assertion(&[vec![1]]), Some(again.token())).err(),
            session.make_credential(&registration(), Some(again.token())).err(),
        ] {
            assert!(
                matches!(refused, Some(KeyError::Refused { refusal, .. }) if refusal.is(Code::NoCredentials)),
                "{refused:?}"
            );
        }

        session.change_pin(permit(), &shared, &pin("Schl\u{fc}ssel"), &pin("1234567")).unwrap();
        assert_eq!(seen.lock().unwrap().pin.as_deref(), Some("1234567"));
        let everything = TokenKind::WithPermissions { permissions: Permissions(0x07), rp_id: None };
        session.token(permit(), &shared, &pin("1234567"), everything).unwrap();
        assert_eq!(seen.lock().unwrap().granted, Some((0x07, None)));
        assert_eq!(asked(&received, PLAIN) + asked(&received, WITH_PERMISSIONS), 4);
        assert_eq!(seen.lock().unwrap().left, 8, "no attempt was spent");
    }
}

#[test]
fn no_two_requests_under_protocol_two_begin_alike() {
    let (key, seen) = PinKey::new(Protocol::Two);
    let (mut session, _) = session(key.brain());
    let shared = session.agree(Protocol::Two).unwrap();
    session.set_pin(&shared, &pin("1234")).unwrap();
    session.change_pin(permit(), &shared, &pin("1234"), &pin("1234")).unwrap();
    session.token(permit(), &shared, &pin("1234"), TokenKind::Plain).unwrap();
    let Seen { mut ivs, .. } = std::mem::take(&mut *seen.lock().unwrap());
    ivs.sort_unstable();
    ivs.dedup();
    assert_eq!(ivs.len(), 4, "setPIN 1, changePIN 2, token 1");
}

#[test]
fn a_wrong_pin_is_sent_once_and_the_attempts_left_are_read_again() {
    for kind in [
        TokenKind::Plain,
        TokenKind::WithPermissions { permissions: Permissions::MAKE_CREDENTIAL, rp_id: Some("example.com") },
    ] {
        let (key, _) = PinKey::with_pin(Protocol::Two, "1234");
        let (mut session, received) = session(key.brain());
        let shared = session.agree(Protocol::Two).unwrap();
        let refused = session.token(permit(), &shared, &pin("4321"), kind).err();
        assert!(matches!(refused, Some(KeyError::Pin(PinRefusal::Wrong { left: Some(7) }))), "{refused:?}");
        assert_eq!(asked(&received, PLAIN) + asked(&received, WITH_PERMISSIONS), 1);
        assert_eq!(asked(&received, RETRIES), 1);
    }
    let (key, seen) = PinKey::with_pin(Protocol::One, "1234");
    let (mut session, received) = session(key.brain());
    let shared = session.agree(Protocol::One).unwrap();
    let refused = session.change_pin(permit(), &shared, &pin("4321"), &pin("5678")).err();
    assert!(matches!(refused, Some(KeyError::Pin(PinRefusal::Wrong { left: Some(7) }))), "{refused:?}");
    assert_eq!((asked(&received, 0x04), asked(&received, RETRIES)), (1, 1));
    assert_eq!(seen.lock().unwrap().pin.as_deref(), Some("1234"));
}

#[test] // CTAP §6.5.5.7
fn another_programs_wrong_pin_between_two_tokens_costs_us_no_attempt() {
    for protocol in [Protocol::One, Protocol::Two] {
        let (key, seen) = PinKey::with_pin(protocol, "1234");
        let (mut session, received) = session(key.brain());
        let shared = session.agree(protocol).unwrap();
        let kind =
            TokenKind::WithPermissions { permissions: Permissions::GET_ASSERTION, rp_id: Some("a.example") };
        let first = session.token(permit(), &shared, &pin("1234"), kind).unwrap();
        let (shared, second) = session.next_token(&first, &shared, &pin("1234"), kind).unwrap();
        assert_eq!(asked(&received, RETRIES), 0, "nobody has been there");
        seen.lock().unwrap().strangers = 2;
        let (shared, third) = session.next_token(&second, &shared, &pin("1234"), kind).unwrap();
        assert_eq!((seen.lock().unwrap().left, asked(&received, RETRIES)), (8, 1));
        // Five wrong ones: the guard keeps the last three, also from a PIN that was right a moment ago.
        seen.lock().unwrap().strangers = 5;
        let kept = session.next_token(&third, &shared, &pin("1234"), kind).err();
        assert!(matches!(kept, Some(KeyError::Pin(PinRefusal::Guarded { left: 3 }))), "{kept:?}");
        assert_eq!(asked(&received, WITH_PERMISSIONS), 3);
    }
}

#[test] // CTAP §11.2.9.1.6: 0x06
fn a_key_that_is_busy_with_another_program_gets_the_pin_once_it_is_free() {
    let (mut key, seen) = PinKey::with_pin(Protocol::Two, "1234");
    let mut busy = 3;
    let key = ScriptedKey::that(move |message: &Message| match message.command {
        Command::Init => vec![opens(message)],
        _ if busy > 0 && steers(message, PLAIN) => {
            busy -= 1;
            refuses(0x06)
        }
        _ => answers(&key.answer(&message.payload)),
    });
    let received = key.received();
    let mut session = Session::open(Box::new(key), PATIENCE, Cancel::default(), Box::new(|_| {})).unwrap();
    let shared = session.agree(Protocol::Two).unwrap();
    session.token(permit(), &shared, &pin("1234"), TokenKind::Plain).unwrap();
    assert_eq!((asked(&received, PLAIN), seen.lock().unwrap().left), (4, 8));
}

#[test] // CTAP §11.2.9.1.6: 0x06
fn a_pin_is_sent_once_to_a_key_that_looks_at_it_and_says_that_it_is_busy() {
    type Ask = fn(&mut Session) -> Option<KeyError>;
    let asks: [(u8, Ask); 3] = [
        (PLAIN, |session| {
            let shared = session.agree(Protocol::Two).unwrap();
            session.token(permit(), &shared, &pin("9999"), TokenKind::Plain).err()
        }),
        (0x04, |session| {
            let shared = session.agree(Protocol::Two).unwrap();
            session.change_pin(permit(), &shared, &pin("1234"), &pin("4321")).err()
        }),
        (0x03, |session| {
            let shared = session.agree(Protocol::Two).unwrap();
            session.set_pin(&shared, &pin("1234")).err()
        }),
    ];
    for (subcommand, ask) in asks {
        let (mut key, _) = PinKey::with_pin(Protocol::Two, "1234");
        let mut busy = true;
        let key = ScriptedKey::that(move |message: &Message| match message.command {
            Command::Init => vec![opens(message)],
            // It has looked at the PIN, and says that it has not.
            _ if busy && steers(message, subcommand) => {
                busy = false;
                drop(key.answer(&message.payload));
                refuses(0x06)
            }
            _ => answers(&key.answer(&message.payload)),
        });
        let received = key.received();
        let mut session =
            Session::open(Box::new(key), PATIENCE, Cancel::default(), Box::new(|_| {})).unwrap();
        let error = ask(&mut session);
        assert!(matches!(error, Some(KeyError::Talk(TalkError::Busy))), "{error:?}");
        assert_eq!(asked(&received, subcommand), 1, "an attempt is money");
        // What it may still say to the PIN is cleared before it is asked anything else.
        session.retries(Protocol::Two).unwrap();
        assert_eq!(received.count(Command::Init), 2);
    }
}

#[test]
fn a_wrong_pin_stays_a_wrong_pin_where_the_attempts_left_cannot_be_read() {
    for retries in [vec![0x21], vec![0, 0xa0], vec![0, 0xa1, 0x03, 0x19, 0x01, 0x00]] {
        let (mut key, _) = PinKey::with_pin(Protocol::Two, "1234");
        let (mut session, _) = session(move |request| match request {
            [0x06, 0xa2, 0x01, 0x02, 0x02, RETRIES] => retries.clone(),
            _ => key.answer(request),
        });
        let shared = session.agree(Protocol::Two).unwrap();
        let refused = session.token(permit(), &shared, &pin("4321"), TokenKind::Plain).err();
        assert!(matches!(refused, Some(KeyError::Pin(PinRefusal::Wrong { left: None }))), "{refused:?}");
    }
}

/// What became of a PIN that a key refused with this status.
fn refused(status: u8, ask: impl Fn(&mut Session) -> Option<KeyError>) -> (Option<KeyError>, Received) {
    let (mut key, _) = PinKey::with_pin(Protocol::Two, "1234");
    let (mut session, received) = session(move |request| {
        let members =
            request.get(1..).and_then(|bytes| decode(bytes).ok()).and_then(|d| d.value.into_map().ok());
        let steers = |sub: u8| members.iter().flatten().any(|m| *m == (Value::from(2), Value::from(sub)));
        if [0x03, 0x04, PLAIN].into_iter().any(steers) { vec![status] } else { key.answer(request) }
    });
    (ask(&mut session), received)
}

#[test] // CTAP §6.5.5.5 to §6.5.5.7, §8.2
fn each_refusal_of_a_pin_has_its_own_meaning_and_costs_one_request() {
    use PinRefusal::{AlreadySet, Blocked, ChangeForced, NotSet, Policy, PowerCycle, Wrong};
    let token = |session: &mut Session| {
        let shared = session.agree(Protocol::Two).unwrap();
        session.token(permit(), &shared, &pin("1234"), TokenKind::Plain).err()
    };
    let change = |session: &mut Session| {
        let shared = session.agree(Protocol::Two).unwrap();
        session.change_pin(permit(), &shared, &pin("1234"), &pin("4321")).err()
    };
    let set = |session: &mut Session| {
        let shared = session.agree(Protocol::Two).unwrap();
        session.set_pin(&shared, &pin("1234")).err()
    };
    type Ask<'a> = &'a dyn Fn(&mut Session) -> Option<KeyError>;
    // The meaning for a token, for a change and for a first PIN; none where it has nothing to do with the PIN.
    let wrong = Some(Wrong { left: Some(8) });
    for (status, meanings) in [
        (0x31, [wrong, wrong, wrong]),
        (0x32, [Some(Blocked); 3]),
        (0x34, [Some(PowerCycle); 3]),
        (0x35, [Some(NotSet); 3]),
        (0x37, [Some(ChangeForced), Some(Policy), Some(Policy)]),
        (0x33, [None, None, Some(AlreadySet)]),
        (0x36, [None; 3]),
        (0x01, [None; 3]),
        (0x30, [None; 3]),
        (0x40, [None; 3]),
        (0x7f, [None; 3]),
        (0xf1, [None; 3]),
    ] {
        let asks: [(Ask<'_>, u8); 3] = [(&token, PLAIN), (&change, 0x04), (&set, 0x03)];
        for ((ask, subcommand), meaning) in asks.into_iter().zip(meanings) {
            let (error, received) = refused(status, ask);
            assert_eq!(asked(&received, subcommand), 1, "{status:#x}: an attempt is money");
            match (error, meaning) {
                (Some(KeyError::Pin(found)), Some(meaning)) => assert_eq!(found, meaning, "{status:#x}"),
                (Some(KeyError::Refused { refusal, .. }), None) => assert_eq!(refusal.byte(), status),
                other => panic!("{status:#x}: {other:?}"),
            }
        }
    }
}

#[test] // CTAP §6.4, §8
fn what_is_not_canonical_is_read_and_remembered_with_its_command() {
    let (mut session, _) = session(|request| match request {
        [0x04] => {
            // 0x03 stands before 0x01.
            let mut answer = vec![0, 0xa2, 0x03, 0x50];
            answer.extend([7; 16]);
            answer.extend([0x01, 0x81, 0x68]);
            answer.extend(b"FIDO_2_0");
            answer
        }
        // 8 in two bytes.
        _ => vec![0, 0xa1, 0x03, 0x18, 0x08],
    });
    assert!(session.info().unwrap().speaks("FIDO_2_0"));
    assert_eq!(session.retries(Protocol::One).unwrap(), Retries { left: 8, power_cycle: None });
    let expected = [("getInfo", Deviation::KeyOrder), ("getPINRetries", Deviation::Encoding)];
    assert_eq!(session.deviations(), expected);
}

#[test] // CTAP 2.2 §11.2.9.1.3: the capability CBOR
fn a_key_that_speaks_only_u2f_is_told_for_what_it_is() {
    let key = ScriptedKey::that(|message: &Message| match message.command {
        Command::Init => vec![opens_with(message, 0x01)],
        _ => refuses(0x01),
    });
    let mut session = Session::open(Box::new(key), PATIENCE, Cancel::default(), Box::new(|_| {})).unwrap();
    assert!(matches!(session.info(), Err(KeyError::OnlyU2f)));
}
