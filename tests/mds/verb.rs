//! `catalogue import-mds` through the real program, and what imported metadata change elsewhere.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::blob::{Blob, NOVEL, entry, folder_files};
use crate::mint::Draft;

const YUBIKEY: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";

/// A home of its own, and in it a catalogue folder that trusts the minted root.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let dir = tempdir().unwrap();
        fs::create_dir_all(dir.path().join("own/anchors")).unwrap();
        for (name, text) in folder_files() {
            fs::write(dir.path().join("own").join(name), text).unwrap();
        }
        Self(dir)
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// A BLOB with these entries that is not stale.
    fn blob(&self, name: &str, entries: &[Value]) -> String {
        let blob = Blob::with(entries).bend(|blob| blob.payload["nextUpdate"] = "2039-01-01".into());
        fs::write(self.0.path().join(name), blob.jwt()).unwrap();
        self.at(name)
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasskey"));
        command.env("HOME", self.0.path()).env_remove("XDG_DATA_HOME").current_dir(self.0.path());
        command.env_remove("GLASSKEY_LEDGER").env_remove("GLASSKEY_PLAN");
        let output = command.args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// With the folder.
    fn own(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run(&[&["--catalogue", &self.at("own")], arguments].concat())
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let (code, out, err) = self.own(&[&["--json"], arguments].concat());
        let document = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out} {err}"));
        let faults = crate::schema::faults(&document);
        assert!(faults.is_empty(), "{arguments:?}: {faults:#?}\n{document:#}");
        (code, document)
    }
}

#[test]
fn an_import_is_told_kept_and_shown() {
    let place = Place::new();
    let file = place.blob("a.jwt", &[entry(NOVEL), entry(YUBIKEY)]);
    let (code, _, err) = place.run(&["catalogue", "import-mds", &file]);
    assert!(
        code == 1 && err.contains("leads to no root"),
        "the compiled-in roots know nothing of ours: {err}"
    );
    assert!(!Path::new(&place.at(".local/share/glasskey/mds.json")).exists());

    let (code, imported) = place.json(&["catalogue", "import-mds", &file]);
    assert_eq!((code, &imported["number"], &imported["before"]), (0, &300.into(), &Value::Null));
    assert_eq!((&imported["stale"], &imported["behind"]), (&false.into(), &false.into()));
    assert_eq!(imported["signed"]["root"], "Metadata Root");
    assert_eq!((&imported["entries"]["entries"], &imported["entries"]["models"]), (&2.into(), &2.into()));
    assert_eq!(imported["new"][0]["aaguid"], NOVEL);
    assert!(Path::new(&place.at("own/mds.json")).exists(), "in the organisation's folder");

    let (code, shown) = place.json(&["catalogue", "show", NOVEL]);
    assert_eq!((code, &shown["model"]["kind"]), (0, &"metadata-only".into()));
    assert_eq!((&shown["metadata"]["number"], &shown["metadata"]["signed"]), (&300.into(), &true.into()));
    assert_eq!(shown["metadata"]["entry"]["get_info"]["versions"][0], "FIDO_2_1");
    let (_, text, _) = place.own(&["catalogue", "show", NOVEL]);
    assert!(text.contains("imported: FIDO MDS3 no. 300") && text.contains("2039-01-01"), "{text}");
    let (_, list, _) = place.own(&["catalogue", "list", "novel"]);
    assert!(list.contains(NOVEL) && list.contains("vendor not known"), "{list}");
    assert_eq!(place.run(&["catalogue", "show", NOVEL]).0, 2, "without the folder nothing is known of it");
}

#[test]
fn refusals_end_with_1_and_what_is_no_blob_with_2() {
    let place = Place::new();
    let good = Blob::with(&[entry(NOVEL)]);
    let forged = good.clone().bend(|blob| blob.leaf = Draft::ca("x", 80).self_signed()).jwt();
    for (name, text, code, says) in [
        ("forged", forged.as_str(), 1, "the signature is false"),
        ("bare", &good.payload.to_string(), 1, "--unsigned"),
        ("text", "hello", 2, "no metadata BLOB"),
    ] {
        fs::write(place.0.path().join(name), text).unwrap();
        let (found, out, err) = place.own(&["catalogue", "import-mds", &place.at(name)]);
        assert!(found == code && out.is_empty() && err.contains(says), "{name}: {found} {err}");
    }
    assert_eq!(place.own(&["catalogue", "import-mds", &place.at("none")]).0, 2);
    let file = place.blob("a.jwt", &[entry(NOVEL)]);
    assert_eq!(place.own(&["catalogue", "import-mds", &file, "--at", "2019-12-31"]).0, 1, "not valid yet");
    assert_eq!(place.own(&["catalogue", "import-mds", &file, "--at", "yesterday"]).0, 2);
    assert_eq!(place.own(&["catalogue", "import-mds", &file, "--at", "2026-01-01T12:00:00Z"]).0, 0);
    let (code, error) = place.json(&["catalogue", "import-mds", &place.at("bare"), "--unsigned"]);
    assert_eq!((code, &error["error"]["kind"]), (1, &"metadata".into()), "{error}");
}

