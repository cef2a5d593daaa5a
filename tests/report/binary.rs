//! Reports and labels by the real program, on soft keys.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::Value;

use super::rig::{PIN, Rig, TOKEN2, YUBIKEY};

/// Two accounts, a key each, and a check that was good.
fn rig() -> Rig {
    let rig = Rig::new();
    rig.add("one", YUBIKEY);
    rig.add("two", TOKEN2);
    rig.enroll("one", "EA-01");
    rig.enroll("two", "EA-02");
    let (code, checked) = rig.json(&["--key", "EA-01-A", "check"]);
    assert_eq!(code, 0, "{checked:#}");
    rig
}

#[test]
fn one_report_in_three_renderings() {
    let rig = rig();
    let head = rig.head();
    let (code, document) =
        rig.json(&["report", "--html", "report.html", "--markdown", "report.md", "--verify"]);
    assert_eq!(code, 0, "{document:#}");
    assert_eq!((&document["rehearsal"], &document["well"]), (&true.into(), &false.into()), "one key too few");
    assert_eq!(document["ledger"]["verified"], true);
    let [html, markdown] = ["report.html", "report.md"].map(|name| fs::read_to_string(rig.at(name)).unwrap());
    for text in [&html, &markdown] {
        for words in
            ["Rehearsal", "EA-01-A", "EA-02-A", "keys-per-account", "glasskey enroll --account EA-01", &head]
        {
            assert!(text.contains(words), "{words}");
        }
        assert!(!text.contains(PIN));
    }
    let mode = fs::metadata(rig.at("report.html")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it names places and people");
    assert_eq!(rig.head(), head, "a report writes nothing into the ledger");
    let again = rig.run("", &["report", "--html", "report.html"]);
    assert_eq!(
        (again.code, again.out.as_str()),
        (0, "report.html is written\n"),
        "an earlier one is replaced"
    );
    let leftovers = fs::read_dir(rig.at(""))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".new-"));
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn nothing_but_an_earlier_report_is_ever_replaced() {
    let rig = rig();
    let ledger = fs::read(rig.at("ledger.db")).unwrap();
    fs::write(rig.at("notes.html"), "<!DOCTYPE html><p>mine").unwrap();
    fs::write(rig.at("empty.html"), "").unwrap();
    fs::create_dir(rig.at("folder")).unwrap();
    symlink(rig.at("ledger.db"), rig.at("link.html")).unwrap();
    symlink(rig.at("nowhere"), rig.at("dangling.html")).unwrap();
    let refused = |arguments: &[&str], words: &str| {
        let ran = rig.run("", arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(words), "{arguments:?}: {ran:?}");
    };
    for verb in [
        &["report", "--html"][..],
        &["report", "--markdown"],
        &["label", "EA-01-A", "--svg"],
        &["label", "--html"],
    ] {
        let at = |file| [verb, &[file]].concat();
        refused(&at("ledger.db"), "is left as it is");
        refused(&at("plan.toml"), "is left as it is");
        refused(&at("notes.html"), "is left as it is");
        refused(&at("link.html"), "is a symbolic link");
        refused(&at("dangling.html"), "is a symbolic link");
        refused(&at("folder"), "is a folder");
        refused(&at("no/such/folder.html"), "no/such/folder.html");
        refused(&at("/dev/null"), "a device");
    }
    assert_eq!(fs::read(rig.at("ledger.db")).unwrap(), ledger);
    assert!(!rig.at("nowhere").exists());
    let done = rig.run("", &["report", "--html", "empty.html"]);
    assert_eq!(done.code, 0, "{done:?}");
    refused(&["label", "--html", "empty.html"], "it is no sheet of labels");
}

#[test]
fn labels_of_one_key_and_of_all() {
    let rig = rig();
    let (code, document) = rig.json(&["label", "EA-01-A", "--svg", "label.svg"]);
    assert_eq!(code, 0, "{document:#}");
    let label = &document["labels"][0];
    assert_eq!(
        (&label["site"], &label["soft"], &label["upn"]),
        (&"Berlin".into(), &true.into(), &Value::Null)
    );
    assert_eq!(label["ledger"]["head"], rig.head());
    assert!(label["text"].as_str().unwrap().ends_with(&format!("\nhead {}", rig.head())));
    let picture = fs::read_to_string(rig.at("label.svg")).unwrap();
    assert!(picture.contains("SOFT KEY · REHEARSAL") && !picture.contains("onmicrosoft"));
    // An old label leads to the key, and the sheet leaves out what is not active.
    for step in [
        &["inventory", "relabel", "EA-01-A", "Berlin-1"][..],
        &["inventory", "retire", "EA-02-A", "--why", "old"],
    ] {
        assert_eq!(rig.run("", step).code, 0);
    }
    assert_eq!(rig.json(&["label", "EA-01-A"]).1["labels"][0]["label"], "Berlin-1");
    let (_, sheet) = rig.json(&["label", "--html", "labels.html"]);
    assert_eq!(sheet["labels"].as_array().unwrap().len(), 1, "{sheet:#}");
    let (_, named) = rig.json(&["label", "EA-02-A"]);
    assert_eq!(named["labels"][0]["state"], "retired");
}

