//! An error tells its cause, then its cure; and texts that could be misread.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::rig::{PIN, Ran, Rig, YUBIKEY, finding};

/// One enrolled key.
fn custody() -> Rig {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig
}

/// A run with bytes that may be no text on its standard input.
fn fed(mut command: Command, input: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdin.take().unwrap().write_all(input));
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn every_error_tells_its_cause_and_its_cure() {
    let rig = custody();
    for (name, bytes) in [("empty", vec![]), ("text", b"no JSON".to_vec()), ("large", vec![b' '; 3 << 20])] {
        fs::write(rig.at(name), bytes).unwrap();
    }
    let (gone, options) = ("No such file", "fido2Methods/creationOptions");
    let path = "check the path; the folder that it lies in must be there";
    let cases = [
        ("policy show missing", "missing: can't be read: No such file", "check the path"),
        ("check --policy .", ".: can't be read: Is a directory", "check the path"),
        ("enroll --batch missing.csv", gone, path),
        ("tenant check missing", gone, path),
        ("tenant check plan.toml", "Not a directory", "name a folder"),
        ("attestation verify missing", gone, path),
        ("drill --answers missing", gone, path),
        ("drill --signins missing", gone, path),
        ("man plan.toml", "File exists", "name another place"),
        ("soft list missing", gone, "check that the folder exists"),
        ("drill --bag EA-01-A", "`--bag EA-01-A` does not say of which key", "`--bag EA-01-A=0042`"),
        ("onboard --out missing/x.md", "there is no folder to write it into", "in a folder that you may"),
        ("inventory found EA-01-A --why there", "it is active", "`glasskey inventory show LABEL`"),
        ("drill --close 1 --why done", "no open action 1", "`glasskey status`"),
        ("label EA-99 --svg x.svg", "glasskey: no key has, or had, the label 'EA-99'", "lists the labels"),
        ("inventory show EA-99", "glasskey: no key has, or had, the label 'EA-99'", "lists the labels"),
        ("entra register --account EA-01 --out o.json --options empty", "empty: empty", options),
        ("entra register --account EA-01 --out o.json --options text", "text: $", options),
        ("entra register --account EA-01 --out o.json --options large", "large: larger than", options),
        ("report --markdown -", "standard output is not written to", "name a file"),
        ("label --html -", "standard output is not written to", "name a file"),
        ("--json man pages", "cannot be used with 'completions' and 'man'", "glasskey --help"),
        ("--json completions bash", "cannot be used with 'completions' and 'man'", "glasskey --help"),
    ];
    for (line, cause, cure) in cases {
        let ran = rig.run(&format!("{PIN}\n"), &line.split(' ').collect::<Vec<_>>());
        let told = format!("{}{}", ran.out, ran.err);
        assert!(ran.code == 2 && told.contains(cause) && told.contains(cure), "{line}: {ran:?}");
    }
    fs::rename(rig.at("keys"), rig.at("away")).unwrap();
    let ran = rig.run("", &["keys"]);
    assert!(ran.code == 2 && ran.err.contains(gone) && ran.err.contains("`glasskey doctor`"), "{ran:?}");
    assert!(!rig.at("-").exists() && !rig.at("o.json").exists() && !rig.at("pages").exists());
}

/// A PIN that is no text, or that nobody typed, costs nothing, and is told as what it is.
#[test]
fn a_pin_that_is_no_text_or_not_typed_is_told_as_that() {
    let rig = custody();
    let mut command = rig.command();
    command.args(["pin", "verify"]);
    let ran = fed(command, b"\xff\xfe4\x008\x00\n");
    assert!(ran.code == 2 && ran.err.contains("no text in UTF-8"), "{ran:?}");
    assert!(ran.err.contains("no attempt was spent"), "{ran:?}");
    #[cfg(target_os = "linux")]
    match crate::typed::Typed::run(&rig, "pin verify") {
        None => println!("skipped: there is no `script` here"),
        Some(mut terminal) => {
            terminal.wait("(soft:y1): ");
            terminal.press("\u{4}");
            let (code, screen) = terminal.end();
            assert!(code == 2 && screen.contains("no PIN was typed"), "{code} {screen}");
            assert!(!screen.contains("run it on a terminal"), "it is one: {screen}");
        }
    }
    assert_eq!(rig.json(&["pin", "status"]).1["retries"], 8);
}

