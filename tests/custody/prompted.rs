//! PINs as people type them: on a terminal, a new one twice, never shown.
#![cfg(target_os = "linux")]

use crate::rig::{PIN, Rig, YUBIKEY};
use crate::typed::Typed;

/// Runs the program on a terminal: waits for each prompt, then types. `None` where there is no `script`.
fn typed(rig: &Rig, arguments: &str, answers: &[(&str, &str)]) -> Option<(i32, String)> {
    let mut terminal = Typed::run(rig, arguments)?;
    for (prompt, answer) in answers {
        terminal.wait(prompt);
        terminal.press(answer);
    }
    Some(terminal.end())
}

#[test]
fn a_new_pin_is_asked_for_twice_and_no_pin_is_ever_shown() {
    let rig = Rig::new();
    rig.add("y1", YUBIKEY);
    let (new, again) = ("New PIN, at least 8 characters: ", "The new PIN again: ");
    let pin = format!("{PIN}\n");
    let enroll = "enroll --account EA-01";
    let Some((code, screen)) = typed(&rig, enroll, &[(new, &pin), (again, "okapi-5512\n")]) else {
        println!("skipped: there is no `script` here");
        return;
    };
    assert!(code == 2 && screen.contains("the two entries of the new PIN differ"), "{screen}");
    assert!(!screen.contains("okapi"), "{screen}");
    assert_eq!(
        (rig.json(&["pin", "status"]).1["pin_set"].as_bool(), rig.ledger().chain().seq),
        (Some(false), 1)
    );

    let (code, screen) = typed(&rig, enroll, &[(new, &pin), (again, &pin)]).unwrap();
    assert!(code == 0 && screen.contains("EA-01-A is enrolled"), "{screen}");

    // Ctrl-C at a prompt: nothing was sent.
    let (code, screen) = typed(&rig, "check", &[("PIN of ", "\u{3}")]).unwrap();
    assert_eq!(code, 130, "{screen}");
    assert_eq!(rig.json(&["pin", "status"]).1["retries"], 8);
    let (code, screen) = typed(&rig, "check", &[("PIN of ", &pin)]).unwrap();
    assert!(code == 0 && screen.contains("recorded: event"), "{screen}");
}

#[test]
fn several_keys_are_asked_for_one_after_the_other_and_a_dead_one_holds_up_nobody() {
    let rig = Rig::new();
    rig.add("dead", YUBIKEY);
    rig.fault("dead", &["dead"]);
    rig.plug(&[]);
    for name in ["one", "two"] {
        rig.add_with_pin(name, YUBIKEY);
        rig.plug(&[]);
    }
    rig.plug(&["dead", "one", "two"]);
    let pin = format!("{PIN}\n");
    let answers = [("(soft:one): ", pin.as_str()), ("(soft:two): ", &pin)];
    let Some((code, screen)) = typed(&rig, "check --all", &answers) else {
        println!("skipped: there is no `script` here");
        return;
    };
    assert!(code == 7 && !screen.contains(PIN), "{screen}");
    // While it runs a row for each; at the end the findings, and then a line for each.
    assert!(
        screen.contains(" 2  soft:one  waits for its PIN") && screen.contains(" 1  soft:dead"),
        "{screen}"
    );
    let end: Vec<&str> = screen.lines().rev().take(3).collect();
    let is = |line: &str, words: &str, key: &str| line.contains(words) && line.contains(key);
    assert!(is(end[2], "✗ NOT CHECKED", "soft:dead"), "{screen}");
    assert!(is(end[1], "✓ FIT", "soft:one") && is(end[0], "✓ FIT", "soft:two"), "{screen}");
    assert!(screen.contains("test-registration"), "the findings of each: {screen}");
}
