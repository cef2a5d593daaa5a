//! How it treats PINs.

use super::{DIFFERS, Subject, untried};
use crate::ctap::status::Code;
use crate::facts::Step;
use crate::onboard::finding::{Finding, Id};
use crate::onboard::tried::{Locked, PinTried, Wrong};

fn tried<'a>(subject: &Subject<'a>) -> &'a PinTried {
    &subject.case.tried.pin
}

/// What a refusal says where the key had to do as it was told.
fn refused<T>(id: Id, step: &Step<T>) -> Option<Finding> {
    untried(id, step).or_else(|| match step {
        Step::Refused(refusal) => Some(Finding::fail(id, format!("the key refused: {refusal}"), DIFFERS)),
        _ => None,
    })
}

pub(super) fn set(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::PinSet, &tried(subject).set);
    if let Some(finding) = refused(id, step) {
        return finding;
    }
    let left = step.done().map(|retries| retries.left).unwrap_or_default();
    if subject.case.facts.pin_set != Some(true) {
        Finding::fail(id, "the first PIN was set, and the key says that there is none", DIFFERS)
    } else if !(4..=8).contains(&left) {
        Finding::warn(
            id,
            format!("the first PIN was set; the key gives {left} attempts, not 8"),
            "Set the floor of the PIN guard in the plan accordingly.",
        )
    } else {
        Finding::pass(id, format!("the first PIN was set, and {left} attempts are left"))
    }
}

pub(super) fn change(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::PinChange, &tried(subject).changed);
    refused(id, step)
        .unwrap_or_else(|| Finding::pass(id, "changed to another PIN, which the key took, and back"))
}

pub(super) fn wrong(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::PinWrong, &tried(subject).wrong);
    if let Some(finding) = refused(id, step) {
        return finding;
    }
    match step.done() {
        Some(Wrong { taken: true, .. }) => {
            Finding::fail(id, "the key took a wrong PIN", "Do not use this key: its PIN protects nothing.")
        }
        Some(Wrong { before, after, .. }) if after.saturating_add(1) == *before => {
            Finding::pass(id, format!("refused; {before} attempts before, {after} after"))
        }
        Some(Wrong { before, after, .. }) => Finding::fail(
            id,
            format!("refused; but {before} attempts before, and {after} after"),
            "Do not rely on the number of attempts that this model tells.",
        ),
        None => Finding::skipped(id, "not tried"),
    }
}

pub(super) fn restored(subject: &Subject<'_>) -> Finding {
    let (id, pin) = (Id::PinRestored, tried(subject));
    if let Some(finding) = refused(id, &pin.restored) {
        return finding;
    }
    match (pin.wrong.done(), pin.restored.done()) {
        (Some(wrong), Some(now)) if now.left >= wrong.before => Finding::pass(
            id,
            format!("{} attempts after the wrong PIN, {} after the right one", wrong.after, now.left),
        ),
        (Some(wrong), Some(now)) => Finding::fail(
            id,
            format!("{} attempts before the wrong PIN, and {} after the right one", wrong.before, now.left),
            "Do not use this model: a key in use blocks itself, and only a reset helps.",
        ),
        _ => Finding::skipped(id, "no wrong PIN was tried"),
    }
}

pub(super) fn too_short(subject: &Subject<'_>) -> Finding {
    let (least, step) = &tried(subject).short;
    refused_as_short(Id::PinTooShort, *least, step)
}

/// A PIN that is too short must be refused, and for this reason.
fn refused_as_short(id: Id, least: u64, step: &Step<()>) -> Finding {
    if let Some(finding) = untried(id, step) {
        return finding;
    }
    let short = least.saturating_sub(1);
    match step {
        Step::Refused(refusal) if refusal.is(Code::PinPolicyViolation) => {
            Finding::pass(id, format!("at least {least} characters; {short} of two bytes each are refused"))
        }
        Step::Refused(refusal) => Finding::warn(
            id,
            format!("at least {least} characters; {short} are refused, but with {refusal}"),
            "A client shows another reason than the true one.",
        ),
        _ => Finding::fail(
            id,
            format!("the key says at least {least} characters, and took {short} of two bytes each"),
            "Choose long PINs yourself: the key does not see to it.",
        ),
    }
}

pub(super) fn soft_lock(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::PinSoftLock, &tried(subject).locked);
    if let Some(finding) = refused(id, step) {
        return finding;
    }
    let Some(Locked { left: [before, low, after], after: count, took_right, opened }) = step.done() else {
        return Finding::skipped(id, "not tried");
    };
    let told = format!("{before} attempts before, {low} after, {after} after the right PIN");
    let cure = "A program on the machine could spend all attempts at once: keep the key unplugged.";
    match (count, took_right, opened) {
        (_, true, _) => Finding::warn(id, format!("three wrong PINs in a row do not lock it; {told}"), cure),
        (_, false, Some(false)) => Finding::fail(
            id,
            format!("locked, and it did not take the right PIN after it was unplugged; {told}"),
            DIFFERS,
        ),
        (_, false, None) => Finding::skipped(id, "locked; that unplugging opens it was not seen"),
        (None, false, Some(true)) => Finding::warn(id, format!("it locks without saying so; {told}"), cure),
        (Some(count), false, Some(true)) => {
            Finding::pass(id, format!("locked after {count} in a row until it was unplugged; {told}"))
        }
    }
}

pub(super) fn forced_change(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::PinForcedChange, &tried(subject).forced);
    if let Some(finding) = refused(id, step) {
        return finding;
    }
    let Some(forced) = step.done() else { return Finding::skipped(id, "not tried") };
    let mut wrong = Vec::new();
    if forced.told != Some(true) {
        wrong.push("getInfo does not tell the demand");
    }
    if forced.token.done().is_some() {
        wrong.push("the old PIN still works");
    }
    if forced.cleared == Some(true) {
        wrong.push("the demand stays after the PIN was changed");
    }
    if wrong.is_empty() {
        Finding::pass(id, "demanded, told by getInfo, the old PIN gets no token; met by a new PIN")
    } else {
        Finding::fail(id, format!("demanded; but {}", wrong.join(", ")), DIFFERS)
    }
}

pub(super) fn length_raised(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::PinLengthRaised, &tried(subject).raised);
    if let Some(finding) = refused(id, step) {
        return finding;
    }
    let Some(raised) = step.done() else { return Finding::skipped(id, "not tried") };
    if raised.told == Some(raised.to) {
        return refused_as_short(id, raised.to, &raised.short);
    }
    let told = raised.told.map_or_else(|| "nothing".to_owned(), |told| told.to_string());
    Finding::fail(id, format!("raised to {}, and getInfo tells {told}", raised.to), DIFFERS)
}
