//! The PIN: is one set, is it alive, does the key take it?

use std::cmp::Ordering;

use super::Case;
use super::evidence::{Evidence, unanswered};
use super::finding::{Finding, Id};
use super::words::counted;
use crate::facts::Step;
use crate::key::guard::Guard;
use crate::webauthn::assertion::AssertionError;
use crate::webauthn::ceremony::FlagsError;
use crate::webauthn::registration::RegistrationError;

/// What most models allow; below it a wrong PIN was entered since the last right one.
const USUAL_RETRIES: u64 = 8;

pub(super) fn pin_set(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::PinSet;
    match case.facts.pin_set {
        Some(true) => Finding::pass(id, "a PIN is set"),
        Some(false) => Finding::fail(id, "no PIN is set", "Set one with `glasskey pin set`."),
        None => {
            Finding::fail(id, "the key does not say that it can have a PIN", "Use a key with a client PIN.")
        }
    }
}

fn attempts(count: u64) -> String {
    counted(count, "attempt")
}

pub(super) fn pin_retries(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::PinRetries;
    let Some(retries) = case.facts.retries else {
        return Finding::skipped(id, "no PIN is set, or the key has no PIN protocol that is known here");
    };
    let left = retries.left;
    if left == 0 {
        let cure = "The PIN is blocked: the key must be reset, which erases it, and enrolled again.";
        Finding::fail(id, "no attempts left", cure)
    } else if left <= Guard::default().floor && case.facts.pin_proven {
        let cure = "Ask who tried: wrong PINs were entered since the last right one.";
        Finding::warn(
            id,
            format!("only {left} attempts were left; the right PIN has restored the count"),
            cure,
        )
    } else if left <= Guard::default().floor {
        let cure = "Make sure of the PIN, then enter it right once: that restores the count.";
        Finding::fail(id, format!("only {} left", attempts(left)), cure)
    } else if retries.power_cycle == Some(true) {
        Finding::warn(
            id,
            format!("{} left, but not before the key is unplugged", attempts(left)),
            "Unplug it and plug it in again.",
        )
    } else if let Some(after) = case.facts.retries_after.map(|after| after.left) {
        restored(left, after)
    } else if left < USUAL_RETRIES {
        let cure = "Ask who tried: a wrong PIN was entered since the last right one, unless this model allows fewer.";
        Finding::warn(
            id,
            format!("{} left before this check, fewer than the usual {USUAL_RETRIES}", attempts(left)),
            cure,
        )
    } else {
        Finding::pass(id, format!("{} left before this check", attempts(left)))
    }
}

/// The right PIN sets the count to the key's maximum, so what it is then says what it should have been.
fn restored(before: u64, after: u64) -> Finding {
    let id = Id::PinRetries;
    match before.cmp(&after) {
        Ordering::Less => {
            let saw = format!("{} left before this check, and {after} after the right PIN", attempts(before));
            Finding::warn(id, saw, "Ask who tried: a wrong PIN was entered since the last right one.")
        }
        Ordering::Equal => Finding::pass(
            id,
            format!("{} left before this check, which is all that this key allows", attempts(before)),
        ),
        Ordering::Greater => {
            let saw =
                format!("{} left before this check, and only {after} after the right PIN", attempts(before));
            Finding::fail(id, saw, "Do not use this key: it takes attempts for a PIN that is right.")
        }
    }
}

pub(super) fn pin_policy(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::PinPolicy;
    let info = &case.facts.info;
    if info.force_pin_change == Some(true) {
        let cure = "Change it with `glasskey pin change`; until then the key signs nothing.";
        return Finding::fail(id, "the key demands a new PIN before it works", cure);
    }
    if case.facts.pin_set.is_none() {
        return Finding::skipped(id, "the key does not say that it can have a PIN");
    }
    let least = info.min_pin_length.map_or("4 (unsaid)".to_owned(), |length| length.to_string());
    let complexity = match info.pin_complexity_policy {
        Some(true) => ", and the key enforces a complexity policy",
        Some(false) => ", no complexity policy",
        None => "",
    };
    Finding::pass(id, format!("at least {least} characters{complexity}; no change is demanded"))
}

pub(super) fn uv_proven(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::UvProven;
    let cure = "Set a PIN, and check again with it.";
    if !case.facts.pin_proven {
        return match (case.facts.pin_set, &case.facts.registration) {
            (Some(true), Step::Skipped(why)) => Finding::skipped(id, format!("not tried: {why}")),
            (Some(true), step) => Finding::fail(id, unanswered(step), cure),
            _ => Finding::fail(id, "no PIN is set, so nothing can prove its user", cure),
        };
    }
    let unverified = "Do not use this key: it takes the PIN and then does not say that it did.";
    match (&evidence.registration, &evidence.assertion) {
        (Some(Err(RegistrationError::Flags(error @ FlagsError::UserNotVerified(_)))), _) => {
            Finding::fail(id, format!("in the test registration {error}"), unverified)
        }
        (_, Some(Err(AssertionError::Flags(error @ FlagsError::UserNotVerified(_))))) => {
            Finding::fail(id, format!("in the test assertion {error}"), unverified)
        }
        (Some(Ok(_)), Some(Ok(_))) => Finding::pass(id, "the key took the PIN and signed for it, twice"),
        (None, _) => Finding::skipped(id, "the key took the PIN, and then signed nothing with it"),
        (Some(Ok(_)), None) => Finding::skipped(id, "the key took the PIN, and signed with it only once"),
        _ => Finding::fail(
            id,
            "the key took the PIN, but its signatures do not prove it",
            "See the findings on the test registration and the test assertion.",
        ),
    }
}
