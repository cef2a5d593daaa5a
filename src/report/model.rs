//! What a report says: made once from plan, inventory, status and events, and rendered three times.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::drills::{self, Drills};
use super::past::{Found, Happened, Past, Reading};
use super::timeline::Timeline;
use crate::catalogue::Catalogue;
use crate::ledger::bytes::Hash;
use crate::ledger::inventory::{self, Seen, State};
use crate::ledger::payload::{Change, Verdict};
use crate::ledger::{Inventory, verify};
use crate::plan::{Plan, Rules, folded, same};
use crate::status::{AccountState, KeyState, Row, Status};
use crate::verdict::finding::Status as Sign;

/// All that a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What the ledger adds up to.
    pub inventory: &'a Inventory,
    /// How it stands by the plan.
    pub status: &'a Status,
    /// Models and vendors.
    pub catalogue: &'a Catalogue,
    /// The same events, one by one.
    pub past: &'a Past,
    /// The ledger's file, for people.
    pub ledger: &'a str,
    /// What verifying every signature found, where that was asked for.
    pub verified: Option<&'a verify::Report>,
    /// When.
    pub now: Timestamp,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Whose accounts these are.
    pub organisation: String,
    /// When it was made.
    pub at: Timestamp,
    /// By which program.
    pub program: String,
    /// The plan's file.
    pub plan: String,
    /// The plan's rules.
    pub rules: Rules,
    /// Whether no rule is broken.
    pub well: bool,
    /// Whether there are soft keys: then all of it is a rehearsal.
    pub rehearsal: bool,
    /// How many rules are kept, to be looked at, broken, and not judged.
    pub counts: Counts,
    /// The ledger that it speaks of.
    pub ledger: Record,
    /// Every rule, as `status` tells it.
    pub findings: Vec<Row>,
    /// The accounts of the plan.
    pub accounts: Vec<Account>,
    /// The keys, in the order of their enrolment.
    pub keys: Vec<Key>,
    /// The drills.
    pub drills: Drills,
    /// When the first check or drill is due.
    pub next_due: Option<Timestamp>,
    /// The picture of checks and drills.
    #[serde(skip)]
    pub timeline: Timeline,
}

/// How many rows stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Well.
    pub pass: u64,
    /// To be looked at.
    pub warn: u64,
    /// Wrong.
    pub fail: u64,
    /// Not judged.
    pub skipped: u64,
}

impl Counts {
    fn add(&mut self, sign: Sign) {
        let count = match sign {
            Sign::Pass => &mut self.pass,
            Sign::Warn => &mut self.warn,
            Sign::Fail => &mut self.fail,
            Sign::Skipped => &mut self.skipped,
        };
        *count = count.saturating_add(1);
    }

    /// The worst of them.
    #[must_use]
    pub fn worst(&self) -> Sign {
        match (self.fail, self.warn) {
            (1.., _) => Sign::Fail,
            (0, 1..) => Sign::Warn,
            (0, 0) => Sign::Pass,
        }
    }
}

/// The ledger that a report speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Its file.
    pub file: String,
    /// How many events it has.
    pub events: u64,
    /// The hash of the newest.
    pub head: Hash,
    /// When the first event was recorded.
    pub first: Option<Timestamp>,
    /// How many events a key has signed.
    pub signed: u64,
    /// The newest of them: up to there nothing can have been changed without an enrolled key.
    pub signed_to: Option<u64>,
    /// How many events could not be taken into account.
    pub odd: u64,
    /// Whether every signature was verified when the report was made. The chain always is.
    pub verified: bool,
}

/// How one account stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Account {
    /// As `status` tells it.
    #[serde(flatten)]
    pub state: AccountState,
    /// What the last checks of its active keys found.
    pub verdicts: Verdicts,
    /// How many rules about it or its keys are to be looked at, or broken.
    pub counts: Counts,
}

/// What the last checks of several keys found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    /// Fit.
    pub fit: u64,
    /// Fit with warnings.
    pub fit_with_warnings: u64,
    /// Not fit.
    pub not_fit: u64,
    /// Not checked since enrolment.
    pub never: u64,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Key {
    /// As `status` tells it.
    #[serde(flatten)]
    pub state: KeyState,
    /// Why it is retired or lost.
    pub why: Option<String>,
    /// The sealed bag that it lies in.
    pub bag: Option<String>,
    /// Its firmware at enrolment: as its vendor writes it, where that is known, else the number that the key told.
    pub firmware: Option<String>,
    /// When it was enrolled.
    pub enrolled: Seen,
    /// Who watched that.
    pub witness: Option<String>,
    /// Why a rule was overridden then.
    pub override_reason: Option<String>,
    /// Its last recorded check.
    pub last_checked: Option<Seen>,
    /// What that found.
    pub last_verdict: Option<Verdict>,
    /// What that found changed since enrolment.
    pub changes: Vec<Change>,
    /// When its PIN was last changed.
    pub pin_changed: Option<Seen>,
    /// How many rules about it are to be looked at, or broken.
    pub counts: Counts,
    /// What its last check, else its enrolment, found.
    pub found: Option<Found>,
    /// PIN attempts and signature counter, oldest first.
    pub readings: Vec<Reading>,
    /// How many readings there were before.
    pub earlier_readings: u64,
    /// Its newest events, oldest first.
    pub events: Vec<Happened>,
    /// How many there were before.
    pub earlier_events: u64,
}

