#![no_main]
//! A folder of catalogue files, as a person may add one: all of it is added, or nothing.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::LazyLock;

use glasskey::catalogue::{Catalogue, Firmware, Model};
use glasskey::term::escape::escape_lines;
use glasskey::term::show;
use glasskey_fuzz::{assert_harmless, assert_harmless_screen};
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

/// The files of the folder stand in one input with this between them: no text holds it.
const BETWEEN: u8 = 0xff;
const FILES: [&str; 8] = [
    "models.toml",
    "advisories.toml",
    "usb.toml",
    "anchors.toml",
    "anchors/a.pem",
    "chips.toml",
    "quirks.toml",
    "advisories/ours.toml",
];

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    for inside in ["anchors", "advisories"] {
        std::fs::create_dir(folder.path().join(inside)).expect("a folder in it");
    }
    folder
});
static BUILTIN: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the compiled-in files are sound"));

thread_local! {
    static CATALOGUE: RefCell<Catalogue> = RefCell::new(BUILTIN.clone());
}

fuzz_target!(|bytes: &[u8]| {
    let folder: PathBuf = FOLDER.path().to_owned();
    let mut parts = bytes.split(|byte| *byte == BETWEEN);
    for name in FILES {
        let path = folder.join(name);
        match parts.next().filter(|part| !part.is_empty()) {
            Some(part) => std::fs::write(path, part).expect("it is written"),
            None => drop(std::fs::remove_file(path)),
        }
    }
    CATALOGUE.with_borrow_mut(|catalogue| match catalogue.add_dir(&folder) {
        Ok(()) => {
            grown(catalogue);
            *catalogue = BUILTIN.clone();
        }
        Err(error) => {
            assert_harmless(&escape_lines(&error.to_string()).replace('\n', ""));
            assert_eq!(counts(catalogue), counts(&BUILTIN), "half of it was added");
        }
    });
});

fn counts(catalogue: &Catalogue) -> [usize; 6] {
    [
        catalogue.models().count(),
        catalogue.vendors().count(),
        catalogue.all_anchors().count(),
        catalogue.advisories().len(),
        catalogue.chips().len(),
        catalogue.quirks().len(),
    ]
}

fn shown(catalogue: &Catalogue, model: &Model) {
    assert_harmless_screen(&show::model(catalogue, model, date(2026, 11, 22)));
}

fn grown(catalogue: &Catalogue) {
    let (before, after) = (counts(&BUILTIN), counts(catalogue));
    assert!(before.iter().zip(after).all(|(before, after)| *before <= after), "something is gone");
    for anchor in BUILTIN.all_anchors() {
        assert!(catalogue.all_anchors().any(|one| one == anchor), "an anchor was replaced");
    }
    for model in catalogue.models().filter(|model| BUILTIN.model(model.aaguid) != Some(*model)) {
        assert_eq!(model.file, "models.toml");
        assert_eq!(catalogue.anchors(model.aaguid).len(), model.anchors.len());
        assert!(model.anchors.is_empty() || model.kind.is_hardware_key());
        let _ = catalogue.firmware(model.aaguid, 0x0005_0704);
        for firmware in [None, Some(Firmware::new(5, 7, 4))] {
            drop(catalogue.advisories_for(model.aaguid, firmware));
        }
        shown(catalogue, model);
    }
    // What is said of a model that is compiled in.
    for quirk in catalogue.quirks().iter().filter(|quirk| !BUILTIN.quirks().contains(quirk)) {
        for model in quirk.aaguids.iter().filter_map(|aaguid| catalogue.model(*aaguid)) {
            shown(catalogue, model);
        }
    }
}
