//! The drill on a terminal: where the next key lies, what to do with it, and the questions one by one. Every wait can be
//! ended by a word or by Ctrl-C, and what was done until then is on record.

use super::keys::Plugged;
use super::{Run, said};
use crate::drill::{Answers, Asked, Said, left, time};
use crate::error::Error;
use crate::key::found::Found;
use crate::key::session::KeyError;
use crate::ledger::payload::{Answer, Because};
use crate::plan::About;
use crate::plan::question::SIGN_IN;
use crate::term::ask::Heard;
use crate::term::escape::escape;
use crate::term::pin::PinInputError;
use crate::term::{Tone, paint};

/// What a person decided to do next.
enum Next {
    /// Go on.
    On,
    /// Stop for now.
    Stop,
}

/// A question without what borrows the drill.
struct Open {
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

impl Run<'_> {
    /// Leads through all that is left.
    pub(super) fn guide(&mut self, answers: &Answers) -> Result<(), Error> {
        self.say(
            "Each step is recorded at once. `stop` at any prompt ends for now; `glasskey drill` goes on.",
        );
        if self.by.is_none() {
            let begun_by = self.state(|_, drill| drill.set_out.by.clone())?;
            self.by = begun_by.or(self.line("Who leads the drill? (name) ")?.filter(|name| !name.is_empty()));
        }
        if let Next::Stop = self.questions(true)? {
            return Ok(());
        }
        if !self.arguments.no_keys {
            if let Next::Stop = self.guided_keys()? {
                return Ok(());
            }
            self.bags(answers)?;
        }
        self.questions(false).map(drop)
    }

    fn say(&self, text: &str) {
        self.world.term.complain(text);
    }

    /// A line; `None` where somebody stops for now.
    fn line(&self, prompt: &str) -> Result<Option<String>, Error> {
        match self.world.term.ask(prompt, &self.world.cancel, || None::<()>) {
            Heard::Line(line) if line == "stop" => Ok(None),
            Heard::Line(line) => Ok(Some(line)),
            Heard::End | Heard::Meanwhile(()) => Ok(None),
            Heard::Interrupted => Err(Error::Interrupted),
        }
    }

