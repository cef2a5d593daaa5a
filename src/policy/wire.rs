//! The members of Graph's JSON that matter here, as Graph writes them. All else is ignored.
//!
//! Everything is optional: what a missing member means is said in [`super::meaning`] and [`super::strength`], not here.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use uuid::Uuid;

pub(super) use crate::graph::Object;
use crate::graph::words::quoted;

/// `fido2AuthenticationMethodConfiguration`, v1.0 and beta.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fido2 {
    pub(super) state: Option<String>,
    pub(super) default_passkey_profile: Option<String>,
    pub(super) is_attestation_enforced: Option<bool>,
    pub(super) is_self_service_registration_allowed: Option<bool>,
    pub(super) key_restrictions: Option<Object<Restrictions>>,
    pub(super) include_targets: Option<Vec<Object<Target>>>,
    pub(super) exclude_targets: Option<Vec<Object<Target>>>,
    pub(super) passkey_profiles: Option<Vec<Object<Profile>>>,
}

/// `passkeyProfile`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) passkey_types: Option<String>,
    pub(super) attestation_enforcement: Option<String>,
    pub(super) key_restrictions: Option<Object<Restrictions>>,
}

/// `fido2KeyRestrictions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Restrictions {
    pub(super) is_enforced: Option<bool>,
    pub(super) enforcement_type: Option<String>,
    pub(super) aa_guids: Option<Vec<Aaguid>>,
}

/// `passkeyAuthenticationMethodTarget` and `excludeTarget`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) allowed_passkey_profiles: Option<Vec<String>>,
}

/// `authenticationStrengthPolicy`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Strength {
    pub(super) id: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) allowed_combinations: Option<Vec<String>>,
    pub(super) combination_configurations: Option<Vec<Object<Combination>>>,
}

/// `fido2CombinationConfiguration`, and its siblings for other methods.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Combination {
    #[serde(rename = "@odata.type")]
    pub(super) odata_type: Option<String>,
    pub(super) applies_to_combinations: Option<Vec<String>>,
    #[serde(rename = "allowedAAGUIDs")]
    pub(super) allowed_aaguids: Option<Vec<Aaguid>>,
}

/// An AAGUID as text: 8-4-4-4-12 hexadecimal digits in either case, blanks around them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aaguid(pub(super) Uuid);

impl Aaguid {
    /// # Errors
    /// The refusal, in words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        // `Uuid` also reads braces, URNs and bare digits, which Entra isn't known to take for an AAGUID.
        match trimmed.parse() {
            Ok(uuid) if trimmed.len() == uuid::fmt::Hyphenated::LENGTH => Ok(Self(uuid)),
            _ => Err(format!("{} is not an AAGUID (8-4-4-4-12 hexadecimal digits)", quoted(trimmed))),
        }
    }
}

impl<'de> Deserialize<'de> for Aaguid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aaguid_is_read_in_one_form_only() {
        let known = "2c0df832-92de-4be1-8412-88a8f074df4a";
        for good in [known.to_owned(), known.to_uppercase(), format!("\t {known}\r\n")] {
            assert_eq!(Aaguid::parse(&good).unwrap().0.to_string(), known);
        }
        let bad = [
            String::new(),
            known.replace('-', ""),
            format!("{{{known}}}"),
            format!("urn:uuid:{known}"),
            known.replace('a', "g"),
            format!("{known}0"),
            known.replace('-', "\u{2013}"),
        ];
        for bad in bad {
            assert!(Aaguid::parse(&bad).unwrap_err().contains("is not an AAGUID"), "{bad}");
        }
    }
}
