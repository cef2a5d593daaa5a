//! Which enrolled key this is, and the record of a check that it signs itself.

use serde_json::{Value, json};

use super::World;
use crate::catalogue::Catalogue;
use crate::ctap::info::Info;
use crate::custody::{self, Recognised};
use crate::error::Error;
use crate::facts::Facts;
use crate::key::authority::Authority;
use crate::key::session::{KeyError, Session};
use crate::key::talk_error::TalkError;
use crate::ledger::inventory::Key;
use crate::ledger::payload::{Change, Checked, Payload};
use crate::ledger::{Event, Inventory, LedgerError, Writer};
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

/// Asks the key, without PIN and touch, which of the enrolled keys it is; first for the relying party of most keys.
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
            Recognised::CannotTell => return Ok(Known::CannotTell),
            Recognised::AsNone => {}
        }
    }
    Ok(Known::AsNone)
}

/// What is not as it was at enrolment.
fn changes(key: &Key, facts: &Facts) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut compare = |what: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            changes.push(Change { what: what.to_owned(), before, after });
        }
    };
    compare("AAGUID", Some(key.aaguid.to_string()), Some(facts.info.aaguid.to_string()));
    let number = |firmware: Option<u64>| firmware.map(|number| number.to_string());
    compare("firmware", number(key.firmware), number(facts.info.firmware_version));
    changes
}

fn words(change: &Change) -> String {
    let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "unsaid".to_owned());
    format!("its {} was {} and is {}", change.what, told(&change.before), told(&change.after))
}

/// What the verdict needs to know of an enrolled key.
pub(super) fn enrolled(key: &Key, facts: &Facts) -> Enrolled {
    let mut credential = key.signer.credential.clone();
    credential.counter = key.custody.counter;
    Enrolled {
        label: key.label.clone(),
        account: key.account.clone(),
        state: key.state.words(),
        credential,
        changes: changes(key, facts).iter().map(words).collect(),
    }
}

/// A check on record.
pub(super) struct Recorded {
    pub(super) event: Event,
    /// Why the key did not sign it, although it was asked to.
    pub(super) unsigned: Option<Error>,
}

/// Records a check. The key signs it where it has granted authority; where it then does not, the check is recorded
/// without its signature, so that what was found is not lost.
pub(super) fn checked(
    writer: &mut Writer,
    session: &mut Session,
    authority: Option<Authority<'_>>,
    label: &str,
    facts: &Facts,
    verdict: &Verdict,
    drill: Option<u64>,
) -> Result<Recorded, Error> {
    let counter = facts.assertion.done().map(|asserted| asserted.answer.auth_data.counter);
    let payload = Payload::Checked(Box::new(Checked {
        label: label.to_owned(),
        verdict: verdict.outcome.into(),
        findings: value(&verdict.findings)?,
        facts: value(facts)?,
        counter,
        changes: writer.inventory().key(label).map(|key| changes(key, facts)).unwrap_or_default(),
        drill,
    }));
    let draft = writer.begin(payload, World::clock(), World::nonce()?)?;
    let (mut receipt, mut unsigned) = (None, None);
    if let (Some(mut authority), Some(signer)) = (authority, draft.signer().cloned()) {
        match custody::sign(session, &mut authority, &signer, &draft.challenge()) {
            Err(KeyError::Talk(TalkError::Interrupted)) => {
                return Err(KeyError::Talk(TalkError::Interrupted).into());
            }
            Err(error) => unsigned = Some(error.into()),
            Ok(signed) => match signed.verify(&draft.seal(), &signer) {
                Ok(_) => receipt = Some(signed),
                Err(error) => unsigned = Some(LedgerError::from(error).into()),
            },
        }
    }
    Ok(Recorded { event: draft.commit(receipt)?, unsigned })
}

/// Any of our own types as JSON.
pub(super) fn value(of: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(of).map_err(|_| Error::Bug)
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
            "findings": verdict.findings, "event": event.map(|event| json!({ "seq": event.seq, "hash": event.hash })),
        }))?;
    } else {
        world.term.out(&show::check(facts, catalogue, verdict))?;
        if let Some(event) = event {
            world.term.out(&format!("{label} is enrolled: event {}, head {}\n", event.seq, event.hash))?;
        }
    }
    Ok(())
}
