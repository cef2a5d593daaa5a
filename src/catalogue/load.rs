//! From files to a catalogue: the files compiled in, and a folder that a person adds.
//!
//! `build.rs` compiles each file of `aaguids/` in as what is quick to read: TOML as JSON, PEM as DER. Of these only the shape and
//! the names are checked at run time; a test reads the folder as a person's is read, certificates and all, and finds the same.

#![expect(clippy::disallowed_methods, reason = "reading a catalogue folder is this file's task")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

use super::entry::{AnchorFile, ModelEntry, ModelFile, UsbFile, VendorEntry};
use super::error::CatalogueError;
use super::model::{Model, Vendor};
use super::{About, Catalogue};

static BUILTIN: Dir<'_> = include_dir!("$OUT_DIR/aaguids");

/// Where a folder keeps advisories that were added to it, each in a file of its own.
pub const ADVISORIES: &str = "advisories";

/// What a file holds.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// TOML or PEM, as a person wrote it.
    Written(Vec<u8>),
    /// The same as JSON or DER, compiled in.
    Compiled(&'static [u8]),
}

/// A catalogue's files by their path, `/` between folder and file.
pub(super) type Files = BTreeMap<String, Content>;

/// The catalogue compiled into this program.
pub(super) fn builtin() -> Result<Catalogue, CatalogueError> {
    let mut files = Files::new();
    let anchors = BUILTIN.get_dir("anchors").into_iter().flat_map(Dir::files);
    for file in BUILTIN.files().chain(anchors) {
        let path = file.path().to_string_lossy().replace('\\', "/");
        files.insert(path, Content::Compiled(file.contents()));
    }
    let mut catalogue = Catalogue::new(parse::<About>(&files, "catalogue.toml")?);
    catalogue.absorb(&files)?;
    Ok(catalogue)
}

/// The catalogue files in a folder: `*.toml`, `anchors/*.pem` and `advisories/*.toml`. All else is left unread.
pub(super) fn folder(path: &Path) -> Result<Files, CatalogueError> {
    let mut files = read(path, "toml", "")?;
    for (inner, ending) in [("anchors", "pem"), (ADVISORIES, "toml")] {
        let folder = path.join(inner);
        if folder.is_dir() {
            files.extend(read(&folder, ending, &format!("{inner}/"))?);
        }
    }
    if files.is_empty() {
        return Err(CatalogueError::Folder {
            path: path.display().to_string(),
            problem: "it holds no catalogue files".to_owned(),
        });
    }
    Ok(files)
}

fn read(path: &Path, ending: &str, prefix: &str) -> Result<Files, CatalogueError> {
    let fault = |path: &Path, e: std::io::Error| CatalogueError::Folder {
        path: path.display().to_string(),
        problem: e.to_string(),
    };
    let mut files = Files::new();
    for entry in std::fs::read_dir(path).map_err(|e| fault(path, e))? {
        let file = entry.map_err(|e| fault(path, e))?.path();
        if file.extension().is_none_or(|found| found != ending) {
            continue;
        }
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let content = std::fs::read(&file).map_err(|e| fault(&file, e))?;
        files.insert(format!("{prefix}{name}"), Content::Written(content));
    }
    Ok(files)
}

pub(super) fn parse<T: DeserializeOwned>(files: &Files, name: &str) -> Result<T, CatalogueError> {
    let fault = |problem: String| CatalogueError::Syntax { file: name.to_owned(), problem };
    let content = files.get(name).ok_or_else(|| fault("the file is missing".to_owned()))?;
    let text = |bytes| std::str::from_utf8(bytes).map_err(|e| fault(e.to_string()));
    match content {
        Content::Written(toml) => {
            toml::from_str(text(toml.as_slice())?).map_err(|e| fault(e.to_string().trim_end().to_owned()))
        }
        Content::Compiled(json) => serde_json::from_str(text(json)?).map_err(|e| fault(e.to_string())),
    }
}

