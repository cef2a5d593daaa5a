//! Which enrolled key this is, and the record of what is done with it, which it signs itself where it can.

use serde_json::{Value, json};

use super::World;
use super::named::is_key;
use crate::catalogue::Catalogue;
use crate::ctap::info::Info;
use crate::custody::{self, Recognised};
use crate::error::Error;
use crate::facts::Facts;
use crate::key::authority::Authority;
use crate::key::session::{KeyError, Session};
use crate::ledger::inventory::{Key, Pending, State};
use crate::ledger::payload::{Change, Checked, Ended, Outcome, Payload};
use crate::ledger::{Event, Inventory, Ledger, LedgerError, Writer};
use crate::term::escape::escape;
use crate::term::show;
use crate::verdict::Verdict;
use crate::verdict::identity::Enrolled;
use crate::webauthn::relying_party::RelyingParty;

/// What the record knows of a key that is plugged in.
#[derive(Debug)]
pub(super) enum Known<'i> {
    /// It answered to this key's custody credential.
    As(&'i Key),
    /// It is none of the enrolled ones.
    AsNone,
    /// It does not tell without a PIN and a touch.
    CannotTell,
}

/// The custody credentials of one relying party, also those of keys that are retired or lost.
fn enrolled_ids(inventory: &Inventory, rp: &RelyingParty) -> Vec<Vec<u8>> {
    let ours = inventory.keys().iter().filter(|key| key.signer.rp.id() == rp.id());
    ours.map(|key| key.signer.credential.id.clone()).collect()
}

/// Asks the key, without PIN and touch, which of the enrolled keys it is; first for the relying party of most keys. One
/// that does not tell can only be one of its own model.
pub(super) fn recognise<'i>(
    session: &mut Session,
    info: &Info,
    inventory: &'i Inventory,
) -> Result<Known<'i>, KeyError> {
    let mut parties: Vec<&RelyingParty> = Vec::new();
    for key in inventory.keys() {
        if !parties.iter().any(|rp| rp.id() == key.signer.rp.id()) {
            parties.push(&key.signer.rp);
        }
    }
    for rp in parties {
        let ids = enrolled_ids(inventory, rp);
        let ids: Vec<&[u8]> = ids.iter().map(Vec::as_slice).collect();
        match custody::recognise(session, info, rp, &ids)? {
            Recognised::As(id) => {
                return Ok(inventory.key_by_credential(&id).map_or(Known::AsNone, Known::As));
            }
            Recognised::CannotTell if inventory.keys().iter().any(|key| key.aaguid == info.aaguid) => {
                return Ok(Known::CannotTell);
            }
            Recognised::CannotTell => return Ok(Known::AsNone),
            Recognised::AsNone => {}
        }
    }
    Ok(Known::AsNone)
}

/// What a key answered when it was asked which of the enrolled ones it is, to be held against what comes in its place.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    inventory: Inventory,
    is: Is,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Is {
    Enrolled(String),
    Nobody,
    OneOf(Vec<String>),
}

impl Sighting {
    /// Asks the key, as [`recognise`] does.
    pub(super) fn take(session: &mut Session, info: &Info, inventory: Inventory) -> Result<Self, KeyError> {
        let is = match recognise(session, info, &inventory)? {
            Known::As(key) => Is::Enrolled(key.label.clone()),
            Known::AsNone => Is::Nobody,
            Known::CannotTell => {
                let like = inventory.keys().iter().filter(|key| key.aaguid == info.aaguid);
                Is::OneOf(like.map(|key| key.label.clone()).collect())
            }
        };
        Ok(Self { inventory, is })
    }

    /// The enrolled key as which it answered.
    pub(super) fn key(&self) -> Option<&Key> {
        match &self.is {
            Is::Enrolled(label) => self.inventory.key(label),
            Is::Nobody | Is::OneOf(_) => None,
        }
    }

    /// The labels of the enrolled keys that it may be, where it does not tell; else none.
    pub(super) fn may_be(&self) -> &[String] {
        match &self.is {
            Is::OneOf(labels) => labels,
            Is::Nobody | Is::Enrolled(_) => &[],
        }
    }

