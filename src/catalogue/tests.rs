use super::load::{Content, Files};
use super::*;

const YUBIKEY_54: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a"; // series 5.2 to 5.4
const YUBIKEY_51: &str = "fa2b99dc-9e39-4257-8f92-4a30d23c4118"; // series 5.1
const YUBIKEY_57: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c"; // series 5.7
const BIO_57: &str = "dd86a2da-86a0-4cbe-b462-4bd31f57bc6f";
const FIPS_54: &str = "c1f9a0bc-1dd2-404a-b27f-8e29047a43fd";
const ISHIELD_PRO: &str = "5d629218-d3a5-11ed-afa1-0242ac120002";
const HYPERFIDO: &str = "23195a52-62d9-40fa-8ee5-23b173f4fb52";
const SOLO_1: &str = "8876631b-d4a0-427f-5773-0ec71c9e0279";

fn id(text: &str) -> Uuid {
    text.parse().expect(text)
}

fn about(key: &str, advisory: &str, firmware: Option<&str>) -> Applies {
    let catalogue = Catalogue::builtin().expect("built in");
    let firmware = firmware.map(|text| text.parse().expect(text));
    let found = catalogue.advisories_for(id(key), firmware);
    found.iter().find(|(one, _)| one.id == advisory).map_or(Applies::No, |(_, applies)| *applies)
}

#[test]
fn eucleak_ends_at_its_firmware() {
    use Applies::{CannotTell, No, Yes};
    for (key, firmware, expected) in [
        (YUBIKEY_54, Some("5.2.4"), Yes),
        (YUBIKEY_57, Some("5.6.9"), Yes),
        (YUBIKEY_57, Some("5.7.0"), No),
        (YUBIKEY_57, Some("5.8.0"), No),
        (YUBIKEY_57, None, CannotTell),
        (BIO_57, Some("5.7.1"), Yes),
        (BIO_57, Some("5.7.2"), No),
        (BIO_57, None, CannotTell),
        (SOLO_1, None, No),
    ] {
        assert_eq!(about(key, "YSA-2024-03", firmware), expected, "{key} {firmware:?}");
    }
}

#[test]
fn without_firmware_a_series_can_condemn_and_never_acquit() {
    assert_eq!(about(YUBIKEY_51, "YSA-2024-03", None), Applies::Yes);
    assert_eq!(about(YUBIKEY_51, "YSA-2025-02", None), Applies::CannotTell, "5.1 lies before the range");
    assert_eq!(about(YUBIKEY_51, "YSA-2025-02", Some("5.1.2")), Applies::No);
}

#[test]
fn other_firmware_boundaries() {
    use Applies::{CannotTell, No, Yes};
    for (key, advisory, firmware, expected) in [
        (YUBIKEY_54, "YSA-2025-02", Some("5.4.0"), No),
        (YUBIKEY_54, "YSA-2025-02", Some("5.4.1"), Yes),
        (YUBIKEY_57, "YSA-2025-02", Some("5.7.3"), Yes),
        (YUBIKEY_57, "YSA-2025-02", Some("5.7.4"), No),
        (FIPS_54, "YSA-2024-02", Some("5.7.1"), Yes),
        (FIPS_54, "YSA-2024-02", Some("5.7.2"), No),
        (BIO_57, "YSA-2024-02", Some("5.6.3"), Yes),
        (BIO_57, "YSA-2024-02", Some("5.6.4"), No),
        (YUBIKEY_54, "YSA-2020-04", Some("5.2.6"), Yes),
        (YUBIKEY_54, "YSA-2020-04", Some("5.2.7"), No),
        (YUBIKEY_54, "YSA-2020-04", Some("5.3.1"), Yes),
        (YUBIKEY_54, "YSA-2020-04", Some("5.3.2"), No),
        (ISHIELD_PRO, "SB-2024-01", None, CannotTell),
        (SOLO_1, "CVE-2020-27208", None, Yes),
        (YUBIKEY_54, "YSA-2019-02", Some("4.4.2"), No),
    ] {
        assert_eq!(about(key, advisory, firmware), expected, "{key} {advisory} {firmware:?}");
    }
}

