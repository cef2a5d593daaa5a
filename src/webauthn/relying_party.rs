//! Who asks: a relying party id (§5.1.2) and the origin that speaks for it.

use sha2::{Digest, Sha256};

/// The relying party id of custody credentials. `.invalid` can never be a website's (RFC 2606).
pub const CUSTODY_RP_ID: &str = "glasskey.invalid";
/// The origin that stands in the client data of custody credentials.
pub const CUSTODY_ORIGIN: &str = "https://glasskey.invalid";

/// The relying party id of passkeys that are made to try a model, and deleted again.
pub const ONBOARDING_RP_ID: &str = "onboarding.glasskey.invalid";

/// The relying party id of passkeys for Microsoft Entra.
pub const ENTRA_RP_ID: &str = "login.microsoft.com";

/// Why a text names no relying party.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelyingPartyError {
    /// Not a domain as it stands in a URL.
    #[error("'{}' is no relying party id: a domain in small letters is needed", .0.escape_debug())]
    Id(String),
}

/// A relying party id: a domain, as it is hashed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RpId(String);

impl RpId {
    /// # Errors
    /// [`RelyingPartyError::Id`] unless a URL parser leaves the domain as it stands and nothing in it needs an escape.
    pub fn new(id: &str) -> Result<Self, RelyingPartyError> {
        match url::Host::parse(id) {
            Ok(url::Host::Domain(domain)) if domain == id && plain(id) => Ok(Self(domain)),
            _ => Err(RelyingPartyError::Id(id.to_owned())),
        }
    }

    /// The domain.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands in authenticator data (§6.1).
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

/// Nothing that JSON would escape: URL parsers let `"` stand in a domain.
fn plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':' | b'/'))
}

/// SHA-256 of a relying party id.
pub(super) fn hash(rp_id: &str) -> [u8; 32] {
    Sha256::digest(rp_id.as_bytes()).into()
}

/// A web origin: scheme, host, and the port unless it is the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin as it stands in client data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A relying party id and one origin of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RelyingParty {
    id: RpId,
    origin: Origin,
}

impl RelyingParty {
    /// The one under which custody credentials are made.
    #[must_use]
    pub fn custody() -> Self {
        Self { id: RpId(CUSTODY_RP_ID.into()), origin: Origin(CUSTODY_ORIGIN.into()) }
    }

    /// The one under which passkeys are made to try a model.
    #[must_use]
    pub fn onboarding() -> Self {
        Self::https(RpId(ONBOARDING_RP_ID.into()))
    }

    /// Entra's id under the custody origin: a passkey can be had to sign, and no site on earth accepts what it signed.
    #[must_use]
    pub fn entra_proof() -> Self {
        Self { id: RpId(ENTRA_RP_ID.into()), origin: Origin(CUSTODY_ORIGIN.into()) }
    }

    /// `https://` and the id itself, as for Entra's `login.microsoft.com`.
    #[must_use]
    pub fn https(id: RpId) -> Self {
        let origin = Origin(format!("https://{}", id.0));
        Self { id, origin }
    }

    /// The relying party id.
    #[must_use]
    pub fn id(&self) -> &RpId {
        &self.id
    }

    /// The origin.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}
