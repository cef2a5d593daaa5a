//! What only a ledger, a custody plan or a second client can answer. Skipped, with the reason, where there is none.

use super::Case;
use super::evidence::{Evidence, unanswered};
use super::finding::{Finding, Id};
use super::identity::{Diversity, Enrolled, Identity};
use crate::escape::quote;
use crate::facts::Step;
use crate::second::compare::{Comparison, Difference, compare};
use crate::second::report::End;
use crate::second::{Second, WhyNot};

const SWAPPED: &str =
    "Look at the bag and its seal. A key that was reset must be enrolled again; a swapped one is a theft.";

const COPY: &str =
    "Find out which one is the copy. Rely on neither: retire the label, and enroll another key.";

pub(super) fn same_key(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::SameKey;
    match case.identity {
        Identity::NoLedger => Finding::skipped(id, "there is no ledger of enrolled keys"),
        Identity::NoLedgerFor { account } => Finding::warn(
            id,
            format!("there is no ledger that could tell whether it is a key of {account}"),
            "Name the ledger with `--ledger`.",
        ),
        Identity::Unreadable { why } => Finding::warn(
            id,
            format!("nobody can tell whether it is an enrolled key: {why}"),
            "Bring the ledger back from a copy, and check the key again.",
        ),
        Identity::CannotTell => Finding::warn(
            id,
            "the key does not tell without a PIN whether it is an enrolled one",
            "Name the key by its label with `--key`: then it is asked to sign as that one.",
        ),
        Identity::New => Finding::skipped(id, "this key is not enrolled"),
        Identity::Stranger { like: [] } => Finding::warn(
            id,
            "this key is none of the enrolled ones, nor of their models",
            "Enroll it before anybody counts on it. If it lay in the bag of an enrolled key, find that key.",
        ),
        Identity::Stranger { like } => Finding::warn(
            id,
            format!("this key is none of the enrolled ones; of the same model are: {}", like.join(", ")),
            "If it should be one of them, it was reset since, or swapped for another.",
        ),
        Identity::NotAsNamed { label, is: None } => Finding::fail(
            id,
            format!("this is not the key {label}: it was reset since its enrolment, or it is another key"),
            SWAPPED,
        ),
        Identity::NotAsNamed { label, is: Some(is) } => Finding::fail(
            id,
            format!("{label} was named; this is {is}"),
            "Put each key into its own bag, and look for the one that was named.",
        ),
        Identity::NotOfAccount { account, is: None } => Finding::fail(
            id,
            format!("this is no key of {account}: it is none of the enrolled ones"),
            format!(
                "Enroll it: `glasskey enroll --account {}`. If it should be enrolled, it was reset since, or swapped.",
                quote(account)
            ),
        ),
        Identity::NotOfAccount { account, is: Some(is) } => Finding::fail(
            id,
            format!("a key of {account} was named; this is {is}"),
            "Take a key of the account.",
        ),
        Identity::Enrolled(key) => enrolled(case, evidence, key),
    }
}

/// A key that says it is an enrolled one, or was named as one: its signature decides.
fn enrolled(case: &Case<'_>, evidence: &Evidence<'_>, key: &Enrolled) -> Finding {
    let id = Id::SameKey;
    let Enrolled { label, account, .. } = key;
    if let Some(other) = &key.twin {
        return Finding::fail(id, format!("{other} answers as {label}, too: one of the two is a copy"), COPY);
    }
    match &evidence.assertion {
        None if key.answered => {
            Finding::skipped(id, format!("it answers to {label}, but nothing was signed to prove it"))
        }
        None => match &case.facts.assertion {
            Step::Refused(refusal) => Finding::fail(
                id,
                format!(
                    "it does not sign as {label} ({refusal}): it was reset since its enrolment, or it is another key"
                ),
                SWAPPED,
            ),
            step => Finding::warn(
                id,
                format!(
                    "it does not tell whether it is {label}, and nothing was signed to prove it: {}",
                    unanswered(step)
                ),
                "Repeat the check with PIN and touch.",
            ),
        },
        Some(Err(error)) => {
            Finding::fail(id, format!("it answers to {label}, and does not prove it: {error}"), SWAPPED)
        }
        Some(Ok(_)) if key.state != "active" => Finding::warn(
            id,
            format!("this is {label} of {account}, and by the record it is {}", key.state),
            format!(
                "Find out why it is here. One that was lost: `glasskey inventory found {} --why REASON`.",
                quote(label)
            ),
        ),
        Some(Ok(_)) if !key.changes.is_empty() => Finding::warn(
            id,
            format!("this is {label} of {account}; since its enrolment: {}", key.changes.join("; ")),
            "Find out who changed it.",
        ),
        Some(Ok(_)) => {
            Finding::pass(id, format!("this is {label} of {account}: its custody credential signed"))
        }
    }
}

pub(super) fn vendor_diversity(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::VendorDiversity;
    match case.diversity {
        Diversity::NoPlan => Finding::skipped(id, "there is no custody plan here"),
        Diversity::NotAsked => Finding::skipped(id, "no account of a custody plan is concerned"),
        Diversity::Unknown => Finding::skipped(id, "nobody knows who makes keys of this model"),
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
