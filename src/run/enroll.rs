//! `enroll`: a key is taken into custody. Intent before act, outcome after; what is not fit is refused.

use serde_json::json;

use super::World;
use super::book::Book;
use super::check::{ask_pin, challenge, guard_of};
use super::record;
use crate::catalogue::{Catalogue, Effect};
use crate::cli::Enroll;
use crate::ctap::pin::Pin;
use crate::custody;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::credentials::PasskeyLook;
use crate::facts::{self, Exercise, Facts, look};
use crate::key::authority::Authority;
use crate::key::guard::{Permit, PinRefusal};
use crate::key::session::{KeyError, Session};
use crate::ledger::bytes::Bytes;
use crate::ledger::inventory::Refusal;
use crate::ledger::payload::{Custody, Enrolled, Payload, RawRegistration};
use crate::ledger::{Event, LedgerError, Writer};
use crate::plan::{Account, Diversity as Rule, Plan, Weight};
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
    if let Some(remark) = plan.review().into_iter().find(|remark| remark.status == Weight::Fail) {
        return Err(Error::PlanUnsound { line: remark.line, what: remark.what, cure: remark.cure });
    }
    let writer = world.writer()?;
    for pending in writer.inventory().pending() {
        world.term.complain(&escape(&format!("event {}: {}", pending.seq, pending.cure())));
    }
    let catalogue = world.catalogue_of(Some(&plan))?;
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
    let details = json!({ "label": ceremony.label });
    let mut book = Book::for_account(world, writer, &ceremony.account, details);
    ceremony.run(&mut book)
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
    fn run(&self, book: &mut Book<'_>) -> Result<Exit, Error> {
        let world = self.world;
        let intended = book.writer().inventory().events();
        let found = world.one()?;
        book.writer().inventory().admit_soft(found.soft).map_err(LedgerError::Refused)?;
        let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
        let mut facts = look(&found, &mut session)?;
        self.refuse_if_enrolled(book.writer(), &mut session, &facts)?;
        let conflict = self.conflict(book.writer(), &facts)?;
        if self.arguments.dry_run {
            return self.tell_steps(&facts);
        }
        let mut set = None;
        if facts.pin_set == Some(false) {
            set = Some(self.set_pin(book, &mut session, &facts)?);
            facts = look(&found, &mut session)?;
        }
        let retries = facts.retries.ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
        let permit = guard_of(self.arguments.pin, Some(&self.plan)).permit(retries).map_err(KeyError::Pin)?;
        let pin = set.map_or_else(|| ask_pin(world, &facts), Ok)?;
        let made = book.step(
            "make custody credential",
            |_, _| None,
            |book| self.make(book.writer(), &mut session, &mut facts, (permit, &pin), conflict.as_deref()),
        );
        let (verdict, event) = match made {
            Err(error @ Error::NotFit { .. }) => {
                let exit = error.exit();
                if let Error::NotFit { verdict, .. } = error {
                    record::tell(world, &facts, &self.catalogue, &verdict, &self.label, None)?;
                }
                return Ok(exit);
            }
            made => made?,
        };
        book.give_up_older(&self.account, intended)?;
        record::tell(world, &facts, &self.catalogue, &verdict, &self.label, Some(&event))?;
        Ok(Exit::Yes)
    }

    /// Makes the custody credential, judges the key with it, and has it sign the event that enrolls it.
    fn make(
        &self,
        writer: &mut Writer,
        session: &mut Session,
        facts: &mut Facts,
        pin: (Permit, &Pin),
        conflict: Option<&str>,
    ) -> Result<(Verdict, Event), Error> {
        let steps = Exercise {
            rp: self.plan.custody(),
            register: challenge()?,
            assert: challenge()?,
            exclude: self.exclude(writer, facts),
            custody: None,
            passkeys: Some(PasskeyLook { challenge: challenge()?, user: None }),
        };
        let authority = facts::exercise(session, facts, Some(pin), steps)?;
        let (verdict, broke) = self.judge(facts, conflict);
        match authority {
            Some(authority) if verdict.outcome != Judged::NotFit => {
                let overridden = conflict.and(self.arguments.r#override.clone());
                let event = self.record(writer, session, authority, facts, &verdict, overridden)?;
                Ok((verdict, event))
            }
            _ => Err(Error::NotFit { verdict: Box::new(verdict), broke }),
        }
    }

    /// The same key twice under one ledger would be one key that counts for two.
    fn refuse_if_enrolled(&self, writer: &Writer, session: &mut Session, facts: &Facts) -> Result<(), Error> {
        match record::recognise(session, &facts.info, writer.inventory())? {
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
        if self.catalogue.has_effect(facts.info.aaguid, Effect::NoExcludeList) {
            return Vec::new();
        }
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

    fn set_pin(&self, book: &mut Book<'_>, session: &mut Session, facts: &Facts) -> Result<Pin, Error> {
        let protocol = facts.info.protocol().ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
        let least = facts.info.min_pin_length.unwrap_or(4).max(u64::from(*self.plan.rules.min_pin_length));
        let typed = self.world.pins.read_new(&format!("New PIN, at least {least} characters: "))?;
        let pin = Pin::parse(typed)?;
        if u64::try_from(pin.code_points()).unwrap_or(u64::MAX) < least {
            return Err(Error::NewPinTooShort(least));
        }
        book.step(
            "set PIN",
            |(), _| None,
            |_| {
                let shared = session.agree(protocol)?;
                Ok(session.set_pin(&shared, &pin)?)
            },
        )?;
        Ok(pin)
    }

    /// The verdict, and whether the key went silent or made no sense.
    fn judge(&self, facts: &Facts, conflict: Option<&str>) -> (Verdict, bool) {
        let diversity = match (conflict, self.arguments.r#override.as_deref()) {
            (None, _) if *self.plan.rules.diversity == Rule::Survivable => Diversity::JudgedByAll,
            (None, _) => Diversity::Clear,
            (Some(conflict), Some(reason)) => Diversity::Overridden { conflict, reason },
            (Some(conflict), None) => Diversity::Conflict(conflict),
        };
        let rp = self.plan.custody();
        // A key gets its passkey after its enrolment, so no user name is expected yet.
        let case = Case {
            policy: self.policy.as_ref(),
            rp: Some(&rp),
            identity: Identity::Stranger { like: &[] },
            diversity,
            ..Case::alone(facts, &self.catalogue, self.world.now)
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
    ) -> Result<Event, Error> {
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
}
