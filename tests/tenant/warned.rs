//! What is to be looked at: exactly that finding warns, and the tenant stays as it should be.

use serde_json::{Value, json};

use super::*;

const RULES: &str = "alert-rules.json";
const FIRST: &str = "/value/0/properties";

/// What is doubtful, the tenant, and the finding that warns.
fn cases() -> Vec<(&'static str, Tenant, Id)> {
    let rule = |inside: &str, value: Value| good().with(RULES, &format!("{FIRST}{inside}"), value);
    let query = |query: &str| rule("/criteria/allOf/0/query", json!(query));
    let ids = "'1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f', '2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10'";
    let group =
        json!({ "@odata.type": "#microsoft.graph.group", "id": "5e1a8c0e-7f43-4e0e-9d0b-0d7a2f6c1b11" });
    let mut in_unit = good().files["unit.json"]["members"].clone();
    in_unit.as_array_mut().unwrap().push(group);
    let dimension = json!([{ "name": "AppId", "operator": "Include", "values": ["x"] }]);
    let webhook = json!({ "enabled": true, "webhookReceivers": [{ "name": "x", "serviceUri": "https://call.example" }] });
    vec![
        (
            "a group holds the role",
            good().with(
                "role-assignments.json",
                "/value/2/principal/@odata.type",
                json!("#microsoft.graph.group"),
            ),
            Id::FewAdministrators,
        ),
        ("the group is in the unit, too", good().with("unit.json", "/members", in_unit), Id::UnitMembers),
        (
            "sign-ins by token are not logged",
            good().with("diagnostic-settings.json", "/value/0/properties/logs/2/enabled", json!(false)),
            Id::LogsKept,
        ),
        (
            "only sign-ins that succeed",
            query(&format!("SigninLogs | where UserId in ({ids}) and ResultType == 0")),
            Id::AlertSignIns,
        ),
        (
            "ids in capitals",
            query(&format!("SigninLogs | where UserId in ({})", ids.to_uppercase())),
            Id::AlertSignIns,
        ),
        (
            "a list that nothing looks for",
            query(&format!("let all = dynamic([{ids}]);\nSigninLogs | where UserId == 'x'")),
            Id::AlertSignIns,
        ),
        (
            "what the accounts do, and not what is done to them",
            good().with(
                RULES,
                "/value/1/properties/criteria/allOf/0/query",
                json!(format!("AuditLogs | where tostring(InitiatedBy.user.id) in ({ids})")),
            ),
            Id::AlertAudit,
        ),
        ("one application's sign-ins", rule("/criteria/allOf/0/dimensions", dimension), Id::AlertSignIns),
        ("muted", good().plus(RULES, FIRST, "muteActionsDuration", json!("PT1H")), Id::AlertThreshold),
        ("no time for logs that come late", rule("/windowSize", json!("PT15M")), Id::AlertInTime),
        (
            "calls a machine elsewhere",
            good().with("action-groups.json", FIRST, webhook),
            Id::ActionGroupOutside,
        ),
    ]
}

#[test]
fn one_doubt_makes_exactly_one_finding_warn() {
    for (what, tenant, wanted) in cases() {
        let checked = tenant.check();
        assert_eq!(bad(&checked), [(wanted, Status::Warn)], "{what}");
        assert_eq!(checked.well, Some(true), "{what}");
        let row = checked.findings.iter().find(|finding| finding.row.status == Status::Warn).unwrap();
        assert!(row.row.cure.is_some(), "{what} has no cure");
    }
}

#[test]
fn what_takes_nothing_away_is_no_doubt() {
    let all = json!([{ "name": "AppId", "operator": "Include", "values": ["*"] }]);
    let rule = |inside: &str, value: Value| good().with(RULES, &format!("{FIRST}{inside}"), value);
    for tenant in [
        rule("/criteria/allOf/0/dimensions", all),
        rule("/windowSize", json!("PT16M")),
        good().plus(RULES, FIRST, "muteActionsDuration", json!("PT0S")),
        good().plus(RULES, FIRST, "muteActionsDuration", json!(null)),
    ] {
        assert_eq!(bad(&tenant.check()), []);
    }
}
