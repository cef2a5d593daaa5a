//! What the logs show of an account: which sign-ins belong to a drill, which somebody answers for, and which are an alarm.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::ledger::Inventory;
use crate::ledger::inventory::Drill;
use crate::ledger::payload::{
    AccountUsed, Answer, ChangeSeen, DrillEnded, DrillVerdict, EvidenceAttached, LogKind, SignInSeen,
};
use crate::plan::question::SIGN_IN;
use crate::plan::same;

/// By how much the time that a person tells, and the clocks of this machine, may differ from the log's.
pub const MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// How a sign-in stands to what is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// It is the one that was told in this drill, or, where no time was told, one while the drill went on.
    Told,
    /// It was while this drill went on, and nobody told of it.
    Untold,
    /// It was a part of another drill.
    OtherDrill(u64),
    /// It was outside drills, and somebody answers for it.
    Answered,
    /// It was before the last drill that ended, which it was the business of; or, where none has, before the first.
    Earlier,
    /// It was since the last drill, and nobody answers for it: an alarm.
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
            Self::Earlier => "before the last drill".to_owned(),
            Self::Outside => "outside drills, and nobody answers for it".to_owned(),
        }
    }
}

/// What the logs show of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'i> {
    /// The sign-ins, oldest first, each once.
    pub sign_ins: Vec<(Stands, &'i SignInSeen)>,
    /// The changes since the last drill, oldest first, each once.
    pub changes: Vec<&'i ChangeSeen>,
    /// When the newest entry of the sign-in logs was, whosever it is; `None` where there is no sign-in log.
    pub last: Option<Timestamp>,
    /// Whether there is a sign-in log at all.
    pub looked: bool,
    /// Whether one of the logs is a part only.
    pub partial: bool,
}

/// The time of the sign-in as it was told.
#[must_use]
pub fn told(drill: &Drill, account: &str) -> Option<Timestamp> {
    let said = &drill.answer(SIGN_IN, Some(account), None)?.said;
    said.told.filter(|_| said.answer == Answer::Yes)
}

fn near(a: Timestamp, b: Timestamp) -> bool {
    a.duration_since(b).abs() <= MARGIN
}

/// Whether something was while a drill of an account went on.
fn during(drill: &Drill, account: &str, at: Timestamp, now: Timestamp) -> bool {
    let end = drill.ended.as_ref().map_or(now, |ended| ended.seen.at);
    let before = drill.begun.at.duration_since(at);
    let after = at.duration_since(end);
    (before <= MARGIN && after <= MARGIN) || told(drill, account).is_some_and(|told| near(told, at))
}

/// How a sign-in stands, seen from a drill, or, without one, from the present.
fn stands(
    inventory: &Inventory,
    drill: Option<&Drill>,
    account: &str,
    at: Timestamp,
    now: Timestamp,
) -> Stands {
    if let Some(drill) = drill.filter(|drill| during(drill, account, at, now)) {
        return match told(drill, account) {
            Some(told) if !near(told, at) => Stands::Untold,
            _ => Stands::Told,
        };
    }
    let mut drills = inventory.drills().iter().filter(|one| one.has_account(account));
    if let Some(other) = drills.find(|one| during(one, account, at, now)) {
        return Stands::OtherDrill(other.number());
    }
    let answers_for = |used: &AccountUsed| {
        let early = used.from.duration_since(at) > MARGIN;
        let late = at.duration_since(used.until) > MARGIN;
        same(&used.account, account) && !early && !late
    };
    if inventory.uses().iter().any(|used| answers_for(&used.used)) {
        return Stands::Answered;
    }
    match since(inventory, drill, account) {
        Some(since) if at > since => Stands::Outside,
        _ => Stands::Earlier,
    }
}

/// When the last drill of the account before this one ended, or, without one, the last. One that was given up does not
/// count: nobody went through the logs.
#[must_use]
pub fn since(inventory: &Inventory, drill: Option<&Drill>, account: &str) -> Option<Timestamp> {
    let earlier = |other: u64| drill.is_none_or(|drill| other < drill.number());
    let gone_through = |how: &DrillEnded| how.verdict != DrillVerdict::Abandoned;
    let mut ended = inventory
        .ended_drills(account)
        .filter(|(one, ended)| earlier(one.number()) && gone_through(&ended.how));
    ended.next().map(|(_, ended)| ended.seen.at)
}

/// What the logs show of an account, seen from a drill, with the logs that were looked through for it; without one from
/// the present, with all logs that were ever looked through.
#[must_use]
pub fn shown<'i>(
    inventory: &'i Inventory,
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
    let of = |kind| logs.iter().copied().filter(move |log| log.log == kind);
    let mut shown = Shown {
        sign_ins: Vec::new(),
        changes: Vec::new(),
        last: of(LogKind::SignIns).filter_map(|log| log.last).max(),
        looked: of(LogKind::SignIns).next().is_some(),
        partial: logs.iter().any(|log| log.partial),
    };
    let mut seen = BTreeSet::new();
    let sign_ins = of(LogKind::SignIns).flat_map(|log| &log.sign_ins);
    for one in sign_ins.filter(|one| seen.insert((one.at, one.id.as_deref(), one.error_code))) {
        shown.sign_ins.push((stands(inventory, drill, account, one.at, now), one));
    }
    shown.sign_ins.sort_by_key(|(_, one)| one.at);
    let since = since(inventory, drill, account);
    let mut seen = BTreeSet::new();
    let changes = of(LogKind::Audit).flat_map(|log| &log.changes);
    let later = changes.filter(|one| since.is_none_or(|since| one.at > since));
    shown.changes =
        later.filter(|one| seen.insert((one.at, one.id.as_deref(), one.activity.as_str()))).collect();
    shown.changes.sort_by_key(|one| one.at);
    shown
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
