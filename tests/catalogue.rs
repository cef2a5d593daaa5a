//! The catalogue's data, held against its own rules and, where it is at hand, against the research it was made from.
#![expect(clippy::disallowed_methods, reason = "these tests read the data files themselves")]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[path = "catalogue/firmware.rs"]
mod firmware;
#[path = "catalogue/harm.rs"]
mod harm;
#[path = "catalogue/research.rs"]
mod research;
#[path = "support/skip.rs"]
mod skip;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use der::{Decode, DecodePem};
use glasskey::catalogue::{Applies, Catalogue, Certification, Confidence, Kind, Role, Said, Transport};
use glasskey::webauthn::anchor::AnchorKind;
use jiff::civil::date;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use x509_cert::Certificate;
use x509_cert::ext::pkix::BasicConstraints;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("aaguids")
}

fn catalogue() -> Catalogue {
    Catalogue::builtin().expect("the compiled-in catalogue")
}

fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("name"));
    files.filter(|name| name.ends_with(ending)).collect()
}

fn toml(name: &str) -> toml::Table {
    std::fs::read_to_string(data().join(name)).expect(name).parse().expect(name)
}

fn id(text: &str) -> Uuid {
    text.parse().expect(text)
}

#[test]
fn what_is_compiled_in_is_what_lies_in_the_folder() {
    let mut files = names(&data(), ".toml");
    for other in
        ["catalogue.toml", "anchors.toml", "advisories.toml", "chips.toml", "quirks.toml", "usb.toml"]
    {
        assert!(files.remove(other), "{other}");
    }
    assert_eq!(catalogue().models().map(|model| model.file.clone()).collect::<BTreeSet<_>>(), files);
}

#[test]
fn counts() {
    let catalogue = catalogue();
    assert!(catalogue.models().filter(|model| model.kind == Kind::Hardware).count() >= 314);
    assert!(catalogue.models().count() >= 405);
    assert!(catalogue.about().mds_number >= 291 && catalogue.date() >= date(2026, 11, 21));
}

#[test]
fn files_are_sorted_and_nothing_is_there_twice() {
    let mut seen = BTreeSet::new();
    for name in names(&data(), ".toml") {
        assert!(
            name.trim_end_matches(".toml")
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{name}"
        );
        let table = toml(&name);
        let Some(models) = table.get("model").and_then(toml::Value::as_array) else { continue };
        let ids: Vec<&str> = models.iter().map(|model| model["aaguid"].as_str().expect("text")).collect();
        assert!(ids.is_sorted(), "{name}: sort by AAGUID");
        for aaguid in ids {
            assert!(seen.insert(aaguid.to_owned()), "{aaguid} twice");
        }
    }
    let anchors = toml("anchors.toml");
    let ids: Vec<&str> = anchors["anchor"]
        .as_array()
        .expect("anchors")
        .iter()
        .map(|anchor| anchor["id"].as_str().expect("id"))
        .collect();
    assert!(ids.is_sorted(), "anchors.toml: sort by id");
}

#[test]
fn everything_says_where_it_is_from() {
    let catalogue = catalogue();
    for model in catalogue.models() {
        assert!(
            !model.sources.is_empty() && model.sources.iter().all(|source| source.len() > 3),
            "{} {:?}",
            model.aaguid,
            model.sources
        );
        assert_eq!(model.mds_status.is_some(), model.mds_status_date.is_some(), "{}", model.aaguid);
        assert_eq!(
            model.mds_status.is_some(),
            model.certification != Certification::NotInMds,
            "{}",
            model.aaguid
        );
    }
    for name in names(&data(), ".toml") {
        let table = toml(&name);
        let day = table.get("updated").or(table.get("date")).and_then(toml::Value::as_str);
        assert!(day.is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok()), "{name}");
    }
    assert!(catalogue.all_anchors().all(|anchor| !anchor.source.is_empty()));
    assert!(
        catalogue
            .advisories()
            .iter()
            .all(|advisory| !advisory.sources.is_empty() && !advisory.cure.is_empty())
    );
}

