//! What only a ledger, a custody plan or a second client can answer. Skipped, with the reason, where there is none.

use super::Case;
use super::evidence::Evidence;
use super::finding::{Finding, Id};

pub(super) fn same_key(_: &Case<'_>, _: &Evidence<'_>) -> Finding {
    Finding::skipped(Id::SameKey, "there is no ledger of enrolled keys in this version")
}

pub(super) fn vendor_diversity(_: &Case<'_>, _: &Evidence<'_>) -> Finding {
    Finding::skipped(Id::VendorDiversity, "there is no custody plan in this version")
}

pub(super) fn second_client(_: &Case<'_>, _: &Evidence<'_>) -> Finding {
    Finding::skipped(Id::SecondClient, "there is no second client in this version")
}
