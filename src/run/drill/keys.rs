//! The keys of a drill: which is which, and the check of one.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Only, Run};
use crate::drill::Answers;
use crate::error::Error;
use crate::key::found::Found;
use crate::key::guard::PinRefusal;
use crate::key::session::KeyError;
use crate::key::talk_error::TalkError;
use crate::ledger::Inventory;
use crate::ledger::inventory::drill::DrilledKey;
use crate::ledger::payload::Because;
use crate::run::World;
use crate::run::check::{Candidate, Judged, NotKept, ask_pin};
use crate::run::named::{self, Named};
use crate::run::record::Known;
use crate::term::escape::escape;
use crate::term::{Tone, paint, show};

/// What a key that is plugged in is by the record. Nothing is proven yet, and no PIN was asked for.
#[derive(Debug)]
pub(super) enum Plugged {
    /// It answers as this key.
    As(String),
    /// None of the enrolled ones; its model.
    Stranger(Uuid),
    /// It does not tell without a PIN.
    CannotTell,
    /// It could not be asked.
    Dead(Error),
}

/// The key that `--key` names, if it was given.
pub(super) fn only(world: &World, inventory: &Inventory) -> Result<Option<Only>, Error> {
    let keys: Vec<Found> = world.keys()?.into_iter().map(|(_, found)| found).collect();
    Ok(match world.named(&keys)? {
        Some(Named::Label(label)) => {
            let (_, key) = named::enrolled(&keys, label, Some(inventory))?;
            Some(Only::Enrolled(key.enrolled.seq))
        }
        Some(Named::Key(found)) => Some(Only::Plugged(found)),
        None => None,
    })
}

