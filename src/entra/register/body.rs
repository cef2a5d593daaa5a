//! The body that hands a passkey to Entra: `POST /users/{id}/authentication/fido2Methods`. Its types are closed, so it
//! holds what they allow, and nothing else.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;

use crate::entra::options::Edition;
use crate::graph::Request;
use crate::ledger::payload::RawRegistration;
use crate::plan::Account;
use crate::webauthn::stored::answered;

/// The most characters of a method's name. Microsoft states none; tools that work take 30.
const LONGEST: usize = 30;

/// The name under which Entra lists a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// As a person gives it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if !(1..=LONGEST).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            return Err(format!("1 to {LONGEST} characters are needed, of those that can be printed"));
        }
        Ok(Self(text.to_owned()))
    }

    /// A key's label, as far as there is room.
    #[must_use]
    pub fn of_label(label: &str) -> Self {
        Self(label.chars().take(LONGEST).collect())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The request that registers a passkey.
#[must_use]
pub fn request(
    account: &Account,
    edition: Edition,
    name: &DisplayName,
    credential_id: &[u8],
    registration: &RawRegistration,
) -> Request {
    let base64url = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let object = registration.attestation_object.as_slice();
    let mut credential = json!({
        "id": base64url(credential_id),
        "response": {
            "clientDataJSON": base64url(registration.client_data.as_slice()),
            "attestationObject": base64url(object),
        },
    });
    // What the key said to `hmac-secret`, as WebAuthn tells it (§10.1.3). `credProtect` has no word of its own there.
    let secret = answered(object, "hmac-secret").and_then(|said| said.as_bool());
    if let (Some(secret), Some(members)) = (secret, credential.as_object_mut()) {
        members.insert("clientExtensionResults".to_owned(), json!({ "hmacCreateSecret": secret }));
    }
    Request {
        method: "POST",
        url: format!("{}/users/{}/authentication/fido2Methods", edition.url(), *account.object_id),
        body: json!({
            "@odata.type": "#microsoft.graph.fido2AuthenticationMethod",
            "displayName": name.as_str(),
            "publicKeyCredential": credential,
        }),
    }
}
