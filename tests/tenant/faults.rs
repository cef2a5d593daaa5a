//! One fault each: exactly that finding fails.

use serde_json::{Value, json};

use super::*;

type Case = (&'static str, &'static str, &'static str, Value, Id);

const ACCOUNT: &str = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f";
const GROUP: &str = "5e1a8c0e-7f43-4e0e-9d0b-0d7a2f6c1b11";
const STRANGER: &str = "ffffffff-1111-4222-8333-444444444444";

/// What is wrong, the file, where in it, what stands there, and the finding that fails.
fn cases() -> Vec<Case> {
    vec![
        (
            "another user has the object id",
            "users.json",
            "/value/0/userPrincipalName",
            json!("kim@contoso.onmicrosoft.com"),
            Id::AccountsExist,
        ),
        ("synchronised", "users.json", "/value/1/onPremisesSyncEnabled", json!(true), Id::CloudOnly),
        ("disabled", "users.json", "/value/0/accountEnabled", json!(false), Id::AccountsEnabled),
        (
            "not restricted",
            "users.json",
            "/value/0/isManagementRestricted",
            json!(false),
            Id::AccountsRestricted,
        ),
        (
            "restriction is null",
            "users.json",
            "/value/0/isManagementRestricted",
            json!(null),
            Id::AccountsRestricted,
        ),
        (
            "role in an administrative unit only",
            "role-schedules.json",
            "/value/0/directoryScopeId",
            json!("/administrativeUnits/x"),
            Id::GlobalAdministrator,
        ),
        (
            "another role",
            "role-schedules.json",
            "/value/0/roleDefinitionId",
            json!(STRANGER),
            Id::GlobalAdministrator,
        ),
        (
            "role ends",
            "role-schedules.json",
            "/value/0/endDateTime",
            json!("2027-01-01T00:00:00Z"),
            Id::RolePermanent,
        ),
        (
            "role was activated",
            "role-schedules.json",
            "/value/1/assignmentType",
            json!("Activated"),
            Id::RolePermanent,
        ),
        (
            "eligible beside it",
            "role-eligibilities.json",
            "/value/0/principalId",
            json!(ACCOUNT),
            Id::NotEligible,
        ),
        (
            "group cannot take roles",
            "group.json",
            "/isAssignableToRole",
            json!(false),
            Id::RoleAssignableGroup,
        ),
        ("no security group", "group.json", "/securityEnabled", json!(false), Id::RoleAssignableGroup),
        (
            "a rule decides the members",
            "group.json",
            "/groupTypes",
            json!(["DynamicMembership"]),
            Id::RoleAssignableGroup,
        ),
        (
            "account not in the group",
            "group.json",
            "/members/0/id",
            json!("2A1D4F6B-8C3E-4D72-AF91-6B5C4D3E2F10"),
            Id::GroupMembers,
        ),
        (
            "unit not restricted",
            "unit.json",
            "/isMemberManagementRestricted",
            json!(false),
            Id::RestrictedUnit,
        ),
        ("account not in the unit", "unit.json", "/members/1/id", json!(STRANGER), Id::UnitMembers),
        ("method off", "fido2.json", "/state", json!("disabled"), Id::PasskeyMethod),
        (
            "group excluded from the method",
            "fido2.json",
            "/excludeTargets",
            json!([{ "id": GROUP, "targetType": "group" }]),
            Id::PasskeyMethod,
        ),
        (
            "the profile is for another group",
            "fido2.json",
            "/includeTargets/1/id",
            json!(STRANGER),
            Id::PasskeyMethod,
        ),
        (
            "the group has another profile",
            "fido2.json",
            "/includeTargets/1/allowedPasskeyProfiles",
            json!(["00000000-0000-0000-0000-000000000001"]),
            Id::PasskeyMethod,
        ),
        (
            "an account is excluded from the method",
            "fido2.json",
            "/excludeTargets",
            json!([{ "id": ACCOUNT, "targetType": "user" }]),
            Id::PasskeyMethod,
        ),
        (
            "model only in the profile",
            "strengths.json",
            "/value/1/combinationConfigurations/0/allowedAAGUIDs",
            json!(["a25342c0-3cdc-4414-8e46-f4807fca511c"]),
            Id::ListsAgree,
        ),
        (
            "list not enforced",
            "fido2.json",
            "/passkeyProfiles/1/keyRestrictions/isEnforced",
            json!(false),
            Id::ListsAgree,
        ),
        (
            "a phone signs in too",
            "methods-1.json",
            "/value/0/@odata.type",
            json!("#microsoft.graph.phoneAuthenticationMethod"),
            Id::PasskeyOnly,
        ),
        (
            "no passkey",
            "methods-2.json",
            "/value/1/@odata.type",
            json!("#microsoft.graph.passwordAuthenticationMethod"),
            Id::HasPasskey,
        ),
        ("a synced passkey", "methods-2.json", "/value/1/passkeyType", json!("synced"), Id::HasPasskey),
        (
            "policy only reports",
            "conditional-access.json",
            "/value/0/state",
            json!("enabledForReportingButNotEnforced"),
            Id::PolicyDedicated,
        ),
        (
            "policy for one application",
            "conditional-access.json",
            "/value/0/conditions/applications/includeApplications",
            json!(["Office365"]),
            Id::PolicyDedicated,
        ),
        (
            "policy leaves an application out",
            "conditional-access.json",
            "/value/0/conditions/applications/excludeApplications",
            json!([STRANGER]),
            Id::PolicyDedicated,
        ),
        (
            "policy for browsers only",
            "conditional-access.json",
            "/value/0/conditions/clientAppTypes",
            json!(["browser"]),
            Id::PolicyDedicated,
        ),
        (
            "policy at one place only",
            "conditional-access.json",
            "/value/0/conditions/locations",
            json!({ "includeLocations": ["All"], "excludeLocations": ["AllTrusted"] }),
            Id::PolicyDedicated,
        ),
        (
            "policy at high risk only",
            "conditional-access.json",
            "/value/0/conditions/signInRiskLevels",
            json!(["high"]),
            Id::PolicyDedicated,
        ),
        (
            "policy leaves the role out",
            "conditional-access.json",
            "/value/0/conditions/users/excludeRoles",
            json!(["62e90394-69f5-4237-9190-012177145e10"]),
            Id::PolicyDedicated,
        ),
        (
            "policy leaves another group out",
            "conditional-access.json",
            "/value/0/conditions/users/excludeGroups",
            json!([STRANGER]),
            Id::PolicyDedicated,
        ),
        (
            "policy leaves guests out",
            "conditional-access.json",
            "/value/0/conditions/users/excludeGuestsOrExternalUsers",
            json!({ "guestOrExternalUserTypes": "internalGuest" }),
            Id::PolicyDedicated,
        ),
        (
            "policy filters applications",
            "conditional-access.json",
            "/value/0/conditions/applications",
            json!({ "includeApplications": ["All"], "applicationFilter": { "mode": "exclude", "rule": "x" } }),
            Id::PolicyDedicated,
        ),
        (
            "policy leaves an account out",
            "conditional-access.json",
            "/value/0/conditions/users/excludeUsers",
            json!([ACCOUNT]),
            Id::PolicyDedicated,
        ),
        (
            "policy leaves everybody out",
            "conditional-access.json",
            "/value/0/conditions/users/excludeUsers",
            json!(["All"]),
            Id::PolicyDedicated,
        ),
        (
            "another strength",
            "conditional-access.json",
            "/value/0/grantControls/authenticationStrength/id",
            json!("00000000-0000-0000-0000-000000000004"),
            Id::PolicyStrength,
        ),
        (
            "no strength",
            "conditional-access.json",
            "/value/0/grantControls/authenticationStrength",
            json!(null),
            Id::PolicyStrength,
        ),
        (
            "a compliant device, too",
            "conditional-access.json",
            "/value/0/grantControls/builtInControls",
            json!(["compliantDevice"]),
            Id::PolicyStrength,
        ),
        (
            "blocked",
            "conditional-access.json",
            "/value/0/grantControls/builtInControls",
            json!(["block"]),
            Id::PolicyStrength,
        ),
        (
            "strength lets in a password",
            "strengths.json",
            "/value/1/allowedCombinations",
            json!(["fido2", "password,sms"]),
            Id::PolicyStrength,
        ),
        (
            "no sign-in frequency",
            "conditional-access.json",
            "/value/0/sessionControls/signInFrequency",
            json!(null),
            Id::SignInFrequency,
        ),
        (
            "sign-in frequency off",
            "conditional-access.json",
            "/value/0/sessionControls/signInFrequency/isEnabled",
            json!(false),
            Id::SignInFrequency,
        ),
        (
            "persistent browser",
            "conditional-access.json",
            "/value/0/sessionControls/persistentBrowser/mode",
            json!("always"),
            Id::PersistentBrowser,
        ),
        (
            "persistent browser unset",
            "conditional-access.json",
            "/value/0/sessionControls/persistentBrowser",
            json!(null),
            Id::PersistentBrowser,
        ),
        (
            "a policy for everybody binds the group",
            "conditional-access.json",
            "/value/1/conditions/users/excludeGroups",
            json!([]),
            Id::PoliciesExclude,
        ),
        (
            "a policy for the role binds the group",
            "conditional-access.json",
            "/value/2/conditions/users/excludeGroups",
            json!([STRANGER]),
            Id::PoliciesExclude,
        ),
        (
            "a policy leaves out one account only",
            "conditional-access.json",
            "/value/1/conditions/users",
            json!({ "includeUsers": ["All"], "excludeUsers": [ACCOUNT] }),
            Id::PoliciesExclude,
        ),
        (
            "an old policy was switched on",
            "conditional-access.json",
            "/value/3/state",
            json!("enabled"),
            Id::PoliciesExclude,
        ),
        (
            "a policy for another group",
            "conditional-access.json",
            "/value/4/conditions/users/includeGroups",
            json!([STRANGER]),
            Id::PoliciesExclude,
        ),
        (
            "a rule for one account only",
            "alert-rules.json",
            "/value/0/properties/criteria/allOf/0/query",
            json!(format!("SigninLogs | where UserId == '{ACCOUNT}'")),
            Id::AlertSignIns,
        ),
        (
            "an account in a comment only",
            "alert-rules.json",
            "/value/1/properties/criteria/allOf/0/query",
            json!(format!(
                "AuditLogs | where TargetResources has '{ACCOUNT}' // '2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10'"
            )),
            Id::AlertAudit,
        ),
        ("a rule is off", "alert-rules.json", "/value/1/properties/enabled", json!(false), Id::AlertEnabled),
        (
            "the third event calls",
            "alert-rules.json",
            "/value/0/properties/criteria/allOf/0/threshold",
            json!(2),
            Id::AlertThreshold,
        ),
        (
            "fires on fewer",
            "alert-rules.json",
            "/value/0/properties/criteria/allOf/0/operator",
            json!("LessThan"),
            Id::AlertThreshold,
        ),
        (
            "an average",
            "alert-rules.json",
            "/value/0/properties/criteria/allOf/0/timeAggregation",
            json!("Average"),
            Id::AlertThreshold,
        ),
        (
            "two periods",
            "alert-rules.json",
            "/value/0/properties/criteria/allOf/0/failingPeriods/minFailingPeriodsToAlert",
            json!(2),
            Id::AlertThreshold,
        ),
        ("severity 3", "alert-rules.json", "/value/0/properties/severity", json!(3), Id::AlertSeverity),
        (
            "runs less often than it looks back",
            "alert-rules.json",
            "/value/0/properties/evaluationFrequency",
            json!("P1D"),
            Id::AlertInTime,
        ),
        (
            "another workspace",
            "alert-rules.json",
            "/value/0/properties/scopes",
            json!(["/subscriptions/x"]),
            Id::AlertWorkspace,
        ),
        (
            "logs go nowhere",
            "diagnostic-settings.json",
            "/value/0/properties/workspaceId",
            json!(null),
            Id::LogsKept,
        ),
        (
            "sign-ins are not logged",
            "diagnostic-settings.json",
            "/value/0/properties/logs/1/enabled",
            json!(false),
            Id::LogsKept,
        ),
        (
            "no audit logs",
            "diagnostic-settings.json",
            "/value/0/properties/logs/0/category",
            json!("RiskyUsers"),
            Id::LogsKept,
        ),
        (
            "calls nobody",
            "alert-rules.json",
            "/value/0/properties/actions/actionGroups",
            json!([]),
            Id::ActionGroup,
        ),
        (
            "calls a group that is gone",
            "alert-rules.json",
            "/value/1/properties/actions/actionGroups",
            json!(["/subscriptions/x"]),
            Id::ActionGroup,
        ),
        (
            "mail of the same tenant only",
            "action-groups.json",
            "/value/0/properties/smsReceivers",
            json!([]),
            Id::ActionGroupOutside,
        ),
        (
            "nobody answers the telephone",
            "action-groups.json",
            "/value/0/properties/smsReceivers/0/status",
            json!("Disabled"),
            Id::ActionGroupOutside,
        ),
        (
            "a role of the tenant alone",
            "action-groups.json",
            "/value/0/properties",
            json!({ "enabled": true, "armRoleReceivers": [{ "name": "owner", "roleId": "8e3af657" }] }),
            Id::ActionGroupOutside,
        ),
        (
            "machines of the tenant alone",
            "action-groups.json",
            "/value/0/properties",
            json!({ "enabled": true, "logicAppReceivers": [{ "name": "x" }], "eventHubReceivers": [{ "name": "x" }] }),
            Id::ActionGroupOutside,
        ),
    ]
}

/// Exactly this finding fails; what rests on the same fault may be skipped, never pass where it cannot.
fn assert_only(what: &str, tenant: &Tenant, wanted: Id) {
    let checked = tenant.check();
    let failed: Vec<_> = bad(&checked).into_iter().filter(|(_, status)| *status == Status::Fail).collect();
    assert_eq!(failed, [(wanted, Status::Fail)], "{what}");
    let warned = bad(&checked).into_iter().any(|(_, status)| status == Status::Warn);
    assert!(!warned, "{what}: {:?}", bad(&checked));
    assert_eq!(checked.well, Some(false), "{what}");
    let finding = checked.findings.iter().find(|finding| finding.row.status == Status::Fail).unwrap();
    assert!(finding.row.cure.is_some(), "{what} has no cure");
    assert!(!finding.source.is_empty() || wanted == Id::TwoAccounts, "{what} has no source");
}

#[test]
fn one_fault_makes_exactly_one_finding_fail() {
    let good = good();
    let cases = cases();
    assert!(cases.len() >= 50);
    for (what, file, pointer, value, wanted) in cases {
        assert_only(what, &good.clone().with(file, pointer, value), wanted);
    }
}

#[test]
fn what_takes_more_than_one_value_fails_alone_as_well() {
    let one = Tenant { plan: without_second_account(PLAN), ..good() };
    let one = one.with("group.json", "/members", json!([{ "id": ACCOUNT }]));
    assert_only("one account", &one, Id::TwoAccounts);
    let gone = good().with("users.json", "/value", json!([good().files["users.json"]["value"][1]]));
    assert_only("an account is not in the tenant", &gone, Id::AccountsExist);
    let federated =
        Tenant { plan: PLAN.replace("ea-01@contoso.onmicrosoft.com", "ea-01@contoso.com"), ..good() };
    let federated = federated.with("users.json", "/value/0/userPrincipalName", json!("ea-01@contoso.com"));
    assert_only("a federated domain", &federated, Id::OwnDomain);
    let mut many = good();
    let list = many.files.get_mut("role-assignments.json").unwrap()["value"].as_array_mut().unwrap();
    for number in 0..2 {
        let mut another = list[2].clone();
        another["principalId"] = json!(format!("{number}0000000-1111-4222-8333-444444444444"));
        another["id"] = json!(number.to_string());
        list.push(another);
    }
    assert_only("five administrators", &many, Id::FewAdministrators);
    let mut crowd = good();
    crowd.files.get_mut("group.json").unwrap()["members"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "id": STRANGER }));
    assert_only("a stranger in the group", &crowd, Id::GroupMembers);
    let none = good().with("conditional-access.json", "/value", json!([]));
    assert_only("no policies", &none, Id::PolicyDedicated);
    let storage = json!("/subscriptions/x/storageAccounts/y");
    let stored = good().with("diagnostic-settings.json", "/value/0/properties/workspaceId", json!(null));
    let stored = stored.with("diagnostic-settings.json", "/value/0/properties/storageAccountId", storage);
    assert_only_each("logs go to a storage account, which no rule reads", &stored, Id::AlertWorkspace);
    let off = good().with("action-groups.json", "/value/0/properties/enabled", json!(false));
    assert_only_each("the action group is off", &off, Id::ActionGroup);
    let eligible = good().with("role-eligibilities.json", "/value/0/principalId", json!(GROUP));
    assert_only_each("the group is eligible", &eligible, Id::NotEligible);
    let all = good().files["alert-rules.json"]["value"].clone();
    let quiet = good().with("alert-rules.json", "/value", json!([all[1], all[2]]));
    assert_only("no rule for sign-ins", &quiet, Id::AlertSignIns);
}

fn without_second_account(plan: &str) -> String {
    let (before, rest) = plan.split_once("[[account]]\nname = \"EA-02\"").unwrap();
    format!("{before}{}", &rest[rest.find("[rules]").unwrap()..])
}

/// The same for a finding with a row for each rule.
fn assert_only_each(what: &str, tenant: &Tenant, wanted: Id) {
    let failed: Vec<_> = bad(&tenant.check())
        .into_iter()
        .filter(|(_, status)| *status == Status::Fail)
        .map(|(id, _)| id)
        .collect();
    assert!(!failed.is_empty() && failed.iter().all(|id| *id == wanted), "{what}: {failed:?}");
}
