//! Which model is it, and is it genuine?

use super::Subject;
use crate::catalogue::{FirmwareSource, FirmwareTold};
use crate::ctap::init::DeviceVersion;
use crate::onboard::finding::{Finding, Id};

use crate::webauthn::second_opinion::SecondOpinion;

const VENDOR: &str = "Ask the vendor; a key that contradicts itself may be no genuine key of its model.";

pub(super) fn usb_id(subject: &Subject<'_>) -> Finding {
    let (id, facts, catalogue) = (Id::UsbId, subject.case.facts, subject.case.catalogue);
    let (vendor, product) = (facts.vendor_id, facts.product_id);
    let number = format!("{vendor:04x}:{product:04x}");
    if subject.case.model().is_none() {
        return Finding::skipped(id, format!("{number}; the model is not known"));
    }
    // Who else makes or sells the model may have plugged it in under a number of his own.
    let makers = catalogue.makers(facts.info.aaguid);
    let makers: Vec<_> = makers.iter().filter_map(|maker| catalogue.vendor(&maker.name)).collect();
    if let Some(maker) = makers.iter().find(|maker| maker.usb_vendor_ids.contains(&vendor)) {
        let product = catalogue.usb_device(vendor, product).and_then(|device| device.product.as_deref());
        let known = product.map(|product| format!(", {product}")).unwrap_or_default();
        return Finding::pass(id, format!("{number}: a number of {}{known}", maker.name));
    }
    if makers.iter().all(|maker| maker.usb_vendor_ids.is_empty()) {
        return Finding::skipped(id, format!("{number}; no USB number of this model's makers is known"));
    }
    let names: Vec<_> = makers.iter().map(|maker| maker.name.as_str()).collect();
    Finding::warn(id, format!("{number} is no known number of {}", names.join(", ")), VENDOR)
}

pub(super) fn ctaphid(subject: &Subject<'_>) -> Finding {
    let (id, device) = (Id::Ctaphid, subject.case.facts.device);
    let [major, minor, build] = device.device;
    let u2f = if device.can(DeviceVersion::NO_MSG) { "no U2F" } else { "U2F too" };
    let wink = if device.can(DeviceVersion::WINK) { "WINK" } else { "no WINK" };
    let told = format!("CTAPHID {}, device version {major}.{minor}.{build}, {wink}, {u2f}", device.protocol);
    if device.protocol != 2 {
        Finding::warn(id, format!("{told}: the specification knows version 2 only"), super::DIFFERS)
    } else if !device.can(DeviceVersion::CBOR) {
        Finding::warn(id, format!("{told}: the key speaks CTAP2 and does not say so"), super::DIFFERS)
    } else {
        Finding::pass(id, told)
    }
}

pub(super) fn get_info(subject: &Subject<'_>) -> Finding {
    let (id, facts) = (Id::GetInfo, subject.case.facts);
    let info = &facts.info;
    let mut odd = Vec::new();
    let mut deviations: Vec<_> =
        facts.deviations.iter().map(|(during, how)| format!("{during}: {how:?}")).collect();
    deviations.dedup();
    if !deviations.is_empty() {
        odd.push(format!("answers that are not canonical CBOR ({})", deviations.join(", ")));
    }
    let later = ["FIDO_2_1", "FIDO_2_2", "FIDO_2_3"].iter().any(|version| info.speaks(version));
    if later && facts.pin_set == Some(true) && info.option("pinUvAuthToken") != Some(true) {
        odd.push("FIDO 2.1 or later with a PIN set, and no pinUvAuthToken".to_owned());
    }
    if info.option("clientPin").is_some() && info.protocol().is_none() {
        odd.push("a client PIN, and no PIN/UV auth protocol that is known".to_owned());
    }
    if info.max_msg_size.is_some_and(|size| size < 1024) {
        odd.push("a maxMsgSize below 1024".to_owned());
    }
    let texts = info.versions.iter().chain(info.extensions.iter().flatten()).chain(info.options.keys());
    if texts.into_iter().any(|text| text.chars().any(char::is_control)) {
        odd.push("control characters in its texts".to_owned());
    }
    if !odd.is_empty() {
        return Finding::warn(id, odd.join("; "), "Ask the vendor. Try the browsers that you will use.");
    }
    let unknown = match info.unknown.len() {
        0 => String::new(),
        count => format!("; {count} members without a meaning here"),
    };
    Finding::pass(id, format!("{}; AAGUID {}{unknown}", info.versions.join(", "), info.aaguid))
}

pub(super) fn firmware(subject: &Subject<'_>) -> Finding {
    let id = Id::Firmware;
    match &subject.evidence.firmware {
        FirmwareTold::Version(version, source) => {
            let source = match source {
                FirmwareSource::Info => "as getInfo says",
                FirmwareSource::Certificate => "as the attestation certificate says",
                FirmwareSource::Device => "as the key says when it is opened",
            };
            Finding::pass(id, format!("{version}, {source}; nothing contradicts it"))
        }
        FirmwareTold::Contradiction(told) => Finding::warn(id, told.clone(), VENDOR),
        FirmwareTold::Unsaid => {
            let told = match subject.case.facts.info.firmware_version {
                Some(number) => format!("{number}, in the vendor's own count, which is not known here"),
                None => "unsaid".to_owned(),
            };
            Finding::skipped(id, told)
        }
    }
}

pub(super) fn library(subject: &Subject<'_>) -> Finding {
    let id = Id::AttestationWebauthnRs;
    match &subject.evidence.second_opinion {
        None => Finding::skipped(id, "there is no verified registration to ask about"),
        Some(opinion @ SecondOpinion::Ok) => Finding::pass(id, opinion.to_string()),
        Some(opinion @ SecondOpinion::NotEvaluable(_)) => Finding::skipped(id, opinion.to_string()),
        Some(opinion @ SecondOpinion::Refused(_)) => Finding::warn(
            id,
            opinion.to_string(),
            "The two verifiers must agree on a genuine key: look at `attestation`, and ask the vendor for its chain.",
        ),
    }
}
