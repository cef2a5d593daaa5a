//! What imported metadata adds, beneath the catalogue's own: ours wins, and a warning is never lost.
//!
//! | what it says | what becomes of it |
//! |---|---|
//! | a model that the catalogue doesn't have | known, as [`Kind::MetadataOnly`] |
//! | a certificate of a model that the catalogue doesn't call certified | counts |
//! | that a certified model is certified no more | counts, if FIDO signed it |
//! | a further root certificate of a hardware key | counts, if FIDO signed it |
//! | that a model is revoked or compromised | counts, whatever the catalogue says |
//!
//! Metadata older than what the catalogue was made from only warns: what it lacks since was taken out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::Catalogue;
use super::anchor::AnchorRecord;
use super::model::{Certification, Confidence, Kind, Model, Relation, Role, Said};
use crate::mds::store::Kept;
use crate::mds::{Entry, Standing, Warning};

/// Where a model stands with FIDO's certification, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified<'a> {
    /// The level.
    pub certification: Certification,
    /// The status, as FIDO writes it.
    pub status: Option<&'a str>,
    /// Whether imported metadata says so, and not the catalogue.
    pub imported: bool,
}

/// FIDO warns of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warned {
    /// What it says.
    pub warning: Warning,
    /// Which metadata say it.
    pub by: String,
}

impl std::fmt::Display for Warned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.by, self.warning)
    }
}

impl Catalogue {
    /// Lays imported metadata beneath the catalogue.
    pub fn add_metadata(&mut self, kept: Kept) {
        let fresh = kept.metadata.number >= self.about.mds_number;
        if fresh {
            let day = kept.imported.to_zoned(TimeZone::UTC).date();
            let by_hash: BTreeMap<String, String> =
                self.all_anchors().map(|record| (record.sha256.clone(), record.id.clone())).collect();
            let mut roots = Roots { by_hash, new: BTreeMap::new(), source: kept.metadata.name() };
            let vendors = self.vendors_of_anchors();
            for entry in kept.metadata.entries() {
                let known = self.models.get(&entry.aaguid).map(|model| model.kind);
                let trusted = kept.metadata.is_signed() && known.is_none_or(Kind::is_hardware_key);
                let anchors = if trusted { roots.ids(&entry.roots, self) } else { Vec::new() };
                match Arc::make_mut(&mut self.models).get_mut(&entry.aaguid) {
                    Some(model) => {
                        let more = anchors.into_iter().filter(|id| !model.anchors.contains(id));
                        model.anchors.extend(more.collect::<Vec<_>>());
                    }
                    None => {
                        let model = only_here(entry, anchors, &vendors, &kept, day);
                        Arc::make_mut(&mut self.models).insert(entry.aaguid, model);
                    }
                }
            }
            Arc::make_mut(&mut self.anchors).extend(roots.new);
        }
        self.metadata = Some(kept);
    }

    /// The imported metadata, if any.
    #[must_use]
    pub fn metadata(&self) -> Option<&Kept> {
        self.metadata.as_ref()
    }

    /// What imported metadata says of a model.
    #[must_use]
    pub fn metadata_of(&self, aaguid: Uuid) -> Option<&Entry> {
        self.metadata.as_ref()?.metadata.entry(aaguid)
    }

    /// Whether imported metadata is older than what the catalogue was made from, so that it only warns.
    #[must_use]
    pub fn metadata_is_behind(&self) -> bool {
        self.metadata.as_ref().is_some_and(|kept| kept.metadata.number < self.about.mds_number)
    }

    /// Whether FIDO warns of a model, be it by the metadata that the catalogue was made from or by imported ones.
    #[must_use]
    pub fn warning(&self, aaguid: Uuid) -> Option<Warned> {
        let imported = self.metadata_of(aaguid).and_then(Entry::warning);
        if let Some((warning, kept)) = imported.zip(self.metadata.as_ref()) {
            return Some(Warned { warning, by: kept.metadata.name() });
        }
        let model = self.model(aaguid).filter(|model| model.has_bad_status())?;
        let warning = Warning {
            status: model.mds_status.clone()?,
            date: model.mds_status_date,
            version: None,
            url: None,
            updated_since: false,
        };
        Some(Warned { warning, by: format!("FIDO MDS3 no. {}", self.about.mds_number) })
    }

