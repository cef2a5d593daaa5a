//! How large Entra counts a FIDO2 policy to be.

use super::super::model::{AaguidList, Fido2Config};

/// The most that Entra takes of a FIDO2 policy, and what its parts weigh, in bytes, as Microsoft states them. An AAGUID is
/// 36 characters, two quotation marks and a comma.
pub(in crate::policy) const LIMIT: usize = 20_000;
const BASE: usize = 1_440;
const TARGET: usize = 230;
const PROFILE: usize = 400;
pub(in crate::policy) const AAGUID: usize = 39;

/// About how large Entra counts a configuration to be.
pub(in crate::policy) fn of(config: &Fido2Config) -> usize {
    let count = |list: &AaguidList| list.aaguids.len().saturating_add(list.duplicates.len());
    let lists = config.profiles.iter().map(|profile| count(profile.key_restrictions.list()));
    let aaguids = lists.chain([count(config.legacy_restrictions.list())]).fold(0, usize::saturating_add);
    let targets = config.include.iter().chain(&config.exclude).map(Vec::len).fold(0, usize::saturating_add);
    [(TARGET, targets), (PROFILE, config.profiles.len()), (AAGUID, aaguids)]
        .iter()
        .map(|(weight, count)| weight.saturating_mul(*count))
        .fold(BASE, usize::saturating_add)
}
