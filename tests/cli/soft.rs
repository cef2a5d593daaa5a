//! The program with soft keys in the place of USB.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Ran, run, run_with};

/// A model with nothing known against this firmware, and another vendor's.
const YUBI: [&str; 4] = ["--aaguid", "a25342c0-3cdc-4414-8e46-f4807fca511c", "--firmware", "5.7.4"];
const TOKEN2: [&str; 2] = ["--aaguid", "eabb46cc-e241-80bf-ae9e-96fa6d2975cf"];
const ALLOWED: [&str; 4] =
    ["--policy", "tests/data/cli/profile.json", "--policy", "tests/data/cli/strength.json"];

/// A folder of soft keys.
struct Keys(TempDir);

impl Keys {
    fn none() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One key with a PIN.
    fn one() -> Self {
        let keys = Self::none();
        keys.add("alice", &[&YUBI[..], &["--pin", "1234"]].concat());
        keys
    }

    fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    fn add(&self, name: &str, options: &[&str]) {
        let ran = run(&[&["soft", "create", self.path(), name], options].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with("", arguments)
    }

    /// `input`: the lines of standard input where PINs are read.
    fn run_with(&self, input: &str, arguments: &[&str]) -> Ran {
        let ran = run_with(input, &[&["--soft", self.path(), "--pin-stdin"], arguments].concat());
        for pin in input.lines().filter(|pin| !pin.is_empty()) {
            assert!(!ran.says(&[pin]), "a PIN is never shown: {ran:?}");
        }
        ran
    }

    fn json(&self, input: &str, arguments: &[&str]) -> (i32, Value) {
        let ran = self.run_with(input, &[&["--json"], arguments].concat());
        (ran.code, ran.json())
    }

    /// PIN attempts left on the only key, or none where no PIN is set.
    fn attempts(&self) -> Value {
        self.json("", &["pin", "status"]).1["retries"].clone()
    }
}

fn status(check: &Value, id: &str) -> String {
    let findings = check["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["id"] == id).unwrap()["status"].as_str().unwrap().to_owned()
}

#[test]
fn without_a_key_every_verb_that_wants_one_ends_with_3() {
    let keys = Keys::none();
    for verb in
        [&["keys"][..], &["info"], &["check"], &["check", "--all"], &["pin", "status"], &["pin", "set"]]
    {
        let ran = keys.run(verb);
        assert!(
            ran.code == 3 && ran.out.is_empty() && ran.says(&["no FIDO2 key", "glasskey doctor"]),
            "{ran:?}"
        );
        let (code, document) = keys.json("", verb);
        assert_eq!(code, 3, "{verb:?}");
        let expected = if verb == ["keys"] { "glasskey.keys/1" } else { "glasskey.error/1" };
        assert_eq!(document["schema"], expected);
    }
    let ran = keys.run(&["--key", "1", "info"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let missing = run(&["--soft", "/nonexistent", "keys"]);
    assert!(missing.code == 2 && missing.says(&["/nonexistent"]), "{missing:?}");
}

#[test]
fn keys_are_made_listed_and_told_apart() {
    let keys = Keys::one();
    keys.add("bob", &TOKEN2);
    let again = run(&[&["soft", "create", keys.path(), "bob"], &TOKEN2[..]].concat());
    assert!(again.code == 2 && again.says(&["bob"]), "{again:?}");
    assert!(run(&["soft", "list", keys.path()]).says(&["soft:alice", "soft:bob", TOKEN2[1]]));

    let list = keys.run(&["keys"]);
    assert!(list.code == 0 && list.says(&["YubiKey 5 NFC", "Yubico", "soft:alice", "soft:bob"]), "{list:?}");
    let (code, document) = keys.json("", &["keys"]);
    assert_eq!(code, 0);
    assert_eq!(
        document["keys"][1],
        json!({
            "number": 2, "path": "soft:bob", "openable": true, "reason": null, "vendor_id": 0x1209, "product_id": 1,
            "product": "Soft key bob", "aaguid": TOKEN2[1], "model": "TOKEN2 PIN Plus Security Key Series",
            "vendor": "Token2",
        })
    );

    let unnamed = keys.run(&["info"]);
    assert!(unnamed.code == 2 && unnamed.says(&["1  soft:alice", "2  soft:bob", "--key"]), "{unnamed:?}");
    assert_eq!(keys.json("", &["info"]).1["error"]["kind"], "several-keys");
    for name in ["2", "soft:bob"] {
        let (code, document) = keys.json("", &["--key", name, "info"]);
        assert_eq!((code, &document["key"]["path"]), (0, &"soft:bob".into()));
    }
    for name in ["3", "0", "02", "bob", "soft:carol", ""] {
        let ran = keys.run(&["--key", name, "info"]);
        assert!(ran.code == 3 && ran.says(&["glasskey keys"]), "{name:?}: {ran:?}");
    }
}

#[test]
fn info_tells_what_is_said_and_what_is_unsaid() {
    let keys = Keys::one();
    let text = keys.run(&["info"]);
    assert_eq!(text.code, 0);
    assert!(text.says(&[
        "YubiKey 5 NFC",
        "SOFT KEY",
        YUBI[1],
        "5.7.4",
        "PIN attempts left",
        "unsaid",
        "FIDO_2_1"
    ]));
    let (_, document) = keys.json("", &["info"]);
    assert_eq!(document["schema"], "glasskey.info/1");
    let key = &document["key"];
    assert_eq!(
        (&key["soft"], &key["pin_set"], &key["retries"]["left"]),
        (&true.into(), &true.into(), &8.into())
    );
    assert_eq!((&key["info"]["aaguid"], &document["firmware"]), (&YUBI[1].into(), &"5.7.4".into()));
    assert_eq!(key["info"]["certifications"], Value::Null, "unsaid, not empty");
    assert_eq!(key["info"]["options"]["clientPin"], true);
}

#[test]
fn a_good_key_that_the_lists_allow_is_fit_and_one_that_they_do_not_is_not() {
    let keys = Keys::one();
    let (code, fit) = keys.json("1234\n", &[&["check"], &ALLOWED[..]].concat());
    assert_eq!(
        (code, &fit["schema"], &fit["verdict"]),
        (0, &"glasskey.check/1".into(), &"fit".into()),
        "{fit:#}"
    );
    for id in [
        "allow-list",
        "allow-list-agreement",
        "attestation",
        "uv-proven",
        "test-registration",
        "test-assertion",
    ] {
        assert_eq!((id, status(&fit, id).as_str()), (id, "pass"), "{fit:#}");
    }
    assert_eq!(keys.attempts(), 8);

    let (code, unlisted) = keys.json("1234\n", &["check", "--policy", "tests/data/cli/others.txt"]);
    assert_eq!((code, &unlisted["verdict"]), (1, &"not-fit".into()));
    assert_eq!(status(&unlisted, "allow-list"), "fail");
    let text = keys.run_with("1234\n", &["check", "--policy", "tests/data/cli/others.txt"]);
    assert!(
        text.code == 1
            && text.says(&["NOT FIT", "FAIL", "allow-list", "8 PIN attempts left", "touch the key"])
    );

    // A policy that cannot be read is found before the key is asked for anything.
    let ran = keys.run_with("4321\n", &["check", "--policy", "tests/data/cli/bent.txt"]);
    assert!(ran.code == 2 && ran.says(&["bent.txt", "line 2"]), "{ran:?}");
    let ran =
        keys.run_with("4321\n", &["check", "--policy", "tests/data/cli/profile.json", "--profile", "None"]);
    assert!(ran.code == 2 && ran.says(&["Break glass"]), "{ran:?}");
    assert_eq!(keys.attempts(), 8);
}

#[test]
fn without_touch_nothing_is_asked_of_the_person_and_nothing_is_proven() {
    let keys = Keys::one();
    let (code, check) = keys.json("", &[&["check", "--no-touch"], &ALLOWED[..]].concat());
    assert_eq!((code, &check["verdict"]), (0, &"fit-with-warnings".into()), "never fit: {check:#}");
    for id in ["attestation", "uv-proven", "test-registration", "test-assertion"] {
        assert_eq!((id, status(&check, id).as_str()), (id, "skipped"));
    }
}

#[test]
fn a_key_without_a_pin_is_not_fit() {
    let keys = Keys::none();
    keys.add("bob", &YUBI);
    let (code, check) = keys.json("", &[&["check"], &ALLOWED[..]].concat());
    assert_eq!((code, &check["verdict"]), (1, &"not-fit".into()));
    assert_eq!((status(&check, "pin-set"), status(&check, "uv-proven")), ("fail".into(), "fail".into()));
    assert_eq!(status(&check, "test-registration"), "pass");
}

#[test]
fn a_wrong_pin_costs_one_attempt_and_the_last_ones_are_guarded() {
    let keys = Keys::one();
    let ran = keys.run_with("4321\n1234\n", &["check"]);
    assert!(ran.code == 5 && ran.says(&["8 PIN attempts left", "wrong; 7 attempts are left"]), "{ran:?}");
    assert_eq!(keys.attempts(), 7, "one line, one attempt");
    for left in [6, 5, 4, 3] {
        let (code, error) = keys.json("4321\n", &["pin", "verify"]);
        assert_eq!((code, &error["error"]["kind"]), (5, &"pin".into()), "{error}");
        assert_eq!(keys.attempts(), left);
    }
    for verb in [&["check"][..], &["pin", "verify"], &["pin", "change"]] {
        let ran = keys.run_with("1234\n5678\n", verb);
        assert!(ran.code == 5 && ran.says(&["only 3 PIN attempts", "--spend-scarce-pin-attempt"]), "{ran:?}");
    }
    assert_eq!(keys.attempts(), 3, "not even the right PIN was sent");
    assert_eq!(keys.run_with("1234\n", &["pin", "verify", "--spend-scarce-pin-attempt"]).code, 0);
    assert_eq!(keys.attempts(), 8);
}

#[test]
fn a_pin_is_set_changed_and_verified() {
    let keys = Keys::none();
    keys.add("bob", &TOKEN2);
    assert!(keys.run(&["pin", "status"]).says(&["no PIN is set"]));
    for verb in [["pin", "verify"], ["pin", "change"]] {
        let ran = keys.run_with("1234\n5678\n", &verb);
        assert!(ran.code == 5 && ran.says(&["no PIN is set", "glasskey pin set"]), "{ran:?}");
    }
    for bad in ["123\n", "a\u{301}e\u{301}i\u{301}\n", &format!("{}\n", "9".repeat(64))] {
        let ran = keys.run_with(bad, &["pin", "set"]);
        assert!(ran.code == 5 && ran.says(&["was not sent"]), "{ran:?}");
    }
    assert_eq!(keys.attempts(), Value::Null, "still no PIN");
    let (code, set) = keys.json("Schlüssel\n", &["pin", "set"]);
    assert_eq!(
        (code, &set["schema"], &set["did"], &set["pin_set"]),
        (0, &"glasskey.pin/1".into(), &"set".into(), &true.into())
    );
    let ran = keys.run_with("1234\n", &["pin", "set"]);
    assert!(ran.code == 5 && ran.says(&["already set", "glasskey pin change"]), "{ran:?}");
    // The same PIN, spelt otherwise.
    assert_eq!(keys.run_with("Schlu\u{308}ssel\r\n", &["pin", "verify"]).code, 0);
    for (lines, left) in [("Schlüssel\n123\n", 8), ("Schlüssel\n", 8), ("Schluessel\n123456\n", 7)] {
        let ran = keys.run_with(lines, &["pin", "change"]);
        let expected = if lines == "Schlüssel\n" { 2 } else { 5 };
        assert_eq!((ran.code, keys.attempts()), (expected, left.into()), "{ran:?}");
    }
    assert_eq!(keys.run_with("Schlüssel\n246810\n", &["pin", "change"]).code, 0);
    let verified = keys.run_with("246810\n", &["pin", "verify"]);
    assert!(verified.code == 0 && verified.says(&["the PIN is right; 8 attempts left"]), "{verified:?}");
}

#[test]
fn where_standard_input_has_no_pin_none_is_sent() {
    let keys = Keys::one();
    for verb in [&["check"][..], &["pin", "verify"], &["pin", "change"]] {
        let ran = keys.run_with("", verb);
        assert!(ran.code == 2 && ran.says(&["standard input ended"]), "{ran:?}");
        let ran = keys.run_with("\n", verb);
        assert!(ran.code == 5 && ran.says(&["was not sent"]), "{ran:?}");
    }
    assert_eq!(keys.attempts(), 8);
}

#[test]
fn all_keys_are_checked_side_by_side_and_the_worst_counts() {
    let keys = Keys::one();
    keys.add("bob", &[&TOKEN2[..], &["--pin", "5678", "--touch", "deny"]].concat());
    keys.add("carol", &[&YUBI[..], &["--pin", "9999"]].concat());
    let (code, document) = keys.json("1234\n5678\n0000\n", &["check", "--all"]);
    assert_eq!((code, &document["schema"]), (5, &"glasskey.check-all/1".into()));
    let checks = document["checks"].as_array().unwrap();
    assert_eq!(checks[0]["verdict"], "fit-with-warnings", "no policy was given");
    assert_eq!(
        (&checks[1]["verdict"], status(&checks[1], "test-registration")),
        (&"not-fit".into(), "fail".into())
    );
    assert_eq!(
        (&checks[2]["schema"], &checks[2]["path"]),
        (&"glasskey.error/1".into(), &"soft:carol".into())
    );
    let text = keys.run_with("1234\n5678\n9999\n", &["check", "--all"]);
    assert!(text.code == 1 && text.says(&["FIT WITH WARNINGS", "NOT FIT", "soft:carol"]), "{text:?}");
}

#[test]
fn a_key_that_nobody_touches_fails_its_test_in_time() {
    let keys = Keys::none();
    keys.add("bob", &[&YUBI[..], &["--pin", "1234", "--touch", "never"]].concat());
    let began = Instant::now();
    let (code, check) = keys.json("1234\n", &["--touch-timeout", "1", "check"]);
    assert_eq!((code, status(&check, "test-registration")), (1, "fail".to_owned()), "{check:#}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[cfg(unix)]
#[test]
fn whatever_ends_the_wait_for_a_touch_ends_it_with_130_and_a_word_to_the_key() {
    let keys = Keys::none();
    keys.add("bob", &[&YUBI[..], &["--touch", "never"]].concat());
    let program = cargo_bin_cmd!("glasskey").get_program().to_owned();
    let check = (&["check"][..], "touch the key");
    // The shell tells of a terminal that is gone after the system has.
    for ((verb, told), signals) in [
        (check, &["INT"][..]),
        (check, &["TERM"]),
        (check, &["QUIT"]),
        (check, &["HUP", "HUP", "TERM"]),
        ((&["keys", "--watch"], "soft:bob"), &["INT"]),
    ] {
        let mut command = std::process::Command::new("sh");
        // Both streams in one, to be read until the program waits.
        command.args(["-c", "exec \"$@\" 2>&1", "sh"]).arg(&program).args(["--soft", keys.path()]).args(verb);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.contains(told)), "{verb:?}");
        let began = Instant::now();
        let pid = child.id().to_string();
        if cfg!(target_os = "linux") {
            let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
            let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
            assert_eq!(core.split_whitespace().nth(4), Some("0"), "no PIN is left in a core dump: {core}");
        }
        for signal in signals {
            let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &pid]).status();
            assert!(sent.unwrap().success());
        }
        assert_eq!(child.wait().unwrap().code(), Some(130), "{verb:?} {signals:?}");
        assert!(began.elapsed() < Duration::from_secs(10), "{verb:?}");
    }
    assert!(Path::new(keys.path()).exists());
}

#[test]
fn doctor_looks_at_every_key() {
    let keys = Keys::one();
    let (_, document) = keys.json("", &["doctor"]);
    assert_eq!(document["schema"], "glasskey.doctor/1");
    let symptoms = document["symptoms"].as_array().unwrap();
    assert!(
        symptoms
            .iter()
            .any(|s| s["id"] == "keys" && s["status"] == "pass" && s["saw"] == "soft:alice answers")
    );
}
