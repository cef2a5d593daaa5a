//! The drill as people see it: on a terminal, step by step.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use super::*;

/// What is done once a prompt is there.
enum Do {
    Type(&'static str),
    Pin,
    Plug(&'static [&'static str]),
}

/// Runs the program on a terminal of its own (`script` of util-linux). The exit code, and all that stood on the screen;
/// `None` where there is no `script`.
fn typed(rig: &Rig, arguments: &str, steps: &[(&str, Do)]) -> Option<(i32, String)> {
    let program = env!("CARGO_BIN_EXE_glasskey");
    let line = format!("{program} --color never --soft keys --ledger ledger.db --plan plan.toml {arguments}");
    let mut command = Command::new("script");
    command.args(["-q", "-e", "-c", &line, "/dev/null"]).current_dir(rig.at("")).env("TZ", "UTC");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let (mut keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut shown, mut seen) = (Vec::new(), 0);
    for (prompt, what) in steps {
        while !String::from_utf8_lossy(&shown[seen..]).contains(prompt) {
            let mut byte = [0];
            assert_eq!(screen.read(&mut byte).unwrap(), 1, "{prompt}: {}", String::from_utf8_lossy(&shown));
            shown.extend(byte);
        }
        seen = shown.len();
        match what {
            Do::Type(text) => keyboard.write_all(text.as_bytes()).unwrap(),
            Do::Pin => keyboard.write_all(format!("{PIN}\n").as_bytes()).unwrap(),
            Do::Plug(names) => rig.plug(names),
        }
    }
    screen.read_to_end(&mut shown).unwrap();
    let screen = String::from_utf8_lossy(&shown).into_owned();
    assert!(!screen.contains(PIN), "a PIN is never shown: {screen}");
    Some((child.wait().unwrap().code().unwrap(), screen))
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
        ("Type: again", Type("again\n")),
        ("7 PIN attempts left", Type("")),
        ("PIN of ", Pin),
        ("pin-retries", Type("")),
        ("Put EA-01-B back.", Type("0053\n")),
        // A stranger is asked for no PIN.
        ("Plug it in.", Plug(&["stranger"])),
        ("none of the keys on record", Type("")),
        ("Did it lie where EA-01-A", Type("n\n")),
        ("Pull it out", Plug(&["y1"])),
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
        ("1 of 4 keys done", Type("")),
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
