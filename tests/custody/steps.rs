//! What changes an enrolled key: begun, done, signed where the key can sign, and told by the next run where it was cut off.

use std::process::Stdio;
use std::time::{Duration, Instant};

use glasskey::ctap::pin::Pin;
use glasskey::ledger::inventory::State;
use glasskey::ledger::payload::{Ended, Payload};
use glasskey::soft;
use serde_json::Value;

use crate::rig::{PIN, Ran, Rig, TOKEN2, YUBIKEY, sign};
use crate::{exercise, passkeys};

const OTHER_PIN: &str = "okapi-5512";

/// Two keys that keep the plan, one of them checked: `status` breaks no rule.
fn custody() -> Rig {
    let rig = Rig::new();
    let plan = std::fs::read_to_string(rig.at("plan.toml")).unwrap();
    std::fs::write(rig.at("plan.toml"), plan.replace("keys_per_account = 2", "keys_per_account = 1"))
        .unwrap();
    for (name, aaguid, account) in [("y1", YUBIKEY, "EA-01"), ("t1", TOKEN2, "EA-02")] {
        rig.add(name, aaguid);
        rig.enroll(name, account);
    }
    assert_eq!(rig.json(&["--key", "EA-01-A", "check"]).0, 0);
    assert_eq!(told(&rig, "pending"), (0, vec!["pass".to_owned()]));
    rig
}

/// The exit code of `status`, and how the rows of a rule stand.
fn told(rig: &Rig, id: &str) -> (i32, Vec<String>) {
    let (code, status) = rig.json(&["status"]);
    let rows = status["findings"].as_array().unwrap().iter().filter(|row| row["id"] == id);
    (code, rows.map(|row| row["status"].as_str().unwrap().to_owned()).collect())
}

/// What the ledger tells since an event: kind, label, whether it is signed.
fn since(rig: &Rig, seq: u64) -> Vec<(&'static str, Option<String>, bool)> {
    let skip = usize::try_from(seq).unwrap();
    let told =
        |(payload, signed): &(Payload, bool)| (payload.kind(), payload.label().map(str::to_owned), *signed);
    rig.events().iter().skip(skip).map(told).collect()
}

fn last_outcome(rig: &Rig) -> Ended {
    match rig.events().pop().unwrap().0 {
        Payload::Outcome(outcome) => outcome.result,
        other => panic!("{other:?}"),
    }
}

fn of_a(kind: &str, signed: bool) -> (&str, Option<String>, bool) {
    (kind, Some("EA-01-A".to_owned()), signed)
}

/// Changes the PIN of y1.
fn change(rig: &Rig, from: &str, to: &str) -> Ran {
    rig.run(&format!("{from}\n{to}\n"), &["--json", "--key", "soft:y1", "pin", "change"])
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"))
}

#[test]
fn a_changed_pin_is_proven_by_the_signature_under_its_record() {
    let rig = custody();
    let before = rig.ledger().chain().seq;
    let ran = change(&rig, PIN, OTHER_PIN);
    let changed = document(&ran);
    assert_eq!((ran.code, &changed["event"]["signed"]), (0, &true.into()), "{ran:?}");
    assert_eq!(changed["event"]["seq"], before + 2);
    let wanted = [of_a("intent", false), of_a("pin-changed", true), ("outcome", None, false)];
    assert_eq!(since(&rig, before), wanted);
    assert_eq!(last_outcome(&rig), Ended::Done);
    let ledger = rig.ledger();
    let key = ledger.inventory().key("EA-01-A").unwrap();
    assert_eq!(key.pin_changed.map(|seen| seen.seq), Some(before + 2));
    assert_eq!((key.state, ledger.inventory().pending().count()), (State::Active, 0));
    assert_eq!(rig.json(&["ledger", "verify"]).1["receipts"], 2 + 1 + 1);
    assert_eq!(told(&rig, "pending"), (0, vec!["pass".to_owned()]));

    let text = rig.run(&format!("{OTHER_PIN}\n{PIN}\n"), &["--key", "EA-01-A", "pin", "change"]);
    let said = format!("recorded: event {}, signed by the key, head ", before + 5);
    assert!(text.code == 0 && text.out.contains(&said), "{text:?}");
    // The plan has a say in the PIN of a key that is counted on.
    let short = change(&rig, PIN, "73195");
    let error = &document(&short)["error"];
    assert_eq!((short.code, &error["kind"]), (5, &"pin".into()), "{short:?}");
    assert_eq!(error["message"], "the new PIN was not sent: the plan wants at least 8 characters");
    assert_eq!(rig.ledger().chain().seq, before + 6, "nothing was begun");
}

