//! The status: each rule kept in a good case, and broken by one bend of it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests"
)]

use glasskey::catalogue::{Catalogue, Told};
use glasskey::ledger::Inventory;
use glasskey::ledger::inventory::{CounterBack, Pending, State};
use glasskey::ledger::payload::{Change, Intent, Verdict};
use glasskey::plan::Plan;
use glasskey::policy::{PolicySet, PolicySource};
use glasskey::status::{Case, Drill, Held, Id, Row, Status, judge};
use glasskey::verdict::finding::Status as Sign;
use jiff::{SignedDuration, Timestamp};
use plan::PLAN;
use record::{Record, days, log, minutes, now, sign_in};
use uuid::{Uuid, uuid};

#[expect(dead_code, reason = "the tests of the ledger use all of it")]
#[path = "ledger/custody.rs"]
mod custody;
#[path = "status/diversity.rs"]
mod diversity;
#[path = "status/drill.rs"]
mod drill;
#[path = "status/drills.rs"]
mod drills;
#[path = "status/failure.rs"]
mod failure;
#[path = "status/many.rs"]
mod many;
#[expect(dead_code, reason = "the policies here are plain lists")]
#[path = "support/plan.rs"]
mod plan;
#[path = "status/policy.rs"]
mod policy;
#[path = "support/record.rs"]
mod record;
#[path = "status/rules.rs"]
mod rules;
#[path = "support/schema.rs"]
mod schema;
#[path = "status/sign_ins.rs"]
mod sign_ins;
#[path = "status/verb.rs"]
mod verb;

/// YubiKey 5 series with NFC, firmware 5.7.
const YUBIKEY: Uuid = uuid!("a25342c0-3cdc-4414-8e46-f4807fca511c");
/// Token2 PIN+.
const TOKEN2: Uuid = uuid!("eabb46cc-e241-80bf-ae9e-96fa6d2975cf");
/// Feitian ePass FIDO2, which Token2 sells as well.
const EPASS: Uuid = uuid!("833b721a-ff5f-4d00-bb2e-bdda3ec01e29");
/// A model that nobody has described.
const NOBODY: Uuid = uuid!("12345678-1234-4234-8234-123456789abc");

