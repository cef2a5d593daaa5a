//! What people should know about a policy, beside yes and no.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::error::{listed, quoted};
use super::model::KeyRestrictions;

/// How much a note weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Good to know.
    Info,
    /// Harmless or not: the file can't tell, a person must see to it.
    Check,
    /// Likely a mistake.
    Warn,
}

/// One thing to know. Foreign text is raw here and escaped in [`fmt::Display`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Note {
    /// AAGUIDs are listed, and the list isn't enforced: every model may be used.
    InertList {
        /// How many.
        aaguids: usize,
    },
    /// AAGUIDs that the file lists more than once.
    Duplicates {
        /// These.
        aaguids: Vec<Uuid>,
    },
    /// An allow-list is enforced and empty.
    EmptyAllowList,
    /// A block-list is enforced and empty.
    EmptyBlockList,
    /// The all-zero AAGUID is allowed: every key that doesn't tell its model passes for it.
    ZeroAllowed,
    /// Members of these groups are shut out, whatever else the policy says.
    Excludes {
        /// Object ids.
        ids: Vec<String>,
    },
    /// Only members of these groups are reached.
    OnlyFor {
        /// Object ids.
        ids: Vec<String>,
    },
    /// The file doesn't say whom the policy is for.
    TargetsUnsaid,
    /// The file doesn't say who is excluded.
    ExclusionsUnsaid,
    /// Targets use profiles that the file doesn't hold: it is cut short.
    ProfilesNotInFile {
        /// Their ids.
        ids: Vec<String>,
    },
    /// The profile reaches people only as the default, through a target that names none: that isn't documented.
    DefaultByOmission,
    /// The profile was chosen by itself, because naming one of these would tell nothing more.
    SetAside {
        /// The other profiles.
        profiles: Vec<String>,
    },
    /// Attestation enforcement is missing, or a word that this program doesn't know.
    AttestationUnknown {
        /// The word, if there is one.
        word: Option<String>,
    },
    /// The configuration has no profiles: the restrictions outside them count. They go in October 2027.
    Legacy,
    /// Other strengths of the file that play no part.
    OtherStrengths {
        /// Their names.
        strengths: Vec<String>,
    },
    /// Combination configurations without their strength: whether it has `fido2` is taken for granted.
    StrengthNotInFile,
    /// Several combination configurations: only models that all of them list count as allowed.
    Intersection {
        /// How many.
        configurations: usize,
    },
}

impl Note {
    /// How much it weighs.
    #[must_use]
    pub fn weight(&self) -> Weight {
        match self {
            Self::Duplicates { .. } | Self::SetAside { .. } | Self::Legacy | Self::StrengthNotInFile => {
                Weight::Info
            }
            Self::Excludes { .. }
            | Self::OnlyFor { .. }
            | Self::TargetsUnsaid
            | Self::ExclusionsUnsaid
            | Self::DefaultByOmission
            | Self::OtherStrengths { .. } => Weight::Check,
            Self::InertList { .. }
            | Self::EmptyAllowList
            | Self::EmptyBlockList
            | Self::ZeroAllowed
            | Self::ProfilesNotInFile { .. }
            | Self::AttestationUnknown { .. }
            | Self::Intersection { .. } => Weight::Warn,
        }
    }

    /// What a list of AAGUIDs itself calls for.
    pub(super) fn on(restrictions: &KeyRestrictions) -> Vec<Self> {
        let list = restrictions.list();
        let zero = list.aaguids.contains(&Uuid::nil());
        let special = match restrictions {
            KeyRestrictions::Open { .. } if !list.aaguids.is_empty() => {
                Some(Self::InertList { aaguids: list.aaguids.len() })
            }
            KeyRestrictions::Allow(_) if list.aaguids.is_empty() => Some(Self::EmptyAllowList),
            KeyRestrictions::Allow(_) if zero => Some(Self::ZeroAllowed),
            KeyRestrictions::Block(_) if list.aaguids.is_empty() => Some(Self::EmptyBlockList),
            _ => None,
        };
        let twice: Vec<_> = list.duplicates.iter().copied().collect();
        let twice = (!twice.is_empty()).then_some(Self::Duplicates { aaguids: twice });
        special.into_iter().chain(twice).collect()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InertList { aaguids } => {
                write!(f, "AAGUIDs are listed ({aaguids}), but the list is not enforced: every model may be used")
            }
            Self::Duplicates { aaguids } => {
                let all: Vec<_> = aaguids.iter().map(Uuid::to_string).collect();
                write!(f, "listed more than once: {}", all.join(", "))
            }
            Self::EmptyAllowList => f.write_str("the allow-list is enforced and empty: no model may be used"),
            Self::EmptyBlockList => f.write_str("the block-list is enforced and empty: every model may be used"),
            Self::ZeroAllowed => f.write_str("allows the all-zero AAGUID: any key that hides its model"),
            Self::Excludes { ids } => {
                write!(f, "shuts out the members of {}: the account must not be one", listed(ids))
            }
            Self::OnlyFor { ids } => write!(f, "reaches only {}: the account must be among them", listed(ids)),
            Self::TargetsUnsaid => f.write_str("the file doesn't say whom the policy is for"),
            Self::ExclusionsUnsaid => f.write_str("the file doesn't say who is excluded"),
            Self::ProfilesNotInFile { ids } => {
                write!(f, "the file is cut short: targets use profiles that it doesn't hold: {}", listed(ids))
            }
            Self::DefaultByOmission => f.write_str(
                "reaches people only through a target that names no profile: Entra is said to take the default one then",
            ),
            Self::SetAside { profiles } => write!(
                f,
                "chosen by itself; set aside, as they admit no hardware key or ask nothing of it: {}",
                listed(profiles)
            ),
            Self::AttestationUnknown { word: None } => {
                f.write_str("the file doesn't say whether registration needs attestation")
            }
            Self::AttestationUnknown { word: Some(word) } => {
                write!(f, "attestation enforcement is {}, an unknown word", quoted(word))
            }
            Self::Legacy => f.write_str(
                "a tenant without passkey profiles: its restrictions stand in members that Graph drops on 2027-10-15",
            ),
            Self::OtherStrengths { strengths } => {
                write!(f, "other strengths in the file, without a say here: {}", listed(strengths))
            }
            Self::StrengthNotInFile => f.write_str("a combination configuration without its strength"),
            Self::Intersection { configurations } => {
                write!(f, "{configurations} combination configurations: only models in all of them count as allowed")
            }
        }
    }
}
