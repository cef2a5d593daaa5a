//! What the second client found against what our own found. Pure.

use std::collections::BTreeMap;

use ciborium::Value;
use uuid::Uuid;

use super::report::{End, Info, Registration};
use super::trial::Trial;
use crate::ctap::cbor::{self, CborError};
use crate::facts::Facts;
use crate::webauthn::assertion::{
    Assertion as Signed, AssertionError, Credential, ExpectedAssertion, verify_assertion,
};
use crate::webauthn::ceremony::UserVerification;
use crate::webauthn::client_data::ClientData;
use crate::webauthn::registration::{
    ExpectedRegistration, Registration as Made, RegistrationError, VerifiedRegistration, verify_registration,
};
use crate::webauthn::relying_party::RelyingParty;

/// How many options that differ are named, and how much of a name is.
const MAX_NAMED: usize = 8;
const MAX_NAME: usize = 40;

/// Where the second client contradicts our own, or the key it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// PIN attempts went away although the PIN is right.
    #[error("the second client's trial took PIN attempts: {before} before, {after} after")]
    Spent {
        /// Before.
        before: u64,
        /// After.
        after: u64,
    },
    /// Our own client could not read the attempts after the trial.
    #[error("the PIN attempts could not be read again after the second client's trial: {0}")]
    Unread(String),
    /// getInfo names another model.
    #[error("the second client reads the AAGUID {theirs}, we read {ours}")]
    Aaguid {
        /// As our own client read it.
        ours: Uuid,
        /// As the second client read it: a UUID, or how long it is.
        theirs: String,
    },
    /// getInfo gives other options.
    #[error("the second client reads other options: {0}")]
    Options(String),
    /// Other PIN attempts before the trial.
    #[error("the second client reads {theirs} PIN attempts left, we read {ours}")]
    Retries {
        /// As our own client read them.
        ours: u64,
        /// As the second client read them.
        theirs: i64,
    },
    /// The registration makes no attestation object.
    #[error("the second client's registration cannot be put together: {0}")]
    Object(CborError),
    /// The registration does not verify.
    #[error("the second client's registration does not verify: {0}")]
    Registration(RegistrationError),
    /// The registration is by another model than getInfo named.
    #[error("the second client's registration is by the model {0}")]
    RegisteredAaguid(Uuid),
    /// The assertion does not verify.
    #[error("the second client's assertion does not verify: {0}")]
    Assertion(AssertionError),
}

/// What the comparison gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Everything that contradicts.
    pub differences: Vec<Difference>,
    /// How the second client ended, where it did not finish: what it did not do could not be compared.
    pub unfinished: Option<End>,
}

/// Compares all that the second client told. What it calls good is verified by our own relying party, flags and all:
/// the crate calls an assertion good that says that nobody touched the key.
#[must_use]
pub fn compare(facts: &Facts, trial: &Trial) -> Comparison {
    let report = &trial.report;
    let mut differences = attempts(trial);
    if let Some(info) = &report.info {
        differences.extend(aaguid(facts, info));
        differences.extend(options(&facts.info.options, info));
    }
    let ours = trial.before.left;
    if let Some(theirs) = report.retries.filter(|theirs| i128::from(*theirs) != i128::from(ours)) {
        differences.push(Difference::Retries { ours, theirs });
    }
    match report.registration.as_ref().map(|made| registration(trial, made)) {
        None => {}
        Some(Err(error)) => differences.push(error),
        Some(Ok(verified)) => {
            if verified.aaguid() != facts.info.aaguid {
                differences.push(Difference::RegisteredAaguid(verified.aaguid()));
            }
            differences.extend(assertion(trial, &verified));
        }
    }
    Comparison { differences, unfinished: Some(trial.end.clone()).filter(|end| *end != End::Finished) }
}