#[cfg(unix)]
#[test]
fn a_ledger_that_may_not_be_read_is_told_in_plain_words() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let rig = custody();
    let mode =
        |file: &str, mode| fs::set_permissions(rig.at(file), fs::Permissions::from_mode(mode)).unwrap();
    mode("ledger.db", 0o000);
    mode("", 0o755);
    let mut command = rig.command();
    command.args(["ledger", "head"]).stdin(Stdio::null());
    let mut ran = command.output().unwrap();
    if ran.status.success() {
        // Root may read anything; nobody may not.
        match command.uid(65534).output() {
            Ok(output) => ran = output,
            Err(error) => return println!("skipped: nobody may not run the program here: {error}"),
        }
    }
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(2), "{err}");
    assert!(err.contains("ledger.db: Permission denied") && err.contains("this account may read"), "{err}");
}

/// Where the one document cannot be written, the error is told on the other stream.
#[cfg(target_os = "linux")]
#[test]
fn an_output_that_is_full_is_told() {
    let rig = custody();
    for arguments in [&["--json", "keys"][..], &["keys"], &["--json", "frobnicate"]] {
        let mut command = rig.command();
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ran = command.args(arguments).stdin(Stdio::null()).stdout(full).output().unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        assert!(ran.status.code() == Some(2) && !err.is_empty(), "{arguments:?}: {err}");
    }
}

#[test]
fn attempts_are_counted_in_words_and_none_left_is_blocked() {
    let rig = custody();
    let mut last = None;
    for number in 0..8 {
        let pin = format!("wrong-{number}\n");
        last = Some(rig.run(&pin, &["pin", "verify", "--spend-scarce-pin-attempt"]));
    }
    let last = last.unwrap();
    assert!(last.err.contains("soft:y1: 1 PIN attempt left\n"), "{last:?}");
    let ran = rig.run("", &["pin", "status"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (5, "soft:y1: the PIN is blocked: no attempts are left\n"),
        "{ran:?}"
    );
    assert!(ran.err.contains("the key must be reset"), "{ran:?}");
    let (code, document) = rig.json(&["pin", "status"]);
    assert_eq!((code, &document["retries"]), (5, &0.into()), "{document:#}");
}

#[test]
fn what_was_not_asked_for_is_no_fault_and_each_cure_says_whose_it_is() {
    let rig = Rig::new();
    // Two advisories at least are about this firmware.
    rig.add_with_firmware("old", "ee882879-721c-4913-9775-3dfcce97072a", Some("5.2.6"));
    let (_, document) = rig.json(&["check", "--no-touch"]);
    assert_eq!(finding(&document, "attestation")["saw"], "not tried: --no-touch was given");
    let advisory = finding(&document, "advisory");
    let (saw, cure) = (advisory["saw"].as_str().unwrap(), advisory["cure"].as_str().unwrap());
    let named: Vec<&str> =
        saw.split("; ").filter_map(|part| part.split_once(": ")).map(|(id, _)| id).collect();
    assert!(named.len() > 1, "{saw}");
    for id in named {
        assert!(cure.contains(&format!("{id}: ")), "{id}: {cure}");
    }
}

#[test]
fn usage_speaks_of_what_was_typed() {
    let rig = custody();
    let run = |arguments: &[&str]| {
        let mut command = rig.elsewhere();
        command.env("GLASSKEY_PLAN", rig.at("plan.toml")).env("GLASSKEY_LEDGER", rig.at("ledger.db"));
        command.args(arguments);
        fed(command, b"")
    };
    let ran = run(&["enroll"]);
    assert!(ran.code == 2 && ran.err.contains("Usage: glasskey enroll"), "{ran:?}");
    assert!(!ran.err.contains("--plan") && !ran.err.contains("--ledger"), "{ran:?}");
    let ran = run(&["--json", "enroll"]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let message = document["error"]["message"].as_str().unwrap();
    assert_eq!(message, "the following required arguments were not provided:\n  --account <NAME>");
    // What is not about one key says so, and answers all the same.
    for verb in ["keys", "inventory", "status"] {
        let ran = rig.run("", &["--key", "nope", verb]);
        assert!(ran.err.contains("`--key` means nothing to this verb") && !ran.out.is_empty(), "{ran:?}");
    }
    assert_eq!(
        rig.run("", &["ledger", "export"]).out,
        rig.run("", &["ledger", "export", "--format", "jsonl"]).out
    );
}
