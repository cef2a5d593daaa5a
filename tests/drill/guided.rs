//! The drill as people see it: on a terminal, step by step.
#![cfg(target_os = "linux")]

use super::*;
use crate::typed::Typed;

/// What is done once a prompt is there.
enum Do {
    Type(&'static str),
    Pin,
    Plug(&'static [&'static str]),
}

/// Runs the program on a terminal. The exit code, and all that stood on the screen; `None` where there is no `script`.
fn typed(rig: &Rig, arguments: &str, steps: &[(&str, Do)]) -> Option<(i32, String)> {
    let mut terminal = Typed::run(rig, arguments)?;
    for (prompt, what) in steps {
        terminal.wait(prompt);
        match what {
            Do::Type(text) => terminal.press(text),
            Do::Pin => terminal.press(&format!("{PIN}\n")),
            Do::Plug(names) => rig.plug(names),
        }
    }
    Some(terminal.end())
}

use Do::{Pin, Plug, Type};

#[test]
fn a_drill_is_led_through_interrupted_and_ended() {
    let rig = custody();
    rig.add_with_pin("stranger", YUBIKEY);
    rig.plug(&[]);
    let first = [
        ("Who leads the drill?", Type("Ana Ader\n")),
        ("Were those who watch", Type("y\n")),
        ("Take EA-01-A of EA-01 out, it lies at Berlin, in the bag 0041", Type("")),
        // Another one than was asked for will do.
        ("Plug it in.", Plug(&["y2"])),
        ("this is EA-01-B (another one", Type("")),
        ("Is the bag unopened", Type("y\n")),
        ("PIN of ", Type("a-wrong-one\n")),
        // One prompt, one attempt.
        ("Nothing is on record of it yet: Enter stops here for now", Type("agian\n")),
        ("not understood: 'agian'", Type("")),
        ("Type: again", Type("again\n")),
        ("7 PIN attempts left", Type("")),
        ("PIN of ", Pin),
        ("pin-retries", Type("")),
        ("Put EA-01-B back.", Type("0053\n")),
        // A stranger is asked for no PIN.
        ("Plug it in.", Plug(&["stranger"])),
        ("none of the keys on record", Type("")),
        ("Did it lie where EA-01-A", Type("n\n")),
        ("Pull it out", Type("mising\n")),
        ("not understood: 'mising'", Plug(&["y1"])),
        ("this is EA-01-A.", Type("")),
        ("Is the bag unopened", Type("n\n")),
        ("What is wrong", Type("torn\n")),
        ("PIN of ", Type("\u{3}")),
    ];
    let Some((code, screen)) = typed(&rig, "drill", &first) else {
        println!("skipped: there is no `script` here");
        return;
    };
    assert_eq!(code, 130, "{screen}");
    let second = [
        ("Enter: Ana Ader.", Type("\n")),
        ("1 checked, of 4 keys", Type("")),
        ("Plug it in.", Type("")),
        ("this is EA-01-A.", Type("")),
        ("PIN of ", Pin),
        ("Put EA-01-A back.", Type("\n")),
        ("Take EA-02-A", Type("")),
        ("Plug it in.", Type("missing\n")),
        ("What is known of that?", Type("not in the safe\n")),
        ("Take EA-02-B", Plug(&["t2"])),
        ("Is the bag unopened", Type("y\n")),
        ("PIN of ", Pin),
        ("Put EA-02-B back.", Type("stop\n")),
    ];
    let (code, screen) = typed(&rig, "drill", &second).unwrap();
    assert_eq!(code, 1, "{screen}");
    assert!(!screen.contains("Were those who watch"), "what was answered is not asked again");
    let account = |name: &'static str| {
        [
            (name, Type("y\n")),
            ("When?", Type("25:00\n")),
            ("is no time", Type("")),
            ("When?", Type("now\n")),
            ("Is it still Global", Type("y\n")),
            ("seen in the sign-in log", Type("y\n")),
            ("Did the alert", Type("maybe\n")),
            ("y, n, or Enter.", Type("y\n")),
            ("When?", Type("now\n")),
            ("accounted for", Type("y\n")),
            ("no authentication method", Type("y\n")),
        ]
    };
    let last = [
        ("gone over", Type("y\n")),
        ("written down", Type("y\n")),
        ("trained", Type("\n")),
        ("combinations", Type("-\n")),
        ("two networks", Type("\n")),
        ("FAILED", Type("")),
    ];
    let who = [("Enter: Ana Ader.", Type("\n"))];
    let third: Vec<_> = who
        .into_iter()
        .chain(account("EA-01: Did the account sign in"))
        .chain(account("EA-02: Did the account sign in"))
        .chain(last)
        .collect();
    let (code, screen) = typed(&rig, "drill", &third).unwrap();
    assert!(code == 1 && screen.contains("answers left\r\n  people-trained"), "{screen}");
    let (code, ended) = drill(&rig, &json!({ "answers": { "people-trained": "yes" } }), &[]);
    assert_eq!((code, verdicts(&ended)), (1, ["failed"; 3]), "{ended:#}");
    let told: Vec<_> = actions(&ended);
    assert_eq!(
        told,
        [
            ("pin-retries", "EA-01-B", "Ana Ader"),
            ("seal", "EA-01-A", "Ana Ader"),
            ("key-missing", "EA-02-A", "Bo Berg")
        ]
    );
    rig.plug(&["stranger"]);
    assert_eq!(rig.json(&["--key", "soft:stranger", "pin", "status"]).1["retries"], 8);
    assert_eq!(key(&ended, "EA-01-B")["back_in_bag"], "0053");
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}

