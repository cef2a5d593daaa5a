//! The files' own shape. Unknown names are refused, so that a misspelt fact is not silently lost.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use super::UsbDevice;
use super::advisory::Advisory;
use super::anchor::AnchorRecord;
use super::chip::Chip;
use super::firmware::{Firmware, FirmwareScheme, Series};
use super::model::{Certification, Kind, Model, Relation, Said, Transport};
use super::quirk::Quirk;
use super::topic::Topic;

/// `catalogue.toml`: what this edition was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The day of the edition.
    pub date: Date,
    /// The number of FIDO's metadata.
    pub mds_number: u32,
    /// The day by which FIDO promised the next metadata.
    pub mds_next_update: Date,
    /// Whether FIDO's signature on that metadata was verified.
    pub mds_verified: bool,
    /// The day of Microsoft's page on keys for Entra.
    pub entra_page_date: Date,
    /// The metadata that Microsoft's page was made from.
    pub entra_mds_number: u32,
    /// All this in a sentence or two.
    pub source_note: String,
}

/// A vendor's file, or a group of models of several vendors.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelFile {
    pub(super) updated: Date,
    pub(super) vendor: Option<VendorEntry>,
    #[serde(default, rename = "model")]
    pub(super) models: Vec<ModelEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VendorEntry {
    pub(super) name: String,
    pub(super) firmware_scheme: Option<FirmwareScheme>,
    #[serde(default, deserialize_with = "hex_ids")]
    pub(super) usb_vendor_ids: Vec<u16>,
    #[serde(default)]
    pub(super) related: Vec<Relation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelEntry {
    pub(super) aaguid: Uuid,
    pub(super) vendor: Option<String>,
    name: String,
    mds_name: Option<String>,
    kind: Kind,
    firmware_min: Option<Series>,
    firmware_max: Option<Series>,
    certified_firmware: Option<Firmware>,
    #[serde(default)]
    form_factors: Vec<String>,
    transports: Option<Vec<Transport>>,
    #[serde(default)]
    bio: Said,
    fips: Option<String>,
    #[serde(default)]
    certification: Certification,
    mds_status: Option<String>,
    mds_status_date: Option<Date>,
    #[serde(default)]
    entra_listed: Said,
    #[serde(default)]
    key_protection: Vec<String>,
    #[serde(default)]
    anchors: Vec<String>,
    #[serde(default)]
    related: Vec<Relation>,
    #[serde(default)]
    notes: Vec<String>,
    sources: Vec<String>,
    #[serde(default)]
    pub(super) replaces: bool,
}

impl ModelEntry {
    pub(super) fn model(self, vendor: String, file: &str, updated: Date) -> Model {
        Model {
            aaguid: self.aaguid,
            vendor,
            name: self.name,
            mds_name: self.mds_name,
            kind: self.kind,
            firmware_min: self.firmware_min,
            firmware_max: self.firmware_max,
            certified_firmware: self.certified_firmware,
            form_factors: self.form_factors,
            transports: self.transports,
            bio: self.bio,
            fips: self.fips,
            certification: self.certification,
            mds_status: self.mds_status,
            mds_status_date: self.mds_status_date,
            entra_listed: self.entra_listed,
            key_protection: self.key_protection,
            anchors: self.anchors,
            related: self.related,
            notes: self.notes,
            sources: self.sources,
            file: file.to_owned(),
            updated,
        }
    }
}

/// `anchors.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnchorFile {
    #[serde(rename = "updated")]
    _updated: Date,
    #[serde(default, rename = "anchor")]
    pub(super) anchors: Vec<AnchorRecord>,
    #[serde(default, rename = "mds_root")]
    pub(super) mds_roots: Vec<AnchorRecord>,
}

/// `advisories.toml`, and each file in `advisories/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdvisoryFile {
    #[serde(rename = "updated")]
    _updated: Date,
    /// When it was added to a folder.
    pub(super) added: Option<Timestamp>,
    #[serde(default, rename = "advisory")]
    pub(super) advisories: Vec<Advisory>,
    #[serde(default, rename = "topic")]
    pub(super) topics: Vec<Topic>,
}

/// `chips.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChipFile {
    #[serde(rename = "updated")]
    _updated: Date,
    #[serde(default, rename = "chip")]
    pub(super) chips: Vec<Chip>,
}

/// `quirks.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuirkFile {
    #[serde(rename = "updated")]
    _updated: Date,
    #[serde(default, rename = "quirk")]
    pub(super) quirks: Vec<Quirk>,
}

/// `usb.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UsbFile {
    #[serde(rename = "updated")]
    _updated: Date,
    #[serde(default, rename = "device")]
    pub(super) devices: Vec<UsbDevice>,
}

fn parse_hex<E: serde::de::Error>(text: &str) -> Result<u16, E> {
    (text.len() == 4).then(|| u16::from_str_radix(text, 16).ok()).flatten().ok_or_else(|| {
        E::custom(format!("`{text}` is not a USB id; write four hex digits, such as \"1050\""))
    })
}

pub(super) fn hex_id<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    parse_hex(&String::deserialize(from)?)
}

fn hex_ids<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u16>, D::Error> {
    Vec::<String>::deserialize(from)?.iter().map(|text| parse_hex(text)).collect()
}
