//! PINs as people type them: on a terminal, a new one twice, never shown; and what else a terminal shows, or cannot.
#![cfg(target_os = "linux")]

use std::time::Duration;

use glasskey::soft::Touch;

use crate::rig::{PIN, Rig, YUBIKEY};
use crate::typed::Typed;

/// Runs the program on a terminal: waits for each prompt, then types. `None` where there is no `script`.
fn typed(rig: &Rig, arguments: &str, answers: &[(&str, &str)]) -> Option<(i32, String)> {
    // A terminal that echoes, as people have them.
    let mut terminal = Typed::run_as(rig, "stty echo;", &format!("--color never {arguments}"))?;
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
    // Pasted, with what nobody sees.
    let pasted = format!("{PIN}\u{200b}\n");
    let (code, screen) = typed(&rig, "check", &[("PIN of ", &pasted)]).unwrap();
    assert!(code == 5 && screen.contains("holds a character that cannot be seen or read"), "{screen}");
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

#[test]
fn one_prompt_stands_at_a_time_and_the_echo_comes_back() {
    let rig = Rig::new();
    for name in ["a", "b"] {
        rig.add_with_pin(name, YUBIKEY);
    }
    rig.add("c", YUBIKEY);
    // b is asked for while the others have not said who they are; c goes on, and a wants to be asked for, meanwhile.
    rig.fault("a", &["keepalive-flood=100/2@getinfo", "keepalive-flood=100/2@retries"]);
    rig.fault("c", &["keepalive-flood=100/2@getinfo"]);
    let line = "--color never check --all; code=$?; stty -a; exit $code";
    let Some(mut terminal) = Typed::run_as(&rig, "stty echo;", line) else {
        println!("skipped: there is no `script` here");
        return;
    };
    terminal.wait("(soft:b): ");
    terminal.stays_without("(soft:a): ", Duration::from_secs(5));
    terminal.press(&format!("{PIN}\n"));
    terminal.wait("(soft:a): ");
    terminal.press(&format!("{PIN}\n"));
    let (code, screen) = terminal.end();
    assert!(code == 1 && screen.contains("✓ FIT                soft:a · "), "{screen}");
    assert!(screen.contains("✓ FIT                soft:b · "), "{screen}");
    assert!(screen.split_whitespace().any(|word| word == "echo"), "the echo is off: {screen}");
}

#[test]
fn a_touch_is_prompted_for_on_every_terminal_in_its_colours_and_with_its_true_limit() {
    let rig = Rig::new();
    rig.add_with_pin("y1", YUBIKEY);
    rig.bend("y1", |options| (options.touch, options.touch_timeout_ms) = (Touch::Never, 1500));
    let check = "--touch-timeout 20 check --all --no-record";
    let plain = "soft:y1: touch the key within 20 s";
    for (before, options, drawn, coloured) in [
        ("", "", true, true),
        ("", "--color never", true, false),
        ("NO_COLOR=1", "", true, false),
        ("TERM=dumb", "", false, false),
        ("env -u TERM", "", false, false),
    ] {
        let Some(mut terminal) = Typed::run_as(&rig, before, &format!("{options} {check}")) else {
            println!("skipped: there is no `script` here");
            return;
        };
        terminal.wait("(soft:y1): ");
        terminal.press(&format!("{PIN}\n"));
        let (code, screen) = terminal.end();
        assert_eq!(code, 1, "{before} {options}: {screen}");
        let prompted = screen.contains("Touch the key now");
        assert_eq!((prompted, screen.contains(plain)), (drawn, !drawn), "{before} {options}: {screen}");
        assert_eq!(screen.contains("\u{1b}[1m"), coloured, "{before} {options}: {screen:?}");
    }
    // A reset waits longer than a touch may take: what is told is how long the key is really waited for.
    let ran = rig.run("", &["--touch-timeout", "20", "reset", "--yes"]);
    assert!(ran.code == 1 && ran.err.contains("touch the key within 30 s"), "{ran:?}");
    let (code, screen) = typed(&rig, "--touch-timeout 20 reset --yes", &[]).unwrap();
    let shows = |left: &str| screen.contains(&format!("Touch the key now ({left} s left)"));
    assert!(code == 1 && (shows("29") || shows("30")) && !shows("19"), "{screen}");
}
