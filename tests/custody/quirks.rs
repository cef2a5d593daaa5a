//! Models that misbehave, each played by real firmware that misbehaves that way. What the catalogue says of the model
//! makes the difference: another model with the same fault is caught. Three habits strike only at what this program never
//! asks (a touch to choose by, transports, EdDSA): that such a key works here is all that is seen here, and that the habit
//! strikes is in `tests/soft_key/faults.rs`.

use serde_json::Value;

use crate::rig::{PIN, Rig, finding, sign};

/// The quirk, the fault, the model, what this program's check makes of it, and whether it warns.
const CASES: [(&str, &str, &str, bool); 7] = [
    ("pin-protocol-two-refused", "refuse-protocol-two", "ab32f0c6-2239-afbb-c470-d2ef4e254db7", true),
    ("selection-missing-parameter", "refuse-selection", "42b4fb4a-2866-43b2-9bf7-6c6669c2e5d3", true),
    ("exclude-list-refused", "refuse-exclude-list", "8876631b-d4a0-427f-5773-0ec71c9e0279", true),
    ("non-canonical-cbor", "non-canonical@getinfo", "c39efba6-fcf4-4c3e-828b-fc4a6115a0ff", false),
    ("retries-want-protocol", "refuse-bare-retries", "2cd2f727-f6ca-44da-8f48-5c2e5da000a2", false),
    ("transports-refused", "refuse-transports", "9f77e279-a6e2-4d58-b700-31e5943c6a98", false),
    ("eddsa-signed-wrongly", "refuse-eddsa", "8652abe9-fbd8-4810-a840-d6fc442a8c2c", false),
];
const YUBIKEY: &str = crate::rig::YUBIKEY;

fn rig(aaguid: &str, fault: &str) -> Rig {
    let rig = Rig::new();
    rig.add_with_firmware("k", aaguid, None);
    let set = rig.run(&format!("{PIN}\n"), &["pin", "set"]);
    assert_eq!(set.code, 0, "{set:?}");
    rig.fault("k", &[fault]);
    rig
}

/// The findings that say whether the key works.
fn works(document: &Value) -> bool {
    ["uv-proven", "test-registration", "test-assertion", "pin-retries"]
        .iter()
        .all(|id| sign(document, id) == "pass")
}

#[test]
fn every_quirk_of_the_catalogue_is_played_here() {
    let mut played: Vec<_> = CASES.iter().map(|(id, ..)| *id).collect();
    played.sort_unstable();
    let catalogue = glasskey::catalogue::Catalogue::builtin().unwrap();
    let known: Vec<_> = catalogue.quirks().iter().map(|quirk| quirk.id.as_str()).collect();
    assert_eq!(played, known);
}

#[test]
fn a_key_that_misbehaves_as_its_model_is_known_to_works_here_and_the_check_tells_of_it() {
    for (id, fault, aaguid, warns) in CASES {
        let rig = rig(aaguid, fault);
        let (_, document) = rig.json(&["check", "--no-record"]);
        assert!(works(&document), "{id}: {document:#}");
        let told = finding(&document, "quirks");
        assert_eq!(told["status"], if warns { "warn" } else { "pass" }, "{id}: {told}");
        let (code, info) = rig.json(&["info"]);
        let quirks = info["quirks"].as_array().unwrap();
        assert!(code == 0 && quirks.iter().any(|quirk| quirk["id"] == id), "{id}: {quirks:?}");
        let title = quirks.iter().find(|quirk| quirk["id"] == id).unwrap()["title"].as_str().unwrap();
        assert!(told["saw"].as_str().unwrap().contains(title), "{told}");
        let shown = rig.run("", &["info"]);
        assert!(shown.out.contains("known to misbehave") && shown.out.contains(id), "{}", shown.out);
    }
}

#[test]
fn a_model_without_the_quirk_that_refuses_its_own_protocol_is_caught_and_loses_no_attempt() {
    let rig = rig(YUBIKEY, "refuse-protocol-two");
    let (_, document) = rig.json(&["check", "--no-record", "--no-passkeys"]);
    let registration = finding(&document, "test-registration");
    assert_eq!((document["verdict"].as_str(), &registration["status"]), (Some("not-fit"), &"fail".into()));
    let cure = registration["cure"].as_str().unwrap();
    assert!(cure.contains("protocol two") && cure.contains("catalogue"), "{cure}");
    assert_eq!(finding(&document, "quirks")["saw"], "none known of this model");
    let (_, left) = rig.json(&["pin", "status"]);
    assert_eq!(left["retries"], 8, "{left}");
}

