//! What kind of JSON is this? By `@odata.type` where it is there, else by the members only one kind has.

use serde_json::Value;

use super::error::Found;

/// What a JSON value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `fido2AuthenticationMethodConfiguration`.
    Fido2,
    /// `authenticationMethodsPolicy`, with the configurations of all methods in it.
    Wrapper,
    /// `authenticationStrengthPolicy`.
    Strength,
    /// A combination configuration, for FIDO2 or another method.
    Combination,
    /// No policy.
    Not(Found),
}

const SHAPES: [(&str, Shape); 16] = [
    ("authenticationMethodConfigurations", Shape::Wrapper),
    ("allowedCombinations", Shape::Strength),
    ("combinationConfigurations", Shape::Strength),
    ("allowedAAGUIDs", Shape::Combination),
    ("appliesToCombinations", Shape::Combination),
    ("publicKeyCredential", Shape::Not(Found::RegisterRequest)),
    ("publicKey", Shape::Not(Found::CreationOptions)),
    ("challengeTimeoutDateTime", Shape::Not(Found::CreationOptions)),
    ("attestationLevel", Shape::Not(Found::MethodsList)),
    ("aaGuid", Shape::Not(Found::MethodsList)),
    ("grantControls", Shape::Not(Found::ConditionalAccess)),
    ("AdditionalProperties", Shape::Not(Found::PowerShell)),
    ("error", Shape::Not(Found::GraphError)),
    ("passkeyTypes", Shape::Not(Found::LoneProfile)),
    ("passkeyProfiles", Shape::Fido2),
    ("keyRestrictions", Shape::Fido2),
];

const TYPES: [(&str, Shape); 10] = [
    ("fido2AuthenticationMethodConfiguration", Shape::Fido2),
    ("authenticationMethodsPolicy", Shape::Wrapper),
    ("authenticationStrengthPolicy", Shape::Strength),
    ("fido2CombinationConfiguration", Shape::Combination),
    ("x509CertificateCombinationConfiguration", Shape::Combination),
    ("fido2AuthenticationMethod", Shape::Not(Found::MethodsList)),
    ("webauthnCredentialCreationOptions", Shape::Not(Found::CreationOptions)),
    ("webauthnPublicKeyCredentialCreationOptions", Shape::Not(Found::CreationOptions)),
    ("conditionalAccessPolicy", Shape::Not(Found::ConditionalAccess)),
    ("passkeyProfile", Shape::Not(Found::LoneProfile)),
];

/// The shape of one object.
pub(super) fn shape(value: &Value) -> Shape {
    let by_member = || SHAPES.iter().find(|(member, _)| value.get(member).is_some()).map(|(_, shape)| *shape);
    let Some(said) = value.get("@odata.type").and_then(Value::as_str) else {
        let is_fido2 =
            value.get("id").and_then(Value::as_str).is_some_and(|id| id.eq_ignore_ascii_case("fido2"));
        let by_id = is_fido2.then_some(Shape::Fido2);
        return by_id.or_else(by_member).unwrap_or(Shape::Not(Found::Other));
    };
    let name = said.trim().rsplit('.').next().unwrap_or_default();
    let by_type = TYPES.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape);
    match (by_type, by_member()) {
        // The same type is used for a stored passkey and for the body that registers one.
        (Some(Shape::Not(_)), Some(Shape::Not(found))) => Shape::Not(found),
        (Some(shape), _) => shape,
        (None, _) if name.ends_with("AuthenticationMethodConfiguration") => Shape::Not(Found::OtherMethods),
        (None, Some(Shape::Not(found))) => Shape::Not(found),
        (None, _) => Shape::Not(Found::Other),
    }
}
