//! A bench: many keys at once, or one after the other.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use glasskey::soft::Touch;
use serde_json::Value;

use crate::rig::{PIN, Rig, TOKEN2, YUBIKEY, faults, sign};

/// How long a line may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// A run that goes on, read line by line.
pub(crate) struct Bench {
    child: Child,
    input: Option<ChildStdin>,
    out: Receiver<String>,
    err: Receiver<String>,
    /// What stood on standard error so far.
    complained: String,
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    thread::spawn(move || {
        BufReader::new(from).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
    });
    lines
}

impl Bench {
    pub(crate) fn start(rig: &Rig, arguments: &[&str]) -> Self {
        let mut command = rig.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { input: child.stdin.take(), child, out, err, complained: String::new() }
    }

    pub(crate) fn type_line(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line of standard output.
    pub(crate) fn line(&self) -> String {
        self.out.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("no line in time: {}", self.complained))
    }

    /// Waits until a line of standard error holds this.
    pub(crate) fn says(&mut self, words: &str) {
        loop {
            let line = self.err.recv_timeout(LIMIT);
            let line = line.unwrap_or_else(|_| panic!("not {words:?}: {}", self.complained));
            self.complained.push_str(&line);
            self.complained.push('\n');
            if line.contains(words) {
                return;
            }
        }
    }

    /// Whether the next line of standard error holds this.
    pub(crate) fn hears(&mut self, words: &str) -> bool {
        let line = self.err.recv_timeout(LIMIT).unwrap();
        self.complained.extend([line.as_str(), "\n"]);
        line.contains(words)
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

    /// Its exit code, what it still said, and all that stood on standard error. Its input stays open until then.
    pub(crate) fn end(mut self) -> (i32, String, String) {
        let out: String = self.out.iter().map(|line| line + "\n").collect();
        self.err.iter().for_each(|line| self.complained.extend([line.as_str(), "\n"]));
        (self.child.wait().unwrap().code().unwrap_or(-1), out, self.complained)
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
    rig.add_with_pin("t1", TOKEN2);
    rig.plug(&[]);
    let mut bench = Bench::start(&rig, &["--json", "check", "--watch"]);
    for (name, label) in [("t1", Value::Null), ("y1", "EA-01-A".into()), ("y1-again", "EA-01-A".into())] {
        bench.type_line(PIN);
        if name == "y1-again" {
            // Pulled, and put in elsewhere.
            fs::rename(rig.at("keys/y1"), rig.at("keys/y1-again")).unwrap();
        } else {
            rig.plug(&[name]);
        }
        let check = bench.document();
        assert_eq!(check["key"]["path"], format!("soft:{name}"));
        assert_eq!((&check["enrolled"]["label"], check["event"].is_null()), (&label, label.is_null()));
        assert_eq!(sign(&check, "test-assertion"), "pass", "{check:#}");
    }
    bench.type_line("");
    rig.plug(&["t1"]);
    assert_eq!(bench.document()["error"]["kind"], "pin-input", "an empty line leaves a key out");
    bench.interrupt();
    let (code, _, err) = bench.end();
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
    let bench = Bench::start(&rig, &["check", "--watch", "--no-touch", "--count", "2"]);
    let (code, out, err) = bench.end();
    let mut lines: Vec<&str> = out.lines().collect();
    lines.sort_unstable();
    assert_eq!((code, lines.len()), (1, 2), "{out} {err}");
    assert!(lines[0].starts_with("! FIT WITH WARNINGS  soft:good · not enrolled · "), "{lines:?}");
    assert!(lines[1].starts_with("✗ NOT FIT            soft:blank · not enrolled · "), "{lines:?}");
    // A key that nobody tried is no good key: what is not proven is said, in one line and in the whole.
    let open = "not proven: attestation, aaguid-consistent, uv-proven, test-registration, test-assertion";
    assert!(lines[0].ends_with(&format!(" · {open}")) && !lines[1].contains("not proven"), "{lines:?}");
    let whole = rig.run("", &["--key", "soft:good", "check", "--no-touch"]).out;
    assert!(whole.ends_with(&format!(" skipped)\n{open}\n")), "{whole}");
    assert!(lines[1].contains("pin-set: "), "{lines:?}");
    // Where no key came, or one still waits for its line of standard input, it was merely interrupted.
    for plugged in [&[][..], &["good"]] {
        rig.plug(plugged);
        let mut bench = Bench::start(&rig, &["check", "--watch"]);
        bench.says("plug in one key after the other");
        bench.interrupt();
        assert_eq!(bench.end().0, 130, "{plugged:?}");
    }
    // A key that is pulled while it is checked costs only itself.
    rig.bend("good", |options| options.touch = Touch::Never);
    let mut bench = Bench::start(&rig, &["check", "--watch", "--count", "2"]);
    bench.type_line(PIN);
    bench.says("touch the key within");
    rig.fault("good", &["dead"]);
    fs::rename(rig.at("keys/good"), rig.at("keys/good-again")).unwrap();
    let line = bench.line();
    assert!(line.starts_with("✗ NOT CHECKED        soft:good-again · "), "{line}");
    bench.interrupt();
    assert_eq!(bench.end().0, 130);
}
