//! What is no sample is left alone; what is cut off is told; no attempt is spent that was not announced.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use glasskey::ctap::client_pin::Permissions;
use glasskey::ctap::credential::{ES256, Extensions, MakeCredential};
use glasskey::ctap::pin::Pin;
use glasskey::key::authority::Authority;
use glasskey::key::cancel::Cancel;
use glasskey::key::guard::Guard;
use glasskey::key::patience::Patience;
use glasskey::key::session::Session;
use glasskey::soft::{Options, Overlay};
use serde_json::Value;

use super::{PIN, Place, Ran, good, open};

fn refusal(ran: &Ran) -> (i32, String) {
    (ran.code, ran.json()["error"]["kind"].as_str().unwrap().to_owned())
}

fn is(code: i32, kind: &str) -> (i32, String) {
    (code, kind.to_owned())
}

/// Passkeys on the key, PIN attempts left.
fn state(place: &Place) -> (u64, u64) {
    let listed = place.run(&format!("{PIN}\n"), &["--json", "credentials", "list"]).json();
    let status = place.run("", &["--json", "pin", "status"]).json();
    (listed["existing"].as_u64().unwrap(), status["retries"].as_u64().unwrap())
}

/// Somebody's passkey.
fn make_passkey(place: &Place) {
    let wire = place.key.open().unwrap();
    let mut session = Session::open(wire, Patience::default(), Cancel::default(), Box::new(|_| ())).unwrap();
    let info = session.info().unwrap();
    let permit = Guard::default().permit(session.retries(info.protocol().unwrap()).unwrap()).unwrap();
    let (pin, make) = (Pin::parse(PIN.to_owned()).unwrap(), Permissions::MAKE_CREDENTIAL);
    let proven = Authority::prove(&mut session, &info, permit, &pin, make, Some("a.example")).unwrap();
    let wanted = MakeCredential {
        client_data_hash: [1; 32],
        rp_id: "a.example",
        rp_name: "A",
        user_id: b"u",
        user_name: "u",
        display_name: "U",
        algorithms: &[ES256],
        exclude: &[],
        extensions: Extensions::default(),
        discoverable: true,
    };
    session.make_credential(&wanted, Some(proven.proof().token())).unwrap();
}

#[test]
fn a_key_that_holds_a_passkey_is_nobodys_sample_unless_it_may_be_erased() {
    let place = Place::new(&good(), None);
    make_passkey(&place);
    assert_eq!(refusal(&place.onboard(&[])), is(1, "no-sample"));
    assert_eq!(state(&place), (1, 8), "nothing was done to it");
    // The word is asked for, and another one is not it.
    let ran = place.run(&format!("{PIN}\nyes\n"), &["--json", "onboard", "--reset-allowed"]);
    assert_eq!(refusal(&ran), is(1, "not-confirmed"));
    assert_eq!(state(&place), (1, 8), "nothing was done to it");
    assert_eq!(place.erasing().code, 0);
}

#[test]
fn a_key_that_cannot_tell_what_it_holds_is_no_sample_either() {
    let mute = Options { info: Overlay::default().remove("4.credMgmt"), ..good() };
    assert_eq!(refusal(&Place::new(&mute, None).onboard(&[])), is(1, "no-sample"));
}

#[test]
fn a_key_without_a_pin_gets_none_that_could_not_be_taken_back() {
    let place = Place::blank(&good());
    assert_eq!(refusal(&place.onboard(&[])), is(5, "pin"));
    assert_eq!(place.run("", &["--json", "pin", "status"]).json()["pin_set"], false);
}

#[test]
fn a_wrong_pin_costs_one_attempt_and_the_last_ones_none() {
    let place = Place::new(&good(), None);
    for left in [7, 6, 5, 4, 3] {
        let ran = place.run("okapi-5512\n", &["--json", "onboard"]);
        assert_eq!(refusal(&ran), is(5, "pin"));
        let status = place.run("", &["--json", "pin", "status"]).json();
        assert_eq!(status["retries"], left);
    }
    // Three are left: nothing is asked, nothing is sent.
    let ran = place.run("", &["--json", "onboard"]);
    assert_eq!(refusal(&ran), is(5, "pin"));
    assert!(ran.json()["error"]["message"].as_str().unwrap().contains("only 3 PIN attempts"), "{ran:?}");
    assert_eq!(place.run("", &["--json", "pin", "status"]).json()["retries"], 3);
}

#[test]
fn a_typed_pin_is_tried_once_whatever_the_key_calls_its_refusal() {
    // It offers two protocols, and under either a wrong PIN costs an attempt.
    let odd = Options { faults: vec!["wrong-pin-unsaid".parse().unwrap()], ..good() };
    let place = Place::new(&odd, None);
    let ran = place.run("okapi-5512\n", &["--json", "onboard"]);
    assert_eq!(refusal(&ran), is(7, "key-misbehaved"));
    assert_eq!(place.run("", &["--json", "pin", "status"]).json()["retries"], 7);
}