    /// Why the key in hand is not the one that answered then, if it answers otherwise.
    pub(super) fn differs(&self, session: &mut Session, info: &Info) -> Result<Option<String>, KeyError> {
        let now = match recognise(session, info, &self.inventory)? {
            Known::As(key) => match &self.is {
                Is::Enrolled(label) if key.label == *label => return Ok(None),
                Is::Enrolled(label) => format!("{} was plugged in, not {label}", is_key(key)),
                Is::Nobody | Is::OneOf(_) => format!("{} was plugged in, which is enrolled", is_key(key)),
            },
            Known::AsNone | Known::CannotTell if matches!(self.is, Is::Enrolled(_)) => {
                let label = self.key().map(|key| key.label.as_str()).unwrap_or_default();
                format!("the key that was plugged in does not answer as {label}")
            }
            Known::AsNone if self.is == Is::Nobody => return Ok(None),
            Known::CannotTell if self.is != Is::Nobody => return Ok(None),
            Known::AsNone | Known::CannotTell => {
                "the key that was plugged in answers otherwise than the one that was there".to_owned()
            }
        };
        Ok(Some(now))
    }
}

/// What is not as it was at enrolment.
pub(super) fn changes(
    ledger: &Ledger,
    catalogue: &Catalogue,
    key: &Key,
    facts: &Facts,
) -> Result<Vec<Change>, Error> {
    let entry = ledger.event(key.enrolled.seq)?;
    match entry.and_then(|entry| entry.body).map(|body| body.event) {
        Some(Payload::Enrolled(then)) => Ok(custody::changes(catalogue, &then, &value(facts)?)),
        _ => Err(Error::Bug),
    }
}

fn words(change: &Change) -> String {
    let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "unsaid".to_owned());
    format!("{} was {} and is {}", change.what, told(&change.before), told(&change.after))
}

/// What the verdict needs to know of an enrolled key.
pub(super) fn enrolled(key: &Key, answered: bool, changes: &[Change]) -> Enrolled {
    let mut credential = key.signer.credential.clone();
    credential.counter = key.custody.counter;
    Enrolled {
        label: key.label.clone(),
        account: key.account.clone(),
        state: key.state.words(),
        answered,
        twin: None,
        credential,
        changes: changes.iter().map(words).collect(),
        passkeys: key.entra.iter().map(|passkey| passkey.credential_id.0.clone()).collect(),
    }
}

/// An event on record.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) event: Event,
    /// Why the key did not sign it, although it was asked to.
    pub(super) unsigned: Option<Error>,
}

/// Records an event. The key signs it where it has granted authority; where it then does not, the event is recorded
/// without its signature, so that what was done or found is not lost.
pub(super) fn keep(
    writer: &mut Writer,
    session: &mut Session,
    authority: Option<Authority<'_>>,
    payload: Payload,
) -> Result<Recorded, Error> {
    let draft = writer.begin(payload, World::clock(), World::nonce()?)?;
    let (mut receipt, mut unsigned) = (None, None);
    if let (Some(mut authority), Some(signer)) = (authority, draft.signer().cloned()) {
        match custody::sign(session, &mut authority, &signer, &draft.challenge()) {
            Err(error) => unsigned = Some(error.into()),
            Ok(signed) => match signed.verify(&draft.seal(), &signer) {
                Ok(_) => receipt = Some(signed),
                Err(error) => unsigned = Some(LedgerError::from(error).into()),
            },
        }
    }
    Ok(Recorded { event: draft.commit(receipt)?, unsigned })
}

/// What was checked.
pub(super) struct Look<'a> {
    pub(super) label: &'a str,
    pub(super) facts: &'a Facts,
    pub(super) verdict: &'a Verdict,
    pub(super) changes: Vec<Change>,
    /// The drill that it is a part of.
    pub(super) drill: Option<u64>,
}

/// Records a check, as [`keep`] does. One that the key has signed and that is not failed shows how the key stands, so
/// it closes what was begun with the key before and never ended.
pub(super) fn checked(
    world: &World,
    writer: &mut Writer,
    session: &mut Session,
    authority: Option<Authority<'_>>,
    look: Look<'_>,
) -> Result<Recorded, Error> {
    let counter = look.facts.assertion.done().map(|asserted| asserted.answer.auth_data.counter);
    let payload = Payload::Checked(Box::new(Checked {
        label: look.label.to_owned(),
        verdict: look.verdict.outcome.into(),
        findings: value(&look.verdict.findings)?,
        facts: value(look.facts)?,
        counter,
        changes: look.changes,
        drill: look.drill,
    }));
    let recorded = keep(writer, session, authority, payload)?;
    let key = writer.inventory().key(look.label);
    if key.and_then(|key| key.last_good_check).is_some_and(|seen| seen.seq == recorded.event.seq) {
        let why = format!("a good check, event {}, shows how the key stands", recorded.event.seq);
        give_up(world, writer, &why, |inventory, pending| {
            settles(inventory, pending, look.label) && !pending.intent.registers_passkey()
        });
    }
    Ok(recorded)
}