fn attempts(trial: &Trial) -> Vec<Difference> {
    let before = trial.before.left;
    match &trial.after {
        Ok(after) if after.left < before => vec![Difference::Spent { before, after: after.left }],
        Ok(_) => Vec::new(),
        Err(why) => vec![Difference::Unread(why.clone())],
    }
}

fn aaguid(facts: &Facts, info: &Info) -> Option<Difference> {
    let ours = facts.info.aaguid;
    match Uuid::from_slice(&info.aaguid.0) {
        Ok(theirs) if theirs == ours => None,
        Ok(theirs) => Some(Difference::Aaguid { ours, theirs: theirs.to_string() }),
        Err(_) => Some(Difference::Aaguid { ours, theirs: format!("of {} bytes", info.aaguid.0.len()) }),
    }
}

fn options(ours: &BTreeMap<String, bool>, info: &Info) -> Option<Difference> {
    let theirs: BTreeMap<&str, bool> = info.options.iter().map(|(name, on)| (name.as_str(), *on)).collect();
    let names = ours.keys().map(String::as_str).chain(theirs.keys().copied());
    let mut differing: Vec<&str> =
        names.filter(|name| ours.get(*name).copied() != theirs.get(name).copied()).collect();
    differing.sort_unstable();
    differing.dedup();
    let said = |on: Option<bool>| match on {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unsaid",
    };
    let told = differing.iter().take(MAX_NAMED).map(|name| {
        let short: String = name.chars().take(MAX_NAME).collect();
        let (ours, theirs) = (ours.get(*name).copied(), theirs.get(name).copied());
        format!("{} is {}, not {}", short.escape_debug(), said(theirs), said(ours))
    });
    let mut told = told.collect::<Vec<_>>();
    match differing.len().saturating_sub(MAX_NAMED) {
        0 => {}
        more => told.push(format!("and {more} more")),
    }
    (!told.is_empty()).then(|| Difference::Options(told.join(", ")))
}

fn registration(trial: &Trial, made: &Registration) -> Result<VerifiedRegistration, Difference> {
    let rp = RelyingParty::custody();
    let object = object(made).map_err(Difference::Object)?;
    let client_data = ClientData::create(&rp, &trial.register);
    let made = Made { attestation_object: &object, client_data: client_data.as_bytes() };
    let expected =
        ExpectedRegistration { rp: &rp, challenge: &trial.register, user: UserVerification::Required };
    verify_registration(&made, &expected).map_err(Difference::Registration)
}

/// The attestation object (WebAuthn Level 3 §6.5.4) from the parts that the crate gives.
fn object(made: &Registration) -> Result<Vec<u8>, CborError> {
    let bytes = |bytes: &[u8]| Value::from(bytes);
    let mut statement = vec![("alg", Value::from(made.alg)), ("sig", bytes(&made.sig.0))];
    if !made.x5c.is_empty() {
        statement.push(("x5c", Value::Array(made.x5c.iter().map(|one| bytes(&one.0)).collect())));
    }
    cbor::encode(&cbor::map([
        ("fmt", made.fmt.as_str().into()),
        ("attStmt", cbor::map(statement)?),
        ("authData", bytes(&made.auth_data.0)),
    ])?)
}

fn assertion(trial: &Trial, registration: &VerifiedRegistration) -> Option<Difference> {
    let signed = trial.report.assertion.as_ref()?;
    let rp = RelyingParty::custody();
    let credential = Credential::from(registration);
    let client_data = ClientData::get(&rp, &trial.assert);
    let said = signed.credential_id.0.as_slice();
    let signed = Signed {
        // A key may leave it out where only one credential would do (CTAP §6.2.2).
        credential_id: if said.is_empty() { &credential.id } else { said },
        auth_data: &signed.auth_data.0,
        signature: &signed.signature.0,
        client_data: client_data.as_bytes(),
    };
    let expected = ExpectedAssertion {
        rp: &rp,
        challenge: &trial.assert,
        credential: &credential,
        user: UserVerification::Required,
    };
    verify_assertion(&signed, &expected).err().map(Difference::Assertion)
}
