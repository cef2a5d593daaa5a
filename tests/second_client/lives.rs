//! Lives of a child: this test program once more, with a client that does what the crate does on bad days.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use glasskey::second::child::{Client, main};
use glasskey::second::job::{Bytes, Job};
use glasskey::second::report::{Assertion, Info, Registration};

const IS_CHILD: &str = "GLASSKEY_TEST_IS_CHILD";

/// A client that is never opened, or does nothing right.
struct Never;

impl Client for Never {
    fn channel(&mut self) -> Result<[u8; 4], String> {
        Ok([1; 4])
    }
    fn info(&mut self) -> Result<Info, String> {
        panic!("\u{1b}[2J what the crate says when it panics")
    }
    fn retries(&mut self) -> Result<i64, String> {
        Err(String::new())
    }
    fn register(&mut self, _: &Job, _: &str) -> Result<Registration, String> {
        Err(String::new())
    }
    fn assert(&mut self, _: &Job, _: &str) -> Result<Assertion, String> {
        Err(String::new())
    }
}

fn live(open: impl FnOnce(&Job) -> Result<Never, String>) {
    if std::env::var_os(IS_CHILD).is_some() {
        main(open);
    }
}

#[test]
#[ignore = "a child of the tests below"]
fn stuck() {
    live(|_| {
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    });
}

#[test]
#[ignore = "a child of the tests below"]
fn panicking() {
    live(|_| Ok(Never));
}

fn child(life: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", &format!("lives::{life}"), "--nocapture"]).env(IS_CHILD, "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

fn job(seconds: u64) -> Vec<u8> {
    let job = Job {
        marker: "5ec0nd".into(),
        path: String::new(),
        aaguid: Bytes(vec![7; 16]),
        retries: 8,
        protocol: 2,
        rp_id: String::new(),
        register: Bytes::default(),
        assert: Bytes::default(),
        seconds,
    };
    let mut padded = [0; 64];
    padded[..6].copy_from_slice(b"123456");
    [serde_json::to_vec(&job).unwrap().as_slice(), b"\n", &padded].concat()
}

fn told(mut child: Child) -> String {
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert!(!child.wait().unwrap().success());
    out
}

#[test]
fn a_stuck_child_ends_when_its_parent_is_gone() {
    let mut child = child("stuck");
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&job(3600)).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none(), "it lives as long as the pipe is open");
    drop(pipe);
    let began = Instant::now();
    told(child);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_stuck_child_ends_when_it_is_forgotten() {
    let mut child = child("stuck");
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&job(1)).unwrap();
    let began = Instant::now();
    told(child);
    assert!(began.elapsed() < Duration::from_secs(10));
    drop(pipe);
}

#[test]
fn a_panic_is_told_by_its_place_and_without_its_words() {
    let mut child = child("panicking");
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&job(60)).unwrap();
    let out = told(child);
    assert!(out.contains("\n5ec0nd{\"line\":\"channel\",\"id\":[1,1,1,1]}\n"), "{out}");
    assert!(out.contains("\n5ec0nd{\"line\":\"panicked\",\"at\":\"lives.rs:"), "{out}");
    assert!(!out.contains("\u{1b}[2J") && !out.contains("123456"), "{out}");
}
