//! Which events of a drill may follow, and what they mean.

use jiff::SignedDuration;

use super::{Answered, Attached, Back, Came, Closed, Drill, DrilledKey, Ended, Tried, Used, Wrong};
use crate::ledger::chain::Entry;
use crate::ledger::inventory::{Inventory, Key, Refusal, Seen, State, fold};
use crate::ledger::payload::{
    AccountUsed, Checked, DrillAccount, DrillBegun, DrillEnded, DrillKey, DrillVerdict, Moved, NotChecked,
    Payload,
};
use crate::plan::{About, same};

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

/// The longest time that one event answers for.
const LONGEST_USE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whether a drill can have ended so: an account passes it only if every key of it was tried, and tried well.
fn may_end(drill: &Drill, ended: &DrillEnded) -> Result<(), Refusal> {
    let passed = ended.accounts.iter().filter(|account| account.verdict == DrillVerdict::Passed);
    for account in passed {
        let mut keys = drill.keys.iter().filter(|key| same(&key.account, &account.account));
        if let Some(key) = keys.find(|key| !key.tried().is_some_and(|tried| tried.came.good())) {
            return Err(Refusal::NotTriedWell(key.label.clone()));
        }
    }
    Ok(())
}

impl Inventory {
    fn drill_mut(&mut self, number: u64) -> Option<&mut Drill> {
        self.drills.iter_mut().rev().find(|drill| drill.number() == number)
    }

    /// Whether an event of a drill may follow.
    pub(in crate::ledger::inventory) fn admit_drill(&self, payload: &Payload) -> Result<(), Refusal> {
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
                if let Some(key) = keys.find(|key| self.key(&key.label).is_none()) {
                    return Err(Refusal::NoSuchLabel(key.label.clone()));
                }
                match begun.accounts.iter().find_map(|account| self.left_out(account)) {
                    Some(key) => Err(Refusal::LeftOut(key.label.clone())),
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
            Payload::DrillEnded(ended) => open(ended.drill).and_then(|drill| may_end(drill, ended)),
            Payload::ActionClosed(closed) => {
                let open = known(closed.drill)?.open_actions().any(|(number, _)| number == closed.action);
                if open { Ok(()) } else { Err(Refusal::NoSuchAction(closed.action)) }
            }
            Payload::EvidenceAttached(evidence) => {
                evidence.drill.map_or(Ok(()), |number| known(number).map(drop))
            }
            Payload::AccountUsed(used) => self.admit_use(used),
            _ => Ok(()),
        }
    }

    /// An active key of an account that a drill of it would not set out to try.
    fn left_out(&self, account: &DrillAccount) -> Option<&Key> {
        let mut ours =
            self.keys.iter().filter(|key| key.state == State::Active && same(&key.account, &account.name));
        ours.find(|key| !account.keys.iter().any(|one| fold(&one.label) == fold(&key.label)))
    }

    /// Whether somebody can answer for a time: with a reason, for no more than people remember, and for none of which this
    /// ledger knows nothing.
    fn admit_use(&self, used: &AccountUsed) -> Result<(), Refusal> {
        if used.until < used.from {
            return Err(Refusal::EndsBeforeItBegins);
        }
        if used.why.trim().is_empty() {
            return Err(Refusal::NoReason);
        }
        if used.until.duration_since(used.from) > LONGEST_USE {
            return Err(Refusal::TooLong);
        }
        match self.created {
            Some(created) if used.from < created => Err(Refusal::BeforeTheLedger(created)),
            _ => Ok(()),
        }
    }

    /// What an event means for the drills.
    pub(in crate::ledger::inventory) fn drilled(&mut self, entry: &Entry, payload: &Payload) {
        let event = &entry.event;
        let seen = Seen { seq: event.seq, at: event.at };
        match payload {
            Payload::DrillBegun(begun) => {
                let drill = self.drill_of(seen, begun);
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
            Payload::Relabelled(relabelled) => self.called(&relabelled.new_label),
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

    /// A drill as it is when it has just begun.
    #[must_use]
    pub fn drill_of(&self, begun: Seen, set_out: &DrillBegun) -> Drill {
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

    /// A key has another label now: in a drill that goes on it goes by that one, and so does what was answered about it.
    fn called(&mut self, label: &str) {
        let Some(enrolled) = self.key(label).map(|key| key.enrolled.seq) else { return };
        let Some(drill) = self.drills.last_mut().filter(|drill| drill.open()) else { return };
        let Some(key) = drill.key_mut(enrolled) else { return };
        let old = std::mem::replace(&mut key.label, label.to_owned());
        let about = drill.answers.iter_mut().filter_map(|answered| answered.said.label.as_mut());
        about.filter(|said| fold(said) == fold(&old)).for_each(|said| label.clone_into(said));
    }

    fn put_back(&mut self, seen: Seen, moved: &Moved) {
        let enrolled = self.key(&moved.label).map(|key| key.enrolled.seq);
        let drill = moved.drill.and_then(|number| self.drill_mut(number));
        if let Some(key) = drill.zip(enrolled).and_then(|(drill, enrolled)| drill.key_mut(enrolled)) {
            key.back = Some(Back { seen, site: moved.site.clone(), bag: moved.bag.clone() });
        }
    }
}
