//! Why no request was made, and the cure.

use uuid::Uuid;

use crate::graph::words::{clean, quoted};

/// Why no request was made. Nothing is written then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmitError {
    /// There is no export to merge into.
    #[error("no export is named, and without it the other profiles would be deleted")]
    NoExport,
    /// A plain list instead of an export.
    #[error("{}: a plain list; what the tenant has is needed", clean(file))]
    PlainList {
        /// The file.
        file: String,
    },
    /// An export of the other kind.
    #[error("{}: an export of another kind", clean(file))]
    OtherKind {
        /// The file.
        file: String,
    },
    /// The export lacks the tenant's profiles.
    #[error("{}: this tenant uses passkey profiles, and the file holds none", clean(file))]
    ProfilesMissing {
        /// The file.
        file: String,
    },
    /// A profile is named in a tenant without profiles.
    #[error("{}: this tenant has no passkey profiles, so there can be no {}", clean(file), quoted(wanted))]
    NotMigrated {
        /// The file.
        file: String,
        /// The profile.
        wanted: String,
    },
    /// A fourth profile.
    #[error("{}: the tenant has {count} passkey profiles, and Entra takes no more than three", clean(file))]
    TooManyProfiles {
        /// The file.
        file: String,
        /// How many there are.
        count: usize,
    },
    /// What the list means cannot be told.
    #[error("{}: the list can't be understood: {}", clean(file), clean(why))]
    Unclear {
        /// The file.
        file: String,
        /// What is missing or unknown.
        why: String,
    },
    /// A model is to be dropped that is not there.
    #[error("{}: {aaguid} is not in the list", clean(file))]
    NotListed {
        /// The file.
        file: String,
        /// The model.
        aaguid: Uuid,
    },
    /// A model is to be added and dropped.
    #[error("{aaguid} is to be added and dropped")]
    Contradiction {
        /// The model.
        aaguid: Uuid,
    },
    /// The list would be empty.
    #[error("{}: no model is left: an enforced and empty list lets nobody in", clean(file))]
    NothingLeft {
        /// The file.
        file: String,
    },
    /// A strength with several configurations.
    #[error(
        "{}: the strength has {count} combination configurations for FIDO2 keys; only what all of them list counts",
        clean(file)
    )]
    SeveralConfigurations {
        /// The file.
        file: String,
        /// How many.
        count: usize,
    },
    /// A strength under which no FIDO2 key signs in.
    #[error(
        "{}: the strength does not have `fido2` among its combinations, or the file does not say",
        clean(file)
    )]
    NoFido2 {
        /// The file.
        file: String,
    },
}

impl EmitError {
    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoExport | Self::PlainList { .. } => {
                "export what the tenant has and name the file with `--export`, or in the plan under [policy]"
            }
            Self::OtherKind { .. } => {
                "`passkey-profile` wants the FIDO2 configuration, `authentication-strength` the strength"
            }
            Self::ProfilesMissing { .. } | Self::Unclear { .. } => "export it again, whole",
            Self::NotMigrated { .. } => {
                "leave `--profile` out, or opt in to passkey profiles in the portal first, which cannot be undone"
            }
            Self::TooManyProfiles { .. } => "name one that is there, or delete one in the portal first",
            Self::NotListed { .. } => "look at the AAGUID: `glasskey policy show` lists what the file has",
            Self::Contradiction { .. } => "name it once, with `--add` or with `--drop`",
            Self::NothingLeft { .. } => "enroll keys first, or name models with `--add`",
            Self::SeveralConfigurations { .. } => "delete all but one in the tenant, and export again",
            Self::NoFido2 { .. } => "name the strength that guards the emergency access accounts",
        }
    }
}
