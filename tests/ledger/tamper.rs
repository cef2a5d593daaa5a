//! Whatever is done to a ledger is found.

use std::path::{Path, PathBuf};
use std::process::Command;

use glasskey::ledger::bytes::Hash;
use glasskey::ledger::chain::{Chain, Row};
use glasskey::ledger::event;
use glasskey::ledger::verify::{Report, verify};
use glasskey::ledger::{Body, Ledger, LedgerError, Payload};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::custody::{EVENTS, Key, folder, full};

/// The file as whoever may write it has it: the triggers put aside and back, so that only the events differ.
pub(crate) struct Thief {
    path: PathBuf,
    connection: Connection,
    guards: Vec<String>,
}

impl Thief {
    pub(crate) fn new(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        connection.execute_batch("PRAGMA synchronous = off; PRAGMA ignore_check_constraints = on").unwrap();
        let mut guards = Vec::new();
        for name in ["events_are_never_changed", "events_are_never_removed", "events_follow_one_another"] {
            let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1";
            guards.push(connection.query_row(sql, [name], |row| row.get(0)).unwrap());
            connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        Self { path: path.to_owned(), connection, guards }
    }

    pub(crate) fn back(self) {
        for guard in self.guards {
            self.connection.execute_batch(&guard).unwrap();
        }
    }

    pub(crate) fn row(&self, seq: u64) -> Vec<Value> {
        let sql = "SELECT seq, at, kind, body, prev, seal, receipt, hash FROM events WHERE seq = ?1";
        let all = |row: &rusqlite::Row<'_>| (0..8).map(|place| row.get(place)).collect();
        self.connection.query_row(sql, [number(seq)], all).unwrap()
    }

    pub(crate) fn drop_row(&self, seq: u64) {
        self.connection.execute("DELETE FROM events WHERE seq = ?1", [number(seq)]).unwrap();
    }

    pub(crate) fn put(&self, row: &[Value]) {
        let sql = "INSERT INTO events (seq, at, kind, body, prev, seal, receipt, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        self.connection.execute(sql, params_from_iter(row)).unwrap();
    }

    pub(crate) fn replace(&self, seq: u64, row: &[Value]) {
        self.drop_row(seq);
        self.put(row);
    }

    /// Seals all events from `from` on anew, as a thief would who knows the format.
    pub(crate) fn chain_anew(&self, from: u64) {
        let all = (from..=EVENTS).map(|seq| self.row(seq)).collect();
        self.tell(from, all);
    }

    /// Puts these events in the place of all from `from` on, numbered and sealed well.
    fn tell(&self, from: u64, rows: Vec<Vec<Value>>) {
        self.connection.execute("DELETE FROM events WHERE seq >= ?1", [number(from)]).unwrap();
        let mut prev = if from == 1 { [0; 32].to_vec() } else { blob(&self.row(from - 1)[7]).to_vec() };
        for (seq, mut row) in (from..).zip(rows) {
            row[0] = number(seq);
            let head = Hash::new(prev.as_slice().try_into().unwrap());
            let seal = event::seal(&head, text(&row[3]));
            let receipt = match &row[6] {
                Value::Text(receipt) => Some(receipt.as_str()),
                _ => None,
            };
            let hash = event::hash(&seal, receipt);
            row[4] = Value::Blob(prev);
            prev = hash.as_bytes().to_vec();
            row[5] = Value::Blob(seal.as_bytes().to_vec());
            row[7] = Value::Blob(prev.clone());
            self.put(&row);
        }
    }

    fn verify(&self) -> Report {
        for guard in &self.guards {
            self.connection.execute_batch(guard).unwrap();
        }
        let report = verify(&self.path, None).unwrap();
        for name in ["events_are_never_changed", "events_are_never_removed", "events_follow_one_another"] {
            self.connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        report
    }
}

/// The newest event with a receipt.
const SIGNED_TO: usize = 19;

/// One column of a row.
type Column = fn(&mut Row) -> Option<&mut Vec<u8>>;

pub(crate) fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn blob(value: &Value) -> &[u8] {
    match value {
        Value::Blob(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

fn broken_at(report: &Report) -> (u64, &str) {
    assert!(!report.intact);
    let fault = report.broken.as_ref().unwrap();
    assert_eq!(report.events + 1, fault.seq.unwrap());
    (fault.seq.unwrap(), &fault.reason)
}

/// Every bit of every column of every event, one by one: the rows as the file gives them go through the chain, which is
/// what every verb reads by.
#[test]
fn every_single_bit_of_every_event_is_held() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let thief = Thief::new(&path);
    let bytes = |value: &Value| match value {
        Value::Text(text) => text.as_bytes().to_vec(),
        Value::Blob(bytes) => bytes.clone(),
        other => panic!("{other:?}"),
    };
    let rows: Vec<Row> = (1..=EVENTS)
        .map(|seq| {
            let row = thief.row(seq);
            Row {
                seq: i64::try_from(seq).unwrap(),
                at: bytes(&row[1]),
                kind: bytes(&row[2]),
                body: bytes(&row[3]),
                prev: bytes(&row[4]),
                seal: bytes(&row[5]),
                receipt: (row[6] != Value::Null).then(|| bytes(&row[6])),
                hash: bytes(&row[7]),
            }
        })
        .collect();
    let mut chain = Chain::default();
    let mut flipped = 0_u64;
    for row in &rows {
        for bit in 0..64 {
            let bent = Row { seq: row.seq ^ (1 << bit), ..row.clone() };
            assert!({ chain }.follow(bent).is_err(), "bit {bit} of the number of {}", row.seq);
        }
        let columns: [(&str, Column); 7] = [
            ("at", |row| Some(&mut row.at)),
            ("kind", |row| Some(&mut row.kind)),
            ("body", |row| Some(&mut row.body)),
            ("prev", |row| Some(&mut row.prev)),
            ("seal", |row| Some(&mut row.seal)),
            ("receipt", |row| row.receipt.as_mut()),
            ("hash", |row| Some(&mut row.hash)),
        ];
        for (name, column) in columns {
            let mut bent = row.clone();
            let bits = column(&mut bent).map_or(0, |column| column.len() * 8);
            for bit in 0..bits {
                column(&mut bent).unwrap()[bit / 8] ^= 1 << (bit % 8);
                let followed = { chain }.follow(bent.clone());
                assert!(followed.is_err(), "bit {bit} of '{name}' of event {}", row.seq);
                column(&mut bent).unwrap()[bit / 8] ^= 1 << (bit % 8);
                flipped += 1;
            }
        }
        chain.follow(row.clone()).unwrap();
    }
    assert!(flipped > 200_000, "{flipped}");
}

/// The same through the file and `ledger verify`, for some bits of every column of every event.
#[test]
fn flipped_bits_are_found_in_the_file() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let thief = Thief::new(&path);
    for seq in (1..=EVENTS).step_by(5) {
        let good = thief.row(seq);
        for column in 1..8 {
            let mut bent = good.clone();
            match &mut bent[column] {
                Value::Text(text) => {
                    let place = text.len() / 2;
                    let flipped = char::from(text.as_bytes()[place] ^ 1).to_string();
                    text.replace_range(place..=place, &flipped);
                }
                Value::Blob(bytes) => bytes[31] ^= 0x80,
                _ => continue,
            }
            thief.replace(seq, &bent);
            let report = thief.verify();
            assert_eq!(broken_at(&report).0, seq, "column {column} of event {seq}");
            thief.replace(seq, &good);
        }
    }
    assert!(thief.verify().intact);
}

/// Any bit of the file: either it is found, or what is recorded is what was recorded.
#[test]
fn a_flipped_bit_anywhere_in_the_file_changes_nothing_unseen() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let good = std::fs::read(&path).unwrap();
    let events = |path: &Path| {
        let mut events = Vec::new();
        let read = Ledger::open(path).and_then(|ledger| {
            ledger.for_each::<LedgerError>(0, |entry| {
                events.push(entry.event);
                Ok(())
            })
        });
        read.map(|()| events)
    };
    let wanted = events(&path).unwrap();
    let bent_path = folder.path().join("bent.db");
    let (mut found, mut harmless) = (0, 0);
    // The header more closely than the pages, in steps that meet every column.
    let bits = (0..good.len() * 8).filter(|&bit| (bit < 800 && bit % 3 == 0) || bit % 3989 == 0);
    for bit in bits {
        let mut bent = good.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&bent_path, &bent).unwrap();
        match verify(&bent_path, None) {
            Ok(report) if report.intact => {
                assert_eq!(events(&bent_path).unwrap(), wanted, "bit {bit}");
                harmless += 1;
            }
            Ok(_) | Err(_) => found += 1,
        }
    }
    assert!(found > 150, "{found} found, {harmless} without effect");
}

#[test]
fn events_removed_swapped_put_in_or_moved_are_found() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let thief = Thief::new(&path);
    for seq in [1, 2, 10, EVENTS - 1] {
        let row = thief.row(seq);
        thief.drop_row(seq);
        assert_eq!(broken_at(&thief.verify()).0, seq, "removed");
        thief.put(&row);
    }
    for (a, b) in [(1, 2), (8, 9), (7, 30)] {
        let (mut one, mut other) = (thief.row(a), thief.row(b));
        (one[0], other[0]) = (number(b), number(a));
        thief.replace(a, &other);
        thief.replace(b, &one);
        assert_eq!(broken_at(&thief.verify()).0, a, "swapped");
        (one[0], other[0]) = (number(a), number(b));
        thief.replace(a, &one);
        thief.replace(b, &other);
    }
    for at in [-5, 0] {
        let mut row = thief.row(3);
        row[0] = Value::Integer(at);
        thief.put(&row);
        assert_eq!(broken_at(&thief.verify()).0, 1, "put in before the first");
        thief.connection.execute("DELETE FROM events WHERE seq < 1", []).unwrap();
    }
    // Put in: all later numbers move up by one.
    let mut row = thief.row(20);
    for seq in (20..=EVENTS).rev() {
        thief.connection.execute("UPDATE events SET seq = seq + 1 WHERE seq = ?1", [number(seq)]).unwrap();
    }
    row[0] = number(20);
    thief.put(&row);
    assert_eq!(broken_at(&thief.verify()).0, 21, "put in");
}