impl Run<'_> {
    /// Asks keys which of the enrolled ones they are. Two that answer as one are an alarm: one of them is a copy. `new`:
    /// they may have come just now.
    pub(super) fn look(&self, keys: &[Found], new: bool) -> Result<Vec<Plugged>, Error> {
        let inventory = self.ledger(|writer| Ok(writer.inventory().clone()))?;
        let answers = named::roll_call(self.world, keys, &inventory, new).into_iter().zip(keys);
        let plugged = answers.map(|(answer, found)| match answer {
            Ok(Known::As(key)) => Ok(Plugged::As(key.label.clone())),
            Ok(Known::AsNone) => self
                .model(found)
                .map_or_else(|error| Ok(Plugged::Dead(error)), |model| Ok(Plugged::Stranger(model))),
            Ok(Known::CannotTell) => Ok(Plugged::CannotTell),
            Err(
                error
                @ (Error::Interrupted | Error::Bug | Error::Key(KeyError::Talk(TalkError::Interrupted))),
            ) => Err(error),
            Err(error) => Ok(Plugged::Dead(error)),
        });
        let plugged = plugged.collect::<Result<Vec<_>, Error>>()?;
        let mut seen: BTreeMap<&str, &Found> = BTreeMap::new();
        for (is, found) in plugged.iter().zip(keys) {
            if let Plugged::As(label) = is
                && let Some(other) = seen.insert(label, found)
            {
                let paths = [other.path.clone(), found.path.clone()];
                return Err(Error::Twins { label: label.clone(), paths });
            }
        }
        Ok(plugged)
    }

    /// The model that a key says it is.
    fn model(&self, found: &Found) -> Result<Uuid, Error> {
        let mut session = self.world.open(found, &self.world.progress(), "", "the key is working")?;
        Ok(session.info()?.aaguid)
    }

    /// The keys of this run that nobody has tried, by their labels. One that is named by its label is tried again, once.
    pub(super) fn to_do(&self) -> Result<Vec<String>, Error> {
        self.state(|_, drill| {
            let to_do = |key: &DrilledKey| match &self.only {
                Some(Only::Enrolled(enrolled)) => {
                    key.enrolled == *enrolled && key.tried().is_none_or(|tried| tried.seen.seq <= self.from)
                }
                Some(Only::Plugged(_)) | None => key.tried().is_none(),
            };
            let keys = drill.keys.iter().filter(|key| self.ours(&key.account) && to_do(key));
            keys.map(|key| key.label.clone()).collect()
        })
    }

    /// Every key that is plugged in and still to be done, without asking anybody.
    pub(super) fn keys(&mut self, answers: &Answers) -> Result<(), Error> {
        let to_do = self.to_do()?;
        if to_do.is_empty() {
            return Ok(());
        }
        if let ([label], Some(only)) = (to_do.as_slice(), self.only_key()?) {
            return self.one(&only, label);
        }
        let plugged = self.plugged()?;
        let (mut taken, mut stopped): (Vec<String>, Option<Error>) = (Vec::new(), None);
        for label in &to_do {
            let answers_as = |plugged: &Plugged| matches!(plugged, Plugged::As(other) if other == label);
            let found = match plugged.iter().find(|(_, is)| answers_as(is)) {
                Some((found, _)) => Some(found),
                None => self.in_its_place(label, &plugged, &taken)?,
            };
            if let Some(found) = found {
                taken.push(found.path.clone());
                self.one(found, label)?;
            } else {
                self.world.skip_pin();
                let told = format!("{}: not plugged in, so not done", escape(label));
                self.world.term.complain(&told);
            }
        }
        for (found, plugged) in plugged {
            let words = match plugged {
                Plugged::As(label) if to_do.contains(&label) => continue,
                Plugged::As(label) => self.aside(&label)?,
                Plugged::Stranger(_) if taken.contains(&found.path) => continue,
                Plugged::Stranger(_) => format!("{}: none of the keys on record", escape(&found.path)),
                Plugged::CannotTell => {
                    format!(
                        "{}: does not tell which key it is without a PIN; it was not asked for one",
                        escape(&found.path)
                    )
                }
                Plugged::Dead(error) => {
                    let words = format!("{}: {}", escape(&found.path), escape(&error.to_string()));
                    stopped = stopped.or(Some(error));
                    words
                }
            };
            self.world.term.complain(&words);
        }
        self.bags(answers)?;
        // A key that could not be asked is one of those that are left, and nobody knows which.
        match stopped.filter(|_| !self.to_do().is_ok_and(|left| left.is_empty())) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// `--key LABEL` and one key: this is what lay in that bag, whatever it is.
    fn only_key(&self) -> Result<Option<Found>, Error> {
        let keys = self.world.plugged()?;
        match keys.as_slice() {
            [only] if matches!(self.only, Some(Only::Enrolled(_))) => Ok(Some(only.clone())),
            _ => Ok(None),
        }
    }

    /// The keys that are meant, each asked who it is.
    fn plugged(&self) -> Result<Vec<(Found, Plugged)>, Error> {
        let keys = match &self.only {
            Some(Only::Plugged(found)) => vec![found.clone()],
            Some(Only::Enrolled(_)) | None => self.world.plugged()?,
        };
        let plugged = self.look(&keys, false)?;
        Ok(keys.into_iter().zip(plugged).collect())
    }

    /// Where a key of the drill is not plugged in, and one of the same model is that is not on record: that one lies in its
    /// place, swapped or reset, until somebody shows the right one.
    fn in_its_place<'p>(
        &self,
        label: &str,
        plugged: &'p [(Found, Plugged)],
        taken: &[String],
    ) -> Result<Option<&'p Found>, Error> {
        let model = self.state(|inventory, _| inventory.key(label).map(|key| key.aaguid))?;
        let same = |is: &Plugged| matches!(is, Plugged::Stranger(aaguid) if Some(*aaguid) == model);
        let free = |found: &Found| !taken.contains(&found.path);
        Ok(plugged.iter().find(|(found, is)| same(is) && free(found)).map(|(found, _)| found))
    }

    /// Checks the key that is to be this one, and records what came of it. One that is not the key on record is asked for
    /// no PIN, and found not fit.
    ///
    /// # Errors
    /// What ends the step with nothing recorded: a PIN that was refused or kept back, a key that may not be opened, Ctrl-C.
    pub(super) fn one(&mut self, found: &Found, label: &str) -> Result<(), Error> {
        self.check.label = Some(label.to_owned());
        // One that was plugged in since the run began is vouched for only now.
        if let Some(plan) = self.check.plan.as_ref().filter(|_| found.soft) {
            self.check.catalogue = self.world.catalogue_of(Some(plan))?.into();
        }
        let inventory = self.ledger(|writer| Ok(writer.inventory().clone()))?;
        self.check.inventory = Some(inventory);
        let progress = self.world.progress();
        let opened = self.world.open(found, &progress, "", "the key is working");
        let candidate = match opened.and_then(|session| self.check.see(found, session)) {
            Ok(candidate) => candidate,
            Err(error) => {
                self.world.skip_pin();
                return self.failed(label, error);
            }
        };
        if candidate.is() != Some(label) {
            self.world.skip_pin();
            let told = format!("{}: this is not the key on record; it is asked for no PIN", escape(label));
            self.world.term.complain(&paint(Tone::Bad, &told));
            return self.finish(found, candidate, label);
        }
        let soft = if found.soft { " (SOFT KEY)" } else { "" };
        let is = if candidate.answered() {
            "it answers as this key"
        } else {
            "it does not tell which key it is without its PIN, and is taken for this one"
        };
        self.world.term.note(&format!("{}{soft}: {is}", escape(label)));
        let candidate = match self.check.with_pin(candidate, |facts| ask_pin(self.world, facts)) {
            Ok(candidate) if !candidate.has_pin() => {
                self.world.skip_pin();
                candidate
            }
            Ok(candidate) => candidate,
            Err(error @ Error::Key(KeyError::Pin(_))) => {
                // Kept back before anybody was asked.
                self.world.skip_pin();
                return self.failed(label, error);
            }
            Err(error) => return Err(error),
        };
        self.finish(found, candidate, label)
    }

    fn finish(&mut self, found: &Found, candidate: Candidate, label: &str) -> Result<(), Error> {
        let progress = self.world.progress();
        let wait = || progress.follow("", "the key is working");
        match self.check.finish(found, candidate, wait) {
            // Nothing was recorded, so nothing was done.
            Ok(Judged { not_kept: Some(NotKept::AtAll(error)), .. }) => Err(error),
            Ok(judged) => {
                let event = judged.event.map(|event| event.seq);
                self.world.term.complain(&show::drill::checked(label, &judged.verdict, event));
                Ok(())
            }
            Err(error) => self.failed(label, error),
        }
    }

    /// A key that cannot be checked today is recorded, and the drill goes on; what can still be mended ends the step.
    fn failed(&self, label: &str, error: Error) -> Result<(), Error> {
        let because = match &error {
            Error::Key(KeyError::Pin(PinRefusal::Blocked | PinRefusal::Wrong { left: Some(0) })) => {
                Because::PinBlocked
            }
            Error::Key(
                KeyError::Talk(TalkError::Interrupted | TalkError::Busy)
                | KeyError::Pin(_)
                | KeyError::Random,
            ) => {
                return Err(error);
            }
            // Where somebody sits there, they are asked first whether it is to be tried again.
            Error::Key(_) if !self.attended => Because::Misbehaved,
            _ => return Err(error),
        };
        let why = escape(&error.to_string());
        self.world.term.complain(&paint(Tone::Bad, &format!("{}: {why}", escape(label))));
        self.not_checked(label, because, &why)
    }
}