#[test]
fn a_changed_pin_is_on_record_also_where_the_key_does_not_sign_it() {
    let rig = custody();
    // Who it is, then the receipt: nobody touches it, somebody says no, it signs something else, it is pulled out.
    for fault in [
        "ctap-error=0x2f@getassertion+1",
        "ctap-error=0x27@getassertion+1",
        "wrong-signature@getassertion+1",
        "vanish@getassertion+1",
        "ctap-error=0x36@pintoken+1",
    ] {
        rig.fault("y1", &[fault]);
        let before = rig.ledger().chain().seq;
        let ran = change(&rig, PIN, OTHER_PIN);
        assert_eq!((ran.code, &document(&ran)["event"]["signed"]), (0, &false.into()), "{fault}: {ran:?}");
        assert!(ran.err.contains("did not sign the record") || ran.err.contains("was not asked to sign"));
        let wanted = [of_a("intent", false), of_a("pin-changed", false), ("outcome", None, false)];
        assert_eq!(since(&rig, before), wanted, "{fault}");
        rig.fault("y1", &[]);
        assert_eq!(change(&rig, OTHER_PIN, PIN).code, 0, "{fault}");
    }
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}

#[test]
fn a_pin_change_of_which_nobody_can_tell_stays_open_until_a_good_check() {
    let rig = custody();
    let exact = |ran: &Ran| (ran.code, document(ran)["error"]["kind"].clone());
    // The key says that it has the new PIN, and does not take it; it is pulled out; what it says makes no sense.
    for fault in ["ctap-error=0x31@pintoken*1", "vanish@changepin", "trailing-garbage@changepin"] {
        rig.fault("y1", &[fault]);
        let before = rig.ledger().chain().seq;
        let ran = change(&rig, PIN, OTHER_PIN);
        assert_eq!(exact(&ran), (7, "key-misbehaved".into()), "{fault}: {ran:?}");
        assert_eq!(since(&rig, before), [of_a("intent", false)], "{fault}");
        assert_eq!(told(&rig, "pending"), (1, vec!["fail".to_owned()]), "{fault}");
        rig.fault("y1", &[]);
        let right =
            |pin: &str| rig.run(&format!("{pin}\n"), &["--key", "soft:y1", "pin", "verify"]).code == 0;
        let now = if right(PIN) { PIN } else { OTHER_PIN };
        // One that is not signed closes nothing.
        let ran = rig.run("", &["--json", "--key", "EA-01-A", "check", "--no-touch"]);
        assert!(ran.err.contains("'change PIN' was begun") && ran.code == 0, "{fault}: {ran:?}");
        assert_eq!(told(&rig, "pending").0, 1, "{fault}");
        let ran = rig.run(&format!("{now}\n"), &["--json", "--key", "EA-01-A", "check"]);
        assert_eq!((ran.code, sign(&document(&ran), "same-key")), (0, "pass"), "{fault}: {ran:?}");
        assert_eq!(told(&rig, "pending"), (0, vec!["pass".to_owned()]), "{fault}");
        assert_eq!(last_outcome(&rig), Ended::Abandoned, "{fault}");
        if now == OTHER_PIN {
            assert_eq!(change(&rig, OTHER_PIN, PIN).code, 0);
        }
    }
    // A PIN that is refused changed nothing, and everybody knows.
    let before = rig.ledger().chain().seq;
    let ran = change(&rig, "wrong-9999", OTHER_PIN);
    assert_eq!(exact(&ran), (5, "pin".into()), "{ran:?}");
    assert_eq!(since(&rig, before), [of_a("intent", false), ("outcome", None, false)]);
    assert_eq!(last_outcome(&rig), Ended::Failed);
    assert_eq!(told(&rig, "pending").0, 0);
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}

