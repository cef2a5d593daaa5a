//! What the logs show of an account: which sign-ins belong to a drill, which somebody answers for, and which are an alarm.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::history::History;
use crate::ledger::Inventory;
use crate::ledger::bytes::Hash;
use crate::ledger::inventory::Drill;
use crate::ledger::inventory::drill::Attached;
use crate::ledger::payload::{
    AccountUsed, Answer, ChangeSeen, DrillVerdict, EvidenceAttached, LogKind, SignInSeen,
};
use crate::plan::question::SIGN_IN;
use crate::plan::same;

/// By how much the time that a person tells, and the clocks of this machine, may differ from the log's.
pub const MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// How a sign-in stands to what is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// It is the one that was told in this drill, or, where no time was told, the one nearest to when people said so.
    Told,
    /// It was while this drill went on, and nobody told of it.
    Untold,
    /// It was the sign-in of another drill.
    OtherDrill(u64),
    /// Somebody answers for it: an emergency, or other work.
    Answered,
    /// It was before the last drill, or that drill's own logs showed it: what became of it is that drill's business.
    Earlier,
    /// It was before this drill, the last one, and no log showed it until that had ended: people said that all sign-ins were
    /// accounted for, and had not seen this one.
    Unseen(u64),
    /// No drill has settled anything yet, and nobody answers for it.
    BeforeDrills,
    /// The last drill has not seen it, and nobody answers for it: an alarm.
    Outside,
}

impl Stands {
    /// The stable word, in kebab case.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Untold => "untold",
            Self::OtherDrill(_) => "other-drill",
            Self::Answered => "answered-for",
            Self::Earlier => "earlier",
            Self::Unseen(_) => "earlier-unseen",
            Self::BeforeDrills => "before-drills",
            Self::Outside => "outside-drills",
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Told => "in this drill".to_owned(),
            Self::Untold => "while this drill went on, and nobody told of it".to_owned(),
            Self::OtherDrill(number) => format!("in drill {number}"),
            Self::Answered => "outside drills, and somebody answers for it".to_owned(),
            Self::Earlier => "before the last drill, or seen in it".to_owned(),
            Self::Unseen(number) => {
                format!(
                    "before drill {number}, whose logs did not show it; people said then that all are accounted for"
                )
            }
            Self::BeforeDrills => {
                "before any drill was passed or failed, and nobody answers for it".to_owned()
            }
            Self::Outside => "outside drills, and nobody answers for it".to_owned(),
        }
    }
}

/// What the logs show of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'i> {
    /// The sign-ins, oldest first, each once.
    pub sign_ins: Vec<(Stands, &'i SignInSeen)>,
    /// The changes that the last drill has not seen, oldest first, each once.
    pub changes: Vec<&'i ChangeSeen>,
    /// When the newest entry of the sign-in logs was, whosever it is; `None` where there is no entry.
    pub last: Option<Timestamp>,
    /// Whether there is a sign-in log at all.
    pub looked: bool,
    /// Whether a sign-in log since the last drill is a part only, or had more sign-ins than are kept, and no whole one
    /// reaches as far on both sides.
    pub partial: bool,
}

/// The time of the sign-in as it was told.
#[must_use]
pub fn told(drill: &Drill, account: &str) -> Option<Timestamp> {
    let said = &drill.answer(SIGN_IN, Some(account), None)?.said;
    said.told.filter(|_| said.answer == Answer::Yes)
}

/// Whether something was while a drill went on.
fn during(drill: &Drill, at: Timestamp, now: Timestamp) -> bool {
    let end = drill.ended.as_ref().map_or(now, |ended| ended.seen.at);
    drill.begun.at.duration_since(at) <= MARGIN && at.duration_since(end) <= MARGIN
}

/// The sign-in that a drill had of an account.
struct Own {
    drill: u64,
    at: Timestamp,
    margin: SignedDuration,
}

impl Own {
    /// The one that was told. Where people said that it signed in, and not when, it is the one success, of those while the
    /// drill went on, that is nearest to when they said so: no other one may hide behind the drill.
    fn of(drill: &Drill, account: &str, all: &[&SignInSeen], now: Timestamp) -> Option<Self> {
        let answered = drill.answer(SIGN_IN, Some(account), None)?;
        if answered.said.answer != Answer::Yes {
            return None;
        }
        let own = |at, margin| Self { drill: drill.number(), at, margin };
        if let Some(told) = answered.said.told {
            return Some(own(told, MARGIN));
        }
        let good = all.iter().filter(|one| one.error_code == 0 && during(drill, one.at, now));
        let nearest = good.min_by_key(|one| one.at.duration_since(answered.seen.at).abs())?;
        Some(own(nearest.at, SignedDuration::ZERO))
    }

