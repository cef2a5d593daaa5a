//! PINs that hold what nobody sees or could type elsewhere: never given to a key, and never tried on one.

use serde_json::Value;

use crate::rig::{PIN, Rig, YUBIKEY};

/// A byte order mark, arrow key and delete key, a tab, a carriage return within, a zero-width space, a direction mark.
const UNSEEN: [&str; 6] = ["\u{feff}", "\u{1b}[D", "\u{8}", "\t", "\r", "\u{200b}"];

fn refused(rig: &Rig, input: &str, arguments: &[&str]) -> String {
    let ran = rig.run(input, &[&["--json"], arguments].concat());
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &document["error"]["kind"]), (5, &"pin".into()), "{input:?}: {ran:?}");
    document["error"]["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_new_pin_is_one_that_a_person_can_type_elsewhere() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    let enroll = ["enroll", "--account", "EA-01"];
    for unseen in UNSEEN {
        let message = refused(&rig, &format!("quagga{unseen}7731\n"), &["pin", "set"]);
        assert!(
            message.contains("the PIN was not sent: it holds a character that cannot be seen"),
            "{message}"
        );
        refused(&rig, &format!("quagga{unseen}7731\n"), &enroll);
    }
    for white in [" quagga-7731", "quagga-7731 ", "quagga\u{a0}7731", "          "] {
        // It holds the PIN of the others, which is never shown.
        let white = white.replace(PIN, "okapi-5512");
        let message = refused(&rig, &format!("{white}\n"), &["pin", "set"]);
        assert!(message.contains("begins and ends with no white space"), "{message}");
        refused(&rig, &format!("{white}\n"), &enroll);
    }
    assert_eq!(rig.json(&["pin", "status"]).1["pin_set"], false);
    assert!(!rig.events().iter().any(|(payload, _)| payload.kind() == "enrolled"));

    // What an editor writes before the first line is no part of it; blanks between words are.
    assert_eq!(rig.run("\u{feff}quagga 7731\n", &["pin", "set"]).code, 0);
    assert_eq!(rig.run("quagga 7731\n", &["pin", "verify"]).code, 0);
    for new in ["\u{feff}okapi-5512", "okapi\u{1b}[C-5512", "okapi-5512 "] {
        refused(&rig, &format!("quagga 7731\n{new}\n"), &["pin", "change"]);
    }
    let ran = rig.run(&format!("\u{feff}quagga 7731\n{PIN}\n"), &["pin", "change"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (code, verified) = rig.json(&["pin", "verify"]);
    assert_eq!((code, &verified["retries"]), (0, &8.into()), "{verified}");
}

#[test]
fn a_pin_with_what_nobody_sees_costs_no_attempt() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig.add_with_pin("y2", YUBIKEY);
    for unseen in UNSEEN {
        let typed = format!("quagga{unseen}-7731\n");
        for verb in [&["check"][..], &["pin", "verify"], &["pin", "change"], &["credentials", "list"]] {
            refused(&rig, &typed, &[&["--key", "EA-01-A"], verb].concat());
        }
    }
    // A mark before the first line of a file is nobody's; before another line it is not sent.
    let ran = rig.run(&format!("\u{feff}{PIN}\n\u{feff}{PIN}\n"), &["check", "--all"]);
    assert!(ran.code == 5 && ran.out.contains("! FIT WITH WARNINGS  soft:y1"), "{ran:?}");
    assert!(
        ran.out.contains("✗ NOT CHECKED        soft:y2") && ran.err.contains("no attempt was spent"),
        "{ran:?}"
    );
    // A line that is too long to be a PIN is not the next key's.
    let ran = rig.run(&format!("{}{PIN}\n{PIN}\n", "7".repeat(1024)), &["check", "--all"]);
    assert!(ran.out.contains("✗ NOT CHECKED        soft:y1"), "{ran:?}");
    assert!(ran.out.contains("! FIT WITH WARNINGS  soft:y2 · not enrolled"), "{ran:?}");
    for key in ["soft:y1", "soft:y2"] {
        assert_eq!(rig.json(&["--key", key, "pin", "status"]).1["retries"], 8, "{key}");
    }
}
