//! The custody plan of the tests, and the policy files that it names.

use serde_json::{Value, json};

/// Two accounts at two sites, of which one may hold only one vendor's keys. It names `fido2.json` and `strength.json`.
pub(crate) const PLAN: &str = include_str!("../data/plan/custody.toml");

/// A FIDO2 configuration with one passkey profile that lets these models in.
pub(crate) fn profile(aaguids: &[&str]) -> Value {
    let id = "11111111-1111-4111-8111-111111111111";
    json!({
        "id": "Fido2", "state": "enabled", "defaultPasskeyProfile": id, "excludeTargets": [],
        "includeTargets": [{
            "targetType": "group", "id": "22222222-2222-4222-8222-222222222222", "allowedPasskeyProfiles": [id],
        }],
        "passkeyProfiles": [{
            "id": id, "name": "Break-glass keys", "passkeyTypes": "deviceBound",
            "attestationEnforcement": "registrationOnly",
            "keyRestrictions": { "isEnforced": true, "enforcementType": "allow", "aaGuids": aaguids },
        }],
    })
}

/// An authentication strength that lets these models in.
pub(crate) fn strength(aaguids: &[&str]) -> Value {
    json!({
        "id": "99999999-8888-4777-8666-555555555555", "displayName": "Break-glass", "policyType": "custom",
        "allowedCombinations": ["fido2"],
        "combinationConfigurations": [{
            "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
            "id": "77777777-8888-4777-8666-555555555555",
            "appliesToCombinations": ["fido2"], "allowedAAGUIDs": aaguids,
        }],
    })
}
