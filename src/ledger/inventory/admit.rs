//! Which events may follow: the same rules before an event is written and when it is replayed.

use super::{Inventory, Key, State};
use crate::ctap::authdata::{AttestedCredential, AuthenticatorData};
use crate::ctap::cbor::{self, Members};
use crate::ledger::bytes::Bytes;
use crate::ledger::payload::{Enrolled, EntraRegistered, Payload};
use crate::ledger::receipt::{Signer, SignerError};
use crate::plan::{same, shows};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The longest label, in characters.
const LONGEST_LABEL: usize = 64;

/// Why an event may not follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another first event.
    #[error("a ledger begins with its creation")]
    NotCreated,
    /// A second creation.
    #[error("the ledger is created already")]
    AlreadyCreated,
    /// A label that no key has.
    #[error("no key has the label '{}'", .0.escape_debug())]
    NoSuchLabel(String),
    /// A label that is taken.
    #[error("the label '{}' is taken, or was another key's", .0.escape_debug())]
    LabelTaken(String),
    /// A label that would be mistaken for something else.
    #[error("'{}' is no label: {why}", .label.escape_debug())]
    BadLabel {
        /// As it was given.
        label: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An outcome of nothing.
    #[error("event {0} is no intent that is still open")]
    NoSuchIntent(u64),
    /// A soft key among real ones.
    #[error("this ledger holds real keys: a soft key may not enter it")]
    SoftAmongReal,
    /// A real key among soft ones.
    #[error("this ledger holds soft keys: a real key may not enter it")]
    RealAmongSoft,
    /// A credential that is enrolled.
    #[error("this custody credential is enrolled already, as '{}'", .0.escape_debug())]
    CredentialKnown(String),
    /// A custody credential that cannot sign.
    #[error("the custody credential cannot be used: {0}")]
    Signer(#[from] SignerError),
    /// Another credential than the registration's.
    #[error("the credential is not the one that was registered")]
    OtherCredential,
    /// A passkey on a key that is in nobody's custody.
    #[error("the key is {}: no passkey is made on it", .0.words())]
    NotActive(State),
    /// A passkey of another account.
    #[error("the key is the account {}'s", .0.escape_debug())]
    OtherAccount(String),
    /// A passkey for Entra that is on record.
    #[error("this passkey for Entra is on record already, on the key '{}'", .0.escape_debug())]
    EntraKnown(String),
    /// A passkey for Entra that is not on record for this key.
    #[error("no such passkey for Entra is on record for this key")]
    EntraUnknown,
    /// Nothing would change.
    #[error("the key is {} already", .0.words())]
    Already(State),
    /// Found, and not lost.
    #[error("the key is not lost: it is {}", .0.words())]
    NotLost(State),
    /// Nothing is said.
    #[error("nothing is said of where the key is now")]
    NothingSaid,
    /// A drill while another one goes on.
    #[error("the drill that event {0} began is not ended")]
    DrillOpen(u64),
    /// An event of a drill that does not go on.
    #[error("event {0} began no drill that it could belong to")]
    NoOpenDrill(u64),
    /// An answer to what was not asked, or about something else than was asked.
    #[error("the drill does not ask '{}' of that", .0.escape_debug())]
    NotAsked(String),
    /// An action that the drill does not have, or that is done.
    #[error("the drill has no open action {0}")]
    NoSuchAction(u32),
    /// A drill that leaves out a key that its account counts on.
    #[error("a drill of the account tries its key '{}', too", .0.escape_debug())]
    LeftOut(String),
    /// An account that passed a drill in which a key of it was not tried well.
    #[error("the drill is not passed: its key '{}' was not checked well in it", .0.escape_debug())]
    NotTriedWell(String),
    /// A time that ends before it begins.
    #[error("it would end before it begins")]
    EndsBeforeItBegins,
    /// An answer without a reason.
    #[error("no reason is given")]
    NoReason,
    /// An answer for more than anybody remembers.
    #[error("it would answer for more than 7 days")]
    TooLong,
    /// An answer for a time of which the ledger knows nothing.
    #[error("the ledger knows nothing of that time: it begins at {}", crate::verdict::words::second(.0))]
    BeforeTheLedger(Timestamp),
}

impl Inventory {
    /// Whether this program would write such an event now.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn admit(&self, payload: &Payload) -> Result<(), Refusal> {
        match payload {
            Payload::LedgerCreated(_) if self.events == 0 => return Ok(()),
            Payload::LedgerCreated(_) => return Err(Refusal::AlreadyCreated),
            _ if self.events == 0 => return Err(Refusal::NotCreated),
            Payload::Enrolled(enrolled) => return self.admit_key(enrolled),
            Payload::Onboarded(onboarded) => return self.admit_soft(onboarded.soft),
            _ => self.admit_drill(payload)?,
        }
        let known = |label: &str| self.key(label).ok_or_else(|| Refusal::NoSuchLabel(label.to_owned()));
        let key = payload.label().map(known).transpose()?;
        let not_yet = |state| match key {
            Some(key) if key.state == state => Err(Refusal::Already(state)),
            _ => Ok(()),
        };
        match payload {
            Payload::Outcome(outcome) if !self.pending.contains_key(&outcome.intent) => {
                Err(Refusal::NoSuchIntent(outcome.intent))
            }
            Payload::Relabelled(relabelled) => {
                good_label(&relabelled.new_label)?;
                let owner = self.ever(&relabelled.new_label);
                let own = owner.is_none_or(|owner| Some(owner.enrolled) == key.map(|key| key.enrolled));
                if own { Ok(()) } else { Err(Refusal::LabelTaken(relabelled.new_label.clone())) }
            }
            Payload::Moved(moved) => {
                let said = moved.site.is_some() || moved.custodian.is_some() || moved.bag.is_some();
                if said { Ok(()) } else { Err(Refusal::NothingSaid) }
            }
            Payload::Retired(_) => not_yet(State::Retired),
            Payload::Lost(_) => not_yet(State::Lost),
            Payload::Found(_) => match key.map(|key| key.state) {
                Some(State::Lost) | None => Ok(()),
                Some(other) => Err(Refusal::NotLost(other)),
            },
            Payload::EntraRegistered(registered) => self.admit_entra(registered, key),
            Payload::EntraForgotten(forgotten) => {
                let held =
                    |key: &Key| key.entra.iter().any(|one| one.credential_id == forgotten.credential_id);
                if key.is_some_and(held) { Ok(()) } else { Err(Refusal::EntraUnknown) }
            }
            Payload::LedgerCreated(_)
            | Payload::Intent(_)
            | Payload::Outcome(_)
            | Payload::Enrolled(_)
            | Payload::Checked(_)
            | Payload::PinChanged(_)
            | Payload::Reset(_)
            | Payload::CredentialDeleted(_)
            | Payload::Onboarded(_)
            | Payload::DrillBegun(_)
            | Payload::NotChecked(_)
            | Payload::DrillAnswered(_)
            | Payload::DrillEnded(_)
            | Payload::ActionClosed(_)
            | Payload::EvidenceAttached(_)
            | Payload::AccountUsed(_) => Ok(()),
        }
    }

    /// Whether a new key may have this label.
    ///
    /// # Errors
    /// [`Refusal::BadLabel`], [`Refusal::LabelTaken`].
    pub fn admit_label(&self, label: &str) -> Result<(), Refusal> {
        good_label(label)?;
        if self.ever(label).is_some() { Err(Refusal::LabelTaken(label.to_owned())) } else { Ok(()) }
    }

    /// Whether a new key may be a soft key, or may be a real one.
    ///
    /// # Errors
    /// [`Refusal::SoftAmongReal`], [`Refusal::RealAmongSoft`].
    pub fn admit_soft(&self, soft: bool) -> Result<(), Refusal> {
        match (self.soft(), soft) {
            (Some(false), true) => Err(Refusal::SoftAmongReal),
            (Some(true), false) => Err(Refusal::RealAmongSoft),
            (None, _) | (Some(true), true) | (Some(false), false) => Ok(()),
        }
    }

    fn admit_key(&self, enrolled: &Enrolled) -> Result<(), Refusal> {
        self.admit_label(&enrolled.label)?;
        self.admit_soft(enrolled.soft)?;
        if let Some(key) = self.key_by_credential(enrolled.custody.credential_id.as_slice()) {
            return Err(Refusal::CredentialKnown(key.label.clone()));
        }
        registered(enrolled)?;
        Signer::try_from(&enrolled.custody)?;
        Ok(())
    }

    /// A passkey for Entra is on one active key of the account, and is the one that its attestation tells of.
    fn admit_entra(&self, registered: &EntraRegistered, key: Option<&Key>) -> Result<(), Refusal> {
        if let Some(key) = self.key_by_entra_credential(registered.credential_id.as_slice()) {
            return Err(Refusal::EntraKnown(key.label.clone()));
        }
        let Some(key) = key else { return Err(Refusal::NoSuchLabel(registered.label.clone())) };
        if key.state != State::Active {
            return Err(Refusal::NotActive(key.state));
        }
        if !same(&key.account, &registered.account) {
            return Err(Refusal::OtherAccount(key.account.clone()));
        }
        let (rp_id_hash, credential) =
            told(&registered.registration.attestation_object).ok_or(Refusal::OtherCredential)?;
        let rp_id: [u8; 32] = Sha256::digest(&registered.rp_id).into();
        let same = rp_id_hash == rp_id
            && credential.credential_id == registered.credential_id.0
            && credential.aaguid == registered.aaguid
            && key.aaguid == registered.aaguid;
        if same { Ok(()) } else { Err(Refusal::OtherCredential) }
    }
}

