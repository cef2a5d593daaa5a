//! The extensions that matter for break-glass accounts.

use super::{DIFFERS, Subject, signed, untried};
use crate::ctap::cbor::Members;
use crate::ctap::hmac_secret::NAME;
use crate::facts::{Registered, Step};
use crate::onboard::finding::{Finding, Id};
use ciborium::Value;

/// What a registration grants of an extension.
fn granted(made: &Registered, extension: &str) -> Option<Value> {
    let extensions = made.attestation.auth_data.extensions.as_ref()?;
    Members::of(extensions.value.clone(), "extensions").ok()?.take(extension)
}

pub(super) fn cred_protect(subject: &Subject<'_>) -> Finding {
    let id = Id::CredProtect;
    let (made, [without, with]) = &subject.case.tried.credentials.protected;
    if let Some(finding) = untried(id, made) {
        return finding;
    }
    let made = match made {
        Step::Refused(refusal) => {
            return Finding::fail(
                id,
                format!("offered, and refused when it was asked for: {refusal}"),
                DIFFERS,
            );
        }
        made => made.done(),
    };
    let level = made.and_then(|made| granted(made, "credProtect")).and_then(|level| level.as_integer());
    if level.map(i128::from) != Some(3) {
        return Finding::fail(id, "offered, asked for, and not granted in what the key signed", DIFFERS);
    }
    if without.done().is_some() {
        return Finding::fail(id, "a credential that is never to be used without the PIN was", DIFFERS);
    }
    if let Some(finding) = untried(id, without).or_else(|| untried(id, with)) {
        return finding;
    }
    match with {
        Step::Refused(refusal) => Finding::fail(id, format!("refused with the PIN, too: {refusal}"), DIFFERS),
        _ => Finding::pass(id, "granted; refused without the PIN, used with it"),
    }
}

pub(super) fn hmac_secret(subject: &Subject<'_>) -> Finding {
    let id = Id::HmacSecret;
    let [first, second] = &subject.case.tried.credentials.secrets;
    if let Some(finding) = untried(id, first).or_else(|| untried(id, second)) {
        return finding;
    }
    let (Some((one, once)), Some((_, twice))) = (first.done(), second.done()) else {
        let refused = [first, second].into_iter().find_map(|step| match step {
            Step::Refused(refusal) => Some(refusal.to_string()),
            _ => None,
        });
        let saw = format!("offered, and refused: {}", refused.unwrap_or_default());
        return Finding::fail(id, saw, DIFFERS);
    };
    // A passkey made it, unless there was none.
    if let Some((made, credential)) = subject.passkeys().next() {
        if granted(made, NAME) != Some(Value::Bool(true)) {
            return Finding::fail(id, "offered, asked for, and not granted in what the key signed", DIFFERS);
        }
        if let Err(error) = signed(one, &subject.rp, credential) {
            return Finding::fail(id, error, DIFFERS);
        }
    }
    match (once.as_slice(), twice.as_slice()) {
        ([again], [same, other]) if again == same && same != other => {
            Finding::pass(id, "the same secret for the same salt, another for another")
        }
        ([again], [same, _]) if again != same => Finding::fail(
            id,
            "another secret for the same salt",
            "Do not use it to unlock disks or machines.",
        ),
        _ => Finding::fail(id, "the same secret for two salts", "Do not use it to unlock disks or machines."),
    }
}