#[test]
fn a_history_told_anew_lacks_the_keys_signatures() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let thief = Thief::new(&path);
    let mut row = thief.row(2);
    row[3] = Value::Text(text(&row[3]).replace("hidraw3", "hidraw4"));
    thief.replace(2, &row);
    thief.chain_anew(2);
    let report = thief.verify();
    let (seq, reason) = broken_at(&report);
    assert_eq!(seq, 4, "the first event after it that a key has signed: {reason}");
    assert!(reason.contains("receipt"), "{reason}");
}

/// Every event that a key has signed or that stands before one: taken out, doubled or exchanged with the next, and all
/// that follows numbered and sealed as if it had always been so.
#[test]
fn a_history_told_in_another_order_lacks_them_too() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let thief = Thief::new(&path);
    let good: Vec<_> = (1..=EVENTS).map(|seq| thief.row(seq)).collect();
    for place in 1..SIGNED_TO {
        let mut out = good.clone();
        out.remove(place);
        let mut twice = good.clone();
        twice.insert(place, good[place].clone());
        let mut turned = good.clone();
        turned.swap(place, place + 1);
        // What the last key has signed is not proved to be the last: nothing signed comes after it.
        let last = place + 1 == SIGNED_TO;
        for (what, told) in [("taken out", out), ("doubled", twice), ("exchanged", turned)] {
            thief.tell(1, told);
            let report = thief.verify();
            if what == "taken out" && last {
                assert!(report.intact, "{report:?}");
                continue;
            }
            let (seq, reason) = broken_at(&report);
            let at = u64::try_from(place).unwrap() + 1;
            assert!(seq >= at && seq <= at + 3, "event {at} {what}: {seq} {reason}");
            assert!(reason.contains("receipt") || reason.contains("signed"), "event {at} {what}: {reason}");
        }
    }
    thief.tell(1, good);
    assert!(thief.verify().intact);
}

