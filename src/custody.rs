//! Which enrolled key is this, what has changed of it, and its signature under what is recorded of it.

mod changes;

use crate::ctap::client_pin::Permissions;
use crate::ctap::credential::GetAssertion;
use crate::ctap::frame::MAX_PAYLOAD;
use crate::ctap::info::Info;
use crate::ctap::status::{Code, Refusal};
use crate::key::authority::Authority;
use crate::key::session::{KeyError, Session};
use crate::ledger::bytes::Bytes;
use crate::ledger::receipt::{Receipt, Signer};
use crate::webauthn::client_data::{Challenge, ClientData};
use crate::webauthn::relying_party::RelyingParty;

pub use changes::changes;

/// What a key may be sent where it does not say (CTAP §6.4: `maxMsgSize`).
const LEAST_MESSAGE: usize = 1024;
/// How many credentials are asked for at once where the key does not say how many it takes.
const USUAL_LIST: usize = 8;

/// What a getAssertion request takes besides the relying party id and the list: command, map, hash, options.
const ASSERTION: usize = 64;
/// The same of a makeCredential request, which also names the relying party and the user, and proves the PIN.
const REGISTRATION: usize = 320;

/// Whether a key answers to one of these credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognised {
    /// It answered to this one. Not proven yet: nothing was signed with touch and PIN.
    As(Vec<u8>),
    /// It holds none of them.
    AsNone,
    /// The key does not answer such questions without a PIN and a touch.
    CannotTell,
}

/// Asks the key, without PIN and touch, for which of these credentials of one relying party it would sign, in batches
/// that the key can take.
///
/// # Errors
/// [`KeyError`].
pub fn recognise(
    session: &mut Session,
    info: &Info,
    rp: &RelyingParty,
    credentials: &[&[u8]],
) -> Result<Recognised, KeyError> {
    for batch in batches(info, rp, credentials, ASSERTION) {
        let wanted = GetAssertion {
            rp_id: rp.id().as_str(),
            // Signed by nobody who looks: only whether there is an answer counts.
            client_data_hash: [0; 32],
            allow: &batch,
            touch: false,
        };
        match session.get_assertion(&wanted, None) {
            Ok(answer) => {
                let only = batch.first().filter(|_| batch.len() == 1);
                return Ok(match answer.credential_id.or_else(|| only.cloned()) {
                    Some(id) if batch.contains(&id) => Recognised::As(id),
                    _ => Recognised::CannotTell,
                });
            }
            Err(KeyError::Refused { refusal: Refusal::Known(code), .. }) if unknown(code) => {}
            Err(KeyError::Refused { .. }) => return Ok(Recognised::CannotTell),
            Err(error) => return Err(error),
        }
    }
    Ok(Recognised::AsNone)
}

/// As many of these credentials, from the first on, as a key takes in the list of those that it may not hold already.
#[must_use]
pub fn excludable(info: &Info, rp: &RelyingParty, credentials: &[&[u8]]) -> Vec<Vec<u8>> {
    excludable_beside(info, rp, credentials, 0)
}

/// The same beside names of this many bytes.
#[must_use]
pub fn excludable_beside(
    info: &Info,
    rp: &RelyingParty,
    credentials: &[&[u8]],
    names: usize,
) -> Vec<Vec<u8>> {
    let besides = REGISTRATION.saturating_add(names);
    batches(info, rp, credentials, besides).into_iter().next().unwrap_or_default()
}

/// A key's word that it does not hold a credential (CTAP §6.2.2).
fn unknown(code: Code) -> bool {
    matches!(code, Code::NoCredentials | Code::InvalidCredential)
}

