//! Requests and answers of authenticatorMakeCredential (CTAP §6.1) and authenticatorGetAssertion (CTAP §6.2).

use ciborium::Value;

use super::authdata::{AuthDataError, AuthenticatorData};
use super::cbor::{self, CborError, Members};
use super::protocol::Token;

/// The command byte of authenticatorMakeCredential.
pub const MAKE: u8 = 0x01;
/// The command byte of authenticatorGetAssertion.
pub const GET: u8 = 0x02;
/// The command byte of authenticatorGetNextAssertion (CTAP §6.3).
pub const NEXT: u8 = 0x08;
/// ES256, the one algorithm asked for.
pub const ES256: i64 = -7;

/// `credProtect` levels (CTAP §12.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Usable without user verification.
    Optional,
    /// Usable without user verification by those who know the credential id.
    OptionalWithId,
    /// Never without user verification.
    Required,
}

/// Extensions to ask for when a credential is made. Nothing by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extensions {
    /// `hmac-secret`: what Windows unlocks offline with.
    pub hmac_secret: bool,
    /// `credProtect`.
    pub protection: Option<Protection>,
}

/// A credential to make. Enterprise attestation is never asked for.
#[derive(Debug, Clone)]
pub struct MakeCredential<'a> {
    /// SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// The relying party's id.
    pub rp_id: &'a str,
    /// The relying party's name.
    pub rp_name: &'a str,
    /// The user handle, 1 to 64 bytes.
    pub user_id: &'a [u8],
    /// The user's name.
    pub user_name: &'a str,
    /// The user's display name.
    pub display_name: &'a str,
    /// COSE algorithm numbers, the best first.
    pub algorithms: &'a [i64],
    /// Credentials that the key may not already hold.
    pub exclude: &'a [Vec<u8>],
    /// Extensions to ask for.
    pub extensions: Extensions,
    /// Whether it is to be discoverable (`rk`).
    pub discoverable: bool,
}

impl MakeCredential<'_> {
    /// The request, authorised by a token where there is one.
    ///
    /// # Errors
    /// As [`cbor::encode`].
    pub fn request(&self, token: Option<&Token>) -> Result<Vec<u8>, CborError> {
        let rp = cbor::map([("id", self.rp_id.into()), ("name", self.rp_name.into())])?;
        let user = cbor::map([
            ("id", Value::from(self.user_id)),
            ("name", self.user_name.into()),
            ("displayName", self.display_name.into()),
        ])?;
        let algorithm = |alg: &i64| cbor::map([("alg", (*alg).into()), ("type", "public-key".into())]);
        let algorithms = self.algorithms.iter().map(algorithm).collect::<Result<Vec<_>, _>>()?;
        let mut members = vec![
            (0x01, Value::from(self.client_data_hash.as_slice())),
            (0x02, rp),
            (0x03, user),
            (0x04, algorithms.into()),
        ];
        if !self.exclude.is_empty() {
            members.push((0x05, descriptors(self.exclude)?));
        }
        if self.extensions != Extensions::default() {
            members.push((0x06, self.extensions.value()?));
        }
        // `rk: false` is the default, and CTAP 2.0 keys may refuse what they need not know.
        if self.discoverable {
            members.push((0x07, cbor::map([("rk", true.into())])?));
        }
        authorise(&mut members, token, &self.client_data_hash, 0x08);
        request(MAKE, members)
    }
}

impl Extensions {
    fn value(self) -> Result<Value, CborError> {
        let level = self.protection.map(|protection| match protection {
            Protection::Optional => 1,
            Protection::OptionalWithId => 2,
            Protection::Required => 3,
        });
        let hmac = self.hmac_secret.then(|| ("hmac-secret", true.into()));
        cbor::map(hmac.into_iter().chain(level.map(|level| ("credProtect", level.into()))))
    }
}

/// An assertion to get.
#[derive(Debug, Clone)]
pub struct GetAssertion<'a> {
    /// The relying party's id.
    pub rp_id: &'a str,
    /// SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// Credentials that will do; empty asks for a discoverable one.
    pub allow: &'a [Vec<u8>],
    /// Whether somebody must touch the key; `false` only asks whether the credential is there.
    pub touch: bool,
}

