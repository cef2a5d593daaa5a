//! Models, vendors, anchors and advisories, compiled in from `aaguids/`.
//!
//! [`Catalogue::builtin`] reads what is compiled in; [`Catalogue::add_dir`] adds a folder of the same shape. A person who
//! adds to it can add models and anchors, and put one model in another's place by saying so; nothing is replaced by accident.

mod advisory;
mod anchor;
mod chip;
mod entry;
mod error;
mod faults;
mod firmware;
mod load;
mod metadata;
mod model;
mod quirk;
#[cfg(test)]
mod tests;
mod told;
mod topic;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::advisory::{Advisory, Affects, Applies, Rule, Subject};
pub use self::anchor::AnchorRecord;
pub use self::chip::Chip;
pub use self::entry::About;
pub use self::error::CatalogueError;
pub use self::firmware::{Firmware, FirmwareScheme, NotAVersion, Range, Series};
pub use self::load::ADVISORIES;
pub use self::metadata::{Certified, Warned};
pub use self::model::{Certification, Confidence, Kind, Model, Relation, Role, Said, Transport, Vendor};
pub use self::quirk::{Effect, Quirk};
pub use self::told::{FirmwareSource, FirmwareTold, Told};
pub use self::topic::{Stand, Statement, Topic};
use crate::mds::store::Kept;
use crate::webauthn::anchor::Anchor;

static BUILTIN: LazyLock<Result<Catalogue, CatalogueError>> = LazyLock::new(load::builtin);

/// A USB product that is known to be a FIDO key. No proof of what is plugged in: anybody can copy the two numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsbDevice {
    /// USB vendor id.
    #[serde(deserialize_with = "entry::hex_id")]
    pub vendor_id: u16,
    /// USB product id.
    #[serde(deserialize_with = "entry::hex_id")]
    pub product_id: u16,
    /// Whose vendor id it is.
    pub vendor: String,
    /// The product, where it is known.
    pub product: Option<String>,
    /// Where this is from.
    pub source: String,
}

/// All that is known of models. The large parts are shared by copies until one of these is added to.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    about: About,
    vendors: BTreeMap<String, Vendor>,
    models: Arc<BTreeMap<Uuid, Model>>,
    anchors: Arc<BTreeMap<String, AnchorRecord>>,
    mds_roots: BTreeMap<String, AnchorRecord>,
    soft: BTreeMap<Uuid, Vec<Anchor>>,
    advisories: Vec<Advisory>,
    topics: Vec<Topic>,
    chips: Vec<Chip>,
    quirks: Vec<Quirk>,
    usb: BTreeMap<(u16, u16), UsbDevice>,
    metadata: Option<Kept>,
}

impl Catalogue {
    fn new(about: About) -> Self {
        Self {
            about,
            vendors: BTreeMap::new(),
            models: Arc::default(),
            anchors: Arc::default(),
            mds_roots: BTreeMap::new(),
            soft: BTreeMap::new(),
            advisories: Vec::new(),
            topics: Vec::new(),
            chips: Vec::new(),
            quirks: Vec::new(),
            usb: BTreeMap::new(),
            metadata: None,
        }
    }

    /// The catalogue compiled into this program. It is read once; this hands out a copy.
    ///
    /// # Errors
    /// A fault in the compiled-in files, which the tests rule out.
    pub fn builtin() -> Result<Self, CatalogueError> {
        BUILTIN.clone()
    }

    /// Adds a folder of catalogue files: vendor files, `anchors.toml` with `anchors/`, `advisories.toml`, `usb.toml`.
    /// Either all of it is added, or nothing.
    ///
    /// # Errors
    /// An unreadable folder, a faulty file, or an AAGUID that is known already and whose entry doesn't say `replaces = true`.
    pub fn add_dir(&mut self, path: &Path) -> Result<(), CatalogueError> {
        let mut next = self.clone();
        next.absorb(&load::folder(path)?)?;
        *self = next;
        Ok(())
    }

    /// Trusts a soft key's test CA for these AAGUIDs, beside the vendors' anchors.
    ///
    /// # Errors
    /// [`CatalogueError::NotSoft`] for an anchor that isn't marked soft.
    pub fn add_soft_anchor(&mut self, aaguids: &[Uuid], anchor: &Anchor) -> Result<(), CatalogueError> {
        if !anchor.soft {
            return Err(CatalogueError::NotSoft { name: anchor.name.clone() });
        }
        for aaguid in aaguids {
            self.soft.entry(*aaguid).or_default().push(anchor.clone());
        }
        Ok(())
    }

