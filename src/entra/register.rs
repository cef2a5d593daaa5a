//! A passkey for an account: options found right before a key is touched, what a key is then asked for, and the body
//! that hands the passkey to Entra.

mod body;
mod error;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::options::CreationOptions;
use crate::ctap::credential::{ES256, Extensions, Protection};
use crate::ctap::info::Info;
use crate::custody::excludable_beside;
use crate::facts::credentials::Credentials;
use crate::graph::words::{clean, same_id};
use crate::ledger::Inventory;
use crate::ledger::bytes::Hash;
use crate::ledger::inventory::Key;
use crate::plan::{Account, same};
use crate::webauthn::client_data::ClientData;
use crate::webauthn::relying_party::{ENTRA_RP_ID, RelyingParty};

pub use body::{DisplayName, request};
pub use error::RegisterError;

/// The most bytes of a name that a key must keep (WebAuthn §6.4.1); a longer one is cut, at a letter's end.
const LONGEST_NAME: usize = 64;

/// The one algorithm that a key is asked for: what it makes must be verified here before Entra sees it.
pub const ALGORITHMS: &[i64] = &[ES256];

/// Options that are right for an account, as far as that can be told without a key. Only [`accept`] makes one.
#[derive(Debug, Clone)]
pub struct Accepted {
    options: CreationOptions,
    rp: RelyingParty,
    client_data: ClientData,
    handle: Hash,
    remarks: Vec<String>,
}

/// What a key is asked for, once nothing is left that could be wrong with it. Only [`Accepted::ask`] makes one.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Credentials that it may not hold already, in every reading of their ids.
    pub exclude: Vec<Vec<u8>>,
    /// Extensions.
    pub extensions: Extensions,
    /// What should be known, beside [`Accepted::remarks`].
    pub remarks: Vec<String>,
}

/// SHA-256 of a user handle, as the ledger keeps it.
#[must_use]
pub fn handle_hash(handle: &[u8]) -> Hash {
    Hash::new(Sha256::digest(handle).into())
}

/// Finds the options right for an account, or why not.
///
/// # Errors
/// [`RegisterError`]: another relying party, another user, no algorithm that is accepted, too late.
pub fn accept(
    options: CreationOptions,
    account: &Account,
    inventory: &Inventory,
    now: Timestamp,
) -> Result<Accepted, RegisterError> {
    if options.rp_id.as_str() != ENTRA_RP_ID {
        return Err(RegisterError::OtherParty(options.rp_id.as_str().to_owned()));
    }
    let name = &options.user.name;
    if !account.upn.is(name) && !same_id(&account.object_id.to_string(), name) {
        return Err(RegisterError::OtherUser { told: name.clone(), upn: account.upn.to_string() });
    }
    let handle = handle_hash(&options.user.handle);
    let known = || inventory.keys().iter().flat_map(|key| key.entra.iter().map(move |one| (key, one)));
    let own = |other: &str| same(other, account.name.as_str());
    if let Some((_, other)) = known().find(|(_, one)| one.user_handle_sha256 == handle && !own(&one.account))
    {
        return Err(RegisterError::OtherHandle(other.account.clone()));
    }
    if !ALGORITHMS.iter().any(|one| options.algorithms.contains(one)) {
        return Err(RegisterError::NoAlgorithm(options.algorithms));
    }
    let mut remarks = remarks(&options);
    if let Some((key, _)) = known().find(|(_, one)| own(&one.account) && one.user_handle_sha256 != handle) {
        remarks.push(format!(
            "the account had another user handle when {} was registered: find out whether it was made anew",
            key.label
        ));
    }
    let rp = RelyingParty::https(options.rp_id.clone());
    let client_data = ClientData::create_for(&rp, &options.challenge);
    let accepted = Accepted { rp, client_data, handle, remarks, options };
    accepted.in_time(now)?;
    Ok(accepted)
}

/// What is odd about the options, and no reason to refuse them.
fn remarks(options: &CreationOptions) -> Vec<String> {
    let mut remarks = Vec::new();
    if options.attachment.as_deref() == Some("platform") {
        remarks.push("the options ask for a credential of this machine, not of a key".to_owned());
    }
    if let Some(other) = options.attestation.as_deref().filter(|asked| *asked != "direct") {
        let asked = clean(other);
        remarks
            .push(format!("the options ask for attestation '{asked}': Entra may not look at the key's own"));
    }
    if !matches!(options.protection, None | Some(Protection::Optional)) {
        remarks.push(
            "the options ask for more protection than userVerificationOptional: Windows may not sign in with such a passkey"
                .to_owned(),
        );
    }
    for excluded in &options.exclude {
        let known = excluded.id.as_ref().is_ok_and(|id| id.readings().next().is_some());
        if !known {
            let id = clean(&excluded.text);
            remarks.push(format!(
                "whether the key holds the passkey '{id}' cannot be told: its id is in no known encoding"
            ));
        }
    }
    remarks
}

