//! What people say of a drill: on the command line, in a file, or typed.

use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::Run;
use crate::cli::Drill as Arguments;
use crate::drill::answers::{self, LIMIT, word};
use crate::drill::{Answers, Said, SaidError, time as told_time};
use crate::error::Error;
use crate::ledger::inventory::Drill;
use crate::ledger::payload::{Answer, Payload};
use crate::plan::About;
use crate::plan::question::{ALERT, SIGN_IN};
use crate::run::World;

/// The present time in this machine's time zone.
pub(super) fn local() -> Zoned {
    World::clock().to_zoned(TimeZone::system())
}

/// A time as it was told on the command line.
pub(in crate::run) fn time(text: &str) -> Result<Timestamp, Error> {
    Ok(told_time::parse(text, &local()).map_err(SaidError::from)?)
}

/// All that is said: the file, and over it the flags. What a flag says of no account in particular is said of every account
/// of the run, and stands without one until then.
pub(super) fn gather(arguments: &Arguments) -> Result<Answers, Error> {
    let mut answers = match &arguments.answers {
        Some(file) => Answers::parse(&read(file)?)?,
        None => Answers::default(),
    };
    answers.by = arguments.by.clone().or(answers.by);
    answers.present.extend(arguments.present.iter().cloned());
    let mut say = |question: &str, answer: Answer, told: Option<&String>| {
        answers.said.push(Said {
            question: question.to_owned(),
            account: arguments.account.clone(),
            label: None,
            answer,
            told: told.cloned(),
            note: None,
        });
    };
    let timed = [
        (SIGN_IN, &arguments.signin_ok, &arguments.signin_at),
        (ALERT, &arguments.alert_ok, &arguments.alert_at),
        ("sign-in-seen", &arguments.signin_seen, &None),
        ("role", &arguments.role_ok, &None),
    ];
    for (question, said, at) in timed {
        match (said, at) {
            (Some(said), at) => say(question, word(said)?, at.as_ref()),
            (None, Some(_)) => say(question, Answer::Yes, at.as_ref()),
            (None, None) => {}
        }
    }
    for text in &arguments.answer {
        let (question, said) = text.split_once('=').ok_or_else(|| SaidError::NoAnswer(text.clone()))?;
        say(question.trim(), word(said)?, None);
    }
    let why = || arguments.why.clone().unwrap_or_default();
    for label in &arguments.missing {
        answers.keys.entry(label.clone()).or_default().missing = Some(why());
    }
    for label in &arguments.leave_out {
        answers.keys.entry(label.clone()).or_default().left_out = Some(why());
    }
    for text in &arguments.bag {
        let (label, bag) = text.split_once('=').ok_or_else(|| SaidError::NoBag(text.clone()))?;
        answers.keys.entry(label.trim().to_owned()).or_default().bag = Some(bag.trim().to_owned());
    }
    let contradicts = |told: &crate::drill::KeyTold| {
        [told.bag.is_some(), told.missing.is_some(), told.left_out.is_some()]
            .iter()
            .filter(|said| **said)
            .count()
            > 1
    };
    match answers.keys.iter().find(|(_, told)| contradicts(told)) {
        Some((label, _)) => Err(SaidError::Contradiction(label.clone()).into()),
        None => Ok(answers),
    }
}

#[expect(clippy::disallowed_methods, reason = "the file of answers that was named")]
fn read(path: &Path) -> Result<String, Error> {
    use std::io::Read as _;
    let fault = |source| Error::File { file: path.display().to_string(), source };
    let most = u64::try_from(LIMIT).unwrap_or(u64::MAX).saturating_add(1);
    let mut text = String::new();
    std::fs::File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)).map_err(fault)?;
    Ok(text)
}

/// What was said without an account, of a question about accounts, is said of each of these.
fn spread(said: &Said, drill: &Drill, accounts: &[String]) -> Vec<Said> {
    let about = drill.question(&said.question).map(|question| question.about);
    match about {
        Some(About::Account) if said.account.is_none() && said.label.is_none() => {
            accounts.iter().map(|account| Said { account: Some(account.clone()), ..said.clone() }).collect()
        }
        // `--account` narrows the run, not a question about the whole.
        Some(About::Drill) if said.label.is_none() => vec![Said { account: None, ..said.clone() }],
        _ => vec![said.clone()],
    }
}

/// Whether all that is said answers what the drill asks.
pub(super) fn fits(answers: &Answers, drill: &Drill) -> Result<(), Error> {
    let now = local();
    let names: Vec<String> = drill.set_out.accounts.iter().map(|account| account.name.clone()).collect();
    for said in answers.said.iter().flat_map(|said| spread(said, drill, &names)) {
        said.of(drill, None, &now)?;
    }
    for label in answers.keys.keys() {
        answers::key(drill, label)?;
    }
    Ok(())
}

impl Run<'_> {
    /// Records an answer, unless just that is on record.
    pub(super) fn answer(&self, said: &Said) -> Result<(), Error> {
        let now = local();
        let new = self.state(|_, drill| {
            let all = spread(said, drill, &self.accounts).into_iter().map(|said| {
                let event = said.of(drill, self.by.as_deref(), &now)?;
                let (account, label) = (event.account.as_deref(), event.label.as_deref());
                let last = drill.answer(&event.question, account, label).map(|answered| &answered.said);
                let known = last.is_some_and(|last| {
                    (last.answer, last.told, &last.note) == (event.answer, event.told, &event.note)
                });
                Ok((!known).then_some(event))
            });
            all.collect::<Result<Vec<_>, SaidError>>()
        })??;
        for event in new.into_iter().flatten() {
            self.record(Payload::DrillAnswered(event))?;
        }
        Ok(())
    }
}
