//! From Graph's members to what they mean. What is missing or unknown never allows.

use super::model::{AaguidList, Attestation, Fido2Config, KeyRestrictions, MethodState};
use super::model::{PasskeyProfile, PasskeyType, Target};
use super::wire;

fn list(items: Option<Vec<wire::Aaguid>>) -> AaguidList {
    items.into_iter().flatten().map(|aaguid| aaguid.0).collect()
}

impl From<Option<wire::Object<wire::Restrictions>>> for KeyRestrictions {
    fn from(restrictions: Option<wire::Object<wire::Restrictions>>) -> Self {
        let unknown = |why: String, list| Self::Unknown { why, list };
        let Some(wire::Object(wire::Restrictions { is_enforced, enforcement_type, aa_guids })) = restrictions
        else {
            return unknown("keyRestrictions is missing".to_owned(), AaguidList::default());
        };
        let unlisted = aa_guids.is_none();
        let list = list(aa_guids);
        match (is_enforced, enforcement_type.as_deref().map(str::trim)) {
            (None, _) => unknown("isEnforced is missing".to_owned(), list),
            (Some(false), _) => Self::Open { inert: list },
            (Some(true), _) if unlisted => unknown("aaGuids is missing".to_owned(), list),
            (Some(true), Some("allow")) => Self::Allow(list),
            (Some(true), Some("block")) => Self::Block(list),
            (Some(true), None) => unknown("enforcementType is missing".to_owned(), list),
            (Some(true), Some(word)) => unknown(format!("enforcementType is {word:?}"), list),
        }
    }
}

fn targets(targets: Option<Vec<wire::Object<wire::Target>>>) -> Option<Vec<Target>> {
    let target = |wire::Object(t): wire::Object<wire::Target>| Target {
        id: t.id,
        profiles: t.allowed_passkey_profiles.unwrap_or_default(),
    };
    Some(targets?.into_iter().map(target).collect())
}

impl From<wire::Profile> for PasskeyProfile {
    fn from(profile: wire::Profile) -> Self {
        let types = profile.passkey_types.as_deref().unwrap_or_default();
        let passkey_type = |word: &str| match word {
            "deviceBound" => PasskeyType::DeviceBound,
            "synced" => PasskeyType::Synced,
            _ => PasskeyType::Unknown(word.to_owned()),
        };
        Self {
            id: profile.id,
            name: profile.name,
            passkey_types: types
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(passkey_type)
                .collect(),
            attestation_enforcement: match profile.attestation_enforcement.as_deref().map(str::trim) {
                Some("disabled") => Attestation::Disabled,
                Some("registrationOnly") => Attestation::RegistrationOnly,
                Some(word) => Attestation::Unknown(word.to_owned()),
                None => Attestation::Unsaid,
            },
            key_restrictions: profile.key_restrictions.into(),
        }
    }
}

impl From<wire::Fido2> for Fido2Config {
    fn from(config: wire::Fido2) -> Self {
        Self {
            state: match config.state.as_deref().map(str::trim) {
                Some("enabled") => MethodState::Enabled,
                Some("disabled") => MethodState::Disabled,
                Some(word) => MethodState::Unknown(word.to_owned()),
                None => MethodState::Unsaid,
            },
            default_profile: config.default_passkey_profile.filter(|id| !id.trim().is_empty()),
            include: targets(config.include_targets),
            exclude: targets(config.exclude_targets),
            profiles: config.passkey_profiles.into_iter().flatten().map(|profile| profile.0.into()).collect(),
            legacy_restrictions: config.key_restrictions.into(),
            self_service: config.is_self_service_registration_allowed,
            legacy_attestation: match config.is_attestation_enforced {
                Some(true) => Attestation::RegistrationOnly,
                Some(false) => Attestation::Disabled,
                None => Attestation::Unsaid,
            },
        }
    }
}
