//! The seam to `webauthn-rs`: its relying party, fed with our own challenge.
//!
//! Its states are built from JSON, whose member names are an internal matter of version 0.6.2: hence the exact pin
//! in the manifest, and the tests that run through here. Errors are told in the library's own words.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    AttestationFormat, AuthenticationState, COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType, ECDSACurve,
    ParsedAttestation, ParsedAttestationData, PublicKeyCredential, RegisterPublicKeyCredential,
    WebauthnError,
};
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{
    AuthenticatorAssertionResponseRaw, AuthenticatorAttestationResponseRaw, Credential, RegisteredExtensions,
    RegistrationState, UserVerificationPolicy,
};

use super::{ceremony::UserVerification, cose::PublicKey};

/// What a relying party of `webauthn-rs` is told to expect.
pub(super) struct Asked<'a> {
    pub rp_id: &'a str,
    pub origin: &'a str,
    pub challenge: &'a [u8],
    pub user: UserVerification,
    /// Whether a credential may say that it can leave the key.
    pub synchronised: bool,
}

impl Asked<'_> {
    fn core(&self) -> Result<WebauthnCore, WebauthnError> {
        let origin = url::Url::parse(self.origin).map_err(|_| WebauthnError::InvalidRPOrigin)?;
        let never = std::time::Duration::ZERO;
        let core =
            WebauthnCore::new_unsafe_experts_only("glasskey", self.rp_id, vec![origin], never, None, None);
        Ok(core)
    }

    fn policy(&self) -> UserVerificationPolicy {
        match self.user {
            UserVerification::Required => UserVerificationPolicy::Required,
            UserVerification::Absent => UserVerificationPolicy::Preferred,
        }
    }

    fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.challenge)
    }
}

fn state<T: DeserializeOwned>(members: Value) -> Result<T, WebauthnError> {
    serde_json::from_value(members).map_err(WebauthnError::ParseJSONFailure)
}

/// A registration (§7.1) with a packed basic attestation, whose certificate path is not looked at.
pub(super) fn register(
    asked: &Asked<'_>,
    attestation_object: &[u8],
    client_data: &[u8],
) -> Result<Credential, WebauthnError> {
    let state: RegistrationState = state(json!({
        "policy": asked.policy(),
        "exclude_credentials": [],
        "challenge": asked.challenge(),
        "credential_algorithms": ["ES256"],
        "require_resident_key": false,
        "authenticator_attachment": null,
        "extensions": {},
        "allow_synchronised_authenticators": asked.synchronised,
    }))?;
    let answer = RegisterPublicKeyCredential {
        id: String::new(),
        raw_id: Vec::new(),
        response: AuthenticatorAttestationResponseRaw {
            attestation_object: attestation_object.to_vec(),
            client_data_json: client_data.to_vec(),
            transports: None,
        },
        type_: "public-key".into(),
        extensions: Default::default(),
    };
    let credential = asked.core()?.register_credential(&answer, &state, None)?;
    let basic = matches!(credential.attestation.data, ParsedAttestationData::Basic(_));
    if basic && credential.attestation_format == AttestationFormat::Packed {
        Ok(credential)
    } else {
        Err(WebauthnError::AttestationNotSupported)
    }
}

/// An assertion (§7.2) by one credential. Its counter is not looked at: a stored counter of zero never is too high.
pub(super) fn authenticate(
    asked: &Asked<'_>,
    credential_id: &[u8],
    key: &PublicKey,
    auth_data: &[u8],
    signature: &[u8],
    client_data: &[u8],
) -> Result<(), WebauthnError> {
    let state: AuthenticationState = state(json!({
        "credentials": [],
        "policy": asked.policy(),
        "challenge": asked.challenge(),
        "appid": null,
        "allow_backup_eligible_upgrade": false,
    }))?;
    let (x, y) = key.coordinates();
    let key = COSEKeyType::EC_EC2(COSEEC2Key { curve: ECDSACurve::SECP256R1, x, y });
    let credential = Credential {
        cred_id: credential_id.to_vec(),
        cred: COSEKey { type_: COSEAlgorithm::ES256, key },
        counter: 0,
        transports: None,
        user_verified: false,
        backup_eligible: false,
        backup_state: false,
        registration_policy: asked.policy(),
        extensions: RegisteredExtensions::none(),
        attestation: ParsedAttestation::default(),
        attestation_format: AttestationFormat::None,
    };
    let answer = PublicKeyCredential {
        id: String::new(),
        raw_id: credential_id.to_vec(),
        response: AuthenticatorAssertionResponseRaw {
            authenticator_data: auth_data.to_vec(),
            client_data_json: client_data.to_vec(),
            signature: signature.to_vec(),
            user_handle: None,
        },
        extensions: Default::default(),
        type_: "public-key".into(),
    };
    asked.core()?.authenticate_single_credential(&answer, &state, &credential).map(|_| ())
}