/// As many at once as the key takes, by count and by message size; one at the least.
fn batches(info: &Info, rp: &RelyingParty, credentials: &[&[u8]], besides: usize) -> Vec<Vec<Vec<u8>>> {
    let most = info.max_credential_count_in_list.and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(USUAL_LIST).max(1);
    // A key may say more than CTAPHID carries.
    let room = info.max_msg_size.unwrap_or(LEAST_MESSAGE).min(MAX_PAYLOAD);
    let frame = rp.id().as_str().len().saturating_add(besides);
    let mut batches: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut used = usize::MAX;
    for id in credentials {
        // `{"id": h'…', "type": "public-key"}`
        let size = id.len().saturating_add(32);
        let full = batches.last().is_none_or(|batch| batch.len() >= most);
        if full || used.saturating_add(size) > room {
            batches.push(Vec::new());
            used = frame;
        }
        used = used.saturating_add(size);
        if let Some(batch) = batches.last_mut() {
            batch.push(id.to_vec());
        }
    }
    batches
}

/// Has the key sign a challenge by a custody credential, with PIN and touch. Not verified: that is for the ledger.
///
/// # Errors
/// [`KeyError`].
pub fn sign(
    session: &mut Session,
    authority: &mut Authority<'_>,
    signer: &Signer,
    challenge: &Challenge,
) -> Result<Receipt, KeyError> {
    let rp_id = signer.rp.id().as_str();
    authority.turn_to(session, Permissions::GET_ASSERTION, Some(rp_id))?;
    let client_data = ClientData::get(&signer.rp, challenge);
    let allow = [signer.credential.id.clone()];
    let wanted = GetAssertion { rp_id, client_data_hash: client_data.hash(), allow: &allow, touch: true };
    let answer = session.get_assertion(&wanted, Some(authority.proof().token()))?;
    let [id] = allow;
    Ok(Receipt {
        credential_id: Bytes(answer.credential_id.unwrap_or(id)),
        auth_data: Bytes(answer.auth_data.raw),
        client_data: Bytes(client_data.as_bytes().to_vec()),
        signature: Bytes(answer.signature),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctap::credential::{ES256, Extensions, MakeCredential};

    fn info(most: Option<u64>, room: Option<usize>) -> Info {
        let mut info = Info::parse(
            crate::ctap::cbor::map([
                (0x01, ciborium::Value::Array(vec!["FIDO_2_0".into()])),
                (0x03, ciborium::Value::Bytes(vec![1; 16])),
            ])
            .unwrap(),
        )
        .unwrap();
        (info.max_credential_count_in_list, info.max_msg_size) = (most, room);
        info
    }

    #[test]
    fn batches_keep_within_the_keys_count_and_its_message_size_and_lose_nobody() {
        let ids: Vec<Vec<u8>> = (0..60u8).map(|n| vec![n; 150]).collect();
        let credentials: Vec<&[u8]> = ids.iter().map(Vec::as_slice).collect();
        let rp = RelyingParty::custody();
        for (most, says, room) in [
            (None, None, None),
            (Some(10), Some(7609), Some(7609)),
            (Some(3), None, None),
            (Some(0), Some(100), Some(100)),
            // More than CTAPHID carries.
            (Some(255), Some(65535), Some(7609)),
        ] {
            let info = info(most, says);
            let made = batches(&info, &rp, &credentials, ASSERTION);
            assert_eq!(made.concat(), ids);
            for batch in &made {
                let wanted = GetAssertion {
                    rp_id: rp.id().as_str(),
                    client_data_hash: [0; 32],
                    allow: batch,
                    touch: false,
                };
                let size = wanted.request(None).unwrap().len();
                assert!(batch.len() == 1 || size <= room.unwrap_or(1024), "{size}");
                assert!(batch.len() <= usize::try_from(most.unwrap_or(8).max(1)).unwrap());
            }
            let exclude = excludable(&info, &rp, &credentials);
            assert!(!exclude.is_empty() && ids.starts_with(&exclude));
            let wanted = MakeCredential {
                client_data_hash: [0; 32],
                rp_id: rp.id().as_str(),
                rp_name: "glasskey",
                user_id: b"glasskey",
                user_name: "glasskey",
                display_name: "glasskey",
                algorithms: &[ES256],
                exclude: &exclude,
                extensions: Extensions::default(),
                discoverable: false,
            };
            // With the proof of the PIN, at the longest: 32 bytes, two keys, a head, a number.
            let size = wanted.request(None).unwrap().len() + 38;
            assert!(exclude.len() == 1 || size <= room.unwrap_or(1024), "{size}");
        }
    }
}