#[test]
fn a_deleted_passkey_is_on_record_and_signed() {
    let rig = custody();
    let keys = soft::list(&rig.at("keys")).unwrap();
    let y1 = keys.iter().find(|key| key.name() == "y1").unwrap();
    let (mut session, _) = exercise::open(y1);
    let pin = Pin::parse(PIN.to_owned()).unwrap();
    let ids = ["a.example", "b.example"]
        .map(|site| hex::encode(passkeys::register(&mut session, &pin, site, "ada", None)));
    drop(session);
    let deletes = |id: &str| rig.json(&["--key", "EA-01-A", "credentials", "delete", id, "--yes"]);
    let before = rig.ledger().chain().seq;
    let (code, gone) = deletes(&ids[0]);
    assert_eq!((code, &gone["event"]["signed"], &gone["existing"]), (0, &true.into(), &1.into()), "{gone:#}");
    let wanted = [of_a("intent", false), of_a("credential-deleted", true), ("outcome", None, false)];
    assert_eq!(since(&rig, before), wanted);
    let Payload::CredentialDeleted(deleted) =
        rig.events().swap_remove(usize::try_from(before).unwrap() + 1).0
    else {
        panic!("no deletion");
    };
    assert_eq!(
        (deleted.rp_id.as_str(), hex::encode(deleted.credential_id.as_slice())),
        ("a.example", ids[0].clone())
    );
    // Who it is, then the receipt.
    rig.fault("y1", &["ctap-error=0x27@getassertion+1"]);
    let (code, gone) = deletes(&ids[1]);
    assert_eq!((code, &gone["event"]["signed"]), (0, &false.into()), "{gone:#}");
    rig.fault("y1", &[]);
    assert_eq!(rig.json(&["--key", "EA-01-A", "check"]).0, 0);
    assert_eq!((told(&rig, "pending").0, rig.json(&["ledger", "verify"]).0), (0, 0));
}

#[test]
fn a_step_that_was_done_and_could_not_be_looked_at_has_not_failed() {
    let rig = custody();
    let keys = soft::list(&rig.at("keys")).unwrap();
    let y1 = keys.iter().find(|key| key.name() == "y1").unwrap();
    let (mut session, _) = exercise::open(y1);
    let pin = Pin::parse(PIN.to_owned()).unwrap();
    let id = hex::encode(passkeys::register(&mut session, &pin, "a.example", "ada", None));
    drop(session);
    for (fault, arguments) in [
        // Counted, listed by site and by passkey, deleted; and counted again.
        ("ctap-error=0x33@credmgmt+4", &["credentials", "delete", &id, "--yes"][..]),
        ("ctap-error=0x33@getinfo+1", &["reset", "--yes"]),
    ] {
        rig.fault("y1", &[fault]);
        let before = rig.ledger().chain().seq;
        let (code, told) = rig.json(&[&["--key", "soft:y1"], arguments].concat());
        assert_eq!((code, &told["error"]["kind"]), (7, &"key-misbehaved".into()), "{told:#}");
        assert!(told["error"]["message"].as_str().unwrap().contains("said that it did"), "{told:#}");
        assert_eq!(since(&rig, before), [of_a("intent", false)], "nobody can tell: it stays open");
    }
    rig.fault("y1", &[]);
    let (_, status) = rig.json(&["--key", "soft:y1", "pin", "status"]);
    assert_eq!(status["pin_set"], false, "it was erased");
}

