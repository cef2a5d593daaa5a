//! What a policy file says, for `policy show`.

use std::collections::BTreeSet;

use serde::Serialize;
use uuid::Uuid;

use super::model::{Attestation, Fido2Combination, Fido2Config, KeyRestrictions, MethodState};
use super::model::{PasskeyProfile, PasskeyType, Strength, same_id};
use super::note::Note;
use super::source::{Content, Kind, PolicySource};

/// What one policy file says. Foreign text is raw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The file.
    pub source: String,
    /// What kind of policy it is.
    pub kind: Kind,
    /// Is the method on? Only a FIDO2 configuration says.
    pub state: Option<MethodState>,
    /// Groups (object ids) that are shut out.
    pub excluded: Vec<String>,
    /// Its passkey profiles; else what plays their part: the members outside profiles, strengths, the one list.
    pub profiles: Vec<ProfileSummary>,
}

/// One profile, strength or list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileSummary {
    /// Its name.
    pub name: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// The kinds of passkey it admits; `None` where that isn't its matter.
    pub passkey_types: Option<BTreeSet<PasskeyType>>,
    /// Does registration ask for attestation? `None` where that isn't its matter.
    pub attestation: Option<Attestation>,
    /// Does the strength have `fido2`? `None` if it is no strength.
    pub fido2_combination: Option<Fido2Combination>,
    /// What its AAGUIDs mean.
    pub restriction: Restriction,
    /// Its AAGUIDs, also those without effect.
    pub aaguids: BTreeSet<Uuid>,
    /// Those listed more than once.
    pub duplicates: BTreeSet<Uuid>,
    /// True if AAGUIDs are listed and the list isn't enforced.
    pub inert: bool,
    /// The targets that use it: object ids of groups, or `all_users`.
    pub targets: Vec<String>,
    /// What people should know about the list.
    pub notes: Vec<Note>,
}

/// What the AAGUIDs of a list mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// Nothing: every model may be used.
    Open,
    /// Only these.
    Allow,
    /// All but these.
    Block,
    /// Can't be told.
    Unknown,
}

impl From<&KeyRestrictions> for Restriction {
    fn from(restrictions: &KeyRestrictions) -> Self {
        match restrictions {
            KeyRestrictions::Open { .. } => Self::Open,
            KeyRestrictions::Allow(_) => Self::Allow,
            KeyRestrictions::Block(_) => Self::Block,
            KeyRestrictions::Unknown { .. } => Self::Unknown,
        }
    }
}

impl PolicySource {
    /// What the file says, with no profile chosen.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let (state, excluded, profiles) = match &self.content {
            Content::List(list) => (None, vec![], vec![row(&KeyRestrictions::Allow(list.clone()))]),
            Content::Strengths(all) => (None, vec![], all.iter().map(strength).collect()),
            Content::Fido2(config) => (Some(config.state.clone()), excluded(config), profiles(config)),
        };
        Summary { source: self.name.clone(), kind: self.kind, state, excluded, profiles }
    }
}

fn excluded(config: &Fido2Config) -> Vec<String> {
    config.exclude.iter().flatten().map(|target| target.id.clone()).collect()
}

fn profiles(config: &Fido2Config) -> Vec<ProfileSummary> {
    if !config.profiles.is_empty() {
        return config.profiles.iter().map(|one| profile(config, one)).collect();
    }
    vec![ProfileSummary {
        attestation: Some(config.legacy_attestation.clone()),
        targets: config.include.iter().flatten().map(|target| target.id.clone()).collect(),
        ..row(&config.legacy_restrictions)
    }]
}

fn profile(config: &Fido2Config, profile: &PasskeyProfile) -> ProfileSummary {
    let uses =
        |ids: &[String]| profile.id.as_deref().is_some_and(|own| ids.iter().any(|id| same_id(id, own)));
    let targets = config.include.iter().flatten().filter(|target| uses(&target.profiles));
    ProfileSummary {
        name: profile.name.clone(),
        id: profile.id.clone(),
        passkey_types: Some(profile.passkey_types.clone()),
        attestation: Some(profile.attestation_enforcement.clone()),
        targets: targets.map(|target| target.id.clone()).collect(),
        ..row(&profile.key_restrictions)
    }
}

fn strength(strength: &Strength) -> ProfileSummary {
    ProfileSummary {
        name: strength.name.clone(),
        id: strength.id.clone(),
        fido2_combination: Some(strength.fido2),
        ..row(&strength.key_restrictions)
    }
}

fn row(restrictions: &KeyRestrictions) -> ProfileSummary {
    let list = restrictions.list();
    ProfileSummary {
        name: None,
        id: None,
        passkey_types: None,
        attestation: None,
        fido2_combination: None,
        restriction: restrictions.into(),
        aaguids: list.aaguids.clone(),
        duplicates: list.duplicates.clone(),
        inert: matches!(restrictions, KeyRestrictions::Open { .. }) && !list.aaguids.is_empty(),
        targets: vec![],
        notes: Note::on(restrictions),
    }
}
