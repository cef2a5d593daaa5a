//! Will Entra take it: the allow-lists, the certification, and what Entra asks of a security key.

use super::Case;
use super::evidence::Evidence;
use super::finding::{Finding, Id};
use crate::catalogue::Said;
use crate::policy::Agreement;
use crate::policy::{Allowed, Judgement, PolicySet, Weight};

const LISTS: &str =
    "Add the AAGUID to the passkey profile and the authentication strength, or use a model that they allow.";

pub(super) fn allow_list(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::AllowList;
    let aaguid = case.facts.info.aaguid;
    let judgements = case.policy.map(|policy| policy.judge(aaguid)).unwrap_or_default();
    if judgements.is_empty() {
        return Finding::skipped(id, "no policy file was given (`--policy FILE`), so this could not be told");
    }
    let told = |wanted: fn(&Judgement) -> bool| {
        let rows: Vec<String> =
            judgements.iter().filter(|judgement| wanted(judgement)).map(ToString::to_string).collect();
        rows.join("; ")
    };
    if judgements.iter().any(|j| matches!(j.allowed, Allowed::No(_))) {
        Finding::fail(id, format!("{aaguid}: {}", told(|j| matches!(j.allowed, Allowed::No(_)))), LISTS)
    } else if judgements.iter().any(|j| matches!(j.allowed, Allowed::CannotTell(_))) {
        let doubt = told(|j| matches!(j.allowed, Allowed::CannotTell(_)));
        Finding::warn(id, doubt, "Export the policy again, whole, and repeat the check.")
    } else {
        let notes = judgements.iter().flat_map(|judgement| &judgement.notes);
        let telling: Vec<_> = notes.filter(|note| note.weight() != Weight::Info).collect();
        let mistaken = telling.iter().any(|note| note.weight() == Weight::Warn);
        let told: Vec<_> = [format!("allowed by {}", told(|_| true))]
            .into_iter()
            .chain(telling.iter().map(ToString::to_string))
            .collect();
        if mistaken {
            Finding::warn(id, told.join("; "), "Look at the policy: it does less than its author may think.")
        } else {
            Finding::pass(id, told.join("; "))
        }
    }
}

pub(super) fn allow_list_agreement(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::AllowListAgreement;
    let agreement = case.policy.map_or(Agreement::NothingToCompare, PolicySet::agreement);
    match &agreement {
        Agreement::NothingToCompare => Finding::skipped(id, "fewer than two policy files were given"),
        Agreement::Agree => Finding::pass(id, "the given policies allow the same models"),
        Agreement::Differ(differences) => {
            let told: Vec<_> = differences.iter().map(ToString::to_string).collect();
            Finding::warn(id, told.join("; "), "Make the lists equal in the tenant.")
        }
        Agreement::CannotTell(doubts) => {
            let told =
                doubts.iter().map(|doubt| format!("{}: {}", doubt.source.escape_debug(), doubt.reason));
            let cure = "Export the policies again, whole, and repeat the check.";
            Finding::warn(id, told.collect::<Vec<_>>().join("; "), cure)
        }
    }
}

/// Whether a policy in use makes Entra look at the attestation, in words; what cannot be told counts as yes.
fn attestation_required(case: &Case<'_>) -> Option<&'static str> {
    match case.policy.map_or(Some(false), PolicySet::attestation_required) {
        Some(false) => None,
        Some(true) => Some("the profile enforces attestation"),
        None => Some("the profile does not tell whether it enforces attestation"),
    }
}

pub(super) fn certified(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::Certified;
    let aaguid = case.facts.info.aaguid;
    if let Some(warned) = case.catalogue.warning(aaguid) {
        return Finding::fail(id, warned.to_string(), "Do not use this model.");
    }
    let Some(standing) = case.catalogue.certified(aaguid) else {
        return Finding::skipped(id, "the model is not known");
    };
    let status = standing.status.unwrap_or("no status in FIDO metadata");
    let imported = case.catalogue.metadata().filter(|_| standing.imported);
    match (standing.certification.is_certified(), imported.map(|kept| &kept.metadata)) {
        (true, None) => return Finding::pass(id, status),
        (true, Some(metadata)) if !metadata.is_signed() => {
            let saw = format!("{status}, by {}: nobody signed that", metadata.name());
            return Finding::warn(id, saw, "Import the signed BLOB.");
        }
        (true, Some(metadata)) if metadata.is_stale(case.today()) => {
            let over = format!("newer ones were promised for {}", metadata.next_update);
            let saw = format!("{status}, by {}: {over}", metadata.name());
            return Finding::warn(id, saw, "Import FIDO's present metadata.");
        }
        (true, Some(metadata)) => return Finding::pass(id, format!("{status}, by {}", metadata.name())),
        (false, _) => {}
    }
    let saw = format!("not FIDO certified ({status})");
    match attestation_required(case) {
        Some(required) => Finding::fail(
            id,
            format!("{saw}, and {required}"),
            "Entra refuses such a model where attestation is enforced: use a certified one.",
        ),
        None => Finding::warn(id, saw, "Use a certified model where attestation is or will be enforced."),
    }
}

pub(super) fn entra_ready(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::EntraReady;
    let info = &case.facts.info;
    let mut missing = Vec::new();
    if !info.versions.iter().any(|version| version.starts_with("FIDO_2_") && version != "FIDO_2_1_PRE") {
        missing.push("FIDO 2.0 or later");
    }
    if info.option("rk") != Some(true) {
        missing.push("resident keys (discoverable credentials)");
    }
    if info.option("clientPin").is_none() && info.option("uv").is_none() {
        missing.push("a client PIN or user verification");
    }
    let algorithms = info.algorithms.iter().flatten();
    if info.algorithms.is_some() && !algorithms.into_iter().any(|algorithm| algorithm.alg == -7) {
        missing.push("ES256");
    }
    let cure = "Use a model that Entra lists as attestable.";
    if !missing.is_empty() {
        return Finding::fail(id, format!("the key does not offer {}", missing.join(", ")), cure);
    }
    let mut doubts = Vec::new();
    if !["hmac-secret", "hmac-secret-mc", "prf"].iter().any(|extension| info.extends(extension)) {
        doubts.push("the key does not offer hmac-secret");
    }
    match evidence.model.map(|model| model.entra_listed) {
        Some(Said::Yes) => {}
        Some(Said::No) => doubts.push("Microsoft's list of attestable models does not have it"),
        Some(Said::Unsaid) | None => doubts.push("it is not known whether Microsoft lists the model"),
    }
    if doubts.is_empty() {
        Finding::pass(
            id,
            "FIDO 2, resident keys, PIN, hmac-secret, and on Microsoft's list of attestable models",
        )
    } else if let Some(required) = attestation_required(case) {
        Finding::fail(id, format!("{required}, and {}", doubts.join(", ")), cure)
    } else {
        Finding::warn(id, doubts.join(", "), cure)
    }
}
