//! Why a policy file can't be used, and the cure.

use std::fmt;

use super::emit::EmitError;
use crate::graph::GraphError;
pub(super) use crate::graph::words::{clean, listed, quoted};

/// Why no policy could be had from a file.
///
/// `file` is the name that the caller gave; `at` is a JSON path (`$.passkeyProfiles[1].name`) or `line 3`.
/// The fields keep foreign text as it was; [`fmt::Display`] escapes and shortens it.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file can't be read.
    #[error("{}: can't be read: {source}", clean(file))]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than [`super::LIMIT`].
    #[error("{}: larger than {limit} bytes, no policy is that large", clean(file))]
    TooLarge {
        /// The file.
        file: String,
        /// The most bytes that are read.
        limit: usize,
    },
    /// The file holds nothing, or nothing but blanks and comments.
    #[error("{}: empty", clean(file))]
    Empty {
        /// The file.
        file: String,
    },
    /// The bytes are neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("{}: not text: neither UTF-8 nor UTF-16 with a byte order mark", clean(file))]
    NotText {
        /// The file.
        file: String,
    },
    /// A part of the file is not what it must be.
    #[error("{}: {}: {}", clean(file), clean(at), clean(reason))]
    Invalid {
        /// The file.
        file: String,
        /// Where in it.
        at: String,
        /// What is wrong there.
        reason: String,
    },
    /// Sound JSON, and no policy.
    #[error("{}: this is not a policy: it looks like {}", clean(file), found)]
    NotAPolicy {
        /// The file.
        file: String,
        /// What it looks like.
        found: Found,
    },
    /// A profile was named that the file doesn't hold.
    #[error("{}: no passkey profile {} ({})", clean(file), quoted(wanted), holds(known))]
    UnknownProfile {
        /// The file.
        file: String,
        /// The name or id that was asked for.
        wanted: String,
        /// The profiles of the file: name and id.
        known: Vec<String>,
    },
    /// A profile was named, and no file is a FIDO2 configuration.
    #[error("no policy file holds passkey profiles, so {} can't be chosen", quoted(wanted))]
    NoProfiles {
        /// The name or id that was asked for.
        wanted: String,
    },
    /// Several profiles could be meant.
    #[error("{}: several passkey profiles could be meant: {}", clean(file), listed(candidates))]
    ProfileNeeded {
        /// The file.
        file: String,
        /// The profiles in question: name and id.
        candidates: Vec<String>,
    },
    /// Several authentication strengths could be meant.
    #[error("{}: several authentication strengths name AAGUIDs: {}", clean(file), listed(candidates))]
    StrengthNeeded {
        /// The file.
        file: String,
        /// The strengths in question: name and id.
        candidates: Vec<String>,
    },
    /// No request could be made of it.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// What a file that is no policy looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Passkey creation options.
    CreationOptions,
    /// The body of a passkey registration.
    RegisterRequest,
    /// The passkeys of an account.
    MethodsList,
    /// A Conditional Access policy.
    ConditionalAccess,
    /// A passkey profile without the configuration around it.
    LoneProfile,
    /// An authentication methods policy, or a list of methods, without the FIDO2 configuration.
    OtherMethods,
    /// An answer of Microsoft Graph that reports an error.
    GraphError,
    /// Objects of the Graph PowerShell module, written by `ConvertTo-Json`.
    PowerShell,
    /// A list without entries.
    EmptyList,
    /// JSON of another kind.
    Other,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreationOptions => "passkey creation options",
            Self::RegisterRequest => "a passkey registration request",
            Self::MethodsList => "the list of an account's passkeys",
            Self::ConditionalAccess => "a Conditional Access policy",
            Self::LoneProfile => "a passkey profile without its configuration",
            Self::OtherMethods => "authentication methods without the FIDO2 configuration",
            Self::GraphError => "an error answer of Microsoft Graph",
            Self::PowerShell => "objects of the Graph PowerShell module",
            Self::EmptyList => "an empty list",
            Self::Other => "JSON of another kind",
        })
    }
}

impl PolicyError {
    /// A fault in the JSON of a file.
    pub(super) fn of(file: &str, error: GraphError) -> Self {
        let file = file.to_owned();
        match error {
            GraphError::TooLarge { limit } => Self::TooLarge { file, limit },
            GraphError::NotText => Self::NotText { file },
            GraphError::Empty => Self::Empty { file },
            GraphError::Invalid { at, reason } => Self::Invalid { file, at, reason },
        }
    }

    /// What the person can do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Read { .. } => "check the path, and that you may read the file",
            Self::TooLarge { .. } | Self::Empty { .. } => EXPORT,
            Self::NotText { .. } => "save the export as UTF-8",
            Self::Invalid { .. } => "export the policy again, or correct the file at that place",
            Self::NotAPolicy { found: Found::CreationOptions | Found::RegisterRequest, .. } => {
                "this file belongs to `entra register`; a policy is wanted here"
            }
            Self::NotAPolicy { found: Found::MethodsList, .. } => {
                "this file belongs to `entra match`; a policy is wanted here"
            }
            Self::NotAPolicy { found: Found::PowerShell, .. } => {
                "export with `Invoke-MgGraphRequest -OutputType Json`, which keeps Graph's own names"
            }
            Self::NotAPolicy { .. } => EXPORT,
            Self::UnknownProfile { known, .. } if known.is_empty() => {
                "the file holds no passkey profiles: leave `--profile` out"
            }
            Self::UnknownProfile { .. } => "name one of them with `--profile`",
            Self::NoProfiles { .. } => "leave `--profile` out, or add the export of the FIDO2 configuration",
            Self::ProfileNeeded { .. } => {
                "name the one meant for the emergency access accounts with `--profile`, by name or id"
            }
            Self::Emit(error) => error.hint(),
            Self::StrengthNeeded { .. } => {
                "save the strength that guards the emergency access accounts in a file of its own"
            }
        };
        Some(hint.to_owned())
    }
}

const EXPORT: &str = "export it: GET https://graph.microsoft.com/v1.0/policies/authenticationMethodsPolicy/\
    authenticationMethodConfigurations/fido2 (passkey profiles), or GET https://graph.microsoft.com/v1.0/\
    policies/authenticationStrengthPolicies/{id} (authentication strength)";

fn holds(known: &[String]) -> String {
    if known.is_empty() { "it holds none".to_owned() } else { format!("it holds {}", listed(known)) }
}
