//! What only a ledger, a custody plan or a second client can answer. Skipped, with the reason, where there is none.

use super::Case;
use super::evidence::Evidence;
use super::finding::{Finding, Id};
use super::identity::{Diversity, Identity};

const SWAPPED: &str =
    "Look at the bag and its seal. A key that was reset must be enrolled again; a swapped one is a theft.";

pub(super) fn same_key(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::SameKey;
    let key = match case.identity {
        Identity::NoLedger => return Finding::skipped(id, "there is no ledger of enrolled keys"),
        Identity::CannotTell => {
            return Finding::warn(
                id,
                "the key does not tell without a PIN whether it is an enrolled one",
                "Name the key by its label with `--key`.",
            );
        }
        Identity::Stranger { like: [] } => return Finding::skipped(id, "this key is not enrolled"),
        Identity::Stranger { like } => {
            let saw =
                format!("this key is none of the enrolled ones; of the same model are: {}", like.join(", "));
            return Finding::warn(
                id,
                saw,
                "If it should be one of them, it was reset since, or swapped for another.",
            );
        }
        Identity::NotAsNamed { label } => {
            let saw = format!(
                "this is not the key {label}: it was reset since its enrolment, or it is another key"
            );
            return Finding::fail(id, saw, SWAPPED);
        }
        Identity::Enrolled(key) => key,
    };
    let label = &key.label;
    match &evidence.assertion {
        None => Finding::skipped(id, format!("it answers to {label}, but nothing was signed to prove it")),
        Some(Err(error)) => {
            Finding::fail(id, format!("it answers to {label}, and does not prove it: {error}"), SWAPPED)
        }
        Some(Ok(_)) if key.state != "active" => Finding::warn(
            id,
            format!("this is {label} of {}, and by the record it is {}", key.account, key.state),
            "Find out why it is here.",
        ),
        Some(Ok(_)) if !key.changes.is_empty() => Finding::warn(
            id,
            format!("this is {label} of {}; since its enrolment: {}", key.account, key.changes.join("; ")),
            "Find out who changed it.",
        ),
        Some(Ok(_)) => {
            Finding::pass(id, format!("this is {label} of {}: its custody credential signed", key.account))
        }
    }
}

pub(super) fn vendor_diversity(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::VendorDiversity;
    match case.diversity {
        Diversity::NotAsked => Finding::skipped(id, "no account of a custody plan is concerned"),
        Diversity::Clear => Finding::pass(id, "no other account rests on this make"),
        Diversity::Conflict(conflict) => Finding::fail(
            id,
            conflict,
            "Use a key of another vendor, so that one vendor's fault takes out one account only.",
        ),
        Diversity::Overridden { conflict, reason } => Finding::warn(
            id,
            format!("{conflict}; taken on because: {reason}"),
            "Replace it by a key of another vendor when you can.",
        ),
    }
}

pub(super) fn second_client(_: &Case<'_>, _: &Evidence<'_>) -> Finding {
    Finding::skipped(Id::SecondClient, "there is no second client in this version")
}
