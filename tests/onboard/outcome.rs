//! What follows from a run: the report, the catalogue entry, the lists, the record, the comparison; and what it takes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use glasskey::ledger::{Ledger, Payload};
use glasskey::onboard::finding::{Id, Section};
use glasskey::soft::{Options, Overlay};
use serde_json::Value;

use super::markup::{inert, tags, under_policy};
use super::{PIN, Place, Ran, YUBIKEY, each, finding, good};

#[test]
fn a_sample_is_back_as_it_was_and_the_run_takes_what_it_says() {
    let place = Place::new(&good(), None);
    let ran = place.onboard(&[]);
    let document = ran.json();
    let trips = document["measured"]["round_trips"].as_u64().unwrap();
    assert!(trips <= 180, "{trips} round trips");
    let touches = ran.err.lines().filter(|line| line.starts_with("touch the key")).count();
    assert!(ran.err.contains(&format!("touch the key about {touches} times")), "{touches}: {}", ran.err);
    let status = place.run("", &["--json", "pin", "status"]).json();
    assert_eq!((status["retries"].as_u64(), status["force_pin_change"].as_bool()), (Some(8), Some(false)));
    let listed = place.run(&format!("{PIN}\n"), &["--json", "credentials", "list"]).json();
    assert_eq!(listed["existing"], 0);
    // Erased: as it came out of the box.
    let ran = place.erasing();
    let trips = ran.json()["measured"]["round_trips"].as_u64().unwrap();
    assert!(trips <= 225, "{trips} round trips");
    let info = place.run("", &["--json", "info"]).json();
    assert_eq!(info["key"]["info"]["options"]["clientPin"], false, "{info:#}");
    assert_eq!(info["key"]["info"]["min_pin_length"], 4);
}

