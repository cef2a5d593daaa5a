//! What the keys of an account amount to.

use super::tally::Tally;
use crate::escape::quote;
use crate::ledger::Inventory;
use crate::ledger::inventory::drill::{Came, DrilledKey, Wrong};
use crate::ledger::payload::{Because, DrillAccount, Verdict};

/// All keys of one account.
pub(super) fn tally(inventory: &Inventory, account: &DrillAccount, keys: &[&DrilledKey]) -> Tally {
    let mut tally = Tally::new();
    if keys.is_empty() {
        let owner = account.custodians.first().map(String::as_str);
        tally.fail("no-key", Some(&account.name), owner, "Enroll a key for it: it has none in custody.");
    }
    for key in keys {
        let keeper = inventory.key(&key.label).and_then(|now| now.custodian.as_deref());
        one(&mut tally, key, keeper.or(account.custodians.first().map(String::as_str)));
    }
    tally
}

fn one(tally: &mut Tally, key: &DrilledKey, owner: Option<&str>) {
    let label = key.label.as_str();
    let about = Some(label);
    match key.tried().map(|tried| &tried.came) {
        None => tally.open("key-not-checked", about, owner, "Check it: in this drill nobody did."),
        Some(Came::Checked { verdict, signed, wrong }) => {
            for found in wrong {
                finding(tally, found, about, owner);
            }
            let unfit = *verdict == Verdict::NotFit;
            if unfit && !wrong.iter().any(|found| found.fails) {
                let what = "Look at what was found (`glasskey inventory show`), mend it, or replace the key.";
                tally.fail("key-not-fit", about, owner, what);
            }
            if !unfit && !signed {
                let what = "Check it again: it did not sign the record, so nothing proves which key it was.";
                tally.fail("key-not-signed", about, owner, what);
            }
        }
        Some(Came::NotChecked { because: Because::Missing, why, .. }) => {
            let what = format!(
                "Find it, or record it as lost (`glasskey inventory lost {} --why REASON`), take its passkey off the account and enroll another: {why}",
                quote(label)
            );
            tally.fail("key-missing", about, owner, what);
        }
        Some(Came::NotChecked { because: Because::PinBlocked, why, .. }) => {
            let what = format!(
                "Erase it and enroll it anew, or replace it, and register it for the account again; find out who tried PINs: {why}"
            );
            tally.fail("key-pin-blocked", about, owner, what);
        }
        Some(Came::NotChecked { because: Because::Misbehaved, why, .. }) => {
            let what = format!("Replace it: a key that fails on the day is none: {why}");
            tally.fail("key-misbehaved", about, owner, what);
        }
        Some(Came::NotChecked { because: Because::LeftOut, why, .. }) => {
            tally.open("key-left-out", about, owner, format!("Check it: it was left out: {why}"));
        }
    }
}

fn finding(tally: &mut Tally, found: &Wrong, about: Option<&str>, owner: Option<&str>) {
    let what = match &found.cure {
        Some(cure) => format!("{cure} ({})", found.saw),
        None => found.saw.clone(),
    };
    if found.fails {
        tally.fail(&found.id, about, owner, what);
    } else {
        tally.action(&found.id, about, owner, what);
    }
}
