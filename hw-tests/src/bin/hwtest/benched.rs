//! The bench for real keys, on virtual ones: what it refuses, what it does to a key, what its sheet says.

use std::fs;
use std::path::Path;

use glasskey::soft::{Op, SoftKey};
use glasskey_hw_tests::catalogue::{passkey, retries};
use glasskey_hw_tests::plug::{Counts, Plugged};
use serde_json::Value;

use crate::Test;
use crate::lab::{Lab, PIN, PIN_LINE, ensure};
use crate::process::{Job, Ran};

pub(crate) const TESTS: &[Test] = &[
    ("bench: a key with a PIN is refused without --yes and the PIN", refused),
    ("bench: a key with a PIN and a passkey, told both", held),
    ("bench: a wrong PIN is tried once", wrong),
    ("bench: a key without a PIN, asked first", blank),
];

type Done = Result<String, String>;

fn words(error: impl ToString) -> String {
    error.to_string()
}

/// The bench on this key, and what the key counted.
fn bench(key: &SoftKey, arguments: &[&str], input: &str) -> Result<(Ran, Counts), String> {
    let plugged = Plugged::new(key, key.name()).map_err(words)?;
    let program = std::env::current_exe().map_err(words)?;
    let ran = Job::new(&program.to_string_lossy(), &[&["bench"], arguments].concat()).input(input).run();
    Ok((ran.map_err(words)?, plugged.counts()))
}

/// It was refused, with these words, and the key was only read.
fn refuses(key: &SoftKey, arguments: &[&str], input: &str, why: &str) -> Result<(), String> {
    let (ran, counts) = bench(key, arguments, input)?;
    let ran = ran.expect(2)?;
    ensure(ran.err.contains(why), || format!("it does not say {why:?}: {}", ran.brief()))?;
    ensure(ran.out.is_empty(), || format!("a sheet: {}", ran.brief()))?;
    let read = counts.transactions
        == counts.command(Op::Init) + counts.command(Op::GetInfo) + counts.command(Op::Retries);
    ensure(read, || format!("it did more than read: {counts:?}"))
}

/// The sheet has a row for each of these tests.
fn has_rows(sheet: &str, rows: &[&str]) -> Result<(), String> {
    let missing: Vec<_> = rows.iter().filter(|row| !sheet.contains(&format!("\n| {row} |"))).collect();
    ensure(missing.is_empty(), || format!("no rows {missing:?}: {sheet}"))
}

const READ: [&str; 5] = ["keys", "info", "pin status", "check --no-touch", "info, after"];

fn refused(lab: &Lab) -> Done {
    let key = lab.key("bench-refused").map_err(words)?;
    passkey(&key, Some(PIN)).map_err(words)?;
    refuses(&key, &[], PIN_LINE, "give the PIN on standard input, and --yes")?;
    refuses(&key, &["--yes"], "", "no PIN on standard input")?;
    refuses(&key, &["--yes"], "\n", "no PIN on standard input")?;
    ensure(retries(&key).map_err(words)? == 8, || "a PIN attempt was lost".to_owned())?;
    Ok(String::new())
}

fn held(lab: &Lab) -> Done {
    let key = lab.key("bench-held").map_err(words)?;
    passkey(&key, Some(PIN)).map_err(words)?;
    let list = || -> Result<Value, String> {
        let _plugged = Plugged::new(&key, key.name()).map_err(words)?;
        let ran = lab.glasskey(&["credentials", "list", "--pin-stdin", "--json"]).input(PIN_LINE).run();
        Ok(ran.map_err(words)?.expect(0)?.json()?["credentials"].take())
    };
    let before = list()?;
    ensure(before.to_string().contains("rp.example"), || before.to_string())?;
    let sheet = Path::new("/tmp/sheet.md");
    let (ran, counts) = bench(&key, &["--yes", "--sheet", &sheet.to_string_lossy()], PIN_LINE)?;
    ran.expect(0)?;
    let sheet = fs::read_to_string(sheet).map_err(words)?;
    has_rows(&sheet, &[&READ[..], &["pin verify", "check", "pin set, pin change", "faults"]].concat())?;
    ensure(!sheet.contains("FAILED") && !sheet.contains(PIN), || sheet.clone())?;
    ensure(counts.command(Op::MakeCred) == 1 && counts.command(Op::GetAssertion) == 1, || {
        format!("{counts:?}")
    })?;
    let changes = counts.command(Op::SetPin) + counts.command(Op::ChangePin) + counts.command(Op::Reset);
    ensure(changes == 0, || format!("it changed the key: {counts:?}"))?;
    ensure(list()? == before, || "other credentials than before".to_owned())?;
    ensure(retries(&key).map_err(words)? == 8, || "a PIN attempt was lost".to_owned())?;
    Ok(format!("{} rows on the sheet, nothing changed on the key", sheet.matches("\n| ").count()))
}

fn wrong(lab: &Lab) -> Done {
    let key = lab.key("bench-wrong").map_err(words)?;
    let (ran, counts) = bench(&key, &["--yes"], "000000\n")?;
    let sheet = ran.expect(1)?.out;
    has_rows(&sheet, &READ)?;
    ensure(sheet.contains("| pin verify | **FAILED**"), || sheet.clone())?;
    ensure(sheet.contains("| check | skipped: the PIN was not taken"), || sheet.clone())?;
    ensure(counts.command(Op::PinToken) == 1, || format!("{counts:?}"))?;
    ensure(retries(&key).map_err(words)? == 7, || "not one attempt".to_owned())?;
    Ok(String::new())
}

fn blank(lab: &Lab) -> Done {
    let key = lab.blank_key("bench-blank").map_err(words)?;
    passkey(&key, None).map_err(words)?;
    refuses(&key, &[], "n\n", "nothing was done")?;
    refuses(&key, &[], "", "nothing was done")?;
    let (ran, counts) = bench(&key, &[], "y\n")?;
    let ran = ran.expect(0)?;
    ensure(ran.err.contains("may hold credentials"), || ran.brief())?;
    has_rows(&ran.out, &[&READ[..], &["check"]].concat())?;
    ensure(ran.out.contains("| pin verify | skipped: the key has no PIN"), || ran.out.clone())?;
    ensure(counts.command(Op::SetPin) + counts.command(Op::PinToken) == 0, || format!("{counts:?}"))?;
    Ok(String::new())
}
