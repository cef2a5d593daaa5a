//! Drills as a report tells them: the last one whole, with what was asked and not answered; those before in one line each.

use jiff::Timestamp;
use serde::Serialize;

use crate::ledger::Inventory;
use crate::ledger::inventory::drill::{Came, Drill, DrilledKey};
use crate::ledger::payload::{
    Action, Answer, DrillVerdict, DrilledAccount, EvidenceAttached, Question, Verdict,
};
use crate::plan::About;
use crate::status::{OpenAction, Status};
use crate::verdict::finding::Status as Sign;

/// The most drills that are told in a line each; those before are counted.
const MOST: usize = 40;

/// The drills of a ledger.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Drills {
    /// The last one that ended, and the one that goes on.
    pub records: Vec<Drilled>,
    /// The newest, oldest first, in a line each; those above too.
    pub all: Vec<InShort>,
    /// How many there were before.
    pub earlier: u64,
    /// What the last ones found, and nobody has mended.
    pub open_actions: Vec<OpenAction>,
    /// When accounts were used outside drills, and somebody answers for it.
    pub uses: Vec<Use>,
}

/// A drill in a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InShort {
    /// The event that began it.
    pub number: u64,
    /// When it began.
    pub begun: Timestamp,
    /// When it ended; `None` while it goes on.
    pub ended: Option<Timestamp>,
    /// Who led it.
    pub by: Option<String>,
    /// Its accounts.
    pub accounts: Vec<String>,
    /// How many keys took part.
    pub keys: u64,
    /// How many of them were found not unfit, and signed that.
    pub good: u64,
    /// How it ended; `None` while it goes on.
    pub verdict: Option<DrillVerdict>,
}

/// The record of one drill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drilled {
    /// In short.
    #[serde(flatten)]
    pub short: InShort,
    /// Who else was there.
    pub present: Vec<String>,
    /// Why it was abandoned, or ended early.
    pub why: Option<String>,
    /// The verdict for each account.
    pub verdicts: Vec<DrilledAccount>,
    /// Its keys.
    pub tried: Vec<TriedKey>,
    /// What was asked, with the answer that counts.
    pub asked: Vec<Asked>,
    /// The logs that were looked through.
    pub evidence: Vec<EvidenceAttached>,
    /// What was to be done after it.
    pub actions: Vec<Todo>,
}

/// A key in a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TriedKey {
    /// Its label at the time.
    pub label: String,
    /// For which account.
    pub account: String,
    /// When it was last tried.
    pub at: Option<Timestamp>,
    /// How that went; `skipped` where it was not tried.
    pub status: Sign,
    /// The verdict, where it was checked.
    pub verdict: Option<Verdict>,
    /// Whether the key signed the record of it.
    pub signed: bool,
    /// What was found wrong, or why it was not checked. Foreign text.
    pub says: Option<String>,
    /// The bag that it came from.
    pub bag_before: Option<String>,
    /// The bag that it went into.
    pub bag_after: Option<String>,
}

/// A question, and the answers that count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Its id.
    pub id: String,
    /// As it was asked. Foreign text.
    pub text: String,
    /// Whether the drill cannot be passed without a yes.
    pub required: bool,
    /// Once for each thing that it is about.
    pub answers: Vec<Told>,
}

/// An answer, or that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The account or key that it is about; `None` where it is about the whole drill.
    pub about: Option<String>,
    /// The answer; unanswered is not yes.
    pub answer: Option<Answer>,
    /// When it was so, as it was told.
    pub at: Option<Timestamp>,
    /// What else was said. Foreign text.
    pub note: Option<String>,
    /// Who said so.
    pub by: Option<String>,
}

impl Told {
    /// How it stands: a no, and no answer, are wrong where a yes is required.
    #[must_use]
    pub fn status(&self, required: &bool) -> Sign {
        match (self.answer, required) {
            (Some(Answer::Yes), _) => Sign::Pass,
            (Some(Answer::NotApplicable), _) => Sign::Skipped,
            (Some(Answer::No) | None, true) => Sign::Fail,
            (Some(Answer::No) | None, false) => Sign::Warn,
        }
    }

    /// The answer in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.answer {
            Some(Answer::Yes) => "yes",
            Some(Answer::No) => "no",
            Some(Answer::NotApplicable) => "does not apply",
            None => "not answered",
        }
    }
}

/// What was to be done after a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Todo {
    /// Its number in the drill.
    pub number: u32,
    /// What, by whom, about what.
    #[serde(flatten)]
    pub action: Action,
    /// When it was done.
    pub closed: Option<Timestamp>,
    /// What was done about it. Foreign text.
    pub how: Option<String>,
}

/// An account was used outside drills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Use {
    /// Which account.
    pub account: String,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why. Foreign text.
    pub why: String,
    /// Who answers for it.
    pub by: Option<String>,
}