#[test]
fn every_anchor_is_the_certificate_described() {
    let catalogue = catalogue();
    for anchor in catalogue.all_anchors().chain(catalogue.mds_roots()) {
        let pem = std::fs::read(data().join("anchors").join(&anchor.file)).expect(&anchor.file);
        let certificate = Certificate::from_pem(&pem).unwrap_or_else(|e| panic!("{}: {e}", anchor.id));
        assert_eq!(hex::encode(Sha256::digest(&anchor.der)), anchor.sha256, "{}", anchor.id);
        let body = certificate.tbs_certificate();
        assert_eq!(body, Certificate::from_der(&anchor.der).expect("DER").tbs_certificate());
        assert!(
            anchor.id.ends_with(&anchor.sha256[..8]) && anchor.file == format!("{}.pem", anchor.id),
            "{}",
            anchor.id
        );
        let day = |time: x509_cert::time::Time| time.to_date_time().to_string()[..10].to_owned();
        assert_eq!(day(body.validity().not_before), anchor.not_before.to_string(), "{}", anchor.id);
        assert_eq!(day(body.validity().not_after), anchor.not_after.to_string(), "{}", anchor.id);
        assert_eq!(named(&body.subject().to_string()), named(&anchor.subject), "{}", anchor.id);
        let issuer = if anchor.issuer == "self" { &anchor.subject } else { &anchor.issuer };
        assert_eq!(named(&body.issuer().to_string()), named(issuer), "{}", anchor.id);
    }
}

#[test]
fn the_kind_rule_holds() {
    let mut leaves = 0;
    for anchor in catalogue().all_anchors() {
        let certificate = Certificate::from_der(&anchor.der).expect("DER");
        let body = certificate.tbs_certificate();
        let ca = body
            .get_extension::<BasicConstraints>()
            .ok()
            .flatten()
            .is_some_and(|(_, constraints)| constraints.ca);
        let own = body.subject() == body.issuer();
        assert_eq!(anchor.kind == AnchorKind::Issuer, ca || own, "{}", anchor.id);
        assert_eq!(anchor.issuer == "self", own, "{}", anchor.id);
        leaves += usize::from(anchor.kind == AnchorKind::ExactLeaf);
    }
    assert!(leaves >= 12, "{leaves}");
}

#[test]
fn anchors_are_used_and_none_is_for_tests() {
    let catalogue = catalogue();
    let used: BTreeSet<&String> = catalogue.models().flat_map(|model| &model.anchors).collect();
    let described: BTreeSet<&String> = catalogue.all_anchors().map(|anchor| &anchor.id).collect();
    assert_eq!(used, described);
    let all = catalogue.all_anchors().chain(catalogue.mds_roots());
    let files: BTreeSet<String> = all.map(|anchor| anchor.file.clone()).collect();
    assert_eq!(files, names(&data().join("anchors"), ""));
    for anchor in catalogue.all_anchors() {
        let text = format!("{} {}", anchor.subject, anchor.issuer).to_lowercase();
        assert!(
            !["preview", "test ", " test"].iter().any(|word| text.contains(word)),
            "{}: {text}",
            anchor.id
        );
    }
    let public = catalogue
        .all_anchors()
        .find(|anchor| anchor.kind == AnchorKind::Issuer && anchor.subject.contains("GlobalSign"));
    assert_eq!(public, None, "a root that issues to everybody");
    for model in catalogue.models() {
        assert!(
            model.kind.is_hardware_key() || catalogue.anchors(model.aaguid).is_empty(),
            "{}",
            model.aaguid
        );
        assert!(catalogue.anchors(model.aaguid).iter().all(|anchor| !anchor.soft));
    }
}

#[test]
fn an_anchor_of_two_vendors_means_a_stated_relation() {
    let catalogue = catalogue();
    let mut users: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for model in catalogue.models() {
        model.anchors.iter().for_each(|anchor| users.entry(anchor).or_default().push(model.aaguid));
    }
    for (anchor, models) in users {
        let makers = |aaguid: &Uuid| {
            catalogue.makers(*aaguid).into_iter().map(|maker| maker.name).collect::<BTreeSet<_>>()
        };
        let common = models.iter().map(makers).reduce(|a, b| &a & &b).unwrap_or_default();
        assert!(!common.is_empty(), "{anchor}");
    }
}

#[test]
fn feitian_makes_what_token2_sold() {
    let makers = catalogue().makers(id("833b721a-ff5f-4d00-bb2e-bdda3ec01e29"));
    let found: Vec<_> = makers
        .iter()
        .map(|maker| (maker.name.as_str(), maker.role, maker.product.as_deref(), maker.confidence))
        .collect();
    assert_eq!(
        found,
        [
            ("Feitian", Role::Vendor, None, Confidence::Stated),
            ("Token2", Role::Brand, Some("T2F2"), Confidence::Stated)
        ]
    );
}

#[test]
fn yubicos_new_root_ends_with_the_calendar() {
    let catalogue = catalogue();
    let root =
        catalogue.all_anchors().find(|anchor| anchor.name == "Yubico Attestation Root 1").expect("root");
    assert_eq!(root.not_after, date(9999, 12, 31));
    assert_eq!(root.kind, AnchorKind::Issuer);
    let newest = catalogue.models().filter(|model| model.anchors.contains(&root.id));
    assert!(newest.count() >= 44);
}

