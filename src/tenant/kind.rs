//! Which exports there are, how each is recognised by what it says, and the command that fetches it.

use serde_json::Value;

use crate::graph::request::{GRAPH, fetch};
use crate::plan::Plan;

/// The role definition of Global Administrator, the same in every tenant.
pub const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// A kind of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Users.
    Users,
    /// Groups with their members.
    Groups,
    /// Administrative units with their members.
    AdministrativeUnits,
    /// Who holds the role.
    RoleAssignments,
    /// Who holds it now, and until when.
    RoleSchedules,
    /// Who may take it.
    RoleEligibilities,
    /// Conditional Access policies.
    ConditionalAccess,
    /// Authentication strengths.
    AuthenticationStrengths,
    /// The FIDO2 configuration.
    Fido2Configuration,
    /// One account's authentication methods.
    AuthenticationMethods,
    /// The tenant's domains.
    Domains,
    /// Where the logs go.
    DiagnosticSettings,
    /// Alert rules of Azure Monitor and of Sentinel.
    AlertRules,
    /// Whom alerts call.
    ActionGroups,
}

/// What stands after `$metadata#`, without what was selected and expanded.
const CONTEXTS: &[(&str, Kind)] = &[
    ("users", Kind::Users),
    ("groups", Kind::Groups),
    ("directory/administrativeUnits", Kind::AdministrativeUnits),
    ("administrativeUnits", Kind::AdministrativeUnits),
    ("roleManagement/directory/roleAssignments", Kind::RoleAssignments),
    // Not `roleAssignmentSchedules`: those also tell of what has yet to begin.
    ("roleManagement/directory/roleAssignmentScheduleInstances", Kind::RoleSchedules),
    ("roleManagement/directory/roleEligibilityScheduleInstances", Kind::RoleEligibilities),
    ("roleManagement/directory/roleEligibilitySchedules", Kind::RoleEligibilities),
    ("identity/conditionalAccess/policies", Kind::ConditionalAccess),
    ("policies/authenticationStrengthPolicies", Kind::AuthenticationStrengths),
    ("identity/conditionalAccess/authenticationStrength/policies", Kind::AuthenticationStrengths),
    ("authenticationMethodConfigurations", Kind::Fido2Configuration),
    ("policies/authenticationMethodsPolicy/authenticationMethodConfigurations", Kind::Fido2Configuration),
    ("authenticationMethodsPolicy", Kind::Fido2Configuration),
    ("policies/authenticationMethodsPolicy", Kind::Fido2Configuration),
    ("users/authentication/methods", Kind::AuthenticationMethods),
    ("users/authentication/fido2Methods", Kind::AuthenticationMethods),
    ("domains", Kind::Domains),
];

/// The files into which the printed commands put what Azure answers.
const AZURE_FILES: [(&str, Kind); 3] = [
    ("diagnostic-settings.json", Kind::DiagnosticSettings),
    ("alert-rules.json", Kind::AlertRules),
    ("action-groups.json", Kind::ActionGroups),
];

/// Types of resources, in small letters.
const RESOURCES: &[(&str, Kind)] = &[
    ("microsoft.aadiam/diagnosticsettings", Kind::DiagnosticSettings),
    ("microsoft.insights/scheduledqueryrules", Kind::AlertRules),
    ("microsoft.securityinsights/alertrules", Kind::AlertRules),
    ("microsoft.operationalinsights/workspaces/providers/alertrules", Kind::AlertRules),
    ("microsoft.insights/actiongroups", Kind::ActionGroups),
];

impl Kind {
    /// By the `@odata.context` of an answer of Graph.
    pub(super) fn of_context(context: &str) -> Option<Self> {
        let fragment = context.split_once("$metadata#")?.1;
        let mut depth = 0_usize;
        let mut path = String::new();
        for c in fragment.chars() {
            match c {
                '(' => depth = depth.saturating_add(1),
                ')' => depth = depth.saturating_sub(1),
                _ if depth == 0 => path.push(c),
                _ => {}
            }
        }
        let path = path.trim_end_matches("/$entity");
        CONTEXTS.iter().find(|(known, _)| path.eq_ignore_ascii_case(known)).map(|(_, kind)| *kind)
    }

    /// By the type of a resource of Azure, else by its id.
    pub(super) fn of_resource(value: &Value) -> Option<Self> {
        let text = |member: &str| {
            value.get(member).and_then(Value::as_str).map(str::to_ascii_lowercase).unwrap_or_default()
        };
        let (named, id) = (text("type"), text("id"));
        // Azure writes the ids of Entra's diagnostic settings in two ways.
        if id.starts_with("/providers/microsoft.aadiam/") && id.contains("/diagnosticsettings/") {
            return Some(Self::DiagnosticSettings);
        }
        let is = |known: &str| named == known || id.contains(&format!("/providers/{known}/"));
        RESOURCES.iter().find(|(known, _)| is(known)).map(|(_, kind)| *kind)
    }

    /// By its file's name, for an empty list of Azure, which says nothing of itself. Nothing of a kind is never a pass, so a
    /// file under a wrong name makes nothing look better.
    pub(super) fn of_file(name: &str) -> Option<Self> {
        AZURE_FILES.iter().find(|(file, _)| name.eq_ignore_ascii_case(file)).map(|(_, kind)| *kind)
    }

