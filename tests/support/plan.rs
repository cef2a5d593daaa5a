//! The custody plan of the tests, and the policy files that it names.

use serde_json::{Value, json};

/// Two accounts at two sites, of which one may hold only one vendor's keys. It names `fido2.json` and `strength.json`.
pub(crate) const PLAN: &str = r#"
organisation = "Contoso"
[[account]]
name = "EA-01"
upn = "ea-01@contoso.onmicrosoft.com"
object_id = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f"
vendors = ["Yubico"]
sites = ["Berlin"]
custodians = ["Ana Ader"]
[[account]]
name = "EA-02"
upn = "ea-02@contoso.onmicrosoft.com"
object_id = "2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10"
sites = ["Bonn"]
custodians = ["Bo Berg"]
[[site]]
name = "Berlin"
[[site]]
name = "Bonn"
[[custodian]]
name = "Ana Ader"
[[custodian]]
name = "Bo Berg"
[rules]
diversity = "disjoint"
keys_per_account = 2
drill_interval_days = 90
pin_location = "apart"
min_pin_length = 8
[policy]
passkey_profile = "fido2.json"
authentication_strength = "strength.json"
"#;

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
