//! What people are asked in a drill: the list that Microsoft's guidance on emergency access accounts adds up to, and what
//! the plan adds to it, words in its own way, or leaves out.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::name::{NameError, printable};
use super::raw::{Flag, RawQuestion};
use super::read::Source;
use super::{At, PlanError};

/// Once for what a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Once for the drill.
    Drill,
    /// Once for each account.
    Account,
    /// Once for each key that lay in a numbered bag.
    Key,
}

/// What people are asked. Yes is always the answer that is hoped for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Its stable id, in kebab case.
    pub id: At<String>,
    /// As it is asked.
    pub text: String,
    /// Once for what.
    pub about: About,
    /// Whether a drill cannot be passed without a yes.
    pub required: bool,
    /// Whether it may be that it does not apply.
    pub may_not_apply: bool,
    /// Whether a yes should come with a time.
    pub timed: bool,
    /// Whether it is asked before the first key is taken out.
    pub before: bool,
    /// Who is to answer, and to mend what is not as it should be.
    pub owner: Option<String>,
}

/// The question whose time is that of the sign-in.
pub const SIGN_IN: &str = "sign-in";
/// The question whose time is that of the alert.
pub const ALERT: &str = "alert";

struct BuiltIn {
    id: &'static str,
    about: About,
    /// Letters: `r`equired, `n`ot always applicable, `t`imed, `b`efore.
    how: &'static str,
    text: &'static str,
}

const fn ask(id: &'static str, about: About, how: &'static str, text: &'static str) -> BuiltIn {
    BuiltIn { id, about, how, text }
}

/// In the order in which they are asked.
const BUILT_IN: &[BuiltIn] = &[
    ask(
        "watchers-told",
        About::Drill,
        "rb",
        "Were those who watch the alerts told that a drill is going on?",
    ),
    ask("seal", About::Key, "r", "Is the bag unopened, and does it bear the number on record?"),
    ask(
        SIGN_IN,
        About::Account,
        "rt",
        "Did the account sign in with each of its keys, in the browser that would be used in an emergency?",
    ),
    ask(
        "role",
        About::Account,
        "r",
        "Is it still Global Administrator, active and permanent, and could it do an administrative task?",
    ),
    ask("sign-in-seen", About::Account, "r", "Was that sign-in seen in the sign-in log?"),
    ask(ALERT, About::Account, "rt", "Did the alert on that sign-in fire?"),
    ask(
        "other-sign-ins",
        About::Account,
        "r",
        "Is every other sign-in of the account since the last drill accounted for?",
    ),
    ask(
        "no-other-methods",
        About::Account,
        "r",
        "Has the account no authentication method but its keys, none of them a person's?",
    ),
    ask(
        "people-reviewed",
        About::Drill,
        "r",
        "Was the list of people who may use the accounts gone over and brought up to date?",
    ),
    ask(
        "procedure-current",
        About::Drill,
        "r",
        "Is the procedure written down, current, and at hand where nothing online works?",
    ),
    ask("people-trained", About::Drill, "r", "Are the people who may need the accounts trained to use them?"),
    ask(
        "combinations-changed",
        About::Drill,
        "rn",
        "Were the safes' combinations changed since somebody who knew them left, and as often as the rules ask?",
    ),
    ask(
        "two-networks",
        About::Drill,
        "n",
        "Can the computer for the emergency reach Entra over two networks that do not fail together?",
    ),
];

impl BuiltIn {
    fn question(&self) -> Question {
        let is = |letter| self.how.contains(letter);
        Question {
            id: At::nowhere(self.id.to_owned()),
            text: self.text.to_owned(),
            about: self.about,
            required: is('r'),
            may_not_apply: is('n'),
            timed: is('t'),
            before: is('b'),
            owner: None,
        }
    }
}

/// The list where the plan says nothing.
#[must_use]
pub fn built_in() -> Vec<Question> {
    BUILT_IN.iter().map(BuiltIn::question).collect()
}

