//! The custody plan against the inventory: what is missing, overdue, or no longer allowed. Pure; needs no key.
//!
//! [`status`] judges; a rule is broken where a row says `fail`. [`diversity::conflict`] answers the one question that
//! enrolment asks beforehand: does another account hold keys of this make?

pub mod diversity;

mod accounts;
mod drill;
mod drills;
mod failure;
mod fleet;
mod models;
mod record;
mod row;
mod sign_ins;
mod sites;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::ledger::inventory::{Inventory, Pending, State};
use crate::ledger::payload::DrillVerdict;
use crate::plan::Plan;
use crate::policy::PolicySet;
use crate::verdict::finding::Status as Sign;

pub use drill::Drill;
pub use drills::{OpenAction, OpenDrill};
pub use fleet::Held;
pub use row::{Id, Row};

use fleet::Fleet;

/// All that is judged, and all that it is judged by.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Every key that was ever enrolled.
    pub keys: Vec<Held<'a>>,
    /// The record, for what was drilled and what the logs showed.
    pub inventory: &'a Inventory,
    /// Steps that were begun and not ended.
    pub pending: Vec<&'a Pending>,
    /// Whose ledger it is.
    pub organisation: Option<&'a str>,
    /// How many events could not be taken into account.
    pub odd: u64,
    /// The allow-lists as they are now, where any are given.
    pub policy: Option<&'a PolicySet>,
    /// Models, vendors, advisories.
    pub catalogue: &'a Catalogue,
    /// When.
    pub now: Timestamp,
}

impl<'a> Case<'a> {
    /// A case about an inventory.
    #[must_use]
    pub fn new(
        plan: &'a Plan,
        inventory: &'a Inventory,
        policy: Option<&'a PolicySet>,
        catalogue: &'a Catalogue,
        now: Timestamp,
    ) -> Self {
        Self {
            plan,
            keys: inventory.keys().iter().map(Held::from).collect(),
            inventory,
            pending: inventory.pending().collect(),
            organisation: inventory.organisation(),
            odd: inventory.odd(),
            policy,
            catalogue,
            now,
        }
    }
}

/// The answer: every row, and what stands behind them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// Whether no rule is broken.
    pub well: bool,
    /// The rows, in the order of [`Id::ALL`].
    pub findings: Vec<Row>,
    /// The accounts of the plan.
    pub accounts: Vec<AccountState>,
    /// The keys of the inventory, in the order of their enrolment.
    pub keys: Vec<KeyState>,
    /// The drill that goes on, if one does.
    pub open_drill: Option<OpenDrill>,
    /// What the last drills found and nobody has mended.
    pub actions: Vec<OpenAction>,
    /// When the first check or drill is due.
    pub next_due: Option<Timestamp>,
}

/// How one account stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountState {
    /// Its name.
    pub name: String,
    /// Its user principal name.
    pub upn: String,
    /// How many keys the plan wants.
    pub wanted: u32,
    /// How many are active.
    pub active: usize,
    /// How many are retired.
    pub retired: usize,
    /// How many are lost.
    pub lost: usize,
    /// How many are reset.
    pub reset: usize,
    /// Who makes and sells its active keys.
    pub makers: Vec<String>,
    /// Where its active keys lie.
    pub sites: Vec<String>,
    /// When the first of its active keys is due to be checked.
    pub due: Option<Timestamp>,
    /// When it was last drilled, and how that ended; drills that were given up are not counted.
    pub last_drill: Option<LastDrill>,
    /// When it last passed a drill.
    pub last_passed_drill: Option<Timestamp>,
    /// When it is due to be drilled; `None` without an active key.
    pub drill_due: Option<Timestamp>,
    /// How that stands; `None` without an active key.
    pub drill: Option<Drill>,
}

/// A drill of an account that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastDrill {
    /// Its number: that of the event that began it.
    pub drill: u64,
    /// When it ended.
    pub at: Timestamp,
    /// The verdict for the account.
    pub verdict: DrillVerdict,
}

/// How one key stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyState {
    /// Its label.
    pub label: String,
    /// For which account.
    pub account: String,
    /// Where it stands in its life.
    pub state: State,
    /// Where it lies.
    pub site: Option<String>,
    /// Who keeps it.
    pub custodian: Option<String>,
    /// Its model.
    pub aaguid: Uuid,
    /// The model's name.
    pub model: Option<String>,
    /// The model's vendor.
    pub vendor: Option<String>,
    /// Whether it is a soft key.
    pub soft: bool,
    /// When it was last checked well.
    pub last_good_check: Option<Timestamp>,
    /// When it was last checked well in a drill.
    pub last_good_drill: Option<Timestamp>,
    /// When the next check is due; `None` for a key that is not active.
    pub due: Option<Timestamp>,
    /// How that stands; `None` for a key that is not active.
    pub drill: Option<Drill>,
}

/// Judges an inventory.
#[must_use]
pub fn status(
    plan: &Plan,
    inventory: &Inventory,
    policy: Option<&PolicySet>,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Status {
    judge(&Case::new(plan, inventory, policy, catalogue, now))
}

/// A rule: what breaks it, or that it is kept.
type Rule = fn(&Fleet<'_>) -> Vec<Row>;

/// Every rule. To add one: a line here, a function in its file, an id in `status/row.rs`.
const RULES: &[Rule] = &[
    record::plan,
    record::organisation,
    record::ledger,
    record::pending,
    record::soft_key,
    accounts::account_known,
    accounts::keys_per_account,
    record::custody_credential,
    record::key_reset,
    accounts::vendor_allowed,
    diversity::vendor_diversity,
    failure::single_failure,
    sites::sites_apart,
    sites::site_planned,
    sites::custodian_planned,
    models::model_known,
    models::allow_list,
    models::allow_list_agreement,
    models::advisory,
    drill::drill,
    drill::last_verdict,
    drills::account_drill,
    drills::personnel_change,
    drills::drill_open,
    drills::drill_actions,
    sign_ins::sign_ins,
    record::counter,
    record::changed,
];

/// Judges a case.
#[must_use]
pub fn judge(case: &Case<'_>) -> Status {
    let fleet = Fleet::new(case);
    let findings: Vec<Row> = RULES.iter().flat_map(|rule| rule(&fleet)).collect();
    let accounts = fleet.account_states();
    Status {
        well: findings.iter().all(|row| row.status != Sign::Fail),
        next_due: accounts.iter().flat_map(|account| [account.due, account.drill_due]).flatten().min(),
        accounts,
        keys: case.keys.iter().map(|key| fleet.key_state(key)).collect(),
        open_drill: drills::open(case),
        actions: drills::actions(&fleet),
        findings,
    }
}