/// A drill through the program, one key of it left out, as the report tells it.
#[test]
fn a_drill_is_on_paper() {
    let rig = rig();
    let before = rig.json(&["report", "--html", "before.html"]).1;
    assert_eq!(before["drills"]["all"], serde_json::json!([]));
    let begun = [
        "drill",
        "--by",
        "Dana <b>Dahl</b>",
        "--present",
        "Ana Ader",
        "--signin-ok",
        "yes",
        "--signin-at",
        "now",
        "--alert-ok",
        "no",
        "--role-ok",
        "yes",
        "--leave-out",
        "EA-02-A",
        "--bag",
        "EA-01-A=S-4711",
        "--why",
        "it is at the maker's",
    ];
    rig.plug(&["one"]);
    let begun = rig.run(&format!("{PIN}\n"), &begun);
    let ended = rig.run("", &["drill", "--end", "--why", "rehearsed in part"]);
    assert_eq!((begun.code, ended.code), (1, 1), "{begun:?} {ended:?}");
    let (_, report) = rig.json(&["report", "--html", "report.html", "--markdown", "report.md"]);
    let record = &report["drills"]["records"][0];
    assert_eq!(record["verdict"], "failed", "{record:#}");
    let of = |label: &str| {
        record["tried"].as_array().unwrap().iter().find(|key| key["label"] == label).unwrap().clone()
    };
    assert_eq!((&of("EA-01-A")["signed"], &of("EA-01-A")["bag_after"]), (&true.into(), &"S-4711".into()));
    assert_eq!(
        (&of("EA-02-A")["verdict"], &of("EA-02-A")["says"]),
        (&Value::Null, &"it is at the maker's".into())
    );
    let answers = |id: &str| {
        record["asked"].as_array().unwrap().iter().find(|asked| asked["id"] == id).unwrap()["answers"].clone()
    };
    assert_eq!(
        (&answers("alert")[0]["answer"], &answers("people-reviewed")[0]["answer"]),
        (&"no".into(), &Value::Null)
    );
    assert!(!report["drills"]["open_actions"].as_array().unwrap().is_empty());
    let [html, markdown] = ["report.html", "report.md"].map(|name| fs::read_to_string(rig.at(name)).unwrap());
    for words in [
        "Record of the drill of",
        "Dana &#60;b&#62;Dahl&#60;/b&#62;",
        "rehearsed in part",
        "not answered",
        "Signature",
        "href=\"#m-drill-failed\"",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(markdown.contains("Led by Dana \\<b\\>Dahl\\</b\\>; present: Ana Ader"), "{markdown}");
    assert!(
        report["keys"][0]["readings"].as_array().unwrap().len()
            > before["keys"][0]["readings"].as_array().unwrap().len()
    );
}

#[test]
fn what_cannot_be_done_is_said() {
    let rig = rig();
    for (arguments, code, words) in [
        (&["report"][..], 2, "--markdown <FILE>"),
        (&["label", "EA-01-A"], 2, "--svg <FILE>"),
        (&["label", "EA-01-A", "EA-02-A", "--svg", "x.svg"], 2, "name one key"),
        (&["label", "--svg", "x.svg"], 2, "name one key"),
        (&["label", "EA-09-Z", "--svg", "x.svg"], 2, "no key has, or had, the label 'EA-09-Z'"),
    ] {
        let ran = rig.run("", arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(words), "{arguments:?}: {ran:?}");
    }
    let plan = fs::read_to_string(rig.at("plan.toml")).unwrap();
    fs::write(rig.at("plan.toml"), format!("{plan}\n[labels]\nwidth_mm = 20\nheight_mm = 10\n")).unwrap();
    let small = rig.run("", &["label", "EA-01-A", "--svg", "x.svg"]);
    assert!(
        small.code == 2 && small.err.contains("20 × 10 mm") && small.err.contains("width_mm"),
        "{small:?}"
    );
    // A record that is broken makes no document that somebody might sign.
    let mut bytes = fs::read(rig.at("ledger.db")).unwrap();
    let at = bytes.windows(6).rposition(|six| six == b"Berlin").unwrap();
    bytes[at] = b'M';
    fs::write(rig.at("ledger.db"), bytes).unwrap();
    for arguments in [&["report", "--html", "r.html"][..], &["label", "--html", "l.html"]] {
        let ran = rig.run("", arguments);
        assert_eq!(ran.code, 6, "{ran:?}");
    }
    assert!(!rig.at("r.html").exists() && !rig.at("l.html").exists());
}