/// Whether a step was one with the key that has this label now, or may have been.
pub(super) fn about(inventory: &Inventory, pending: &Pending, label: &str) -> bool {
    let of = |label: &str| inventory.ever(label).map(|key| key.enrolled);
    let mut labels = pending.intent.label.as_deref().into_iter().chain(pending.intent.may_be());
    of(label).is_some_and(|key| labels.any(|label| of(label) == Some(key)))
}

/// Whether nothing is left to be found out of a step, now that it is known how the key with this label stands: so do all
/// that it may have been.
pub(super) fn settles(inventory: &Inventory, pending: &Pending, label: &str) -> bool {
    let known = |label: &str| {
        inventory.ever(label).is_none_or(|key| {
            key.state != State::Active || key.last_good_check.is_some_and(|seen| seen.seq > pending.seq)
        })
    };
    about(inventory, pending, label) && pending.intent.may_be().all(known)
}

/// Closes steps that were begun and never ended: they were told, and something has made an end of them, which is on
/// record already. Where that cannot be written they stay open, and that is said.
pub(super) fn give_up(
    world: &World,
    writer: &mut Writer,
    why: &str,
    which: impl Fn(&Inventory, &Pending) -> bool,
) {
    let inventory = writer.inventory();
    let open: Vec<u64> =
        inventory.pending().filter(|step| which(inventory, step)).map(|step| step.seq).collect();
    for intent in open {
        let outcome = Outcome { intent, result: Ended::Abandoned, why: Some(why.to_owned()) };
        let closed = World::nonce()
            .and_then(|nonce| Ok(writer.record(Payload::Outcome(outcome), World::clock(), nonce)?));
        if let Err(error) = closed {
            let error = escape(&error.to_string());
            world.term.complain(&format!("what event {intent} began stays open: {error}"));
            return;
        }
    }
}

/// Tells of steps that were begun and never ended.
pub(super) fn tell_pending<'i>(world: &World, pending: impl IntoIterator<Item = &'i Pending>) {
    for pending in pending {
        world.term.complain(&escape(&format!("event {}: {}", pending.seq, pending.cure())));
    }
}

/// Tells that the key did not sign what was recorded of it.
pub(super) fn tell_unsigned(world: &World, label: &str, recorded: &Recorded) {
    if let Some(error) = &recorded.unsigned {
        let why = escape(&error.to_string());
        world.term.complain(&format!("{}: the key did not sign the record: {why}", escape(label)));
    }
}

/// Where an event stands, and whether a key signed it.
pub(super) fn place(event: &Event) -> Value {
    json!({ "seq": event.seq, "hash": event.hash, "signed": event.receipt.is_some() })
}

/// Any of our own types as JSON.
pub(super) fn value(of: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(of).map_err(|_| Error::Bug)
}

/// An error as JSON.
pub(super) fn fault(error: &Error) -> Value {
    json!({ "kind": error.kind(), "message": error.to_string(), "hint": error.hint() })
}

/// Tells of an enrolment; without an event, of one that was refused because the key is not fit.
pub(super) fn tell(
    world: &World,
    facts: &Facts,
    catalogue: &Catalogue,
    verdict: &Verdict,
    label: &str,
    event: Option<&Event>,
) -> Result<(), Error> {
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.enroll/1", "label": label, "verdict": verdict.outcome, "key": facts,
            "findings": verdict.findings, "event": event.map(place),
        }))?;
    } else {
        world.term.out(&show::check(facts, catalogue, verdict))?;
        let label = escape(label);
        world.term.out(&match event {
            Some(event) => format!("{label} is enrolled: event {}, head {}\n", event.seq, event.hash),
            None => format!("{label} is not enrolled: the key is not fit\n"),
        })?;
    }
    Ok(())
}
