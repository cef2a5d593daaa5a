//! The format is what `docs/ledger.md` says: a verifier that was written from it alone, without a line of this program, says
//! of ledgers good and bad what this program says.

use std::path::Path;
use std::process::Command;

use glasskey::ledger::bytes::Hash;
use glasskey::ledger::payload::{Relabelled, Verdict};
use glasskey::ledger::verify::verify;
use glasskey::ledger::{Body, Ledger, Payload, event};
use rusqlite::types::Value;

use crate::custody::{EVENTS, Key, folder, full, nonce, time};
use crate::skip;
use crate::tamper::{Thief, blob, text};

fn missing() -> bool {
    let there = |tool: &str, argument: &str| Command::new(tool).arg(argument).output().is_ok();
    let there = there("python3", "--version") && there("openssl", "version");
    if !there {
        skip::without("python3 or openssl");
    }
    !there
}

/// How the script ended, and what it said.
fn python(ledger: &Path, head: Option<Hash>) -> (Option<i32>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-ledger.py");
    let head = head.map(|head| head.to_string());
    let output = Command::new("python3").arg(script).arg(ledger).args(head).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&told).into_owned())
}

fn good(ledger: &Path) {
    let report = verify(ledger, None).unwrap();
    assert!(report.intact, "{report:?}");
    let said = format!(
        "GOOD: {} events, {} receipts, head {}\n",
        report.events,
        report.receipts,
        report.head.unwrap()
    );
    assert_eq!(python(ledger, None), (Some(0), said));
}

fn bad(ledger: &Path, why: &str) {
    let fault = verify(ledger, None).unwrap().broken.unwrap();
    let (code, said) = python(ledger, None);
    assert_eq!(code, Some(1), "{said}");
    let at = fault.seq.map(|seq| format!("event {seq}: ")).unwrap_or_default();
    assert!(said.contains(&at) && said.contains(why), "{said}; this program: {fault:?}");
}

#[test]
fn it_takes_what_is_good_and_finds_what_is_not() {
    if missing() {
        return;
    }
    let folder = folder();
    let (path, mut keys) = full(folder.path());
    good(&path);
    let head = Ledger::open(&path).unwrap().head();
    assert_eq!(python(&path, Some(head)).0, Some(0));
    let whole = std::fs::read(&path).unwrap();
    let each = |change: &mut dyn FnMut(&Thief), why: &str| {
        std::fs::write(&path, &whole).unwrap();
        let thief = Thief::new(&path);
        change(&thief);
        thief.back();
        bad(&path, why);
    };
    let bend = |thief: &Thief, seq: u64, column: usize, to: Value| {
        let mut row = thief.row(seq);
        row[column] = to;
        thief.replace(seq, &row);
    };
    each(&mut |thief| thief.drop_row(9), "numbered 10");
    each(&mut |thief| bend(thief, 5, 7, Value::Blob(vec![0; 32])), "hash");
    each(&mut |thief| bend(thief, 5, 2, Value::Text("checked".into())), "column");
    let body = |thief: &Thief, seq: u64, from: &str, to: &str| {
        let body = text(&thief.row(seq)[3]).to_owned();
        assert!(body.contains(from), "{body}");
        bend(thief, seq, 3, Value::Text(body.replacen(from, to, 1)));
    };
    each(&mut |thief| body(thief, 8, "\"fit\"", "\"not-fit\""), "seal");
    let sealed = |seq: u64, from: &str, to: &str, why: &str| {
        each(
            &mut |thief| {
                body(thief, seq, from, to);
                thief.chain_anew(seq);
            },
            why,
        );
    };
    sealed(4, "Safe in Bern", "Safe in Chur", "client data");
    sealed(36, "{\"at\"", "{ \"at\"", "canonical");
    sealed(36, "\"kind\":\"moved\"", "\"kind\":\"mowed\"", "kind");
    sealed(36, "\"label\"", "\"lable\"", "members");
    sealed(5, ",\"soft\":true,", ",\"soft\":\"no\",", "true nor false");
    sealed(5, "\"counter\":1,", "\"counter\":true,", "no number");
    sealed(8, "\"fit\"", "\"well\"", "another word");
    each(
        &mut |thief| {
            let body = Body::parse(text(&thief.row(5)[3])).unwrap();
            let Payload::Enrolled(mut enrolled) = body.event.clone() else { panic!("event 5 enrolls") };
            enrolled.custody.public_key = Key::new(666).cose().into();
            let body = Body { event: Payload::Enrolled(enrolled), ..body };
            bend(thief, 5, 3, Value::Text(body.canonical().unwrap()));
            thief.chain_anew(5);
        },
        "not the one that was registered",
    );
    let receipt = |thief: &Thief, seq: u64, key: &mut Key, flags: u8| {
        let seal = Hash::new(blob(&thief.row(seq)[5]).try_into().unwrap());
        let mut receipt = key.receipt(seal);
        receipt.auth_data.0[32] = flags;
        bend(thief, seq, 6, Value::Text(receipt.canonical().unwrap()));
        thief.chain_anew(seq);
    };
    each(&mut |thief| receipt(thief, 19, &mut Key::new(666), 5), "another credential");
    each(&mut |thief| receipt(thief, 19, &mut keys[3], 1), "flags");
    each(&mut |thief| receipt(thief, 3, &mut keys[0], 5), "no enrolled key");
    each(
        &mut |thief| {
            bend(thief, 7, 6, Value::Null);
            thief.chain_anew(7);
        },
        "has not signed",
    );
    // One bit of one signature, with everything about it well chained.
    each(
        &mut |thief| {
            let seal = Hash::new(blob(&thief.row(19)[5]).try_into().unwrap());
            let mut receipt = keys[3].receipt(seal);
            *receipt.signature.0.last_mut().unwrap() ^= 1;
            bend(thief, 19, 6, Value::Text(receipt.canonical().unwrap()));
            thief.chain_anew(19);
        },
        "not this key's",
    );
    // Without its guards, cut off, and by a later version.
    std::fs::write(&path, &whole).unwrap();
    drop(Thief::new(&path));
    bad(&path, "triggers");
    std::fs::write(&path, &whole).unwrap();
    let thief = Thief::new(&path);
    thief.drop_row(EVENTS);
    thief.back();
    good(&path);
    let (code, said) = python(&path, Some(head));
    assert!(code == Some(1) && said.contains("no event has the head"), "{said}");
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    assert_eq!(python(&path, None).0, Some(2));
}

