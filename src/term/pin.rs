//! Where PINs come from: a prompt, or one line of standard input each. Never argv, never the environment.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use zeroize::{Zeroize, Zeroizing};

use crate::key::cancel::Cancel;

/// Why no PIN came.
#[derive(Debug, thiserror::Error)]
pub enum PinInputError {
    /// Standard input had no line for it.
    #[error("standard input ended where a PIN was due")]
    NoLine,
    /// Of several keys this one's line is empty.
    #[error("the key was left out: its line of standard input is empty")]
    LeftOut,
    /// Ctrl-C at the prompt, or while a line was awaited.
    #[error("interrupted")]
    Interrupted,
    /// There is no terminal to ask on.
    #[error("the PIN cannot be asked for: {0}")]
    Prompt(io::Error),
    /// Standard input cannot be read.
    #[error("standard input cannot be read: {0}")]
    Stdin(io::Error),
    /// A prompt that was left with nothing typed (Ctrl-D).
    #[error("no PIN was typed")]
    Nothing,
    /// Bytes that are no text.
    #[error("what was given as a PIN is no text in UTF-8")]
    NotText,
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
    Stdin(Cancel),
}

/// No PIN is longer than 63 bytes; a line longer than this is none, and what is beyond is thrown away.
const LONGEST_LINE: usize = 1024;

/// Only one prompt is open at a time, whoever asks: what is typed belongs to the question that stands there, and the
/// echo comes back as it was.
static PROMPT: Mutex<()> = Mutex::new(());

/// Whether something of standard input was read already.
static BEGUN: AtomicBool = AtomicBool::new(false);

impl PinSource {
    /// Whether PINs are lines of standard input.
    #[must_use]
    pub fn is_stdin(&self) -> bool {
        matches!(self, Self::Stdin(_))
    }

    /// Gets one PIN as typed, without its line ending.
    ///
    /// # Errors
    /// [`PinInputError`].
    pub fn read(&self, prompt: &str) -> Result<String, PinInputError> {
        match self {
            Self::Stdin(cancel) => {
                let first = !BEGUN.swap(true, Ordering::Relaxed);
                line(&mut stdin(cancel).map_err(PinInputError::Stdin)?, first, cancel)
            }
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

/// Standard input without a buffer, in which a PIN would be left behind.
#[cfg(unix)]
fn stdin(cancel: &Cancel) -> io::Result<impl Read> {
    use std::os::fd::AsFd;
    Ok(Awaited { input: std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?), cancel })
}

/// An input on which nothing may come for long: the wait ends on Ctrl-C.
#[cfg(unix)]
struct Awaited<'c> {
    input: std::fs::File,
    cancel: &'c Cancel,
}

#[cfg(unix)]
impl Read for Awaited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let moment = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
        loop {
            match poll(&mut [PollFd::new(&self.input, PollFlags::IN)], Some(&moment)) {
                _ if self.cancel.requested() => return Err(io::ErrorKind::Interrupted.into()),
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return self.input.read(buffer),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(not(unix))]
fn stdin(_: &Cancel) -> io::Result<impl Read> {
    Ok(io::stdin().lock())
}

/// Reads one line, byte by byte, into memory that does not grow and so leaves no copy behind. A byte order mark, with
/// which some editors begin a file, is no part of the first.
fn line(input: &mut impl Read, first: bool, cancel: &Cancel) -> Result<String, PinInputError> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
    let mut byte = Zeroizing::new([0; 1]);
    let mut ended = false;
    loop {
        match input.read(byte.as_mut_slice()) {
            Ok(0) if line.is_empty() => return Err(PinInputError::NoLine),
            Ok(0) => break,
            Ok(_) if *byte == *b"\n" => {
                ended = true;
                break;
            }
            Ok(_) if line.len() < LONGEST_LINE => line.extend_from_slice(byte.as_slice()),
            // A line without end is given up on Ctrl-C.
            Ok(_) if cancel.requested() => return Err(PinInputError::Interrupted),
            Ok(_) => {}
            Err(_) if cancel.requested() => return Err(PinInputError::Interrupted),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(PinInputError::Stdin(error)),
        }
    }
    if ended && line.ends_with(b"\r") {
        line.pop();
    }
    let text = str::from_utf8(&line).map_err(|_| PinInputError::NotText)?;
    let mark = if first { "\u{feff}" } else { "" };
    Ok(text.strip_prefix(mark).unwrap_or(text).to_owned())
}

/// Asks in a thread of its own, so that Ctrl-C ends the wait and the terminal echoes again. The echo is off before the
/// prompt is seen: whoever types at once is not shown.
fn ask(prompt: String, cancel: &Cancel) -> Result<String, PinInputError> {
    let _alone = PROMPT.lock().unwrap_or_else(PoisonError::into_inner);
    if cancel.requested() {
        return Err(PinInputError::Interrupted);
    }
    let _off = Echo::off();
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        if let Err(mpsc::SendError(Ok(mut late))) = send.send(rpassword::prompt_password(prompt)) {
            late.zeroize();
        }
    });
    loop {
        match receive.recv_timeout(Duration::from_millis(50)) {
            Ok(typed) => return answer(typed, cancel),
            Err(mpsc::RecvTimeoutError::Timeout) if cancel.requested() => {
                return Err(PinInputError::Interrupted);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(PinInputError::Interrupted),
        }
    }
}

