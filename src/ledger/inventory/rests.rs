//! Which signatures the inventory rests on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::drill::DrilledKey;
use super::{Inventory, fold};
use crate::ledger::payload::DrillVerdict;
use crate::ledger::receipt::Signer;

impl Inventory {
    /// The events whose receipts are counted on, each with who may have signed it: of every key its last good check, in a
    /// drill and apart from one, else its enrolment; and every good check in a drill that goes on, or by which an account
    /// passed last.
    #[must_use]
    pub fn rests_on(&self) -> BTreeMap<u64, Arc<Signer>> {
        let of_keys = self.keys.iter().flat_map(|key| {
            let good = [key.last_good_check.or(Some(key.enrolled)), key.last_good_drill];
            good.into_iter().flatten().map(|seen| (seen.seq, Arc::clone(&key.signer)))
        });
        let tried = |key: &DrilledKey| {
            let good = key.tried().filter(|tried| tried.came.good())?;
            let signer = self.keys.iter().find(|one| one.enrolled.seq == key.enrolled)?;
            Some((good.seen.seq, Arc::clone(&signer.signer)))
        };
        of_keys.chain(self.counted_drills().filter_map(tried)).collect()
    }

    /// The keys of the drill that goes on, and of the last drill that each account passed.
    fn counted_drills(&self) -> impl Iterator<Item = &DrilledKey> {
        let mut passed = BTreeSet::new();
        let mut keys = Vec::new();
        for drill in self.drills.iter().rev() {
            let Some(ended) = &drill.ended else {
                keys.extend(&drill.keys);
                continue;
            };
            let of = ended.how.accounts.iter().filter(|one| one.verdict == DrillVerdict::Passed);
            let new: Vec<String> =
                of.map(|one| fold(&one.account)).filter(|name| !passed.contains(name)).collect();
            keys.extend(drill.keys.iter().filter(|key| new.contains(&fold(&key.account))));
            passed.extend(new);
        }
        keys.into_iter()
    }
}
