#![no_main]
//! Rows of a ledger, as anybody may have written them: at random, bent, or sealed well and saying anything.
//!
//! What is not sealed as it stands is never followed; no receipt is good but one that the key made for that very seal;
//! and whatever is sealed, replay counts it and screens and sheets bear it.

use std::sync::LazyLock;

use glasskey::ledger::bytes::Hash;
use glasskey::ledger::chain::{Chain, Entry, Row};
use glasskey::ledger::payload::*;
use glasskey::ledger::{Body, Inventory, Ledger, LedgerError, Payload, Receipt, event, export};
use glasskey::plan::About;
use glasskey::term::show;
use glasskey_fuzz::{Input, assert_harmless_screen, bend};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

#[path = "../../ledger/custody.rs"]
#[allow(dead_code)]
mod custody;

use custody::Key;

/// A genuine ledger: its rows, and what each of them was added to.
struct Genuine {
    row: Row,
    chain: Chain,
    inventory: Inventory,
    last: Timestamp,
}

static GENUINE: LazyLock<Vec<Genuine>> = LazyLock::new(|| {
    let folder = custody::folder();
    let (path, _) = custody::full(folder.path());
    let (mut chain, mut inventory, mut genuine) = (Chain::default(), Inventory::default(), Vec::new());
    let mut last = Timestamp::MIN;
    let ledger = Ledger::open(&path).expect("a ledger");
    let each = |entry: Entry| {
        let row = row(&entry);
        genuine.push(Genuine { row: row.clone(), chain, inventory: inventory.clone(), last });
        last = entry.event.at;
        assert_eq!(chain.follow(row).as_ref(), Ok(&entry));
        inventory.apply(&entry);
        Ok::<_, LedgerError>(())
    };
    ledger.for_each(0, each).expect("events");
    genuine
});

fn row(entry: &Entry) -> Row {
    let event = &entry.event;
    let receipt =
        event.receipt.as_ref().map(|receipt| receipt.canonical().expect("it was read").into_bytes());
    Row {
        seq: i64::try_from(event.seq).expect("a small number"),
        at: event.at.to_string().into(),
        kind: event.kind.clone().into(),
        body: event.body.clone().into(),
        prev: event.prev.as_bytes().to_vec(),
        seal: event.seal.as_bytes().to_vec(),
        receipt,
        hash: event.hash.as_bytes().to_vec(),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let Some(genuine) = GENUINE.get(usize::from(input.byte()) % GENUINE.len()) else { return };
    match input.below(4) {
        0 => raw(&mut input, genuine),
        1 => bent(&mut input, genuine),
        _ => sealed(&mut input, genuine),
    }
});

/// Any row at all: the seal and the hash are SHA-256, so nothing but the row itself can follow.
fn raw(input: &mut Input<'_>, genuine: &Genuine) {
    let mut bytes = || input.chunk().to_vec();
    let (at, kind, body, prev, seal, hash) = (bytes(), bytes(), bytes(), bytes(), bytes(), bytes());
    let receipt = input.flag().then(|| input.chunk().to_vec());
    text(&String::from_utf8_lossy(&body));
    text(&String::from_utf8_lossy(receipt.as_deref().unwrap_or_default()));
    let row = Row { seq: i64::from_be_bytes(input.array()), at, kind, body, prev, seal, receipt, hash };
    follow(genuine, row);
}

/// The genuine row with some of its columns changed.
fn bent(input: &mut Input<'_>, genuine: &Genuine) {
    let mut row = genuine.row.clone();
    for column in [&mut row.at, &mut row.kind, &mut row.body, &mut row.prev, &mut row.seal, &mut row.hash] {
        if input.flag() {
            *column = bend(input, column);
        }
    }
    if input.flag() {
        row.receipt = row.receipt.map(|receipt| bend(input, &receipt));
    }
    row.seq ^= i64::from(input.byte());
    follow(genuine, row);
}

fn follow(genuine: &Genuine, row: Row) {
    let mut chain = genuine.chain;
    match chain.follow(row.clone()) {
        Ok(_) => assert_eq!(row, genuine.row, "another event follows"),
        Err(_) => assert_eq!(chain, genuine.chain, "the chain stays where it was"),
    }
}

/// A text as body and as receipt: what is read has one serialisation.
fn text(text: &str) {
    if let Ok(body) = Body::parse(text) {
        let written = body.canonical().expect("what was read can be written");
        event::is_canonical(&written).expect("it was just written");
        let again = Body::parse(&written).and_then(|body| body.canonical());
        assert_eq!(again.as_ref(), Ok(&written));
    }
    if let Ok(receipt) = Receipt::parse(text) {
        assert_eq!(receipt.canonical().as_deref(), Ok(text));
    }
}

