//! `status`: the custody plan against the inventory. Plan, policy files and ledger are read; no key is needed.

use serde_json::json;

use super::World;
use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::plan::Plan;
use crate::policy::PolicySet;
use crate::status::Status;
use crate::term::show;

/// A plan, a ledger, and how the one stands by the other.
pub(super) struct Judged {
    pub(super) plan: Plan,
    pub(super) ledger: Ledger,
    pub(super) status: Status,
    pub(super) catalogue: Catalogue,
}

/// Reads what the plan names, and judges.
pub(super) fn judge(world: &World) -> Result<Judged, Error> {
    let plan = world.plan()?;
    let catalogue = world.catalogue_of(Some(&plan))?;
    let policy = PolicySet::load(&plan.policy_files(), plan.profile())?;
    let ledger = world.ledger()?;
    let status = crate::status::status(&plan, ledger.inventory(), Some(&policy), &catalogue, world.now);
    Ok(Judged { plan, ledger, status, catalogue })
}

pub(super) fn status(world: &World) -> Result<Exit, Error> {
    let Judged { plan, ledger, status, .. } = judge(world)?;
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.status/1",
            "well": status.well,
            "at": world.now,
            "plan": plan.file,
            "organisation": plan.organisation,
            "ledger": { "events": ledger.inventory().events(), "head": ledger.head() },
            "findings": status.findings,
            "accounts": status.accounts,
            "keys": status.keys,
            "open_drill": status.open_drill,
            "actions": status.actions,
            "next_due": status.next_due,
        }))?;
    } else {
        world.term.out(&show::status(&plan, &status))?;
    }
    Ok(if status.well { Exit::Yes } else { Exit::No })
}
