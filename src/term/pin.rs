//! Where PINs come from: a prompt, or one line of standard input each. Never argv, never the environment.

use std::io::{self, BufRead};
use std::sync::mpsc;
use std::time::Duration;

use zeroize::{Zeroize, Zeroizing};

use crate::key::cancel::Cancel;

/// Why no PIN came.
#[derive(Debug, thiserror::Error)]
pub enum PinInputError {
    /// Standard input had no line for it.
    #[error("standard input ended where a PIN was due")]
    NoLine,
    /// Ctrl-C at the prompt.
    #[error("interrupted")]
    Interrupted,
    /// There is no terminal to ask on.
    #[error("the PIN cannot be asked for: {0}")]
    Prompt(io::Error),
    /// Standard input cannot be read.
    #[error("standard input cannot be read: {0}")]
    Stdin(io::Error),
    /// The two entries of a new PIN differ.
    #[error("the two entries of the new PIN differ")]
    Mismatch,
}

/// The source of PINs for one run.
#[derive(Debug, Clone)]
pub enum PinSource {
    /// Ask on the terminal.
    Prompt(Cancel),
    /// Read lines of standard input.
    Stdin,
}

/// No PIN is longer than 63 bytes; a line longer than this is no PIN, and is not read to its end.
const LONGEST_LINE: u64 = 1024;

impl PinSource {
    /// Gets one PIN as typed, without its line ending.
    ///
    /// # Errors
    /// [`PinInputError`].
    pub fn read(&self, prompt: &str) -> Result<String, PinInputError> {
        match self {
            Self::Stdin => line(&mut io::stdin().lock()),
            Self::Prompt(cancel) => ask(prompt.to_owned(), cancel),
        }
    }

    /// Gets a new PIN: asked for twice on a terminal.
    ///
    /// # Errors
    /// [`PinInputError`].
    pub fn read_new(&self, prompt: &str) -> Result<String, PinInputError> {
        let first = self.read(prompt)?;
        if let Self::Prompt(_) = self {
            let again = Zeroizing::new(self.read("The new PIN again: ")?);
            if *again != first {
                drop(Zeroizing::new(first));
                return Err(PinInputError::Mismatch);
            }
        }
        Ok(first)
    }
}

fn line(input: &mut impl BufRead) -> Result<String, PinInputError> {
    // Reserved beforehand, so that no growing leaves a copy behind.
    let mut line = String::with_capacity(1024);
    let read = io::Read::take(input, LONGEST_LINE).read_line(&mut line).map_err(PinInputError::Stdin)?;
    if read == 0 {
        return Err(PinInputError::NoLine);
    }
    while line.ends_with(['\n', '\r']) {
        line.pop();
    }
    Ok(line)
}

/// Asks in a thread of its own, so that Ctrl-C ends the wait and the terminal echoes again.
fn ask(prompt: String, cancel: &Cancel) -> Result<String, PinInputError> {
    let restore = Echo::save();
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        if let Err(mpsc::SendError(Ok(mut late))) = send.send(rpassword::prompt_password(prompt)) {
            late.zeroize();
        }
    });
    loop {
        match receive.recv_timeout(Duration::from_millis(50)) {
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {
                restore.restore();
                return Err(PinInputError::Interrupted);
            }
            Ok(typed) => return typed.map_err(PinInputError::Prompt),
            Err(mpsc::RecvTimeoutError::Timeout) if cancel.requested() => {
                restore.restore();
                return Err(PinInputError::Interrupted);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(PinInputError::Interrupted),
        }
    }
}

/// The terminal's settings before the prompt turned the echo off.
#[cfg(unix)]
struct Echo(Option<(std::fs::File, rustix::termios::Termios)>);

#[cfg(unix)]
impl Echo {
    #[expect(clippy::disallowed_methods, reason = "the terminal itself, whose echo is to come back")]
    fn save() -> Self {
        let tty = std::fs::File::open("/dev/tty").ok();
        Self(tty.and_then(|tty| rustix::termios::tcgetattr(&tty).ok().map(|settings| (tty, settings))))
    }

    fn restore(self) {
        if let Some((tty, settings)) = self.0 {
            let now = rustix::termios::OptionalActions::Now;
            // A terminal that is gone needs no echo.
            rustix::termios::tcsetattr(&tty, now, &settings).unwrap_or_default();
        }
    }
}

#[cfg(not(unix))]
struct Echo;

#[cfg(not(unix))]
impl Echo {
    fn save() -> Self {
        Self
    }

    fn restore(self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_one_by_one_without_their_endings() {
        let mut input = io::Cursor::new(b"1234\r\n56 78\n\nlast".to_vec());
        for expected in ["1234", "56 78", "", "last"] {
            assert_eq!(line(&mut input).unwrap(), expected);
        }
        assert!(matches!(line(&mut input), Err(PinInputError::NoLine)));
    }
}
