//! Requests and answers of authenticatorCredentialManagement (CTAP §6.8), and of the preview that older keys have.

use ciborium::Value;

use super::cbor::{self, CborError, Members};
use super::credential::Protection;
use super::info::Info;
use super::protocol::Token;

/// The most relying parties, and the most credentials, that a key is believed to hold. No key has a third of it.
pub const MOST: u32 = 1000;

/// How a key is asked: the same subcommands under two command bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Option `credMgmt`: command 0x0A.
    Final,
    /// Option `credentialMgmtPreview` of FIDO_2_1_PRE: command 0x41.
    Preview,
}

impl Dialect {
    /// The one to use; `None` where the key offers neither.
    #[must_use]
    pub fn of(info: &Info) -> Option<Self> {
        let offers = |option| info.option(option) == Some(true);
        offers("credMgmt")
            .then_some(Self::Final)
            .or_else(|| offers("credentialMgmtPreview").then_some(Self::Preview))
    }

    /// The command byte.
    #[must_use]
    pub fn command(self) -> u8 {
        match self {
            Self::Final => 0x0a,
            Self::Preview => 0x41,
        }
    }

    /// `getCredsMetadata` (CTAP §6.8.2).
    ///
    /// # Errors
    /// As [`cbor::encode`]; so do all that follow.
    pub fn get_metadata(self, token: &Token) -> Result<Vec<u8>, CborError> {
        self.proven(0x01, None, token)
    }

    /// `enumerateRPsBegin` (CTAP §6.8.3).
    ///
    /// # Errors
    /// As [`Dialect::get_metadata`].
    pub fn first_rp(self, token: &Token) -> Result<Vec<u8>, CborError> {
        self.proven(0x02, None, token)
    }

    /// `enumerateRPsGetNextRP`: goes on where [`Dialect::first_rp`] began, and proves nothing anew.
    ///
    /// # Errors
    /// As [`Dialect::get_metadata`].
    pub fn next_rp(self) -> Result<Vec<u8>, CborError> {
        self.request(vec![(0x01, 0x03.into())])
    }

    /// `enumerateCredentialsBegin` (CTAP §6.8.4).
    ///
    /// # Errors
    /// As [`Dialect::get_metadata`].
    pub fn first_credential(self, rp_id_hash: &[u8; 32], token: &Token) -> Result<Vec<u8>, CborError> {
        self.proven(0x04, Some(cbor::map([(0x01, rp_id_hash.as_slice().into())])?), token)
    }

    /// `enumerateCredentialsGetNextCredential`.
    ///
    /// # Errors
    /// As [`Dialect::get_metadata`].
    pub fn next_credential(self) -> Result<Vec<u8>, CborError> {
        self.request(vec![(0x01, 0x05.into())])
    }

    /// `deleteCredential` (CTAP §6.8.5).
    ///
    /// # Errors
    /// As [`Dialect::get_metadata`].
    pub fn delete(self, credential_id: &[u8], token: &Token) -> Result<Vec<u8>, CborError> {
        let descriptor = cbor::map([("id", credential_id.into()), ("type", "public-key".into())])?;
        self.proven(0x06, Some(cbor::map([(0x02, descriptor)])?), token)
    }

    /// A subcommand with its proof: over its number, and over its parameters as they are encoded (CTAP §6.8.1).
    fn proven(self, subcommand: u8, parameters: Option<Value>, token: &Token) -> Result<Vec<u8>, CborError> {
        let mut message = vec![subcommand];
        let mut members = vec![(0x01, subcommand.into())];
        if let Some(parameters) = parameters {
            message.extend(cbor::encode(&parameters)?);
            members.push((0x02, parameters));
        }
        members.push((0x03, token.protocol().number().into()));
        members.push((0x04, token.authenticate(&message).into()));
        self.request(members)
    }

    fn request(self, members: Vec<(u8, Value)>) -> Result<Vec<u8>, CborError> {
        let mut bytes = vec![self.command()];
        bytes.extend(cbor::encode(&cbor::map(members)?)?);
        Ok(bytes)
    }
}

/// How many discoverable credentials a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Metadata {
    /// On the key now.
    pub existing: u32,
    /// How many more may find room: the key's own guess.
    pub remaining: u32,
}

/// Reads the answer to `getCredsMetadata`.
///
/// # Errors
/// [`CborError`]; so do all that follow.
pub fn metadata(answer: Value) -> Result<Metadata, CborError> {
    let mut m = Members::of(answer, "the answer")?;
    let existing = m.need(0x01, "existingResidentCredentialsCount")?;
    let remaining = m.need(0x02, "maxPossibleRemainingResidentCredentialsCount")?;
    Ok(Metadata {
        existing: cbor::integer(&existing, "existingResidentCredentialsCount")?,
        remaining: cbor::integer(&remaining, "maxPossibleRemainingResidentCredentialsCount")?,
    })
}