#[test]
fn an_unknown_model_is_not_acquitted() {
    let catalogue = Catalogue::builtin().expect("built in");
    let found = catalogue.advisories_for(id("deadbeef-0000-4000-8000-000000000000"), None);
    assert!(
        found
            .iter()
            .any(|(advisory, applies)| advisory.id == "YSA-2024-03" && *applies == Applies::CannotTell)
    );
    assert!(found.iter().all(|(_, applies)| *applies != Applies::Yes));
}

#[test]
fn u2f_keys_are_judged_by_their_maker() {
    let catalogue = Catalogue::builtin().expect("built in");
    let of = |vendor: &str, firmware: Option<Firmware>, advisory: &str| {
        let maker = Relation {
            name: vendor.to_owned(),
            role: Role::Vendor,
            product: None,
            basis: String::new(),
            source: String::new(),
            confidence: Confidence::Stated,
        };
        let key = Subject { aaguid: None, model: None, makers: vec![maker], firmware };
        catalogue.advisories().iter().find(|one| one.id == advisory).expect("known").applies(&key)
    };
    assert_eq!(of("Yubico", Some(Firmware::new(4, 4, 2)), "YSA-2019-02"), Applies::Yes);
    assert_eq!(of("Yubico", Some(Firmware::new(4, 4, 3)), "YSA-2019-02"), Applies::No);
    assert_eq!(of("Yubico", None, "YSA-2019-02"), Applies::CannotTell);
    assert_eq!(of("Yubico", None, "CVE-2021-3011"), Applies::CannotTell);
    assert_eq!(of("Feitian", Some(Firmware::new(4, 4, 2)), "YSA-2019-02"), Applies::No);
}

#[test]
fn what_metadata_do_not_say_acquits_nobody() {
    let catalogue = Catalogue::builtin().expect("built in");
    let known = catalogue.model(id(YUBIKEY_54)).expect("known");
    let only = Model { kind: Kind::MetadataOnly, fips: None, ..known.clone() };
    let rule = |fips| Rule {
        vendors: vec!["Yubico".to_owned()],
        aaguids: vec![],
        bio: Said::Unsaid,
        fips,
        transports: vec![],
        u2f_only: false,
        firmware: vec![],
        undecidable: false,
    };
    let advisory = catalogue.advisories().first().expect("one");
    for (model, fips, wanted) in [
        (known, Said::Yes, Applies::No),
        (known, Said::No, Applies::Yes),
        (&only, Said::Yes, Applies::CannotTell),
        (&only, Said::No, Applies::CannotTell),
        (&only, Said::Unsaid, Applies::Yes),
    ] {
        let makers = catalogue.makers(known.aaguid);
        let key = Subject { aaguid: Some(known.aaguid), model: Some(model), makers, firmware: None };
        let advisory = Advisory { rules: vec![rule(fips)], ..advisory.clone() };
        assert_eq!(advisory.applies(&key), wanted, "{:?} {fips:?}", model.kind);
    }
}

#[test]
fn firmware_is_decoded_only_for_vendors_whose_scheme_is_known() {
    let catalogue = Catalogue::builtin().expect("built in");
    assert_eq!(catalogue.firmware(id(YUBIKEY_54), 0x0005_0403), Some(Firmware::new(5, 4, 3)));
    assert_eq!(catalogue.firmware(id("eabb46cc-e241-80bf-ae9e-96fa6d2975cf"), 0x0005_0403), None);
    assert_eq!(catalogue.firmware(id("deadbeef-0000-4000-8000-000000000000"), 0x0005_0403), None);
    let decoding: Vec<_> =
        catalogue.vendors().filter(|vendor| vendor.firmware_scheme == FirmwareScheme::ThreeByte).collect();
    assert_eq!(decoding.iter().map(|vendor| vendor.name.as_str()).collect::<Vec<_>>(), ["Yubico"]);
}