    fn is(&self, at: Timestamp) -> bool {
        at.duration_since(self.at).abs() <= self.margin
    }
}

/// Whether another drill explains a sign-in of its own. One that was given up explains nothing; one that goes on, or was
/// left incomplete, explains only the time that was told in it.
fn explains(drill: &Drill, account: &str) -> bool {
    let how = drill.ended.as_ref().map(|ended| &ended.how);
    let abandoned = how.is_some_and(|how| how.verdict == DrillVerdict::Abandoned);
    let ours = how.and_then(|how| how.accounts.iter().find(|one| same(&one.account, account)));
    let judged = ours.is_some_and(|one| matches!(one.verdict, DrillVerdict::Passed | DrillVerdict::Failed));
    !abandoned && (judged || told(drill, account).is_some())
}

/// What sign-ins of an account are held against.
struct Record<'i> {
    inventory: &'i Inventory,
    drill: Option<&'i Drill>,
    account: &'i str,
    history: &'i History<'i>,
    own: Option<Own>,
    others: Vec<Own>,
    now: Timestamp,
}

impl<'i> Record<'i> {
    fn stands(&self, one: &SignInSeen) -> Stands {
        let at = one.at;
        if self.own.as_ref().is_some_and(|own| own.is(at)) {
            return Stands::Told;
        }
        if let Some(other) = self.others.iter().find(|other| other.is(at)) {
            return Stands::OtherDrill(other.drill);
        }
        if self.inventory.uses().iter().any(|used| answers_for(&used.used, self.account, at)) {
            return Stands::Answered;
        }
        if self.drill.is_some_and(|drill| during(drill, at, self.now)) {
            return Stands::Untold;
        }
        match self.history.settled {
            None => Stands::BeforeDrills,
            Some(drill) if at < drill.begun.at && !known_by(self.inventory, drill, self.account, one) => {
                Stands::Unseen(drill.number())
            }
            Some(drill) if at < drill.begun.at => Stands::Earlier,
            Some(drill)
                if seen_in(drill, self.account, |log| log.sign_ins.iter().any(|seen| same_as(one, seen))) =>
            {
                Stands::Earlier
            }
            Some(_) => Stands::Outside,
        }
    }
}

/// Whether somebody's word about a time answers for a sign-in of an account then.
#[must_use]
pub fn answers_for(used: &AccountUsed, account: &str, at: Timestamp) -> bool {
    let early = used.from.duration_since(at) > MARGIN;
    let late = at.duration_since(used.until) > MARGIN;
    same(&used.account, account) && !early && !late
}

/// Whether another log on record than this file shows a sign-in of an account.
#[must_use]
pub fn on_record(inventory: &Inventory, file: &Hash, account: &str, one: &SignInSeen) -> bool {
    shows(inventory, |log| log.evidence.sha256 != *file, account, one)
}

/// Whether a log showed a sign-in before a drill ended, be it one of that drill's or another.
fn known_by(inventory: &Inventory, drill: &Drill, account: &str, one: &SignInSeen) -> bool {
    let ended = drill.ended.as_ref().map_or(u64::MAX, |ended| ended.seen.seq);
    shows(inventory, |log| log.seen.seq < ended, account, one)
}

/// Whether any of these logs on record shows a sign-in of an account.
fn shows(inventory: &Inventory, which: impl Fn(&Attached) -> bool, account: &str, one: &SignInSeen) -> bool {
    let all = inventory.drills().iter().flat_map(|drill| &drill.evidence).chain(inventory.evidence());
    let mut logs = all.filter(|log| same(&log.evidence.account, account) && which(log));
    logs.any(|log| log.evidence.sign_ins.iter().any(|seen| same_as(one, seen)))
}

/// Whether two logs tell of the same sign-in: one of them may say more of it.
fn same_as(one: &SignInSeen, other: &SignInSeen) -> bool {
    (one.at, one.error_code) == (other.at, other.error_code)
}