#[test]
fn a_receipt_under_what_no_key_can_sign_is_found() {
    let folder = folder();
    let (path, mut keys) = full(folder.path());
    let thief = Thief::new(&path);
    for seq in [1, 2, 3] {
        let good = thief.row(seq);
        let mut row = good.clone();
        let receipt = keys[0].receipt(Hash::new(blob(&row[5]).try_into().unwrap()));
        row[6] = Value::Text(receipt.canonical().unwrap());
        thief.replace(seq, &row);
        thief.chain_anew(seq);
        let report = thief.verify();
        let (broken, reason) = broken_at(&report);
        assert_eq!((broken, reason), (seq, "it has a receipt, but no enrolled key could have signed it"));
        thief.replace(seq, &good);
        thief.chain_anew(seq);
    }
}

/// The newest receipt taken away and all sealed anew is a younger ledger: no file can tell, but the head on a label does.
#[test]
fn a_last_receipt_taken_away_is_found_by_the_head_alone() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let head = Ledger::open(&path).unwrap().event(19).unwrap().unwrap().event.hash;
    let thief = Thief::new(&path);
    let mut row = thief.row(19);
    row[6] = Value::Null;
    thief.replace(19, &row);
    thief.chain_anew(19);
    let report = thief.verify();
    assert_eq!((report.intact, report.signed_to), (true, Some(18)), "it says where the proof ends");
    thief.back();
    let report = verify(&path, Some(head)).unwrap();
    assert!(!report.intact && report.told.unwrap().seq.is_none());
}