#[test]
fn what_was_done_waits_until_another_glasskey_has_recorded() {
    let rig = custody();
    rig.fault("y1", &["keepalive-flood=50/1@changepin"]);
    let mut command = rig.command();
    command.args(["--key", "EA-01-A", "pin", "change"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pins = format!("{PIN}\n{OTHER_PIN}\n");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), pins.as_bytes()).unwrap();
    begun(&rig);
    let other = rusqlite::Connection::open(rig.at("ledger.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::sleep(Duration::from_secs(4));
    drop(other);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && err.contains("recorded as soon as it has ended"), "{err}");
    assert_eq!(last_outcome(&rig), Ended::Done);
}

#[test]
fn a_reset_is_on_record_unsigned_and_the_key_counts_no_more() {
    let rig = custody();
    let before = rig.ledger().chain().seq;
    let ran = rig.run("no\n", &["--key", "EA-01-A", "reset"]);
    assert!(
        ran.code == 1
            && ran.err.contains("By the record it is EA-01-A of EA-01, and EA-01 has no other active key.")
    );
    assert_eq!(rig.ledger().chain().seq, before, "the word was not typed");
    let (code, reset) = rig.json(&["--key", "EA-01-A", "reset", "--yes"]);
    assert_eq!((code, &reset["event"]["signed"]), (0, &false.into()), "{reset:#}");
    let wanted = [of_a("intent", false), of_a("reset", false), ("outcome", None, false)];
    assert_eq!(since(&rig, before), wanted);
    assert_eq!(last_outcome(&rig), Ended::Done);
    assert_eq!(rig.ledger().inventory().key("EA-01-A").unwrap().state, State::Reset);
    assert_eq!(told(&rig, "key-reset"), (1, vec!["warn".to_owned()]), "a key is missing");
    let retired = rig.run("", &["inventory", "retire", "EA-01-A", "--why", "erased"]);
    assert_eq!((retired.code, told(&rig, "key-reset").1), (0, vec!["pass".to_owned()]));

    // A key that is retired, and erased as it should be, stays retired.
    rig.add("y2", YUBIKEY);
    rig.enroll("y2", "EA-01");
    assert_eq!(rig.run("", &["inventory", "retire", "EA-01-B", "--why", "old firmware"]).code, 0);
    assert_eq!(rig.json(&["--key", "EA-01-B", "reset", "--yes"]).0, 0);
    let ledger = rig.ledger();
    let key = ledger.inventory().key("EA-01-B").unwrap();
    assert_eq!((key.state, key.why.as_deref()), (State::Retired, Some("old firmware")));
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}

#[test]
fn a_key_that_only_says_that_it_was_erased_is_not_recorded_as_erased() {
    let rig = custody();
    rig.fault("y1", &["reset-pretended"]);
    let before = rig.ledger().chain().seq;
    let (code, reset) = rig.json(&["--key", "EA-01-A", "reset", "--yes"]);
    assert_eq!((code, &reset["error"]["kind"]), (7, &"key-misbehaved".into()), "{reset:#}");
    assert_eq!(since(&rig, before), [of_a("intent", false), ("outcome", None, false)]);
    assert_eq!(last_outcome(&rig), Ended::Failed);
    assert_eq!(rig.ledger().inventory().key("EA-01-A").unwrap().state, State::Active);
}

#[test]
fn an_enrolment_of_which_nobody_knows_whether_the_pin_was_set_stays_open_until_the_next_one() {
    let rig = custody();
    rig.add("y2", YUBIKEY);
    rig.plug(&["y2"]);
    rig.fault("y2", &["silent@setpin"]);
    let (code, cut_off) = rig.json(&["enroll", "--account", "EA-01"]);
    assert_eq!((code, &cut_off["error"]["kind"]), (7, &"key-misbehaved".into()), "{cut_off:#}");
    let status = rig.run("", &["status"]);
    assert!(status.code == 0 && status.out.contains("'set PIN' was begun"), "{status:?}");
    rig.fault("y2", &[]);
    let ran = rig.run(&format!("{PIN}\n"), &["enroll", "--account", "EA-01", "--site", "Berlin"]);
    assert!(ran.code == 0 && ran.err.contains("a PIN that was set by then stays"), "{ran:?}");
    assert_eq!(rig.ledger().inventory().pending().count(), 0);
}

#[test]
fn what_is_done_and_cannot_be_recorded_is_told_as_done() {
    let rig = custody();
    // The key takes its time, and meanwhile somebody overwrites the ledger.
    rig.fault("y1", &["keepalive-flood=50/1@changepin"]);
    let mut command = rig.command();
    command.args(["--json", "--key", "EA-01-A", "pin", "change"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pins = format!("{PIN}\n{OTHER_PIN}\n");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), pins.as_bytes()).unwrap();
    begun(&rig);
    std::fs::write(rig.at("ledger.db"), "no ledger").unwrap();
    let output = child.wait_with_output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), &document["error"]["kind"]),
        (Some(6), &"ledger".into()),
        "{document:#}"
    );
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("'change PIN' was done, and could not be recorded: "), "{message}");
    let hint = document["error"]["hint"].as_str().unwrap();
    assert!(hint.starts_with("do not do it again") && !hint.contains("try again"), "{hint}");
    let right = rig.run(&format!("{OTHER_PIN}\n"), &["--key", "soft:y1", "pin", "verify"]);
    assert_eq!(right.code, 0, "{right:?}");
}