#[test]
fn makers_go_beyond_the_brand() {
    let catalogue = Catalogue::builtin().expect("built in");
    let names = |key: &str| catalogue.makers(id(key)).into_iter().map(|maker| maker.name).collect::<Vec<_>>();
    assert_eq!(names("833b721a-ff5f-4d00-bb2e-bdda3ec01e29"), ["Feitian", "Token2"]);
    assert_eq!(names(HYPERFIDO), ["Hypersecu", "Feitian"]);
    assert_eq!(names(YUBIKEY_54), ["Yubico"]);
    assert!(names("deadbeef-0000-4000-8000-000000000000").is_empty());
}

#[test]
fn usb_devices() {
    let catalogue = Catalogue::builtin().expect("built in");
    let known = catalogue.usb_device(0x1050, 0x0407).and_then(|device| device.product.as_deref());
    assert!(known.is_some_and(|name| name.contains("YubiKey")));
    assert!(catalogue.usb_device(0x046d, 0xc52b).is_none());
    assert!(catalogue.usb_device(0x1050, 0x0405).is_none(), "no FIDO interface");
}

#[test]
fn only_soft_anchors_come_in_from_outside() {
    let mut catalogue = Catalogue::builtin().expect("built in");
    let real = catalogue.anchors(id(YUBIKEY_54));
    assert!(!real.is_empty() && real.iter().all(|anchor| !anchor.soft));
    assert!(matches!(
        catalogue.add_soft_anchor(&[id(YUBIKEY_54)], &real[0]),
        Err(CatalogueError::NotSoft { .. })
    ));
    let soft = Anchor { soft: true, name: "test CA".to_owned(), ..real[0].clone() };
    catalogue.add_soft_anchor(&[id(YUBIKEY_54)], &soft).expect("soft");
    assert_eq!(catalogue.anchors(id(YUBIKEY_54)).iter().filter(|anchor| anchor.soft).count(), 1);
    assert_eq!(catalogue.anchor_records(id(YUBIKEY_54)).count(), real.len());
    assert!(catalogue.anchors(id(YUBIKEY_51)).iter().all(|anchor| !anchor.soft));
}

/// The files that are compiled in, as they lie in the repository.
fn shipped() -> Files {
    load::folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("aaguids")).expect("the folder")
}

/// A whole catalogue of files, each read and held to its rules as a person's own is.
fn whole(files: &Files) -> Result<Catalogue, CatalogueError> {
    let mut catalogue = Catalogue::new(load::parse(files, "catalogue.toml")?);
    catalogue.absorb(files)?;
    Ok(catalogue)
}

/// At run time nobody looks at the compiled-in certificates before one is used, so that here all must be good.
#[test]
fn what_is_compiled_in_is_the_folder_read_and_checked_whole() {
    let checked = whole(&shipped()).unwrap_or_else(|e| panic!("{e}"));
    assert!(
        checked == Catalogue::builtin().expect("built in"),
        "what was compiled in is not what lies there"
    );
}

