//! The keys as the rules look at them: by account, each with its make, worked out once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use super::{AccountState, Case, KeyState, LastDrill, drill, drills};
use crate::catalogue::{Catalogue, Confidence, Model, Relation, Role, Told};
use crate::drill::{Histories, History};
use crate::ledger::inventory::{CounterBack, Key, State};
use crate::ledger::payload::{Change, Verdict};
use crate::plan::{Account, folded};

/// What the rules want to know of a key.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// Its label.
    pub label: &'a str,
    /// For which account.
    pub account: &'a str,
    /// Where it lies.
    pub site: Option<&'a str>,
    /// Who keeps it.
    pub custodian: Option<&'a str>,
    /// Where it stands in its life.
    pub state: State,
    /// Its model.
    pub aaguid: Uuid,
    /// The model's name, as it was known at enrolment.
    pub model: Option<&'a str>,
    /// The model's vendor, as it was known at enrolment.
    pub vendor: Option<&'a str>,
    /// All that was told of its firmware.
    pub firmware: Told,
    /// Whether it is a soft key.
    pub soft: bool,
    /// The relying party of its custody credential.
    pub rp_id: &'a str,
    /// When it was enrolled.
    pub enrolled: Timestamp,
    /// When it was last checked.
    pub last_checked: Option<Timestamp>,
    /// When it was last checked well.
    pub last_good_check: Option<Timestamp>,
    /// When it was last found again after it was lost.
    pub found: Option<Timestamp>,
    /// When it was last checked well in a drill.
    pub last_good_drill: Option<Timestamp>,
    /// What the last check found; not fit until a check finds otherwise that the key signed.
    pub last_verdict: Option<Verdict>,
    /// What was found changed since enrolment.
    pub changes: &'a [Change],
    /// The last signature whose counter did not move up.
    pub counter_back: Option<CounterBack>,
}

impl<'a> From<&'a Key> for Held<'a> {
    fn from(key: &'a Key) -> Self {
        Self {
            label: &key.label,
            account: &key.account,
            site: key.site.as_deref(),
            custodian: key.custodian.as_deref(),
            state: key.state,
            aaguid: key.aaguid,
            model: key.model.as_deref(),
            vendor: key.vendor.as_deref(),
            firmware: key.told,
            soft: key.soft,
            rp_id: &key.custody.rp_id,
            enrolled: key.enrolled.at,
            last_checked: key.last_checked.map(|seen| seen.at),
            last_good_check: key.last_good_check.map(|seen| seen.at),
            found: key.found.map(|seen| seen.at),
            last_good_drill: key.last_good_drill.map(|seen| seen.at),
            last_verdict: key.last_verdict,
            changes: &key.changes,
            counter_back: key.counter_back,
        }
    }
}

/// An account of the plan and its active keys.
pub(super) struct Owner<'f> {
    pub(super) account: &'f Account,
    pub(super) keys: Vec<&'f Held<'f>>,
}

/// The case, sorted.
pub(super) struct Fleet<'f> {
    pub(super) case: &'f Case<'f>,
    /// The active keys, also of accounts that the plan does not have.
    pub(super) active: Vec<&'f Held<'f>>,
    /// The accounts of the plan with their active keys.
    pub(super) owners: Vec<Owner<'f>>,
    /// The active keys of accounts that the plan does not have.
    pub(super) strangers: Vec<&'f Held<'f>>,
    makers: HashMap<(Uuid, Option<&'f str>), Vec<Relation>>,
    places: HashMap<String, usize>,
    histories: Histories<'f>,
}

impl<'f> Fleet<'f> {
    pub(super) fn new(case: &'f Case<'f>) -> Self {
        let active: Vec<_> = case.keys.iter().filter(|key| key.state == State::Active).collect();
        let mut owners: Vec<_> =
            case.plan.accounts.iter().map(|account| Owner { account, keys: Vec::new() }).collect();
        let mut places = HashMap::new();
        for (place, account) in case.plan.accounts.iter().enumerate() {
            places.entry(folded(account.name.as_str())).or_insert(place);
        }
        let mut strangers = Vec::new();
        let mut makers = HashMap::new();
        for key in &active {
            let place = places.get(&folded(key.account)).copied();
            match place.and_then(|place| owners.get_mut(place)) {
                Some(owner) => owner.keys.push(key),
                None => strangers.push(*key),
            }
            makers
                .entry((key.aaguid, key.vendor))
                .or_insert_with(|| makers_of(case.catalogue, key.aaguid, key.vendor));
        }
        let histories = Histories::of(case.inventory.drills());
        Self { case, active, owners, strangers, makers, places, histories }
    }

