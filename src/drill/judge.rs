//! What a drill amounts to.

mod log;

use jiff::{SignedDuration, Timestamp};

use super::history::{Histories, History, OUTSIDE};
use super::left::{Left, asked, left};
use super::logs::{MARGIN, Shown, Stands, shown, told};
use super::tally::Tally;
use super::{Asked, keys};
use crate::ledger::Inventory;
use crate::ledger::inventory::{Drill, State};
use crate::ledger::payload::{
    Action, Answer, DrillAccount, DrillEnded, DrillVerdict, DrilledAccount, SignInSeen,
};
use crate::plan::question::ALERT;
use crate::plan::same;

/// The most sign-ins and changes that are told one by one.
const MOST: usize = 5;

/// Actions that come neither from a finding of a check nor from a question.
pub const OWN_ACTIONS: &[&str] = &[
    "no-key",
    "key-not-checked",
    "key-not-fit",
    "key-not-signed",
    "key-missing",
    "key-pin-blocked",
    "key-misbehaved",
    "key-left-out",
    "alert-late",
    "alert-before-sign-in",
    "time-not-told",
    "sign-in-not-in-log",
    "sign-in-log-ends-early",
    "sign-in-time-differs",
    "sign-in-told-otherwise",
    "sign-in-method",
    "sign-in-untold",
    "sign-in-outside-drills",
    "sign-in-attempts",
    "account-changed",
    "account-acted",
    "policy-changed",
];

/// What a drill amounts to.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged<'d> {
    /// The verdict for the whole.
    pub verdict: DrillVerdict,
    /// For each account.
    pub accounts: Vec<JudgedAccount<'d>>,
    /// What was found that is to be mended: the whole first, then account by account.
    pub actions: Vec<Action>,
    /// What was not done or not answered; in an ended drill it is among the actions.
    pub undone: Vec<Action>,
    /// What is still to be done and asked.
    pub left: Left<'d>,
}

/// What it amounts to for one account.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedAccount<'d> {
    /// The verdict, when it is due again, how late the alert was.
    pub ended: DrilledAccount,
    /// What the logs show.
    pub shown: Shown<'d>,
}

impl Judged<'_> {
    /// The event that would end the drill now.
    #[must_use]
    pub fn ended(&self, drill: u64, why: Option<String>) -> DrillEnded {
        DrillEnded {
            drill,
            verdict: self.verdict,
            why,
            accounts: self.accounts.iter().map(|account| account.ended.clone()).collect(),
            actions: self.actions.iter().chain(&self.undone).cloned().collect(),
        }
    }
}

/// Judges a drill as it stands now.
#[must_use]
pub fn judge<'d>(inventory: &'d Inventory, drill: &'d Drill, now: Timestamp) -> Judged<'d> {
    let mut whole = Tally::new();
    for asked in asked(drill).filter(|asked| asked.about().is_none()) {
        answer(&mut whole, drill, asked);
    }
    let histories = Histories::before(inventory.drills(), Some(drill));
    let mut accounts = Vec::new();
    for account in &drill.set_out.accounts {
        let (tally, judged) = one(inventory, &histories.get(&account.name), drill, account, now);
        whole.add(tally);
        accounts.push(judged);
    }
    Judged {
        verdict: whole.verdict,
        accounts,
        actions: whole.actions,
        undone: whole.undone,
        left: left(drill),
    }
}

fn one<'d>(
    inventory: &'d Inventory,
    history: &History<'d>,
    drill: &'d Drill,
    account: &DrillAccount,
    now: Timestamp,
) -> (Tally, JudgedAccount<'d>) {
    let name = account.name.as_str();
    let own: Vec<_> = drill.keys.iter().filter(|key| same(&key.account, name)).collect();
    let mut tally = keys::tally(inventory, account, &own);
    let of_us = |asked: &Asked<'_>| {
        asked.account == Some(name) || own.iter().any(|key| asked.label == Some(key.label.as_str()))
    };
    for asked in asked(drill).filter(of_us) {
        answer(&mut tally, drill, asked);
    }
    let shown = shown(inventory, history, Some(drill), name, now);
    log::judge(&mut tally, drill, name, &shown);
    let delay = alert(&mut tally, drill, name, &shown);
    let next_due = match tally.verdict {
        DrillVerdict::Passed => after(now, drill.set_out.interval_days),
        DrillVerdict::Failed | DrillVerdict::Incomplete | DrillVerdict::Abandoned => {
            next_due(inventory, history, name, drill.set_out.interval_days).unwrap_or(now)
        }
    };
    let ended = DrilledAccount {
        account: name.to_owned(),
        verdict: tally.verdict,
        next_due,
        alert_delay_seconds: delay.map(|delay| delay.as_secs()),
    };
    (tally, JudgedAccount { ended, shown })
}

