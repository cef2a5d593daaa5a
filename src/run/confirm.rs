//! What cannot be undone is done only after a word is typed.

use super::World;
use crate::error::Error;
use crate::term::confirm::Answer;

impl World {
    /// Has a word typed; with `yes` it is only told what is done.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`] at anything else, [`Error::Interrupted`].
    pub(super) fn confirm(&self, question: &str, word: &'static str, yes: bool) -> Result<(), Error> {
        if yes {
            self.term.note(question);
            return Ok(());
        }
        match self.term.confirm(question, word, &self.cancel) {
            Answer::Yes => Ok(()),
            Answer::No => Err(Error::NotConfirmed),
            Answer::Interrupted => Err(Error::Interrupted),
        }
    }
}
