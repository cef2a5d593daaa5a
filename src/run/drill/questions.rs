//! The questions of a drill, asked one by one on a terminal.

use super::guide::Next;
use super::{Run, said};
use crate::drill::{Asked, Said, left, time};
use crate::error::Error;
use crate::ledger::payload::Answer;
use crate::plan::About;
use crate::plan::question::SIGN_IN;
use crate::run::World;
use crate::term::ask::Heard;
use crate::term::escape::escape;

/// A question without what borrows the drill.
pub(super) struct Open {
    id: String,
    text: String,
    account: Option<String>,
    label: Option<String>,
    required: bool,
    may_not_apply: bool,
    timed: bool,
}

impl From<Asked<'_>> for Open {
    fn from(asked: Asked<'_>) -> Self {
        let question = asked.question;
        Self {
            id: question.id.clone(),
            text: question.text.clone(),
            account: asked.account.map(str::to_owned),
            label: asked.label.map(str::to_owned),
            required: question.required,
            may_not_apply: question.may_not_apply,
            timed: question.timed,
        }
    }
}

/// A line; `None` where somebody stops for now.
fn line(world: &World, prompt: &str) -> Result<Option<String>, Error> {
    match world.term.ask(prompt, &world.cancel, || None::<()>) {
        Heard::Line(line) if line == "stop" => Ok(None),
        Heard::Line(line) => Ok(Some(line)),
        Heard::End | Heard::Meanwhile(()) => Ok(None),
        Heard::Interrupted => Err(Error::Interrupted),
    }
}

/// Who leads the drill.
pub(super) enum Leader {
    /// This one; `None` where only Enter was typed, and nobody is known.
    Is(Option<String>),
    /// Somebody stops before anything has begun.
    Stopped,
}

/// Asks who leads the drill; `usual` where only Enter is typed.
pub(super) fn leader(world: &World, usual: Option<&str>) -> Result<Leader, Error> {
    let enter = usual.map(|name| format!(" Enter: {}.", escape(name))).unwrap_or_default();
    Ok(match line(world, &format!("Who leads the drill? (name){enter} "))? {
        Some(name) => Leader::Is(Some(name).filter(|name| !name.is_empty()).or(usual.map(str::to_owned))),
        None => Leader::Stopped,
    })
}

impl Run<'_> {
    pub(super) fn say(&self, text: &str) {
        self.world.term.complain(text);
    }

    /// A line; `None` where somebody stops for now.
    pub(super) fn line(&self, prompt: &str) -> Result<Option<String>, Error> {
        line(self.world, prompt)
    }

    /// Asks what nobody has answered; the questions about keys are asked with the keys.
    pub(super) fn questions(&self, before: bool) -> Result<Next, Error> {
        let open: Vec<Open> = self.state(|_, drill| {
            let left = left(drill);
            let mut all = if before { left.before } else { left.after };
            // Account by account, for that is how people work; the order of the list within one.
            all.sort_by_key(|asked| {
                let place = |account| {
                    drill.set_out.accounts.iter().position(|one| Some(one.name.as_str()) == account)
                };
                asked.account.map_or(usize::MAX, |account| place(Some(account)).unwrap_or(usize::MAX))
            });
            let ours = |asked: &Asked<'_>| asked.account.is_none_or(|account| self.ours(account));
            let now = |asked: &Asked<'_>| !before || asked.question.about != About::Key;
            all.into_iter().filter(ours).filter(now).map(Open::from).collect()
        })?;
        for question in open {
            if let Next::Stop = self.question(&question)? {
                return Ok(Next::Stop);
            }
        }
        Ok(Next::On)
    }

    pub(super) fn question(&self, open: &Open) -> Result<Next, Error> {
        let about =
            open.account.as_deref().or(open.label.as_deref()).map(|about| format!("{}: ", escape(about)));
        let may = if open.may_not_apply { ", - does not apply" } else { "" };
        let must = if open.required { "" } else { " (not required)" };
        if open.id == SIGN_IN {
            let account = open.account.as_deref().unwrap_or_default();
            self.say(&format!(
                "Now sign in as {} with each of its keys, and do an administrative task.",
                escape(account)
            ));
        }
        loop {
            let prompt = format!(
                "{}{}{must}\n  [y yes, n no{may}, Enter: not known yet] ",
                about.as_deref().unwrap_or_default(),
                escape(&open.text),
            );
            let Some(typed) = self.line(&prompt)? else { return Ok(Next::Stop) };
            let answer = match typed.to_lowercase().as_str() {
                "" => return Ok(Next::On),
                "y" | "yes" => Answer::Yes,
                "n" | "no" => Answer::No,
                "-" if open.may_not_apply => Answer::NotApplicable,
                _ => {
                    self.say("  y, n, or Enter.");
                    continue;
                }
            };
            let Some(told) = self.when(open, answer)? else { return Ok(Next::Stop) };
            let note = match answer {
                Answer::No => match self.line("  What is wrong, in few words? ")? {
                    Some(note) => Some(note).filter(|note| !note.is_empty()),
                    None => return Ok(Next::Stop),
                },
                Answer::Yes | Answer::NotApplicable => None,
            };
            let (account, label) = (open.account.clone(), open.label.clone());
            self.answer(&Said { question: open.id.clone(), account, label, answer, told, note })?;
            return Ok(Next::On);
        }
    }

    /// When it was so; the inner `None`: nobody knows.
    fn when(&self, open: &Open, answer: Answer) -> Result<Option<Option<String>>, Error> {
        if !open.timed || answer != Answer::Yes {
            return Ok(Some(None));
        }
        let begun = self.state(|_, drill| drill.begun.at)?;
        loop {
            let Some(typed) = self.line("  When? (10:15, or now; Enter: nobody knows) ")? else {
                return Ok(None);
            };
            if typed.is_empty() {
                return Ok(Some(None));
            }
            let now = said::local();
            match time::parse(&typed, &now).and_then(|at| time::of_drill(at, begun)) {
                Ok(at) => {
                    let local = at.to_zoned(now.time_zone().clone());
                    self.say(&format!("  {}", local.strftime("%Y-%m-%d %H:%M:%S %Z")));
                    return Ok(Some(Some(at.to_string())));
                }
                Err(error) => self.say(&format!("  {}: {}", escape(&error.to_string()), error.hint())),
            }
        }
    }
}
