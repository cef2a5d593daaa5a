//! Is this a genuine key of a known hardware model, with nothing known against it?

use super::Case;
use super::evidence::{Evidence, unanswered};
use super::finding::{Finding, Id};
use crate::catalogue::{Affects, Applies, FirmwareSource, FirmwareTold, Kind, Stand, Topic};
use crate::facts::Step;
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
    let id = Id::Advisory;
    let aaguid = case.facts.info.aaguid;
    if let Some(warned) = case.catalogue.warning(aaguid) {
        return Finding::fail(id, warned.to_string(), "Do not use this model.");
    }
    if evidence.model.is_none() {
        return Finding::skipped(id, "the model is not known");
    }
    let told = match &evidence.firmware {
        FirmwareTold::Version(version, source) => format!("firmware {version} ({})", words(*source)),
        FirmwareTold::Unsaid => "the firmware version is unsaid".to_owned(),
        FirmwareTold::Contradiction(told) => told.clone(),
    };
    let (mut saw, mut cures) = (vec![told], Vec::new());
    let found = case.catalogue.advisories_for(aaguid, evidence.firmware.version());
    for (advisory, applies) in found.into_iter().filter(|(advisory, _)| advisory.affects == Affects::Fido) {
        let sure = if applies == Applies::Yes { "" } else { " (may apply)" };
        saw.push(format!("{}: {}{sure}. {}", advisory.id, advisory.title, advisory.meaning));
        cures.push((advisory.id.as_str(), advisory.cure.as_str()));
    }
    let mut unsaid = Vec::new();
    for (topic, stand) in case.catalogue.stands(aaguid) {
        match stand {
            Stand::ThatChip(chip) => {
                let none = no_statement(topic, evidence);
                saw.push(format!(
                    "{}: its chip is by {chip}, and {none} (may apply). {}",
                    topic.id, topic.meaning
                ));
                cures.push((topic.id.as_str(), topic.cure.as_str()));
            }
            Stand::NoStatement => unsaid.push(format!("{}: {}", topic.id, no_statement(topic, evidence))),
            Stand::Judged | Stand::Denied(_) | Stand::OtherChip(_) => {}
        }
    }
    if let (true, FirmwareTold::Contradiction(_)) = (cures.is_empty(), &evidence.firmware) {
        let ask = "Ask the vendor: a key that tells a false version may be no genuine key of its model.";
        return Finding::warn(id, [saw, unsaid].concat().join("; "), ask);
    } else if cures.is_empty() {
        saw.insert(0, "nothing known against it".to_owned());
    }
    saw.extend(unsaid);
    match cures.as_slice() {
        [] => Finding::pass(id, saw.join("; ")),
        cures => Finding::warn(id, saw.join("; "), of_each(cures)),
    }
}

/// The cures of several faults, each with whose it is; one that is the same for all stands alone.
fn of_each(cures: &[(&str, &str)]) -> String {
    match cures {
        [(_, first), rest @ ..] if rest.iter().all(|(_, cure)| cure == first) => (*first).to_owned(),
        _ => cures.iter().map(|(whose, cure)| format!("{whose}: {cure}")).collect::<Vec<_>>().join(" "),
    }
}

/// That nobody denied it does not mean that it is not so.
fn no_statement(topic: &Topic, evidence: &Evidence<'_>) -> String {
    let vendor = evidence.model.map_or("its vendor", |model| model.vendor.as_str());
    format!("no statement by {vendor} is known on chips by {}", topic.chip_maker)
}

pub(super) fn quirks(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::Quirks;
    if evidence.model.is_none() {
        return Finding::skipped(id, "the model is not known");
    }
    let (mut saw, mut cures) = (Vec::new(), Vec::new());
    for quirk in case.catalogue.quirks_of(case.facts.info.aaguid) {
        let matters = quirk.matters.as_deref().map(|matters| format!(" {matters}")).unwrap_or_default();
        saw.push(format!("{} (seen on {}). {}{matters}", quirk.title, quirk.seen_on, quirk.handled));
        if quirk.matters.is_some() {
            cures.push(
                quirk.cure.as_deref().unwrap_or("Try this key in the program that is meant for the day."),
            );
        }
    }
    match (saw.is_empty(), cures.is_empty()) {
        (true, _) => Finding::pass(id, "none known of this model"),
        (false, true) => Finding::pass(id, saw.join(" ")),
        (false, false) => Finding::warn(id, saw.join(" "), cures.join(" ")),
    }
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
        // Nothing was asked for, which says nothing against the key.
        (None, _) if matches!(case.facts.registration, Step::Skipped(_)) => {
            Finding::skipped(id, unanswered(&case.facts.registration))
        }
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
        (Some(Ok(_)), Some(Err(error @ TrustError::NotYetValid { .. }))) => {
            Finding::fail(id, error.to_string(), CLOCK)
        }
        (Some(Ok(_)), Some(Err(error @ TrustError::NoAnchor(_)))) => Finding::fail(
            id,
            error.to_string(),
            "It cannot be told whether the key is genuine: ask the vendor for its attestation root and add it by `--catalogue`.",
        ),
        (Some(Ok(_)), Some(Err(error))) => Finding::fail(id, error.to_string(), COUNTERFEIT),
    }
}

/// The cure where a certificate is of a time to come.
pub(crate) const CLOCK: &str = "Look at this computer's clock first: it tells a time before the key was made. Set it right, and begin again.";

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
