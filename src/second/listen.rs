//! Reading the child: a thread of its own, for reads cannot be given a time limit.

use std::io::{self, BufRead, BufReader, Read};
use std::process::ChildStdout;
use std::sync::mpsc::{Receiver, sync_channel};

use super::report::Line;

/// The longest line. The longest honest one holds an answer of 7609 bytes in base64url.
const MAX_LINE: u64 = 64 * 1024;
/// The most that a child may print, its report and the crate's own chatter together.
const MAX_ALL: u64 = 1024 * 1024;

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A line of the report.
    Line(Box<Line>),
    /// No line of a report.
    Nonsense(&'static str),
}

/// Listens until the child ends, or has told nonsense. The thread ends with the child's end of the pipe.
pub(super) fn listen(stdout: ChildStdout, marker: String) -> io::Result<Receiver<Heard>> {
    let (sender, receiver) = sync_channel(16);
    std::thread::Builder::new().name("second client".into()).spawn(move || {
        for heard in Lines::new(stdout, marker.into_bytes()) {
            if sender.send(heard).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

/// The marked lines among all that is printed.
#[derive(Debug)]
pub(super) struct Lines<R> {
    pipe: BufReader<io::Take<R>>,
    marker: Vec<u8>,
    over: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(pipe: R, marker: Vec<u8>) -> Self {
        Self { pipe: BufReader::new(pipe.take(MAX_ALL)), marker, over: false }
    }

    fn nonsense(&mut self, what: &'static str) -> Option<Heard> {
        self.over = true;
        Some(Heard::Nonsense(what))
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Heard;

    fn next(&mut self) -> Option<Heard> {
        while !self.over {
            let mut line = Vec::new();
            match self.pipe.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
                Ok(0) if self.pipe.get_ref().limit() == 0 => return self.nonsense("it is too long"),
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
            // A line cut off by the limit or by the child's end is not whole, so it is none.
            let Some(told) = line.strip_prefix(self.marker.as_slice()) else { continue };
            let Some(told) = told.strip_suffix(b"\n") else { return self.nonsense("a line is cut off") };
            match serde_json::from_slice(told) {
                Ok(line) => return Some(Heard::Line(Box::new(line))),
                Err(_) => return self.nonsense("a line is not one of its own"),
            }
        }
        None
    }
}