    /// What this edition was made from.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The day of this edition.
    #[must_use]
    pub fn date(&self) -> Date {
        self.about.date
    }

    /// The model of an AAGUID.
    #[must_use]
    pub fn model(&self, aaguid: Uuid) -> Option<&Model> {
        self.models.get(&aaguid)
    }

    /// All models, in the order of their AAGUIDs.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.models.values()
    }

    /// A vendor by its name. Providers of software and apps aren't vendors of keys: they have none.
    #[must_use]
    pub fn vendor(&self, name: &str) -> Option<&Vendor> {
        self.vendors.get(name)
    }

    /// All vendors, in the order of their names.
    pub fn vendors(&self) -> impl Iterator<Item = &Vendor> {
        self.vendors.values()
    }

    /// Everybody who makes or sells the model, its vendor first. Two keys are of different make only if no name is in both lists.
    #[must_use]
    pub fn makers(&self, aaguid: Uuid) -> Vec<Relation> {
        let Some(model) = self.models.get(&aaguid) else { return Vec::new() };
        if model.kind == Kind::MetadataOnly {
            return self.concluded_maker(model).into_iter().collect();
        }
        let own = Relation {
            name: model.vendor.clone(),
            role: Role::Vendor,
            product: None,
            basis: "the model is listed under this vendor".to_owned(),
            source: model.sources.join("; "),
            confidence: Confidence::Stated,
        };
        let all = self.vendors.get(&model.vendor).map(|vendor| vendor.related.clone()).unwrap_or_default();
        [own].into_iter().chain(model.related.clone()).chain(all).collect()
    }

    /// The firmware version behind getInfo's number, by the scheme of the model's vendor.
    #[must_use]
    pub fn firmware(&self, aaguid: Uuid, raw: u64) -> Option<Firmware> {
        let vendor = self.vendors.get(&self.models.get(&aaguid)?.vendor)?;
        Firmware::decode(vendor.firmware_scheme, raw)
    }

    /// The certificates that the model's attestation may lead to. None for an unknown model: then nothing can be trusted.
    #[must_use]
    pub fn anchors(&self, aaguid: Uuid) -> Vec<Anchor> {
        let soft = self.soft.get(&aaguid).into_iter().flatten().cloned();
        self.anchor_records(aaguid).map(AnchorRecord::anchor).chain(soft).collect()
    }

    /// The same certificates with where they are from; without soft ones.
    pub fn anchor_records(&self, aaguid: Uuid) -> impl Iterator<Item = &AnchorRecord> {
        self.models
            .get(&aaguid)
            .into_iter()
            .flat_map(|model| &model.anchors)
            .filter_map(|id| self.anchors.get(id))
    }

    /// All anchors.
    pub fn all_anchors(&self) -> impl Iterator<Item = &AnchorRecord> {
        self.anchors.values()
    }

    /// The certificates that may vouch for FIDO's metadata, and for no key.
    pub fn mds_roots(&self) -> impl Iterator<Item = &AnchorRecord> {
        self.mds_roots.values()
    }

    /// All advisories.
    #[must_use]
    pub fn advisories(&self) -> &[Advisory] {
        &self.advisories
    }

    /// The advisories that are, or may be, about a key of this model: first those that are.
    #[must_use]
    pub fn advisories_for(&self, aaguid: Uuid, firmware: Option<Firmware>) -> Vec<(&Advisory, Applies)> {
        let (model, makers) = (self.model(aaguid), self.makers(aaguid));
        let key = Subject { aaguid: Some(aaguid), model, makers, firmware };
        let weighed = self.advisories.iter().map(|advisory| (advisory, advisory.applies(&key)));
        let mut found: Vec<_> = weighed.filter(|(_, applies)| *applies != Applies::No).collect();
        found.sort_by_key(|(_, applies)| std::cmp::Reverse(*applies));
        found
    }

    /// A USB product that is known to be a FIDO key.
    #[must_use]
    pub fn usb_device(&self, vendor_id: u16, product_id: u16) -> Option<&UsbDevice> {
        self.usb.get(&(vendor_id, product_id))
    }
}
