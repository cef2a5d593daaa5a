//! What a child may do to its parent. The children here are shell scripts; the real one is in `tests/second_client.rs`.

use std::io::Cursor;
use std::time::{Duration, Instant};

use super::job::{Bytes, Job};
use super::listen::{Heard, Lines};
use super::program::{Program, is_child};
use super::report::{End, Info, Line, Report};
use super::trial::{Bench, attend};
use crate::ctap::frame::Channel;
use crate::ctap::pin::Pin;
use crate::key::cancel::Cancel;
use crate::key::conversation::{OnWait, Waiting};
use crate::key::found::{Bus, Found, OpenError};
use crate::key::patience::Patience;
use crate::key::wire::Wire;

struct NoBus;

impl Bus for NoBus {
    fn find(&self) -> std::io::Result<Vec<Found>> {
        Ok(Vec::new())
    }

    fn open(&self, found: &Found) -> Result<Box<dyn Wire>, OpenError> {
        Err(OpenError::Gone { path: found.path.clone() })
    }
}

const LIMIT: Duration = Duration::from_secs(1);

fn job() -> Job {
    Job {
        marker: "5ec0nd".into(),
        path: "/dev/key".into(),
        aaguid: Bytes(vec![7; 16]),
        retries: 8,
        protocol: 2,
        rp_id: "glasskey.invalid".into(),
        register: Bytes(b"{}".to_vec()),
        assert: Bytes(b"{}".to_vec()),
        seconds: 60,
    }
}

fn pin() -> Pin {
    Pin::parse("Schlüssel".to_owned()).unwrap()
}

fn silent() -> OnWait {
    Box::new(|_| ())
}

fn with(program: &Program, cancel: &Cancel, on_wait: &mut OnWait) -> (Report, End) {
    let found =
        Found { path: String::new(), vendor_id: 0, product_id: 0, product: String::new(), soft: false };
    let bench = Bench { program, bus: &NoBus, found: &found, patience: Patience::default(), cancel };
    attend(&bench, &job(), &pin(), LIMIT, on_wait)
}

/// A child that runs this script, to its end; and that nothing of it is left, and no more than the limit is spent.
fn child(script: &str) -> (Report, End) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    let script = format!("echo $$ > '{}'; {script}", file.display());
    let began = Instant::now();
    let told = with(&Program::shell(&script), &Cancel::default(), &mut silent());
    assert!(began.elapsed() < LIMIT + Duration::from_secs(2), "{:?}", began.elapsed());
    if let Ok(pid) = std::fs::read_to_string(file) {
        assert!(!std::path::Path::new("/proc").join(pid.trim()).exists(), "the child is still there");
    }
    told
}

#[test]
fn only_the_hidden_argument_alone_makes_a_child() {
    let child = |arguments: &[&str]| is_child(arguments.iter().map(Into::into));
    assert!(child(&["glasskey", "__second-client"]));
    for no in [&["glasskey"][..], &["__second-client"], &["glasskey", "check", "__second-client"]] {
        assert!(!child(no), "{no:?}");
    }
    assert!(!child(&["glasskey", "__second-client", "more"]));
}

#[test]
fn the_job_and_the_pin_arrive_and_the_job_does_not_hold_the_pin() {
    let mut pipe = Vec::new();
    job().hand_over(&pin(), &mut pipe).unwrap();
    let line = pipe.split(|byte| *byte == b'\n').next().unwrap();
    assert!(!String::from_utf8_lossy(line).contains("Schl"));
    assert_eq!(pipe.len(), line.len() + 1 + 64, "the length of the PIN does not show");
    let (taken, pin) = Job::take(&mut Cursor::new(&pipe)).unwrap();
    assert_eq!(taken, job());
    assert_eq!(pin.as_str(), "Schlüssel");
    for cut in [0, 1, line.len(), line.len() + 1, pipe.len() - 1] {
        assert!(Job::take(&mut Cursor::new(&pipe[..cut])).is_err(), "{cut}");
    }
    let long = [b'1'; 100_000];
    assert!(Job::take(&mut Cursor::new(&long[..])).is_err());
}

fn heard(printed: &[u8]) -> Vec<Heard> {
    Lines::new(printed, b"5ec0nd".to_vec()).collect()
}

