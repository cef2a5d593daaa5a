//! The accounts themselves.

use super::ids::{Id, Row};
use super::kind::Kind;
use super::view::View;
use super::wire::User;
use crate::plan::{Account, Upn};
use crate::verdict::finding::or_pass;
use crate::verdict::words::counted;

pub(super) fn two(view: &View<'_>) -> Vec<Row> {
    let id = Id::TwoAccounts;
    let count = view.plan.accounts.len();
    let saw = format!("the plan has {}", counted(count, "account"));
    if count >= 2 {
        return vec![Row::pass(id, saw)];
    }
    vec![Row::fail(id, saw, "Make a second account, with keys of another vendor, at another place.")]
}

pub(super) fn exist(view: &View<'_>) -> Vec<Row> {
    let id = Id::AccountsExist;
    let mut rows = Vec::new();
    for (account, user) in view.accounts() {
        let (saw, cure) = match user.map(|user| user.user_principal_name.as_deref()) {
            None => (
                format!("no user has the object id {}", *account.object_id),
                "Correct the object id in the plan, or make the account; see that the export holds it.",
            ),
            Some(None) => {
                rows.push(unsaid(view, id, account, "userPrincipalName"));
                continue;
            }
            Some(Some(upn)) if account.upn.is(upn) => continue,
            Some(Some(upn)) => (
                format!("the user with this object id is {upn}, and the plan says {}", account.upn),
                "Correct the plan. After a change of the UPN a passkey must be deleted and registered anew.",
            ),
        };
        rows.push(Row::fail(id, saw, cure).about(account.name.as_str()));
    }
    or_pass(rows, id, format!("all {} are there", counted(view.plan.accounts.len(), "account")))
}

/// A row for each account that is there and for which something is said that should not be.
fn each(
    view: &View<'_>,
    id: Id,
    member: &str,
    good: &str,
    judge: impl Fn(&Account, &User) -> Option<Result<(), Row>>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut judged = 0_usize;
    for (account, user) in view.accounts() {
        let Some(user) = user else { continue };
        judged = judged.saturating_add(1);
        match judge(account, user) {
            Some(Ok(())) => {}
            Some(Err(row)) => rows.push(row.about(account.name.as_str())),
            None => rows.push(unsaid(view, id, account, member)),
        }
    }
    if judged == 0 {
        return vec![
            Row::skipped(id, "none of the accounts is in the export").cure(Kind::Users.fetch(view.plan)),
        ];
    }
    or_pass(rows, id, good)
}

fn unsaid(view: &View<'_>, id: Id, account: &Account, member: &str) -> Row {
    let saw = format!("the export does not say `{member}`");
    Row::skipped(id, saw).cure(Kind::Users.fetch(view.plan)).about(account.name.as_str())
}

pub(super) fn own_domain(view: &View<'_>) -> Vec<Row> {
    let id = Id::OwnDomain;
    each(view, id, "userPrincipalName", "all are in the tenant's own domain", |_, user| {
        let upn = Upn::new(user.user_principal_name.as_deref()?).ok()?;
        let cure = "Give the account a UPN in the tenant's own *.onmicrosoft.com domain, and register its passkeys anew.";
        Some(if upn.is_cloud_domain() {
            Ok(())
        } else {
            Err(Row::fail(id, format!("{upn} is in another domain"), cure))
        })
    })
}

pub(super) fn cloud_only(view: &View<'_>) -> Vec<Row> {
    let id = Id::CloudOnly;
    each(view, id, "onPremisesSyncEnabled", "none is synchronised", |_, user| {
        let cure = "Make a cloud-only account in its place.";
        match user.on_premises_sync_enabled? {
            Some(true) => Some(Err(Row::fail(id, "it is synchronised from a directory on premises", cure))),
            Some(false) | None => Some(Ok(())),
        }
    })
}

pub(super) fn enabled(view: &View<'_>) -> Vec<Row> {
    let id = Id::AccountsEnabled;
    each(view, id, "accountEnabled", "all are enabled", |_, user| {
        let row = || Row::fail(id, "it is disabled", "Enable it, and find out who disabled it.");
        Some(if user.account_enabled? { Ok(()) } else { Err(row()) })
    })
}

pub(super) fn restricted(view: &View<'_>) -> Vec<Row> {
    let id = Id::AccountsRestricted;
    let good = "Entra says of all that their management is restricted; nobody can reset their passwords while they are";
    each(view, id, "isManagementRestricted", good, |_, user| {
        let cure = "Put it into the restricted management administrative unit: `glasskey entra emit rmau`.";
        match user.is_management_restricted? {
            Some(true) => Some(Ok(())),
            Some(false) | None => Some(Err(Row::fail(id, "its management is not restricted", cure))),
        }
    })
}
