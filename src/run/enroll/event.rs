//! The event that enrolls a key: judged by the record of the moment, signed by the key, written under the lock.

use super::{Ceremony, free_label};
use crate::custody;
use crate::error::Error;
use crate::facts::Facts;
use crate::key::authority::Authority;
use crate::key::session::Session;
use crate::ledger::bytes::Bytes;
use crate::ledger::inventory::Refusal;
use crate::ledger::payload::{Custody, Enrolled, Payload, RawRegistration};
use crate::ledger::{Event, LedgerError, Writer};
use crate::run::make::Make;
use crate::run::{World, record};
use crate::verdict::evidence::Evidence;
use crate::verdict::identity::Identity;
use crate::verdict::{Case, Outcome, Verdict, judge};

/// A key that is enrolled.
pub(super) struct Admitted {
    pub(super) label: String,
    pub(super) verdict: Verdict,
    pub(super) event: Event,
}

impl Ceremony<'_> {
    /// Judges the key and has it sign the event that enrolls it. While a person touched the key, others may have
    /// recorded what makes it another case (the same vendor for another account, the same label, the same key): so the
    /// last look at the record is under the writer's lock, and if it has moved since the key was judged, it is judged again.
    pub(super) fn admit(
        &self,
        writer: &mut Writer,
        session: &mut Session,
        authority: Option<Authority<'_>>,
        facts: &Facts,
    ) -> Result<Admitted, Error> {
        let mut label = self.label.clone();
        let mut make = self.make(writer.inventory(), facts)?;
        let mut authority = authority;
        loop {
            let judged_by = writer.inventory().events();
            let (verdict, broke) = self.judge(facts, &make);
            let signs = authority.as_mut().filter(|_| verdict.outcome != Outcome::NotFit);
            let Some(signs) = signs else {
                return Err(Error::NotFit { verdict: Box::new(verdict), broke });
            };
            let payload = Payload::Enrolled(Box::new(self.enrolled(&label, facts, &verdict, &make)?));
            match writer.begin(payload, World::clock(), World::nonce()?) {
                Ok(draft) if draft.inventory().events() == judged_by => {
                    let signer = draft.signer().ok_or(Error::Bug)?.clone();
                    let receipt = custody::sign(session, signs, &signer, &draft.challenge())?;
                    let event = draft.commit(Some(receipt))?;
                    return Ok(Admitted { label, verdict, event });
                }
                // It has moved. The lock is free again while the key is asked once more.
                Ok(_) => {}
                Err(LedgerError::Refused(Refusal::LabelTaken(taken))) if self.chosen => {
                    return Err(Error::LabelTaken(taken));
                }
                Err(LedgerError::Refused(Refusal::LabelTaken(_))) => {}
                Err(error) => return Err(error.into()),
            }
            self.refuse_if_enrolled(writer, session, facts)?;
            make = self.make(writer.inventory(), facts)?;
            if !self.chosen {
                let account = self.plan.account(&self.account).ok_or(Error::Bug)?;
                label = free_label(writer.inventory(), account);
            }
        }
    }

    /// The verdict, and whether the key went silent or made no sense.
    pub(super) fn judge(&self, facts: &Facts, make: &Make) -> (Verdict, bool) {
        let rp = self.plan.custody();
        // A key gets its passkey after its enrolment, so no user name is expected yet.
        let case = Case {
            policy: self.policy.as_ref(),
            rp: Some(&rp),
            identity: Identity::New,
            diversity: make.as_diversity(),
            ..Case::alone(facts, &self.catalogue, self.world.now)
        };
        (judge(&case), Evidence::broke(&case))
    }

    fn enrolled(
        &self,
        label: &str,
        facts: &Facts,
        verdict: &Verdict,
        make: &Make,
    ) -> Result<Enrolled, Error> {
        let (Some(made), Some(signed)) = (facts.registration.done(), facts.assertion.done()) else {
            return Err(Error::Bug);
        };
        let Some(credential) = &made.attestation.auth_data.attested else { return Err(Error::Bug) };
        let model = self.catalogue.model(facts.info.aaguid);
        Ok(Enrolled {
            label: label.to_owned(),
            account: self.account.clone(),
            site: self.site.clone(),
            custodian: self.custodian.clone(),
            witness: self.witness.clone(),
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
            override_reason: match make {
                Make::Overridden(_, reason) => Some(reason.clone()),
                _ => None,
            },
        })
    }
}