fn after(from: Timestamp, days: u32) -> Timestamp {
    from.checked_add(SignedDuration::from_hours(i64::from(days).saturating_mul(24))).unwrap_or(Timestamp::MAX)
}

/// When an account is to be drilled at the latest: an interval after its last drill that was passed, else after the first
/// of its active keys was enrolled. `None` for an account that was never drilled and has no active key.
fn next_due(inventory: &Inventory, history: &History<'_>, account: &str, days: u32) -> Option<Timestamp> {
    let keys =
        inventory.keys().iter().filter(|key| key.state == State::Active && same(&key.account, account));
    history.counts_from(keys.map(|key| key.enrolled.at).min()).map(|from| after(from, days))
}

/// What an answer, or the lack of one, means.
fn answer(tally: &mut Tally, drill: &Drill, asked: Asked<'_>) {
    let Asked { question, .. } = asked;
    let owner = question.owner.as_deref().or(drill.set_out.by.as_deref());
    let about = asked.about();
    let said = drill.answer(&question.id, asked.account, asked.label).map(|answered| &answered.said);
    match said.map(|said| said.answer) {
        Some(Answer::Yes) if question.timed && said.is_none_or(|said| said.told.is_none()) => {
            tally.action("time-not-told", about, owner, format!("Find out when: {}", question.text));
        }
        Some(Answer::Yes) => {}
        Some(Answer::NotApplicable) if question.may_not_apply => {}
        Some(Answer::No) => {
            let note = said.and_then(|said| said.note.as_deref()).map(|note| format!(" ({note})"));
            let what = format!("See to it: the answer was no: {}{}", question.text, note.unwrap_or_default());
            if question.required {
                tally.fail(&question.id, about, owner, what);
            } else {
                tally.action(&question.id, about, owner, what);
            }
        }
        None | Some(Answer::NotApplicable) if question.required => {
            tally.open(&question.id, about, owner, format!("Find out: nobody answered: {}", question.text));
        }
        None | Some(Answer::NotApplicable) => {}
    }
}

/// How long the alert took. The log's time of the sign-in counts before the one that was told.
fn alert(tally: &mut Tally, drill: &Drill, account: &str, shown: &Shown<'_>) -> Option<SignedDuration> {
    let said = &drill.answer(ALERT, Some(account), None)?.said;
    let alert = said.told.filter(|_| said.answer == Answer::Yes)?;
    let logged = successes(shown, |stands| stands == Stands::Told).map(|one| one.at).min();
    let delay = alert.duration_since(logged.or_else(|| told(drill, account))?);
    let limit = SignedDuration::from_mins(i64::from(drill.set_out.alert_limit_minutes));
    let question = drill.question(ALERT);
    let owner = question.and_then(|question| question.owner.as_deref()).or(drill.set_out.by.as_deref());
    if delay > limit {
        let what = format!(
            "Make the alert faster: it came {} after the sign-in, and may take {} min.",
            minutes(delay),
            limit.as_mins()
        );
        tally.fail("alert-late", Some(account), owner, what);
    } else if delay < -MARGIN {
        let what = "Find out which sign-in the alert was about: by the times that were told it came before the one in this drill.";
        tally.fail("alert-before-sign-in", Some(account), owner, what);
    }
    Some(delay)
}

fn minutes(delay: SignedDuration) -> String {
    format!("{} min {} s", delay.as_mins(), delay.as_secs() % 60)
}

fn successes<'s>(
    shown: &'s Shown<'_>,
    wanted: impl Fn(Stands) -> bool,
) -> impl Iterator<Item = &'s SignInSeen> {
    let good = shown.sign_ins.iter().filter(move |(stands, one)| wanted(*stands) && one.error_code == 0);
    good.map(|(_, one)| *one)
}
