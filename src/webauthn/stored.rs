//! Stored registrations, from any relying party: the JSON that `attestation verify` reads.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ctap::authdata::AuthenticatorData;
use crate::ctap::cbor::Members;

use super::{
    anchor::Anchor,
    attestation::{AttestationObject, Envelope},
    certificate::certificate_firmware,
    registration::{ExpectedForeign, Registration, RegistrationError, verify_foreign},
    trust::{TrustError, TrustedPath, check_path},
};

/// A file holds no stored registration at all, so there is nothing to judge.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// No JSON.
    #[error("the file is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Another JSON value.
    #[error("the file's JSON is no object")]
    NotAnObject,
}

/// Why a stored registration is not verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredRefusal {
    /// A member that is needed is not there.
    #[error("'{0}' is missing, and nothing can be verified without it")]
    Missing(&'static str),
    /// A member cannot be read.
    #[error("'{member}' is not {wanted}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What it should be, with its article.
        wanted: &'static str,
    },
    /// The statement is refused.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The certificate path is refused.
    #[error(transparent)]
    Trust(#[from] TrustError),
}

/// The answer about one file, as `attestation verify --json` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredAnswer {
    /// The file's name, as given.
    pub file: String,
    /// Whether the statement, the path to an anchor, the AAGUID, and what else was given all hold.
    pub verified: bool,
    /// The statement's format, as far as it can be read.
    pub fmt: Option<String>,
    /// The model that the key claims to be, as far as it can be read.
    pub aaguid: Option<Uuid>,
    /// The model's name; the catalogue knows it, so the caller fills it in.
    pub model: Option<String>,
    /// The anchor that the path leads to.
    pub anchor: Option<String>,
    /// The flags byte, e.g. `0x45`, as far as it can be read.
    pub flags: Option<String>,
    /// Why it is not verified; for one that is, what should be known beside it.
    pub reason: Option<String>,
}

/// One stored registration, its members unread.
#[derive(Debug, Clone)]
pub struct Stored(Map<String, Value>);

impl Stored {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// [`StoredError`], for what is no JSON object. All else is for [`Stored::verify`] to judge.
    pub fn parse(bytes: &[u8]) -> Result<Self, StoredError> {
        match serde_json::from_slice(bytes)? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(StoredError::NotAnObject),
        }
    }

    /// Verifies it at its recorded time, or `now`, with the anchors for the model that it claims.
    pub fn verify(&self, file: &str, anchors: impl Fn(Uuid) -> Vec<Anchor>, now: Timestamp) -> StoredAnswer {
        let mut answer = StoredAnswer {
            file: file.to_owned(),
            verified: false,
            fmt: None,
            aaguid: None,
            model: None,
            anchor: None,
            flags: None,
            reason: None,
        };
        match self.judge(&mut answer, anchors, now) {
            Ok(path) => {
                answer.verified = true;
                answer.anchor = Some(path.anchor().to_owned());
                answer.reason = path.expired_by(now).map(|end| {
                    format!("the vendor certificates expired at {end}; they were valid at {}", path.at())
                });
            }
            Err(refusal) => answer.reason = Some(refusal.to_string()),
        }
        answer
    }

    fn judge(
        &self,
        answer: &mut StoredAnswer,
        anchors: impl Fn(Uuid) -> Vec<Anchor>,
        now: Timestamp,
    ) -> Result<TrustedPath, StoredRefusal> {
        let object = self.bytes("attestationObject")?;
        if let Some(envelope) = object.as_deref().and_then(Envelope::peek) {
            if let Ok(auth_data) = AuthenticatorData::parse(&envelope.auth_data) {
                answer.flags = Some(auth_data.flags.to_string());
                answer.aaguid = auth_data.attested.map(|credential| credential.aaguid);
            }
            answer.fmt = Some(envelope.format);
        }
        let object = object.ok_or(StoredRefusal::Missing("attestationObject"))?;
        let client_data = self.bytes("clientDataJSON")?.ok_or(StoredRefusal::Missing("clientDataJSON"))?;
        let challenge = self.bytes("challenge")?;
        let expected = ExpectedForeign {
            rp_id: self.text("rpId")?,
            origin: self.text("origin")?,
            challenge: challenge.as_deref(),
        };
        let at = self.time("at")?.unwrap_or(now);
        let registration = Registration { attestation_object: &object, client_data: &client_data };
        let verified = verify_foreign(&registration, &expected)?;
        let aaguid = verified.aaguid();
        Ok(check_path(verified.x5c(), &anchors(aaguid), aaguid, at)?)
    }

    /// A member, here or under `response`, where browsers put it (§5.1.8). `null` is as good as absent.
    fn member(&self, name: &str) -> Option<&Value> {
        let nested = || self.0.get("response")?.get(name);
        self.0.get(name).or_else(nested).filter(|value| !value.is_null())
    }

    fn text(&self, member: &'static str) -> Result<Option<&str>, StoredRefusal> {
        let wrong = StoredRefusal::Member { member, wanted: "a text" };
        self.member(member).map(|value| value.as_str().ok_or(wrong)).transpose()
    }

    /// Base64url, and plain base64 as well, padded or not.
    fn bytes(&self, member: &'static str) -> Result<Option<Vec<u8>>, StoredRefusal> {
        let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let engine = GeneralPurpose::new(&STANDARD, config);
        let Some(text) = self.text(member)? else { return Ok(None) };
        let plain = text.trim().replace('-', "+").replace('_', "/");
        let wrong = |_| StoredRefusal::Member { member, wanted: "base64url" };
        engine.decode(plain).map(Some).map_err(wrong)
    }

    /// RFC 3339, or a date, which is its midnight in UTC.
    fn time(&self, member: &'static str) -> Result<Option<Timestamp>, StoredRefusal> {
        let Some(text) = self.text(member)? else { return Ok(None) };
        let midnight = || format!("{text}T00:00:00Z").parse::<Timestamp>();
        let wrong = |_| StoredRefusal::Member { member, wanted: "a time such as 2026-01-31T12:00:00Z" };
        text.parse().or_else(|_| midnight()).map(Some).map_err(wrong)
    }
}

/// The firmware that the certificate in an attestation object was issued for (see
/// [`super::certificate::certificate_firmware`]). Nothing of it is verified here.
#[must_use]
pub fn attested_firmware(object: &[u8]) -> Option<[u8; 3]> {
    let object = AttestationObject::decode(object).ok()?;
    certificate_firmware(object.x5c.first()?)
}

/// What the key answered to an extension, in an attestation object. Nothing of it is verified here.
#[must_use]
pub fn answered(object: &[u8], extension: &'static str) -> Option<ciborium::Value> {
    let extensions = AttestationObject::decode(object).ok()?.auth_data.extensions?;
    Members::of(extensions.value, "extensions").ok()?.take(extension)
}