    /// Where a model stands with certification: by the catalogue, and by imported metadata where that has no certificate, or
    /// FIDO took it back since.
    #[must_use]
    pub fn certified(&self, aaguid: Uuid) -> Option<Certified<'_>> {
        let model = self.model(aaguid)?;
        let entry = self.metadata_of(aaguid).filter(|_| !self.metadata_is_behind());
        let only_here = model.kind == Kind::MetadataOnly;
        let is_certified = model.certification.is_certified();
        let signed = self.metadata.as_ref().is_some_and(|kept| kept.metadata.is_signed());
        let (certification, status, imported) = match (entry, entry.map(Entry::standing)) {
            (_, Some(Standing::Certified { level, status })) if only_here || !is_certified => {
                (Certification::of_level(level), Some(status), true)
            }
            (Some(entry), Some(Standing::NotCertified)) if is_certified && signed => {
                (Certification::NotCertified, entry.newest().map(|report| report.status.as_str()), true)
            }
            _ => (model.certification, model.mds_status.as_deref(), only_here),
        };
        Some(Certified { certification, status, imported })
    }

    /// Whose models each anchor vouches for.
    fn vendors_of_anchors(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut vendors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for model in self.models.values() {
            for id in &model.anchors {
                vendors.entry(id.clone()).or_default().insert(model.vendor.clone());
            }
        }
        vendors
    }

    /// Who makes a model that only metadata has: nobody, or whoever else's keys its root vouches for, which is a conclusion.
    pub(super) fn concluded_maker(&self, model: &Model) -> Option<Relation> {
        self.vendors.contains_key(&model.vendor).then(|| Relation {
            name: model.vendor.clone(),
            role: Role::Vendor,
            product: None,
            basis: "its attestation leads to a root of this vendor's keys alone".to_owned(),
            source: model.sources.join("; "),
            confidence: Confidence::Inferred,
        })
    }
}

/// Root certificates of one BLOB as anchors, each read once.
struct Roots {
    by_hash: BTreeMap<String, String>,
    new: BTreeMap<String, AnchorRecord>,
    source: String,
}

impl Roots {
    /// The ids of those that may serve.
    fn ids(&mut self, roots: &[Vec<u8>], catalogue: &Catalogue) -> Vec<String> {
        roots.iter().filter_map(|der| self.id(der, catalogue)).collect()
    }

    fn id(&mut self, der: &[u8], catalogue: &Catalogue) -> Option<String> {
        let record = AnchorRecord::of_metadata(der, &self.source)?;
        if let Some(id) = self.by_hash.get(&record.sha256) {
            return Some(id.clone());
        }
        // A root that issues to everybody vouches for nobody.
        if catalogue.mds_roots().any(|root| root.sha256 == record.sha256) || record.is_for_tests() {
            return None;
        }
        let id = record.id.clone();
        self.by_hash.insert(record.sha256.clone(), id.clone());
        self.new.insert(id.clone(), record);
        Some(id)
    }
}

/// A model that only metadata has.
fn only_here(
    entry: &Entry,
    anchors: Vec<String>,
    vendors: &BTreeMap<String, BTreeSet<String>>,
    kept: &Kept,
    day: Date,
) -> Model {
    let of = |id: &String| vendors.get(id).cloned().unwrap_or_default();
    let all: BTreeSet<String> = anchors.iter().flat_map(of).collect();
    let vendor = all.first().filter(|_| all.len() == 1).cloned();
    let certification = match entry.standing() {
        Standing::Certified { level, .. } => Certification::of_level(level),
        Standing::NotCertified | Standing::Unsaid => Certification::NotCertified,
    };
    let newest = entry.newest();
    Model {
        aaguid: entry.aaguid,
        vendor: vendor.unwrap_or_else(|| Model::NO_VENDOR.to_owned()),
        name: entry.description.clone(),
        mds_name: None,
        kind: Kind::MetadataOnly,
        firmware_min: None,
        firmware_max: None,
        certified_firmware: None,
        form_factors: Vec::new(),
        transports: None,
        bio: Said::Unsaid,
        fips: None,
        certification,
        mds_status: newest.map(|report| report.status.clone()),
        mds_status_date: newest.and_then(|report| report.date),
        entra_listed: Said::Unsaid,
        key_protection: entry.key_protection.clone(),
        anchors,
        related: Vec::new(),
        notes: Vec::new(),
        sources: vec![kept.metadata.name()],
        file: crate::mds::store::NAME.to_owned(),
        updated: day,
    }
}
