//! One model against one policy: yes, no, or can't tell, and why.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::error::{listed, quoted};
use super::model::KeyRestrictions;
use super::note::Note;
use super::source::Kind;

/// May a hardware key of this model be used?
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", content = "reason", rename_all = "snake_case")]
pub enum Allowed {
    /// Yes.
    Yes,
    /// No.
    No(Reason),
    /// The file leaves it open. Never to be taken for a yes.
    CannotTell(Reason),
}

impl Allowed {
    /// Both must say yes; the first no counts, then the first doubt.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (no @ Self::No(_), _) | (_, no @ Self::No(_)) => no,
            (doubt @ Self::CannotTell(_), _) | (_, doubt @ Self::CannotTell(_)) => doubt,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

/// Why a model may not be used, or why that can't be told. Foreign text is raw here and escaped in [`fmt::Display`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// The passkey method is off for the whole tenant.
    MethodDisabled,
    /// Everybody is excluded.
    EverybodyExcluded,
    /// The method is on for nobody.
    NobodyIncluded,
    /// No target of the policy uses the chosen profile.
    ProfileUnused,
    /// The profile admits synced passkeys only, and a hardware key is device-bound.
    SyncedOnly,
    /// The strength doesn't have `fido2` among its combinations.
    NoFido2Combination,
    /// Only listed models may be used, and this one isn't.
    NotListed {
        /// How many models are listed.
        listed: usize,
    },
    /// This model is blocked.
    Blocked,
    /// It isn't said, or not in a word that this program knows, whether the method is on.
    StateUnknown {
        /// The word, if there is one.
        word: Option<String>,
    },
    /// It isn't said, or not in words that this program knows, which kinds of passkey the profile admits.
    TypesUnknown {
        /// The unknown words.
        words: Vec<String>,
    },
    /// The key restrictions are missing or unknown.
    RestrictionsUnknown {
        /// What is missing or unknown.
        why: String,
    },
    /// The tenant uses passkey profiles, and the file holds none.
    ProfilesMissing,
    /// The combinations of the strength aren't in the file.
    CombinationsMissing,
    /// Registration needs attestation, and Microsoft doesn't list the model as one that can give it.
    NotAttestable,
    /// Registration needs attestation, or may need it, and nobody says whether the model can give it.
    AttestabilityUnknown,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MethodDisabled => "the passkey method is disabled in this tenant",
            Self::EverybodyExcluded => "all users are excluded from the passkey method",
            Self::NobodyIncluded => "the passkey method is enabled for nobody",
            Self::ProfileUnused => "no target of the policy uses this profile, so it reaches nobody",
            Self::SyncedOnly => "the profile admits synced passkeys only, and a hardware key is device-bound",
            Self::NoFido2Combination => "fido2 is not one of the strength's combinations: no key signs in",
            Self::NotListed { listed: 0 } => "only listed models may be used, and none is listed",
            Self::NotListed { listed: 1 } => return f.write_str("not the 1 model that is allowed"),
            Self::NotListed { listed } => return write!(f, "not among the {listed} models that are allowed"),
            Self::Blocked => "this model is on the block-list",
            Self::StateUnknown { word: None } => "the file doesn't say whether the passkey method is enabled",
            Self::StateUnknown { word: Some(word) } => {
                return write!(f, "the passkey method's state is {}, an unknown word", quoted(word));
            }
            Self::TypesUnknown { words } if words.is_empty() => {
                "the file doesn't say which kinds of passkey the profile admits"
            }
            Self::TypesUnknown { words } => {
                return write!(f, "the profile admits passkeys of unknown kinds: {}", listed(words));
            }
            Self::RestrictionsUnknown { why } => {
                return write!(f, "the key restrictions can't be understood: {}", super::error::clean(why));
            }
            Self::ProfilesMissing => "this tenant uses passkey profiles, and the file holds none",
            Self::CombinationsMissing => "the file doesn't say which combinations the strength has",
            Self::NotAttestable => {
                "registration needs attestation, which Entra takes from no key of this model"
            }
            Self::AttestabilityUnknown => "nobody says whether Entra takes this model's attestation",
        })
    }
}

/// One policy with its profile chosen, ready to judge models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The file it comes from.
    pub source: String,
    /// What kind of policy it is.
    pub kind: Kind,
    /// The profile or strength: its name, else its id.
    pub profile: Option<String>,
    /// What holds for every model: `Yes` if it depends on the model alone.
    pub gate: Allowed,
    /// The models it lets in, once through the gate.
    pub key_restrictions: KeyRestrictions,
    /// Must a key be attested to be registered? `None`: the file doesn't say, or it is not this kind's matter.
    pub attestation_required: Option<bool>,
    /// What people should know.
    pub notes: Vec<Note>,
}

/// What one policy says about one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The file it comes from.
    pub source: String,
    /// What kind of policy it is.
    pub kind: Kind,
    /// The profile or strength: its name, else its id.
    pub profile: Option<String>,
    /// May a hardware key of this model be used, to register and to sign in?
    pub allowed: Allowed,
    /// Must a key be attested to be registered? `None`: the file doesn't say, or it is not this kind's matter.
    pub attestation_required: Option<bool>,
    /// What people should know.
    pub notes: Vec<Note>,
}

impl fmt::Display for Judgement {
    /// Which policy it is, and why it does not let the model in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source.escape_debug())?;
        if let Some(profile) = &self.profile {
            write!(f, " ({})", profile.escape_debug())?;
        }
        match &self.allowed {
            Allowed::Yes => Ok(()),
            Allowed::No(reason) | Allowed::CannotTell(reason) => write!(f, ": {reason}"),
        }
    }
}

impl Policy {
    /// Judges one model. A hardware (device-bound) key is taken for granted.
    #[must_use]
    pub fn judge(&self, aaguid: Uuid) -> Judgement {
        Judgement {
            source: self.source.clone(),
            kind: self.kind,
            profile: self.profile.clone(),
            allowed: self.allows(aaguid),
            attestation_required: self.attestation_required,
            notes: self.notes.clone(),
        }
    }

    pub(super) fn allows(&self, aaguid: Uuid) -> Allowed {
        self.gate.clone().and(self.key_restrictions.judge(aaguid))
    }
}

impl KeyRestrictions {
    /// Judges one model by these restrictions alone.
    #[must_use]
    pub fn judge(&self, aaguid: Uuid) -> Allowed {
        match self {
            Self::Open { .. } => Allowed::Yes,
            Self::Allow(list) if list.aaguids.contains(&aaguid) => Allowed::Yes,
            Self::Allow(list) => Allowed::No(Reason::NotListed { listed: list.aaguids.len() }),
            Self::Block(list) if list.aaguids.contains(&aaguid) => Allowed::No(Reason::Blocked),
            Self::Block(_) => Allowed::Yes,
            Self::Unknown { why, .. } => {
                Allowed::CannotTell(Reason::RestrictionsUnknown { why: why.clone() })
            }
        }
    }
}
