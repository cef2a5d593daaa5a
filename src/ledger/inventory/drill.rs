//! Drills as the events tell them: what was to be done, what was done, what was answered, how it ended. Unjudged: what it
//! amounts to is for the room `drill` to say.

use serde::Serialize;

use super::{Inventory, Refusal, Seen, fold};
use crate::ledger::chain::Entry;
use crate::ledger::payload::{
    About, AccountUsed, Action, ActionClosed, Because, Checked, DrillAccount, DrillAnswered, DrillBegun,
    DrillEnded, DrillKey, EvidenceAttached, Moved, NotChecked, Payload, Question, Verdict,
};

/// One drill. Its number is that of the event that began it: `begun.seq`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drill {
    /// When it began.
    pub begun: Seen,
    /// What it set out to do, and by which rules.
    pub set_out: DrillBegun,
    /// Its keys, account by account: those that it set out to check, then any others that were checked in it.
    pub keys: Vec<DrilledKey>,
    /// Every answer, oldest first, also those that a later one has replaced: [`Drill::answer`] gives the one that counts.
    pub answers: Vec<Answered>,
    /// The logs that were looked through for it.
    pub evidence: Vec<Attached>,
    /// How it ended; `None` while it is open.
    pub ended: Option<Ended>,
    /// Its actions that are done, by their number from 1.
    pub closed: Vec<Closed>,
}

/// A key in a drill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrilledKey {
    /// Its label at the time.
    pub label: String,
    /// For which account.
    pub account: String,
    /// The event of its enrolment, by which it is the same key under another label.
    pub enrolled: u64,
    /// Where it lay before.
    pub site: Option<String>,
    /// The bag that it lay in before.
    pub bag: Option<String>,
    /// Every time it was tried, oldest first; the last one counts.
    pub tries: Vec<Tried>,
    /// The bag that it was put into, and where.
    pub back: Option<Back>,
}

impl DrilledKey {
    /// What counts of it; `None` while it was not tried.
    #[must_use]
    pub fn tried(&self) -> Option<&Tried> {
        self.tries.last()
    }
}

/// A key was tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    /// When.
    pub seen: Seen,
    /// What came of it.
    pub came: Came,
}

/// What came of trying a key.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "came", rename_all = "kebab-case")]
pub enum Came {
    /// It was checked.
    Checked {
        /// The verdict.
        verdict: Verdict,
        /// Whether the key itself signed the record of it. A good check that it did not sign proves little.
        signed: bool,
        /// The findings that failed or warned.
        wrong: Vec<Wrong>,
    },
    /// It could not be checked.
    NotChecked {
        /// Why, in a word.
        because: Because,
        /// Why, in words.
        why: String,
        /// Who says so.
        by: Option<String>,
    },
}

impl Came {
    /// Whether the key was checked, found not unfit, and signed that itself.
    #[must_use]
    pub fn good(&self) -> bool {
        matches!(self, Self::Checked { verdict: Verdict::Fit | Verdict::FitWithWarnings, signed: true, .. })
    }
}

/// A finding that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Its id.
    pub id: String,
    /// Whether it makes the key unfit; else it is a warning.
    pub fails: bool,
    /// What was seen.
    pub saw: String,
    /// What to do about it.
    pub cure: Option<String>,
}

/// Where a key was put after it was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Back {
    /// When.
    pub seen: Seen,
    /// At which site, where that changed.
    pub site: Option<String>,
    /// Into which bag.
    pub bag: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// When it was given.
    pub seen: Seen,
    /// What was said.
    #[serde(flatten)]
    pub said: DrillAnswered,
}

/// A log that was looked through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attached {
    /// When.
    pub seen: Seen,
    /// What was found.
    #[serde(flatten)]
    pub evidence: EvidenceAttached,
}

/// How a drill ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// When.
    pub seen: Seen,
    /// The verdicts, and what remains to be done.
    #[serde(flatten)]
    pub how: DrillEnded,
}

/// An action that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// When.
    pub seen: Seen,
    /// Which, and what was done.
    #[serde(flatten)]
    pub closed: ActionClosed,
}

/// An account was used outside drills, and somebody answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Used {
    /// When that was recorded.
    pub seen: Seen,
    /// What was said.
    #[serde(flatten)]
    pub used: AccountUsed,
}

