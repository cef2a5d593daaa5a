//! Each thing that Entra and Windows ask of a security key, by itself.

use super::{AGAIN, DIFFERS, Subject, untried};
use crate::catalogue::Said;
use crate::ctap::authdata::Flags;
use crate::ctap::status::Code;
use crate::facts::Step;
use crate::onboard::finding::{Finding, Id};
use crate::policy::PolicySet;
use crate::verdict::CLOCK;
use crate::verdict::finding::Status;
use crate::webauthn::trust::TrustError;

const LISTED: &str = "Use a model that Entra lists as attestable.";

/// Whether a policy of the plan makes Entra look at the attestation, or may; what cannot be told counts as yes.
fn enforced(subject: &Subject<'_>) -> Option<&'static str> {
    match subject.case.policy.map_or(Some(false), PolicySet::attestation_required) {
        Some(false) => None,
        Some(true) => Some("the policy enforces attestation"),
        None => Some("the policy does not tell whether it enforces attestation"),
    }
}

/// What Entra only asks of models whose attestation it looks at.
fn doubt(subject: &Subject<'_>, id: Id, saw: String) -> Finding {
    if let Some(enforced) = enforced(subject) {
        Finding::fail(id, format!("{saw}; and {enforced}"), LISTED)
    } else {
        Finding::warn(
            id,
            saw,
            "Entra refuses it where attestation is enforced. Use a model that Entra lists as attestable.",
        )
    }
}

pub(super) fn fido2(subject: &Subject<'_>) -> Finding {
    let (id, versions) = (Id::EntraFido2, &subject.case.facts.info.versions);
    let told = if versions.is_empty() { "no version".to_owned() } else { versions.join(", ") };
    if versions.iter().any(|version| version.starts_with("FIDO_2_") && version != "FIDO_2_1_PRE") {
        Finding::pass(id, told)
    } else {
        Finding::fail(id, format!("the key says {told}"), LISTED)
    }
}

pub(super) fn verification(subject: &Subject<'_>) -> Finding {
    let (id, facts) = (Id::EntraVerification, subject.case.facts);
    let (pin, uv) = (facts.info.option("clientPin"), facts.info.option("uv"));
    if pin.is_none() && uv.is_none() {
        return Finding::fail(id, "the key offers neither a client PIN nor user verification", LISTED);
    }
    let finger = if uv.is_some() { "; user verification is built in, too, and was not tried" } else { "" };
    match &subject.evidence.assertion {
        Some(Ok(_)) if facts.pin_proven => {
            Finding::pass(id, format!("the key took the PIN, and signed that it did{finger}"))
        }
        Some(Err(error)) => Finding::fail(id, error.to_string(), AGAIN),
        _ => Finding::skipped(id, "nothing was signed with the PIN"),
    }
}

pub(super) fn resident_keys(subject: &Subject<'_>) -> Finding {
    let id = Id::EntraResidentKeys;
    if subject.case.facts.info.option("rk") != Some(true) {
        return Finding::fail(id, "the key does not offer resident keys", LISTED);
    }
    let Some(first) = subject.case.tried.credentials.accounts.first() else {
        return Finding::skipped(id, "none was made");
    };
    if let Some(finding) = untried(id, &first.made) {
        return finding;
    }
    match &first.made {
        Step::Refused(refusal) => {
            Finding::fail(id, format!("offered, and refused when it was asked for: {refusal}"), DIFFERS)
        }
        _ => {
            let free = subject.case.facts.info.remaining_discoverable_credentials;
            let free =
                free.map(|free| format!("; it says that there is room for {free}")).unwrap_or_default();
            Finding::pass(id, format!("offered, and made{free}"))
        }
    }
}

pub(super) fn hmac_secret(subject: &Subject<'_>) -> Finding {
    let (id, info) = (Id::EntraHmacSecret, &subject.case.facts.info);
    let offered: Vec<_> =
        ["hmac-secret", "hmac-secret-mc", "prf"].into_iter().filter(|name| info.extends(name)).collect();
    if offered.is_empty() {
        return doubt(subject, id, "the key does not offer hmac-secret".to_owned());
    }
    let works = super::extensions::hmac_secret(subject);
    match works.status {
        Status::Pass => Finding::pass(id, format!("{}: offered, and works", offered.join(", "))),
        Status::Fail => Finding::fail(id, format!("offered, and does not work: {}", works.saw), DIFFERS),
        Status::Warn | Status::Skipped => Finding::skipped(id, works.saw),
    }
}

pub(super) fn accounts(subject: &Subject<'_>) -> Finding {
    let (id, held) = (Id::EntraAccounts, &subject.case.tried.credentials);
    let Some(second) = held.accounts.get(1) else {
        return Finding::skipped(id, "not even one passkey was made");
    };
    if let Some(finding) = untried(id, &second.made) {
        return finding;
    }
    if let Step::Refused(refusal) = &second.made {
        return match refusal.is(Code::KeyStoreFull) {
            true => Finding::warn(id, "there is room for one passkey only", "Use one key for each account."),
            false => Finding::fail(id, format!("the second account is refused: {refusal}"), DIFFERS),
        };
    }
    let made: Vec<_> = subject.passkeys().map(|(_, credential)| &credential.credential_id).collect();
    match &held.discovered {
        Step::Refused(refusal) => Finding::fail(
            id,
            format!("{} passkeys were made, and none signs: {refusal}", made.len()),
            DIFFERS,
        ),
        Step::Skipped(_) | Step::NotTouched(_) | Step::Broke(_) => {
            Finding::skipped(id, "they were not asked to sign")
        }
        Step::Done(signed) => {
            let mut ids: Vec<_> = signed.iter().filter_map(|one| one.answer.credential_id.as_ref()).collect();
            ids.sort_unstable();
            ids.dedup();
            if ids.len() > 1 && ids.iter().all(|id| made.contains(id)) {
                Finding::pass(id, format!("{} users of one site, and each one's passkey signs", ids.len()))
            } else {
                let saw = format!("{} passkeys were made for one site, and {} sign", made.len(), ids.len());
                Finding::fail(id, saw, DIFFERS)
            }
        }
    }
}

pub(super) fn registration(subject: &Subject<'_>) -> Finding {
    let id = Id::EntraRegistration;
    let Some(first) = subject.case.tried.credentials.accounts.first() else {
        return Finding::skipped(id, "none was made");
    };
    if let Some(finding) = untried(id, &first.made) {
        return finding;
    }
    match (&first.made, subject.entra_registration()) {
        (Step::Refused(refusal), _) => Finding::fail(id, format!("refused: {refusal}"), DIFFERS),
        (_, Some(Ok(verified))) => {
            let flags = verified.flags();
            if flags.has(Flags::UP | Flags::UV) {
                Finding::pass(
                    id,
                    "resident, with the PIN, ES256 before RS256, hmac-secret, credProtect: made and verified",
                )
            } else {
                Finding::fail(
                    id,
                    format!("made, but the flags are {flags}: no touch or no PIN is signed for"),
                    DIFFERS,
                )
            }
        }
        (_, Some(Err(error))) => Finding::fail(id, error.to_string(), DIFFERS),
        (_, None) => Finding::skipped(id, "none was made"),
    }
}

pub(super) fn attestation(subject: &Subject<'_>) -> Finding {
    let id = Id::EntraAttestation;
    let (registration, path) = (&subject.evidence.registration, &subject.evidence.path);
    match (registration, path) {
        (None, _) => Finding::skipped(id, "there is no registration"),
        (Some(Err(error)), _) => Finding::fail(id, error.to_string(), LISTED),
        (Some(Ok(verified)), Some(Ok(path))) => Finding::pass(
            id,
            format!(
                "packed, {} certificates in the statement, complete to '{}'",
                verified.x5c().len(),
                path.anchor()
            ),
        ),
        (Some(Ok(_)), Some(Err(error @ TrustError::AnchorExpired { .. }))) => {
            doubt(subject, id, error.to_string())
        }
        (Some(Ok(_)), Some(Err(error @ TrustError::NotYetValid { .. }))) => {
            Finding::fail(id, error.to_string(), CLOCK)
        }
        (Some(Ok(_)), Some(Err(error))) => Finding::fail(id, error.to_string(), LISTED),
        (Some(Ok(_)), None) => Finding::skipped(id, "the path was not checked"),
    }
}

pub(super) fn listed(subject: &Subject<'_>) -> Finding {
    let id = Id::EntraListed;
    let page = subject.case.catalogue.about();
    let edition = format!("page of {}, FIDO metadata {}", page.entra_page_date, page.entra_mds_number);
    match subject.case.model().map(|model| model.entra_listed) {
        Some(Said::Yes) => Finding::pass(id, format!("on Microsoft's list ({edition})")),
        Some(Said::No) => doubt(subject, id, format!("not on Microsoft's list ({edition})")),
        Some(Said::Unsaid) | None => {
            doubt(subject, id, "it is not known whether Microsoft lists the model".to_owned())
        }
    }
}
