//! The plan and the record themselves: can they be kept, do they belong together, is anything left half done?

use super::fleet::Fleet;
use super::row::{Id, Row, counted, listed, or_pass};
use crate::escape::quote;
use crate::ledger::inventory::{CounterBack, State};
use crate::plan::{Weight, same};

pub(super) fn plan(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::Plan;
    let plan = fleet.case.plan;
    let mut remarks = plan.review();
    remarks.extend(plan.review_vendors(fleet.case.catalogue));
    let of = |weight| remarks.iter().filter(|remark| remark.status == weight).count();
    let (fail, warn) = (of(Weight::Fail), of(Weight::Warn));
    let first = remarks.iter().max_by_key(|remark| (remark.status, std::cmp::Reverse(remark.line)));
    let Some(first) = first else { return vec![Row::pass(id, format!("{} is sound", plan.file))] };
    let line = if first.line == 0 { String::new() } else { format!("line {}: ", first.line) };
    let more = match fail.saturating_add(warn) {
        1 => String::new(),
        all => format!(" (and {} more)", counted(all.saturating_sub(1), "remark")),
    };
    let saw = format!("{}: {line}{}{more}", plan.file, first.what);
    let cure = "`glasskey plan check` tells each with its cure.";
    vec![if fail > 0 { Row::fail(id, saw, cure) } else { Row::warn(id, saw, cure) }]
}

pub(super) fn organisation(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::Organisation;
    let plan = fleet.case.plan.organisation.as_str();
    vec![match fleet.case.organisation {
        None => Row::skipped(id, "the ledger does not say whose it is"),
        Some(ledger) if same(ledger, plan) => Row::pass(id, format!("plan and ledger are of {plan}")),
        Some(ledger) => {
            let saw = format!("the plan is of '{plan}', the ledger of '{ledger}'");
            Row::fail(
                id,
                saw,
                "Name the plan and the ledger that belong together, with `--plan` and `--ledger`.",
            )
        }
    }]
}

pub(super) fn ledger(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::Ledger;
    vec![match fleet.case.odd {
        0 => Row::pass(id, "every event was taken into account"),
        odd => {
            let odd = counted(usize::try_from(odd).unwrap_or(usize::MAX), "event");
            let saw = format!("{odd} in the ledger would not have been written by this program");
            Row::warn(id, saw, "Look at them with `glasskey ledger log`; a later version may know them.")
        }
    }]
}

/// A step on a key that is counted on may have cost that key what it needs; any other is to be looked at.
pub(super) fn pending(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::Pending;
    let row = |step: &&crate::ledger::inventory::Pending| {
        let saw = format!(
            "event {}: '{}' was begun at {} and its end was not recorded",
            step.seq, step.intent.step, step.at
        );
        let label = step.intent.label.as_deref();
        let mut labels = label.into_iter().chain(step.intent.may_be());
        let counted_on = labels.any(|label| fleet.active.iter().any(|key| same(key.label, label)));
        let row = if counted_on { Row::fail(id, saw, step.cure()) } else { Row::warn(id, saw, step.cure()) };
        match label.or(step.intent.account.as_deref()) {
            Some(about) => row.about(about),
            None => row,
        }
    };
    or_pass(fleet.case.pending.iter().map(row).collect(), id, "nothing was begun and not ended")
}

pub(super) fn soft_key(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::SoftKey;
    let soft = fleet.case.keys.iter().filter(|key| key.soft).count();
    vec![if soft == 0 {
        Row::pass(id, "no soft key")
    } else {
        let saw =
            format!("{} among {}: this is a rehearsal", counted(soft, "soft key"), fleet.case.keys.len());
        Row::warn(id, saw, "Keep real keys in a ledger of their own.")
    }]
}

pub(super) fn custody_credential(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::CustodyCredential;
    let ours = fleet.case.plan.custody_rp_id.as_str();
    let others: Vec<_> = fleet.active.iter().filter(|key| key.rp_id != ours).collect();
    let Some(first) = others.first() else {
        return vec![Row::pass(id, format!("every active key has one under {ours}"))];
    };
    let labels: Vec<&str> = others.iter().map(|key| key.label).collect();
    let saw =
        format!("{} has its credential under '{}', and the plan says '{ours}'", listed(&labels), first.rp_id);
    let cure = "Put the old `custody_rp_id` back into the plan: these keys cannot be known again otherwise.";
    vec![Row::fail(id, saw, cure)]
}

pub(super) fn key_reset(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::KeyReset;
    let reset = fleet.case.keys.iter().filter(|key| key.state == State::Reset);
    let row = |key: &super::Held<'_>| {
        let cure = format!(
            "Enroll it again under a new label, and `glasskey inventory retire {} --why REASON`.",
            quote(key.label)
        );
        Row::warn(id, "was reset, and signs nobody in", cure).about(key.label)
    };
    or_pass(reset.map(row).collect(), id, "no key was reset")
}

/// Of two keys with the same secrets each counts by itself, so that one of them falls behind.
pub(super) fn counter(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::Counter;
    let row = |key: &&super::Held<'_>| {
        let CounterBack { seq, before, after } = key.counter_back?;
        let saw = format!(
            "event {seq} was signed with counter {after}, after {before}: there may be a copy of the key"
        );
        let cure = format!(
            "Find out who else had it. Rely on it no more: enroll another key and `glasskey inventory retire {} --why REASON`.",
            quote(key.label)
        );
        Some(Row::fail(id, saw, cure).about(key.label))
    };
    or_pass(
        fleet.active.iter().filter_map(row).collect(),
        id,
        "every signature counter moved up, or is not kept",
    )
}

pub(super) fn changed(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::Changed;
    let mut rows = Vec::new();
    for key in fleet.active.iter().filter(|key| !key.changes.is_empty()) {
        let told: Vec<String> = key
            .changes
            .iter()
            .map(|change| {
                let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "unsaid".to_owned());
                format!("{}: {}, now {}", change.what, word(&change.before), word(&change.after))
            })
            .collect();
        let cure = "Find out who changed it; a vendor's update, and a new PIN, are told here too.";
        rows.push(Row::warn(id, listed(&told), cure).about(key.label));
    }
    or_pass(rows, id, "no check found a key changed since its enrolment")
}