/// The drills of an inventory, as a report tells them.
#[must_use]
pub fn told(inventory: &Inventory, status: &Status) -> Drills {
    let drills = inventory.drills();
    let left_out = drills.len().saturating_sub(MOST);
    let last = drills.iter().rev().find(|drill| !drill.open());
    let used = |used: &crate::ledger::inventory::drill::Used| Use {
        account: used.used.account.clone(),
        from: used.used.from,
        until: used.used.until,
        why: used.used.why.clone(),
        by: used.used.by.clone(),
    };
    Drills {
        records: last.into_iter().chain(inventory.open_drill()).map(record).collect(),
        all: drills.iter().skip(left_out).map(short).collect(),
        earlier: count(left_out),
        open_actions: status.actions.clone(),
        uses: inventory.uses().iter().map(used).collect(),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn short(drill: &Drill) -> InShort {
    let good = drill.keys.iter().filter(|key| key.tried().is_some_and(|tried| tried.came.good()));
    InShort {
        number: drill.number(),
        begun: drill.begun.at,
        ended: drill.ended.as_ref().map(|ended| ended.seen.at),
        by: drill.set_out.by.clone(),
        accounts: drill.set_out.accounts.iter().map(|account| account.name.clone()).collect(),
        keys: count(drill.keys.len()),
        good: count(good.count()),
        verdict: drill.ended.as_ref().map(|ended| ended.how.verdict),
    }
}

fn record(drill: &Drill) -> Drilled {
    let how = drill.ended.as_ref().map(|ended| &ended.how);
    let todo = |(number, action): (u32, &Action)| {
        let closed = drill.closed.iter().find(|done| done.closed.action == number);
        Todo {
            number,
            action: action.clone(),
            closed: closed.map(|done| done.seen.at),
            how: closed.map(|done| done.closed.how.clone()),
        }
    };
    Drilled {
        short: short(drill),
        present: drill.set_out.present.clone(),
        why: how.and_then(|how| how.why.clone()),
        verdicts: how.map(|how| how.accounts.clone()).unwrap_or_default(),
        tried: drill.keys.iter().map(tried).collect(),
        asked: drill.set_out.questions.iter().filter_map(|question| asked(drill, question)).collect(),
        evidence: drill.evidence.iter().map(|attached| attached.evidence.clone()).collect(),
        actions: (1..).zip(how.iter().flat_map(|how| &how.actions)).map(todo).collect(),
    }
}

fn tried(key: &DrilledKey) -> TriedKey {
    let (status, verdict, signed, says) = match key.tried().map(|tried| &tried.came) {
        None => (Sign::Skipped, None, false, Some("not tried".to_owned())),
        Some(Came::NotChecked { why, .. }) => (Sign::Fail, None, false, Some(why.clone())),
        Some(Came::Checked { verdict, signed, wrong }) => {
            let status = match (verdict, signed) {
                (Verdict::NotFit, _) | (_, false) => Sign::Fail,
                (Verdict::FitWithWarnings, true) => Sign::Warn,
                (Verdict::Fit, true) => Sign::Pass,
            };
            let wrong: Vec<String> =
                wrong.iter().map(|wrong| format!("{}: {}", wrong.id, wrong.saw)).collect();
            (status, Some(*verdict), *signed, (!wrong.is_empty()).then(|| wrong.join("; ")))
        }
    };
    TriedKey {
        label: key.label.clone(),
        account: key.account.clone(),
        at: key.tried().map(|tried| tried.seen.at),
        status,
        verdict,
        signed,
        says,
        bag_before: key.bag.clone(),
        bag_after: key.back.as_ref().and_then(|back| back.bag.clone()),
    }
}

/// A question with an answer for each thing that it is about; `None` where there is no such thing.
fn asked(drill: &Drill, question: &Question) -> Option<Asked> {
    let one = |account: Option<&str>, label: Option<&str>| {
        let answered = drill.answer(&question.id, account, label).map(|answered| &answered.said);
        Told {
            about: account.or(label).map(str::to_owned),
            answer: answered.map(|said| said.answer),
            at: answered.and_then(|said| said.told),
            note: answered.and_then(|said| said.note.clone()),
            by: answered.and_then(|said| said.by.clone()),
        }
    };
    let answers: Vec<Told> = match question.about {
        About::Drill => vec![one(None, None)],
        About::Account => {
            drill.set_out.accounts.iter().map(|account| one(Some(&account.name), None)).collect()
        }
        About::Key => {
            let sealed = drill.keys.iter().filter(|key| key.bag.is_some());
            sealed.map(|key| one(None, Some(&key.label))).collect()
        }
    };
    let Question { id, text, required, .. } = question.clone();
    (!answers.is_empty()).then_some(Asked { id, text, required, answers })
}
