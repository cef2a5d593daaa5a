//! Is this a genuine key of a known hardware model, with nothing known against it?

use super::Case;
use super::evidence::{Evidence, FirmwareSource, FirmwareTold, unanswered};
use super::finding::{Finding, Id};
use crate::catalogue::{Affects, Applies, Kind};
use crate::webauthn::registration::RegistrationError;
use crate::webauthn::trust::TrustError;

pub(super) fn soft_key(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    if case.facts.soft {
        Finding::pass(
            Id::SoftKey,
            "a soft key: real firmware in this program, no hardware; for tests and training only",
        )
    } else {
        Finding::pass(Id::SoftKey, "a device over USB HID")
    }
}

pub(super) fn model_known(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let aaguid = case.facts.info.aaguid;
    match evidence.model {
        Some(model) if model.kind == Kind::MetadataOnly => Finding::warn(
            Id::ModelKnown,
            format!("{} ({}), by {} alone", model.name, model.vendor, model.sources.join(", ")),
            "Describe the model in a folder for `--catalogue`, after a look at the key.",
        ),
        Some(model) => Finding::pass(Id::ModelKnown, format!("{} by {}", model.name, model.vendor)),
        None if aaguid.is_nil() => Finding::fail(
            Id::ModelKnown,
            "the key does not say which model it is (its AAGUID is all zeros)",
            "Use a key of a model that has an AAGUID.",
        ),
        None => Finding::fail(
            Id::ModelKnown,
            format!("the catalogue does not know the model {aaguid}"),
            "Check the AAGUID with the vendor; a model of your own goes into a folder for `--catalogue`.",
        ),
    }
}

pub(super) fn hardware_model(_: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    match evidence.model {
        Some(model) if model.kind.is_hardware_key() => Finding::pass(Id::HardwareModel, model.kind.words()),
        Some(model) if model.kind.may_be_hardware() => Finding::warn(
            Id::HardwareModel,
            model.kind.words(),
            "Look at the key, and describe the model in a folder for `--catalogue`.",
        ),
        Some(model) => Finding::fail(
            Id::HardwareModel,
            format!("this AAGUID is {}", model.kind.words()),
            "Use a hardware key.",
        ),
        None => Finding::skipped(Id::HardwareModel, "the model is not known"),
    }
}

pub(super) fn advisory(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    if evidence.model.is_none() {
        return Finding::skipped(Id::Advisory, "the model is not known");
    }
    let firmware = evidence.firmware.version();
    let against: Vec<_> = case
        .catalogue
        .advisories_for(case.facts.info.aaguid, firmware)
        .into_iter()
        .filter(|(advisory, applies)| advisory.affects == Affects::Fido && *applies != Applies::No)
        .collect();
    let told = match &evidence.firmware {
        FirmwareTold::Version(version, source) => format!("firmware {version} ({})", words(*source)),
        FirmwareTold::Unsaid => "the firmware version is unsaid".to_owned(),
        FirmwareTold::Contradiction(told) => told.clone(),
    };
    if let (true, FirmwareTold::Contradiction(told)) = (against.is_empty(), &evidence.firmware) {
        let cure = "Ask the vendor: a key that tells a false version may be no genuine key of its model.";
        return Finding::warn(Id::Advisory, told, cure);
    }
    if against.is_empty() {
        return Finding::pass(Id::Advisory, format!("nothing known against it; {told}"));
    }
    let saw = against.iter().map(|(advisory, applies)| {
        let sure = if *applies == Applies::Yes { "" } else { " (may apply)" };
        format!("{}: {}{sure}", advisory.id, advisory.title)
    });
    let mut cures: Vec<&str> = against.iter().map(|(advisory, _)| advisory.cure.as_str()).collect();
    cures.dedup();
    Finding::warn(Id::Advisory, format!("{told}; {}", saw.collect::<Vec<_>>().join("; ")), cures.join(" "))
}

fn words(source: FirmwareSource) -> &'static str {
    match source {
        FirmwareSource::Info => "as getInfo says",
        FirmwareSource::Certificate => "as the attestation certificate says",
        FirmwareSource::Device => "as the key says when it is opened",
    }
}

pub(super) fn attestation(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::Attestation;
    match (&evidence.registration, &evidence.path) {
        (None, _) => {
            Finding::skipped(id, format!("there is no attestation: {}", unanswered(&case.facts.registration)))
        }
        (Some(Err(error)), _) if !speaks_of_attestation(error) => {
            Finding::skipped(id, format!("the test registration is not valid: {error}"))
        }
        (Some(Err(error)), _) => Finding::fail(id, error.to_string(), COUNTERFEIT),
        (Some(Ok(_)), None) => Finding::fail(id, "the path was not checked", COUNTERFEIT),
        (Some(Ok(_)), Some(Ok(path))) => {
            let whose = if path.soft() { "a test CA of soft keys" } else { "the vendor's anchor" };
            let opinion = evidence.second_opinion.as_ref().map(ToString::to_string).unwrap_or_default();
            Finding::pass(id, format!("verified to {whose} '{}'; {opinion}", path.anchor()))
        }
        (Some(Ok(_)), Some(Err(error @ TrustError::AnchorExpired { .. }))) => Finding::warn(
            id,
            format!("signed under a vendor certificate that is no longer valid: {error}"),
            "The vendor's certificate has run out, so nobody vouches for the key today: ask the vendor, or use a newer key.",
        ),
        (Some(Ok(_)), Some(Err(error @ TrustError::NoAnchor(_)))) => Finding::fail(
            id,
            error.to_string(),
            "It cannot be told whether the key is genuine: ask the vendor for its attestation root and add it by `--catalogue`.",
        ),
        (Some(Ok(_)), Some(Err(error))) => Finding::fail(id, error.to_string(), COUNTERFEIT),
    }
}

const COUNTERFEIT: &str =
    "Do not use this key: it may be counterfeit or tampered with. Keep it and ask the vendor.";

fn speaks_of_attestation(error: &RegistrationError) -> bool {
    !matches!(
        error,
        RegistrationError::ClientData(_) | RegistrationError::WrongRpIdHash(_) | RegistrationError::Flags(_)
    )
}

pub(super) fn aaguid_consistent(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::AaguidConsistent;
    let said = case.facts.info.aaguid;
    let Some(credential) = evidence.credential else {
        return Finding::skipped(id, unanswered(&case.facts.registration));
    };
    if credential.aaguid != said {
        let saw = format!("getInfo says {said}, the test registration {}", credential.aaguid);
        return Finding::fail(id, saw, COUNTERFEIT);
    }
    let wrong = match (&evidence.registration, &evidence.path) {
        (
            Some(Err(
                error @ (RegistrationError::WrongAaguid { .. } | RegistrationError::AaguidExtension(_)),
            )),
            _,
        ) => error.to_string(),
        (_, Some(Err(error @ (TrustError::WrongAaguid { .. } | TrustError::Aaguid(_))))) => error.to_string(),
        (Some(Ok(_)), Some(_)) => {
            return Finding::pass(id, format!("getInfo, registration and certificate say {said}"));
        }
        _ => return Finding::skipped(id, "the attestation certificate could not be verified"),
    };
    Finding::fail(id, wrong, COUNTERFEIT)
}
