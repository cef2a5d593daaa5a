//! `enroll`: a key is taken into custody. Intent before act, outcome after; what is not fit is refused.

use serde_json::json;

use super::World;
use super::check::{ask_pin, challenge, guard_of};
use super::record;
use crate::catalogue::Catalogue;
use crate::cli::Enroll;
use crate::ctap::pin::Pin;
use crate::custody;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::credentials::PasskeyLook;
use crate::facts::{self, Exercise, Facts, look};
use crate::key::authority::Authority;
use crate::key::guard::PinRefusal;
use crate::key::session::{KeyError, Session};
use crate::ledger::bytes::Bytes;
use crate::ledger::inventory::Refusal;
use crate::ledger::payload::{Custody, Ended, Enrolled, Intent, Outcome, Payload, RawRegistration};
use crate::ledger::{LedgerError, Writer};
use crate::plan::{Account, Plan};
use crate::policy::PolicySet;
use crate::status::diversity;
use crate::term::escape::escape;
use crate::verdict::evidence::Evidence;
use crate::verdict::identity::{Diversity, Identity};
use crate::verdict::{Case, Outcome as Judged, Verdict, judge};

/// What stands fixed before the key is touched.
struct Ceremony<'a> {
    world: &'a World,
    arguments: &'a Enroll,
    plan: Plan,
    catalogue: Catalogue,
    policy: Option<PolicySet>,
    account: String,
    label: String,
}

pub(super) fn enroll(world: &World, arguments: &Enroll) -> Result<Exit, Error> {
    let plan = world.plan()?;
    let mut writer = world.writer()?;
    for pending in writer.inventory().pending() {
        world.term.complain(&escape(&format!("event {}: {}", pending.seq, pending.cure())));
    }
    let catalogue = world.catalogue_of(&plan)?;
    let policy = match plan.policy_files() {
        files if files.is_empty() => None,
        files => Some(PolicySet::load(&files, plan.profile())?),
    };
    let account =
        plan.account(&arguments.account).ok_or_else(|| Error::UnknownAccount(arguments.account.clone()))?;
    named(arguments.site.as_deref(), "site", |name| plan.site(name).is_some())?;
    named(arguments.custodian.as_deref(), "custodian", |name| plan.custodian(name).is_some())?;
    named(arguments.witness.as_deref(), "custodian", |name| plan.custodian(name).is_some())?;
    let name = account.name.as_str().to_owned();
    let label = arguments.label.clone().unwrap_or_else(|| free_label(&writer, account));
    match writer.inventory().admit_label(&label) {
        Ok(()) => {}
        Err(Refusal::LabelTaken(label)) => return Err(Error::LabelTaken(label)),
        Err(refusal) => return Err(LedgerError::Refused(refusal).into()),
    }
    let ceremony = Ceremony { world, arguments, catalogue, policy, account: name, label, plan };
    ceremony.run(&mut writer)
}

/// A name that is given must be one of the plan.
fn named(name: Option<&str>, what: &'static str, known: impl Fn(&str) -> bool) -> Result<(), Error> {
    match name.filter(|name| !known(name)) {
        None => Ok(()),
        Some(name) => Err(Error::NotInPlan { what, name: name.to_owned() }),
    }
}

/// `EA-01-A`, or the next letter that no key of the ledger ever had.
fn free_label(writer: &Writer, account: &Account) -> String {
    let label = |letter: char| format!("{}-{letter}", account.name.as_str());
    let free = ('A'..='Z').map(label).find(|label| writer.inventory().ever(label).is_none());
    free.unwrap_or_else(|| format!("{}-{}", account.name.as_str(), writer.inventory().events()))
}