fn key(label: &'static str, account: &'static str, aaguid: Uuid, site: &'static str) -> Held<'static> {
    Held {
        label,
        account,
        site: Some(site),
        custodian: None,
        state: State::Active,
        aaguid,
        model: None,
        vendor: None,
        firmware: (aaguid == YUBIKEY).then_some(0x05_07_04).into(),
        soft: false,
        rp_id: "glasskey.invalid",
        enrolled: now() - days(200),
        last_checked: Some(now() - days(10)),
        last_good_check: Some(now() - days(10)),
        found: None,
        last_good_drill: None,
        last_verdict: Some(Verdict::Fit),
        changes: &[],
        counter_back: None,
    }
}

/// Everything that a case borrows.
struct Good {
    plan: String,
    keys: Vec<Held<'static>>,
    inventory: Inventory,
    pending: Vec<Pending>,
    organisation: Option<&'static str>,
    odd: u64,
    policy: Option<PolicySet>,
    now: Timestamp,
}

fn good() -> Good {
    Good {
        plan: PLAN.to_owned(),
        keys: vec![
            Held { custodian: Some("Ana Ader"), ..key("EA-01-A", "EA-01", YUBIKEY, "Berlin") },
            key("EA-01-B", "EA-01", YUBIKEY, "Berlin"),
            Held { custodian: Some("bo berg"), ..key("EA-02-A", "ea-02", TOKEN2, "Bonn") },
            key("EA-02-B", "EA-02", TOKEN2, "bonn"),
        ],
        inventory: drills::passed(days(10)),
        pending: Vec::new(),
        organisation: Some("Contoso"),
        odd: 0,
        policy: Some(lists(&[&[YUBIKEY, TOKEN2], &[TOKEN2, YUBIKEY]])),
        now: now(),
    }
}

/// Plain allow-lists.
fn lists(lists: &[&[Uuid]]) -> PolicySet {
    let source = |(n, list): (usize, &&[Uuid])| {
        let text: String = list.iter().map(|aaguid| format!("{aaguid}\n")).collect();
        PolicySource::parse(&format!("list-{n}.txt"), text.as_bytes()).unwrap()
    };
    let sources: Vec<_> = lists.iter().enumerate().map(source).collect();
    PolicySet::choose(&sources, None).unwrap()
}

impl Good {
    fn bend(mut self, bend: impl FnOnce(&mut Self)) -> Self {
        bend(&mut self);
        self
    }

    fn plan(mut self, from: &str, to: &str) -> Self {
        assert_eq!(self.plan.matches(from).count(), 1, "{from}");
        self.plan = self.plan.replacen(from, to, 1);
        self
    }

    fn status(&self) -> Status {
        let catalogue = Catalogue::builtin().unwrap();
        let plan = Plan::parse("custody.toml", &self.plan).unwrap();
        judge(&Case {
            plan: &plan,
            keys: self.keys.clone(),
            inventory: &self.inventory,
            pending: self.pending.iter().collect(),
            organisation: self.organisation,
            odd: self.odd,
            policy: self.policy.as_ref(),
            catalogue: &catalogue,
            now: self.now,
        })
    }
}

fn rows(status: &Status, id: Id) -> Vec<&Row> {
    status.findings.iter().filter(|row| row.id == id).collect()
}

/// The one row of this rule that isn't a pass.
fn only(status: &Status, id: Id) -> &Row {
    let all: Vec<_> = rows(status, id).into_iter().filter(|row| row.status != Sign::Pass).collect();
    assert_eq!(all.len(), 1, "{all:#?}");
    all[0]
}

/// No other rule is touched. Which chips are in the keys of the good case nobody tells.
fn all_else_passes(status: &Status, ids: &[Id]) {
    let chips = |row: &Row| row.id == Id::SingleFailure && row.status == Sign::Skipped;
    let strange = |row: &&Row| row.status != Sign::Pass && !chips(row) && !ids.contains(&row.id);
    let strange: Vec<_> = status.findings.iter().filter(strange).collect();
    assert!(strange.is_empty(), "{strange:#?}");
}

#[test]
fn a_good_case_breaks_no_rule() {
    let status = good().status();
    all_else_passes(&status, &[]);
    assert!(status.well);
    let told: Vec<Id> = status.findings.iter().map(|row| row.id).collect();
    let mut order = told.clone();
    order.sort_unstable();
    order.dedup();
    assert_eq!(order, Id::ALL, "every rule is told");
    assert!(told.is_sorted(), "in the order of the ids");
}

#[test]
fn accounts_and_keys_are_told() {
    let status = good()
        .bend(|good| {
            good.keys.push(Held { state: State::Lost, ..key("EA-01-X", "ea-01", EPASS, "Berlin") });
            good.keys.push(Held { state: State::Retired, ..key("EA-01-Y", "EA-01", YUBIKEY, "Berlin") });
        })
        .status();
    all_else_passes(&status, &[]);
    let account = &status.accounts[0];
    assert_eq!(
        (account.wanted, account.active, account.lost, account.retired, account.reset),
        (2, 2, 1, 1, 0)
    );
    assert_eq!(
        (account.makers.as_slice(), account.sites.as_slice()),
        (&["Yubico".to_owned()][..], &["Berlin".to_owned()][..])
    );
    assert_eq!(account.due, Some(now() + days(80)));
    assert_eq!(status.keys.len(), 6);
    assert_eq!(
        (status.keys[0].drill, status.keys[4].drill, status.keys[4].due),
        (Some(Drill::Good), None, None)
    );
    assert_eq!(status.keys[0].vendor.as_deref(), Some("Yubico"));
}