#[test]
fn a_replaced_public_key_is_found() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let thief = Thief::new(&path);
    let mut mallory = Key::new(666);
    // Only the key: it is not the one that was registered.
    let mut row = thief.row(5);
    let body = Body::parse(text(&row[3])).unwrap();
    let Payload::Enrolled(mut enrolled) = body.event.clone() else { panic!("event 5 enrolls") };
    enrolled.custody.public_key = mallory.cose().into();
    row[3] = Value::Text(Body { event: Payload::Enrolled(enrolled), ..body }.canonical().unwrap());
    thief.replace(5, &row);
    thief.chain_anew(5);
    let report = thief.verify();
    assert_eq!(broken_at(&report).0, 5);
    // The whole enrolment, signed anew by another key: the checks that followed are not by that key.
    let body = Body::parse(text(&row[3])).unwrap();
    mallory.label = "EA-00002".into();
    let event = Payload::Enrolled(Box::new(mallory.enrolled("EA-01", true)));
    let text = Body { event, ..body }.canonical().unwrap();
    let prev = Hash::new(blob(&thief.row(4)[7]).try_into().unwrap());
    let receipt = mallory.receipt(event::seal(&prev, &text));
    row[3] = Value::Text(text);
    row[6] = Value::Text(receipt.canonical().unwrap());
    thief.replace(5, &row);
    thief.chain_anew(5);
    let report = thief.verify();
    assert_eq!(broken_at(&report).0, 6, "the next event that another key has signed");
}

