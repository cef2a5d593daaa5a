//! What people say of a drill, in a file: TOML, or JSON with the same members. Strict: a name that the drill does not have
//! is an error, for an answer that nobody reads is none.

use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned};
use serde::Deserialize;

use super::time::{self, TimeError};
use crate::ledger::inventory::Drill;
use crate::ledger::payload::{Answer, DrillAnswered};
use crate::plan::{About, same};

/// The most bytes of a file of answers.
pub const LIMIT: usize = 1 << 20;

/// Why answers cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SaidError {
    /// The file is not what it must be.
    #[error("the answers cannot be read: {}", .0.escape_debug())]
    File(String),
    /// A bag without its key.
    #[error("`--bag {}` does not say of which key: it has no `=`", .0.escape_debug())]
    NoBag(String),
    /// A question that the drill does not ask.
    #[error("the drill does not ask '{}'", .0.escape_debug())]
    NoQuestion(String),
    /// A question that is asked of something else.
    #[error("'{}' is asked {}, not {}", .0.escape_debug(), once(*.1), once(*.2))]
    OtherAbout(String, About, About),
    /// An account that the drill does not have.
    #[error("the drill does not have the account '{}'", .0.escape_debug())]
    NoAccount(String),
    /// A key that the drill does not have.
    #[error("the drill does not have the key '{}'", .0.escape_debug())]
    NoKey(String),
    /// Neither yes nor no.
    #[error("'{}' is no answer", .0.escape_debug())]
    NoAnswer(String),
    /// A question that always applies.
    #[error("'{}' always applies", .0.escape_debug())]
    Applies(String),
    /// A time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// A key that is missing and in a bag, or missing and left out.
    #[error("of the key '{}' two things are said that cannot both be", .0.escape_debug())]
    Contradiction(String),
}

fn once(about: About) -> &'static str {
    match about {
        About::Drill => "once for the drill",
        About::Account => "for each account",
        About::Key => "for each key",
    }
}

impl SaidError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoBag(_) => "write the label and the number of its bag: `--bag EA-01-A=0042`",
            Self::File(_) => "docs/drill.md shows such a file",
            Self::NoQuestion(_) | Self::OtherAbout(..) => {
                "`glasskey plan check --json` shows the questions; an open drill asks what the plan asked when it began"
            }
            Self::NoAccount(_) => "name an account of the drill; `glasskey status` shows them",
            Self::NoKey(_) => "name a key by its label; `glasskey inventory` shows them",
            Self::NoAnswer(_) => "write yes, no or not-applicable",
            Self::Applies(_) => "answer yes or no; the plan may say `may_not_apply`",
            Self::Time(error) => error.hint(),
            Self::Contradiction(_) => "say one of the two",
        }
    }
}

/// A word for an answer.
///
/// # Errors
/// [`SaidError::NoAnswer`].
pub fn word(text: &str) -> Result<Answer, SaidError> {
    match text.trim() {
        "yes" => Ok(Answer::Yes),
        "no" => Ok(Answer::No),
        "not-applicable" => Ok(Answer::NotApplicable),
        other => Err(SaidError::NoAnswer(other.chars().take(60).collect())),
    }
}

/// One answer, before it is held against a drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The question's id.
    pub question: String,
    /// The account that it is about, if it is about one.
    pub account: Option<String>,
    /// The key that it is about, if it is about one.
    pub label: Option<String>,
    /// The answer.
    pub answer: Answer,
    /// When that was, as it was told.
    pub told: Option<String>,
    /// What else was said.
    pub note: Option<String>,
}

/// What is said of a key besides answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyTold {
    /// The bag that it is put into.
    pub bag: Option<String>,
    /// That it is missing, and what is known of that.
    pub missing: Option<String>,
    /// That it is left out, and why.
    pub left_out: Option<String>,
}

/// All that is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// Who leads the drill, or answers.
    pub by: Option<String>,
    /// Who else is there.
    pub present: Vec<String>,
    /// The answers.
    pub said: Vec<Said>,
    /// The keys, by their labels.
    pub keys: BTreeMap<String, KeyTold>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    by: Option<String>,
    #[serde(default)]
    present: Vec<String>,
    #[serde(default)]
    answers: BTreeMap<String, RawAnswer>,
    #[serde(default)]
    account: BTreeMap<String, BTreeMap<String, RawAnswer>>,
    #[serde(default)]
    key: BTreeMap<String, RawKey>,
}

#[derive(Deserialize)]
struct RawKey {
    bag: Option<String>,
    missing: Option<String>,
    #[serde(rename = "left-out")]
    left_out: Option<String>,
    #[serde(flatten)]
    answers: BTreeMap<String, RawAnswer>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "an answer is \"yes\", \"no\" or \"not-applicable\", or a table of `answer`, `at` and `note`"
)]
enum RawAnswer {
    Flag(bool),
    Word(String),
    Full(RawFull),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFull {
    answer: RawWord,
    at: Option<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "`answer` is \"yes\", \"no\" or \"not-applicable\"")]
