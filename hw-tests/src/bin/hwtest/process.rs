//! Processes with a time limit.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// What a process did.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Its exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) took: Duration,
    /// It had to be killed.
    pub(crate) hung: bool,
}

impl Ran {
    /// The one JSON document on standard output.
    pub(crate) fn json(&self) -> Result<Value, String> {
        serde_json::from_str(&self.out)
            .map_err(|error| format!("no JSON document ({error}): {}", self.brief()))
    }

    /// What a person needs to see of it when something is wrong.
    pub(crate) fn brief(&self) -> String {
        let end = |text: &str| -> String {
            let text = text.trim().replace('\n', " | ");
            text.chars().take(400).flat_map(char::escape_debug).collect()
        };
        let how = if self.hung { "HUNG, killed".to_owned() } else { format!("exit {:?}", self.code) };
        format!("{how}, out: {} err: {}", end(&self.out), end(&self.err))
    }

    /// Holds it to an exit code.
    pub(crate) fn expect(self, code: i32) -> Result<Self, String> {
        if self.err.contains("panicked at") {
            return Err(format!("it panicked: {}", self.brief()));
        }
        if self.code == Some(code) && !self.hung {
            Ok(self)
        } else {
            Err(format!("not exit {code}: {}", self.brief()))
        }
    }
}

/// A process to be.
pub(crate) struct Job {
    command: Command,
    input: String,
    limit: Duration,
}

impl Job {
    pub(crate) fn new(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        Self { command, input: String::new(), limit: Duration::from_secs(60) }
    }

    /// Given on standard input.
    pub(crate) fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// Killed after this.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// As another user, with no other group.
    pub(crate) fn user(mut self, id: u32) -> Self {
        self.command.uid(id).gid(id).env("HOME", "/tmp");
        self
    }

    /// With an environment variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn run(self) -> io::Result<Ran> {
        self.start()?.end()
    }

    pub(crate) fn start(mut self) -> io::Result<Running> {
        let start = Instant::now();
        let mut child =
            self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // A process that ends early need not read it.
            let _ = input.write_all(self.input.as_bytes());
        }
        let out = child.stdout.take().map(gather);
        let err = child.stderr.take().map(gather);
        Ok(Running { child, start, limit: self.limit, out, err })
    }

    /// Starts it for a talk line by line.
    pub(crate) fn talk(mut self) -> io::Result<Talk> {
        let mut child =
            self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (send, lines) = mpsc::channel();
        if let Some(out) = child.stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(out).lines().map_while(Result::ok) {
                    if send.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Talk { child, lines })
    }

    /// Runs it on a terminal of its own, and answers each prompt that ends in one of these words, in order.
    pub(crate) fn answered(program: &str, answers: &[(&str, &str)], limit: Duration) -> io::Result<Ran> {
        let mut answers = answers.iter().peekable();
        Self::on_terminal(program, limit, |shown| {
            let (prompt, answer) = answers.peek()?;
            let at = shown.find(prompt)? + prompt.len();
            answers.next();
            Some((at, format!("{answer}\n")))
        })
    }

    /// Runs it on a terminal of its own. `react` sees what was shown since it last reacted, and tells up to where it has
    /// dealt with that, and what is typed then.
    pub(crate) fn on_terminal(
        program: &str,
        limit: Duration,
        mut react: impl FnMut(&str) -> Option<(usize, String)>,
    ) -> io::Result<Ran> {
        let start = Instant::now();
        let mut child = Command::new("script")
            .args(["-qec", program, "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut input = child.stdin.take();
        let (send, bytes) = mpsc::channel();
        if let Some(mut out) = child.stdout.take() {
            thread::spawn(move || {
                let mut buffer = [0; 1024];
                while let Ok(count @ 1..) = out.read(&mut buffer) {
                    let part: Vec<u8> = buffer.iter().take(count).copied().collect();
                    if send.send(part).is_err() {
                        break;
                    }
                }
            });
        }
        let (mut said, mut seen) = (String::new(), 0);
        let mut hung = false;
        loop {
            match bytes.recv_timeout(limit.saturating_sub(start.elapsed())) {
                Ok(part) => said.push_str(&String::from_utf8_lossy(&part)),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    hung = true;
                    child.kill()?;
                    break;
                }
            }
            while let Some((dealt_with, typed)) = said.get(seen..).and_then(&mut react) {
                seen += dealt_with;
                if let Some(input) = input.as_mut().filter(|_| !typed.is_empty()) {
                    // The prompt is printed before the terminal stops echoing.
                    thread::sleep(Duration::from_millis(100));
                    input.write_all(typed.as_bytes())?;
                }
            }
        }
        drop(input);
        let code = child.wait()?.code();
        Ok(Ran { code, out: said, err: String::new(), took: start.elapsed(), hung })
    }
}

