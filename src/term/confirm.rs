//! A word typed before something is done that cannot be undone.

use std::io::{self, BufRead, Read};
use std::sync::mpsc;
use std::time::Duration;

use super::Term;
use crate::key::cancel::Cancel;

/// A line longer than this is not the word, and is not read to its end.
const LONGEST_LINE: u64 = 256;

/// What a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The word.
    Yes,
    /// Anything else, or nothing.
    No,
    /// Ctrl-C.
    Interrupted,
}

impl Term {
    /// Asks for a word, typed as it stands. Read from standard input, after a PIN that came from there.
    #[must_use]
    pub fn confirm(&self, question: &str, word: &'static str, cancel: &Cancel) -> Answer {
        // Asked even where notes are not wanted: somebody waits for the answer.
        self.complain(&format!("{question}\nType the word {word} to go on:"));
        let (send, receive) = mpsc::channel();
        // In a thread of its own, so that Ctrl-C ends the wait.
        std::thread::spawn(move || send.send(typed(&mut io::stdin().lock(), word)));
        loop {
            let answer = receive.recv_timeout(Duration::from_millis(50));
            return match answer {
                _ if cancel.requested() => Answer::Interrupted,
                Err(mpsc::RecvTimeoutError::Timeout) => continue,
                Ok(true) => Answer::Yes,
                Ok(false) | Err(mpsc::RecvTimeoutError::Disconnected) => Answer::No,
            };
        }
    }
}

fn typed(input: &mut impl BufRead, word: &str) -> bool {
    let mut line = String::new();
    input.take(LONGEST_LINE).read_line(&mut line).is_ok() && line.trim() == word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_itself_is_yes() {
        let typed = |text: &str| typed(&mut io::Cursor::new(text.as_bytes().to_vec()), "erase");
        for (text, expected) in [
            ("erase\n", true),
            (" erase \r\n", true),
            ("", false),
            ("\n", false),
            ("ERASE\n", false),
            ("y\nerase\n", false),
            ("erase it\n", false),
        ] {
            assert_eq!(typed(text), expected, "{text:?}");
        }
    }
}