/// Waits until a step is begun and not ended.
fn begun(rig: &Rig) {
    let end = Instant::now() + Duration::from_secs(10);
    while rig.ledger().inventory().pending().count() == 0 {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Kills a run as soon as its intent is on record, while the key is silent.
fn cut_off(rig: &Rig, fault: &str, input: &str, arguments: &[&str]) {
    rig.fault("y1", &[fault]);
    let mut command = rig.command();
    command.args(["--key", "EA-01-A"]).args(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    begun(rig);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "{arguments:?}: it was over before");
    rig.fault("y1", &[]);
}

#[test]
fn a_step_that_was_cut_off_is_told_by_each_next_run_with_its_cure_and_closed_by_a_check() {
    let rig = custody();
    let keys = soft::list(&rig.at("keys")).unwrap();
    let (mut session, _) = exercise::open(keys.iter().find(|key| key.name() == "y1").unwrap());
    let pin = Pin::parse(PIN.to_owned()).unwrap();
    let id = hex::encode(passkeys::register(&mut session, &pin, "a.example", "ada", None));
    drop(session);
    let pins = format!("{PIN}\n{OTHER_PIN}\n");
    let pin = format!("{PIN}\n");
    for (step, fault, input, arguments) in [
        ("change PIN", "silent@changepin", pins.as_str(), &["pin", "change"][..]),
        // Counted, listed (one site, one passkey), and then asked to delete.
        ("delete passkey", "silent@credmgmt+3", &pin, &["credentials", "delete", &id, "--yes"]),
        ("reset", "silent@reset", "", &["reset", "--yes"]),
    ] {
        cut_off(&rig, fault, input, arguments);
        let begun = format!("'{step}' was begun and its end was not recorded");
        let cure = "Plug the key 'EA-01-A' in and check it (`glasskey check --key EA-01-A`)".to_lowercase();
        let tells = |text: &str| text.contains(&begun) && text.to_lowercase().contains(&cure);
        let (_, inventory) = rig.json(&["inventory"]);
        assert_eq!(inventory["pending"][0]["intent"]["label"], "EA-01-A", "{inventory:#}");
        assert!(tells(inventory["pending"][0]["cure"].as_str().unwrap()), "{inventory:#}");
        let status = rig.run("", &["status"]);
        assert!(status.code == 1 && tells(&status.out), "{status:?}");
        for next in
            [&["check", "--no-touch"][..], &["pin", "change"], &["credentials", "delete", "00"], &["reset"]]
        {
            let ran = rig.run("", &[&["--key", "soft:y1"], next].concat());
            assert!(tells(&ran.err), "{step}, then {next:?}: {ran:?}");
        }
        assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
        let (code, checked) = rig.json(&["--key", "EA-01-A", "check"]);
        assert_eq!((code, sign(&checked, "same-key")), (0, "pass"), "{step}: {checked:#}");
        assert_eq!(told(&rig, "pending"), (0, vec!["pass".to_owned()]), "{step}");
    }
    // One that cannot be checked any more is closed by its end.
    cut_off(&rig, "silent@reset", "", &["reset", "--yes"]);
    assert_eq!(rig.run("", &["inventory", "lost", "EA-01-A", "--why", "fire"]).code, 0);
    assert_eq!(rig.ledger().inventory().pending().count(), 0);
}

#[test]
#[cfg(unix)]
fn ctrl_c_at_the_last_touch_ends_with_130_and_what_was_done_or_found_is_on_record() {
    use std::io::{BufRead as _, BufReader};
    let rig = custody();
    rig.bend("y1", |key| key.touch_delay_ms = 500);
    // The receipt is the first touch of the one, and the third of the other.
    for (arguments, input, touches, kind) in [
        (&["pin", "change"][..], format!("{PIN}\n{OTHER_PIN}\n"), 1, "pin-changed"),
        (&["check"], format!("{OTHER_PIN}\n"), 3, "checked"),
    ] {
        let before = rig.ledger().chain().seq;
        let mut command = rig.command();
        command.args(["--json", "--key", "soft:y1"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut asked = said.map_while(Result::ok).filter(|line| line.contains("touch the key"));
        assert!(asked.nth(touches - 1).is_some(), "{arguments:?}");
        let interrupted = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(interrupted.unwrap().success());
        let output = child.wait_with_output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (output.status.code(), &document["event"]["signed"]),
            (Some(130), &false.into()),
            "{document:#}"
        );
        assert!(since(&rig, before).contains(&of_a(kind, false)), "{arguments:?}");
    }
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}
