//! What is missing, cut or contradictory is never a pass; files are known by what they say.

use glasskey::tenant::Kind;
use serde_json::json;

use super::*;

#[test]
fn a_missing_export_is_skipped_with_the_command_that_fetches_it() {
    for name in good().files.keys() {
        let checked = good().without(name).check();
        let bad: Vec<_> = checked.findings.iter().filter(|one| one.row.status != Status::Pass).collect();
        assert!(!bad.is_empty() && checked.well.is_none(), "{name}");
        for finding in bad {
            assert_eq!(finding.row.status, Status::Skipped, "{name}: {:?}", finding.row);
            let cure = finding.row.cure.as_deref().unwrap_or_default();
            assert!(cure.contains("az rest --method GET --url "), "{name}: {cure}");
        }
    }
    let nothing = Tenant { files: BTreeMap::new(), ..good() }.check();
    assert_eq!(nothing.well, None);
    let passed: Vec<Id> =
        nothing.findings.iter().filter(|one| one.row.status == Status::Pass).map(|one| one.row.id).collect();
    assert_eq!(passed, [Id::TwoAccounts], "which the plan alone tells");
}

#[test]
fn an_export_with_a_next_page_is_no_pass_and_no_fail() {
    for (name, value) in &good().files {
        let link = if value.get("@odata.context").is_some() { "@odata.nextLink" } else { "nextLink" };
        let mut cut = good();
        cut.files.get_mut(name).unwrap()[link] = json!("https://graph.microsoft.com/v1.0/more");
        let checked = cut.check();
        assert_eq!(checked.well, None, "{name}");
        for finding in &checked.findings {
            let rests = finding.source.contains(name);
            let wanted = if rests { Status::Skipped } else { Status::Pass };
            assert_eq!(finding.row.status, wanted, "{name}: {:?}", finding.row);
        }
        assert!(cut.exports().files.iter().any(|file| file.name == *name && file.problem.is_some()));
    }
    // Not even a certain fault is told from half a file.
    let mut cut = good().with("users.json", "/value/0/accountEnabled", json!(false));
    cut.files.get_mut("users.json").unwrap()["@odata.nextLink"] = json!("x");
    assert_eq!(cut.check().well, None);
}

#[test]
fn names_of_files_mean_nothing() {
    let renamed = Tenant {
        files: good()
            .files
            .into_values()
            .enumerate()
            .map(|(n, value)| (format!("{n}.json"), value))
            .collect(),
        ..good()
    };
    assert_eq!(renamed.check().well, Some(true));
}

#[test]
fn an_empty_list_of_azure_is_known_by_its_name_and_makes_nothing_better() {
    for (name, wanted) in [
        ("alert-rules.json", Id::AlertSignIns),
        ("diagnostic-settings.json", Id::LogsKept),
        ("action-groups.json", Id::ActionGroup),
    ] {
        let mut empty = good().without(name);
        empty.files.insert(name.to_owned(), json!({ "value": [] }));
        let checked = empty.check();
        assert_eq!(checked.well, Some(false), "{name}");
        assert!(bad(&checked).contains(&(wanted, Status::Fail)), "{name}: {:?}", bad(&checked));
        // Under any other name nobody knows what it is a list of.
        let file = empty.files.remove(name).unwrap();
        empty.files.insert("rules.json".to_owned(), file);
        assert_eq!(empty.check().well, None, "{name}");
    }
    let mut graph = good();
    let domains = json!({ "@odata.context": "https://x/$metadata#directoryObjects", "value": [] });
    graph.files.insert("alert-rules.json".to_owned(), domains);
    assert_eq!(graph.check().well, None, "what says what it is goes by that");
}

#[test]
fn what_two_files_say_alike_is_one_and_a_contradiction_is_told() {
    let mut twice = good();
    let users = twice.files["users.json"].clone();
    let mut one = users["value"][0].clone();
    one["@odata.context"] = json!("https://graph.microsoft.com/v1.0/$metadata#users/$entity");
    one["displayName"] = json!("said here only");
    twice.files.insert("user.json".into(), one.clone());
    assert_eq!(twice.check().well, Some(true));
    one["accountEnabled"] = json!(false);
    twice.files.insert("user.json".into(), one);
    let checked = twice.check();
    assert_eq!(checked.well, None, "which of the two is newer nobody knows");
    let told = checked.findings.iter().find(|one| one.row.id == Id::AccountsEnabled).unwrap();
    assert!(told.row.saw.contains("accountEnabled"), "{}", told.row.saw);
}

