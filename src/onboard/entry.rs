//! A catalogue entry for the model: what is known of it already, and where the rest was seen.

use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Case, Verdict};
use crate::catalogue::{Certification, Firmware, Kind, Model, Relation, Said, Series, Transport};
use crate::verdict::evidence::Evidence;
use crate::verdict::finding::Status;

/// What stands where only a person knows.
const TO_FILL_IN: &str = "TO BE FILLED IN";

/// The file, in the shape of `aaguids/README.md`.
#[derive(Debug, Serialize)]
struct File {
    updated: String,
    model: Vec<Entry>,
}

/// One model. What is unsaid is left out.
#[derive(Debug, Serialize)]
struct Entry {
    aaguid: Uuid,
    vendor: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mds_name: Option<String>,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    firmware_min: Option<Series>,
    #[serde(skip_serializing_if = "Option::is_none")]
    firmware_max: Option<Series>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certified_firmware: Option<Firmware>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    form_factors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transports: Option<Vec<Transport>>,
    #[serde(skip_serializing_if = "is_unsaid")]
    bio: Said,
    #[serde(skip_serializing_if = "Option::is_none")]
    fips: Option<String>,
    #[serde(skip_serializing_if = "is_not_in_mds")]
    certification: Certification,
    #[serde(skip_serializing_if = "Option::is_none")]
    mds_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mds_status_date: Option<String>,
    #[serde(skip_serializing_if = "is_unsaid")]
    entra_listed: Said,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    key_protection: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    anchors: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    sources: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replaces: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Relation>,
}

fn is_unsaid(said: &Said) -> bool {
    *said == Said::Unsaid
}

fn is_not_in_mds(certification: &Certification) -> bool {
    *certification == Certification::NotInMds
}

/// The entry as TOML, with its provenance. `program`: this program's name and version.
///
/// # Errors
/// What the TOML writer says, which no entry built here makes it say.
pub fn entry(case: &Case<'_>, verdict: &Verdict, program: &str) -> Result<String, toml::ser::Error> {
    let evidence = Evidence::gather(&case.check());
    let day = case.now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let mut entry = case.model().map_or_else(|| unknown(case), known);
    entry
        .sources
        .push(format!("{program} onboard, {day}, a sample in the hand: {}", verdict.outcome.words()));
    entry.notes.push(seen(case, &evidence));
    let open: Vec<_> = verdict
        .findings
        .iter()
        .filter(|finding| matches!(finding.status, Status::Warn | Status::Fail))
        .map(|finding| finding.id.name())
        .collect();
    if !open.is_empty() {
        entry.notes.push(format!("Onboarding found: {}.", open.join(", ")));
    }
    if case.facts.soft {
        // Nothing that a soft key says is true of hardware, and no anchor stands behind it.
        entry.kind = Kind::Test;
        entry.anchors.clear();
        entry.notes.push("Made with a soft key: it says nothing about the model.".to_owned());
    }
    let file = toml::to_string_pretty(&File { updated: day, model: vec![entry] })?;
    Ok(format!("{}\n{}\n", header(&evidence), file.trim_end()))
}

fn known(model: &Model) -> Entry {
    let model = model.clone();
    Entry {
        aaguid: model.aaguid,
        vendor: model.vendor,
        name: model.name,
        mds_name: model.mds_name,
        kind: model.kind,
        firmware_min: model.firmware_min,
        firmware_max: model.firmware_max,
        certified_firmware: model.certified_firmware,
        form_factors: model.form_factors,
        transports: model.transports,
        bio: model.bio,
        fips: model.fips,
        certification: model.certification,
        mds_status: model.mds_status,
        mds_status_date: model.mds_status_date.map(|date| date.to_string()),
        entra_listed: model.entra_listed,
        key_protection: model.key_protection,
        anchors: model.anchors,
        notes: model.notes,
        sources: model.sources,
        replaces: true,
        related: model.related,
    }
}

/// What a key of an unknown model says of itself.
fn unknown(case: &Case<'_>) -> Entry {
    let told = case.facts.info.transports.as_ref();
    let transports = told.map(|told| {
        let named = |name: &String| match name.as_str() {
            "usb" => Some(Transport::Usb),
            "nfc" => Some(Transport::Nfc),
            "ble" => Some(Transport::Ble),
            _ => None,
        };
        told.iter().filter_map(named).collect()
    });
    Entry {
        aaguid: case.facts.info.aaguid,
        vendor: TO_FILL_IN.to_owned(),
        name: case.facts.product.clone(),
        mds_name: None,
        kind: Kind::Hardware,
        firmware_min: None,
        firmware_max: None,
        certified_firmware: None,
        form_factors: Vec::new(),
        transports,
        bio: Said::Unsaid,
        fips: None,
        certification: Certification::NotInMds,
        mds_status: None,
        mds_status_date: None,
        entra_listed: Said::Unsaid,
        key_protection: Vec::new(),
        anchors: Vec::new(),
        notes: Vec::new(),
        sources: Vec::new(),
        replaces: false,
        related: Vec::new(),
    }
}

/// What was seen of the sample, in one note.
fn seen(case: &Case<'_>, evidence: &Evidence<'_>) -> String {
    let facts = case.facts;
    let [major, minor, build] = facts.device.device;
    let firmware = match (evidence.firmware.version(), facts.info.firmware_version) {
        (Some(version), _) => format!("firmware {version}"),
        (None, Some(number)) => format!("firmware {number} in the vendor's own count"),
        (None, None) => "firmware unsaid".to_owned(),
    };
    format!(
        "Seen: USB {:04x}:{:04x}, {firmware}, device version {major}.{minor}.{build}, {}.",
        facts.vendor_id,
        facts.product_id,
        facts.info.versions.join(" ")
    )
}

/// Comments: what to do with the file, and the certificates that the key sent. Hashes only; no foreign text.
fn header(evidence: &Evidence<'_>) -> String {
    let mut lines = vec![
        "# A catalogue entry, written by `glasskey onboard`. For a folder of your own, which `--catalogue DIR` names.".to_owned(),
        "# In a vendor's file of aaguids/ leave out `vendor` and `replaces`, and keep the order of AAGUIDs.".to_owned(),
    ];
    let registration = evidence.registration.as_ref().and_then(|registration| registration.as_ref().ok());
    for (number, der) in (1..).zip(registration.map(|registration| registration.x5c()).unwrap_or_default()) {
        let number: usize = number;
        lines.push(format!(
            "# Certificate {number} that the key sent, SHA-256: {}",
            hex::encode(Sha256::digest(der))
        ));
    }
    lines.push(match &evidence.path {
        Some(Ok(_)) => "# They lead to an anchor of the entry.".to_owned(),
        _ => "# They lead to no anchor that is known. Get the vendor's root by a way that you trust; never from the key.".to_owned(),
    });
    lines.join("\n")
}
