//! A bench: many keys at once, or one after the other.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, faults, sign};

/// A run that goes on, read line by line.
pub(crate) struct Bench {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Bench {
    pub(crate) fn start(rig: &Rig, arguments: &[&str]) -> Self {
        let mut command = rig.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (send, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self { input: child.stdin.take(), child, lines }
    }

    pub(crate) fn type_line(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(20)).expect("a line in time")
    }

    fn document(&self) -> Value {
        let document: Value = serde_json::from_str(&self.line()).unwrap();
        assert!(faults(&document).is_empty(), "{:#?}\n{document:#}", faults(&document));
        document
    }

    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    }

    /// Its exit code, and what it said on standard error.
    pub(crate) fn end(self) -> (i32, String) {
        let (code, _, err) = self.whole();
        (code, err)
    }

    /// Its exit code, and all that it still said.
    pub(crate) fn whole(mut self) -> (i32, String, String) {
        drop(self.input.take());
        let output = self.child.wait_with_output().unwrap();
        let out: String = self.lines.iter().map(|line| line + "\n").collect();
        (output.status.code().unwrap_or(-1), out, String::from_utf8(output.stderr).unwrap())
    }
}

#[test]
fn each_line_of_standard_input_is_the_pin_of_the_key_with_its_number_whatever_the_others_do() {
    let rig = Rig::new();
    for name in ["a", "b", "c", "d", "e"] {
        rig.add(name, YUBIKEY);
    }
    rig.plug(&["b"]);
    for name in ["b", "c", "e"] {
        rig.plug(&[name]);
        assert_eq!(rig.run(&format!("{PIN}\n"), &["pin", "set"]).code, 0);
    }
    rig.plug(&["a", "b", "c", "d", "e"]);
    rig.fault("a", &["dead"]);
    // a is dead, b has its PIN, c is left out, d has none, e's is wrong.
    let input = format!("never-1\n{PIN}\n\n\nwrong-pin-1\n");
    let began = Instant::now();
    let ran = rig.run(&input, &["--json", "check", "--all"]);
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    let all: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(faults(&all).is_empty(), "{all:#}");
    let checks = all["checks"].as_array().unwrap();
    assert_eq!((ran.code, checks.len()), (7, 5), "{all:#}");
    let kind = |at: usize| checks[at]["error"]["kind"].as_str().unwrap_or_default();
    assert_eq!((kind(0), kind(2), kind(4)), ("key-misbehaved", "pin-input", "pin"), "{all:#}");
    assert_eq!((&checks[1]["verdict"], sign(&checks[3], "pin-set")), (&"fit".into(), "fail"));
    rig.fault("a", &[]);
    for (name, left) in [("b", 8), ("c", 8), ("e", 7)] {
        rig.plug(&[name]);
        assert_eq!(rig.json(&["pin", "status"]).1["retries"], left, "{name}");
    }

    // In a pipe: one line a key, as soon as it is finished; the dead one last.
    rig.plug(&["a", "b", "d"]);
    rig.fault("a", &["dead"]);
    let ran = rig.run(&format!("\n{PIN}\n\n"), &["check", "--all"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!((ran.code, lines.len()), (7, 3), "{ran:?}");
    let mut first: Vec<&str> = lines[..2].iter().map(|line| &line[..line.find(" ·").unwrap()]).collect();
    first.sort_unstable();
    assert_eq!(first, ["✓ FIT                soft:b", "✗ NOT FIT            soft:d"]);
    assert!(
        lines[0].contains("SOFT KEY") && lines[2].starts_with("✗ NOT CHECKED        soft:a · "),
        "{ran:?}"
    );
    // A line too few is no PIN for anybody else.
    let ran = rig.run("\n", &["check", "--all"]);
    assert!(ran.out.contains("soft:b") && ran.out.contains("standard input ended"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn keys_that_come_one_after_the_other_are_each_told_in_one_line() {
    let rig = Rig::new();
    rig.add_with_pin("y1", YUBIKEY);
    rig.enroll("y1", "EA-01");
    rig.plug(&[]);
    rig.add_with_pin("t1", TOKEN2);
    rig.plug(&[]);
    let mut bench = Bench::start(&rig, &["--json", "check", "--watch"]);
    for (name, label) in [("t1", Value::Null), ("y1", "EA-01-A".into()), ("y1", "EA-01-A".into())] {
        bench.type_line(PIN);
        rig.plug(&[name]);
        let check = bench.document();
        assert_eq!(check["key"]["path"], format!("soft:{name}"));
        assert_eq!((&check["enrolled"]["label"], check["event"].is_null()), (&label, label.is_null()));
        assert_eq!(sign(&check, "test-assertion"), "pass", "{check:#}");
        rig.plug(&[]);
        // Two looks at the folder, so that the same key is seen to come again.
        thread::sleep(Duration::from_millis(500));
    }
    // One whose line is empty, and one that waits for its line when Ctrl-C comes.
    bench.type_line("");
    rig.plug(&["t1"]);
    assert_eq!(bench.document()["error"]["kind"], "pin-input");
    bench.interrupt();
    let (code, err) = bench.end();
    assert_eq!(code, 2, "the highest code of the keys, not that of Ctrl-C: {err}");
    assert_eq!(rig.json(&["ledger", "verify"]).0, 0);
}

#[cfg(unix)]
#[test]
fn a_watch_ends_when_it_is_told_to() {
    let rig = Rig::new();
    rig.add("blank", YUBIKEY);
    rig.add_with_pin("good", TOKEN2);
    // No PIN and no touch is needed, and nothing is read.
    let mut bench = Bench::start(&rig, &["check", "--watch", "--no-touch", "--count", "2"]);
    drop(bench.input.take());
    let mut lines = [bench.line(), bench.line()];
    lines.sort();
    assert!(lines[0].starts_with("! FIT WITH WARNINGS  soft:good · not enrolled · "), "{lines:?}");
    assert!(lines[1].starts_with("✗ NOT FIT            soft:blank · not enrolled · "), "{lines:?}");
    assert!(lines[1].contains("pin-set: "), "{lines:?}");
    assert_eq!(bench.end().0, 1);
    // Where no key came, it was merely interrupted; also while a line of standard input is awaited.
    rig.plug(&[]);
    let bench = Bench::start(&rig, &["check", "--watch"]);
    thread::sleep(Duration::from_millis(300));
    bench.interrupt();
    assert_eq!(bench.end().0, 130);
    let mut bench = Bench::start(&rig, &["check", "--watch"]);
    rig.plug(&["good"]);
    thread::sleep(Duration::from_millis(800));
    bench.interrupt();
    assert!(bench.line().starts_with("✗ NOT CHECKED"));
    assert_eq!(bench.child.wait().unwrap().code(), Some(130));
}