#[test]
fn what_is_no_export_counts_for_nothing() {
    let mut more = good();
    let error = json!({ "error": { "code": "Authorization_RequestDenied", "message": "no" } });
    more.files.insert("a.json".into(), error);
    more.files.insert(
        "b.json".into(),
        json!({ "@odata.context": "https://x/$metadata#directoryObjects", "value": [] }),
    );
    more.files.insert("c.json".into(), json!(["a"]));
    let exports = more.exports();
    let kinds: Vec<_> = ["a.json", "b.json", "c.json"]
        .map(|name| exports.files.iter().find(|file| file.name == name).unwrap())
        .map(|file| (file.kind, file.problem.is_some()))
        .into();
    assert_eq!(kinds, [(None, true); 3]);
    assert_eq!(more.check().well, Some(true));
    let broken =
        Exports::new([("x.json".to_owned(), Ok(b"{".to_vec())), ("y.json".to_owned(), Err("no".into()))]);
    assert!(broken.files.iter().all(|file| file.kind.is_none() && file.problem.is_some()));
}

#[test]
fn a_member_that_was_not_exported_is_unsaid_and_not_no() {
    for (file, list, member, wanted) in [
        ("fido2.json", "", "includeTargets", Id::PasskeyMethod),
        ("fido2.json", "", "excludeTargets", Id::PasskeyMethod),
        ("methods-1.json", "/value/1", "passkeyType", Id::HasPasskey),
        ("role-schedules.json", "/value/2", "directoryScopeId", Id::GlobalAdministrator),
        ("role-schedules.json", "/value/1", "directoryScopeId", Id::RolePermanent),
        ("role-eligibilities.json", "/value/0", "directoryScopeId", Id::NotEligible),
        ("role-assignments.json", "/value/0", "directoryScopeId", Id::FewAdministrators),
        ("role-assignments.json", "/value/2", "principal", Id::FewAdministrators),
        ("action-groups.json", "/value/0/properties", "enabled", Id::ActionGroup),
        ("users.json", "/value/0", "onPremisesSyncEnabled", Id::CloudOnly),
        ("users.json", "/value/0", "accountEnabled", Id::AccountsEnabled),
        ("users.json", "/value/0", "isManagementRestricted", Id::AccountsRestricted),
        ("users.json", "/value/0", "userPrincipalName", Id::AccountsExist),
        ("group.json", "", "isAssignableToRole", Id::RoleAssignableGroup),
        ("group.json", "", "members", Id::GroupMembers),
        ("unit.json", "", "members", Id::UnitMembers),
        ("unit.json", "", "isMemberManagementRestricted", Id::RestrictedUnit),
        ("role-schedules.json", "/value/0", "endDateTime", Id::RolePermanent),
        ("alert-rules.json", "/value/0/properties", "enabled", Id::AlertEnabled),
        ("alert-rules.json", "/value/0/properties", "windowSize", Id::AlertInTime),
        ("conditional-access.json", "/value/1", "state", Id::PoliciesExclude),
    ] {
        let mut tenant = good();
        let place = tenant.files.get_mut(file).unwrap().pointer_mut(list).unwrap();
        place.as_object_mut().unwrap().remove(member).unwrap();
        let checked = tenant.check();
        assert!(bad(&checked).contains(&(wanted, Status::Skipped)), "{file} {member}: {:?}", bad(&checked));
        assert!(
            bad(&checked).iter().all(|(_, status)| *status == Status::Skipped),
            "{member}: {:?}",
            bad(&checked)
        );
        assert_eq!(checked.well, None);
    }
}

#[test]
fn templates_of_azure_are_read_with_their_parameters_and_ours_are_no_exports() {
    let rules = good().files["alert-rules.json"]["value"].clone();
    let mut resources = rules.as_array().unwrap().clone();
    let scope = resources[0]["properties"]["scopes"][0].clone();
    for rule in &mut resources {
        rule["properties"]["scopes"] = json!(["[parameters('workspaces_law_1_externalid')]"]);
        rule.as_object_mut().unwrap().remove("id");
    }
    let mut template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "parameters": { "workspaces_law_1_externalid": { "type": "String", "defaultValue": scope } },
        "resources": resources,
    });
    let mut tenant = good().without("alert-rules.json");
    tenant.files.insert("template.json".into(), template.clone());
    assert_eq!(bad(&tenant.check()), []);
    template["metadata"] = json!({ "_generator": { "name": "glasskey" } });
    tenant.files.insert("template.json".into(), template);
    assert!(bad(&tenant.check()).contains(&(Id::AlertSignIns, Status::Skipped)), "a wish is no fact");
}

#[test]
fn without_ids_in_the_plan_the_group_is_the_one_that_holds_the_accounts() {
    let plan = PLAN.split("[entra]").next().unwrap().to_owned();
    let tenant = Tenant { plan, ..good() };
    assert_eq!(bad(&tenant.check()), []);
    let lost = tenant.with("group.json", "/members", json!([])).check();
    assert_eq!(lost.well, None);
    assert!(bad(&lost).contains(&(Id::PoliciesExclude, Status::Skipped)));
}