/// Events that are sealed and chained by somebody who knows the format, one after another.
fn sealed(input: &mut Input<'_>, genuine: &Genuine) {
    let (mut chain, mut inventory, mut last) = (genuine.chain, genuine.inventory.clone(), genuine.last);
    let mut entries = Vec::new();
    for _ in 0..4 {
        let body = body(input, &genuine.row);
        let seal = event::seal(&chain.head, &body);
        let mut honest = None;
        let receipt = receipt(input, &genuine.row, seal, &mut honest);
        let row = Row {
            seq: i64::try_from(chain.next_seq()).expect("a small number"),
            at: said(&body, |body| body.at.to_string()).into(),
            kind: said(&body, |body| body.event.kind().to_owned()).into(),
            body: body.clone().into(),
            prev: chain.head.as_bytes().to_vec(),
            seal: seal.as_bytes().to_vec(),
            hash: event::hash(&seal, receipt.as_deref()).as_bytes().to_vec(),
            receipt: receipt.map(String::into_bytes),
        };
        text(&body);
        let Ok(entry) = chain.follow(row) else { break };
        signed(&inventory, &entry, honest.as_ref());
        let admitted = entry.body.as_ref().is_some_and(|body| inventory.admit(&body.event).is_ok());
        let before = inventory.odd();
        inventory.apply(&entry);
        // Who records takes the time, and then waits for the lock: a minute is no oddity.
        let late = last.duration_since(entry.event.at) > SignedDuration::from_mins(1);
        assert_eq!(inventory.odd() - before, u64::from(!admitted) + u64::from(late));
        last = entry.event.at;
        cells(&entry);
        entries.push(entry);
        if input.is_empty() {
            break;
        }
    }
    assert_eq!(inventory.head().unwrap_or(Hash::ZERO), chain.head);
    assert_harmless_screen(&show::ledger::log(&entries, chain.seq));
    assert_harmless_screen(&show::ledger::inventory(&inventory));
    for key in inventory.keys() {
        assert_eq!(inventory.key(&key.label), Some(key), "two keys have one label");
    }
    if let Some(key) = inventory.keys().last() {
        assert_harmless_screen(&show::ledger::key(key, None, &entries));
    }
}

fn said(body: &str, what: impl Fn(&Body) -> String) -> String {
    Body::parse(body).map(|body| what(&body)).unwrap_or_default()
}

fn body(input: &mut Input<'_>, genuine: &Row) -> String {
    match input.below(4) {
        0 => String::from_utf8_lossy(input.chunk()).into_owned(),
        1 => String::from_utf8_lossy(&bend(input, &genuine.body)).into_owned(),
        _ => {
            let body = Body::new(custody::time(i64::from(input.byte())), input.array(), payload(input));
            body.canonical().unwrap_or_default()
        }
    }
}

fn words(input: &mut Input<'_>) -> String {
    match input.below(8) {
        at @ 0..4 => ["EA-00001", "Bern-1", "EA-00003", "ea-00004"][usize::from(at)].to_owned(),
        _ => String::from_utf8_lossy(input.chunk()).into_owned(),
    }
}

