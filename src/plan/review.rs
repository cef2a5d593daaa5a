//! What is unwise in a plan, contradicts another part of it, or was left to be filled in.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::name::folded;
use super::question::built_in;
use super::template::{ORGANISATION, PERSON, TENANT};
use super::{Account, At, Diversity, Plan, Rules};
use crate::catalogue::{Catalogue, Relation};

/// From how many minutes on an alert is slow, whatever the organisation says.
const SLOW_ALERT: u32 = 60;

/// How much a remark matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// The plan can be kept as it stands, and is unwise.
    Warn,
    /// The plan cannot be kept as it stands.
    Fail,
}

/// Something to tell about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Which check, in kebab case.
    pub id: &'static str,
    /// How much it matters.
    pub status: Weight,
    /// The line, from 1; 0 where it is about what is not there.
    pub line: usize,
    /// What was seen.
    pub what: String,
    /// What to do about it.
    pub cure: String,
}

impl Remark {
    /// It cannot stay.
    pub fn fail(id: &'static str, line: usize, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { id, status: Weight::Fail, line, what: what.into(), cure: cure.into() }
    }

    /// It is unwise.
    pub fn warn(id: &'static str, line: usize, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { id, status: Weight::Warn, line, what: what.into(), cure: cure.into() }
    }
}

pub(super) fn review(plan: &Plan) -> Vec<Remark> {
    let mut found = Vec::new();
    placeholders(plan, &mut found);
    doubles(plan, &mut found);
    references(plan, &mut found);
    accounts(plan, &mut found);
    sites(plan, &mut found);
    makes(plan, &mut found);
    policies(plan, &mut found);
    rules(plan, &mut found);
    drills(plan, &mut found);
    found.sort_by_key(|remark| (remark.line, std::cmp::Reverse(remark.status)));
    found
}

/// What the template left to be filled in.
fn placeholders(plan: &Plan, found: &mut Vec<Remark>) {
    let mut left = |line: usize, what: String, cure: &str| {
        found.push(Remark::fail("placeholder", line, format!("{what} is still the template's"), cure));
    };
    if plan.organisation.as_str() == ORGANISATION {
        left(plan.organisation.line, "the organisation's name".to_owned(), "write your organisation's name");
    }
    for account in &plan.accounts {
        let name = &account.name;
        if account.upn.domain() == TENANT {
            left(
                account.upn.line,
                format!("the UPN of {name}"),
                "write the account's UPN, as Entra shows it",
            );
        }
        if account.object_id.uuid().is_nil() {
            let cure = "copy the object id from the account's page in Entra";
            left(account.object_id.line, format!("the object id of {name}"), cure);
        }
    }
    for custodian in plan.custodians.iter().filter(|custodian| custodian.name.as_str().contains(PERSON)) {
        left(custodian.name.line, format!("the custodian '{}'", custodian.name), "write a person's name");
    }
}

/// Names that stand twice.
fn doubles(plan: &Plan, found: &mut Vec<Remark>) {
    let accounts = || plan.accounts.iter();
    let name = |at: &At<super::AccountName>| (folded(at.as_str()), at.to_string(), at.line);
    let upn = |at: &At<super::Upn>| (folded(at.as_str()), at.to_string(), at.line);
    let id = |at: &At<super::ObjectId>| (at.to_string(), at.to_string(), at.line);
    twice("duplicate-account", "account", accounts().map(|account| name(&account.name)), found);
    twice("duplicate-upn", "UPN", accounts().map(|account| upn(&account.upn)), found);
    let filled = accounts().filter(|account| !account.object_id.uuid().is_nil());
    twice("duplicate-object-id", "object id", filled.map(|account| id(&account.object_id)), found);
    let sites = plan.sites.iter().map(|site| &site.name);
    twice("duplicate-site", "site", sites.map(|at| (folded(at.as_str()), at.to_string(), at.line)), found);
    let people = plan.custodians.iter().map(|custodian| &custodian.name);
    let people = people.map(|at| (folded(at.as_str()), at.to_string(), at.line));
    twice("duplicate-custodian", "custodian", people, found);
}

fn twice(
    id: &'static str,
    what: &str,
    names: impl Iterator<Item = (String, String, usize)>,
    found: &mut Vec<Remark>,
) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (key, shown, line) in names {
        match first.get(&key) {
            None => drop(first.insert(key, line)),
            Some(earlier) => {
                let what = format!(
                    "the {what} '{shown}' stands in line {earlier} already (small and capital letters alike)"
                );
                found.push(Remark::fail(id, line, what, "rename one of the two, or remove it"));
            }
        }
    }
}