#[test]
fn a_key_that_offers_protocol_two_alone_is_tried_with_it_whatever_is_known_of_its_model() {
    use glasskey::ctap::protocol::Protocol;
    let mut info = glasskey::ctap::info::Info::parse(info_with(&[2])).unwrap();
    info.distrust(Protocol::Two);
    assert_eq!(info.protocol(), Some(Protocol::Two));
    let mut both = glasskey::ctap::info::Info::parse(info_with(&[2, 1])).unwrap();
    assert_eq!(both.protocol(), Some(Protocol::Two));
    both.distrust(Protocol::Two);
    assert_eq!(both.protocol(), Some(Protocol::One));
}

fn info_with(protocols: &[u64]) -> ciborium::Value {
    let protocols = protocols.iter().map(|number| (*number).into()).collect();
    ciborium::Value::Map(vec![
        (1.into(), ciborium::Value::Array(vec!["FIDO_2_1".into()])),
        (3.into(), ciborium::Value::Bytes(vec![7; 16])),
        (6.into(), ciborium::Value::Array(protocols)),
    ])
}

#[test]
fn the_list_to_exclude_is_left_out_for_the_models_that_refuse_it_and_for_no_others() {
    let solo = "8876631b-d4a0-427f-5773-0ec71c9e0279";
    for (aaguid, code) in [(solo, 0), (YUBIKEY, 1)] {
        let rig = Rig::new();
        rig.allow(&[aaguid]);
        let plan = std::fs::read_to_string(rig.at("plan.toml")).unwrap();
        std::fs::write(rig.at("plan.toml"), plan.replace("vendors = [\"Yubico\"]\n", "")).unwrap();
        for name in ["a", "b"] {
            rig.add_with_firmware(name, aaguid, None);
        }
        rig.plug(&["a"]);
        rig.enroll("a", "EA-01");
        rig.plug(&["b"]);
        rig.fault("b", &["refuse-exclude-list"]);
        let (found, document) = rig.json(&["enroll", "--account", "EA-01", "--site", "Berlin"]);
        assert_eq!(found, code, "{document:#}");
    }
}

#[test]
fn a_key_that_neither_tells_which_one_it_is_nor_can_be_told_what_it_may_not_hold_is_not_enrolled_twice() {
    let solo = "8876631b-d4a0-427f-5773-0ec71c9e0279";
    let rig = Rig::new();
    rig.allow(&[solo]);
    let plan = std::fs::read_to_string(rig.at("plan.toml")).unwrap();
    std::fs::write(rig.at("plan.toml"), plan.replace("vendors = [\"Yubico\"]\n", "")).unwrap();
    rig.add_with_firmware("a", solo, None);
    rig.enroll("a", "EA-01");
    rig.fault("a", &["ctap-error=0x36@getassertion*1"]);
    let head = rig.head();
    let (code, refused) = rig.json(&["enroll", "--account", "EA-01", "--site", "Berlin"]);
    assert_eq!((code, &refused["error"]["kind"]), (1, &"already-enrolled".into()), "{refused:#}");
    assert_eq!(rig.head(), head, "nothing was begun");
}

#[test]
fn an_organisations_own_quirk_counts_like_one_of_the_catalogue() {
    let rig = rig(YUBIKEY, "refuse-protocol-two");
    std::fs::create_dir(rig.at("own")).unwrap();
    let quirk = format!(
        "updated = \"2026-11-22\"\n[[quirk]]\nid = \"ours\"\ntitle = \"ours\"\naaguids = [\"{YUBIKEY}\"]\nseen_on = \"ours\"\n\
         handled = \"One.\"\neffect = \"pin-protocol-one\"\nsources = [\"a/b\"]\nconfidence = \"stated\"\n"
    );
    std::fs::write(rig.at("own/quirks.toml"), quirk).unwrap();
    let own = rig.at("own").display().to_string();
    let (_, document) = rig.json(&["--catalogue", &own, "check", "--no-record"]);
    assert!(works(&document), "{document:#}");
    // Named by the plan, it counts as well.
    let plan = std::fs::read_to_string(rig.at("plan.toml")).unwrap();
    std::fs::write(rig.at("plan.toml"), plan + "[catalogue]\nfolders = [\"own\"]\n").unwrap();
    let (_, document) = rig.json(&["check", "--no-record"]);
    assert!(works(&document), "{document:#}");
    // A slip in any file of the folder loses none of it silently: no key is opened, and no PIN is sent.
    std::fs::write(rig.at("own/models.toml"), "updated = 2026-11-22\n[[modle]]\n").unwrap();
    for verb in [&["pin", "verify"][..], &["pin", "status"], &["credentials", "list"], &["info"]] {
        let (code, refused) = rig.json(verb);
        assert_eq!((code, &refused["error"]["kind"]), (2, &"catalogue".into()), "{verb:?}: {refused:#}");
    }
}