/// The credential that an attestation object tells of, and the hash of the relying party that it is for.
fn told(object: &Bytes) -> Option<([u8; 32], AttestedCredential)> {
    let decoded = cbor::decode(object.as_slice()).ok()?;
    let mut members = Members::of(decoded.value, "attestation object").ok()?;
    let auth_data = cbor::bytes(members.need("authData", "authData").ok()?, "authData").ok()?;
    let auth_data = AuthenticatorData::parse(&auth_data).ok()?;
    Some((auth_data.rp_id_hash, auth_data.attested?))
}

/// The custody credential is the one in the attestation object, so that whoever verifies the attestation knows
/// that it speaks of the key that signs the receipts.
pub(in crate::ledger) fn registered(enrolled: &Enrolled) -> Result<(), Refusal> {
    let (_, credential) = told(&enrolled.registration.attestation_object).ok_or(Refusal::OtherCredential)?;
    let same = credential.credential_id == enrolled.custody.credential_id.0
        && credential.public_key == enrolled.custody.public_key.0
        && credential.aaguid == enrolled.aaguid;
    if same { Ok(()) } else { Err(Refusal::OtherCredential) }
}

/// Whether a key could have this label; a number and a path are none.
#[must_use]
pub fn may_be_label(text: &str) -> bool {
    good_label(text).is_ok()
}

/// A label is what a person reads on a bag and types after `--key`: never a number or a path, nothing invisible.
fn good_label(label: &str) -> Result<(), Refusal> {
    let bad = |why| Err(Refusal::BadLabel { label: label.to_owned(), why });
    if label.is_empty() || label.chars().count() > LONGEST_LABEL {
        return bad("it has 1 to 64 characters");
    }
    if label.trim() != label || !label.chars().all(shows) {
        return bad("it has no spaces at its ends, and nothing in it that cannot be seen");
    }
    if label.bytes().all(|byte| byte.is_ascii_digit())
        || label.contains(['/', '\\'])
        || label.starts_with('-')
    {
        return bad("a number, a slash or a dash at its beginning would be taken for something else");
    }
    if label.to_lowercase().starts_with("soft:") {
        return bad("`soft:` begins the path of a soft key");
    }
    Ok(())
}