impl Report {
    /// Makes a report.
    #[must_use]
    pub fn new(case: &Case<'_>) -> Self {
        let Case { plan, inventory, status, past, .. } = case;
        let mut counts = Counts::default();
        status.findings.iter().for_each(|row| counts.add(row.status));
        let rules = Rows::new(&status.findings);
        Self {
            organisation: plan.organisation.to_string(),
            at: case.now,
            program: format!("glasskey/{}", env!("CARGO_PKG_VERSION")),
            plan: plan.file.clone(),
            rules: plan.rules.clone(),
            well: status.well,
            rehearsal: inventory.soft() == Some(true),
            counts,
            ledger: Record {
                file: case.ledger.to_owned(),
                events: inventory.events(),
                head: inventory.head().unwrap_or(Hash::ZERO),
                first: past.first(),
                signed: past.signed(),
                signed_to: past.signed_to(),
                odd: inventory.odd(),
                verified: case.verified.is_some_and(|report| report.intact),
            },
            findings: status.findings.clone(),
            accounts: status.accounts.iter().map(|state| account(state, inventory, &rules)).collect(),
            keys: status
                .keys
                .iter()
                .zip(inventory.keys())
                .map(|(state, key)| of_key(state, key, case, &rules))
                .collect(),
            drills: drills::told(inventory, status),
            next_due: status.next_due,
            timeline: Timeline::new(case),
        }
    }

    /// The rules that are broken, then those to be looked at.
    #[must_use]
    pub fn to_do(&self) -> Vec<&Row> {
        let of = |sign| self.findings.iter().filter(move |row| row.status == sign);
        of(Sign::Fail).chain(of(Sign::Warn)).collect()
    }

    /// The rules that are kept, and those that could not be judged.
    #[must_use]
    pub fn kept(&self) -> Vec<&Row> {
        self.findings.iter().filter(|row| matches!(row.status, Sign::Pass | Sign::Skipped)).collect()
    }

    /// How many keys are active.
    #[must_use]
    pub fn active(&self) -> u64 {
        let active = self.keys.iter().filter(|key| key.state.state == State::Active).count();
        u64::try_from(active).unwrap_or(u64::MAX)
    }
}

/// The rows about each account and key, counted.
struct Rows(HashMap<String, Counts>);

impl Rows {
    fn new(rows: &[Row]) -> Self {
        let mut about: HashMap<String, Counts> = HashMap::new();
        for row in rows {
            if let Some(name) = &row.about {
                about.entry(folded(name)).or_default().add(row.status);
            }
        }
        Self(about)
    }

    fn about(&self, name: &str) -> Counts {
        self.0.get(&folded(name)).copied().unwrap_or_default()
    }
}

fn account(state: &AccountState, inventory: &Inventory, rows: &Rows) -> Account {
    let mut counts = rows.about(&state.name);
    let mut verdicts = Verdicts::default();
    let keys = inventory.keys().iter().filter(|key| same(&key.account, &state.name));
    for key in keys.filter(|key| key.state == State::Active) {
        let of_key = rows.about(&key.label);
        counts.warn = counts.warn.saturating_add(of_key.warn);
        counts.fail = counts.fail.saturating_add(of_key.fail);
        let count = match key.last_verdict {
            Some(Verdict::Fit) => &mut verdicts.fit,
            Some(Verdict::FitWithWarnings) => &mut verdicts.fit_with_warnings,
            Some(Verdict::NotFit) => &mut verdicts.not_fit,
            None => &mut verdicts.never,
        };
        *count = count.saturating_add(1);
    }
    Account { state: state.clone(), verdicts, counts }
}

fn of_key(state: &KeyState, key: &inventory::Key, case: &Case<'_>, rows: &Rows) -> Key {
    let life = case.past.life(key.enrolled.seq).cloned().unwrap_or_default();
    Key {
        state: state.clone(),
        why: key.why.clone(),
        bag: key.bag.clone(),
        firmware: key.firmware.map(|raw| {
            case.catalogue
                .firmware(key.aaguid, raw)
                .map_or_else(|| raw.to_string(), |known| known.to_string())
        }),
        enrolled: key.enrolled,
        witness: key.witness.clone(),
        override_reason: key.override_reason.clone(),
        last_checked: key.last_checked,
        last_verdict: key.last_verdict,
        changes: key.changes.clone(),
        pin_changed: key.pin_changed,
        counts: rows.about(&key.label),
        found: life.found,
        readings: life.readings.into(),
        earlier_readings: life.earlier_readings,
        events: life.events.into(),
        earlier_events: life.earlier_events,
    }
}
