//! Why a Graph file can't be used, and the cure.

use crate::graph::GraphError;
use crate::graph::words::clean;
use crate::graph::words::quoted;

/// Why a Graph file can't be used. The fields keep foreign text as it was; `Display` escapes it.
#[derive(Debug, thiserror::Error)]
pub enum EntraError {
    /// The file can't be read.
    #[error("{}: can't be read: {source}", clean(file))]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A list of methods that is no JSON of Graph's.
    #[error("{}: {source}", clean(file))]
    Methods {
        /// The file.
        file: String,
        /// Why.
        source: GraphError,
    },
    /// Creation options that are no JSON of Graph's.
    #[error("{}: {source}", clean(file))]
    Options {
        /// The file.
        file: String,
        /// Why.
        source: GraphError,
    },
    /// Sound JSON, and no list of an account's methods.
    #[error("{}: this is no list of an account's authentication methods", clean(file))]
    NoMethods {
        /// The file.
        file: String,
    },
    /// Sound JSON, and no creation options.
    #[error("{}: these are no creation options: no `publicKey`", clean(file))]
    NoOptions {
        /// The file.
        file: String,
    },
    /// The plan lacks an id without which nothing can be made.
    #[error("{what} cannot be made: the plan does not say {}", quoted(lacks))]
    Lacks {
        /// What was to be made.
        what: &'static str,
        /// What the plan does not say.
        lacks: &'static str,
        /// What to do about it.
        cure: &'static str,
    },
    /// Several bodies, and one standard output.
    #[error("there are {0} bodies, and standard output takes one")]
    Several(usize),
}

impl EntraError {
    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the path, and that you may read the file",
            Self::Methods { .. } | Self::NoMethods { .. } => {
                "export it: GET https://graph.microsoft.com/v1.0/users/{id}/authentication/fido2Methods, or …/methods for methods of every kind"
            }
            Self::Options { .. } | Self::NoOptions { .. } => {
                "export them: GET https://graph.microsoft.com/v1.0/users/{id}/authentication/fido2Methods/creationOptions"
            }
            Self::Lacks { cure, .. } => cure,
            Self::Several(_) => "name a folder for them with `--out`, or use `--json`",
        }
    }
}