/// Whether a log that was looked through before a drill ended shows something.
fn seen_in(drill: &Drill, account: &str, shows: impl Fn(&EvidenceAttached) -> bool) -> bool {
    let in_time = |seq: u64| drill.ended.as_ref().is_none_or(|ended| seq < ended.seen.seq);
    let logs = drill.evidence.iter().filter(|attached| in_time(attached.seen.seq));
    logs.map(|attached| &attached.evidence).any(|log| same(&log.account, account) && shows(log))
}

/// What the logs show of an account, seen from a drill, with the logs that were looked through for it; without one from
/// the present, with all logs that were ever looked through. The history is that of the drills before.
#[must_use]
pub fn shown<'i>(
    inventory: &'i Inventory,
    history: &History<'i>,
    drill: Option<&'i Drill>,
    account: &str,
    now: Timestamp,
) -> Shown<'i> {
    let all = inventory.drills().iter().flat_map(|drill| &drill.evidence).chain(inventory.evidence());
    let logs: Vec<&EvidenceAttached> = match drill {
        Some(drill) => drill.evidence.iter().map(|attached| &attached.evidence).collect(),
        None => all.map(|attached| &attached.evidence).collect(),
    };
    let logs: Vec<_> = logs.into_iter().filter(|log| same(&log.account, account)).collect();
    let of = |kind| logs.iter().copied().filter(move |log| log.log == kind).collect::<Vec<_>>();
    let (sign_in_logs, since) = (of(LogKind::SignIns), history.since());
    let mut seen = BTreeSet::new();
    let sign_ins = sign_in_logs.iter().flat_map(|log| &log.sign_ins);
    let mut sign_ins: Vec<&SignInSeen> =
        sign_ins.filter(|one| seen.insert((one.at, one.id.as_deref(), one.error_code))).collect();
    sign_ins.sort_by_key(|one| one.at);
    let others = inventory.drills().iter().filter(|one| {
        drill.is_none_or(|drill| drill.number() != one.number())
            && one.has_account(account)
            && explains(one, account)
    });
    let record = Record {
        inventory,
        drill,
        account,
        history,
        own: drill.and_then(|drill| Own::of(drill, account, &sign_ins, now)),
        others: others.filter_map(|other| Own::of(other, account, &sign_ins, now)).collect(),
        now,
    };
    let unseen = |one: &&ChangeSeen| {
        let settled = history.settled.is_some_and(|drill| {
            one.at < drill.begun.at || seen_in(drill, account, |log| log.changes.contains(one))
        });
        !settled
    };
    let mut seen = BTreeSet::new();
    let changes = of(LogKind::Audit).into_iter().flat_map(|log| &log.changes).filter(unseen);
    let mut changes: Vec<_> =
        changes.filter(|one| seen.insert((one.at, one.id.as_deref(), one.activity.as_str()))).collect();
    changes.sort_by_key(|one| one.at);
    Shown {
        last: sign_in_logs.iter().filter_map(|log| log.last).max(),
        looked: !sign_in_logs.is_empty(),
        partial: sign_in_logs.iter().any(|log| torn(log) && !mended(log, &sign_in_logs, since)),
        sign_ins: sign_ins.into_iter().map(|one| (record.stands(one), one)).collect(),
        changes,
    }
}

/// Whether a log does not show all that it should.
fn torn(log: &EvidenceAttached) -> bool {
    log.partial || log.left_out > 0
}

/// Whether what a torn log does not show matters no more: it ends before the last drill, or a whole one covers it.
fn mended(log: &EvidenceAttached, all: &[&EvidenceAttached], since: Option<Timestamp>) -> bool {
    let old = since.zip(log.last).is_some_and(|(since, last)| last < since);
    let covers = |other: &EvidenceAttached| {
        let both = |a: Option<Timestamp>, b: Option<Timestamp>| a.zip(b);
        let begins = both(other.first, log.first).is_some_and(|(first, ours)| first <= ours);
        let ends = both(other.last, log.last).is_some_and(|(last, ours)| last >= ours);
        !torn(other) && begins && ends
    };
    old || all.iter().any(|other| covers(other))
}

/// Whether a method is a passkey, by the words that Entra has for it.
#[must_use]
pub fn is_passkey(method: &str) -> bool {
    let method = method.to_lowercase();
    method.contains("passkey") || method.contains("fido2")
}

/// Whether a method says how somebody signed in; a token that was used again does not.
#[must_use]
pub fn tells(method: &str) -> bool {
    !method.eq_ignore_ascii_case("previously satisfied")
}