impl Accepted {
    /// What the options say.
    #[must_use]
    pub fn options(&self) -> &CreationOptions {
        &self.options
    }

    /// For whom: Entra.
    #[must_use]
    pub fn rp(&self) -> &RelyingParty {
        &self.rp
    }

    /// What the key signs the hash of.
    #[must_use]
    pub fn client_data(&self) -> &ClientData {
        &self.client_data
    }

    /// SHA-256 of the user handle.
    #[must_use]
    pub fn handle(&self) -> Hash {
        self.handle
    }

    /// What should be known.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The relying party's name, the user's and the display name, as a key keeps them.
    #[must_use]
    pub fn names(&self) -> [&str; 3] {
        let user = &self.options.user;
        [cut(&self.options.rp_name), &user.name, cut(&user.display_name)]
    }

    /// Whether Entra still takes an answer.
    ///
    /// # Errors
    /// [`RegisterError::Expired`].
    pub fn in_time(&self, now: Timestamp) -> Result<(), RegisterError> {
        let at = self.options.expires;
        if now < at { Ok(()) } else { Err(RegisterError::Expired(at)) }
    }

    /// What to ask of a key, whose list is at hand where it offers one; or why it is not asked. `open`: a registration
    /// with this key was begun before and its end is not known, so that what it left may be replaced.
    ///
    /// # Errors
    /// [`RegisterError`]: the key holds what it may not hold, has no room, or cannot do what must be.
    pub fn ask(
        &self,
        key: &Key,
        info: &Info,
        listed: Option<&Credentials>,
        open: bool,
    ) -> Result<Asked, RegisterError> {
        let on_key = listed.map(|listed| listed.passkeys.as_slice()).unwrap_or_default();
        let held = |id: &[u8]| {
            on_key.iter().any(|passkey| passkey.credential_id == id)
                || key.entra.iter().any(|one| one.credential_id.as_slice() == id)
        };
        for excluded in &self.options.exclude {
            if excluded.id.as_ref().is_ok_and(|id| id.readings().any(held)) {
                return Err(RegisterError::Excluded {
                    label: key.label.clone(),
                    id: Some(excluded.text.clone()),
                });
            }
        }
        if key.entra.iter().any(|one| one.user_handle_sha256 == self.handle) {
            return Err(RegisterError::Holds { label: key.label.clone(), recorded: true });
        }
        let mut entra = listed.iter().flat_map(|listed| listed.entra());
        // A key holds one passkey of a user at a time: a new one would take its place (CTAP §6.1.2).
        let own = entra.any(|passkey| handle_hash(&passkey.user_id) == self.handle);
        if own && !open {
            return Err(RegisterError::Holds { label: key.label.clone(), recorded: false });
        }
        let free =
            [info.remaining_discoverable_credentials, listed.map(|listed| u64::from(listed.count.remaining))];
        if !own && free.contains(&Some(0)) {
            return Err(RegisterError::Full(key.label.clone()));
        }
        let mut remarks = Vec::new();
        if own {
            remarks.push("what an interrupted registration left on the key is replaced".to_owned());
        }
        let extensions = self.extensions(info, &mut remarks)?;
        let readings = self.options.exclude.iter().filter_map(|one| one.id.as_ref().ok());
        let readings: Vec<&[u8]> = readings.flat_map(|id| id.readings()).collect();
        let names = self.names().iter().map(|name| name.len()).sum();
        let exclude = excludable_beside(info, &self.rp, &readings, names);
        if listed.is_none() && exclude.len() < readings.len() {
            remarks.push(
                "the key takes no list as long as excludeCredentials, and does not tell what it holds"
                    .to_owned(),
            );
        }
        Ok(Asked { exclude, extensions, remarks })
    }

    /// A key without `credProtect` does what its first level asks.
    fn extensions(&self, info: &Info, remarks: &mut Vec<String>) -> Result<Extensions, RegisterError> {
        let (hmac, protect) = (info.extends("hmac-secret"), info.extends("credProtect"));
        if self.options.hmac_secret && !hmac {
            remarks.push("the key does not offer hmac-secret: it does not unlock Windows offline".to_owned());
        }
        let protection = match self.options.protection {
            asked if protect => asked,
            None | Some(Protection::Optional) => None,
            Some(_) if self.options.enforce_protection => return Err(RegisterError::CannotProtect),
            Some(_) => {
                remarks.push("the key does not offer credProtect: the passkey is made without it".to_owned());
                None
            }
        };
        Ok(Extensions { hmac_secret: self.options.hmac_secret && hmac, protection })
    }
}

fn cut(name: &str) -> &str {
    (0..=LONGEST_NAME)
        .rev()
        .find_map(|end| name.get(..end))
        .filter(|_| name.len() > LONGEST_NAME)
        .unwrap_or(name)
}