impl GetAssertion<'_> {
    /// The request, authorised by a token where there is one.
    ///
    /// # Errors
    /// As [`cbor::encode`].
    pub fn request(&self, token: Option<&Token>) -> Result<Vec<u8>, CborError> {
        self.extended(token, None)
    }

    /// The request with the input of an extension: its name, and what it asks.
    ///
    /// # Errors
    /// As [`cbor::encode`].
    pub fn extended(
        &self,
        token: Option<&Token>,
        extension: Option<(&str, Value)>,
    ) -> Result<Vec<u8>, CborError> {
        let mut members =
            vec![(0x01, self.rp_id.into()), (0x02, Value::from(self.client_data_hash.as_slice()))];
        if !self.allow.is_empty() {
            members.push((0x03, descriptors(self.allow)?));
        }
        if let Some(extension) = extension {
            members.push((0x04, cbor::map([extension])?));
        }
        if !self.touch {
            members.push((0x05, cbor::map([("up", false.into())])?));
        }
        authorise(&mut members, token, &self.client_data_hash, 0x06);
        request(GET, members)
    }
}

/// What a key answers when it has made a credential. Parsed, not verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Attestation {
    /// The attestation statement's format, e.g. `packed`.
    pub format: String,
    /// What the key signed.
    pub auth_data: AuthenticatorData,
    /// The attestation object as WebAuthn wants it: `fmt`, `attStmt`, `authData` (WebAuthn Level 3 §6.5.4).
    pub object: Vec<u8>,
}

/// What a key answers when it has signed. Parsed, not verified.
#[derive(Debug, Clone, PartialEq)]
pub struct AssertionAnswer {
    /// Which credential signed; unsaid where only one was asked for (CTAP §6.2.2).
    pub credential_id: Option<Vec<u8>>,
    /// What the key signed, before the client data hash.
    pub auth_data: AuthenticatorData,
    /// The signature; ES256 in DER.
    pub signature: Vec<u8>,
    /// The user handle, which comes with a discoverable credential.
    pub user_id: Option<Vec<u8>>,
    /// How many credentials could have signed; unsaid where it is one (CTAP §6.2.2).
    pub credentials: Option<u32>,
}

/// Why an answer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The authenticator data.
    #[error(transparent)]
    AuthData(#[from] AuthDataError),
}

impl Attestation {
    /// Reads the answer to authenticatorMakeCredential.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn parse(answer: Value) -> Result<Self, AnswerError> {
        let mut m = Members::of(answer, "the answer")?;
        let format = cbor::text(m.need(0x01, "fmt")?, "fmt")?;
        let raw = cbor::bytes(m.need(0x02, "authData")?, "authData")?;
        let statement = m.need(0x03, "attStmt")?;
        if !statement.is_map() {
            return Err(CborError::WrongType { member: "attStmt", wanted: "a map" }.into());
        }
        let auth_data = AuthenticatorData::parse(&raw)?;
        if auth_data.attested.is_none() {
            return Err(CborError::Missing("attested credential data").into());
        }
        let object = cbor::encode(&cbor::map([
            ("fmt", format.as_str().into()),
            ("attStmt", statement),
            ("authData", raw.into()),
        ])?)?;
        Ok(Self { format, auth_data, object })
    }
}

impl AssertionAnswer {
    /// Reads the answer to authenticatorGetAssertion.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn parse(answer: Value) -> Result<Self, AnswerError> {
        let mut m = Members::of(answer, "the answer")?;
        let credential_id = m
            .take(0x01)
            .map(|credential| {
                let mut credential = Members::of(credential, "credential")?;
                cbor::bytes(credential.need("id", "credential id")?, "credential id")
            })
            .transpose()?;
        let auth_data = cbor::bytes(m.need(0x02, "authData")?, "authData")?;
        let signature = cbor::bytes(m.need(0x03, "signature")?, "signature")?;
        let user_id = m
            .take(0x04)
            .map(|user| cbor::bytes(Members::of(user, "user")?.need("id", "user.id")?, "user.id"))
            .transpose()?;
        let credentials =
            m.take(0x05).map(|count| cbor::integer(&count, "numberOfCredentials")).transpose()?;
        let auth_data = AuthenticatorData::parse(&auth_data)?;
        Ok(Self { credential_id, auth_data, signature, user_id, credentials })
    }
}

fn descriptors(ids: &[Vec<u8>]) -> Result<Value, CborError> {
    let one = |id: &Vec<u8>| cbor::map([("id", id.as_slice().into()), ("type", "public-key".into())]);
    Ok(Value::Array(ids.iter().map(one).collect::<Result<_, _>>()?))
}

fn authorise(members: &mut Vec<(u8, Value)>, token: Option<&Token>, hash: &[u8], first: u8) {
    if let Some(token) = token {
        members.push((first, token.authenticate(hash).into()));
        members.push((first.saturating_add(1), token.protocol().number().into()));
    }
}

fn request(command: u8, members: Vec<(u8, Value)>) -> Result<Vec<u8>, CborError> {
    let mut bytes = vec![command];
    bytes.extend(cbor::encode(&cbor::map(members)?)?);
    Ok(bytes)
}

#[cfg(test)]
#[path = "credential/tests.rs"]
mod tests;