impl Catalogue {
    /// Takes one set of files in. On an error the catalogue may be half changed: callers work on a copy.
    pub(super) fn absorb(&mut self, files: &Files) -> Result<(), CatalogueError> {
        if files.contains_key("anchors.toml") {
            self.absorb_anchors(files)?;
        }
        let mut seen = BTreeMap::new();
        for name in files.keys().filter(|name| is_model_file(name)) {
            let file: ModelFile = parse(files, name)?;
            let vendor = file.vendor.map(|entry| self.absorb_vendor(name, entry)).transpose()?;
            for entry in file.models {
                let aaguid = entry.aaguid;
                if let Some(other) = seen.insert(aaguid, name.clone()) {
                    return Err(CatalogueError::Twice { file: name.clone(), other, aaguid });
                }
                let of = match (&vendor, &entry.vendor) {
                    (Some(one), None) | (None, Some(one)) => one.clone(),
                    _ => return Err(CatalogueError::Vendor { file: name.clone(), aaguid }),
                };
                self.make_room(name, &entry)?;
                let model = entry.model(of, name, file.updated);
                self.check(name, &model)?;
                Arc::make_mut(&mut self.models).insert(aaguid, model);
            }
        }
        self.absorb_faults(files)?;
        if files.contains_key("usb.toml") {
            let file: UsbFile = parse(files, "usb.toml")?;
            self.usb.extend(
                file.devices.into_iter().map(|device| ((device.vendor_id, device.product_id), device)),
            );
        }
        Ok(())
    }

    fn absorb_anchors(&mut self, files: &Files) -> Result<(), CatalogueError> {
        let file: AnchorFile = parse(files, "anchors.toml")?;
        let (anchors, roots) = (file.anchors.into_iter(), file.mds_roots.into_iter());
        for (mut record, root) in anchors.map(|one| (one, false)).chain(roots.map(|one| (one, true))) {
            let path = format!("anchors/{}", record.file);
            let certificate = files.get(&path).ok_or_else(|| CatalogueError::Anchor {
                id: record.id.clone(),
                problem: format!("{path} is missing; add it"),
            })?;
            match certificate {
                Content::Written(pem) => record.fill(pem)?,
                Content::Compiled(der) => record.der = der.to_vec(),
            }
            if self.anchors.contains_key(&record.id) || self.mds_roots.contains_key(&record.id) {
                return Err(CatalogueError::IdTaken { file: "anchors.toml".to_owned(), id: record.id });
            }
            let kept = if root { &mut self.mds_roots } else { Arc::make_mut(&mut self.anchors) };
            kept.insert(record.id.clone(), record);
        }
        Ok(())
    }

    /// A vendor that is known already keeps its firmware scheme, and gains the rest.
    fn absorb_vendor(&mut self, file: &str, entry: VendorEntry) -> Result<String, CatalogueError> {
        let name = entry.name;
        if let Some(known) = self.vendors.get_mut(&name) {
            if entry.firmware_scheme.is_some_and(|scheme| scheme != known.firmware_scheme) {
                return Err(CatalogueError::VendorConflict { file: file.to_owned(), vendor: name });
            }
            known.usb_vendor_ids.extend(entry.usb_vendor_ids);
            known.related.extend(entry.related);
        } else {
            let scheme = entry.firmware_scheme.unwrap_or_default();
            let vendor = Vendor {
                name: name.clone(),
                firmware_scheme: scheme,
                usb_vendor_ids: entry.usb_vendor_ids,
                related: entry.related,
            };
            self.vendors.insert(name.clone(), vendor);
        }
        Ok(name)
    }

    fn make_room(&self, file: &str, entry: &ModelEntry) -> Result<(), CatalogueError> {
        let (file, aaguid) = (file.to_owned(), entry.aaguid);
        match (self.models.get(&aaguid), entry.replaces) {
            (Some(known), false) => Err(CatalogueError::AlreadyKnown {
                file,
                aaguid,
                known: format!("{} {}", known.vendor, known.name),
            }),
            (None, true) => Err(CatalogueError::ReplacesNothing { file, aaguid }),
            _ => Ok(()),
        }
    }

    fn check(&self, file: &str, model: &Model) -> Result<(), CatalogueError> {
        let (file, aaguid) = (file.to_owned(), model.aaguid);
        if !model.anchors.is_empty() && !model.kind.is_hardware_key() {
            return Err(CatalogueError::AnchorsForbidden { file, aaguid, kind: model.kind.words() });
        }
        match model.anchors.iter().find(|id| !self.anchors.contains_key(*id)) {
            Some(anchor) => Err(CatalogueError::UnknownAnchor { file, aaguid, anchor: anchor.clone() }),
            None => Ok(()),
        }
    }
}

fn is_model_file(name: &str) -> bool {
    let others =
        ["catalogue.toml", "anchors.toml", "advisories.toml", "chips.toml", "quirks.toml", "usb.toml"];
    name.ends_with(".toml") && !name.contains('/') && !others.contains(&name)
}
