//! From what was tried to findings: one function a question.

mod conduct;
mod credentials;
mod entra;
mod extensions;
mod identity;
mod pin;
mod protocol;

use super::Case;
use super::finding::{Finding, Id};
use crate::ctap::authdata::{AttestedCredential, AuthenticatorData};
use crate::facts::{Asserted, Registered, Step};
use crate::verdict::evidence::Evidence;
use crate::verdict::finding::{Finding as Checked, Id as CheckedId};
use crate::verdict::{self, Verdict};
use crate::webauthn::assertion::{Assertion, AssertionError, verify_signed};
use crate::webauthn::cose::PublicKey;
use crate::webauthn::registration::{
    ExpectedForeign, Registration, RegistrationError, VerifiedRegistration, verify_foreign,
};
use crate::webauthn::relying_party::RelyingParty;

/// The case, and what several questions rest on.
pub(super) struct Subject<'a> {
    case: &'a Case<'a>,
    evidence: Evidence<'a>,
    check: Verdict,
    /// For whom passkeys were made.
    rp: RelyingParty,
}

impl<'a> Subject<'a> {
    pub(super) fn of(case: &'a Case<'a>) -> Self {
        let check = case.check();
        let (evidence, check) = (Evidence::gather(&check), verdict::judge(&check));
        Self { case, evidence, check, rp: RelyingParty::onboarding() }
    }

    /// What the check found, as an answer to the same question.
    fn checked(&self, id: Id, checked: CheckedId) -> Finding {
        let found = |finding: &&Checked| finding.id == checked;
        match self.check.findings.iter().find(found) {
            Some(finding) => finding.answers(id),
            None => Finding::skipped(id, "the check does not ask this"),
        }
    }

    /// The passkeys that were made, with what the key made of each.
    fn passkeys(&self) -> impl Iterator<Item = (&'a Registered, &'a AttestedCredential)> {
        let made = self.case.tried.credentials.accounts.iter().filter_map(|account| account.made.done());
        made.filter_map(|made| Some((made, made.attestation.auth_data.attested.as_ref()?)))
    }

    /// The first of them, verified as a relying party does.
    fn entra_registration(&self) -> Option<Result<VerifiedRegistration, RegistrationError>> {
        self.passkeys().next().map(|(made, _)| registered(made, &self.rp))
    }
}

/// The answer to one question.
pub(super) fn answer(id: Id, subject: &Subject<'_>) -> Finding {
    match id {
        Id::SoftKey => subject.checked(id, CheckedId::SoftKey),
        Id::ModelKnown => subject.checked(id, CheckedId::ModelKnown),
        Id::HardwareModel => subject.checked(id, CheckedId::HardwareModel),
        Id::UsbId => identity::usb_id(subject),
        Id::Ctaphid => identity::ctaphid(subject),
        Id::GetInfo => identity::get_info(subject),
        Id::AaguidConsistent => subject.checked(id, CheckedId::AaguidConsistent),
        Id::Firmware => identity::firmware(subject),
        Id::Advisory => subject.checked(id, CheckedId::Advisory),
        Id::Quirks => subject.checked(id, CheckedId::Quirks),
        Id::Attestation => subject.checked(id, CheckedId::Attestation),
        Id::AttestationWebauthnRs => identity::library(subject),
        Id::EntraFido2 => entra::fido2(subject),
        Id::EntraVerification => entra::verification(subject),
        Id::EntraResidentKeys => entra::resident_keys(subject),
        Id::EntraHmacSecret => entra::hmac_secret(subject),
        Id::EntraAccounts => entra::accounts(subject),
        Id::EntraRegistration => entra::registration(subject),
        Id::EntraAttestation => entra::attestation(subject),
        Id::EntraCertified => subject.checked(id, CheckedId::Certified),
        Id::EntraListed => entra::listed(subject),
        Id::PinSet => pin::set(subject),
        Id::PinChange => pin::change(subject),
        Id::PinWrong => pin::wrong(subject),
        Id::PinRestored => pin::restored(subject),
        Id::PinTooShort => pin::too_short(subject),
        Id::PinSoftLock => pin::soft_lock(subject),
        Id::PinForcedChange => pin::forced_change(subject),
        Id::PinLengthRaised => pin::length_raised(subject),
        Id::NonDiscoverable => credentials::non_discoverable(subject),
        Id::Discoverable => credentials::discoverable(subject),
        Id::ManyCredentials => credentials::many(subject),
        Id::ExcludeList => credentials::exclude_list(subject),
        Id::ForeignCredential => credentials::foreign(subject),
        Id::Flags => credentials::flags(subject),
        Id::Counter => credentials::counter(subject),
        Id::CredProtect => extensions::cred_protect(subject),
        Id::HmacSecret => extensions::hmac_secret(subject),
        Id::Delete => credentials::delete(subject),
        Id::LeftBehind => credentials::left_behind(subject),
        Id::PinProtocolOne => protocol::one(subject),
        Id::PinProtocolTwo => protocol::two(subject),
        Id::Algorithms => protocol::algorithms(subject),
        Id::AlgorithmOrder => protocol::order(subject),
        Id::Ping => conduct::ping(subject),
        Id::Wink => conduct::wink(subject),
        Id::Cancel => conduct::cancel(subject),
        Id::Keepalive => conduct::keepalive(subject),
        Id::Pace => conduct::pace(subject),
        Id::SecondClient => subject.checked(id, CheckedId::SecondClient),
        Id::Unplug => conduct::unplug(subject),
        Id::Reset => conduct::reset(subject),
    }
}

const AGAIN: &str =
    "Plug the key in again and repeat the run; a model whose sample fails again is not to be bought.";
const DIFFERS: &str =
    "Do not buy this model for this use, or ask the vendor for a firmware that keeps to the specification.";

/// What a step without a result says; a refusal is for the question to weigh.
fn untried<T>(id: Id, step: &Step<T>) -> Option<Finding> {
    match step {
        Step::Done(_) | Step::Refused(_) => None,
        Step::Skipped(why) => Some(Finding::skipped(id, *why)),
        Step::NotTouched(why) => {
            Some(Finding::fail(id, why.clone(), "Repeat the run and touch the key when it blinks."))
        }
        Step::Broke(why) => Some(Finding::fail(id, why.clone(), AGAIN)),
    }
}

/// Verifies a registration with extensions as a relying party does.
fn registered(made: &Registered, rp: &RelyingParty) -> Result<VerifiedRegistration, RegistrationError> {
    let registration = Registration {
        attestation_object: &made.attestation.object,
        client_data: made.client_data.as_bytes(),
    };
    let expected = ExpectedForeign {
        rp_id: Some(rp.id().as_str()),
        origin: Some(rp.origin().as_str()),
        challenge: Some(made.challenge.as_bytes()),
    };
    verify_foreign(&registration, &expected)
}

/// Verifies what a credential signed, whatever its flags and extensions.
fn signed(
    asserted: &Asserted,
    rp: &RelyingParty,
    credential: &AttestedCredential,
) -> Result<AuthenticatorData, String> {
    let id = asserted.answer.credential_id.as_deref().unwrap_or(&credential.credential_id);
    if id != credential.credential_id {
        return Err(AssertionError::WrongCredential.to_string());
    }
    let key = PublicKey::parse(&credential.public_key).map_err(|error| error.to_string())?;
    let assertion = Assertion {
        credential_id: id,
        auth_data: &asserted.answer.auth_data.raw,
        signature: &asserted.answer.signature,
        client_data: asserted.client_data.as_bytes(),
    };
    verify_signed(&assertion, rp, &asserted.challenge, &key).map_err(|error| error.to_string())
}