    /// What the drills made of an account.
    pub(super) fn history(&self, owner: &Owner<'f>) -> History<'f> {
        self.history_of(owner.account.name.as_str())
    }

    /// The same, by the account's name.
    pub(super) fn history_of(&self, account: &str) -> History<'f> {
        self.histories.get(account)
    }

    /// Everybody who makes or sells a key of the fleet, its vendor first; nobody where that isn't known.
    pub(super) fn makers(&self, key: &Held<'f>) -> &[Relation] {
        self.makers.get(&(key.aaguid, key.vendor)).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn model(&self, key: &Held<'_>) -> Option<&'f Model> {
        self.case.catalogue.model(key.aaguid)
    }

    pub(super) fn account_states(&self) -> Vec<AccountState> {
        let mut counts: BTreeMap<(usize, State), usize> = BTreeMap::new();
        for key in &self.case.keys {
            if let Some(place) = self.places.get(&folded(key.account)) {
                let count = counts.entry((*place, key.state)).or_default();
                *count = count.saturating_add(1);
            }
        }
        let count = |place, state| counts.get(&(place, state)).copied().unwrap_or_default();
        let state = |(place, owner): (usize, &Owner<'f>)| {
            let makers: BTreeSet<&str> = owner
                .keys
                .iter()
                .flat_map(|key| self.makers(key).iter().map(|maker| maker.name.as_str()))
                .collect();
            let history = self.history(owner);
            let (drill_due, drill) = drills::due(self, owner).unzip();
            let sites: BTreeSet<&str> = owner.keys.iter().filter_map(|key| key.site).collect();
            AccountState {
                name: owner.account.name.to_string(),
                upn: owner.account.upn.to_string(),
                wanted: *owner.account.keys,
                active: owner.keys.len(),
                retired: count(place, State::Retired),
                lost: count(place, State::Lost),
                reset: count(place, State::Reset),
                makers: makers.into_iter().map(str::to_owned).collect(),
                sites: sites.into_iter().map(str::to_owned).collect(),
                due: owner.keys.iter().map(|key| drill::of_key(self.case, key).0).min(),
                last_drill: history.last.map(|(drill, at, verdict)| LastDrill {
                    drill: drill.number(),
                    at,
                    verdict,
                }),
                last_passed_drill: history.last_passed(),
                drill_due,
                drill,
            }
        };
        self.owners.iter().enumerate().map(state).collect()
    }

    pub(super) fn key_state(&self, key: &Held<'_>) -> KeyState {
        let model = self.model(key);
        let (due, drill) = (key.state == State::Active).then(|| drill::of_key(self.case, key)).unzip();
        KeyState {
            label: key.label.to_owned(),
            account: key.account.to_owned(),
            state: key.state,
            site: key.site.map(str::to_owned),
            custodian: key.custodian.map(str::to_owned),
            aaguid: key.aaguid,
            model: model.map(|model| model.name.clone()).or(key.model.map(str::to_owned)),
            vendor: model.map(|model| model.vendor.clone()).or(key.vendor.map(str::to_owned)),
            soft: key.soft,
            last_good_check: key.last_good_check,
            last_good_drill: key.last_good_drill,
            due,
            drill,
        }
    }
}

/// Who makes and sells a model: what the catalogue says now, else what was known at enrolment.
pub(super) fn makers_of(catalogue: &Catalogue, aaguid: Uuid, vendor: Option<&str>) -> Vec<Relation> {
    let makers = catalogue.makers(aaguid);
    if !makers.is_empty() {
        return makers;
    }
    let remembered = |name: &str| Relation {
        name: name.to_owned(),
        role: Role::Vendor,
        product: None,
        basis: "as recorded at enrolment".to_owned(),
        source: "the ledger".to_owned(),
        confidence: Confidence::Stated,
    };
    vendor.map(remembered).into_iter().collect()
}
