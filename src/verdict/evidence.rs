//! What several checks rest on, worked out once: the relying party's answers and the firmware version.

use crate::catalogue::{FirmwareTold, Model, Told};
use crate::ctap::authdata::AttestedCredential;
use crate::facts::Step;
use crate::facts::credentials::EntraProof;
use crate::second::Second;
use crate::webauthn::assertion::{
    Assertion, AssertionError, Credential, ExpectedAssertion, VerifiedAssertion, verify_assertion,
};
use crate::webauthn::ceremony::UserVerification;
use crate::webauthn::certificate::certificate_firmware;
use crate::webauthn::cose::PublicKey;
use crate::webauthn::registration::{
    ExpectedRegistration, Registration, RegistrationError, VerifiedRegistration, verify_registration,
};
use crate::webauthn::relying_party::RelyingParty;
use crate::webauthn::second_opinion::{SecondOpinion, second_opinion};
use crate::webauthn::trust::{TrustError, TrustedPath, check_path};

use super::Case;
use super::identity::Identity;

/// What the relying party makes of the facts.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The model, where the catalogue has it.
    pub model: Option<&'a Model>,
    /// The firmware, where the vendor's way of telling it is known.
    pub firmware: FirmwareTold,
    /// The credential that the test registration made, unverified.
    pub credential: Option<&'a AttestedCredential>,
    /// The test registration, verified, where there was one.
    pub registration: Option<Result<VerifiedRegistration, RegistrationError>>,
    /// The path to a vendor's anchor, where the registration is verified.
    pub path: Option<Result<TrustedPath, TrustError>>,
    /// What webauthn-rs says of the same path.
    pub second_opinion: Option<SecondOpinion>,
    /// The test assertion, verified, where the registration is and there was one.
    pub assertion: Option<Result<VerifiedAssertion, AssertionError>>,
    /// The proof that the passkey for Entra signs, verified with the public key that the key tells; `None` where
    /// there was none, or that key cannot be read.
    pub entra: Option<Result<VerifiedAssertion, AssertionError>>,
}

impl<'a> Evidence<'a> {
    /// Works it out.
    #[must_use]
    pub fn gather(case: &Case<'a>) -> Self {
        let facts = case.facts;
        let custody = RelyingParty::custody();
        let rp = case.rp.unwrap_or(&custody);
        let user = if facts.pin_proven { UserVerification::Required } else { UserVerification::Absent };
        let registered = facts.registration.done();
        let registration = registered.map(|made| {
            let registration = Registration {
                attestation_object: &made.attestation.object,
                client_data: made.client_data.as_bytes(),
            };
            verify_registration(&registration, &ExpectedRegistration { rp, challenge: &made.challenge, user })
        });
        let verified = registration.as_ref().and_then(|registration| registration.as_ref().ok());
        let assertion = verified.zip(facts.assertion.done()).map(|(registration, made)| {
            let credential = match case.identity {
                Identity::Enrolled(key) => key.credential.clone(),
                _ => Credential::from(registration),
            };
            let assertion = Assertion {
                credential_id: made.answer.credential_id.as_deref().unwrap_or(&credential.id),
                auth_data: &made.answer.auth_data.raw,
                signature: &made.answer.signature,
                client_data: made.client_data.as_bytes(),
            };
            let expected =
                ExpectedAssertion { rp, challenge: &made.challenge, credential: &credential, user };
            verify_assertion(&assertion, &expected)
        });
        let anchors = verified.map(|registration| case.catalogue.anchors(registration.aaguid()));
        let path = verified.zip(anchors.as_ref()).map(|(registration, anchors)| {
            check_path(registration.x5c(), anchors, registration.aaguid(), case.now)
        });
        let second_opinion = verified.zip(anchors.as_ref()).map(|(registration, anchors)| {
            second_opinion(registration.x5c(), anchors, registration.aaguid(), case.now)
        });
        let model = case.catalogue.model(facts.info.aaguid);
        let firmware = firmware(case, verified);
        let credential = registered.and_then(|made| made.attestation.auth_data.attested.as_ref());
        let entra = facts.entra.done().and_then(entra);
        Self { model, firmware, credential, registration, path, second_opinion, assertion, entra }
    }

    /// Whether a step of the exercise could not be understood, or the key not be read about the second client's trial.
    #[must_use]
    pub fn broke(case: &Case<'_>) -> bool {
        let facts = case.facts;
        let tested = facts.registration.broke() || facts.assertion.broke();
        let passkeys = facts.credentials.broke() || facts.entra.broke();
        tested || passkeys || case.second.is_some_and(Second::broke)
    }
}

fn entra(proof: &EntraProof) -> Option<Result<VerifiedAssertion, AssertionError>> {
    let EntraProof { passkey, asserted } = proof;
    let credential = Credential {
        id: passkey.credential_id.clone(),
        key: PublicKey::parse(&passkey.public_key).ok()?,
        // Nobody has seen its counter before.
        counter: 0,
    };
    let assertion = Assertion {
        credential_id: asserted.answer.credential_id.as_deref().unwrap_or(&credential.id),
        auth_data: &asserted.answer.auth_data.raw,
        signature: &asserted.answer.signature,
        client_data: asserted.client_data.as_bytes(),
    };
    let expected = ExpectedAssertion {
        rp: &RelyingParty::entra_proof(),
        challenge: &asserted.challenge,
        credential: &credential,
        user: UserVerification::Required,
    };
    Some(verify_assertion(&assertion, &expected))
}

/// The firmware, by all three places that tell it.
fn firmware(case: &Case<'_>, registration: Option<&VerifiedRegistration>) -> FirmwareTold {
    let facts = case.facts;
    let leaf = registration.and_then(|registration| registration.x5c().first());
    let told = Told {
        info: facts.info.firmware_version,
        certificate: leaf.and_then(|leaf| certificate_firmware(leaf)),
        device: Some(facts.device.device),
    };
    case.catalogue.told_firmware(facts.info.aaguid, told)
}

/// Why a step has no result, for checks that rest on it.
pub(super) fn unanswered<T>(step: &Step<T>) -> String {
    match step {
        Step::Skipped(why) => format!("not tried: {why}"),
        Step::Done(_) => "done".to_owned(),
        Step::Refused(refusal) => refusal.to_string(),
        Step::NotTouched(why) | Step::Broke(why) => why.clone(),
    }
}
