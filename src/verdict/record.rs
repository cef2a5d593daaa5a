//! What only a ledger, a custody plan or a second client can answer. Skipped, with the reason, where there is none.

use super::Case;
use super::evidence::Evidence;
use super::finding::{Finding, Id};
use super::identity::{Diversity, Identity};
use crate::second::compare::{Comparison, Difference, compare};
use crate::second::report::End;
use crate::second::{Second, WhyNot};

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
        Diversity::JudgedByAll => Finding::skipped(
            id,
            "the plan's rule is `survivable`: all keys together must keep it, and `glasskey status` judges them",
        ),
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

pub(super) fn second_client(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::SecondClient;
    let trial = match case.second {
        None if !crate::second::in_this_build() => {
            return Finding::skipped(id, WhyNot::NotInBuild.to_string());
        }
        None => return Finding::skipped(id, WhyNot::NotAsked.to_string()),
        Some(Second::Skipped(why @ WhyNot::Fell { .. })) => {
            return Finding::fail(id, why.to_string(), ATTEMPTS);
        }
        Some(Second::Skipped(why)) => return Finding::skipped(id, why.to_string()),
        Some(Second::Unread(why)) => {
            let saw = format!("the PIN attempts could not be read before the second client's trial: {why}");
            return Finding::fail(id, saw, ATTEMPTS);
        }
        Some(Second::Tried(trial)) => trial,
    };
    let Comparison { differences, unfinished } = compare(case.facts, trial);
    let told = differences.iter().map(ToString::to_string).chain(unfinished.iter().map(ToString::to_string));
    let told = told.collect::<Vec<_>>().join("; ");
    let lost = |one: &Difference| matches!(one, Difference::Spent { .. } | Difference::Unread(_));
    match unfinished {
        _ if differences.iter().any(lost) => Finding::fail(id, told, ATTEMPTS),
        _ if !differences.is_empty() => Finding::fail(id, told, DIFFERS),
        // It may be the other client's fault as well as the key's, so it is no failure of the key; but nothing is proven.
        Some(End::NotTouched { .. }) => Finding::warn(id, told, TOUCH),
        Some(_) => Finding::warn(id, told, UNFINISHED),
        None => Finding::pass(
            id,
            "another client reads the same AAGUID, options and attempts, and made and used a credential that verifies",
        ),
    }
}

const ATTEMPTS: &str = "Read them with `glasskey pin status` before anything else is done with this key; if there are fewer, it takes attempts for a PIN that is right.";
const DIFFERS: &str = "Close other programs that use the key and repeat the check; a key that is another to another client is not to be relied on.";
const TOUCH: &str = "Repeat the check and touch the key each time it blinks, four times in all.";
const UNFINISHED: &str = "Close other programs that use the key, plug it in again and repeat the check, and touch it at once; what the second client does not finish is not proven.";
