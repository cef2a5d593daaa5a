//! The members of exports that matter here. Everything is optional: what is not there is unsaid, which is not no.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A member that may be missing, or be null: `None` where it is not there.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    pub(super) user_principal_name: Option<String>,
    pub(super) account_enabled: Option<bool>,
    #[serde(default, deserialize_with = "said")]
    pub(super) on_premises_sync_enabled: Option<Option<bool>>,
    #[serde(default, deserialize_with = "said")]
    pub(super) is_management_restricted: Option<Option<bool>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Member {
    pub(super) id: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) display_name: Option<String>,
    pub(super) is_assignable_to_role: Option<bool>,
    pub(super) security_enabled: Option<bool>,
    pub(super) group_types: Option<Vec<String>>,
    pub(super) members: Option<Vec<Member>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unit {
    pub(super) id: String,
    pub(super) display_name: Option<String>,
    pub(super) is_member_management_restricted: Option<bool>,
    pub(super) members: Option<Vec<Member>>,
}

/// An assignment of a role: who holds it, holds it now, or may take it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Assignment {
    pub(super) principal_id: String,
    pub(super) role_definition_id: String,
    pub(super) directory_scope_id: Option<String>,
    pub(super) principal: Option<Principal>,
    pub(super) assignment_type: Option<String>,
    #[serde(default, deserialize_with = "said")]
    pub(super) end_date_time: Option<Option<String>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Principal {
    #[serde(rename = "@odata.type")]
    pub(super) odata_type: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Domain {
    pub(super) id: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Access {
    pub(super) display_name: Option<String>,
    pub(super) state: Option<String>,
    pub(super) conditions: Option<Conditions>,
    pub(super) grant_controls: Option<Grant>,
    pub(super) session_controls: Option<Session>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conditions {
    pub(super) users: Option<Users>,
    pub(super) applications: Option<Applications>,
    pub(super) client_app_types: Option<Vec<String>>,
    /// Platforms, locations, risks and the like: each narrows the policy.
    #[serde(flatten)]
    pub(super) others: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Users {
    pub(super) include_users: Option<Vec<String>>,
    pub(super) exclude_users: Option<Vec<String>>,
    pub(super) include_groups: Option<Vec<String>>,
    pub(super) exclude_groups: Option<Vec<String>>,
    pub(super) include_roles: Option<Vec<String>>,
    /// Roles and guests that are left out, and whatever else narrows the policy.
    #[serde(flatten)]
    pub(super) others: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Applications {
    pub(super) include_applications: Option<Vec<String>>,
    /// Applications that are left out, filters and the like: each narrows the policy.
    #[serde(flatten)]
    pub(super) others: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grant {
    pub(super) built_in_controls: Option<Vec<String>>,
    pub(super) custom_authentication_factors: Option<Vec<String>>,
    pub(super) terms_of_use: Option<Vec<String>>,
    pub(super) authentication_strength: Option<Named>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    pub(super) sign_in_frequency: Option<Switch>,
    pub(super) persistent_browser: Option<Switch>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Switch {
    pub(super) is_enabled: Option<bool>,
    pub(super) mode: Option<String>,
}

/// A strength, as far as its combinations go.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Strength {
    pub(super) id: String,
    pub(super) display_name: Option<String>,
    pub(super) allowed_combinations: Option<Vec<String>>,
}

/// A resource of Azure.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Resource<P> {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) properties: P,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Setting {
    #[serde(default)]
    pub(super) logs: Vec<Log>,
    pub(super) workspace_id: Option<String>,
    pub(super) storage_account_id: Option<String>,
    pub(super) event_hub_authorization_rule_id: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Log {
    pub(super) category: Option<String>,
    pub(super) category_group: Option<String>,
    pub(super) enabled: Option<bool>,
}

/// A rule of Azure Monitor or of Sentinel, which put the same things in different places.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Alert {
    pub(super) enabled: Option<bool>,
    pub(super) severity: Option<Value>,
    pub(super) query: Option<String>,
    pub(super) query_frequency: Option<String>,
    pub(super) query_period: Option<String>,
    pub(super) trigger_operator: Option<String>,
    pub(super) trigger_threshold: Option<f64>,
    pub(super) suppression_enabled: Option<bool>,
    pub(super) mute_actions_duration: Option<String>,
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    pub(super) evaluation_frequency: Option<String>,
    pub(super) window_size: Option<String>,
    pub(super) criteria: Option<Criteria>,
    pub(super) actions: Option<Actions>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Criteria {
    #[serde(default)]
    pub(super) all_of: Vec<Criterion>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Criterion {
    pub(super) query: Option<String>,
    pub(super) operator: Option<String>,
    pub(super) threshold: Option<f64>,
    pub(super) time_aggregation: Option<String>,
    pub(super) failing_periods: Option<FailingPeriods>,
    pub(super) dimensions: Option<Vec<Dimension>>,
}

/// A column by whose values the results are told apart, and which values count.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dimension {
    pub(super) operator: Option<String>,
    pub(super) values: Option<Vec<String>>,
}

impl Dimension {
    /// Whether every value counts.
    pub(super) fn takes_all(&self) -> bool {
        let include = self.operator.as_deref().is_some_and(|told| told.eq_ignore_ascii_case("Include"));
        include && self.values.as_deref().is_some_and(|all| all == ["*"])
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FailingPeriods {
    pub(super) min_failing_periods_to_alert: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Actions {
    #[serde(default)]
    pub(super) action_groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ActionGroup {
    pub(super) enabled: Option<bool>,
    #[serde(default)]
    pub(super) email_receivers: Vec<Receiver>,
    #[serde(default)]
    pub(super) sms_receivers: Vec<Receiver>,
    #[serde(default)]
    pub(super) voice_receivers: Vec<Receiver>,
    #[serde(default)]
    pub(super) webhook_receivers: Vec<Receiver>,
}

/// Whom an action group calls: by mail, by telephone or by a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receiver {
    pub(super) status: Option<String>,
    pub(super) email_address: Option<String>,
    pub(super) phone_number: Option<String>,
    pub(super) service_uri: Option<String>,
}
