//! What Conditional Access asks of the accounts.

use serde_json::json;
use uuid::Uuid;

use super::Artefact;
use crate::graph::Request;
use crate::plan::{ObjectId, Plan};

/// The authentication strength, still without its AAGUIDs.
pub(super) fn strength(plan: &Plan) -> Artefact {
    let body = json!({
        "@odata.type": "#microsoft.graph.authenticationStrengthPolicy",
        "displayName": "Break glass - approved FIDO2 keys",
        "description": format!("Only the AAGUIDs of the keys kept in the safes of {}", plan.organisation),
        "allowedCombinations": ["fido2"],
    });
    let what = "makes the authentication strength; then `glasskey policy emit authentication-strength` lists the models";
    Artefact::request(
        "strength",
        what,
        Request::graph("POST", "/policies/authenticationStrengthPolicies", body),
    )
}

/// The one policy that is for the accounts. It begins in report-only mode: whoever switches it on has tried it.
pub(super) fn policy(group: ObjectId, strength: Uuid) -> Artefact {
    let body = json!({
        "displayName": "BG - emergency accounts need approved FIDO2 key",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": { "includeApplications": ["All"] },
            "users": { "includeGroups": [group.to_string()] },
        },
        "grantControls": { "operator": "OR", "authenticationStrength": { "id": strength.to_string() } },
        "sessionControls": {
            "signInFrequency": {
                "isEnabled": true,
                "type": "hours",
                "value": 4,
                "authenticationType": "primaryAndSecondaryAuthentication",
                "frequencyInterval": "timeBased",
            },
            "persistentBrowser": { "isEnabled": true, "mode": "never" },
        },
    });
    let what = "makes the Conditional Access policy of the accounts, in report-only mode";
    Artefact::request("ca-policy", what, Request::graph("POST", "/identity/conditionalAccess/policies", body))
}