fn payload(input: &mut Input<'_>) -> Payload {
    let label = words(input);
    match input.below(18) {
        0 => Payload::LedgerCreated(LedgerCreated { organisation: Some(label) }),
        1 => {
            let details = json!({ (words(input)): words(input), "big": u64::from_be_bytes(input.array()) });
            let label = input.flag().then_some(label);
            Payload::Intent(Intent { step: words(input), label, account: None, details })
        }
        2 => Payload::Outcome(Outcome {
            intent: u64::from(input.byte()),
            result: Ended::Failed,
            why: Some(words(input)),
        }),
        3 => {
            let mut key = Key::new(u32::from(input.byte()));
            key.label = label;
            let mut enrolled = key.enrolled(&words(input), input.flag());
            if input.flag() {
                let object = bend(input, enrolled.registration.attestation_object.as_slice());
                enrolled.registration.attestation_object = object.into();
            }
            if input.flag() {
                enrolled.custody.public_key = bend(input, enrolled.custody.public_key.as_slice()).into();
            }
            if input.flag() {
                enrolled.custody.rp_id = words(input);
            }
            enrolled.model = Some(words(input));
            Payload::Enrolled(Box::new(enrolled))
        }
        4 => {
            let change = Change { what: words(input), before: Some(words(input)), after: None };
            let (findings, facts) = (json!([words(input)]), json!({ "path": words(input) }));
            let (verdict, counter) = (Verdict::Fit, Some(u32::from_be_bytes(input.array())));
            Payload::Checked(Box::new(Checked {
                label,
                verdict,
                findings,
                facts,
                counter,
                changes: vec![change],
                drill: input.flag().then(|| u64::from(input.byte())),
            }))
        }
        5 => Payload::PinChanged(PinChanged { label }),
        6 => Payload::Moved(Moved {
            label,
            site: Some(words(input)),
            bag: Some(words(input)),
            custodian: None,
            drill: None,
        }),
        7 => Payload::Relabelled(Relabelled { label, new_label: words(input) }),
        8 => Payload::Retired(Retired { label, why: words(input) }),
        9 => Payload::Lost(Lost { label, why: words(input) }),
        10 => Payload::Reset(Reset { label }),
        11 => Payload::Found(Found { label, why: words(input) }),
        12 => Payload::DrillBegun(Box::new(DrillBegun {
            accounts: vec![DrillAccount {
                name: words(input),
                custodians: vec![words(input)],
                keys: vec![DrillKey { label, site: None, bag: None }],
            }],
            questions: vec![Question {
                id: words(input),
                text: words(input),
                about: [About::Drill, About::Account, About::Key][usize::from(input.below(3))],
                required: input.flag(),
                may_not_apply: input.flag(),
                timed: input.flag(),
                before: input.flag(),
                owner: None,
            }],
            interval_days: u32::from(input.byte()),
            alert_limit_minutes: u32::from(input.byte()),
            by: None,
            present: Vec::new(),
        })),
        13 => Payload::NotChecked(NotChecked {
            drill: u64::from(input.byte()),
            label,
            because: Because::Missing,
            why: words(input),
            by: None,
        }),
        14 => Payload::DrillAnswered(DrillAnswered {
            drill: u64::from(input.byte()),
            question: words(input),
            account: input.flag().then(|| words(input)),
            label: input.flag().then_some(label),
            answer: Answer::Yes,
            told: None,
            note: Some(words(input)),
            by: None,
        }),
        15 => Payload::DrillEnded(Box::new(DrillEnded {
            drill: u64::from(input.byte()),
            verdict: DrillVerdict::Passed,
            why: None,
            accounts: Vec::new(),
            actions: vec![Action { id: label, what: words(input), owner: None, about: None }],
        })),
        16 => Payload::EntraForgotten(EntraForgotten {
            label,
            credential_id: input.chunk().into(),
            why: words(input),
        }),
        _ => Payload::CredentialDeleted(CredentialDeleted {
            label,
            rp_id: words(input),
            credential_id: input.chunk().into(),
        }),
    }
}

/// A receipt's text; `honest` tells the one that a key made for this seal.
fn receipt(input: &mut Input<'_>, genuine: &Row, seal: Hash, honest: &mut Option<Receipt>) -> Option<String> {
    let known = || Receipt::parse(std::str::from_utf8(genuine.receipt.as_deref()?).ok()?).ok();
    // The genuine event itself, in its own place: its receipt is good there.
    if genuine.seal == seal.as_bytes() {
        *honest = known();
    }
    let made = match input.below(8) {
        0..3 => return None,
        3 => return Some(String::from_utf8_lossy(input.chunk()).into_owned()),
        4 => return Some(String::from_utf8_lossy(&bend(input, genuine.receipt.as_deref()?)).into_owned()),
        5 => known()?,
        _ => {
            let made = Key::new(u32::from(input.below(5))).receipt(seal);
            *honest = Some(made.clone());
            made
        }
    };
    let mut bent = made;
    for part in [&mut bent.auth_data, &mut bent.client_data, &mut bent.credential_id, &mut bent.signature] {
        if input.flag() {
            *part = bend(input, part.as_slice()).into();
        }
    }
    bent.canonical().ok()
}

/// Whose receipt is good: nobody's but that of the key, as it made it.
fn signed(inventory: &Inventory, entry: &Entry, honest: Option<&Receipt>) {
    let (Some(body), Some(receipt)) = (&entry.body, &entry.event.receipt) else { return };
    let Some(signer) = inventory.signer(&body.event) else { return };
    if let Ok(verified) = receipt.verify(&entry.event.seal, &signer) {
        let honest = honest.expect("a forgery: no key signed this seal");
        assert_eq!(receipt.auth_data, honest.auth_data, "a forgery");
        assert_eq!(receipt.client_data, honest.client_data, "a forgery");
        assert_eq!(receipt.credential_id, honest.credential_id, "another key's receipt");
        assert_eq!(Some(verified.counter()), receipt.counter());
    }
}

fn cells(entry: &Entry) {
    for cell in export::cells(entry) {
        assert!(
            !cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']),
            "{cell:?}"
        );
        assert!(!cell.contains(char::is_control), "{cell:?}");
    }
    assert_eq!(export::csv_line(export::cells(entry)).expect("a line").matches('\n').count(), 1);
    let object = export::object(entry);
    assert_eq!(object["body"].as_str(), Some(entry.event.body.as_str()));
}