#[test]
fn models_known_from_real_registrations_have_the_anchor_that_signed_them() {
    let catalogue = catalogue();
    for (aaguid, name) in [
        ("42383245-4437-3343-3846-423445354132", "Feitian FIDO Root CA"),
        ("e1a96183-5016-4f24-b55b-e3ae23614cc6", "Authentrend CA 000"),
        ("2369d4d0-13ce-48cb-9f26-f7ed8c9a6068", "F1"),
        ("8652abe9-fbd8-4810-a840-d6fc442a8c2c", "F1"),
        ("da776f39-f6c8-4a89-b252-1d86137a46ba", "eWBM CA Certificate"),
        ("f8a011f3-8c0a-4d15-8006-17111f9edc7d", "Yubico U2F Root CA Serial 457200631"),
        ("ec99db19-cd1f-4c06-a2a9-940f17a6a30b", "FIDO CA 3"),
        ("ab32f0c6-2239-afbb-c470-d2ef4e254db7", "token2.com"),
    ] {
        assert!(catalogue.anchors(id(aaguid)).iter().any(|anchor| anchor.name == name), "{aaguid}: {name}");
    }
}

#[test]
fn providers_are_called_what_they_are() {
    let catalogue = catalogue();
    for (aaguid, kind) in [
        ("00000000-0000-0000-0000-000000000000", Kind::Anonymous),
        ("de1e552d-db1d-4423-a619-566b625cdc84", Kind::Software),
        ("08987058-cadc-4b81-b6e1-30de50dcbe96", Kind::Platform),
        ("0076631b-d4a0-427f-5773-0ec71c9e0279", Kind::MobileApp),
        ("8bc54968-07b1-4d5f-b249-607f5d527da2", Kind::Test),
    ] {
        let model = catalogue.model(id(aaguid)).expect(aaguid);
        assert_eq!(model.kind, kind, "{aaguid}");
        assert!(!model.kind.is_hardware_key());
    }
    let revoked: Vec<_> =
        catalogue.models().filter(|model| model.has_bad_status()).map(|model| model.aaguid).collect();
    assert_eq!(revoked, [id("ba86dc56-635f-4141-aef6-00227b1b9af6")]);
}

#[test]
fn advisories_name_only_what_exists() {
    let catalogue = catalogue();
    for advisory in catalogue.advisories() {
        for rule in &advisory.rules {
            for aaguid in &rule.aaguids {
                let model = catalogue.model(*aaguid).unwrap_or_else(|| panic!("{}: {aaguid}", advisory.id));
                assert!(rule.vendors.contains(&model.vendor), "{}: {aaguid}", advisory.id);
            }
            for vendor in &rule.vendors {
                assert!(catalogue.models().any(|model| model.vendor == *vendor), "{}: {vendor}", advisory.id);
            }
        }
    }
}

#[test]
fn json_is_stable() {
    let catalogue = catalogue();
    let model = catalogue.model(id("d8522d9f-575b-4866-88a9-ba99fa02f35b")).expect("a Bio key");
    let json = serde_json::to_value(model).expect("JSON");
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        [text("vendor"), text("kind"), text("bio"), text("entra_listed")],
        ["Yubico", "hardware", "yes", "yes"]
    );
    assert_eq!(
        (json["transports"].clone(), text("firmware_min")),
        (serde_json::json!(["usb"]), "5.5".to_owned())
    );
    let anchor =
        serde_json::to_value(catalogue.anchor_records(model.aaguid).next().expect("anchor")).expect("JSON");
    assert_eq!(anchor["kind"], "issuer");
    assert!(anchor.get("der").is_none());
    assert_eq!(serde_json::to_value(Applies::CannotTell).expect("JSON"), "cannot-tell");
}

/// A name's parts in any order, values in plain text: RFC 4514 writes the values of rarer types as their DER.
fn named(name: &str) -> BTreeSet<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in name.split([',', '+']) {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') || !piece.contains('=') => {
                *last = format!("{},{piece}", last.trim_end_matches('\\'));
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    let plain = |part: &String| {
        let (kind, value) = part.split_once('=').expect(name);
        let kind = match kind.trim() {
            "1.2.840.113549.1.9.1" => "EMAIL",
            "2.5.4.97" => "ORGANIZATIONIDENTIFIER",
            kind => kind,
        };
        let text = value.strip_prefix('#').and_then(|der| hex::decode(der).ok());
        let text = text.map(|der| String::from_utf8_lossy(der.get(2..).expect(name)).into_owned());
        format!("{kind}={}", text.unwrap_or_else(|| value.replace('\\', "")))
    };
    parts.iter().map(plain).collect()
}