#[test]
fn few_attempts_left_are_kept() {
    // Four are left when the run begins; the right PIN brings all back, so wrong ones may be tried then. Told to keep
    // five, the guard lets the right PIN through and no three wrong ones in a row.
    let place = Place::new(&good(), None);
    let plan = "organisation = \"Contoso\"\n[[account]]\nname = \"EA-01\"\nupn = \"a@b.onmicrosoft.com\"\n\
                object_id = \"1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f\"\n[rules]\npin_location = \"apart\"\npin_retries_floor = 5\n";
    std::fs::write(place.at("custody.toml"), plan).unwrap();
    let document = place.onboard(&[]).json();
    let lock = super::finding(&document, "pin-soft-lock");
    assert_eq!(lock["status"], "skipped", "{lock:#}");
    assert_eq!(super::finding(&document, "pin-wrong")["status"], "pass");
    assert_eq!(state(&place), (0, 8));
}

#[test]
fn files_are_looked_at_before_the_key_is() {
    let place = Place::new(&good(), None);
    std::fs::write(place.at("there.md"), "mine").unwrap();
    std::fs::write(place.at("check.json"), r#"{"schema":"glasskey.check/1"}"#).unwrap();
    for arguments in [
        ["--out", "there.md"],
        ["--out", "nowhere/report.md"],
        ["--html", "there.md"],
        ["--html", "nowhere/report.html"],
        ["--catalogue-entry", "there.md"],
        ["--compare", "check.json"],
        ["--compare", "missing.json"],
    ] {
        let ran = place.onboard(&arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(!ran.err.contains("attempts left"), "{arguments:?}: {ran:?}");
    }
    assert_eq!(std::fs::read_to_string(place.at("there.md")).unwrap(), "mine");
}

#[test]
fn a_run_that_is_cut_off_tells_which_pin_the_key_has() {
    // Refused as too short, changed, and gone when it is to be changed back.
    let mut options = good();
    options.faults = vec!["vanish@changepin+2".parse().unwrap()];
    let place = Place::new(&options, None);
    let ran = place.onboard(&[]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.err.contains("its PIN is the one that you gave, followed by 57"), "{ran:?}");
    let document = ran.json();
    assert_eq!(document["verdict"], "not-fit");
    assert!(open(&document).iter().any(|(id, status)| id == "pin-change" && status == "fail"));
    let verify = |pin: &str| place.run(&format!("{pin}\n"), &["--json", "pin", "verify"]).code;
    assert_eq!((verify(PIN), verify(&format!("{PIN}57"))), (5, 0));
}

#[test]
fn a_run_that_is_interrupted_tells_what_is_left_on_the_key() {
    let mut options = good();
    options.touch_delay_ms = 200;
    let place = Place::new(&options, None);
    let made = place.run("", &["--ledger", "ledger.db", "ledger", "init"]);
    assert_eq!(made.code, 0, "{made:?}");
    let mut command = place.command();
    command.args(["--ledger", "ledger.db", "onboard"]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    child.stdin.take().unwrap().write_all(format!("{PIN}\n").as_bytes()).unwrap();
    // Two algorithms, a choice, the flags and at least one passkey take ten touches; the eleventh is waited for.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.by_ref().filter(|line| line.starts_with("touch the key")).take(11).count(), 11);
    let began = Instant::now();
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    let err = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(child.wait().unwrap().code(), Some(130), "{err}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(err.contains("The run was cut off"), "{err}");
    assert!(err.contains("passkeys of this run for onboarding.glasskey.invalid are on it"), "{err}");
    let (held, left) = state(&place);
    assert!(held > 0 && left == 8, "{held} {left}");
    // Nobody wrote down how the step ended: the next run tells of it, and closes it.
    let log = || place.run("", &["--json", "--ledger", "ledger.db", "ledger", "log"]).json();
    let kinds = |log: &Value| -> Vec<Value> {
        log["events"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect()
    };
    assert_eq!(kinds(&log()), ["ledger-created", "intent"]);
    let next =
        place.run(&format!("{PIN}\n"), &["--ledger", "ledger.db", "onboard", "--reset-allowed", "--yes"]);
    assert!(next.err.contains("'make test passkeys and delete them' was begun"), "{next:?}");
    assert!(
        next.err.contains("the sample may be erased, hold test passkeys, or have another PIN"),
        "{next:?}"
    );
    let log = log();
    assert_eq!(kinds(&log).last(), Some(&"outcome".into()));
    let last = log["events"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["event"]["intent"], &last["event"]["result"]),
        (&2.into(), &"abandoned".into()),
        "{last:#}"
    );
}