impl Drill {
    /// Its number: that of the event that began it.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.begun.seq
    }

    /// Whether it goes on.
    #[must_use]
    pub fn open(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether an account takes part.
    #[must_use]
    pub fn has_account(&self, account: &str) -> bool {
        self.set_out.accounts.iter().any(|drilled| fold(&drilled.name) == fold(account))
    }

    /// The question of this id.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.set_out.questions.iter().find(|question| question.id == id)
    }

    /// The answer that counts: the last one to this question, about this account or key, or about the whole.
    #[must_use]
    pub fn answer(&self, question: &str, account: Option<&str>, label: Option<&str>) -> Option<&Answered> {
        let same = |a: Option<&str>, b: Option<&str>| a.map(fold) == b.map(fold);
        self.answers.iter().rev().find(|answered| {
            let said = &answered.said;
            said.question == question
                && same(said.account.as_deref(), account)
                && same(said.label.as_deref(), label)
        })
    }

    /// The actions that are still to be done, with their numbers from 1; none while it is open.
    pub fn open_actions(&self) -> impl Iterator<Item = (u32, &Action)> {
        let actions = self.ended.iter().flat_map(|ended| ended.how.actions.iter());
        (1..).zip(actions).filter(|(number, _)| self.closed.iter().all(|done| done.closed.action != *number))
    }

    fn key_mut(&mut self, enrolled: u64) -> Option<&mut DrilledKey> {
        self.keys.iter_mut().find(|key| key.enrolled == enrolled)
    }
}

/// The findings of a check that failed or warned. Another program may have written them: what is not understood is left.
fn wrong(checked: &Checked) -> Vec<Wrong> {
    let text = |finding: &serde_json::Value, member: &str| {
        finding.get(member).and_then(|value| value.as_str()).map(str::to_owned)
    };
    let found = checked.findings.as_array().into_iter().flatten().filter_map(|finding| {
        let fails = match finding.get("status")?.as_str()? {
            "fail" => true,
            "warn" => false,
            _ => return None,
        };
        let saw = text(finding, "saw").unwrap_or_default();
        Some(Wrong { id: text(finding, "id")?, fails, saw, cure: text(finding, "cure") })
    });
    found.collect()
}

impl Inventory {
    /// All drills, oldest first. At most the last one is open.
    #[must_use]
    pub fn drills(&self) -> &[Drill] {
        &self.drills
    }

    /// The drill of this number.
    #[must_use]
    pub fn drill(&self, number: u64) -> Option<&Drill> {
        self.drills.iter().find(|drill| drill.number() == number)
    }

    /// The drill that goes on.
    #[must_use]
    pub fn open_drill(&self) -> Option<&Drill> {
        self.drills.last().filter(|drill| drill.open())
    }

    /// The drills of an account that ended, newest first.
    pub fn ended_drills(&self, account: &str) -> impl Iterator<Item = (&Drill, &Ended)> {
        let ended = self.drills.iter().rev().filter_map(|drill| Some((drill, drill.ended.as_ref()?)));
        ended.filter(move |(drill, _)| drill.has_account(account))
    }

    /// The logs that were looked through apart from any drill.
    #[must_use]
    pub fn evidence(&self) -> &[Attached] {
        &self.evidence
    }

    /// When accounts were used outside drills, and somebody answers for it.
    #[must_use]
    pub fn uses(&self) -> &[Used] {
        &self.uses
    }

    fn drill_mut(&mut self, number: u64) -> Option<&mut Drill> {
        self.drills.iter_mut().rev().find(|drill| drill.number() == number)
    }

    /// Whether an event of a drill may follow.
    pub(super) fn admit_drill(&self, payload: &Payload) -> Result<(), Refusal> {
        let open = |number: u64| match self.open_drill() {
            Some(drill) if drill.number() == number => Ok(drill),
            _ => Err(Refusal::NoOpenDrill(number)),
        };
        let known = |number: u64| self.drill(number).ok_or(Refusal::NoOpenDrill(number));
        match payload {
            Payload::DrillBegun(begun) => {
                if let Some(drill) = self.open_drill() {
                    return Err(Refusal::DrillOpen(drill.number()));
                }
                let mut keys = begun.accounts.iter().flat_map(|account| &account.keys);
                match keys.find(|key| self.key(&key.label).is_none()) {
                    Some(key) => Err(Refusal::NoSuchLabel(key.label.clone())),
                    None => Ok(()),
                }
            }
            Payload::Checked(checked) => checked.drill.map_or(Ok(()), |number| open(number).map(drop)),
            Payload::Moved(moved) => moved.drill.map_or(Ok(()), |number| open(number).map(drop)),
            Payload::NotChecked(not) => open(not.drill).map(drop),
            Payload::DrillAnswered(said) => {
                let asked = open(said.drill)?.question(&said.question);
                let about = match (&said.account, &said.label) {
                    (None, None) => Some(About::Drill),
                    (Some(_), None) => Some(About::Account),
                    (None, Some(_)) => Some(About::Key),
                    (Some(_), Some(_)) => None,
                };
                match asked {
                    Some(question) if Some(question.about) == about => Ok(()),
                    _ => Err(Refusal::NotAsked(said.question.clone())),
                }
            }
            Payload::DrillEnded(ended) => open(ended.drill).map(drop),
            Payload::ActionClosed(closed) => {
                let open = known(closed.drill)?.open_actions().any(|(number, _)| number == closed.action);
                if open { Ok(()) } else { Err(Refusal::NoSuchAction(closed.action)) }
            }
            Payload::EvidenceAttached(evidence) => {
                evidence.drill.map_or(Ok(()), |number| known(number).map(drop))
            }
            Payload::AccountUsed(used) if used.until < used.from => Err(Refusal::EndsBeforeItBegins),
            _ => Ok(()),
        }
    }