/// Names that lead nowhere.
fn references(plan: &Plan, found: &mut Vec<Remark>) {
    for account in &plan.accounts {
        let name = &account.name;
        for site in account.sites.iter().filter(|site| plan.site(site.as_str()).is_none()) {
            let what = format!("{name} names the site '{site}', which the plan does not have");
            let cure = "correct its spelling, or add a [[site]] of that name";
            found.push(Remark::fail("unknown-site", site.line, what, cure));
        }
        for person in account.custodians.iter().filter(|person| plan.custodian(person.as_str()).is_none()) {
            let what = format!("{name} names the custodian '{person}', whom the plan does not have");
            let cure = "correct the spelling, or add a [[custodian]] of that name";
            found.push(Remark::fail("unknown-custodian", person.line, what, cure));
        }
    }
}

fn accounts(plan: &Plan, found: &mut Vec<Remark>) {
    match plan.accounts.as_slice() {
        [] => found.push(Remark::fail(
            "no-accounts",
            0,
            "the plan has no account",
            "add an [[account]] for each emergency access account, two at least",
        )),
        [only] => found.push(Remark::warn(
            "one-account",
            only.name.line,
            format!("{} is the only account", only.name),
            "add a second one: Microsoft says two or more, so that one fault leaves another way in",
        )),
        _ => {}
    }
    for account in plan.accounts.iter().filter(|account| !account.upn.is_cloud_domain()) {
        let what = format!("{} is not in a domain under onmicrosoft.com", account.upn);
        let cure = "use the tenant's own *.onmicrosoft.com domain: a federated or lapsed domain must not lock the account out";
        found.push(Remark::warn("upn-domain", account.upn.line, what, cure));
    }
    if plan.custodians.is_empty() {
        let what = "the plan names no custodian";
        found.push(Remark::warn(
            "no-custodians",
            0,
            what,
            "add a [[custodian]] for everybody who keeps keys",
        ));
    }
}

/// Two accounts in one place fall to one fire.
fn sites(plan: &Plan, found: &mut Vec<Remark>) {
    if plan.sites.is_empty() {
        let what = "the plan names no site";
        let cure = "add a [[site]] for each place where keys lie: separate, secure and fireproof";
        return found.push(Remark::warn("no-sites", 0, what, cure));
    }
    let mut first: BTreeMap<String, &Account> = BTreeMap::new();
    for account in &plan.accounts {
        for site in &account.sites {
            match first.get(&folded(site.as_str())) {
                None => drop(first.insert(folded(site.as_str()), account)),
                Some(other) if std::ptr::eq(*other, account) => {
                    let what = format!("{} names the site '{site}' twice", account.name);
                    found.push(Remark::warn("site-twice", site.line, what, "remove one of the two"));
                }
                Some(other) => {
                    let what = format!("{} and {} are both at the site '{site}'", other.name, account.name);
                    let cure = "keep the accounts' keys in different places: one fire or one locked door must not take both";
                    found.push(Remark::warn("shared-site", site.line, what, cure));
                }
            }
        }
    }
}

/// Lists of vendors under which the rule of diversity cannot be kept.
fn makes(plan: &Plan, found: &mut Vec<Remark>) {
    let only = |account: &Account| {
        let vendors: BTreeSet<String> =
            account.vendors.iter().map(|vendor| folded(vendor.as_str())).collect();
        (vendors.len() == 1).then(|| vendors.into_iter().next()).flatten()
    };
    let mut first: BTreeMap<String, Vec<&Account>> = BTreeMap::new();
    for account in &plan.accounts {
        let Some(vendor) = only(account) else { continue };
        let holders = first.entry(vendor).or_default();
        holders.push(account);
        let [one, .., _] = holders.as_slice() else { continue };
        let broken = match *plan.rules.diversity {
            Diversity::Disjoint => true,
            Diversity::Survivable => holders.len() == plan.accounts.len(),
        };
        if broken {
            let line = account.vendors.first().map_or(account.name.line, |vendor| vendor.line);
            let what = format!(
                "{} and {} may both hold keys of one vendor alone, the same one, and the rule is `{}`",
                one.name,
                account.name,
                plan.rules.diversity.word()
            );
            let cure = "let one of the accounts hold keys of another vendor";
            found.push(Remark::fail("same-vendor", line, what, cure));
        }
    }
}