/// Both reports of a sample that calls itself so, and what the terminal showed.
fn reports(name: &str, product: Option<&str>) -> (String, String, Ran) {
    let place = Place::new(&Options { product: product.map(str::to_owned), ..good() }, None);
    let ran = place.run(&format!("{PIN}\n"), &["onboard", "--out", "report.md", "--html", "report.html"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let read = |file: &str| std::fs::read_to_string(place.at(file)).unwrap();
    let (text, page) = (read("report.md"), read("report.html"));
    // Where `tests/browser.py` looks for them.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), &page).unwrap();
    for file in ["report.md", "report.html"] {
        assert_eq!(std::fs::metadata(place.at(file)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // An earlier report gives place, and the other kind does not.
    let ran_again = place.onboard(&["--out", "report.md"]);
    assert_eq!(ran_again.code, 0, "{ran_again:?}");
    assert_eq!(place.onboard(&["--out", "report.html"]).code, 2);
    (text, page, ran)
}

#[test]
fn the_reports_hold_every_finding_and_no_foreign_markup() {
    let product = "Key|<script>alert(1)</script> [x](https://evil.example) `\u{1b}[2J\n# owned \" onload=\"x";
    let (_, tame, _) = reports("onboarding.html", None);
    let (text, page, ran) = reports("onboarding-hostile.html", Some(product));
    for section in Section::ALL {
        assert!(text.contains(&format!("\n## {}\n", section.heading())), "{}", section.heading());
        assert!(page.contains(&format!(">{}</h2>", section.heading())), "{}", section.heading());
    }
    for id in Id::ALL {
        assert_eq!(text.matches(&format!("| `{}` |", id.name())).count(), 1, "{}", id.name());
        assert_eq!(
            page.matches(&format!("<th scope=\"row\">{}</th>", id.name())).count(),
            1,
            "{}",
            id.name()
        );
        assert!(ran.out.contains(id.name()), "{}", id.name());
    }
    assert!(text.contains("**Rehearsal.**") && page.contains("<strong>Rehearsal.</strong>"));
    assert!(text.contains(&format!("`\"{YUBIKEY}\"`")) && ran.out.contains(&format!("\"{YUBIKEY}\"")));
    assert_eq!(page.matches(&format!("<code>\"{YUBIKEY}\"</code>")).count(), 2);
    assert!(text.contains(r"Key\|\<script\>") && page.contains("Key|&#60;script&#62;"), "{page}");
    for raw in ["<script>", "[x](", "https://", "\u{1b}", "\n# owned"] {
        assert!(!text.contains(raw), "{raw:?} in\n{text}");
    }
    assert_eq!(tags(&page), tags(&tame));
    inert("onboarding", &tame);
    under_policy("onboarding", &page);
    assert!(!page.contains('\u{1b}') && !ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'));
}

#[test]
fn what_cannot_be_written_is_told_with_the_verdict() {
    let place = Place::new(&good(), None);
    std::fs::create_dir(place.at("gone")).unwrap();
    let mut command = place.command();
    command.args(["--json", "onboard", "--out", "gone/report.md", "--html", "report.html"]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    // When it asks for the PIN, it has looked at its files.
    let mut line = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("attempts left"), "{line}");
    std::fs::remove_dir(place.at("gone")).unwrap();
    child.stdin.take().unwrap().write_all(format!("{PIN}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), document["verdict"].as_str()), (Some(2), Some("fit-with-warnings")));
    let faults = document["not_written"].as_array().unwrap();
    assert!(faults.len() == 1 && faults[0]["message"].as_str().unwrap().contains("gone/report.md"));
    assert!(document["not_recorded"].is_null() && place.at("report.html").is_file());
}

#[test]
fn the_catalogue_entry_is_taken_by_the_catalogue() {
    let unknown = "12345678-1234-4123-8123-123456789abc";
    for (aaguid, product) in [(YUBIKEY, "Soft"), (unknown, "A \"quoted\" key\u{1b}[2J")] {
        let options =
            Options { aaguid: aaguid.parse().unwrap(), product: Some(product.to_owned()), ..good() };
        let place = Place::new(&options, None);
        std::fs::create_dir(place.at("ours")).unwrap();
        let ran = place.onboard(&["--catalogue-entry", "ours/entry.toml"]);
        assert_eq!(ran.code, i32::from(aaguid == unknown), "{ran:?}");
        let shown = place.run("", &["--json", "--catalogue", "ours", "catalogue", "show", aaguid]).json();
        let model = &shown["model"];
        assert_eq!(model["aaguid"], aaguid, "{shown:#}");
        // A soft key vouches for nothing.
        assert_eq!(model["kind"], "test");
        let sources = model["sources"].to_string();
        assert!(sources.contains("glasskey") && sources.contains("a sample in the hand"), "{sources}");
        let text = std::fs::read_to_string(place.at("ours/entry.toml")).unwrap();
        assert!(
            text.contains("# Certificate 1 that the key sent, SHA-256: ") && !text.contains('\u{1b}'),
            "{text}"
        );
        let again = place.onboard(&["--catalogue-entry", "ours/entry.toml"]);
        assert_eq!(again.code, 2, "nothing is overwritten");
    }
}

#[test]
fn the_run_is_on_record_and_the_record_verifies() {
    let place = Place::new(&good(), None);
    let ledger = |arguments: &[&str]| {
        place.run(&format!("{PIN}\n"), &[&["--json", "--ledger", "ledger.db"], arguments].concat())
    };
    assert_eq!(ledger(&["ledger", "init"]).code, 0);
    let document = ledger(&["onboard", "--reset-allowed", "--yes"]).json();
    assert_eq!(ledger(&["onboard", "--reset-allowed", "--yes", "--no-record"]).json()["event"], Value::Null);
    let verified = ledger(&["ledger", "verify"]).json();
    assert_eq!((verified["intact"].as_bool(), &verified["head"]), (Some(true), &document["event"]["hash"]));
    let read = Ledger::open(&place.at("ledger.db")).unwrap();
    assert_eq!(read.inventory().pending().count(), 0, "every step that was begun has its end");
    assert_eq!(read.inventory().odd(), 0);
    assert!(read.inventory().keys().is_empty(), "a sample is in nobody's custody");
    let mut last = None;
    read.for_each::<glasskey::ledger::LedgerError>(0, |entry| {
        last = entry.body.map(|body| body.event);
        Ok(())
    })
    .unwrap();
    let Some(Payload::Onboarded(onboarded)) = last else { panic!("{last:?}") };
    assert_eq!(
        (onboarded.aaguid.to_string(), onboarded.soft, onboarded.erased),
        (YUBIKEY.to_owned(), true, true)
    );
    assert_eq!(onboarded.findings, document["findings"]);
    assert!(onboarded.registration.is_some());
}

#[test]
fn a_sample_is_on_record_as_erased_only_if_it_was() {
    let lying = Options { faults: vec!["reset-pretended".parse().unwrap()], ..good() };
    let lost = Options { faults: vec!["vanish@makecred+2".parse().unwrap()], ..good() };
    for options in [lying, lost] {
        let place = Place::blank(&options);
        assert_eq!(place.run("", &["--ledger", "ledger.db", "ledger", "init"]).code, 0);
        let ran = place.onboard(&["--ledger", "ledger.db", "--reset-allowed", "--yes"]);
        let log = place.run("", &["--json", "--ledger", "ledger.db", "ledger", "log"]).json();
        let onboarded = log["events"].as_array().unwrap().iter().find(|event| event["kind"] == "onboarded");
        assert_eq!(onboarded.unwrap()["event"]["erased"], false, "{ran:?}");
    }
}

#[test]
fn an_enrolled_key_is_no_sample_whatever_may_be_erased() {
    let place = Place::new(&good(), None);
    let plan = "organisation = \"Contoso\"\n[[account]]\nname = \"EA-01\"\nupn = \"a@b.onmicrosoft.com\"\n\
                object_id = \"1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f\"\n[[account]]\nname = \"EA-02\"\nupn = \"c@b.onmicrosoft.com\"\n\
                object_id = \"2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10\"\n[rules]\npin_location = \"apart\"\n";
    std::fs::write(place.at("custody.toml"), plan).unwrap();
    let ledger = |arguments: &[&str]| {
        place.run(&format!("{PIN}\n"), &[&["--json", "--ledger", "ledger.db"], arguments].concat())
    };
    assert_eq!(ledger(&["ledger", "init"]).code, 0);
    let enrolled = ledger(&["enroll", "--account", "EA-01"]);
    assert_eq!(enrolled.code, 0, "{enrolled:?}");
    let before = ledger(&["ledger", "head"]).json();
    for arguments in [
        &["onboard"][..],
        &["onboard", "--reset-allowed", "--yes"],
        &["onboard", "--reset-allowed", "--yes", "--no-record"],
    ] {
        let ran = ledger(arguments);
        assert_eq!(
            (ran.code, ran.json()["error"]["kind"].as_str()),
            (1, Some("already-enrolled")),
            "{ran:?}"
        );
    }
    assert_eq!(ledger(&["ledger", "head"]).json(), before);
    assert_eq!(ledger(&["--key", "EA-01-A", "check"]).code, 0, "it is as it was");
}

#[test]
fn a_later_run_tells_what_a_new_firmware_changed() {
    let place = Place::new(&good(), None);
    let first = place.onboard(&[]);
    std::fs::write(place.at("first.json"), &first.out).unwrap();
    let same = place.onboard(&["--compare", "first.json"]).json();
    let changed: Vec<_> = same["changes"].as_array().unwrap().iter().map(|one| &one["what"]).collect();
    let untimed = |what: &&&Value| {
        !["finding cancel", "finding keepalive", "finding pace"].contains(&what.as_str().unwrap())
    };
    assert_eq!(changed.iter().filter(untimed).count(), 0, "{changed:?}");
    assert_eq!(same["since"], first.json()["at"]);
    // The same model with a new firmware, which does not sign rightly any more.
    let file = place.at("keys/sample/key.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("firmware = \"5.7.4\"", "firmware = \"5.7.9\"\nfaults = [\"counter-stuck\"]");
    std::fs::write(&file, text).unwrap();
    let later = place.onboard(&["--compare", "first.json"]).json();
    let rows: Vec<_> =
        later["changes"].as_array().unwrap().iter().filter(|one| untimed(&&&one["what"])).collect();
    let row = |what: &str| rows.iter().find(|one| one["what"] == what).unwrap_or_else(|| panic!("{rows:#?}"));
    assert_eq!(
        (&row("finding counter")["before"], &row("finding counter")["after"]),
        (&"pass".into(), &"fail".into())
    );
    assert_eq!(row("info.firmware_version")["after"], "329481");
    assert_eq!(row("verdict")["after"], "not-fit");
    assert_eq!(rows.len(), 4, "{rows:#?}");
    let told = place.run(&format!("{PIN}\n"), &["onboard", "--compare", "first.json", "--out", "report.md"]);
    assert!(told.out.contains("since the run of") && told.out.contains("329476 → 329481"), "{}", told.out);
    assert!(
        std::fs::read_to_string(place.at("report.md")).unwrap().contains("| finding counter | pass | fail |")
    );
}

/// A sample that is asked for few touches, so that each may take long.
fn of_few_touches() -> Options {
    let texts = |texts: &[&str]| toml::Value::Array(texts.iter().map(|text| (*text).into()).collect());
    let es256 =
        toml::Table::from_iter([("alg".to_owned(), (-7).into()), ("type".to_owned(), "public-key".into())]);
    let no_passkeys = toml::Table::from_iter([("rk".to_owned(), false.into())]);
    let info = Overlay::default().set(2, texts(&["minPinLength"])).set(4, no_passkeys).set(10, vec![es256]);
    Options { info, ..good() }
}

#[test]
fn time_is_judged_too() {
    // A touch that comes late leaves room to be told to stop before it, also on a busy machine.
    let cases: [(&str, u32, &[&str], &str, &str); 5] = [
        ("it stops when it is told to", 1200, &[], "cancel", "pass"),
        ("it does not hear a cancel", 1200, &["cancel-deaf"], "cancel", "fail"),
        ("it says that the touch was refused", 1200, &["cancel-denied"], "cancel", "warn"),
        ("keepalives that come late", 0, &["keepalive-rare=900@makecred+2*1"], "keepalive", "warn"),
        ("a slow answer", 0, &["keepalive-flood=100/3@keyagreement+2*1"], "pace", "warn"),
    ];
    each(&cases, |(what, delay, faults, id, status)| {
        let mut options = if *delay > 0 { of_few_touches() } else { good() };
        options.touch_delay_ms = *delay;
        options.faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        let document = Place::new(&options, None).onboard(&[]).json();
        let found = finding(&document, id);
        (found["status"] != *status).then(|| format!("{what}: {found:#}"))
    });
}