enum RawWord {
    Flag(bool),
    Word(String),
}

impl RawWord {
    fn answer(&self) -> Result<Answer, SaidError> {
        match self {
            Self::Flag(true) => Ok(Answer::Yes),
            Self::Flag(false) => Ok(Answer::No),
            Self::Word(text) => word(text),
        }
    }
}

impl RawAnswer {
    fn said(self, question: String, account: Option<&str>, label: Option<&str>) -> Result<Said, SaidError> {
        let RawFull { answer, at, note } = match self {
            Self::Flag(flag) => RawFull { answer: RawWord::Flag(flag), at: None, note: None },
            Self::Word(text) => RawFull { answer: RawWord::Word(text), at: None, note: None },
            Self::Full(full) => full,
        };
        let own = |text: &str| text.to_owned();
        let (account, label) = (account.map(own), label.map(own));
        Ok(Said { question, account, label, answer: answer.answer()?, told: at, note })
    }
}

impl Answers {
    /// Reads a file: JSON where it begins with a brace, else TOML.
    ///
    /// # Errors
    /// [`SaidError`].
    pub fn parse(text: &str) -> Result<Self, SaidError> {
        let text = text.trim_start_matches('\u{feff}');
        if text.len() > LIMIT {
            return Err(SaidError::File(format!("larger than {LIMIT} bytes")));
        }
        let raw: RawFile = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| SaidError::File(error.to_string()))?
        } else {
            toml::from_str(text).map_err(|error| SaidError::File(place(text, &error)))?
        };
        let mut answers = Self { by: raw.by, present: raw.present, ..Self::default() };
        for (id, answer) in raw.answers {
            answers.said.push(answer.said(id, None, None)?);
        }
        for (account, of_account) in raw.account {
            for (id, answer) in of_account {
                answers.said.push(answer.said(id, Some(&account), None)?);
            }
        }
        for (label, RawKey { bag, missing, left_out, answers: of_key }) in raw.key {
            if [missing.is_some(), left_out.is_some(), bag.is_some()].iter().filter(|said| **said).count() > 1
            {
                return Err(SaidError::Contradiction(label));
            }
            for (id, answer) in of_key {
                answers.said.push(answer.said(id, None, Some(&label))?);
            }
            answers.keys.insert(label, KeyTold { bag, missing, left_out });
        }
        Ok(answers)
    }
}

/// A fault of TOML in one line, with its place.
fn place(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.lines().count().max(1));
    format!("line {line}: {}", error.message().trim().replace('\n', ", "))
}

impl Said {
    /// The event that records it, if it answers what the drill asks.
    ///
    /// # Errors
    /// [`SaidError`].
    pub fn of(&self, drill: &Drill, by: Option<&str>, now: &Zoned) -> Result<DrillAnswered, SaidError> {
        let question = drill.question(&self.question);
        let question = question.ok_or_else(|| SaidError::NoQuestion(self.question.clone()))?;
        let about = match (&self.account, &self.label) {
            (None, None) => About::Drill,
            (Some(_), _) => About::Account,
            (None, Some(_)) => About::Key,
        };
        if question.about != about {
            return Err(SaidError::OtherAbout(self.question.clone(), question.about, about));
        }
        if self.answer == Answer::NotApplicable && !question.may_not_apply {
            return Err(SaidError::Applies(self.question.clone()));
        }
        let told = self.told.as_deref().map(|text| time::parse(text, now)).transpose()?;
        Ok(DrillAnswered {
            drill: drill.number(),
            question: self.question.clone(),
            account: self.account.as_deref().map(|name| account(drill, name)).transpose()?,
            label: self.label.as_deref().map(|label| key(drill, label)).transpose()?,
            answer: self.answer,
            told: told.map(|at: Timestamp| time::of_drill(at, drill.begun.at)).transpose()?,
            note: self.note.clone(),
            by: by.map(str::to_owned),
        })
    }
}

/// An account of the drill, as it writes it.
///
/// # Errors
/// [`SaidError::NoAccount`].
pub fn account(drill: &Drill, name: &str) -> Result<String, SaidError> {
    let known = drill.set_out.accounts.iter().find(|account| same(&account.name, name));
    known.map(|account| account.name.clone()).ok_or_else(|| SaidError::NoAccount(name.to_owned()))
}

/// A key of the drill, as it writes it.
///
/// # Errors
/// [`SaidError::NoKey`].
pub fn key(drill: &Drill, label: &str) -> Result<String, SaidError> {
    let known = drill.keys.iter().find(|key| same(&key.label, label));
    known.map(|key| key.label.clone()).ok_or_else(|| SaidError::NoKey(label.to_owned()))
}