#[test]
fn a_forged_receipt_is_found() {
    let folder = folder();
    let (path, mut keys) = full(folder.path());
    let thief = Thief::new(&path);
    let good = thief.row(19);
    let seal = Hash::new(blob(&good[5]).try_into().unwrap());
    let forge = |row: &mut Vec<Value>, receipt: glasskey::ledger::Receipt| {
        row[6] = Value::Text(receipt.canonical().unwrap());
        let hash = event::hash(&seal, Some(text(&row[6])));
        row[7] = Value::Blob(hash.as_bytes().to_vec());
        thief.replace(19, row);
        thief.chain_anew(20);
        let report = thief.verify();
        let (seq, reason) = broken_at(&report);
        assert_eq!((seq, reason.contains("receipt")), (19, true), "{reason}");
    };
    let mut row = good.clone();
    forge(&mut row, Key::new(666).receipt(seal));
    forge(&mut row, keys[0].receipt(seal));
    forge(&mut row, keys[3].receipt(Hash::ZERO));
    // Without a touch or without a PIN it is no receipt.
    let mut silent = keys[3].receipt(seal);
    silent.auth_data.0[32] = 0x01;
    forge(&mut row, silent);
    // The key's own signature again: good, for what it signs is the same.
    let again = keys[3].receipt(seal);
    row[6] = Value::Text(again.canonical().unwrap());
    thief.replace(19, &row);
    thief.chain_anew(19);
    assert!(thief.verify().intact);
}

#[test]
fn an_enrolment_stripped_of_its_receipt_is_found() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let thief = Thief::new(&path);
    let mut row = thief.row(7);
    row[6] = Value::Null;
    thief.replace(7, &row);
    thief.chain_anew(7);
    let report = thief.verify();
    assert_eq!(broken_at(&report).0, 7);
    assert!(report.broken.unwrap().reason.contains("has not signed"));
}

#[test]
fn a_cut_off_tail_is_found_by_the_head_alone() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let head = Ledger::open(&path).unwrap().head();
    let early = Ledger::open(&path).unwrap().event(20).unwrap().unwrap().event.hash;
    let whole = verify(&path, Some(head)).unwrap();
    assert_eq!((whole.intact, whole.told.unwrap().seq), (true, Some(EVENTS)));
    for last in (1..EVENTS).rev() {
        let thief = Thief::new(&path);
        thief.drop_row(last + 1);
        thief.back();
        let cut = verify(&path, None).unwrap();
        assert!(cut.intact && cut.events == last, "the file alone cannot tell");
        let cut = verify(&path, Some(head)).unwrap();
        assert!(!cut.intact && cut.broken.is_none() && cut.told.unwrap().seq.is_none());
        let cut = verify(&path, Some(early)).unwrap();
        assert_eq!((cut.intact, cut.told.unwrap().seq), (last >= 20, (last >= 20).then_some(20)));
    }
    let verified = Command::new(env!("CARGO_BIN_EXE_glasskey"))
        .arg("--ledger")
        .arg(&path)
        .args(["ledger", "verify", "--head", &head.to_string()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&verified.stdout);
    assert_eq!(verified.status.code(), Some(6), "{told}");
    assert!(told.contains("cut off or replaced") && told.contains("NOT INTACT"), "{told}");
}

#[test]
fn the_guards_hold_and_are_guarded() {
    let folder = folder();
    let (path, _) = full(folder.path());
    let connection = Connection::open(&path).unwrap();
    for sql in [
        "UPDATE events SET kind = 'lost' WHERE seq = 2",
        "DELETE FROM events WHERE seq = 36",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 2",
        "INSERT INTO events SELECT 99, at, kind, body, prev, seal, receipt, hash FROM events WHERE seq = 2",
    ] {
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
    assert!(verify(&path, None).unwrap().intact);
    drop(Thief::new(&path));
    let report = verify(&path, None).unwrap();
    assert!(!report.intact && report.broken.unwrap().reason.contains("triggers"));
    assert!(matches!(Ledger::open(&path), Err(LedgerError::Guards)));
}

fn number(seq: u64) -> Value {
    Value::Integer(i64::try_from(seq).unwrap())
}
