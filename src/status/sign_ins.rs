//! Does somebody sign in between the drills?

use jiff::Timestamp;

use super::fleet::{Fleet, Owner};
use super::row::{Id, Row, counted, day, or_pass, second};
use crate::drill::logs::{Shown, Stands, shown};
use crate::escape::quote;
use crate::ledger::payload::SignInSeen;
use crate::verdict::finding::Status as Sign;

/// A sign-in that nobody answers for is an alarm until somebody does; no log is no proof that there was none.
pub(super) fn sign_ins(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::SignIns;
    let seen = |owner| (owner, shown_of(fleet, owner));
    let all: Vec<(&Owner<'_>, Shown<'_>)> = fleet.owners.iter().map(seen).collect();
    if !all.iter().any(|(_, shown)| shown.looked) {
        return vec![Row::skipped(id, "no sign-in log was looked through (`glasskey inventory attach`)")];
    }
    let mut rows: Vec<Row> = all.iter().flat_map(|(owner, shown)| of_logs(fleet, owner, shown)).collect();
    rows.sort_by_key(|row| match row.status {
        Sign::Fail => 0,
        Sign::Warn => 1,
        Sign::Skipped | Sign::Pass => 2,
    });
    let until = all.iter().filter_map(|(_, shown)| shown.last).min();
    let until = until.map(|last| format!(", until {}", day(&last))).unwrap_or_default();
    or_pass(
        rows,
        id,
        format!("every sign-in that the logs show since the last drill is accounted for{until}"),
    )
}

fn shown_of<'f>(fleet: &Fleet<'f>, owner: &Owner<'f>) -> Shown<'f> {
    shown(fleet.case.inventory, &fleet.history(owner), None, owner.account.name.as_str(), fleet.case.now)
}

/// What the logs show of one account that is not as it should be.
fn of_logs(fleet: &Fleet<'_>, owner: &Owner<'_>, shown: &Shown<'_>) -> Vec<Row> {
    let id = Id::SignIns;
    let name = owner.account.name.as_str();
    let of = |wanted: Stands, good: bool| -> Vec<&SignInSeen> {
        let all = shown.sign_ins.iter().filter(|(stands, _)| *stands == wanted);
        all.map(|(_, one)| *one).filter(|one| (one.error_code == 0) == good).collect()
    };
    let first = |one: &SignInSeen| {
        let from = one.address.as_ref().map(|address| format!(" from {address}")).unwrap_or_default();
        format!("the first on {}{from}", second(&one.at))
    };
    let find_out = format!(
        "Find out who it was. Was it an emergency or other work: `glasskey inventory use {} --at TIME --why REASON`; else it is misuse.",
        quote(name)
    );
    let mut rows = Vec::new();
    if let good @ [one, ..] = of(Stands::Outside, true).as_slice() {
        let saw = format!(
            "{} outside drills that nobody answers for, {}",
            counted(good.len(), "sign-in"),
            first(one)
        );
        rows.push(Row::fail(id, saw, &find_out));
    }
    if let good @ [one, ..] = of(Stands::BeforeDrills, true).as_slice() {
        let saw = format!(
            "{} that nobody answers for, {}, and no drill has been passed or failed since",
            counted(good.len(), "sign-in"),
            first(one)
        );
        let began = fleet.case.inventory.created();
        let old = good.last().zip(began).is_some_and(|(last, began)| last.at < began);
        let cure = if old {
            "Find out who it was. It was before this ledger began: the first drill settles it."
        } else {
            &find_out
        };
        rows.push(Row::warn(id, saw, cure));
    }
    if let bad @ [_, ..] = of(Stands::Outside, false).as_slice() {
        let saw = format!("{} that failed, outside drills", counted(bad.len(), "sign-in"));
        rows.push(Row::warn(id, saw, "Find out who tried."));
    }
    if shown.partial {
        let saw = "one of its sign-in logs is a part only, or holds more sign-ins than are kept";
        let cure = format!(
            "Export it again, whole or by shorter spans, and attach it: `glasskey inventory attach FILE --account {}`.",
            quote(name)
        );
        rows.push(Row::warn(id, saw, cure));
    }
    if rows.is_empty() {
        rows.extend(unproven(fleet.history(owner).since(), shown).map(|saw| Row::skipped(id, saw)));
    }
    rows.into_iter().map(|row| row.about(name)).collect()
}

/// Why the logs of an account cannot tell.
fn unproven(since: Option<Timestamp>, shown: &Shown<'_>) -> Option<String> {
    if !shown.looked {
        return Some("no sign-in log was looked through (`glasskey inventory attach`)".to_owned());
    }
    let Some(last) = shown.last else {
        return Some("its sign-in logs have no entry, so nobody can tell which time they are of".to_owned());
    };
    let old = since.is_some_and(|since| last < since);
    old.then(|| format!("its sign-in logs end at {}, before its last drill", second(&last)))
}
