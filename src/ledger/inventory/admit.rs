//! Which events may follow: the same rules before an event is written and when it is replayed.

use super::{Inventory, State};
use crate::ctap::authdata::AuthenticatorData;
use crate::ctap::cbor::{self, Members};
use crate::ledger::payload::{Enrolled, Payload};
use crate::ledger::receipt::{Signer, SignerError};

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
    #[error("the custody credential is not the one that was registered")]
    OtherCredential,
    /// Nothing would change.
    #[error("the key is {} already", .0.words())]
    Already(State),
    /// Nothing is said.
    #[error("nothing is said of where the key is now")]
    NothingSaid,
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
            _ => {}
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
            Payload::LedgerCreated(_)
            | Payload::Intent(_)
            | Payload::Outcome(_)
            | Payload::Enrolled(_)
            | Payload::Checked(_)
            | Payload::PinChanged(_)
            | Payload::Reset(_)
            | Payload::CredentialDeleted(_)
            | Payload::Onboarded(_) => Ok(()),
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
}

/// The custody credential is the one in the attestation object, so that whoever verifies the attestation knows
/// that it speaks of the key that signs the receipts.
pub(in crate::ledger) fn registered(enrolled: &Enrolled) -> Result<(), Refusal> {
    let object = enrolled.registration.attestation_object.as_slice();
    let credential = cbor::decode(object)
        .and_then(|decoded| Members::of(decoded.value, "attestation object"))
        .and_then(|mut members| cbor::bytes(members.need("authData", "authData")?, "authData"))
        .ok()
        .and_then(|auth_data| AuthenticatorData::parse(&auth_data).ok()?.attested)
        .ok_or(Refusal::OtherCredential)?;
    let same = credential.credential_id == enrolled.custody.credential_id.0
        && credential.public_key == enrolled.custody.public_key.0
        && credential.aaguid == enrolled.aaguid;
    if same { Ok(()) } else { Err(Refusal::OtherCredential) }
}

/// A label is what a person reads on a bag and types after `--key`: never a number or a path, nothing invisible.
fn good_label(label: &str) -> Result<(), Refusal> {
    let bad = |why| Err(Refusal::BadLabel { label: label.to_owned(), why });
    if label.is_empty() || label.chars().count() > LONGEST_LABEL {
        return bad("it has 1 to 64 characters");
    }
    if label.trim() != label || label.chars().any(char::is_control) {
        return bad("it has no spaces at its ends and no control characters");
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