impl Ceremony<'_> {
    fn run(&self, writer: &mut Writer) -> Result<Exit, Error> {
        let world = self.world;
        let found = world.one()?;
        writer.inventory().admit_soft(found.soft).map_err(LedgerError::Refused)?;
        let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
        let mut facts = look(&found, &mut session)?;
        self.refuse_if_enrolled(writer, &mut session, &facts)?;
        let conflict = self.conflict(writer, &facts)?;
        if self.arguments.dry_run {
            return self.tell_steps(&facts);
        }
        let pin = if facts.pin_set == Some(false) {
            let pin = self.set_pin(writer, &mut session, &facts)?;
            facts = look(&found, &mut session)?;
            pin
        } else {
            ask_pin(world, &facts)?
        };
        let retries = facts.retries.ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
        let permit = guard_of(self.arguments.pin, Some(&self.plan)).permit(retries).map_err(KeyError::Pin)?;
        let intent = self.intent(writer, "make custody credential")?;
        let steps = Exercise {
            rp: self.plan.custody(),
            register: challenge()?,
            assert: challenge()?,
            exclude: self.exclude(writer, &facts),
            custody: None,
            passkeys: Some(PasskeyLook { challenge: challenge()?, user: None }),
        };
        let made = facts::exercise(&mut session, &mut facts, Some((permit, &pin)), steps);
        let authority = self.or_failed(writer, intent, made.map_err(Error::from))?;
        let (verdict, broke) = self.judge(&facts, conflict.as_deref());
        if let (Judged::NotFit, _) | (_, None) = (verdict.outcome, &authority) {
            let why = if broke { "the key went silent or made no sense" } else { "the key is not fit" };
            self.outcome(writer, intent, Ended::Failed, Some(why))?;
            record::tell(world, &facts, &self.catalogue, &verdict, &self.label, None)?;
            return Ok(if broke { Exit::Misbehaved } else { Exit::No });
        }
        let recorded = authority.ok_or(Error::Bug).and_then(|authority| {
            let overridden = conflict.as_ref().and(self.arguments.r#override.clone());
            self.record(writer, &mut session, authority, &facts, &verdict, overridden)
        });
        let event = self.or_failed(writer, intent, recorded)?;
        self.outcome(writer, intent, Ended::Done, None)?;
        record::tell(world, &facts, &self.catalogue, &verdict, &self.label, Some(&event))?;
        Ok(Exit::Yes)
    }

    /// The same key twice under one ledger would be one key that counts for two.
    fn refuse_if_enrolled(&self, writer: &Writer, session: &mut Session, facts: &Facts) -> Result<(), Error> {
        match record::recognise(session, facts, writer.inventory())? {
            record::Known::As(key) => Err(Error::AlreadyEnrolled {
                label: key.label.clone(),
                account: key.account.clone(),
                since: key.enrolled.at,
                state: key.state.words(),
            }),
            record::Known::AsNone | record::Known::CannotTell => Ok(()),
        }
    }

    /// The custody credentials that the key may not hold: it was asked for all of them before, as far as it tells, so
    /// only those that fit into one list, and first those of keys that it could be.
    fn exclude(&self, writer: &Writer, facts: &Facts) -> Vec<Vec<u8>> {
        let rp = self.plan.custody();
        let mut keys: Vec<_> =
            writer.inventory().keys().iter().filter(|key| key.signer.rp.id() == rp.id()).collect();
        keys.sort_by_key(|key| key.aaguid != facts.info.aaguid);
        let ids: Vec<&[u8]> = keys.iter().map(|key| key.signer.credential.id.as_slice()).collect();
        custody::excludable(&facts.info, &rp, &ids)
    }

    /// What another account rests on already; an error unless a person takes it on.
    fn conflict(&self, writer: &Writer, facts: &Facts) -> Result<Option<String>, Error> {
        let aaguid = facts.info.aaguid;
        let vendor = self.catalogue.model(aaguid).map(|model| model.vendor.clone()).unwrap_or_default();
        if self.plan.account(&self.account).is_some_and(|account| !account.allows(&vendor)) {
            return Err(Error::VendorNotInPlan { account: self.account.clone(), vendor });
        }
        let conflict =
            diversity::conflict(&self.plan, writer.inventory(), &self.catalogue, &self.account, aaguid);
        match conflict.map(|conflict| conflict.to_string()) {
            Some(conflict) if self.arguments.r#override.is_none() => Err(Error::Diversity(conflict)),
            conflict => Ok(conflict),
        }
    }

    fn tell_steps(&self, facts: &Facts) -> Result<Exit, Error> {
        let pin = if facts.pin_set == Some(false) { "set a PIN" } else { "ask for the PIN, once" };
        let steps = [
            pin,
            "list the passkeys on the key (no touch)",
            "make the custody credential (touch); nothing discoverable is left on the key",
            "have it sign a test (touch)",
            "have the passkey for Entra sign, where there is one (touch)",
            "judge the key, and stop where it is not fit",
            "have the custody credential sign the record (touch)",
        ];
        if self.world.term.json {
            let document =
                json!({ "schema": "glasskey.enroll-steps/1", "label": self.label, "steps": steps });
            self.world.term.document(&document)?;
        } else {
            let lines = (1..).zip(steps).map(|(number, step): (usize, _)| format!("  {number}. {step}\n"));
            self.world.term.out(&format!(
                "{} for {}:\n{}",
                self.label,
                self.account,
                lines.collect::<String>()
            ))?;
        }
        Ok(Exit::Yes)
    }

    fn set_pin(&self, writer: &mut Writer, session: &mut Session, facts: &Facts) -> Result<Pin, Error> {
        let protocol = facts.info.protocol().ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
        let least = facts.info.min_pin_length.unwrap_or(4).max(u64::from(*self.plan.rules.min_pin_length));
        let typed = self.world.pins.read_new(&format!("New PIN, at least {least} characters: "))?;
        let pin = Pin::parse(typed)?;
        if u64::try_from(pin.code_points()).unwrap_or(u64::MAX) < least {
            return Err(Error::NewPinTooShort(least));
        }
        let intent = self.intent(writer, "set PIN")?;
        let set = session.agree(protocol).and_then(|shared| session.set_pin(&shared, &pin));
        self.or_failed(writer, intent, set.map_err(Error::from))?;
        self.outcome(writer, intent, Ended::Done, None)?;
        Ok(pin)
    }

    /// The verdict, and whether the key went silent or made no sense.
    fn judge(&self, facts: &Facts, conflict: Option<&str>) -> (Verdict, bool) {
        let diversity = match (conflict, self.arguments.r#override.as_deref()) {
            (None, _) => Diversity::Clear,
            (Some(conflict), Some(reason)) => Diversity::Overridden { conflict, reason },
            (Some(conflict), None) => Diversity::Conflict(conflict),
        };
        let rp = self.plan.custody();
        let case = Case {
            facts,
            catalogue: &self.catalogue,
            policy: self.policy.as_ref(),
            rp: &rp,
            identity: Identity::Stranger { like: &[] },
            diversity,
            // A key gets its passkey after its enrolment.
            user: None,
            now: self.world.now,
        };
        (judge(&case), Evidence::broke(&case))
    }

    /// The event, signed by the custody credential that it enrolls.
    fn record(
        &self,
        writer: &mut Writer,
        session: &mut Session,
        mut authority: Authority<'_>,
        facts: &Facts,
        verdict: &Verdict,
        override_reason: Option<String>,
    ) -> Result<crate::ledger::Event, Error> {
        let (Some(made), Some(signed)) = (facts.registration.done(), facts.assertion.done()) else {
            return Err(Error::Bug);
        };
        let Some(credential) = &made.attestation.auth_data.attested else { return Err(Error::Bug) };
        let model = self.catalogue.model(facts.info.aaguid);
        let enrolled = Enrolled {
            label: self.label.clone(),
            account: self.account.clone(),
            site: self.arguments.site.clone(),
            custodian: self.arguments.custodian.clone(),
            witness: self.arguments.witness.clone(),
            aaguid: facts.info.aaguid,
            model: model.map(|model| model.name.clone()),
            vendor: model.map(|model| model.vendor.clone()),
            firmware: facts.info.firmware_version,
            soft: facts.soft,
            custody: Custody {
                rp_id: self.plan.custody().id().as_str().to_owned(),
                credential_id: Bytes(credential.credential_id.clone()),
                public_key: Bytes(credential.public_key.clone()),
                counter: signed.answer.auth_data.counter,
            },
            registration: RawRegistration {
                attestation_object: Bytes(made.attestation.object.clone()),
                client_data: Bytes(made.client_data.as_bytes().to_vec()),
            },
            facts: record::value(facts)?,
            findings: record::value(&verdict.findings)?,
            override_reason,
        };
        let payload = Payload::Enrolled(Box::new(enrolled));
        let draft = writer.begin(payload, self.world.now, World::nonce()?)?;
        let signer = draft.signer().ok_or(Error::Bug)?.clone();
        let receipt = custody::sign(session, &mut authority, &signer, &draft.challenge())?;
        Ok(draft.commit(Some(receipt))?)
    }

    fn intent(&self, writer: &mut Writer, step: &str) -> Result<u64, Error> {
        let intent = Intent {
            step: step.to_owned(),
            label: None,
            account: Some(self.account.clone()),
            details: json!({ "label": self.label }),
        };
        Ok(writer.record(Payload::Intent(intent), self.world.now, World::nonce()?)?.seq)
    }

    fn outcome(
        &self,
        writer: &mut Writer,
        intent: u64,
        result: Ended,
        why: Option<&str>,
    ) -> Result<(), Error> {
        let outcome = Outcome { intent, result, why: why.map(escape) };
        writer.record(Payload::Outcome(outcome), self.world.now, World::nonce()?)?;
        Ok(())
    }

    /// Records that a step failed before its error goes on.
    fn or_failed<T>(&self, writer: &mut Writer, intent: u64, done: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &done {
            self.outcome(writer, intent, Ended::Failed, Some(&error.to_string()))?;
        }
        done
    }
}