/// The list with what the plan says of it, and the built-in questions that it leaves out.
pub(super) fn merged(
    source: &Source<'_>,
    raw: Vec<Spanned<RawQuestion>>,
) -> Result<(Vec<Question>, Vec<At<String>>), PlanError> {
    let (mut questions, mut left_out) = (built_in(), Vec::new());
    for raw in raw {
        let (span, raw) = (raw.span(), raw.into_inner());
        let id = source.needed(&span, raw.id.clone(), "a question", "id", id)?;
        let told = questions.iter().map(|known| &known.id).chain(&left_out);
        if let Some(earlier) = told.into_iter().find(|known| known.value == id.value && known.line > 0) {
            let problem = format!("the question '{id}' stands in line {} already", earlier.line);
            return Err(source.fault(&span, NameError { problem, cure: "keep one of the two".to_owned() }));
        }
        let place = questions.iter().position(|known| known.id.value == id.value);
        let known = place.and_then(|place| questions.get(place).cloned());
        let asked = is(&raw.ask, true);
        let question = match known {
            Some(known) => reworded(source, &span, known, id, raw)?,
            None => new(source, &span, id, raw)?,
        };
        match (place, asked) {
            (Some(place), false) => {
                left_out.push(question.id);
                questions.remove(place);
            }
            (Some(place), true) => questions.splice(place..=place, [question]).for_each(drop),
            (None, true) => questions.push(question),
            (None, false) => {}
        }
    }
    Ok((questions, left_out))
}

fn is(flag: &Flag, usual: bool) -> bool {
    flag.as_ref().map_or(usual, |flag| *flag.get_ref())
}

/// A question of the built-in list in the plan's words. What the program makes of it may not change.
fn reworded(
    source: &Source<'_>,
    span: &Range<usize>,
    known: Question,
    id: At<String>,
    raw: RawQuestion,
) -> Result<Question, PlanError> {
    if raw.about.is_some() || raw.timed.is_some() || raw.before.is_some() {
        let problem =
            format!("'{id}' is a built-in question: what it is about, its time and its turn are fixed");
        let cure = "change `text`, `required`, `may_not_apply`, `owner` or `ask`, or choose another id for a question of your own";
        return Err(source.fault(span, NameError { problem, cure: cure.to_owned() }));
    }
    Ok(Question {
        text: source.maybe(raw.text, text)?.map_or(known.text, |text| text.value),
        required: is(&raw.required, known.required),
        may_not_apply: is(&raw.may_not_apply, known.may_not_apply),
        owner: source.maybe(raw.owner, owner)?.map(|owner| owner.value),
        id,
        ..known
    })
}

/// A question of the plan's own.
fn new(
    source: &Source<'_>,
    span: &Range<usize>,
    id: At<String>,
    raw: RawQuestion,
) -> Result<Question, PlanError> {
    let of = format!("the question '{id}'");
    Ok(Question {
        text: source.needed(span, raw.text, &of, "text", text)?.value,
        about: source.maybe(raw.about, about)?.map_or(About::Drill, |about| about.value),
        required: is(&raw.required, true),
        may_not_apply: is(&raw.may_not_apply, false),
        timed: is(&raw.timed, false),
        before: is(&raw.before, false),
        owner: source.maybe(raw.owner, owner)?.map(|owner| owner.value),
        id,
    })
}

fn id(text: &str) -> Result<String, NameError> {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if text.len() <= 40 && text.split('-').all(part) {
        return Ok(text.to_owned());
    }
    Err(NameError {
        problem: format!("'{text}' is no id of a question"),
        cure: "write at most 40 small letters, digits and single dashes, such as \"phone-tree\"".to_owned(),
    })
}

fn text(text: &str) -> Result<String, NameError> {
    printable("the question's text", text, 300)
}

fn owner(text: &str) -> Result<String, NameError> {
    printable("the owner", text, 60)
}

fn about(word: &str) -> Result<About, NameError> {
    match word {
        "drill" => Ok(About::Drill),
        "account" => Ok(About::Account),
        "key" => Ok(About::Key),
        _ => Err(NameError {
            problem: format!("a question is not asked about '{word}'"),
            cure: "write \"drill\" (asked once), \"account\" (for each account) or \"key\" (for each key in a numbered bag)"
                .to_owned(),
        }),
    }
}
