//! Creation options, as Graph answers `GET …/fido2Methods/creationOptions`: v1.0 and beta, wrapped in `value` or not.
//! Members that nobody needs here are kept out; one that is needed and missing, or of another form, is an error.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::EntraError;
use super::credential_id::{self, CredentialId, CredentialIdError};
use crate::ctap::credential::Protection;
use crate::graph::request::{BETA, GRAPH};
use crate::graph::{self, GraphError, Object};
use crate::webauthn::relying_party::RpId;

/// The most bytes that such an answer may have; a challenge has about 7,000 characters.
pub const LIMIT: usize = 1024 * 1024;

/// The most bytes that a challenge may have. The longest seen has 5,198.
const LONGEST_CHALLENGE: usize = 64 * 1024;
/// The least that a challenge must have (WebAuthn §13.4.3).
const LEAST_CHALLENGE: usize = 16;
/// The most bytes of a user handle (WebAuthn §5.4.3).
const LONGEST_HANDLE: usize = 64;

/// Which Graph answered, and so which one the body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// v1.0, also where the answer doesn't say.
    V1,
    /// beta.
    Beta,
}

impl Edition {
    /// Where it is.
    #[must_use]
    pub fn url(self) -> &'static str {
        match self {
            Self::V1 => GRAPH,
            Self::Beta => BETA,
        }
    }
}

/// For whom a passkey is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user handle: 1 to 64 bytes that only Entra understands.
    pub handle: Vec<u8>,
    /// The user principal name.
    pub name: String,
    /// The name for people.
    pub display_name: String,
}

/// A credential that the key may not hold already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// Its id as Graph writes it.
    pub text: String,
    /// What that may mean.
    pub id: Result<CredentialId, CredentialIdError>,
}

/// What is asked of a key, nothing of it judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreationOptions {
    /// Which Graph answered.
    pub edition: Edition,
    /// Until when Entra takes the answer to the challenge.
    pub expires: Timestamp,
    /// The relying party's id.
    pub rp_id: RpId,
    /// The relying party's name.
    pub rp_name: String,
    /// The user.
    pub user: User,
    /// The challenge. Entra's own is a sealed token of some thousand bytes; nothing in it is read here.
    pub challenge: Vec<u8>,
    /// COSE algorithm numbers, the best first.
    pub algorithms: Vec<i64>,
    /// Credentials that the key may not hold already.
    pub exclude: Vec<Excluded>,
    /// `platform` or `cross-platform`, where it is said.
    pub attachment: Option<String>,
    /// `direct`, `none`, ..., where it is said.
    pub attestation: Option<String>,
    /// Whether `hmac-secret` is asked for.
    pub hmac_secret: bool,
    /// The `credProtect` level that is asked for.
    pub protection: Option<Protection>,
    /// Whether a credential without that level is not wanted.
    pub enforce_protection: bool,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "@odata.context")]
    context: Option<String>,
    #[serde(rename = "challengeTimeoutDateTime")]
    expires: Timestamp,
    #[serde(rename = "publicKey")]
    public_key: Object<PublicKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicKey {
    rp: Object<Rp>,
    user: Object<WireUser>,
    challenge: String,
    pub_key_cred_params: Vec<Object<Parameter>>,
    exclude_credentials: Option<Vec<Object<Descriptor>>>,
    authenticator_selection: Option<Object<Selection>>,
    attestation: Option<String>,
    extensions: Option<Object<Extensions>>,
}

#[derive(Deserialize)]
struct Rp {
    id: String,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUser {
    id: String,
    name: String,
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(rename = "type")]
    kind: String,
    alg: i64,
}

#[derive(Deserialize)]
struct Descriptor {
    id: String,
}

#[derive(Deserialize)]
struct Selection {
    #[serde(rename = "authenticatorAttachment")]
    attachment: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    hmac_create_secret: Option<bool>,
    credential_protection_policy: Option<Policy>,
    enforce_credential_protection_policy: Option<bool>,
}

