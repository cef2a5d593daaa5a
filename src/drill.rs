//! A drill: what it sets out to do, what is left to do, and what it amounts to. Pure, and all from the record: an
//! interrupted drill goes on where it was, whoever goes on with it.
//!
//! | file | what it holds |
//! |---|---|
//! | [`set_out`] | what a new drill is begun as: accounts, keys, questions, rules |
//! | [`left`] | what is still to be done and asked |
//! | [`history`] | what the drills made of each account so far |
//! | [`judge`] | the verdict for each account and the whole, next due dates, and what remains to be done by whom |
//! | [`logs`] | what the logs show, against what people told and against the other drills |
//! | [`answers`], [`time`] | what people say: a file of answers, a time as it is told |

pub mod answers;
pub mod history;
pub mod judge;
pub mod left;
pub mod logs;
pub mod time;

mod keys;
mod tally;

use crate::ledger::Inventory;
use crate::ledger::inventory::{Key, State};
use crate::ledger::payload::{DrillAccount, DrillBegun, DrillKey, Question};
use crate::plan::{self, Account, Plan, same};

pub use answers::{Answers, KeyTold, Said, SaidError};
pub use history::{Histories, History};
pub use judge::{Judged, JudgedAccount, judge};
pub use left::{Asked, Left, left};

/// What a new drill of these accounts is begun as.
#[must_use]
pub fn set_out(
    plan: &Plan,
    inventory: &Inventory,
    accounts: &[&Account],
    by: Option<String>,
    present: Vec<String>,
) -> DrillBegun {
    let account = |account: &&Account| DrillAccount {
        name: account.name.to_string(),
        custodians: plan.custodians_of(account).into_iter().map(str::to_owned).collect(),
        keys: keys_of(inventory, account),
    };
    DrillBegun {
        accounts: accounts.iter().map(account).collect(),
        questions: plan.drill.questions.iter().map(question).collect(),
        interval_days: *plan.rules.drill_interval_days,
        alert_limit_minutes: *plan.drill.alert_limit_minutes,
        by,
        present,
    }
}

/// An account's active keys, in the order of their enrolment.
fn keys_of(inventory: &Inventory, account: &Account) -> Vec<DrillKey> {
    let active = inventory.keys().iter().filter(|key| key.state == State::Active);
    let ours = active.filter(|key| same(&key.account, account.name.as_str()));
    let key = |key: &Key| DrillKey { label: key.label.clone(), site: key.site.clone(), bag: key.bag.clone() };
    ours.map(key).collect()
}

fn question(asked: &plan::Question) -> Question {
    let plan::Question { id, text, about, required, may_not_apply, timed, before, owner } = asked.clone();
    Question { id: id.value, text, about, required, may_not_apply, timed, before, owner }
}
