//! What comes up against keys after they were enrolled: an advisory is added, metadata are imported, and the status judges
//! by them.

use serde_json::Value;

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, finding};

const ADVISORY: &str = r#"
updated = "2026-11-20"
[[advisory]]
id = "OURS-2026-01"
title = "the touch sensor of one batch fails in the cold"
date = "2026-01"
severity = "ours"
affects = "fido"
meaning = "A key from a cold safe may not answer to a touch."
cure = "Warm it in the hand first."
sources = ["our own drill"]
confidence = "confirmed"
[[advisory.rule]]
vendors = ["Yubico"]
firmware = [{ from = "5.7.4", below = "5.7.5" }]
"#;

fn with_folder() -> Rig {
    let rig = Rig::new();
    let plan = std::fs::read_to_string(rig.at("plan.toml")).unwrap();
    std::fs::write(rig.at("plan.toml"), plan + "[catalogue]\nfolders = [\"own\"]\n").unwrap();
    std::fs::create_dir(rig.at("own")).unwrap();
    // A catalogue folder must hold something.
    std::fs::write(rig.at("own/quirks.toml"), "updated = \"2026-11-20\"\n").unwrap();
    rig
}

fn add(rig: &Rig, text: &str) -> (i32, Value) {
    std::fs::write(rig.at("news.toml"), text).unwrap();
    rig.json(&["catalogue", "add-advisory", &rig.at("news.toml").display().to_string()])
}

fn advisory(rig: &Rig) -> (i32, Value) {
    let (code, status) = rig.json(&["status"]);
    let rows = status["findings"].as_array().unwrap();
    (code, rows.iter().find(|row| row["about"] == "OURS-2026-01").cloned().unwrap_or_default())
}

#[test]
fn an_advisory_that_arrives_judges_every_enrolled_key_and_a_check_takes_note_of_it() {
    let rig = with_folder();
    rig.add("y", YUBIKEY);
    rig.add("t", TOKEN2);
    rig.plug(&["y"]);
    rig.enroll("y", "EA-01");
    rig.plug(&["t"]);
    rig.enroll("t", "EA-02");
    assert_eq!(advisory(&rig).1, Value::Null);

    let (code, added) = add(&rig, ADVISORY);
    assert_eq!(code, 0, "{added:#}");
    let one = &added["advisories"][0];
    assert_eq!((&one["id"], &one["judged"]), (&"OURS-2026-01".into(), &2.into()));
    assert_eq!(one["keys"], serde_json::json!([{ "label": "EA-01-A", "account": "EA-01", "sure": true }]));
    assert!(rig.at("own/advisories/OURS-2026-01.toml").exists());

    // It is older than the enrolment, and nobody here knew of it then.
    let (code, row) = advisory(&rig);
    assert_eq!((code, &row["status"]), (1, &"fail".into()), "{row:#}");
    assert!(row["saw"].as_str().unwrap().contains("after these were last checked well: EA-01-A"), "{row}");

    rig.plug(&["y"]);
    let (_, document) = rig.json(&["check"]);
    let told = finding(&document, "advisory");
    assert_eq!(told["status"], "warn");
    assert!(told["saw"].as_str().unwrap().contains("A key from a cold safe may not answer"), "{told}");

    let again = add(&rig, ADVISORY);
    assert!(
        again.0 == 2 && again.1["error"]["message"].as_str().unwrap().contains("already taken"),
        "{again:?}"
    );
}

#[test]
fn what_is_no_good_advisory_is_refused_and_nothing_is_written() {
    let rig = with_folder();
    let cases = [
        ("vendors = [\"Yubico\"]", "vendors = [\"Yubiko\"]", "Yubiko"),
        (
            "vendors = [\"Yubico\"]",
            "vendors = [\"Yubico\"]\naaguids = [\"deadbeef-0000-4000-8000-000000000000\"]",
            "deadbeef",
        ),
        ("vendors = [\"Yubico\"]", "vendors = []", "vendors"),
        ("below = \"5.7.5\"", "below = \"5.7.4\"", "ends before it starts"),
        ("below = \"5.7.5\"", "below = \"5.7\"", "not a version"),
        ("date = \"2026-01\"", "date = \"January\"", "date"),
        (
            "meaning = \"A key from a cold safe may not answer to a touch.\"",
            "meaning = \" \"",
            "what it means",
        ),
        ("sources = [\"our own drill\"]", "sources = []", "where it is from"),
        ("id = \"OURS-2026-01\"", "id = \"../../evil\"", "file's name"),
        ("id = \"OURS-2026-01\"", "id = \"YSA-2024-03\"", "already taken"),
        ("severity = \"ours\"", "severity = \"ours\"\ncolour = \"red\"", "colour"),
        ("updated = \"2026-11-20\"", "added = \"2020-01-01\"\nupdated = \"2026-11-20\"", "added"),
        ("[[advisory]]", "[[advisories]]", "advisories"),
    ];
    for (good, bad, says) in cases {
        assert!(ADVISORY.contains(good));
        let (code, error) = add(&rig, &ADVISORY.replacen(good, bad, 1));
        let message = error["error"]["message"].as_str().unwrap_or_default();
        assert!(code == 2 && message.contains(says), "{bad}: {code} {message}");
    }
    assert!(!rig.at("own/advisories").exists());
    let none = rig.elsewhere().args(["catalogue", "add-advisory"]).arg(rig.at("news.toml")).output().unwrap();
    assert_eq!(none.status.code(), Some(2), "without a folder there is no place for it");
    let empty = add(&rig, "updated = \"2026-11-20\"\n");
    assert!(empty.0 == 2 && empty.1["error"]["message"].as_str().unwrap().contains("no [[advisory]]"));
}

#[test]
fn a_model_that_nobody_has_described_may_be_the_other_accounts_vendor() {
    let rig = with_folder();
    let novel = "0c0ffee0-5afe-4000-8000-00000000beef";
    rig.allow(&[YUBIKEY, novel]);
    rig.add("y", YUBIKEY);
    rig.add_with_firmware("n", novel, None);
    rig.plug(&["y"]);
    rig.enroll("y", "EA-01");
    let payload = serde_json::json!({
        "no": 300, "nextUpdate": "2039-01-01", "entries": [{
            "aaguid": novel, "metadataStatement": { "description": "Novel Key" },
            "statusReports": [{ "status": "FIDO_CERTIFIED_L1" }],
        }],
    });
    std::fs::write(rig.at("bare.json"), payload.to_string()).unwrap();
    let bare = rig.at("bare.json").display().to_string();
    let (code, imported) = rig.json(&["catalogue", "import-mds", &bare, "--unsigned"]);
    assert_eq!((code, &imported["signed"]), (0, &Value::Null));
    rig.plug(&["n"]);
    let (code, refused) = rig.json(&["enroll", "--account", "EA-02", "--site", "Bonn"]);
    assert_eq!((code, &refused["error"]["kind"]), (1, &"vendor-diversity".into()), "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("nobody knows who makes"), "{refused}");
    let ran = rig.run(
        &format!("{PIN}\n"),
        &["enroll", "--account", "EA-02", "--site", "Bonn", "--override", "a test"],
    );
    assert!(ran.out.contains("model-known") && ran.out.contains("unsigned"), "{ran:?}");
}
