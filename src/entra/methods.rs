//! An account's authentication methods as Graph lists them: `fido2Methods`, or methods of every kind.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::EntraError;
use super::credential_id::{CredentialId, CredentialIdError};
use crate::graph::{self, Object};

/// The most bytes that a list may have.
pub const LIMIT: usize = 4 * 1024 * 1024;

/// A passkey as Entra knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its id as Graph writes it.
    pub id: String,
    /// What the id says of the key's own.
    pub credential_id: Result<CredentialId, CredentialIdError>,
    /// The name that somebody gave it.
    pub name: Option<String>,
    /// When it was registered, as Graph writes it.
    pub created: Option<String>,
    /// Its model; `None` where the file doesn't say, or not in a form that an AAGUID has.
    pub aaguid: Option<Uuid>,
    /// `attested`, `notAttested`, or what else the file says.
    pub attestation: Option<String>,
    /// `deviceBound`, `synced`, or what else the file says.
    pub kind: Option<String>,
}

impl Registered {
    /// Whether it is bound to one device; `None` where the file doesn't say.
    #[must_use]
    pub fn is_device_bound(&self) -> Option<bool> {
        self.kind.as_deref().map(|kind| kind == "deviceBound")
    }
}

/// A method of another kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Other {
    /// Its kind: `passwordAuthenticationMethod`, ...
    pub kind: String,
    /// Its id.
    pub id: String,
}

impl Other {
    /// Whether it is the password, which no account can be without.
    #[must_use]
    pub fn is_password(&self) -> bool {
        self.kind == "passwordAuthenticationMethod"
    }
}

/// An account's methods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Methods {
    /// Whose they are, as the answer's context says: an object id or a user principal name.
    pub user: Option<String>,
    /// Whether the answer is whole. One that names a next page is not.
    pub whole: bool,
    /// Passkeys.
    pub passkeys: Vec<Registered>,
    /// All others.
    pub others: Vec<Other>,
    /// Whether it is a list of every kind. One of `fido2Methods`, or one that does not say of what it is and holds
    /// passkeys alone, tells nothing of the others.
    pub every_kind: bool,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    #[serde(rename = "@odata.type")]
    odata_type: Option<String>,
    #[serde(rename = "displayName")]
    display_name: Option<String>,
    #[serde(rename = "createdDateTime", alias = "creationDateTime")]
    created: Option<String>,
    #[serde(rename = "aaGuid")]
    aaguid: Option<String>,
    #[serde(rename = "attestationLevel")]
    attestation: Option<String>,
    #[serde(rename = "passkeyType")]
    passkey_type: Option<String>,
}

impl Methods {
    /// Reads a list; `name` stands for the file in messages.
    ///
    /// # Errors
    /// [`EntraError::Methods`], [`EntraError::NoMethods`].
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, EntraError> {
        let fault = |source| EntraError::Methods { file: name.to_owned(), source };
        let text = graph::text(bytes, LIMIT).map_err(fault)?;
        let document = graph::document(&text).map_err(fault)?;
        Self::of(&document).map_err(fault)?.ok_or_else(|| EntraError::NoMethods { file: name.to_owned() })
    }

    /// What an answer of Graph lists; `None` where it is no such list.
    ///
    /// # Errors
    /// [`graph::GraphError::Invalid`].
    pub fn of(document: &Value) -> Result<Option<Self>, graph::GraphError> {
        let context = document.get("@odata.context").and_then(Value::as_str);
        let place = context.and_then(place);
        let Some(Value::Array(items)) = document.get("value") else { return Ok(None) };
        let (mut passkeys, mut others) = (Vec::new(), Vec::new());
        for (number, item) in items.iter().enumerate() {
            let at = format!("$.value[{number}]");
            let Object(wire): Object<Wire> = graph::typed(&at, item)?;
            let kind = wire.odata_type.as_deref().and_then(|kind| kind.trim().rsplit('.').next());
            let kind = match (kind, &place) {
                (Some(kind), _) => kind.to_owned(),
                (None, Some((_, true))) => FIDO2.to_owned(),
                (None, _) if wire.aaguid.is_some() => FIDO2.to_owned(),
                (None, _) => return Ok(None),
            };
            if kind == FIDO2 { passkeys.push(wire.into()) } else { others.push(Other { kind, id: wire.id }) }
        }
        if place.is_none() && passkeys.is_empty() && others.is_empty() {
            return Ok(None);
        }
        let whole = document.get("@odata.nextLink").is_none();
        let every_kind =
            place.as_ref().is_some_and(|(_, passkeys_alone)| !passkeys_alone) || !others.is_empty();
        Ok(Some(Self { user: place.and_then(|(user, _)| user), whole, passkeys, others, every_kind }))
    }
}

impl Methods {
    /// Whether another list of the same kind says something else. Their order says nothing.
    #[must_use]
    pub fn contradicts(&self, other: &Self) -> bool {
        let alike = self.passkeys.len() == other.passkeys.len() && self.others.len() == other.others.len();
        let holds = self.passkeys.iter().all(|one| other.passkeys.contains(one))
            && self.others.iter().all(|one| other.others.contains(one));
        self.every_kind == other.every_kind && !(alike && holds)
    }
}

const FIDO2: &str = "fido2AuthenticationMethod";

/// Whose list it is, and whether it is of passkeys alone: from `…$metadata#users('ID')/authentication/fido2Methods`.
fn place(context: &str) -> Option<(Option<String>, bool)> {
    let fragment = context.split_once("$metadata#")?.1;
    let (owner, what) = fragment.split_once("/authentication/")?;
    let what = what.split(['(', '/']).next().unwrap_or_default();
    if what != "fido2Methods" && what != "methods" {
        return None;
    }
    let user = owner.strip_prefix("users('").and_then(|rest| rest.strip_suffix("')"));
    let user = user.map(|user| percent_decode_str(user).decode_utf8_lossy().into_owned());
    Some((user, what == "fido2Methods"))
}

impl From<Wire> for Registered {
    fn from(wire: Wire) -> Self {
        Self {
            credential_id: CredentialId::parse(&wire.id),
            id: wire.id,
            name: wire.display_name,
            created: wire.created,
            aaguid: wire.aaguid.and_then(|text| Uuid::try_parse(text.trim()).ok()),
            attestation: wire.attestation,
            kind: wire.passkey_type,
        }
    }
}
