//! What is still to be done in a drill.

use crate::ledger::inventory::Drill;
use crate::ledger::inventory::drill::{Came, DrilledKey};
use crate::ledger::payload::{Because, Question};
use crate::plan::About;

/// A question, asked of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'d> {
    /// The question.
    pub question: &'d Question,
    /// The account that it is asked of, where it is about accounts.
    pub account: Option<&'d str>,
    /// The key that it is asked of, where it is about keys.
    pub label: Option<&'d str>,
}

impl<'d> Asked<'d> {
    /// What it is asked of; `None`: the whole.
    #[must_use]
    pub fn about(&self) -> Option<&'d str> {
        self.account.or(self.label)
    }
}

/// What is still to be done, in the order in which it is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Left<'d> {
    /// Questions without an answer that are asked before the first key is taken out.
    pub before: Vec<Asked<'d>>,
    /// Keys that nobody has tried.
    pub keys: Vec<&'d DrilledKey>,
    /// The other questions without an answer.
    pub after: Vec<Asked<'d>>,
}

impl Left<'_> {
    /// Whether a drill could end: every key was tried, and every required question has an answer.
    #[must_use]
    pub fn may_end(&self) -> bool {
        let required = self.before.iter().chain(&self.after).any(|asked| asked.question.required);
        self.keys.is_empty() && !required
    }
}

/// Every question of a drill, asked of everything that it is to be asked of.
pub fn asked(drill: &Drill) -> impl Iterator<Item = Asked<'_>> {
    drill.set_out.questions.iter().flat_map(move |question| {
        let of_account = |account| Asked { question, account: Some(account), label: None };
        let of_key = |label| Asked { question, account: None, label: Some(label) };
        match question.about {
            About::Drill => vec![Asked { question, account: None, label: None }],
            About::Account => {
                drill.set_out.accounts.iter().map(|account| of_account(account.name.as_str())).collect()
            }
            About::Key => {
                let in_bags = drill.keys.iter().filter(|key| key.bag.is_some() && was_there(key));
                in_bags.map(|key| of_key(key.label.as_str())).collect()
            }
        }
    })
}

/// Of a bag that was not there nobody can say how it looked.
fn was_there(key: &DrilledKey) -> bool {
    let out =
        |came: &Came| matches!(came, Came::NotChecked { because: Because::Missing | Because::LeftOut, .. });
    key.tried().is_none_or(|tried| !out(&tried.came))
}

/// What is left of a drill.
#[must_use]
pub fn left(drill: &Drill) -> Left<'_> {
    let open =
        asked(drill).filter(|asked| drill.answer(&asked.question.id, asked.account, asked.label).is_none());
    let (before, after) = open.partition(|asked| asked.question.before);
    Left { before, keys: drill.keys.iter().filter(|key| key.tried().is_none()).collect(), after }
}
