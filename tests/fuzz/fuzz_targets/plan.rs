#![no_main]
//! Custody plans: read or refused with a line and a cure, and whatever a plan may say, review and screen bear it.

use std::path::Path;
use std::sync::LazyLock;

use glasskey::catalogue::Catalogue;
use glasskey::ledger::Inventory;
use glasskey::plan::{Plan, PlanError, Remark, Upn, Weight};
use glasskey::status::status;
use glasskey::term::show;
use glasskey_fuzz::{assert_harmless, assert_harmless_screen};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the compiled-in files are sound"));

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    match Plan::parse("folder/custody.toml", &text) {
        Ok(plan) => check(&plan, &text),
        Err(error) => refused(&error, &text),
    }
});

fn refused(error: &PlanError, text: &str) {
    assert_harmless(&error.to_string());
    assert_harmless(&error.hint());
    assert!(!error.hint().is_empty());
    assert_harmless_screen(&show::failed("plan", &error.to_string(), Some(&error.hint())));
    let PlanError::Invalid { line, column, .. } = error else { panic!("{error}: a text is read or invalid") };
    assert!(stands(*line, text), "line {line}");
    let longest = text.split('\n').map(|line| line.chars().count()).max().unwrap_or_default();
    assert!((1..=longest + 1).contains(column), "column {column}");
}

/// Whether there is such a line.
fn stands(line: usize, text: &str) -> bool {
    (1..=text.split('\n').count()).contains(&line)
}

fn check(plan: &Plan, text: &str) {
    assert_eq!(Plan::parse("folder/custody.toml", text).ok().as_ref(), Some(plan));
    let mut remarks = plan.review();
    remarks.extend(plan.review_vendors(&CATALOGUE));
    remarks.iter().for_each(|remark| told(remark, text));
    assert!(plan.custody().id().as_str().ends_with(".invalid"), "a site could use the custody credentials");
    let rules = &plan.rules;
    assert!((1..=7).contains(&*rules.pin_retries_floor) && (4..=63).contains(&*rules.min_pin_length));
    assert!((1..=366).contains(&plan.drill_interval().as_hours().div_euclid(24)));
    for account in &plan.accounts {
        assert!((1..=100).contains(&*account.keys));
        assert_eq!(Upn::new(account.upn.as_str()).as_ref(), Ok(&account.upn.value));
        assert!(
            plan.account(account.name.as_str()).is_some_and(|found| found.name.is(account.name.as_str()))
        );
    }
    let sound = remarks.iter().all(|remark| remark.status != Weight::Fail);
    assert!(!sound || !plan.accounts.is_empty(), "a plan for nobody is sound");
    for file in plan.policy_files().iter().chain(&plan.catalogue_folders()) {
        assert!(file.is_absolute() || file.starts_with(Path::new("folder")));
    }
    assert_harmless_screen(&show::plan(plan, &remarks));
    // No key is enrolled, so the rules of a plan that wants keys are broken.
    let now = Timestamp::from_second(1_790_000_000).expect("a time");
    let status = status(plan, &Inventory::default(), None, &CATALOGUE, now);
    assert!(!status.well || plan.accounts.is_empty());
    assert_harmless_screen(&show::status(plan, &status));
    serde_json::to_value((&plan.accounts, &plan.sites, &plan.rules, &plan.labels, &remarks))
        .expect("a plan can be written");
}

fn told(remark: &Remark, text: &str) {
    assert!(remark.line == 0 || stands(remark.line, text), "{remark:?}");
    assert!(!remark.cure.is_empty());
}