/// A relying party that the key holds credentials of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its id, which the key may have cut short (CTAP §6.8.7): hostile text, and no proof of who it is.
    pub id: String,
    /// SHA-256 of its id, which is never cut short.
    pub id_hash: [u8; 32],
}

/// Reads the answer to `enumerateRPsBegin`: the first relying party and how many there are; `None` where a key says
/// by a count of zero that there are none.
///
/// # Errors
/// [`CborError`], also for more than [`MOST`].
pub fn first_party(answer: Value) -> Result<Option<(Party, u32)>, CborError> {
    let mut m = Members::of(answer, "the answer")?;
    let total = total(&mut m, 0x05, "totalRPs")?;
    if total == 0 { Ok(None) } else { Ok(Some((party(m)?, total))) }
}

/// Reads the answer to `enumerateRPsGetNextRP`.
///
/// # Errors
/// [`CborError`].
pub fn next_party(answer: Value) -> Result<Party, CborError> {
    party(Members::of(answer, "the answer")?)
}

fn party(mut m: Members) -> Result<Party, CborError> {
    let mut rp = Members::of(m.need(0x03, "rp")?, "rp")?;
    let id_hash = cbor::bytes(m.need(0x04, "rpIDHash")?, "rpIDHash")?;
    let id_hash = <[u8; 32]>::try_from(id_hash)
        .map_err(|_| CborError::WrongType { member: "rpIDHash", wanted: "32 bytes long" })?;
    Ok(Party { id: cbor::text(rp.need("id", "rp.id")?, "rp.id")?, id_hash })
}

/// One discoverable credential as a key tells it. Its texts are hostile; its large blob key is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The user handle, 1 to 64 bytes.
    pub user_id: Vec<u8>,
    /// The user's name, which the key may have cut short.
    pub user_name: Option<String>,
    /// The user's display name, which the key may have cut short.
    pub display_name: Option<String>,
    /// 1 to 1023 bytes.
    pub credential_id: Vec<u8>,
    /// A COSE_Key.
    pub public_key: Vec<u8>,
    /// `credProtect`; unsaid, or a level that CTAP does not name, is `None`.
    pub protection: Option<Protection>,
}

/// Reads the answer to `enumerateCredentialsBegin`: the first credential and how many there are.
///
/// # Errors
/// [`CborError`], also for none and for more than [`MOST`].
pub fn first_stored(answer: Value) -> Result<(Stored, u32), CborError> {
    let mut m = Members::of(answer, "the answer")?;
    let total = total(&mut m, 0x09, "totalCredentials")?;
    if total == 0 {
        return Err(CborError::WrongType { member: "totalCredentials", wanted: "at least 1" });
    }
    Ok((stored(m)?, total))
}

/// Reads the answer to `enumerateCredentialsGetNextCredential`.
///
/// # Errors
/// [`CborError`].
pub fn next_stored(answer: Value) -> Result<Stored, CborError> {
    stored(Members::of(answer, "the answer")?)
}

fn stored(mut m: Members) -> Result<Stored, CborError> {
    let mut user = Members::of(m.need(0x06, "user")?, "user")?;
    let mut descriptor = Members::of(m.need(0x07, "credentialID")?, "credentialID")?;
    let public_key = m.need(0x08, "publicKey")?;
    if !public_key.is_map() {
        return Err(CborError::WrongType { member: "publicKey", wanted: "a map" });
    }
    let credential_id = cbor::bytes(descriptor.need("id", "credentialID.id")?, "credentialID.id")?;
    if !(1..=1023).contains(&credential_id.len()) {
        return Err(CborError::WrongType { member: "credentialID.id", wanted: "1 to 1023 bytes long" });
    }
    let level = m.take(0x0a).map(|level| cbor::integer::<u64>(&level, "credProtect")).transpose()?;
    Ok(Stored {
        user_id: cbor::bytes(user.need("id", "user.id")?, "user.id")?,
        user_name: user.take("name").map(|name| cbor::text(name, "user.name")).transpose()?,
        display_name: user
            .take("displayName")
            .map(|name| cbor::text(name, "user.displayName"))
            .transpose()?,
        credential_id,
        public_key: cbor::encode(&public_key)?,
        protection: match level {
            Some(1) => Some(Protection::Optional),
            Some(2) => Some(Protection::OptionalWithId),
            Some(3) => Some(Protection::Required),
            _ => None,
        },
    })
}

fn total(m: &mut Members, key: u8, member: &'static str) -> Result<u32, CborError> {
    let total: u32 = cbor::integer(&m.need(key, member)?, member)?;
    if total <= MOST { Ok(total) } else { Err(CborError::WrongType { member, wanted: "at most 1000" }) }
}

#[cfg(test)]
#[path = "credential_management/tests.rs"]
mod tests;
