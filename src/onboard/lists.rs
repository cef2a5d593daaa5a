//! The lines that let the model in: for the passkey profile, and for the authentication strength beside it.

use serde::Serialize;
use uuid::Uuid;

use super::{Case, Verdict};
use crate::verdict::Outcome;

/// What is to be added to the two lists of a tenant. Each list is replaced as a whole when it is sent: these are
/// entries, not bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lists {
    /// The model.
    pub aaguid: Uuid,
    /// For `passkeyProfiles[].keyRestrictions` of the FIDO2 configuration.
    pub passkey_profile: Profile,
    /// For the `fido2CombinationConfiguration` of the authentication strength.
    pub authentication_strength: Strength,
}

/// An entry of a passkey profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// In Graph's spelling.
    #[serde(rename = "aaGuids")]
    pub aaguids: Vec<Uuid>,
}

/// An entry of an authentication strength.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Strength {
    /// In Graph's spelling.
    #[serde(rename = "allowedAAGUIDs")]
    pub aaguids: Vec<Uuid>,
}

/// The lines for a model that is fit; none for one that is not.
#[must_use]
pub fn lists(case: &Case<'_>, verdict: &Verdict) -> Option<Lists> {
    let aaguid = case.facts.info.aaguid;
    let aaguids = vec![aaguid];
    (verdict.outcome != Outcome::NotFit).then(|| Lists {
        aaguid,
        passkey_profile: Profile { aaguids: aaguids.clone() },
        authentication_strength: Strength { aaguids },
    })
}
