//! Does it work: a test registration, a test assertion, the counter, room for the passkey.

use super::Case;
use super::evidence::{Evidence, unanswered};
use super::finding::{Finding, Id};
use super::identity::Identity;
use crate::ctap::status::{Code, Refusal};
use crate::facts::Step;
use crate::webauthn::assertion::CounterMove;

const AGAIN: &str =
    "Plug the key in again and repeat the check; a key that fails again does not belong in a safe.";
/// What is offered is believed only when it works.
const PROTOCOL: &str = "Plug the key in again and repeat the check. If it refuses again, its model offers PIN protocol two and does not keep it: \
    use another, or describe that in `quirks.toml` of a catalogue folder.";
const TOUCH: &str = "Repeat the check and touch the key when it blinks.";
const DISCARD: &str = "Do not use this key: what it signs is not what it was asked to sign.";

/// What a step without a result says.
fn untried<T>(id: Id, step: &Step<T>) -> Option<Finding> {
    let saw = unanswered(step);
    match step {
        Step::Done(_) => None,
        Step::Skipped(_) => Some(Finding::skipped(id, saw)),
        Step::NotTouched(_) => Some(Finding::fail(id, saw, TOUCH)),
        Step::Refused(Refusal::Known(Code::PinAuthInvalid)) => Some(Finding::fail(id, saw, PROTOCOL)),
        Step::Refused(_) => Some(Finding::fail(id, format!("the key refused: {saw}"), AGAIN)),
        Step::Broke(_) => Some(Finding::fail(id, saw, AGAIN)),
    }
}

pub(super) fn test_registration(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::TestRegistration;
    if let Some(finding) = untried(id, &case.facts.registration) {
        return finding;
    }
    match &evidence.registration {
        Some(Ok(_)) => {
            Finding::pass(id, "a test credential was made and verified; nothing of it stays on the key")
        }
        Some(Err(error)) => Finding::fail(id, error.to_string(), DISCARD),
        None => Finding::fail(id, "it was not verified", AGAIN),
    }
}

pub(super) fn test_assertion(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::TestAssertion;
    if let Some(finding) = untried(id, &case.facts.assertion) {
        return finding;
    }
    match &evidence.assertion {
        Some(Ok(_)) => {
            Finding::pass(id, "the test credential signed, and the signature was verified twice over")
        }
        Some(Err(error)) => Finding::fail(id, error.to_string(), DISCARD),
        None => Finding::fail(id, "there is no verified test registration to verify it with", AGAIN),
    }
}

pub(super) fn counter(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::Counter;
    let (Some(Ok(registration)), Some(Ok(assertion))) = (&evidence.registration, &evidence.assertion) else {
        return Finding::skipped(id, "there is no verified test assertion");
    };
    let moved = match case.identity {
        Identity::Enrolled(key) => {
            format!("{} when last recorded, {} now", key.credential.counter, assertion.counter())
        }
        _ => format!("{} at registration, {} after", registration.counter(), assertion.counter()),
    };
    match assertion.counter_move() {
        CounterMove::Advanced => Finding::pass(id, moved),
        CounterMove::NotKept => Finding::pass(id, "the key keeps no counter"),
        CounterMove::Same | CounterMove::WentBack => Finding::fail(
            id,
            format!("the signature counter did not move up: {moved}"),
            "Do not use this key: there may be a copy of it.",
        ),
    }
}

pub(super) fn slots(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::Slots;
    let counted = case.facts.credentials.done().map(|credentials| credentials.count.remaining.into());
    match case.facts.info.remaining_discoverable_credentials.or(counted) {
        Some(0) => Finding::warn(
            id,
            "no free slot for a passkey",
            "Delete credentials that nobody needs; a key that already holds its Entra passkey needs no more.",
        ),
        Some(free) => Finding::pass(id, format!("{free} free slots for passkeys")),
        None => Finding::skipped(id, "the key does not say how many slots are free"),
    }
}