#[test]
fn only_marked_lines_count() {
    let printed = b"- Touch the sensor\n{\"line\":\"done\"}\nother{\"line\":\"done\"}\nhalf a line\n\
        5ec0nd{\"line\":\"retries\",\"left\":-1}\n\xff\xfe\n5ec0nd{\"line\":\"done\"}\n";
    let line = |line| Heard::Line(Box::new(line));
    assert_eq!(heard(printed), [line(Line::Retries { left: -1 }), line(Line::Done {})]);
}

#[test]
fn marked_lines_that_are_none_of_the_report_end_it() {
    for bad in [
        &b"5ec0nd\n"[..],
        b"5ec0nd{\"line\":\"done\"",
        b"5ec0nd{\"line\":\"done\",\"more\":1}\n",
        b"5ec0nd{\"line\":\"dance\"}\n",
        b"5ec0nd{\"line\":\"channel\",\"id\":[1,2,3]}\n",
        b"5ec0nd{\"line\":\"retries\",\"left\":99999999999999999999}\n",
        b"5ec0nd{\"line\":\"info\",\"aaguid\":\"not base64!\",\"options\":[]}\n",
    ] {
        let heard = heard(&[bad, b"5ec0nd{\"line\":\"done\"}\n"].concat());
        assert!(matches!(heard[..], [Heard::Nonsense(_)]), "{heard:?}");
    }
    let long = [b"5ec0nd".as_slice(), &vec![b'['; 100_000], b"\n"].concat();
    assert!(matches!(heard(&long)[..], [Heard::Nonsense(_)]));
    assert!(matches!(heard(&vec![b'\n'; 2_000_000])[..], [Heard::Nonsense(_)]));
}

#[test]
fn every_line_survives_its_way() {
    let info = Info { aaguid: Bytes(vec![1; 16]), options: vec![("rk".into(), true)] };
    for line in [
        Line::Channel { id: [1, 2, 3, 4] },
        Line::Info(info),
        Line::Touch {},
        Line::Registration(super::report::Registration { fmt: "packed".into(), ..Default::default() }),
        Line::Assertion(super::report::Assertion::default()),
        Line::Failed { why: "\u{1b}[31m\"\n5ec0nd".into() },
        Line::Panicked { at: "x:1".into() },
    ] {
        let marked = super::child::marked(&job(), &line);
        assert_eq!(heard(marked.as_bytes()), [Heard::Line(Box::new(line))]);
    }
}

#[test]
fn a_report_is_told_in_order_and_once() {
    let channel = || Line::Channel { id: [1; 4] };
    let mut report = Report::default();
    assert_eq!(report.take(channel()), None);
    assert_eq!(report.during(), "getInfo");
    assert_eq!(report.take(Line::Touch {}), None);
    for early in [channel(), Line::Done {}, Line::Retries { left: 8 }, Line::Assertion(Default::default())] {
        assert!(matches!(report.clone().take(early), Some(End::Nonsense(_))));
    }
    let long = report.take(Line::Failed { why: "ü".repeat(10_000) });
    assert!(matches!(long, Some(End::GaveUp { during: "getInfo", why }) if why.chars().count() == 200));
}

#[test]
fn a_child_that_tells_nothing_is_ended_in_time() {
    assert_eq!(child("exec sleep 60").1, End::TimeUp { during: "INIT", seconds: 1 });
    assert_eq!(
        child("trap '' TERM INT HUP; while :; do sleep 1; done").1,
        End::TimeUp { during: "INIT", seconds: 1 }
    );
    // Standard output closed, and it lives on.
    assert!(matches!(child("exec >&-; exec sleep 60").1, End::Died { during: "INIT", .. }));
}

