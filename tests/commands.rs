//! `credentials`, `reset` and what `check` tells of passkeys, as they are typed.
#![cfg(feature = "softkey")]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests, which read schemas and settings"
)]

#[cfg(test)] // clippy allows helpers of tests what it allows tests
#[path = "support/exercise.rs"]
#[expect(dead_code, reason = "this binary uses a part")]
mod exercise;
#[cfg(test)]
#[path = "support/passkeys.rs"]
mod passkeys;
#[cfg(test)]
#[path = "support/ran.rs"]
mod ran;
#[cfg(test)]
#[path = "support/schema.rs"]
mod schema;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use glasskey::soft::Options;
use serde_json::Value;

use glasskey::webauthn::relying_party::ENTRA_RP_ID;
use passkeys::{holding, list};
use ran::Ran;

const UPN: &str = "ea-01@contoso.onmicrosoft.com";

/// One test at a time: a child that another test is just starting holds, for a moment, the locks of this one's keys.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ran {
    /// The document, of this schema.
    fn document(&self, name: &str) -> Value {
        let document = self.json();
        assert_eq!(document.get("schema").unwrap(), &format!("glasskey.{name}"));
        assert_eq!(schema::faults(&document), [""; 0], "{document:#}");
        document
    }
}

fn run(home: &Path, input: &str, arguments: &[&str]) -> Ran {
    Ran::of(Command::new(env!("CARGO_BIN_EXE_glasskey")).arg("--soft").arg(home).args(arguments), input)
}

