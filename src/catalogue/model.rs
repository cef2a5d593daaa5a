//! What an AAGUID names: a model, its kind, its vendor and whoever else makes or sells it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::firmware::{Firmware, FirmwareScheme, Series};

/// A statement that may be missing. Missing is not `no`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// It is said to be so.
    Yes,
    /// It is said not to be so.
    No,
    /// Nobody said anything.
    #[default]
    Unsaid,
}

/// What sort of thing an AAGUID stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A key that one can hold in the hand and buy.
    Hardware,
    /// A preview of one, given out before release.
    HardwarePreview,
    /// An app on a phone.
    MobileApp,
    /// Part of an operating system or computer.
    Platform,
    /// A passkey provider in software.
    Software,
    /// A test record: no product.
    Test,
    /// The all-zero AAGUID, which names nothing.
    Anonymous,
    /// Known only from FIDO's metadata, which do not tell a key from an app: "external" and "secure element" are what 15 apps
    /// and test records of no. 291 say of themselves.
    MetadataOnly,
}

impl Kind {
    /// Whether a key of this kind may lie in a safe as a production hardware key.
    #[must_use]
    pub fn is_hardware_key(self) -> bool {
        self == Self::Hardware
    }

    /// Whether it is one, or nobody has told whether it is.
    #[must_use]
    pub fn may_be_hardware(self) -> bool {
        matches!(self, Self::Hardware | Self::MetadataOnly)
    }

    /// What to call it in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Hardware => "a hardware key",
            Self::HardwarePreview => "a preview of a hardware key",
            Self::MobileApp => "an app on a phone",
            Self::Platform => "part of an operating system or computer",
            Self::Software => "a passkey provider in software",
            Self::Test => "a test record, not a product",
            Self::Anonymous => "no model at all",
            Self::MetadataOnly => "known only from FIDO's metadata, which do not tell a key from an app",
        }
    }
}

/// A way to talk to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// USB.
    Usb,
    /// NFC.
    Nfc,
    /// Bluetooth Low Energy.
    Ble,
}

/// What the FIDO Alliance certified, as its metadata service tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Certification {
    /// The metadata service doesn't list the model.
    #[default]
    #[serde(rename = "not-in-mds")]
    NotInMds,
    /// It is listed, and not certified.
    #[serde(rename = "none")]
    NotCertified,
    /// Certified; the level isn't told.
    #[serde(rename = "certified")]
    Certified,
    /// Level 1.
    L1,
    /// Level 1+.
    #[serde(rename = "L1+")]
    L1Plus,
    /// Level 2.
    L2,
    /// Level 2+.
    #[serde(rename = "L2+")]
    L2Plus,
    /// Level 3.
    L3,
    /// Level 3+.
    #[serde(rename = "L3+")]
    L3Plus,
}

impl Certification {
    /// The level by the catalogue's word for it; no certificate for any other word.
    pub(super) fn of_level(word: &str) -> Self {
        match word {
            "certified" => Self::Certified,
            "L1" => Self::L1,
            "L1+" => Self::L1Plus,
            "L2" => Self::L2,
            "L2+" => Self::L2Plus,
            "L3" => Self::L3,
            "L3+" => Self::L3Plus,
            _ => Self::NotCertified,
        }
    }

    /// Whether there is a certificate of any level.
    #[must_use]
    pub fn is_certified(self) -> bool {
        !matches!(self, Self::NotInMds | Self::NotCertified)
    }
}

/// What another name has to do with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The vendor under which the model is listed.
    Vendor,
    /// Sells it under its own name.
    Brand,
    /// Makes it, or the part that signs.
    Oem,
}

/// How sure a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A source says it.
    Stated,
    /// Concluded from certificates or USB ids.
    Inferred,
}

/// Somebody who makes or sells a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The other company.
    pub name: String,
    /// Its part.
    pub role: Role,
    /// The name that it gives the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// What the relation is concluded from.
    pub basis: String,
    /// Where that is written.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A company whose keys the catalogue lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vendor {
    /// Its name, as models refer to it.
    pub name: String,
    /// How its keys report their firmware.
    pub firmware_scheme: FirmwareScheme,
    /// Its USB vendor ids. Some are shared by several vendors.
    pub usb_vendor_ids: Vec<u16>,
    /// Who else stands behind all of its keys.
    pub related: Vec<Relation>,
}

/// What one AAGUID names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Model {
    /// The AAGUID.
    pub aaguid: Uuid,
    /// The vendor's name.
    pub vendor: String,
    /// The product's name.
    pub name: String,
    /// The name in FIDO's metadata, where it differs.
    pub mds_name: Option<String>,
    /// What sort of thing it is.
    pub kind: Kind,
    /// The first firmware series with this AAGUID. A series, not a release.
    pub firmware_min: Option<Series>,
    /// The last firmware series with this AAGUID.
    pub firmware_max: Option<Series>,
    /// The release that was certified.
    pub certified_firmware: Option<Firmware>,
    /// Plugs and shapes.
    pub form_factors: Vec<String>,
    /// Ways to talk to it; `None` where nobody said.
    pub transports: Option<Vec<Transport>>,
    /// Whether it reads fingerprints.
    pub bio: Said,
    /// The FIPS 140 claim of its vendor. Nobody checked it against NIST's list.
    pub fips: Option<String>,
    /// FIDO certification.
    pub certification: Certification,
    /// The newest status in FIDO's metadata.
    pub mds_status: Option<String>,
    /// The day of that status.
    pub mds_status_date: Option<Date>,
    /// Whether Microsoft's list of keys for Entra with attestation has it.
    pub entra_listed: Said,
    /// Where the private keys live, in FIDO's words.
    pub key_protection: Vec<String>,
    /// Ids of the anchors that its attestation may lead to.
    pub anchors: Vec<String>,
    /// Who else makes or sells it.
    pub related: Vec<Relation>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// Where all this is from.
    pub sources: Vec<String>,
    /// The file that it was read from.
    pub file: String,
    /// The day on which that file was last checked.
    pub updated: Date,
}

impl Model {
    /// In place of the vendor's name, where nobody knows it.
    pub const NO_VENDOR: &str = "vendor not known";

    /// Whether FIDO's metadata warns of the model: revoked, compromised, or its user verification bypassed.
    #[must_use]
    pub fn has_bad_status(&self) -> bool {
        self.mds_status.as_deref().is_some_and(crate::mds::is_bad)
    }
}