#[test]
fn an_unsigned_payload_is_marked_wherever_it_is_used() {
    let place = Place::new();
    let payload = Blob::with(&[entry(NOVEL)]).payload.to_string();
    fs::write(place.0.path().join("bare"), payload).unwrap();
    let (code, text, _) = place.run(&["catalogue", "import-mds", &place.at("bare"), "--unsigned"]);
    assert!(code == 0 && text.contains("no. 300, unsigned") && text.contains("nobody signed it"), "{text}");
    assert!(Path::new(&place.at(".local/share/glasskey/mds.json")).exists(), "beside the ledger");
    let (_, text, _) = place.run(&["catalogue", "show", NOVEL]);
    assert!(text.contains("no. 300, unsigned"), "{text}");
    let (_, text, _) = place.run(&["doctor"]);
    assert!(text.contains("warn metadata") && text.contains("unsigned"), "{text}");
}

#[test]
fn a_kept_file_that_was_changed_stops_what_rests_on_it_and_names_the_cure() {
    let place = Place::new();
    let file = place.blob("a.jwt", &[entry(NOVEL)]);
    assert_eq!(place.own(&["catalogue", "import-mds", &file]).0, 0);
    let kept = place.at("own/mds.json");
    let text = fs::read_to_string(&kept).unwrap().replacen("eyJ", "eyK", 1);
    fs::write(&kept, text).unwrap();
    for verb in [&["catalogue", "show", YUBIKEY][..], &["catalogue", "list"]] {
        let (code, _, err) = place.own(verb);
        assert!(
            code == 2 && err.contains("cannot be used") && err.contains("import the BLOB again"),
            "{err}"
        );
    }
    let (code, text, _) = place.own(&["doctor"]);
    assert!(code == 1 && text.contains("FAIL metadata"), "{text}");
    assert_eq!(place.own(&["catalogue", "import-mds", &file]).0, 0);
    assert_eq!(place.own(&["catalogue", "list"]).0, 0);
}

#[cfg(feature = "softkey")]
mod checked {
    use super::*;
    use serde_json::json;

    fn finding<'d>(document: &'d Value, id: &str) -> &'d Value {
        document["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == id).unwrap()
    }

    fn check(place: &Place, aaguid: &str) -> Value {
        let soft = place.at(aaguid);
        if !Path::new(&soft).exists() {
            assert_eq!(place.run(&["soft", "create", &soft, "a", "--aaguid", aaguid]).0, 0);
        }
        place.json(&["--soft", &soft, "check", "--no-touch"]).1
    }

    fn import(place: &Place, entries: &[Value], bend: impl FnOnce(&mut Blob)) {
        let blob =
            Blob::with(entries).bend(|blob| blob.payload["nextUpdate"] = "2039-01-01".into()).bend(bend);
        fs::write(place.0.path().join("a.jwt"), blob.jwt()).unwrap();
        let (code, _, err) = place.own(&["catalogue", "import-mds", &place.at("a.jwt")]);
        assert_eq!(code, 0, "{err}");
    }

    #[test]
    fn a_key_that_only_metadata_know_is_at_most_fit_with_warnings() {
        let place = Place::new();
        let soft = place.at(NOVEL);
        assert_eq!(finding(&check(&place, NOVEL), "model-known")["status"], "fail");
        import(&place, &[entry(NOVEL)], |_| {});
        let document = check(&place, NOVEL);
        for id in ["model-known", "hardware-model"] {
            assert_eq!(finding(&document, id)["status"], "warn", "{document:#}");
        }
        let certified = finding(&document, "certified");
        assert_eq!(
            (&certified["status"], &certified["saw"]),
            (&"pass".into(), &"FIDO_CERTIFIED_L1, by FIDO MDS3 no. 300".into())
        );
        let (_, keys) = place.json(&["--soft", &soft, "keys"]);
        assert_eq!(keys["keys"][0]["model"], "Novel Key", "also in the list of keys");
        // Stale metadata say so.
        import(&place, &[entry(NOVEL)], |blob| blob.payload["nextUpdate"] = "2026-01-01".into());
        let certified = check(&place, NOVEL);
        let certified = finding(&certified, "certified");
        assert!(certified["status"] == "warn" && certified["saw"].as_str().unwrap().contains("2026-01-01"));
    }

    #[test]
    fn a_model_that_fido_revokes_is_not_fit() {
        let place = Place::new();
        assert_eq!(finding(&check(&place, YUBIKEY), "certified")["status"], "pass");
        let mut revoked = entry(YUBIKEY);
        revoked["statusReports"] = json!([{ "status": "REVOKED", "effectiveDate": "2026-11-02" }]);
        import(&place, &[revoked], |_| {});
        let document = check(&place, YUBIKEY);
        assert_eq!(document["verdict"], "not-fit");
        for id in ["certified", "advisory"] {
            let found = finding(&document, id);
            assert_eq!(found["status"], "fail", "{document:#}");
            assert!(found["saw"].as_str().unwrap().contains("FIDO MDS3 no. 300: REVOKED since 2026-11-02"));
        }
    }
}
