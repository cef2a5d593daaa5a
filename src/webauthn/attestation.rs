//! Attestation objects (§6.5.4) with a packed statement (§8.2), decoded to the last byte.

use ciborium::Value;

use crate::ctap::{
    authdata::{AuthDataError, AuthenticatorData},
    cbor::{self, CborError, Members},
};

use super::cose::Algorithm;

/// Why bytes are no attestation object with a packed basic attestation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttestationObjectError {
    /// No CBOR, bytes after the end, or a member missing or of another type.
    #[error("the attestation object is malformed: {0}")]
    Cbor(#[from] CborError),
    /// The authenticator data in it is malformed.
    #[error(transparent)]
    AuthData(#[from] AuthDataError),
    /// The authenticator data describes no credential.
    #[error("the authenticator data describes no credential")]
    NoCredential,
    /// A member that the standard does not know.
    #[error("the {0} has a member that does not belong there")]
    UnknownMember(&'static str),
    /// Another statement format; only `packed` vouches for a model by its AAGUID.
    #[error("the attestation's format is '{}', not 'packed'", .0.escape_debug())]
    NotPacked(String),
    /// The credential signed for itself: nobody vouches for the model.
    #[error("the key attests for itself: no certificate vouches for its model")]
    SelfAttestation,
    /// The withdrawn ECDAA kind of packed attestation.
    #[error("the attestation is of the withdrawn ECDAA kind")]
    Ecdaa,
}

/// The statement and what it is about, nothing of it verified.
#[derive(Debug, Clone)]
pub(super) struct AttestationObject {
    pub auth_data: AuthenticatorData,
    pub algorithm: Algorithm,
    pub signature: Vec<u8>,
    pub x5c: Vec<Vec<u8>>,
}

/// The outermost map, for telling what a thing is even where it is refused.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    pub format: String,
    statement: Members,
    pub auth_data: Vec<u8>,
}

impl Envelope {
    /// The object and nothing after it.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, AttestationObjectError> {
        Self::read(cbor::decode(bytes)?.value)
    }

    /// The object, whatever comes after it.
    pub(super) fn peek(bytes: &[u8]) -> Option<Self> {
        Self::read(cbor::decode_prefix(bytes).ok()?.0.value).ok()
    }

    fn read(value: Value) -> Result<Self, AttestationObjectError> {
        let mut members = Members::of(value, "the attestation object")?;
        let format = cbor::text(members.need("fmt", "fmt")?, "fmt")?;
        let statement = Members::of(members.need("attStmt", "attStmt")?, "attStmt")?;
        let auth_data = cbor::bytes(members.need("authData", "authData")?, "authData")?;
        if members.rest().is_empty() {
            Ok(Self { format, statement, auth_data })
        } else {
            Err(AttestationObjectError::UnknownMember("attestation object"))
        }
    }
}

impl AttestationObject {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, AttestationObjectError> {
        let Envelope { format, mut statement, auth_data } = Envelope::decode(bytes)?;
        if format != "packed" {
            return Err(AttestationObjectError::NotPacked(format));
        }
        let auth_data = AuthenticatorData::parse(&auth_data)?;
        let algorithm = cbor::integer(&statement.need("alg", "alg")?, "alg")?;
        let signature = cbor::bytes(statement.need("sig", "sig")?, "sig")?;
        let ecdaa = statement.take("ecdaaKeyId").is_some();
        let x5c = statement.take("x5c");
        if !statement.rest().is_empty() {
            return Err(AttestationObjectError::UnknownMember("attestation statement"));
        }
        let x5c = match x5c {
            _ if ecdaa => return Err(AttestationObjectError::Ecdaa),
            None => return Err(AttestationObjectError::SelfAttestation),
            Some(x5c) => cbor::array(x5c, "x5c", cbor::bytes)?,
        };
        Ok(Self { auth_data, algorithm: Algorithm(algorithm), signature, x5c })
    }
}