    /// The file into which the printed command puts what Azure answers.
    fn azure_file(self) -> &'static str {
        AZURE_FILES.iter().find(|(_, kind)| *kind == self).map_or("azure.json", |(file, _)| *file)
    }

    /// The commands of the Azure CLI that fetch it.
    #[must_use]
    pub fn fetch(self, plan: &Plan) -> String {
        // Spaces and quotes as a URL writes them, so that no shell and no client has to.
        let role = format!("roleDefinitionId%20eq%20%27{GLOBAL_ADMINISTRATOR}%27");
        let graph = |path: &str, file: &str| fetch(&format!("{GRAPH}{path}"), file);
        let subscription = plan.entra.workspace.as_deref().and_then(|id| id.as_str().split('/').nth(2));
        let azure = |kind: &str, version: &str, file: &str| {
            let place = format!("/subscriptions/{}", subscription.unwrap_or("{subscription}"));
            let url = format!("https://management.azure.com{place}/providers/{kind}?api-version={version}");
            fetch(&url, file)
        };
        let id = |id: Option<String>| id.unwrap_or_else(|| "{id}".to_owned());
        match self {
            Self::Users => {
                let ids: Vec<_> =
                    plan.accounts.iter().map(|account| format!("%27{}%27", *account.object_id)).collect();
                let select = "id,userPrincipalName,accountEnabled,userType,onPremisesSyncEnabled,isManagementRestricted";
                graph(&format!("/users?$filter=id%20in%20({})&$select={select}", ids.join(",")), "users.json")
            }
            Self::Groups => {
                let group = id(plan.entra.group.as_ref().map(|id| id.value.to_string()));
                graph(&format!("/groups/{group}?$expand=members($select=id)"), "group.json")
            }
            Self::AdministrativeUnits => {
                let unit = id(plan.entra.administrative_unit.as_ref().map(|id| id.value.to_string()));
                graph(&format!("/directory/administrativeUnits/{unit}?$expand=members"), "unit.json")
            }
            Self::RoleAssignments => graph(
                &format!("/roleManagement/directory/roleAssignments?$filter={role}&$expand=principal"),
                "role-assignments.json",
            ),
            Self::RoleSchedules => graph(
                &format!("/roleManagement/directory/roleAssignmentScheduleInstances?$filter={role}"),
                "role-schedules.json",
            ),
            Self::RoleEligibilities => graph(
                &format!("/roleManagement/directory/roleEligibilityScheduleInstances?$filter={role}"),
                "role-eligibilities.json",
            ),
            Self::ConditionalAccess => {
                graph("/identity/conditionalAccess/policies", "conditional-access.json")
            }
            Self::AuthenticationStrengths => {
                graph("/policies/authenticationStrengthPolicies", "strengths.json")
            }
            Self::Fido2Configuration => graph(
                "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2",
                "fido2.json",
            ),
            Self::AuthenticationMethods => {
                let one = |(number, account): (usize, &crate::plan::Account)| {
                    let path = format!("/users/{}/authentication/methods", *account.object_id);
                    graph(&path, &format!("methods-{number}.json"))
                };
                (1..).zip(&plan.accounts).map(one).collect::<Vec<_>>().join("; ")
            }
            Self::Domains => graph("/domains", "domains.json"),
            Self::DiagnosticSettings => fetch(
                "https://management.azure.com/providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01",
                self.azure_file(),
            ),
            Self::AlertRules => {
                azure("Microsoft.Insights/scheduledQueryRules", "2021-08-01", self.azure_file())
            }
            Self::ActionGroups => azure("Microsoft.Insights/actionGroups", "2023-01-01", self.azure_file()),
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "the accounts' group with its members",
            Self::AdministrativeUnits => "the administrative unit with its members",
            Self::RoleAssignments => "assignments of Global Administrator",
            Self::RoleSchedules => "active assignments of Global Administrator with their ends",
            Self::RoleEligibilities => "eligible assignments of Global Administrator",
            Self::ConditionalAccess => "Conditional Access policies",
            Self::AuthenticationStrengths => "authentication strengths",
            Self::Fido2Configuration => "the FIDO2 configuration",
            Self::AuthenticationMethods => "each account's authentication methods",
            Self::Domains => "domains",
            Self::DiagnosticSettings => "diagnostic settings of Entra",
            Self::AlertRules => "alert rules",
            Self::ActionGroups => "action groups",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_names_its_kind_whatever_was_selected() {
        let kind = |fragment: &str| {
            Kind::of_context(&format!("https://graph.microsoft.com/v1.0/$metadata#{fragment}"))
        };
        for (fragment, wanted) in [
            ("users", Kind::Users),
            ("users(id,userPrincipalName)", Kind::Users),
            ("users(id)/$entity", Kind::Users),
            ("groups(id,displayName,members(id))/$entity", Kind::Groups),
            ("roleManagement/directory/roleAssignments(principal())", Kind::RoleAssignments),
            ("users('a%40b')/authentication/methods", Kind::AuthenticationMethods),
            ("policies/authenticationStrengthPolicies/$entity", Kind::AuthenticationStrengths),
        ] {
            assert_eq!(kind(fragment), Some(wanted), "{fragment}");
        }
        assert_eq!(kind("directoryObjects"), None);
        assert_eq!(kind("users('a')/memberOf"), None);
        assert_eq!(Kind::of_context("users"), None);
    }

    #[test]
    fn a_resource_is_known_by_type_or_id() {
        let value = serde_json::json!({ "type": "microsoft.insights/ScheduledQueryRules" });
        assert_eq!(Kind::of_resource(&value), Some(Kind::AlertRules));
        let value = serde_json::json!({ "id": "/providers/microsoft.aadiam/diagnosticSettings/x" });
        assert_eq!(Kind::of_resource(&value), Some(Kind::DiagnosticSettings));
        assert_eq!(Kind::of_resource(&serde_json::json!({ "type": 3 })), None);
    }
}
