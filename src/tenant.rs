//! The tenant's exported configuration against the custody plan: one finding each, with the file that it is from and the
//! cure. Pure, but for [`load`], which reads a folder.
//!
//! A finding rests on exports. Where one is missing, goes on on a next page, or contradicts another, the finding is
//! `skipped`, with the command that fetches it; never `pass`.

mod access;
mod accounts;
mod alerts;
mod call;
mod exports;
mod ids;
mod kind;
mod lists;
mod load;
mod logs;
mod membership;
mod query;
mod roles;
mod view;
mod wire;

use serde::Serialize;
use uuid::Uuid;

pub use exports::{Exports, File};
pub use ids::{Id, Row};
pub use kind::{GLOBAL_ADMINISTRATOR, Kind};
pub use load::load;

use crate::plan::Plan;
use crate::verdict::finding::Status;
use view::View;

/// One finding, and the files that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was found.
    #[serde(flatten)]
    pub row: Row,
    /// The files that it rests on.
    pub source: Vec<String>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Whether all is as it should be; `None` where that cannot be told.
    pub well: Option<bool>,
    /// The findings, in the order of [`Id::ALL`].
    pub findings: Vec<Finding>,
}

/// A rule: its id, the exports that it rests on, and what it finds.
struct Rule {
    id: Id,
    needs: &'static [Kind],
    judge: fn(&View<'_>) -> Vec<Row>,
}

const fn rule(id: Id, needs: &'static [Kind], judge: fn(&View<'_>) -> Vec<Row>) -> Rule {
    Rule { id, needs, judge }
}

/// Every rule. To add one: a line here, a function in its file, an id in `tenant/ids.rs`, a row in `docs/tenant.md`.
const RULES: &[Rule] = &[
    rule(Id::TwoAccounts, &[], accounts::two),
    rule(Id::AccountsExist, &[Kind::Users], accounts::exist),
    rule(Id::OwnDomain, &[Kind::Users], accounts::own_domain),
    rule(Id::CloudOnly, &[Kind::Users], accounts::cloud_only),
    rule(Id::AccountsEnabled, &[Kind::Users], accounts::enabled),
    rule(Id::GlobalAdministrator, &[Kind::RoleSchedules], roles::active),
    rule(Id::RolePermanent, &[Kind::RoleSchedules], roles::permanent),
    rule(Id::NotEligible, &[Kind::RoleEligibilities], roles::not_eligible),
    rule(Id::FewAdministrators, &[Kind::RoleAssignments], roles::few),
    rule(Id::RoleAssignableGroup, &[Kind::Groups], membership::assignable),
    rule(Id::GroupMembers, &[Kind::Groups], membership::members),
    rule(Id::RestrictedUnit, &[Kind::AdministrativeUnits], membership::restricted),
    rule(Id::UnitMembers, &[Kind::AdministrativeUnits], membership::in_unit),
    rule(Id::AccountsRestricted, &[Kind::Users], accounts::restricted),
    rule(Id::PasskeyMethod, &[Kind::Fido2Configuration], lists::method),
    rule(Id::ListsAgree, &[Kind::Fido2Configuration, Kind::AuthenticationStrengths], lists::agree),
    rule(Id::HasPasskey, &[Kind::AuthenticationMethods], lists::has_passkey),
    rule(Id::PasskeyOnly, &[Kind::AuthenticationMethods], lists::passkey_only),
    rule(Id::PolicyDedicated, &[Kind::ConditionalAccess], access::dedicated),
    rule(Id::PolicyStrength, &[Kind::ConditionalAccess, Kind::AuthenticationStrengths], access::strength),
    rule(Id::SignInFrequency, &[Kind::ConditionalAccess], access::frequency),
    rule(Id::PersistentBrowser, &[Kind::ConditionalAccess], access::browser),
    rule(Id::PoliciesExclude, &[Kind::ConditionalAccess], access::exclude),
    rule(Id::LogsKept, &[Kind::DiagnosticSettings], logs::kept),
    rule(Id::AlertSignIns, &[Kind::AlertRules], alerts::sign_ins),
    rule(Id::AlertAudit, &[Kind::AlertRules], alerts::audit),
    rule(Id::AlertEnabled, &[Kind::AlertRules], alerts::enabled),
    rule(Id::AlertThreshold, &[Kind::AlertRules], alerts::threshold),
    rule(Id::AlertSeverity, &[Kind::AlertRules], alerts::severity),
    rule(Id::AlertInTime, &[Kind::AlertRules], alerts::in_time),
    rule(Id::AlertWorkspace, &[Kind::AlertRules, Kind::DiagnosticSettings], alerts::workspace),
    rule(Id::ActionGroup, &[Kind::AlertRules, Kind::ActionGroups], call::exists),
    rule(Id::ActionGroupOutside, &[Kind::AlertRules, Kind::ActionGroups, Kind::Domains], call::independent),
];

/// Holds exports against a plan. `strength` is the id of the authentication strength that the plan's export tells, if any.
#[must_use]
pub fn check(plan: &Plan, exports: &Exports, strength: Option<Uuid>) -> Checked {
    let view = View::new(plan, exports, strength);
    let findings: Vec<Finding> = RULES.iter().flat_map(|rule| judged(rule, &view, exports)).collect();
    let has = |status| findings.iter().any(|finding| finding.row.status == status);
    let well = match (has(Status::Fail), has(Status::Skipped)) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(true),
    };
    Checked { well, findings }
}

fn judged(rule: &Rule, view: &View<'_>, exports: &Exports) -> Vec<Finding> {
    let stores = rule.needs.iter().filter_map(|kind| exports.store(*kind));
    let source: Vec<String> = stores.flat_map(|store| store.files.iter().cloned()).collect();
    let rows = match unfit(rule, view, exports) {
        Some(row) => vec![row],
        None => (rule.judge)(view),
    };
    rows.into_iter().map(|row| Finding { row, source: source.clone() }).collect()
}

/// Why the exports that a rule needs are not fit to judge by.
fn unfit(rule: &Rule, view: &View<'_>, exports: &Exports) -> Option<Row> {
    let missing: Vec<Kind> =
        rule.needs.iter().copied().filter(|kind| exports.store(*kind).is_none()).collect();
    let fetch =
        |kinds: &[Kind]| kinds.iter().map(|kind| kind.fetch(view.plan)).collect::<Vec<_>>().join("; ");
    if !missing.is_empty() {
        let what: Vec<_> = missing.iter().map(|kind| kind.words()).collect();
        let saw = format!("no file holds {}", what.join(", and none "));
        return Some(Row::skipped(rule.id, saw).cure(fetch(&missing)));
    }
    rule.needs.iter().find_map(|kind| {
        let doubt = exports.store(*kind)?.doubts.first().or_else(|| view.faults.get(kind))?;
        Some(Row::skipped(rule.id, doubt.clone()).cure(fetch(&[*kind])))
    })
}
