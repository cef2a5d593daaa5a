//! What a drill amounts to.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::left::{Left, asked, left};
use super::logs::{MARGIN, Shown, Stands, is_passkey, shown, tells, told};
use super::tally::Tally;
use super::{Asked, keys};
use crate::ledger::Inventory;
use crate::ledger::inventory::{Drill, State};
use crate::ledger::payload::{
    Action, Answer, DrillAccount, DrillEnded, DrillVerdict, DrilledAccount, SignInSeen,
};
use crate::plan::question::{ALERT, SIGN_IN};
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
    let mut accounts = Vec::new();
    for account in &drill.set_out.accounts {
        let (tally, judged) = one(inventory, drill, account, now);
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
    let shown = shown(inventory, Some(drill), name, now);
    logs(&mut tally, drill, name, &shown);
    let delay = alert(&mut tally, drill, name, &shown);
    let next_due = match tally.verdict {
        DrillVerdict::Passed => after(now, drill.set_out.interval_days),
        DrillVerdict::Failed | DrillVerdict::Incomplete | DrillVerdict::Abandoned => {
            next_due(inventory, name, drill.set_out.interval_days).unwrap_or(now)
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
#[must_use]
pub fn next_due(inventory: &Inventory, account: &str, days: u32) -> Option<Timestamp> {
    let keys =
        inventory.keys().iter().filter(|key| key.state == State::Active && same(&key.account, account));
    let from = last_passed(inventory, account).or_else(|| keys.map(|key| key.enrolled.at).min())?;
    Some(after(from, days))
}

/// When an account last passed a drill.
#[must_use]
pub fn last_passed(inventory: &Inventory, account: &str) -> Option<Timestamp> {
    let passed = inventory.ended_drills(account).find(|(_, ended)| {
        let ours = |one: &&DrilledAccount| same(&one.account, account);
        ended.how.accounts.iter().find(ours).is_some_and(|one| one.verdict == DrillVerdict::Passed)
    });
    passed.map(|(_, ended)| ended.seen.at)
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

/// What the logs show, against what people told.
fn logs(tally: &mut Tally, drill: &Drill, account: &str, shown: &Shown<'_>) {
    let (owner, about) = (drill.set_out.by.as_deref(), Some(account));
    let outside: Vec<_> = successes(shown, |stands| stands == Stands::Outside).collect();
    for one in outside.iter().take(MOST) {
        let what = format!(
            "Find out who signed in: {}. Was it an emergency or other work, record it (`glasskey inventory use {account} …`); else it is misuse.",
            words(one)
        );
        tally.fail("sign-in-outside-drills", about, owner, what);
    }
    if let Some(more) = outside.len().checked_sub(MOST).filter(|more| *more > 0) {
        tally.fail(
            "sign-in-outside-drills",
            about,
            owner,
            format!("Find out about {more} more sign-ins outside drills."),
        );
    }
    let attempts =
        shown.sign_ins.iter().filter(|(stands, one)| *stands == Stands::Outside && one.error_code != 0);
    if let Some(count) = Some(attempts.count()).filter(|count| *count > 0) {
        let what = format!(
            "Find out who tried: {count} sign-ins that failed, since the last drill and outside this one."
        );
        tally.action("sign-in-attempts", about, owner, what);
    }
    let untold: Vec<_> = successes(shown, |stands| stands == Stands::Untold).collect();
    if let Some(first) =
        untold.first().filter(|_| successes(shown, |stands| stands == Stands::Told).next().is_some())
    {
        let count = untold.len();
        let what = format!(
            "Find out whose they are: {count} sign-ins while the drill went on that nobody told of, the first: {}.",
            words(first)
        );
        tally.action("sign-in-untold", about, owner, what);
    }
    if shown.looked {
        compared(tally, drill, account, shown, untold.first().copied());
    }
    changes(tally, drill, account, shown);
}

/// The sign-in that people told of, looked for in the log.
fn compared(tally: &mut Tally, drill: &Drill, account: &str, shown: &Shown<'_>, untold: Option<&SignInSeen>) {
    let (owner, about) = (drill.set_out.by.as_deref(), Some(account));
    let said = drill.answer(SIGN_IN, Some(account), None).map(|answered| &answered.said);
    let found = successes(shown, |stands| stands == Stands::Told).next();
    for one in successes(shown, |stands| matches!(stands, Stands::Told | Stands::Untold)) {
        let telling: Vec<&str> =
            one.methods.iter().map(String::as_str).filter(|method| tells(method)).collect();
        if !telling.is_empty() && !telling.iter().any(|method| is_passkey(method)) {
            let what = format!(
                "Take every other method off the account: it signed in with {} ({}).",
                telling.join(", "),
                words(one)
            );
            tally.fail("sign-in-method", about, owner, what);
        }
    }
    match (said.map(|said| said.answer), found, untold) {
        (Some(Answer::Yes), Some(_), _) | (None | Some(Answer::NotApplicable), _, _) => {}
        (Some(Answer::No), Some(one), _) | (Some(Answer::No), None, Some(one)) => {
            let what = format!(
                "Find out what happened: people said that it did not sign in, and the log says that it did: {}.",
                words(one)
            );
            tally.action("sign-in-told-otherwise", about, owner, what);
        }
        (Some(Answer::No), None, None) => {}
        (Some(Answer::Yes), None, Some(one)) => {
            let what = format!(
                "Find out when it was: the log has no sign-in at the time that was told, but {}.",
                words(one)
            );
            tally.action("sign-in-time-differs", about, owner, what);
        }
        (Some(Answer::Yes), None, None) => {
            let at = said.and_then(|said| said.told).unwrap_or(drill.begun.at);
            let goes_on = shown.last.is_some_and(|last| last.duration_since(at) > MARGIN);
            if goes_on && !shown.partial {
                let what = "Find out into what it signed in: people said that it did, and the log, which goes on after that, shows nothing.";
                tally.fail("sign-in-not-in-log", about, owner, what);
            } else {
                let what = "Export the sign-in log again, whole and later, and attach it: it does not reach beyond the sign-in, and does not show it.";
                tally.action("sign-in-log-ends-early", about, owner, what);
            }
        }
    }
}

/// What was changed about the account, and about what lets it in.
fn changes(tally: &mut Tally, drill: &Drill, account: &str, shown: &Shown<'_>) {
    let owner = drill.set_out.by.as_deref();
    for (of_account, id, what) in [
        (
            true,
            "account-changed",
            "Find out who did it, and why: the account was changed since the last drill",
        ),
        (
            false,
            "policy-changed",
            "Export the policies again and check the keys against them: they were changed since the last drill",
        ),
    ] {
        let ours: Vec<_> =
            shown.changes.iter().filter(|one| one.of_account == of_account && one.success).collect();
        let told: Vec<_> =
            ours.iter().take(MOST).map(|one| format!("{} at {}", one.activity, when(one.at))).collect();
        let more = match ours.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        if !ours.is_empty() {
            tally.action(id, Some(account), owner, format!("{what}: {}{more}.", told.join(", ")));
        }
    }
}

/// To the second, in UTC, as the portal can be made to show it.
fn when(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn words(one: &SignInSeen) -> String {
    let part = |word: &str, text: &Option<String>| text.as_ref().map(|text| format!(" {word} {text}"));
    let parts = [part("into", &one.application), part("from", &one.address)];
    format!("{}{}", when(one.at), parts.into_iter().flatten().collect::<String>())
}
