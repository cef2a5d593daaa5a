//! What only a ledger, a custody plan or a second client can answer. Skipped, with the reason, where there is none.

use super::Case;
use super::evidence::Evidence;
use super::finding::{Finding, Id};
use crate::second::Second;
use crate::second::compare::{Comparison, Difference, compare};
use crate::second::report::End;

pub(super) fn same_key(_: &Case<'_>, _: &Evidence<'_>) -> Finding {
    Finding::skipped(Id::SameKey, "there is no ledger of enrolled keys in this version")
}

pub(super) fn stray_credentials(_: &Case<'_>, _: &Evidence<'_>) -> Finding {
    Finding::skipped(Id::StrayCredentials, "the credentials on the key are not listed in this version")
}

pub(super) fn entra_credential(_: &Case<'_>, _: &Evidence<'_>) -> Finding {
    Finding::skipped(Id::EntraCredential, "the credentials on the key are not listed in this version")
}

pub(super) fn vendor_diversity(_: &Case<'_>, _: &Evidence<'_>) -> Finding {
    Finding::skipped(Id::VendorDiversity, "there is no custody plan in this version")
}

pub(super) fn second_client(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::SecondClient;
    let trial = match case.second {
        Second::Skipped(why) => return Finding::skipped(id, why.to_string()),
        Second::Tried(trial) => trial,
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

const ATTEMPTS: &str = "Read them with `glasskey pin status` before anything else is done with this key: it takes attempts for a PIN that is right.";
const DIFFERS: &str = "Close other programs that use the key and repeat the check; a key that is another to another client is not to be relied on.";
const TOUCH: &str = "Repeat the check and touch the key each time it blinks, four times in all.";
const UNFINISHED: &str = "Close other programs that use the key, plug it in again and repeat the check, and touch it at once; what the second client does not finish is not proven.";