/// CTAP §12.1, as WebAuthn writes it.
#[derive(Deserialize)]
enum Policy {
    #[serde(rename = "userVerificationOptional")]
    Optional,
    #[serde(rename = "userVerificationOptionalWithCredentialIDList")]
    OptionalWithId,
    #[serde(rename = "userVerificationRequired")]
    Required,
}

impl From<Policy> for Protection {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Optional => Self::Optional,
            Policy::OptionalWithId => Self::OptionalWithId,
            Policy::Required => Self::Required,
        }
    }
}

impl CreationOptions {
    /// Reads such an answer; `name` stands for the file in messages.
    ///
    /// # Errors
    /// [`EntraError::Options`], [`EntraError::NoOptions`].
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, EntraError> {
        let fault = |source| EntraError::Options { file: name.to_owned(), source };
        let text = graph::text(bytes, LIMIT).map_err(fault)?;
        let document = graph::document(&text).map_err(fault)?;
        let (at, inner) = match document.get("value") {
            Some(inner) => ("$.value", inner),
            None => ("$", &document),
        };
        if inner.get("publicKey").is_none() {
            return Err(EntraError::NoOptions { file: name.to_owned() });
        }
        let outer = document.get("@odata.context").and_then(Value::as_str);
        graph::typed(at, inner)
            .and_then(|Object(wire): Object<Wire>| Self::of(at, wire, outer))
            .map_err(fault)
    }

    fn of(at: &str, wire: Wire, outer: Option<&str>) -> Result<Self, GraphError> {
        let Object(key) = wire.public_key;
        let (Object(rp), Object(user)) = (key.rp, key.user);
        let wrong = |member: &str, reason: &str| GraphError::Invalid {
            at: format!("{at}.publicKey.{member}"),
            reason: reason.to_owned(),
        };
        let rp_id = RpId::new(&rp.id).map_err(|error| wrong("rp.id", &error.to_string()))?;
        let challenge = credential_id::bytes(&key.challenge)
            .filter(|bytes| (LEAST_CHALLENGE..=LONGEST_CHALLENGE).contains(&bytes.len()))
            .ok_or_else(|| wrong("challenge", "not base64url of 16 to 65536 bytes"))?;
        let handle = credential_id::bytes(&user.id)
            .filter(|bytes| (1..=LONGEST_HANDLE).contains(&bytes.len()))
            .ok_or_else(|| wrong("user.id", "not base64url of 1 to 64 bytes"))?;
        let asked = key.extensions.map(|Object(extensions)| extensions);
        let (hmac_secret, protection, enforce) = asked.map_or((None, None, None), |asked| {
            let Extensions { hmac_create_secret, credential_protection_policy, .. } = asked;
            (hmac_create_secret, credential_protection_policy, asked.enforce_credential_protection_policy)
        });
        let excluded = |Object(Descriptor { id }): Object<Descriptor>| Excluded {
            id: CredentialId::parse(&id),
            text: id,
        };
        let contexts = [outer, wire.context.as_deref()];
        let beta = contexts.into_iter().flatten().any(|context| context.starts_with(BETA));
        let parameters = key.pub_key_cred_params.into_iter().map(|Object(parameter)| parameter);
        Ok(Self {
            edition: if beta { Edition::Beta } else { Edition::V1 },
            expires: wire.expires,
            rp_name: rp.name.unwrap_or_else(|| rp.id.clone()),
            rp_id,
            user: User {
                handle,
                display_name: user.display_name.unwrap_or_else(|| user.name.clone()),
                name: user.name,
            },
            challenge,
            // Of other types nobody knows what they would mean (WebAuthn §5.8.2).
            algorithms: parameters.filter(|one| one.kind == "public-key").map(|one| one.alg).collect(),
            exclude: key.exclude_credentials.unwrap_or_default().into_iter().map(excluded).collect(),
            attachment: key.authenticator_selection.and_then(|Object(selection)| selection.attachment),
            attestation: key.attestation,
            hmac_secret: hmac_secret == Some(true),
            protection: protection.map(Protection::from),
            enforce_protection: enforce == Some(true),
        })
    }
}
