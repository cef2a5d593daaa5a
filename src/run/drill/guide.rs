//! The drill on a terminal: where the next key lies, what to do with it, and the questions one by one. Every wait can be
//! ended by a word or by Ctrl-C, and what was done until then is on record.

use super::Run;
use super::keys::Plugged;
use super::questions::Open;
use crate::drill::{Answers, left};
use crate::error::Error;
use crate::key::found::Found;
use crate::key::session::KeyError;
use crate::key::talk_error::TalkError;
use crate::ledger::payload::Because;
use crate::term::ask::Heard;
use crate::term::escape::escape;
use crate::term::{Tone, paint};

/// The reason where nobody gives one.
const NOTHING_SAID: &str = "nothing was said";

/// What a person decided to do next.
pub(super) enum Next {
    /// Go on.
    On,
    /// Stop for now.
    Stop,
}

impl Run<'_> {
    /// Leads through all that is left.
    pub(super) fn guide(&mut self, answers: &Answers) -> Result<(), Error> {
        self.say(
            "Each step is recorded at once. `stop` at any prompt ends for now; `glasskey drill` goes on.",
        );
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
                    // Meanwhile nobody looked: another key may be in its place, under the same name.
                    self.spoken_of.retain(|other| *other != found);
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
        loop {
            let (world, spoken_of) = (self.world, &mut self.spoken_of);
            let heard = world.term.ask(prompt, &world.cancel, || {
                let keys = world.bus.find().ok()?;
                // A key that was pulled out may come back.
                spoken_of.retain(|found| keys.contains(found));
                keys.into_iter().find(|found| !spoken_of.contains(found))
            });
            let typed = match heard {
                Heard::Meanwhile(found) => {
                    self.spoken_of.push(found.clone());
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
                "" => continue,
                other => {
                    self.not_understood(other);
                    continue;
                }
            };
            let Some(why) = self.line(ask)? else { return Ok(None) };
            self.not_checked(label, because, if why.is_empty() { NOTHING_SAID } else { &why })?;
            return Ok(Some(Came::Recorded));
        }
    }

    /// Says which key came. `None`: not one that is to be done now.
    fn recognise(&mut self, found: &Found, wanted: &str) -> Result<Option<Came>, Error> {
        let path = escape(&found.path);
        let Some(is) = self.look(std::slice::from_ref(found), true)?.into_iter().next() else {
            return Ok(None);
        };
        match is {
            Plugged::As(label) if self.to_do()?.contains(&label) => {
                let other =
                    if label == wanted { "" } else { " (another one than was asked for, which will do)" };
                self.say(&format!("{path}: this is {}{other}.", escape(&label)));
                return Ok(Some(Came::Key(found.clone(), label)));
            }
            Plugged::As(label) => {
                self.say(&format!("{path}: this is {}", self.aside(&label)?));
            }
            Plugged::CannotTell => {
                self.say(&format!("{path}: does not tell which key it is without its PIN."));
                if self.lay_there(wanted)? {
                    return Ok(Some(Came::Key(found.clone(), wanted.to_owned())));
                }
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
                if self.lay_there(wanted)? {
                    return Ok(Some(Came::Key(found.clone(), wanted.to_owned())));
                }
                self.say("Pull it out.");
            }
        }
        Ok(None)
    }

    /// Whether a key that does not answer as the one that is wanted lay in its place.
    fn lay_there(&self, wanted: &str) -> Result<bool, Error> {
        let prompt = format!("Did it lie where {} should lie? [y/n] ", escape(wanted));
        let typed = self.word(&prompt, &["y", "yes", "n", "no", ""])?;
        Ok(matches!(typed.as_deref(), Some("y" | "yes")))
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
        if let Next::Stop = self.until_done(found, label)? {
            return Ok(Next::Stop);
        }
        let prompt = format!("Put {} back. Number of its sealed bag (Enter: as before) ", escape(label));
        let Some(bag) = self.line(&prompt)? else { return Ok(Next::Stop) };
        if !bag.is_empty() {
            self.put_back(label.to_owned(), &bag)?;
        }
        Ok(Next::On)
    }
}

impl Run<'_> {
    /// Checks a key until it is good, or somebody lets it be.
    fn until_done(&mut self, found: &Found, label: &str) -> Result<Next, Error> {
        loop {
            match self.one(found, label) {
                Ok(()) if self.good(label)? => return Ok(Next::On),
                Ok(()) => {}
                Err(error @ (Error::Key(KeyError::Talk(TalkError::Interrupted)) | Error::Interrupted)) => {
                    return Err(error);
                }
                Err(error @ (Error::Key(_) | Error::Pin(_) | Error::Open(_))) => {
                    self.say(&paint(Tone::Bad, &escape(&error.to_string())));
                    if let Some(hint) = error.hint() {
                        self.say(&hint);
                    }
                }
                Err(error) => return Err(error),
            }
            // Nothing is tried again by itself, and no PIN attempt is spent that nobody asked for.
            let on_record = !self.to_do()?.iter().any(|left| left == label);
            let enter = if on_record {
                "Enter leaves it as it is on record, and goes on"
            } else {
                "Nothing is on record of it yet: Enter stops here for now"
            };
            let prompt = format!("Type: again (another attempt), broken, skip, stop. {enter}. ");
            let Some(typed) = self.word(&prompt, &["again", "broken", "skip", ""])? else {
                return Ok(Next::Stop);
            };
            let (because, ask) = match typed.as_str() {
                "again" => continue,
                "broken" => (Because::Misbehaved, "What does it do, or not do? "),
                "skip" => (Because::LeftOut, "Why is it left out? "),
                _ if on_record => return Ok(Next::On),
                _ => return Ok(Next::Stop),
            };
            let Some(why) = self.line(ask)? else { return Ok(Next::Stop) };
            self.not_checked(label, because, if why.is_empty() { NOTHING_SAID } else { &why })?;
            return Ok(Next::On);
        }
    }

    /// One of these words: another one is asked for again. `None` where somebody stops for now.
    fn word(&self, prompt: &str, words: &[&str]) -> Result<Option<String>, Error> {
        loop {
            match self.line(prompt)? {
                Some(typed) if !words.contains(&typed.as_str()) => self.not_understood(&typed),
                typed => return Ok(typed),
            }
        }
    }

    fn not_understood(&self, typed: &str) {
        self.say(&paint(Tone::Warn, &format!("not understood: '{}'", escape(typed))));
    }

    /// Whether what is on record of a key in this drill is good.
    fn good(&self, label: &str) -> Result<bool, Error> {
        self.state(|_, drill| {
            let key = drill.keys.iter().find(|key| key.label == label);
            key.and_then(|key| key.tried()).is_some_and(|tried| tried.came.good())
        })
    }
}

/// What came of waiting for a key.
enum Came {
    /// A key, and which one it is to be.
    Key(Found, String),
    /// Nothing: what became of it is on record.
    Recorded,
}
