//! How metadata are kept: whole, never older, and believed only after all checks.

use std::fs;
use std::path::Path;

use glasskey::mds::MdsError;
use glasskey::mds::store::{self, Import, Kept};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::tempdir;

use crate::blob::{Blob, NOVEL, chain, entry, roots, signer, then, when};
use crate::mint::Draft;

fn number(number: u32) -> Blob {
    Blob::with(&[entry(NOVEL)]).bend(|blob| blob.payload["no"] = number.into())
}

fn import(folder: &Path, raw: &str, at: Timestamp) -> Result<(Kept, Option<u32>), MdsError> {
    let asked = Import { raw, source: "a.jwt", unsigned: true, at, now: then() };
    store::import(folder, asked, &roots())
}

fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.collect()
}

#[test]
fn what_was_imported_is_read_again_as_it_was() {
    let dir = tempdir().unwrap();
    let folder = dir.path().join("not/there/yet");
    assert_eq!(store::read(&folder, &roots()).unwrap(), None);
    let jwt = format!("\u{feff}{}\n", number(300).jwt());
    let (kept, before) = import(&folder, &jwt, then()).unwrap();
    assert_eq!((before, kept.imported, kept.source.as_str()), (None, then(), "a.jwt"));
    assert_eq!(store::read(&folder, &roots()).unwrap(), Some(kept));
    assert_eq!(names(&folder), ["mds.json"], "and nothing else is left");
    let document: Value = serde_json::from_slice(&fs::read(store::file(&folder)).unwrap()).unwrap();
    assert_eq!(document["raw"], jwt, "byte for byte");
}

#[test]
fn an_older_number_is_refused_and_changes_nothing() {
    let dir = tempdir().unwrap();
    import(dir.path(), &number(300).jwt(), then()).unwrap();
    let before = fs::read(store::file(dir.path())).unwrap();
    let older = import(dir.path(), &number(299).jwt(), then());
    assert!(matches!(older, Err(MdsError::Older { number: 299, last: 300 })));
    let forged = number(301).bend(|blob| blob.leaf = signer().self_signed()).jwt().replace("eyJ", "eyK");
    assert!(import(dir.path(), &forged, then()).is_err());
    assert_eq!(fs::read(store::file(dir.path())).unwrap(), before);
    assert_eq!(import(dir.path(), &number(300).jwt(), then()).unwrap().1, Some(300), "the same again");
    assert_eq!(import(dir.path(), &number(301).jwt(), then()).unwrap().1, Some(300));
}

#[test]
fn a_bare_payload_never_takes_the_place_of_a_signed_blob() {
    let dir = tempdir().unwrap();
    let payload = number(999).payload.to_string();
    import(dir.path(), &payload, then()).unwrap();
    assert!(matches!(
        import(dir.path(), &number(998).payload.to_string(), then()),
        Err(MdsError::Older { .. })
    ));
    assert!(!store::read(dir.path(), &roots()).unwrap().unwrap().metadata.is_signed(), "marked for ever");
    assert_eq!(import(dir.path(), &number(300).jwt(), then()).unwrap().1, Some(999), "whatever it claims");
    assert!(matches!(import(dir.path(), &payload, then()), Err(MdsError::UnsignedOverSigned(300))));
    let asked = Import { raw: &payload, source: "a", unsigned: false, at: then(), now: then() };
    assert!(matches!(store::import(dir.path(), asked, &roots()), Err(MdsError::Unsigned)));
}

#[test]
fn it_stays_good_when_the_signers_certificate_runs_out_and_no_longer_without_its_root() {
    let dir = tempdir().unwrap();
    let (_, ca, _) = chain();
    let leaf = Draft { validity: ["250101000000Z", "251231235959Z"], ..signer() }.signed_by(&ca);
    let jwt = Blob::signed_under(leaf, &[&ca]).jwt();
    assert!(matches!(import(dir.path(), &jwt, then()), Err(MdsError::NotValid { .. })));
    import(dir.path(), &jwt, when("2025-06-01T00:00:00Z")).unwrap();
    let kept = store::read(dir.path(), &roots()).unwrap().unwrap();
    assert_eq!(kept.imported, then());
    let other = Draft::ca("Metadata Root", 60).self_signed().issuer();
    assert!(matches!(store::read(dir.path(), &[other]), Err(MdsError::NoPath(_))));
    // A time to come is not taken: what will be valid is not valid.
    let asked =
        Import { raw: &jwt, source: "a", unsigned: false, at: when("2030-01-01T00:00:00Z"), now: then() };
    assert!(
        matches!(store::import(dir.path(), asked, &roots()), Err(MdsError::NotValid { at, .. }) if at == then())
    );
}

#[test]
fn a_kept_file_that_was_changed_is_not_believed_and_can_be_replaced() {
    let dir = tempdir().unwrap();
    import(dir.path(), &number(300).jwt(), then()).unwrap();
    let file = store::file(dir.path());
    let good: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let bends: [fn(&mut Value); 8] = [
        |kept| kept["raw"] = number(999).payload.to_string().into(),
        |kept| kept["raw"] = number(301).jwt().into(),
        |kept| kept["raw"] = kept["raw"].as_str().unwrap().replacen("eyJ", "eyK", 1).into(),
        |kept| kept["sha256"] = "00".into(),
        |kept| kept["schema"] = "glasskey.mds/2".into(),
        |kept| kept["at"] = "2026-11-23T10:00:00Z".into(),
        |kept| kept["at"] = "2050-01-01T00:00:00Z".into(),
        |kept| kept["signed"] = true.into(),
    ];
    for (case, bend) in bends.iter().enumerate() {
        let mut kept = good.clone();
        bend(&mut kept);
        fs::write(&file, kept.to_string()).unwrap();
        assert!(store::read(dir.path(), &roots()).is_err(), "case {case}");
    }
    for text in ["", "{}", "null", "\u{0}"] {
        fs::write(&file, text).unwrap();
        assert!(store::read(dir.path(), &roots()).is_err(), "{text:?}");
    }
    assert_eq!(import(dir.path(), &number(300).jwt(), then()).unwrap().1, None);
    assert!(store::read(dir.path(), &roots()).is_ok());
}

#[test]
fn files_that_are_none_are_told_apart() {
    let dir = tempdir().unwrap();
    assert!(matches!(store::text(&dir.path().join("none")), Err(MdsError::File { .. })));
    assert!(matches!(store::text(dir.path()), Err(MdsError::File { .. })), "a folder");
    let binary = dir.path().join("binary");
    fs::write(&binary, [0xff, 0xfe]).unwrap();
    assert!(matches!(store::text(&binary), Err(MdsError::NoBlob(_))));
    let huge = dir.path().join("huge");
    fs::File::create(&huge).unwrap().set_len(65 << 20).unwrap();
    assert!(matches!(store::text(&huge), Err(MdsError::TooLarge(_))));
}