    /// Asks what nobody has answered; the questions about keys are asked with the keys.
    fn questions(&self, before: bool) -> Result<Next, Error> {
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

    fn question(&self, open: &Open) -> Result<Next, Error> {
        let about =
            open.account.as_deref().or(open.label.as_deref()).map(|about| format!("{}: ", escape(about)));
        let may = if open.may_not_apply { ", - does not apply" } else { "" };
        let must = if open.required { "" } else { " (not required)" };
        if open.id == SIGN_IN {
            let account = open.account.as_deref().unwrap_or_default();
            self.say(&format!(
                "Now sign in as {} with its key, and do an administrative task.",
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

    /// Every key that is left, whichever comes first.
    fn guided_keys(&mut self) -> Result<Next, Error> {
        loop {
            let to_do = self.to_do()?;
            let Some(label) = to_do.first() else { return Ok(Next::On) };
            self.tell_place(label, to_do.len())?;
            let Some(found) = self.wait_for_key(label)? else { return Ok(Next::Stop) };
            match found {
                Came::Key(found, label) => {
                    if let Next::Stop = self.guided_key(&found, &label)? {
                        return Ok(Next::Stop);
                    }
                }
                Came::Recorded => {}
            }
        }
    }

    /// Where the next key lies.
    fn tell_place(&self, label: &str, count: usize) -> Result<(), Error> {
        let plan = self.check.plan.as_ref().ok_or(Error::Bug)?;
        let text = self.state(|inventory, drill| {
            let key = drill.keys.iter().find(|key| key.label == label)?;
            let now = inventory.key(label)?;
            let mut parts = vec![format!("Take {} of {} out", escape(label), escape(&key.account))];
            if let Some(site) = &key.site {
                let place = plan.site(site).and_then(|site| site.place.as_deref());
                let place = place.map(|place| format!(" ({})", escape(place))).unwrap_or_default();
                parts.push(format!("it lies at {}{place}", escape(site)));
            }
            if let Some(bag) = &key.bag {
                parts.push(format!("in the bag {}", escape(bag)));
            }
            if let Some(custodian) = &now.custodian {
                parts.push(format!("kept by {}", escape(custodian)));
            }
            let model = now.model.as_deref().map(|model| format!(" [{}]", escape(model))).unwrap_or_default();
            Some(format!("{}{model}", parts.join(", ")))
        })?;
        self.say("");
        let heading = format!("{} ({count} left)", text.unwrap_or_default());
        self.say(&paint(Tone::Strong, &heading));
        Ok(())
    }

    /// Waits until a key of the drill is plugged in, or something else is said of it.
    fn wait_for_key(&mut self, label: &str) -> Result<Option<Came>, Error> {
        let prompt = "Plug it in. (Or type: missing, skip, broken, stop) ";
        let mut known: Vec<Found> = Vec::new();
        loop {
            let heard = self.world.term.ask(prompt, &self.world.cancel, || {
                let keys = self.world.bus.find().ok()?;
                let new = keys.iter().find(|found| !known.contains(found)).cloned();
                // A key that was pulled out may come back.
                known.retain(|found| keys.contains(found));
                new
            });
            let typed = match heard {
                Heard::Meanwhile(found) => {
                    known.push(found.clone());
                    match self.recognise(&found, label)? {
                        Some(came) => return Ok(Some(came)),
                        None => continue,
                    }
                }
                Heard::Line(line) => line,
                Heard::End => return Ok(None),
                Heard::Interrupted => return Err(Error::Interrupted),
            };
            let (because, ask) = match typed.as_str() {
                "stop" => return Ok(None),
                "missing" => (Because::Missing, "What is known of that? "),
                "skip" => (Because::LeftOut, "Why is it left out? "),
                "broken" => (Because::Misbehaved, "What does it do, or not do? "),
                _ => continue,
            };
            let Some(why) = self.line(ask)? else { return Ok(None) };
            let why = if why.is_empty() { "nothing was said".to_owned() } else { why };
            self.not_checked(label, because, &why)?;
            return Ok(Some(Came::Recorded));
        }
    }

    /// Says which key came. `None`: not one that is to be done now.
    fn recognise(&mut self, found: &Found, wanted: &str) -> Result<Option<Came>, Error> {
        let path = escape(&found.path);
        match self.look(found)? {
            Plugged::As(label) if self.to_do()?.contains(&label) => {
                let other =
                    if label == wanted { "" } else { " (another one than was asked for, which will do)" };
                self.say(&format!("{path}: this is {}{other}.", escape(&label)));
                return Ok(Some(Came::Key(found.clone(), label)));
            }
            Plugged::As(label) => {
                self.say(&format!("{path}: this is {}; nothing is to be done with it now.", escape(&label)));
            }
            Plugged::CannotTell => {
                self.say(&format!(
                    "{path}: does not tell which key it is without a PIN. It is not asked for one."
                ));
            }
            Plugged::Dead(error) => {
                let error = escape(&error.to_string());
                self.say(&format!("{path}: {error}. Pull it out and plug it in again, or type: broken"));
            }
            Plugged::Stranger(_) => {
                self.say(&paint(
                    Tone::Bad,
                    &format!("{path}: none of the keys on record. No PIN: do not type one."),
                ));
                let question = format!("Did it lie where {} should lie? [y/n] ", escape(wanted));
                let typed = self.line(&question)?.unwrap_or_default();
                if matches!(typed.as_str(), "y" | "yes") {
                    return Ok(Some(Came::Key(found.clone(), wanted.to_owned())));
                }
                self.say("Pull it out.");
            }
        }
        Ok(None)
    }

    /// One key: its seal, its check, its new bag.
    fn guided_key(&mut self, found: &Found, label: &str) -> Result<Next, Error> {
        let about_it: Vec<Open> = self.state(|_, drill| {
            let left = left(drill);
            let all = left.before.into_iter().chain(left.after);
            all.filter(|asked| asked.label == Some(label)).map(Open::from).collect()
        })?;
        for question in &about_it {
            if let Next::Stop = self.question(question)? {
                return Ok(Next::Stop);
            }
        }
        loop {
            match self.one(found, label) {
                Ok(()) => break,
                Err(error @ (Error::Key(KeyError::Pin(_)) | Error::Pin(_) | Error::Open(_))) => {
                    self.say(&paint(Tone::Bad, &escape(&error.to_string())));
                    if let Some(hint) = error.hint() {
                        self.say(&hint);
                    }
                }
                Err(Error::PinInput(PinInputError::Mismatch | PinInputError::NoLine)) => {}
                Err(error) => return Err(error),
            }
            // Never an attempt that nobody asked for.
            let Some(typed) = self.line("Type again for another attempt, or: skip, stop ")? else {
                return Ok(Next::Stop);
            };
            match typed.as_str() {
                "again" => {}
                "skip" => {
                    let why = self.line("Why is it left out? ")?.unwrap_or_default();
                    self.not_checked(
                        label,
                        Because::LeftOut,
                        if why.is_empty() { "nothing was said" } else { &why },
                    )?;
                    return Ok(Next::On);
                }
                _ => return Ok(Next::Stop),
            }
        }
        let prompt = format!("Put {} back. Number of its sealed bag (Enter: as before) ", escape(label));
        let Some(bag) = self.line(&prompt)? else { return Ok(Next::Stop) };
        if !bag.is_empty() {
            self.put_back(label.to_owned(), &bag)?;
        }
        Ok(Next::On)
    }
}

/// What came of waiting for a key.
enum Came {
    /// A key, and which one it is to be.
    Key(Found, String),
    /// Nothing: what became of it is on record.
    Recorded,
}
