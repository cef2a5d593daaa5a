//! A line that a person types, while something else may happen that makes it needless.

use std::io;

use super::Term;
use crate::key::cancel::Cancel;

/// A line longer than this is not read to its end.
const LONGEST_LINE: usize = 1024;

/// What came of waiting for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard<T> {
    /// A line, without blanks around it.
    Line(String),
    /// What was waited for beside it.
    Meanwhile(T),
    /// Nobody types any more.
    End,
    /// Ctrl-C.
    Interrupted,
}

impl Term {
    /// Whether somebody sits here who can be asked.
    #[must_use]
    pub fn attended(&self) -> bool {
        use std::io::IsTerminal;
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks for a line, and meanwhile looks, several times a second, whether something else has come. Where the system
    /// cannot wait for both, it is looked for only once a line was typed.
    pub fn ask<T>(
        &self,
        prompt: &str,
        cancel: &Cancel,
        mut meanwhile: impl FnMut() -> Option<T>,
    ) -> Heard<T> {
        self.prompt(prompt);
        loop {
            if cancel.requested() {
                return Heard::Interrupted;
            }
            if let Some(came) = meanwhile() {
                self.complain("");
                return Heard::Meanwhile(came);
            }
            match typed() {
                Typed::Nothing => {}
                Typed::Line(line) => return Heard::Line(line),
                Typed::End => return Heard::End,
            }
        }
    }

    /// A prompt, after which the cursor stays.
    fn prompt(&self, text: &str) {
        use std::io::Write as _;
        let mut err = anstream::AutoStream::new(io::stderr().lock(), self.color);
        drop(write!(err, "{text}").and_then(|()| err.flush()));
    }
}

enum Typed {
    Nothing,
    Line(String),
    End,
}

/// Waits a moment for a line. Nothing beyond its end is read: the rest may be for somebody else.
#[cfg(unix)]
fn typed() -> Typed {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    /// How often it is looked whether something else happened.
    const LOOK: std::time::Duration = std::time::Duration::from_millis(200);
    let stdin = io::stdin();
    let moment = Timespec::try_from(LOOK).ok();
    match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], moment.as_ref()) {
        Ok(0) | Err(rustix::io::Errno::INTR) => Typed::Nothing,
        Ok(_) => line(|byte| rustix::io::read(&stdin, byte).map_err(io::Error::from)),
        Err(_) => Typed::End,
    }
}

#[cfg(not(unix))]
fn typed() -> Typed {
    use std::io::Read as _;
    line(|byte| io::stdin().lock().read(byte))
}

fn line(mut read: impl FnMut(&mut [u8]) -> io::Result<usize>) -> Typed {
    let (mut line, mut byte) = (Vec::new(), [0; 1]);
    loop {
        match read(&mut byte) {
            Ok(0) if line.is_empty() => return Typed::End,
            Ok(0) => break,
            Ok(_) if byte == *b"\n" || line.len() == LONGEST_LINE => break,
            Ok(_) => line.extend_from_slice(&byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Typed::Nothing,
            Err(_) => return Typed::End,
        }
    }
    Typed::Line(String::from_utf8_lossy(&line).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn lines_end_where_they_end() {
        let mut input = io::Cursor::new([b" yes \r\n\nlast".as_slice(), &[b'x'; 2000]].concat());
        let mut next = || line(|byte| input.read(byte));
        let mut read = || match next() {
            Typed::Line(line) => Some(line),
            Typed::Nothing | Typed::End => None,
        };
        assert_eq!((read().as_deref(), read().as_deref()), (Some("yes"), Some("")));
        assert!(read().unwrap().starts_with("lastx"));
        assert!(read().is_some() && read().is_none());
    }
}
