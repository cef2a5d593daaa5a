//! What `entra emit` makes, applied to the good tenant: the check passes all of it.

use glasskey::entra::emit::{What, make};
use serde_json::{Value, json};

use super::*;

const WORKSPACE: &str = "/subscriptions/0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f/resourceGroups/rg-log/providers/Microsoft.OperationalInsights/workspaces/law-1";
const ACTION_GROUP: &str = "/subscriptions/0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f/resourceGroups/rg-log/providers/Microsoft.Insights/actionGroups/ag-break-glass";

/// The one body that is made, from a plan with these lines after its own.
fn body(plan: &str, what: What) -> Value {
    let plan = Plan::parse("custody.toml", plan).unwrap();
    make(&plan, what, Some(STRENGTH)).unwrap()[0].body().unwrap().clone()
}

fn whole() -> String {
    format!("{PLAN}workspace = \"{WORKSPACE}\"\naction_group = \"{ACTION_GROUP}\"\n")
}

/// A template as it comes back from Azure: nobody knows any more who made it.
fn template(what: What) -> Value {
    let mut template = body(&whole(), what);
    template.as_object_mut().unwrap().remove("metadata").unwrap();
    template
}

#[test]
fn rules_and_bodies_pass_the_check() {
    let mut tenant = good().without("alert-rules.json");
    tenant.files.insert("template.json".into(), template(What::AlertRule));
    let mut policy = body(&whole(), What::CaPolicies);
    policy["state"] = json!("enabled");
    let mut tenant = tenant.with("conditional-access.json", "/value/0", policy);
    // Before there is a group, a unit or a strength, the plan has no ids for them.
    let plan = PLAN.split("[entra]").next().unwrap();
    for (what, file, place) in [
        (What::Group, "group.json", ""),
        (What::Rmau, "unit.json", ""),
        (What::Strength, "strengths.json", "/value/1"),
    ] {
        let there = tenant.files.get_mut(file).unwrap().pointer_mut(place).unwrap();
        for (member, value) in body(plan, what).as_object().unwrap() {
            there[member] = value.clone();
        }
    }
    let checked = tenant.check();
    assert_eq!(bad(&checked), []);
    assert_eq!(checked.well, Some(true));
}

#[test]
fn the_policy_as_it_is_made_only_reports() {
    let tenant = good().with("conditional-access.json", "/value/0", body(&whole(), What::CaPolicies));
    assert_eq!(bad(&tenant.check()), [(Id::PolicyDedicated, Status::Fail)]);
}

#[test]
fn of_sentinels_rules_only_whom_they_call_is_open() {
    let mut rules = template(What::SentinelRule)["resources"].clone();
    for (number, rule) in rules.as_array_mut().unwrap().iter_mut().enumerate() {
        rule["id"] = json!(format!("{WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules/{number}"));
        rule["name"] = json!(number.to_string());
    }
    let tenant = good().with("alert-rules.json", "/value", rules);
    let warn = (Id::ActionGroup, Status::Warn);
    let wanted = [warn, warn, (Id::ActionGroupOutside, Status::Skipped)];
    assert_eq!(bad(&tenant.check()), wanted);
    let quiet =
        tenant.with("alert-rules.json", "/value/0/properties/suppressionEnabled", json!(true)).check();
    assert!(bad(&quiet).contains(&(Id::AlertThreshold, Status::Warn)), "{:?}", bad(&quiet));
}