/// The processor time of all children that have ended, and our own: `/proc/self/stat`.
pub(crate) fn processor_time() -> Result<(Duration, Duration), String> {
    let stat = std::fs::read_to_string("/proc/self/stat").map_err(|error| error.to_string())?;
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    // From the third field on: utime, stime, cutime, cstime are fields 14 to 17, in hundredths of a second.
    let ticks: Vec<u64> = fields.split_whitespace().skip(11).take(4).flat_map(str::parse).collect();
    match ticks.as_slice() {
        [user, system, theirs, for_them] => {
            Ok((Duration::from_millis((theirs + for_them) * 10), Duration::from_millis((user + system) * 10)))
        }
        _ => Err(format!("/proc/self/stat cannot be read: {stat}")),
    }
}

fn gather(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A process that runs.
pub(crate) struct Running {
    child: Child,
    start: Instant,
    limit: Duration,
    out: Option<JoinHandle<String>>,
    err: Option<JoinHandle<String>>,
}

impl Running {
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        signal_to(&self.child, signal)
    }

    /// Waits for its end, and makes one if need be.
    pub(crate) fn end(mut self) -> io::Result<Ran> {
        let mut hung = false;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if !hung && self.start.elapsed() > self.limit {
                hung = true;
                self.child.kill()?;
            }
            thread::sleep(Duration::from_millis(10));
        };
        let took = self.start.elapsed();
        let text = |thread: Option<JoinHandle<String>>| {
            thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
        };
        Ok(Ran { code: status.code(), out: text(self.out), err: text(self.err), took, hung })
    }
}

fn signal_to(child: &Child, signal: Signal) -> io::Result<()> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::NotFound)?;
    Ok(kill_process(pid, signal)?)
}

/// A process whose lines are read one by one.
pub(crate) struct Talk {
    child: Child,
    lines: Receiver<String>,
}

impl Talk {
    /// Writes a line to it.
    pub(crate) fn say(&mut self, line: &str) -> Result<(), String> {
        let input = self.child.stdin.as_mut().ok_or("it has no standard input")?;
        writeln!(input, "{line}").map_err(|error| error.to_string())
    }

    /// What the kernel counts of it: of `/proc/PID/status`, in kB where it is memory.
    pub(crate) fn counts(&self, name: &str) -> Result<u64, String> {
        let file = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| format!("no {name} in /proc/PID/status"))
    }

    /// How many files it has open.
    pub(crate) fn files(&self) -> Result<usize, String> {
        let folder = format!("/proc/{}/fd", self.child.id());
        std::fs::read_dir(folder).map(Iterator::count).map_err(|error| error.to_string())
    }

    /// The next line, if it comes in time.
    pub(crate) fn line(&self, limit: Duration) -> Result<String, String> {
        self.lines.recv_timeout(limit).map_err(|_| format!("no line within {} s", limit.as_secs()))
    }

    /// Sends a signal, and waits for the end.
    pub(crate) fn end(self, signal: Signal, limit: Duration) -> Result<Option<i32>, String> {
        signal_to(&self.child, signal).map_err(|error| error.to_string())?;
        self.done(limit)
    }

    /// Waits for the end.
    pub(crate) fn done(mut self, limit: Duration) -> Result<Option<i32>, String> {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().map_err(|error| error.to_string())? {
                return Ok(status.code());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err("it did not end".to_owned())
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