#[test]
fn the_list_is_a_table_and_a_document() {
    let _alone = alone();
    let hostile = "\u{1b}[31malice\u{202e}";
    let (home, _) = holding(&Options::default(), &[(ENTRA_RP_ID, UPN), ("github.com", hostile)]);
    let ran = run(home.path(), "123456\n", &["--pin-stdin", "credentials", "list"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains(ENTRA_RP_ID) && ran.out.contains(UPN), "{}", ran.out);
    assert!(ran.out.contains(r"\u{1b}[31malice\u{202e}") && !ran.out.contains('\u{1b}'), "{}", ran.out);
    assert!(ran.out.contains("2 on the key"), "{}", ran.out);
    assert!(ran.err.contains("8 PIN attempts left"), "{}", ran.err);
    let ran = run(home.path(), "123456\n", &["--json", "--pin-stdin", "credentials", "list"]);
    let document = ran.document("credentials/1");
    assert_eq!(document["credentials"].as_array().unwrap().len(), 2);
    assert_eq!(document["deleted"], Value::Null);
    assert!(document["credentials"].as_array().unwrap().iter().any(|c| c["user_name"] == hostile));
}

#[test]
fn a_wrong_pin_lists_nothing_and_no_pin_neither() {
    let _alone = alone();
    let (home, _) = holding(&Options::default(), &[]);
    assert_eq!(run(home.path(), "000000\n", &["--pin-stdin", "credentials", "list"]).code, 5);
    let bare = tempfile::tempdir().unwrap();
    glasskey::soft::create(bare.path(), "k", &Options::default()).unwrap();
    assert_eq!(run(bare.path(), "123456\n", &["--pin-stdin", "credentials", "list"]).code, 5);
    let mut options = Options::default();
    options.info = options.info.remove("4.credMgmt");
    let (mute, _) = holding(&options, &[]);
    let ran = run(mute.path(), "123456\n", &["--json", "--pin-stdin", "credentials", "list"]);
    assert_eq!(ran.code, 2);
    ran.document("error/1");
}

#[test]
fn a_passkey_is_deleted_by_its_id_or_the_beginning_of_it() {
    let _alone = alone();
    let three = [("a.example", "a"), ("b.example", "b"), ("c.example", "c")];
    let (home, key) = holding(&Options::default(), &three);
    let listed = list(&mut exercise::open(&key).0).unwrap();
    let hexadecimal: Vec<_> = listed.passkeys.iter().map(|p| hex::encode(&p.credential_id)).collect();
    let delete = |id: &str, input: &str, more: &[&str]| {
        run(home.path(), input, &[&["--pin-stdin", "credentials", "delete", id], more].concat())
    };
    assert_eq!(delete("deadbeefdeadbeef", "123456\n", &["--yes"]).code, 2);
    let short = &hexadecimal[0][..7];
    assert_eq!(delete(short, "123456\n", &["--yes"]).code, 2, "too short to name one");
    // Neither another word nor none deletes anything.
    for input in ["123456\n", "123456\nyes\n"] {
        let ran = delete(&hexadecimal[0], input, &[]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(
            ran.err.contains("cannot be had back") && ran.err.contains("nothing was done"),
            "{}",
            ran.err
        );
    }
    assert_eq!(list(&mut exercise::open(&key).0).unwrap().count.existing, 3);
    assert_eq!(delete(&hexadecimal[0], "123456\ndelete\n", &[]).code, 0);
    // What the table shows is enough.
    let shown = run(home.path(), "123456\n", &["--pin-stdin", "credentials", "list"]).out;
    let words: Vec<_> = shown.split_whitespace().collect();
    let begins = words.iter().find(|word| word.len() >= 8 && hexadecimal[1].starts_with(**word)).unwrap();
    assert_eq!(delete(&begins.to_uppercase(), "123456\n", &["--yes"]).code, 0);
    let ran = run(home.path(), "123456\n", &["--json", "--pin-stdin", "credentials", "list"]);
    let id = ran.document("credentials/1")["credentials"][0]["credential_id"].as_str().unwrap().to_owned();
    // A base64url id may begin with a hyphen.
    let ran =
        run(home.path(), "123456\n", &["--json", "--pin-stdin", "credentials", "delete", "--yes", "--", &id]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let document = ran.document("credentials/1");
    assert_eq!((&document["existing"], &document["deleted"]["credential_id"]), (&0.into(), &id.into()));
}

#[test]
fn a_key_that_does_not_delete_is_told() {
    let _alone = alone();
    let (home, key) = holding(&Options::default(), &[("a.example", "a")]);
    let id = hex::encode(&list(&mut exercise::open(&key).0).unwrap().passkeys[0].credential_id);
    let settings = home.path().join("k/key.toml");
    let bend = |fault: &str| {
        let text = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(&settings, format!("faults = [\"{fault}\"]\n{text}")).unwrap();
    };
    // Count, first site, first credential, delete: the fourth is refused.
    bend("ctap-error=0x27@credmgmt+3");
    let ran = run(home.path(), "123456\n", &["--pin-stdin", "credentials", "delete", &id, "--yes"]);
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.out.is_empty() && ran.err.contains("deleteCredential"), "{} {}", ran.out, ran.err);
}

#[test]
fn a_reset_wants_the_word_and_leaves_a_key_without_a_pin() {
    let _alone = alone();
    let (home, key) = holding(&Options::default(), &[("a.example", "a")]);
    for input in ["", "reset\n"] {
        let ran = run(home.path(), input, &["reset"]);
        assert_eq!(ran.code, 1);
        assert!(ran.err.contains("erases") && ran.err.contains("nothing was done"), "{}", ran.err);
    }
    assert_eq!(list(&mut exercise::open(&key).0).unwrap().count.existing, 1);
    assert_eq!(run(home.path(), "erase\n", &["reset"]).code, 0);
    let ran = run(home.path(), "", &["--json", "reset", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let document = ran.document("reset/1");
    assert_eq!((&document["pin_was_set"], &document["pin_set"]), (&false.into(), &false.into()));
    let ran = run(home.path(), "", &["--json", "pin", "status"]);
    assert!(ran.out.contains("\"pin_set\": false"), "{}", ran.out);
}

#[test]
fn ctrl_c_at_the_word_erases_nothing() {
    let _alone = alone();
    let (home, key) = holding(&Options::default(), &[("a.example", "a")]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_glasskey"))
        .args(["--soft".as_ref(), home.path().as_os_str(), "reset".as_ref()])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("Type the word")));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(list(&mut exercise::open(&key).0).unwrap().count.existing, 1);
}

#[test]
fn a_key_that_refuses_its_reset_is_told_in_plain_words() {
    let _alone = alone();
    for (fault, words) in
        [("ctap-error=0x30@reset", "plug it in again"), ("ctap-error=0x27@reset", "the touch was refused")]
    {
        let home = tempfile::tempdir().unwrap();
        let faults = vec![fault.parse().unwrap()];
        glasskey::soft::create(home.path(), "k", &Options { faults, ..Options::default() }).unwrap();
        let ran = run(home.path(), "", &["reset", "--yes"]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("not erased") && ran.err.contains(words), "{}", ran.err);
        run(home.path(), "", &["--json", "reset", "--yes"]).document("error/1");
    }
    let home = tempfile::tempdir().unwrap();
    let mut options = Options::default();
    options.info = options.info.set(0x1a, vec!["nfc"]);
    glasskey::soft::create(home.path(), "k", &options).unwrap();
    assert_eq!(run(home.path(), "", &["reset", "--yes"]).code, 1, "it can be reset over NFC only");
}

#[test]
fn a_check_tells_what_is_on_the_key_unless_it_is_told_not_to() {
    let _alone = alone();
    let (home, _) = holding(&Options::default(), &[(ENTRA_RP_ID, UPN), ("github.com", "alice")]);
    let ran = run(home.path(), "123456\n", &["--json", "--pin-stdin", "check"]);
    let document = ran.document("check/1");
    assert_eq!(document["key"]["credentials"]["existing"], 2);
    let passkeys = document["key"]["credentials"]["passkeys"].as_array().unwrap();
    assert!(passkeys.iter().all(|passkey| passkey.as_object().unwrap().len() == 2), "{passkeys:?}");
    let ran = run(home.path(), "123456\n", &["--json", "--pin-stdin", "check", "--no-passkeys"]);
    let document = ran.document("check/1");
    assert_eq!(document["key"]["credentials"], Value::Null);
    let findings = document["findings"].as_array().unwrap();
    for id in ["stray-credentials", "entra-credential"] {
        let finding = findings.iter().find(|finding| finding["id"] == id).unwrap();
        assert_eq!(finding["status"], "skipped");
        assert!(finding["saw"].as_str().unwrap().contains("--no-passkeys"));
    }
    run(home.path(), "", &["--json", "info"]).document("info/1");
}

#[test]
fn a_list_that_makes_no_sense_is_the_keys_fault_and_a_refused_one_a_warning() {
    let _alone = alone();
    for (fault, code, status) in [
        ("truncated-cbor@credmgmt", 7, "fail"),
        ("vanish@credmgmt", 7, "fail"),
        ("ctap-error=0x33@credmgmt", 1, "warn"),
    ] {
        let (home, _) = holding(&Options { faults: vec![fault.parse().unwrap()], ..Options::default() }, &[]);
        let ran = run(home.path(), "123456\n", &["--json", "--pin-stdin", "check"]);
        // The model is unknown, so that the verdict is `not fit` whatever is listed.
        assert_eq!(ran.code, code, "{fault}: {}", ran.err);
        let document = ran.document("check/1");
        let findings = document["findings"].as_array().unwrap();
        let stray = findings.iter().find(|finding| finding["id"] == "stray-credentials").unwrap();
        assert_eq!(stray["status"], status, "{fault}");
    }
}