#[test]
fn twenty_members_may_be_more_and_a_next_page_is_one() {
    let members: Vec<_> = (0..20).map(|n| json!({ "id": format!("m{n}") })).collect();
    let checked = good().with("group.json", "/members", json!(members)).check();
    assert!(bad(&checked).contains(&(Id::GroupMembers, Status::Skipped)));
    let group = json!("5e1a8c0e-7f43-4e0e-9d0b-0d7a2f6c1b11");
    let eligible = good().with("role-eligibilities.json", "/value/0/principalId", group);
    let eligible = eligible.with("group.json", "/members", json!(members)).check();
    assert!(
        bad(&eligible).contains(&(Id::NotEligible, Status::Skipped)),
        "an account may be among the others"
    );
    let cut = good().plus("group.json", "", "members@odata.nextLink", json!("https://graph.microsoft.com/x"));
    let skipped = [(Id::RoleAssignableGroup, Status::Skipped), (Id::GroupMembers, Status::Skipped)];
    assert_eq!(bad(&cut.check()), skipped);
    let mut listed = cut.files["group.json"].clone();
    listed.as_object_mut().unwrap().remove("@odata.context").unwrap();
    let groups =
        json!({ "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#groups", "value": [listed] });
    let mut cut = good();
    cut.files.insert("group.json".into(), groups);
    assert_eq!(bad(&cut.check()), skipped, "a list within a list");
}

#[test]
fn who_is_in_other_groups_is_not_known() {
    let excluded = json!([{ "id": "ffffffff-1111-4222-8333-444444444444", "targetType": "group" }]);
    let checked = good().with("fido2.json", "/excludeTargets", excluded).check();
    assert_eq!(bad(&checked), [(Id::PasskeyMethod, Status::Skipped)]);
    // The role by the accounts' group, of which nobody says who is in it.
    let group = json!("5e1a8c0e-7f43-4e0e-9d0b-0d7a2f6c1b11");
    let by_group = good().with("role-schedules.json", "/value/0/principalId", group.clone());
    assert_eq!(bad(&by_group.check()), [], "both accounts are in it");
    let unknown = by_group.without("group.json").check();
    assert!(bad(&unknown).contains(&(Id::GlobalAdministrator, Status::Skipped)), "{:?}", bad(&unknown));
    assert!(bad(&unknown).contains(&(Id::RolePermanent, Status::Skipped)));
    let eligible = good().with("role-eligibilities.json", "/value/0/principalId", group.clone());
    let unknown = eligible.without("group.json").check();
    assert!(bad(&unknown).contains(&(Id::NotEligible, Status::Skipped)));
    // Without a group in the plan or the exports, whoever is eligible may be the accounts' group.
    let nameless = Tenant { plan: PLAN.replace("group = ", "# "), ..good().without("group.json") }.check();
    assert!(bad(&nameless).contains(&(Id::NotEligible, Status::Skipped)));
    assert!(!bad(&nameless).contains(&(Id::GlobalAdministrator, Status::Skipped)), "it has the role itself");
}

#[test]
fn the_accounts_group_is_the_accounts_and_nobody_is_no_answer() {
    let group = json!("5E1A8C0E-7f43-4e0e-9d0b-0d7a2f6c1b11");
    let kind = json!("#microsoft.graph.group");
    let by_group = good().with("role-assignments.json", "/value/0/principalId", group);
    let by_group = by_group.with("role-assignments.json", "/value/0/principal/@odata.type", kind).check();
    let row = by_group.findings.iter().find(|one| one.row.id == Id::FewAdministrators).unwrap();
    assert_eq!((row.row.status, row.row.saw.as_str()), (Status::Pass, "3 Global Administrators"));
    let nobody = good().with("role-assignments.json", "/value", json!([])).check();
    assert_eq!(bad(&nobody), [(Id::FewAdministrators, Status::Skipped)]);
}

#[test]
fn a_list_of_passkeys_tells_nothing_of_other_methods() {
    let context = "https://graph.microsoft.com/v1.0/$metadata#users('1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f')/authentication/fido2Methods";
    let mut only = good().with("methods-1.json", "/@odata.context", json!(context));
    only.files.get_mut("methods-1.json").unwrap()["value"].as_array_mut().unwrap().remove(0);
    assert_eq!(bad(&only.check()), [(Id::PasskeyOnly, Status::Skipped)]);
    only.files.insert("all.json".into(), good().files["methods-1.json"].clone());
    assert_eq!(bad(&only.check()), [], "with the list of every kind beside it");
}

