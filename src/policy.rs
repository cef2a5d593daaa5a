//! Allow-lists: which models a tenant lets register and sign in.
//!
//! A file is read by [`PolicySource::parse`], one of its profiles is chosen by [`PolicySource::choose`] (the rule stands
//! there), and the [`Policy`] that comes of it judges models. Whatever a file leaves out, or says in words that this
//! program doesn't know, allows nothing. Nothing here reads a file but [`PolicySource::load`].

use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::graph;

mod agree;
mod choose;
mod compare;
mod emit;
mod error;
mod json;
mod judge;
mod list;
mod meaning;
mod model;
mod note;
mod reach;
mod shape;
mod source;
mod strength;
mod summary;
mod wire;

pub use agree::{Agreement, Difference, Doubt, Unnamed, agreement};
pub use compare::{Comparison, EnrolledKey, LockedOut, ModelRow, Party, Remark, Side, compare};
pub use emit::{EmitError, Emitted, Export, Wanted};
pub use error::{Found, PolicyError};
pub use json::LIMIT;
pub use judge::{Allowed, Judgement, Policy, Reason};
pub use model::{AaguidList, Attestation, Fido2Combination, Fido2Config, KeyRestrictions, MethodState};
pub use model::{PasskeyProfile, PasskeyType, Strength, Target};
pub use note::{Note, Weight};
pub use source::{Content, Kind, PolicySource};
pub use summary::{ProfileSummary, Restriction, Summary};

impl PolicySource {
    /// Reads a policy file; its path, as given, becomes its name. At most [`LIMIT`] bytes and one are read.
    ///
    /// # Errors
    /// [`PolicyError::Read`], and those of [`PolicySource::parse`].
    pub fn load(path: &Path) -> Result<Self, PolicyError> {
        let name = path.display().to_string();
        let bytes =
            graph::load(path, LIMIT).map_err(|source| PolicyError::Read { file: name.clone(), source })?;
        Self::parse(&name, &bytes)
    }
}

/// The policies of one check, each with its profile chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicySet {
    /// In the order the files were named.
    pub policies: Vec<Policy>,
}

impl PolicySet {
    /// Reads the files and chooses; `profile` names a passkey profile by name or id, in each FIDO2 configuration.
    ///
    /// # Errors
    /// Those of [`PolicySource::load`] and [`PolicySource::choose`], and [`PolicyError::NoProfiles`].
    pub fn load(paths: &[PathBuf], profile: Option<&str>) -> Result<Self, PolicyError> {
        let sources: Vec<_> = paths.iter().map(|path| PolicySource::load(path)).collect::<Result<_, _>>()?;
        Self::choose(&sources, profile)
    }

    /// Chooses in files that are read already.
    ///
    /// # Errors
    /// Those of [`PolicySource::choose`], and [`PolicyError::NoProfiles`] if a profile is named in vain.
    pub fn choose(sources: &[PolicySource], profile: Option<&str>) -> Result<Self, PolicyError> {
        match profile {
            Some(wanted) if !sources.iter().any(|source| source.kind == Kind::Fido2Configuration) => {
                return Err(PolicyError::NoProfiles { wanted: wanted.to_owned() });
            }
            _ => {}
        }
        let policies = sources.iter().map(|source| source.choose(profile)).collect::<Result<_, _>>()?;
        Ok(Self { policies })
    }

    /// What each policy says about a model.
    #[must_use]
    pub fn judge(&self, aaguid: Uuid) -> Vec<Judgement> {
        self.policies.iter().map(|policy| policy.judge(aaguid)).collect()
    }

    /// Must a key be attested to be registered? `None`: a profile does not say, or in words that are not known. Other
    /// policies than profiles have no say.
    #[must_use]
    pub fn attestation_required(&self) -> Option<bool> {
        let profiles = || self.policies.iter().filter(|policy| policy.kind == Kind::Fido2Configuration);
        if profiles().any(|policy| policy.attestation_required == Some(true)) {
            Some(true)
        } else if profiles().any(|policy| policy.attestation_required.is_none()) {
            None
        } else {
            Some(false)
        }
    }

    /// Do the policies let in the same models?
    #[must_use]
    pub fn agreement(&self) -> Agreement {
        agreement(&self.policies)
    }
}