    /// What an event means for the drills.
    pub(super) fn drilled(&mut self, entry: &Entry, payload: &Payload) {
        let event = &entry.event;
        let seen = Seen { seq: event.seq, at: event.at };
        match payload {
            Payload::DrillBegun(begun) => {
                let drill = self.begin(seen, begun);
                self.drills.push(drill);
            }
            Payload::Checked(checked) => {
                if let Some(number) = checked.drill {
                    let signed = event.receipt.is_some();
                    let came = Came::Checked { verdict: checked.verdict, signed, wrong: wrong(checked) };
                    self.tried(number, &checked.label, Tried { seen, came });
                }
            }
            Payload::NotChecked(not) => {
                let NotChecked { drill, label, because, why, by } = not.clone();
                self.tried(drill, &label, Tried { seen, came: Came::NotChecked { because, why, by } });
            }
            Payload::Moved(moved) => self.put_back(seen, moved),
            Payload::DrillAnswered(said) => {
                if let Some(drill) = self.drill_mut(said.drill) {
                    drill.answers.push(Answered { seen, said: said.clone() });
                }
            }
            Payload::DrillEnded(how) => {
                if let Some(drill) = self.drill_mut(how.drill) {
                    drill.ended = Some(Ended { seen, how: how.as_ref().clone() });
                }
            }
            Payload::ActionClosed(closed) => {
                if let Some(drill) = self.drill_mut(closed.drill) {
                    drill.closed.push(Closed { seen, closed: closed.clone() });
                }
            }
            Payload::EvidenceAttached(evidence) => {
                let attached = Attached { seen, evidence: evidence.as_ref().clone() };
                match evidence.drill.and_then(|number| self.drill_mut(number)) {
                    Some(drill) => drill.evidence.push(attached),
                    None => self.evidence.push(attached),
                }
            }
            Payload::AccountUsed(used) => self.uses.push(Used { seen, used: used.clone() }),
            _ => {}
        }
    }

    fn begin(&self, begun: Seen, set_out: &DrillBegun) -> Drill {
        let of_account = |account: &DrillAccount| {
            let name = account.name.clone();
            let key = |key: &DrillKey| {
                Some(DrilledKey {
                    label: key.label.clone(),
                    account: name.clone(),
                    enrolled: self.key(&key.label)?.enrolled.seq,
                    site: key.site.clone(),
                    bag: key.bag.clone(),
                    tries: Vec::new(),
                    back: None,
                })
            };
            account.keys.iter().filter_map(key).collect::<Vec<_>>()
        };
        Drill {
            begun,
            keys: set_out.accounts.iter().flat_map(of_account).collect(),
            set_out: set_out.clone(),
            answers: Vec::new(),
            evidence: Vec::new(),
            ended: None,
            closed: Vec::new(),
        }
    }

    fn tried(&mut self, number: u64, label: &str, tried: Tried) {
        let Some(key) = self.key(label) else { return };
        let (enrolled, account, site, bag) =
            (key.enrolled.seq, key.account.clone(), key.site.clone(), key.bag.clone());
        let good = tried.came.good().then_some(tried.seen);
        let Some(drill) = self.drill_mut(number) else { return };
        match drill.key_mut(enrolled) {
            Some(key) => key.tries.push(tried),
            None => drill.keys.push(DrilledKey {
                label: label.to_owned(),
                account,
                enrolled,
                site,
                bag,
                tries: vec![tried],
                back: None,
            }),
        }
        if let (Some(seen), Some(key)) = (good, self.key_mut(label)) {
            key.last_good_drill = Some(seen);
        }
    }

    fn put_back(&mut self, seen: Seen, moved: &Moved) {
        let enrolled = self.key(&moved.label).map(|key| key.enrolled.seq);
        let drill = moved.drill.and_then(|number| self.drill_mut(number));
        if let Some(key) = drill.zip(enrolled).and_then(|(drill, enrolled)| drill.key_mut(enrolled)) {
            key.back = Some(Back { seen, site: moved.site.clone(), bag: moved.bag.clone() });
        }
    }
}