#[test]
fn two_lists_of_methods_that_differ_tell_nothing() {
    let mut twice = good();
    let mut other = twice.files["methods-1.json"].clone();
    other["value"].as_array_mut().unwrap().reverse();
    // The same account by its name, in another order: the same.
    let context = "https://graph.microsoft.com/v1.0/$metadata#users('EA-01%40contoso.onmicrosoft.com')/authentication/methods";
    other["@odata.context"] = json!(context);
    twice.files.insert("again.json".into(), other.clone());
    assert_eq!(bad(&twice.check()), []);
    let skipped = [(Id::HasPasskey, Status::Skipped), (Id::PasskeyOnly, Status::Skipped)];
    let mut renamed = other.clone();
    renamed["value"][0]["id"] = json!("another-one-00000000000");
    twice.files.insert("again.json".into(), renamed);
    assert_eq!(bad(&twice.check()), skipped, "as many, and not the same");
    let phone = json!({ "@odata.type": "#microsoft.graph.phoneAuthenticationMethod", "id": "p" });
    other["value"].as_array_mut().unwrap().push(phone);
    twice.files.insert("again.json".into(), other);
    assert_eq!(bad(&twice.check()), skipped, "which of the two is newer nobody knows");
}

#[test]
fn the_other_shapes_of_the_same_are_read() {
    // The method inside the policy of all methods, a list of one configuration.
    let wrapped = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#authenticationMethodsPolicy",
        "id": "authenticationMethodsPolicy",
        "authenticationMethodConfigurations": [
            { "@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration", "id": "Sms", "state": "disabled" },
            good().files["fido2.json"],
        ],
    });
    let mut tenant = good();
    tenant.files.insert("fido2.json".into(), wrapped);
    assert_eq!(bad(&tenant.check()), []);
    // Schedules also tell of what has yet to begin, so only their instances count.
    let context =
        "https://graph.microsoft.com/v1.0/$metadata#roleManagement/directory/roleAssignmentSchedules";
    let schedules = tenant.with("role-schedules.json", "/@odata.context", json!(context)).check();
    let skipped = [(Id::GlobalAdministrator, Status::Skipped), (Id::RolePermanent, Status::Skipped)];
    assert_eq!(bad(&schedules), skipped);
    assert!(
        Kind::RoleSchedules
            .fetch(&Plan::parse("p", PLAN).unwrap())
            .contains("roleAssignmentScheduleInstances")
    );
}

#[test]
fn of_several_strengths_the_one_that_the_policy_demands_counts() {
    let mut tenant = good();
    let strengths = tenant.files.get_mut("strengths.json").unwrap()["value"].as_array_mut().unwrap();
    let mut other = strengths[1].clone();
    other["id"] = json!("11111111-2222-4333-8444-555555555555");
    other["combinationConfigurations"][0]["allowedAAGUIDs"] = json!(["2fc0579f-8113-47ea-b116-bb5a8db9202a"]);
    strengths.push(other);
    assert_eq!(bad(&tenant.check()), []);
    let unplanned = Tenant { strength: None, ..tenant.clone() };
    assert_eq!(bad(&unplanned.check()), [], "the dedicated policy names it");
    let wrong = Tenant { strength: Some(uuid!("11111111-2222-4333-8444-555555555555")), ..tenant }.check();
    assert_eq!(bad(&wrong), [(Id::ListsAgree, Status::Fail), (Id::PolicyStrength, Status::Fail)]);
}

#[test]
fn rules_of_sentinel_watch_too() {
    let id = "/subscriptions/0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f/resourceGroups/rg-log/providers/Microsoft.OperationalInsights/workspaces/law-1/providers/Microsoft.SecurityInsights/alertRules/";
    let rule = |name: &str, query: &Value| {
        json!({
            "id": format!("{id}{name}"), "name": name, "type": "Microsoft.SecurityInsights/alertRules", "kind": "NRT",
            "properties": { "enabled": true, "severity": "High", "displayName": name, "query": query },
        })
    };
    let rules = good().files["alert-rules.json"].clone();
    let query = |n: usize| &rules["value"][n]["properties"]["criteria"]["allOf"][0]["query"];
    let all = json!({ "value": [rule("a", query(0)), rule("b", query(1))] });
    let mut tenant = good();
    tenant.files.insert("alert-rules.json".into(), all);
    let checked = tenant.check();
    assert!(
        bad(&checked).iter().all(|(id, _)| [Id::ActionGroup, Id::ActionGroupOutside].contains(id)),
        "{:?}",
        bad(&checked)
    );
    let low = tenant.with("alert-rules.json", "/value/0/properties/severity", json!("Low")).check();
    assert!(bad(&low).contains(&(Id::AlertSeverity, Status::Fail)));
}