#[test]
fn a_slip_in_a_shipped_file_is_found() {
    let anchors = shipped().into_keys().filter(|name| name.ends_with(".pem")).collect::<Vec<_>>();
    let [first, .., last] = anchors.as_slice() else { panic!("{anchors:?}") };
    let bend = |name: &str, from: &str, to: &str| {
        let mut files = shipped();
        let Some(Content::Written(bytes)) = files.get(name) else { panic!("{name}") };
        let text = String::from_utf8(bytes.clone()).expect(name);
        assert!(text.contains(from), "{name}: {from}");
        files.insert(name.to_owned(), Content::Written(text.replacen(from, to, 1).into_bytes()));
        whole(&files).expect_err(name).to_string()
    };
    for (name, from, to, expected) in [
        ("catalogue.toml", "date =", "day =", "catalogue.toml: "),
        ("anchors.toml", "exact-leaf", "issuer", "another's leaf"),
        ("anchors.toml", "sha256 = \"", "sha256 = \"00", "not the one described"),
        ("yubico.toml", "kind = \"hardware\"", "kind = \"soft\"", "yubico.toml: "),
        ("yubico.toml", "-root-", "-rot-", "which no anchors.toml describes"),
        ("software.toml", "updated", "update", "software.toml: "),
        ("advisories.toml", "cure =", "cures =", "advisories.toml: "),
        ("chips.toml", "maker =", "makers =", "chips.toml: "),
        ("quirks.toml", "title =", "titel =", "quirks.toml: "),
        ("usb.toml", "vendor_id = \"", "vendor_id = \"x", "usb.toml: "),
        (first, "-----BEGIN", "-----BEGUN", "is not PEM"),
        (last, "CERTIFICATE-----", "KEY-----", "is not PEM"),
    ] {
        let text = bend(name, from, to);
        assert!(text.contains(expected), "{name}: {text}");
    }
    let (mut swapped, mut gone) = (shipped(), shipped());
    swapped.insert(last.clone(), gone.remove(first).expect(first));
    let text = whole(&swapped).expect_err("another's").to_string();
    assert!(text.contains(last.as_str()) && text.contains("not the one described"), "{text}");
    let text = whole(&gone).expect_err("gone").to_string();
    assert!(text.contains(&format!("{first} is missing")), "{text}");
}

/// Should one be compiled in badly after all, nothing is believed.
#[test]
fn a_compiled_file_that_cannot_be_read_is_an_error() {
    let files = Files::from([("catalogue.toml".to_owned(), Content::Compiled(b"{\"date\": 1"))]);
    assert!(whole(&files).expect_err("no JSON").to_string().starts_with("catalogue.toml: "));
}

const ENTRY: &str = "name = \"Mine\"\nkind = \"hardware\"\nsources = [\"me\"]\n";

/// Adds a folder with these files, and says what came of it.
fn adding(files: &[(&str, String)]) -> Result<Catalogue, CatalogueError> {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::create_dir(folder.path().join("anchors")).expect("folder");
    for (name, text) in files {
        write(&folder.path().join(name), text);
    }
    let mut catalogue = Catalogue::builtin().expect("built in");
    catalogue.add_dir(folder.path()).map(|()| catalogue)
}

#[expect(clippy::disallowed_methods, reason = "a test writes its own files")]
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("written");
}

fn mine(aaguid: &str, more: &str) -> Vec<(&'static str, String)> {
    vec![(
        "mine.toml",
        format!(
            "updated = \"2026-11-21\"\n[vendor]\nname = \"Mine\"\n[[model]]\naaguid = \"{aaguid}\"\n{ENTRY}{more}"
        ),
    )]
}

#[test]
fn a_folder_adds_models() {
    let catalogue = adding(&mine("deadbeef-0000-4000-8000-000000000000", "")).expect("added");
    let model = catalogue.model(id("deadbeef-0000-4000-8000-000000000000")).expect("model");
    assert_eq!(
        (model.vendor.as_str(), model.file.as_str(), model.certification),
        ("Mine", "mine.toml", Certification::NotInMds)
    );
    assert_eq!((model.bio, model.entra_listed, &model.transports), (Said::Unsaid, Said::Unsaid, &None));
}