#[test]
fn a_step_without_a_touch_has_a_limit_of_its_own() {
    let found =
        Found { path: String::new(), vendor_id: 0, product_id: 0, product: String::new(), soft: false };
    let patience = Patience { work: Duration::from_millis(300), ..Patience::default() };
    let end = |script: &str| {
        let (program, cancel) = (Program::shell(script), Cancel::default());
        let bench = Bench { program: &program, bus: &NoBus, found: &found, patience, cancel: &cancel };
        let began = Instant::now();
        let end = attend(&bench, &job(), &pin(), LIMIT * 2, &mut silent()).1;
        (end, began.elapsed())
    };
    let (stuck, took) = end("exec sleep 60");
    assert_eq!(stuck, End::TimeUp { during: "INIT", seconds: 0 });
    assert!(took < LIMIT, "{took:?}");
    let (untouched, took) = end("echo '5ec0nd{\"line\":\"touch\"}'; exec sleep 60");
    assert_eq!(untouched, End::NotTouched { during: "INIT" });
    assert!(took > LIMIT, "{took:?}");
}

#[test]
fn a_child_that_babbles_is_ended_at_once() {
    assert!(matches!(child("exec cat /dev/zero").1, End::Nonsense(_)));
    assert!(matches!(child("exec yes -- '- Touch the sensor on the authenticator'").1, End::Nonsense(_)));
    assert!(matches!(child("echo '5ec0nd[[[['; exec sleep 60").1, End::Nonsense(_)));
    assert!(
        matches!(child("exec 3>&1; exec cat /dev/zero >&2").1, End::TimeUp { .. }),
        "standard error blocks nothing"
    );
}

#[test]
fn a_child_that_dies_is_told_with_what_it_did_before() {
    let (report, end) = child("echo '5ec0nd{\"line\":\"channel\",\"id\":[1,2,3,4]}'; kill -SEGV $$");
    assert_eq!(report.channel, Some(Channel([1, 2, 3, 4])));
    assert!(matches!(&end, End::Died { during: "getInfo", status } if status.contains("11")), "{end}");
    assert!(matches!(child("exit 7").1, End::Died { during: "INIT", status } if status.contains('7')));
    let (_, end) = child("echo '5ec0nd{\"line\":\"panicked\",\"at\":\"a.rs:1\"}'; exec sleep 60");
    assert_eq!(end, End::Panicked { during: "INIT", at: "a.rs:1".into() });
}

#[test]
fn a_program_that_is_not_there_is_told() {
    let program = Program::shell("").moved("/no/such/program");
    let end = with(&program, &Cancel::default(), &mut silent()).1;
    assert!(matches!(end, End::NotStarted(_)), "{end}");
}

#[test]
fn the_pin_comes_by_the_pipe_and_by_nothing_else() {
    let look = "tr '\\0' '\\n' < /proc/$$/environ | grep -q Schl && exit 21; \
        tr '\\0' '\\n' < /proc/$$/cmdline | grep -q Schl && exit 22; \
        read -r job; case $job in *Schl*) exit 23;; esac; \
        test \"$(head -c 64 | tr -d '\\0')\" = Schlüssel || exit 24; exit 42";
    // The script names the PIN, so it must not be on its own command line.
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("look");
    std::fs::write(&file, look).unwrap();
    let end = child(&format!("exec sh '{}'", file.display())).1;
    assert!(matches!(&end, End::Died { status, .. } if status.contains("42")), "{end}");
}

#[test]
fn the_pipe_stays_open_as_long_as_the_child_is_to_live() {
    let end = child("read -r job; head -c 64 > /dev/null; read -r more; exit 5").1;
    assert_eq!(end, End::TimeUp { during: "INIT", seconds: 1 });
}

#[test]
fn ctrl_c_ends_the_child() {
    let cancel = Cancel::default();
    let began = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            cancel.request();
        });
        let end = with(&Program::shell("exec sleep 60"), &cancel, &mut silent()).1;
        assert_eq!(end, End::Interrupted);
    });
    assert!(began.elapsed() < Duration::from_millis(900));
}

#[test]
fn a_touch_is_prompted_for_and_missed() {
    let (sender, waits) = std::sync::mpsc::channel();
    let mut on_wait: OnWait = Box::new(move |waiting| sender.send(waiting).unwrap());
    let script = "echo '5ec0nd{\"line\":\"touch\"}'; exec sleep 60";
    let end = with(&Program::shell(script), &Cancel::default(), &mut on_wait).1;
    assert_eq!(end, End::NotTouched { during: "INIT" });
    assert!(matches!(waits.try_iter().collect::<Vec<_>>().as_slice(), [Some(Waiting::Touch(_))]));
}
