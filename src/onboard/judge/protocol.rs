//! Which protocols and algorithms work.

use ciborium::Value;

use super::{DIFFERS, Subject, untried};
use crate::ctap::authdata::Flags;
use crate::ctap::cbor::{self, Members};
use crate::ctap::credential::ES256;
use crate::ctap::protocol::Protocol;
use crate::facts::{Registered, Step};
use crate::onboard::finding::{Finding, Id};
use crate::webauthn::cose::Algorithm;

pub(super) fn one(subject: &Subject<'_>) -> Finding {
    protocol(subject, Id::PinProtocolOne, Protocol::One)
}

pub(super) fn two(subject: &Subject<'_>) -> Finding {
    protocol(subject, Id::PinProtocolTwo, Protocol::Two)
}

fn protocol(subject: &Subject<'_>, id: Id, protocol: Protocol) -> Finding {
    let offered = subject.case.facts.info.pin_uv_auth_protocols.iter().flatten();
    if !offered.copied().any(|number| number == protocol.number()) {
        return Finding::skipped(id, "the key does not offer it");
    }
    let tried = subject.case.tried.protocols.iter().find(|(tried, _)| *tried == protocol);
    let Some((_, step)) = tried else { return Finding::skipped(id, "it was not tried") };
    if let Some(finding) = untried(id, step) {
        return finding;
    }
    match step {
        Step::Done(asserted) if asserted.answer.auth_data.flags.has(Flags::UV) => {
            Finding::pass(id, "offered; it took the PIN, and what was authorised by it")
        }
        Step::Done(asserted) => Finding::fail(
            id,
            format!("offered; it took the PIN, and the flags are {}", asserted.answer.auth_data.flags),
            DIFFERS,
        ),
        Step::Refused(refusal) => Finding::fail(
            id,
            format!("offered, and does not work: {refusal}"),
            "Try the browsers that you will use: those that take this protocol first cannot use the key.",
        ),
        _ => Finding::skipped(id, "it was not tried"),
    }
}

/// The COSE algorithm of the key that was made.
fn made(registered: &Registered) -> Option<i64> {
    let credential = registered.attestation.auth_data.attested.as_ref()?;
    let key = cbor::decode(&credential.public_key).ok()?.value;
    let algorithm = Members::of(key, "public key").ok()?.take(Value::from(3))?;
    cbor::integer(&algorithm, "alg").ok()
}

pub(super) fn algorithms(subject: &Subject<'_>) -> Finding {
    let (id, tried) = (Id::Algorithms, &subject.case.tried.algorithms);
    let Some((_, first)) = tried.iter().find(|(alg, _)| *alg == ES256) else {
        return Finding::skipped(id, "none was tried");
    };
    if let Some(finding) = untried(id, first) {
        return finding;
    }
    let works = |(alg, step): &&(i64, Step<Registered>)| step.done().and_then(made) == Some(*alg);
    let (good, bad): (Vec<_>, Vec<_>) = tried.iter().partition(|one| works(one));
    let names = |all: &[&(i64, Step<Registered>)]| {
        all.iter().map(|(alg, _)| Algorithm(*alg).to_string()).collect::<Vec<_>>().join(", ")
    };
    if first.done().and_then(made) != Some(ES256) {
        Finding::fail(id, "ES256 does not work, which Entra asks for first", DIFFERS)
    } else if bad.is_empty() {
        Finding::pass(id, format!("works: {}", names(&good)))
    } else {
        let saw = format!("works: {}; offered, and does not: {}", names(&good), names(&bad));
        Finding::warn(id, saw, "Entra takes ES256. Other sites may prefer what does not work.")
    }
}

pub(super) fn order(subject: &Subject<'_>) -> Finding {
    let (id, (order, step)) = (Id::AlgorithmOrder, &subject.case.tried.order);
    let names: Vec<_> = order.iter().map(|alg| Algorithm(*alg).to_string()).collect();
    if order.is_empty() {
        return Finding::skipped(id, "the key offers one algorithm only");
    }
    if let Some(finding) = untried(id, step) {
        return finding;
    }
    match step {
        Step::Done(registered) => match (made(registered), order.first()) {
            (Some(alg), Some(first)) if alg == *first => {
                Finding::pass(id, format!("of {} it took the first", names.join(", ")))
            }
            (Some(alg), _) => Finding::warn(
                id,
                format!("of {} it took {}", names.join(", "), Algorithm(alg)),
                "Entra asks for ES256 and RS256 only. Other sites get another algorithm than they want most.",
            ),
            (None, _) => Finding::warn(id, "the credential's algorithm cannot be read", DIFFERS),
        },
        Step::Refused(refusal) => {
            let saw =
                format!("it takes each alone, and refuses the choice of {}: {refusal}", names.join(", "));
            Finding::warn(id, saw, "Sites that offer a choice cannot register the key.")
        }
        _ => Finding::skipped(id, "it was not tried"),
    }
}
