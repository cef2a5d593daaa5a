//! Managing what a key holds: its discoverable credentials (CTAP §6.8), and erasing it (CTAP §6.6).

use ciborium::Value;

use super::patience::Pace;
use super::session::{KeyError, ProvenPin, Session, malformed};
use crate::ctap::cbor::CborError;
use crate::ctap::credential::Protection;
use crate::ctap::credential_management::{
    self as management, Dialect, MOST, Metadata, Party, Stored, first_party, first_stored, next_party,
    next_stored,
};
use crate::ctap::status::Code;

/// One discoverable credential and its relying party, as the key tells them. Texts are hostile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The relying party's id, which the key may have cut short: to be shown, not to be compared.
    pub rp_id: String,
    /// SHA-256 of the relying party's id: to be compared.
    pub rp_id_hash: [u8; 32],
    /// The user handle.
    pub user_id: Vec<u8>,
    /// The user's name; the key may have cut it short.
    pub user_name: Option<String>,
    /// The user's display name; the key may have cut it short.
    pub display_name: Option<String>,
    /// Which credential.
    pub credential_id: Vec<u8>,
    /// A COSE_Key.
    pub public_key: Vec<u8>,
    /// `credProtect`; unsaid is `None`.
    pub protection: Option<Protection>,
}

impl Passkey {
    fn new(party: &Party, stored: Stored) -> Self {
        let Stored { user_id, user_name, display_name, credential_id, public_key, protection } = stored;
        Self {
            rp_id: party.id.clone(),
            rp_id_hash: party.id_hash,
            user_id,
            user_name,
            display_name,
            credential_id,
            public_key,
            protection,
        }
    }
}

impl Session {
    /// How many discoverable credentials there are. The token needs the permission `cm` and no relying party id.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn creds_metadata(&mut self, dialect: Dialect, proof: &ProvenPin) -> Result<Metadata, KeyError> {
        let during = "getCredsMetadata";
        let request = dialect.get_metadata(proof.token()).map_err(|error| malformed(during, error))?;
        let answer = self.value(&request, during, Pace::Work)?;
        management::metadata(answer).map_err(|error| malformed(during, error))
    }

    /// All discoverable credentials. The token needs the permission `cm` and no relying party id; one serves for all.
    ///
    /// A key that ends its own enumeration early (NO_CREDENTIALS) is believed: whether the list is whole shows
    /// against [`Session::creds_metadata`].
    ///
    /// # Errors
    /// [`KeyError`], also for a key that claims more than [`MOST`] or names a relying party twice.
    pub fn passkeys(&mut self, dialect: Dialect, proof: &ProvenPin) -> Result<Vec<Passkey>, KeyError> {
        // All relying parties come first: another command may make a key forget where it was (CTAP §6.8.3).
        let parties = self.parties(dialect, proof)?;
        let mut passkeys = Vec::new();
        for party in &parties {
            let stored = self.stored(dialect, proof, &party.id_hash)?;
            passkeys.extend(stored.into_iter().map(|stored| Passkey::new(party, stored)));
            if passkeys.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
                let wanted = "at most 1000 in all";
                let error = CborError::WrongType { member: "totalCredentials", wanted };
                return Err(malformed("enumerateCredentials", error));
            }
        }
        Ok(passkeys)
    }

    fn parties(&mut self, dialect: Dialect, proof: &ProvenPin) -> Result<Vec<Party>, KeyError> {
        let during = "enumerateRPs";
        let wrong = |error| malformed(during, error);
        let Some(answer) = self.step(dialect.first_rp(proof.token()), during)? else { return Ok(Vec::new()) };
        let Some((first, total)) = first_party(answer).map_err(wrong)? else { return Ok(Vec::new()) };
        let mut parties = vec![first];
        for _ in 1..total {
            let Some(answer) = self.step(dialect.next_rp(), during)? else { break };
            let next = next_party(answer).map_err(wrong)?;
            if parties.iter().any(|party| party.id_hash == next.id_hash) {
                return Err(wrong(CborError::WrongType {
                    member: "rpIDHash",
                    wanted: "one not told before",
                }));
            }
            parties.push(next);
        }
        Ok(parties)
    }

    fn stored(
        &mut self,
        dialect: Dialect,
        proof: &ProvenPin,
        rp_id_hash: &[u8; 32],
    ) -> Result<Vec<Stored>, KeyError> {
        let during = "enumerateCredentials";
        let wrong = |error| malformed(during, error);
        let first = dialect.first_credential(rp_id_hash, proof.token());
        let Some(answer) = self.step(first, during)? else { return Ok(Vec::new()) };
        let (first, total) = first_stored(answer).map_err(wrong)?;
        let mut stored = vec![first];
        for _ in 1..total {
            let Some(answer) = self.step(dialect.next_credential(), during)? else { break };
            stored.push(next_stored(answer).map_err(wrong)?);
        }
        Ok(stored)
    }

    /// One step of an enumeration; `None` where the key says that there is nothing more.
    fn step(
        &mut self,
        request: Result<Vec<u8>, CborError>,
        during: &'static str,
    ) -> Result<Option<Value>, KeyError> {
        let request = request.map_err(|error| malformed(during, error))?;
        match self.value(&request, during, Pace::Work) {
            Err(KeyError::Refused { refusal, .. }) if refusal.is(Code::NoCredentials) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Deletes one discoverable credential, for good. The token needs the permission `cm`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn delete_credential(
        &mut self,
        dialect: Dialect,
        proof: &ProvenPin,
        credential_id: &[u8],
    ) -> Result<(), KeyError> {
        let during = "deleteCredential";
        let request =
            dialect.delete(credential_id, proof.token()).map_err(|error| malformed(during, error))?;
        self.nothing(&request, during, Pace::Work)
    }

    /// authenticatorReset: erases the key, for good. Waits for a touch. Keys take it only within ten seconds of
    /// power-up (CTAP §6.6), and say `CTAP2_ERR_NOT_ALLOWED` later.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn reset(&mut self) -> Result<(), KeyError> {
        self.nothing(&[0x07], "reset", Pace::Reset)
    }
}