/// Whose signature an event takes hangs on labels, and those on what had an effect: events that this program would not have
/// written have none.
#[test]
fn it_knows_whose_label_it_was() {
    if missing() {
        return;
    }
    let folder = folder();
    let (path, mut keys) = full(folder.path());
    let mut chain = Ledger::open(&path).unwrap().chain();
    let thief = Thief::new(&path);
    let mut put = |payload: Payload, signer: Option<&mut Key>| {
        let body = Body::new(time(3), nonce(9), payload);
        let text = body.canonical().unwrap();
        let seal = event::seal(&chain.head, &text);
        let receipt = signer.map(|key| key.receipt(seal).canonical().unwrap());
        let hash = event::hash(&seal, receipt.as_deref());
        let bytes = |hash: &Hash| Value::Blob(hash.as_bytes().to_vec());
        thief.put(&[
            Value::Integer(i64::try_from(chain.next_seq()).unwrap()),
            Value::Text(body.at.to_string()),
            Value::Text(body.event.kind().to_owned()),
            Value::Text(text),
            bytes(&chain.head),
            bytes(&seal),
            receipt.map_or(Value::Null, Value::Text),
            bytes(&hash),
        ]);
        (chain.seq, chain.head) = (chain.next_seq(), hash);
    };
    let relabel =
        |from: &str, to: &str| Payload::Relabelled(Relabelled { label: from.into(), new_label: to.into() });
    // Taken, once another key's, no label, nobody's: none of these has an effect.
    for (from, to) in [
        ("EA-00003", "ea-00004"),
        ("EA-00003", "EA-00001"),
        ("EA-00003", "-x"),
        ("EA-00001", "x"),
        ("nobody", "x"),
    ] {
        put(relabel(from, to), None);
    }
    // A soft key's name in another case, in letters of full width, and back.
    put(relabel("ＥＡ-00003", "Chur-3"), Some(&mut keys[2]));
    put(relabel("chur-3", "ea-00003"), Some(&mut keys[2]));
    let mut again = Key::new(2);
    again.label = "again".into();
    let enrolled = Payload::Enrolled(Box::new(again.enrolled("EA-01", true)));
    put(enrolled, Some(&mut keys[1]));
    let mut real = Key::new(9);
    let enrolled = Payload::Enrolled(Box::new(real.enrolled("EA-01", false)));
    put(enrolled, Some(&mut real));
    let mut fifth = Key::new(5);
    let enrolled = Payload::Enrolled(Box::new(fifth.enrolled("EA-01", true)));
    put(enrolled, Some(&mut fifth));
    keys.push(fifth);
    keys[0].label = "bern-1".into();
    for key in [0, 2, 3, 4] {
        let checked = keys[key].checked(Verdict::Fit);
        put(checked, Some(&mut keys[key]));
    }
    thief.back();
    assert_eq!(verify(&path, None).unwrap().odd, 7);
    good(&path);
}

/// The guards stand in the document word for word.
#[test]
fn the_document_says_how_the_table_is_made() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema ORDER BY name").unwrap();
    let objects = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let document = include_str!("../../docs/ledger.md");
    let script = include_str!("../../docs/verify-ledger.py");
    let mut found = 0;
    for object in objects.map(Result::unwrap) {
        assert!(document.contains(&object) && script.contains(&object), "{object}");
        found += 1;
    }
    assert_eq!(found, 4);
}

/// A kind of event that is new to the program is new to both.
#[test]
fn the_document_and_the_script_know_every_kind() {
    let (document, script) =
        (include_str!("../../docs/ledger.md"), include_str!("../../docs/verify-ledger.py"));
    let code = include_str!("../../src/ledger/payload.rs");
    let kinds: Vec<_> = code.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(kinds.len() >= 12 && kinds.contains(&"credential-deleted"), "{kinds:?}");
    for kind in kinds {
        assert!(document.contains(&format!("`{kind}`")), "docs/ledger.md does not tell of '{kind}'");
        assert!(script.contains(&format!("\"{kind}\": (")), "docs/verify-ledger.py does not know '{kind}'");
    }
}

#[cfg(feature = "softkey")]
#[test]
fn it_takes_a_ledger_of_soft_keys() {
    if missing() {
        return;
    }
    let rig = crate::rig::Rig::new();
    rig.add("y1", crate::rig::YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig.json(&["--key", "soft:y1", "check"]);
    rig.json(&["inventory", "relabel", "EA-01-A", "Berlin-1"]);
    rig.json(&["--key", "soft:y1", "check"]);
    let report = verify(&rig.at("ledger.db"), None).unwrap();
    assert_eq!((report.receipts, report.signed_to), (3, Some(report.events)), "under either label");
    good(&rig.at("ledger.db"));
}