/// What a person walks away from has not begun: `stop`, and the end of the input.
#[test]
fn a_drill_that_nobody_leads_is_not_begun() {
    let rig = custody();
    let head = rig.head();
    for keys in ["stop\n", "\u{4}"] {
        let Some((code, screen)) = typed(&rig, "drill", &[("Who leads the drill?", Type(keys))]) else {
            println!("skipped: there is no `script` here");
            return;
        };
        assert!(code == 1 && screen.contains("nothing was begun or recorded"), "{code} {screen}");
        assert_eq!(rig.head(), head, "nothing is on record");
    }
    // Where only Enter is typed, somebody is there who does not say their name.
    let (_, screen) =
        typed(&rig, "drill", &[("Who leads", Type("\n")), ("Were those who watch", Type("stop\n"))]).unwrap();
    assert!(rig.ledger().inventory().open_drill().is_some(), "{screen}");
}

/// While a question is answered, another key is put into the same place.
#[test]
fn a_key_that_is_swapped_while_nobody_looks_is_asked_who_it_is() {
    let rig = custody();
    rig.add_with_pin("thief", YUBIKEY);
    rig.plug(&[]);
    let Some(mut terminal) = Typed::run(&rig, "drill --account EA-01") else {
        println!("skipped: there is no `script` here");
        return;
    };
    terminal.wait("Who leads the drill?");
    terminal.press("Ana Ader\n");
    terminal.wait("Were those who watch");
    terminal.press("y\n");
    terminal.wait("Plug it in.");
    rig.plug(&["y1"]);
    terminal.wait("Is the bag unopened");
    terminal.press("y\n");
    terminal.wait("PIN of ");
    terminal.press(&format!("{PIN}\n"));
    terminal.wait("Put EA-01-A back.");
    // The same path, another key.
    rig.copy("y1", "kept");
    rig.copy("thief", "y1");
    let (here, away) = (rig.at("keys/y1/key.toml"), rig.at("keys/y1/unplugged.toml"));
    fs::rename(away, here).unwrap();
    rig.plug(&["y1"]);
    terminal.press("\n");
    terminal.wait("none of the keys on record");
    terminal.wait("Did it lie where EA-01-B");
    terminal.press("n\n");
    terminal.wait("Pull it out.");
    terminal.press("stop\n");
    assert_eq!(terminal.end().0, 1);
    assert_eq!(rig.json(&["--key", "soft:y1", "pin", "status"]).1["retries"], 8, "no PIN was tried on it");
}

/// `--key` is looked up once: in a drill keys come and go.
#[test]
fn a_key_that_is_named_by_its_path_may_be_pulled_out() {
    let rig = custody();
    rig.plug(&["y1"]);
    let steps = [
        ("Who leads the drill?", Plug(&[])),
        ("", Type("Ana Ader\n")),
        ("Were those who watch", Type("y\n")),
        ("Plug it in.", Plug(&["y2"])),
        ("this is EA-01-B (another one", Type("")),
        ("Is the bag unopened", Type("stop\n")),
    ];
    let Some((code, screen)) = typed(&rig, "--key soft:y1 drill", &steps) else {
        println!("skipped: there is no `script` here");
        return;
    };
    assert_eq!(code, 1, "{screen}");
    let (code, none) = rig.json(&["--key", "soft:y1", "drill"]);
    assert_eq!((code, none["error"]["kind"].as_str()), (3, Some("no-key")), "{none:#}");
}

/// The page for people who have never seen the program shows what they will see.
#[test]
fn the_documented_screen_is_what_people_see() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/drill-lead.md")).unwrap();
    let shown = page.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let rig = custody();
    rig.plug(&[]);
    let steps = [
        ("Who leads the drill?", Type("Ana Ader\n")),
        ("Were those who watch", Type("y\n")),
        ("Plug it in.", Plug(&["y1"])),
        ("Is the bag unopened", Type("y\n")),
        ("PIN of ", Pin),
        ("Put EA-01-A back.", Type("0051\n")),
        ("Plug it in.", Type("stop\n")),
    ];
    let Some((_, screen)) = typed(&rig, "drill", &steps) else {
        println!("skipped: there is no `script` here");
        return;
    };
    // The number of an event is that of the ledger at hand.
    let plain = |text: &str| {
        let words = text
            .split_whitespace()
            .map(|word| if word.ends_with(')') && word.len() < 5 { "#" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    let screen = plain(&screen);
    for line in shown.lines().map(plain).filter(|line| !line.is_empty()) {
        assert!(screen.contains(&line), "{line}\nis not on\n{screen}");
    }
}