/// What the prompt gave. Ctrl-C may end its read before anybody asks whether it was pressed, and a PIN that was
/// typed before Ctrl-C is not used.
fn answer(typed: io::Result<String>, cancel: &Cancel) -> Result<String, PinInputError> {
    match typed {
        Ok(mut typed) if cancel.requested() => {
            typed.zeroize();
            Err(PinInputError::Interrupted)
        }
        Ok(typed) => Ok(typed),
        Err(error) if cancel.requested() || error.kind() == io::ErrorKind::Interrupted => {
            Err(PinInputError::Interrupted)
        }
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(PinInputError::Nothing),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(PinInputError::NotText),
        Err(error) => Err(PinInputError::Prompt(error)),
    }
}

/// The terminal's settings before the echo was turned off; they come back when this goes.
#[cfg(unix)]
struct Echo(Option<(std::fs::File, rustix::termios::Termios)>);

#[cfg(unix)]
impl Echo {
    #[expect(clippy::disallowed_methods, reason = "the terminal itself, whose echo is to come back")]
    fn off() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let tty = std::fs::File::open("/dev/tty").ok();
        Self(tty.and_then(|tty| {
            let settings = tcgetattr(&tty).ok()?;
            let mut silent = settings.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            // Where this fails, the prompt itself will say so.
            tcsetattr(&tty, OptionalActions::Now, &silent).ok()?;
            Some((tty, settings))
        }))
    }
}

#[cfg(unix)]
impl Drop for Echo {
    fn drop(&mut self) {
        if let Some((tty, settings)) = &self.0 {
            let now = rustix::termios::OptionalActions::Now;
            // A terminal that is gone needs no echo.
            rustix::termios::tcsetattr(tty, now, settings).unwrap_or_default();
        }
    }
}

#[cfg(not(unix))]
struct Echo;

#[cfg(not(unix))]
impl Echo {
    fn off() -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_c_at_the_prompt_is_an_interruption_however_the_read_ends() {
        let (calm, pressed) = (Cancel::default(), Cancel::default());
        pressed.request();
        let failed = |kind: io::ErrorKind| Err(kind.into());
        assert_eq!(answer(Ok("1234".to_owned()), &calm).unwrap(), "1234");
        for (typed, cancel) in [
            (Ok("1234".to_owned()), &pressed),
            (failed(io::ErrorKind::Interrupted), &calm),
            (failed(io::ErrorKind::UnexpectedEof), &pressed),
        ] {
            assert!(matches!(answer(typed, cancel), Err(PinInputError::Interrupted)));
        }
        let no_terminal = answer(failed(io::ErrorKind::NotFound), &calm);
        assert!(matches!(no_terminal, Err(PinInputError::Prompt(_))));
    }

    #[test]
    fn lines_are_read_one_by_one_without_their_endings() {
        let long = "7".repeat(LONGEST_LINE);
        let mut input = io::Cursor::new(format!("1234\r\n56 78\n\n{long}222222\nlast"));
        for expected in ["1234", "56 78", "", &long, "last"] {
            assert_eq!(line(&mut input, true, &Cancel::default()).unwrap(), expected);
        }
        assert!(matches!(line(&mut input, true, &Cancel::default()), Err(PinInputError::NoLine)));
    }

    #[test]
    fn a_line_without_end_is_given_up_on_ctrl_c() {
        let cancel = Cancel::default();
        cancel.request();
        assert!(matches!(line(&mut io::repeat(b'7'), true, &cancel), Err(PinInputError::Interrupted)));
    }

    #[test]
    fn a_byte_order_mark_is_taken_off_the_first_line_only_and_once() {
        let marked = "\u{feff}1234\n";
        let read = |first, text: &str| line(&mut text.as_bytes(), first, &Cancel::default()).unwrap();
        assert_eq!((read(true, marked).as_str(), read(false, marked).as_str()), ("1234", "\u{feff}1234"));
        assert_eq!(
            (read(true, &format!("\u{feff}{marked}")).as_str(), read(true, "\u{feff}")),
            ("\u{feff}1234", String::new())
        );
    }
}