#[test]
fn a_known_model_is_replaced_only_on_request() {
    let refused = adding(&mine(YUBIKEY_54, "")).expect_err("known");
    assert!(matches!(&refused, CatalogueError::AlreadyKnown { .. }));
    assert!(refused.to_string().contains("replaces = true"), "{refused}");
    let catalogue = adding(&mine(YUBIKEY_54, "replaces = true\n")).expect("replaced");
    assert_eq!(catalogue.model(id(YUBIKEY_54)).expect("model").vendor, "Mine");
    assert!(
        catalogue.anchors(id(YUBIKEY_54)).is_empty(),
        "a replaced entry brings its own anchors or has none"
    );
    let nothing = adding(&mine("deadbeef-0000-4000-8000-000000000000", "replaces = true\n"));
    assert!(matches!(nothing, Err(CatalogueError::ReplacesNothing { .. })));
}

#[test]
fn faults_name_the_file() {
    let unknown = "deadbeef-0000-4000-8000-000000000000";
    for (more, expected) in [
        ("colour = \"red\"\n", "colour"),
        ("anchors = [\"none-such\"]\n", "none-such"),
        ("vendor = \"Other\"\n", "exactly one vendor"),
        ("firmware_min = \"5\"\n", "not a version"),
    ] {
        let text = adding(&mine(unknown, more)).expect_err(more).to_string();
        assert!(text.starts_with("mine.toml: ") && text.contains(expected), "{text}");
    }
    let mut twice = mine(unknown, "");
    twice.push(("other.toml", twice[0].1.clone()));
    assert!(matches!(adding(&twice), Err(CatalogueError::Twice { .. })));
    assert!(matches!(adding(&[]), Err(CatalogueError::Folder { .. })));
    assert!(matches!(
        Catalogue::builtin().expect("built in").add_dir(Path::new("/none/such")),
        Err(CatalogueError::Folder { .. })
    ));
}

#[test]
fn an_anchor_must_be_what_it_is_described_as() {
    let catalogue = Catalogue::builtin().expect("built in");
    let leaf = catalogue
        .all_anchors()
        .find(|anchor| anchor.kind == crate::webauthn::anchor::AnchorKind::ExactLeaf)
        .expect("a leaf");
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", wrap(&leaf.der));
    let describe = |kind: &str, sha256: &str| {
        format!(
            "updated = \"2026-11-21\"\n[[anchor]]\nid = \"mine\"\nfile = \"mine.pem\"\nname = \"Mine\"\nkind = \"{kind}\"\nsha256 = \"{sha256}\"\n\
             subject = \"CN=Mine\"\nissuer = \"self\"\nnot_before = \"2020-01-01\"\nnot_after = \"9999-12-31\"\nsource = \"me\"\n"
        )
    };
    let add = |kind, sha256: &str, pem: &str| {
        adding(&[("anchors.toml", describe(kind, sha256)), ("anchors/mine.pem", pem.to_owned())])
    };
    add("exact-leaf", &leaf.sha256, &pem).expect("right");
    for (kind, sha256, pem, expected) in [
        ("issuer", leaf.sha256.as_str(), pem.as_str(), "exact-leaf"),
        ("exact-leaf", "00", pem.as_str(), "SHA-256"),
        ("exact-leaf", leaf.sha256.as_str(), "hello", "not PEM"),
    ] {
        let text = add(kind, sha256, pem).expect_err(expected).to_string();
        assert!(text.contains(expected) && text.contains("`mine`"), "{text}");
    }
    let missing =
        adding(&[("anchors.toml", describe("exact-leaf", &leaf.sha256))]).expect_err("missing").to_string();
    assert!(missing.contains("anchors/mine.pem is missing"), "{missing}");
}

/// Base64 in lines of 64.
fn wrap(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    text.as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn only_hardware_has_anchors() {
    let known = Catalogue::builtin().expect("built in").all_anchors().next().expect("one").id.clone();
    let text = mine("deadbeef-0000-4000-8000-000000000000", &format!("anchors = [\"{known}\"]\n"));
    adding(&text).expect("hardware may");
    let software = vec![("mine.toml", text[0].1.replace("\"hardware\"", "\"software\""))];
    assert!(matches!(adding(&software), Err(CatalogueError::AnchorsForbidden { .. })));
}