fn policies(plan: &Plan, found: &mut Vec<Remark>) {
    let policy = &plan.policy;
    if policy.passkey_profile.is_none() {
        let cure = "export the FIDO2 configuration from Microsoft Graph and name the file under [policy] as `passkey_profile`";
        let what = "no passkey profile is named: it cannot be told whether the tenant still allows the keys";
        found.push(Remark::warn("no-passkey-profile", 0, what, cure));
    }
    if policy.authentication_strength.is_none() {
        let cure = "export the authentication strength from Microsoft Graph and name the file under [policy] as `authentication_strength`";
        let what = "no authentication strength is named: it cannot be told whether it lets the keys sign in";
        found.push(Remark::warn("no-auth-strength", 0, what, cure));
    }
    if let Some(profile) = policy.profile.as_ref().filter(|_| policy.passkey_profile.is_none()) {
        let what = format!("the profile '{profile}' is named, and no file to find it in");
        let cure = "name the file as `passkey_profile`, or remove the line";
        found.push(Remark::fail("profile-without-file", profile.line, what, cure));
    }
    match (&policy.passkey_profile, &policy.authentication_strength) {
        (Some(profile), Some(strength)) if profile == strength => {
            let what = "the same file is named as passkey profile and as authentication strength";
            let cure = "name the two exports: each allows models, and they must agree";
            found.push(Remark::fail("same-policy-file", strength.line, what, cure));
        }
        _ => {}
    }
}

fn rules(plan: &Plan, found: &mut Vec<Remark>) {
    let rules = &plan.rules;
    let mut warn = |id, at: &At<u32>, what: String, cure: &str| {
        found.push(Remark::warn(id, at.line, what, cure));
    };
    let days = &rules.drill_interval_days;
    if days.value > Rules::DRILL_INTERVAL_DAYS {
        let what = format!("the drill interval is {days} days");
        warn("drill-interval", days, what, "choose 90 or less: Microsoft says at least every 90 days");
    }
    let floor = &rules.pin_retries_floor;
    if floor.value < Rules::PIN_RETRIES_FLOOR {
        let what = format!("the PIN attempts may be spent down to {floor}");
        warn(
            "pin-retries-floor",
            floor,
            what,
            "choose 3 or more: after the last one the key can only be erased",
        );
    }
    let length = &rules.min_pin_length;
    if length.value < Rules::MIN_PIN_LENGTH {
        let what = format!("a PIN may have {length} characters");
        warn("min-pin-length", length, what, "choose 6 or more");
    }
    for account in plan.accounts.iter().filter(|account| *account.keys == 1) {
        let line = if account.keys.line == 0 { rules.keys_per_account.line } else { account.keys.line };
        let what = format!("{} is to have one key", account.name);
        let cure = "two are better: one may be lost, locked or broken on the day";
        found.push(Remark::warn("one-key", line, what, cure));
    }
}

/// A drill that asks less than Microsoft's guidance does.
fn drills(plan: &Plan, found: &mut Vec<Remark>) {
    let cure = "ask it, and require a yes: Microsoft's guidance on emergency access accounts does";
    for id in &plan.drill.left_out {
        let what = format!("drills do not ask '{id}'");
        found.push(Remark::warn("question-left-out", id.line, what, cure));
    }
    let usual = built_in();
    let needed = |id: &str| usual.iter().any(|usual| usual.id.value == id && usual.required);
    for question in plan.drill.questions.iter().filter(|one| !one.required && needed(&one.id)) {
        let what = format!("a drill is passed whatever the answer to '{}'", question.id);
        found.push(Remark::warn("question-not-required", question.id.line, what, cure));
    }
    let limit = &plan.drill.alert_limit_minutes;
    if limit.value > SLOW_ALERT {
        let what = format!("an alert may take {limit} minutes");
        let cure = "choose 60 or less: until it fires, nobody knows that somebody is in";
        found.push(Remark::warn("alert-limit", limit.line, what, cure));
    }
}

/// Vendors that no key can be of.
pub(super) fn vendors(plan: &Plan, catalogue: &Catalogue) -> Vec<Remark> {
    let related = |relations: &[Relation]| relations.iter().map(|one| folded(&one.name)).collect::<Vec<_>>();
    let mut known: BTreeSet<String> = catalogue.vendors().map(|vendor| folded(&vendor.name)).collect();
    known.extend(catalogue.vendors().flat_map(|vendor| related(&vendor.related)));
    known.extend(catalogue.models().flat_map(|model| related(&model.related)));
    let named =
        plan.accounts.iter().flat_map(|account| account.vendors.iter().map(move |vendor| (account, vendor)));
    let strange = named.filter(|(_, vendor)| !known.contains(&folded(vendor.as_str())));
    let remark = |(account, vendor): (&Account, &At<super::VendorName>)| {
        let what = format!("{} allows keys of '{vendor}', whom the catalogue does not know", account.name);
        let cure = "correct its spelling: `glasskey catalogue list` shows the names";
        Remark::fail("unknown-vendor", vendor.line, what, cure)
    };
    strange.map(remark).collect()
}
