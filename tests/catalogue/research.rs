//! The catalogue's facts against the research that they were made from, row by row. Where that lies not beside the
//! repository, these tests say that they were skipped.

use glasskey::catalogue::{Affects, Applies, Firmware};

use super::*;

type Row = BTreeMap<String, String>;

fn table(name: &str) -> Option<Vec<Row>> {
    let file = skip::research(name)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(file).unwrap();
    let head = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        head.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    };
    Some(reader.records().map(|record| row(record.unwrap())).collect())
}

#[test]
fn models_row_by_row() {
    let Some(table) = table("aaguids/models.csv") else { return };
    let catalogue = catalogue();
    let mut rows = 0;
    for row in table {
        let model =
            catalogue.model(id(&row["aaguid"])).unwrap_or_else(|| panic!("{} is missing", row["aaguid"]));
        let at = &row["aaguid"];
        let json = serde_json::to_value(model).expect("JSON");
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(text("vendor"), row["vendor"], "{at}");
        if model.kind != Kind::Anonymous {
            assert_eq!(text("name"), row["model"], "{at}");
            assert_eq!(
                model.mds_name.as_ref().unwrap_or(&model.name),
                if row["mds_description"].is_empty() { &row["model"] } else { &row["mds_description"] }
            );
        }
        for (ours, theirs) in [
            ("kind", "kind"),
            ("firmware_min", "firmware_min"),
            ("firmware_max", "firmware_max"),
            ("mds_status", "status"),
            ("mds_status_date", "status_date"),
            ("entra_listed", "entra_attestation_listed"),
        ] {
            assert_eq!(text(ours), row[theirs], "{at} {ours}");
        }
        // The other vendors' schemes are only inferred, so their numbers stay undecoded.
        assert_eq!(
            text("certified_firmware"),
            if model.vendor == "Yubico" { row["version_decoded"].as_str() } else { "" },
            "{at}"
        );
        let certification = if model.certification == Certification::NotInMds {
            "not in MDS291".to_owned()
        } else {
            text("certification")
        };
        assert_eq!(certification, row["fido_cert_level"], "{at}");
        assert_eq!(model.form_factors.join(" | "), row["form_factor"], "{at}");
        assert_eq!(model.fips.as_deref().unwrap_or("no"), row["fips"], "{at}");
        assert_eq!(model.key_protection.join("+"), row["key_protection"], "{at}");
        for (transport, column) in [(Transport::Usb, "usb"), (Transport::Nfc, "nfc"), (Transport::Ble, "ble")]
        {
            let has = model
                .transports
                .as_ref()
                .map_or("", |all| if all.contains(&transport) { "yes" } else { "no" });
            assert_eq!(has, row[column], "{at} {column}");
        }
        assert_eq!(if model.bio == Said::Unsaid { String::new() } else { text("bio") }, row["bio"], "{at}");
        rows += 1;
    }
    assert_eq!(rows, 405);
}

#[test]
fn roots_row_by_row() {
    let Some(table) = table("aaguids/roots/roots.csv") else { return };
    let catalogue = catalogue();
    let mut kept = 0;
    for row in table {
        let record = catalogue
            .all_anchors()
            .chain(catalogue.mds_roots())
            .find(|anchor| anchor.sha256 == row["sha256"]);
        // What is not kept is a root of platforms, or one for tests and previews.
        let Some(record) = record else { continue };
        assert_eq!(record.not_before.to_string(), row["not_before"], "{}", record.id);
        assert_eq!(record.not_after.to_string(), row["not_after"], "{}", record.id);
        assert_eq!(named(&record.subject), named(&row["subject"]), "{}", record.id);
        assert_eq!(record.issuer == "self", row["issuer"] == "self", "{}", record.id);
        if row["role"] == "mds-blob-signing-root" {
            assert!(catalogue.mds_roots().any(|root| root.id == record.id));
        }
        kept += 1;
    }
    assert!(kept > 100, "{kept}");
}

#[test]
fn usb_ids_row_by_row() {
    let Some(table) = table("aaguids/usb_ids.csv") else { return };
    let catalogue = catalogue();
    let number = |text: &str| u16::from_str_radix(text, 16).unwrap();
    for row in table {
        let device = catalogue.usb_device(number(&row["vid"]), number(&row["pid"]));
        assert_eq!(device.is_some(), row["role"] == "fido", "{row:?}");
        let Some(device) = device else { continue };
        assert_eq!(device.vendor, row["vendor"]);
        let product = device.product.as_deref().unwrap_or("Unknown product");
        assert!(row["product"].contains(product.split(" (").next().unwrap()), "{row:?}");
    }
}

#[test]
fn microsofts_list_row_by_row() {
    let Some(table) = table("entra/ms_attested_aaguids.csv") else { return };
    let catalogue = catalogue();
    let listed: BTreeSet<Uuid> = table.iter().map(|row| id(&row["aaguid"])).collect();
    for model in catalogue.models() {
        assert_eq!(model.entra_listed == Said::Yes, listed.contains(&model.aaguid), "{}", model.aaguid);
    }
    assert_eq!(listed.len(), 265);
}

/// What became of each row of the research on advisories.
enum Fate {
    /// An advisory.
    Advisory(&'static str),
    /// A fault of chips, on which vendors are silent.
    Topic(&'static str),
    /// A model that misbehaves.
    Quirk(&'static str),
    /// Something else, for this reason.
    LeftOut(&'static str),
}

const HOST: Fate = Fate::LeftOut("software on the host changes nothing about a key in a safe");

const FATES: [(&str, Fate); 23] = [
    ("YSA-2024-03 / CVE-2024-45678", Fate::Advisory("YSA-2024-03")),
    ("YSA-2025-02 / CVE-2025-29991", Fate::Advisory("YSA-2025-02")),
    ("YSA-2024-02 / CVE-2024-35311", Fate::Advisory("YSA-2024-02")),
    ("YSA-2019-02", Fate::Advisory("YSA-2019-02")),
    ("YSA-2020-04 / CVE-2020-15001", Fate::Advisory("YSA-2020-04")),
    ("YSA-2020-05 / CVE-2020-15000", Fate::Advisory("YSA-2020-05")),
    ("YSA-2017-01 / CVE-2017-15361", Fate::Advisory("YSA-2017-01")),
    ("YSA-2026-01 / CVE-2026-40947", HOST),
    ("YSA-2026-02", HOST),
    ("YSA-2025-01 / CVE-2025-23013", HOST),
    ("YSA-2024-01 / CVE-2024-31498", HOST),
    ("SB-2024-01 (Swissbit)", Fate::Advisory("SB-2024-01")),
    ("EUCLEAK (Feitian A22)", Fate::Topic("EUCLEAK")),
    ("EUCLEAK (Token2, Thales, others)", Fate::Topic("EUCLEAK")),
    ("CVE-2021-3011", Fate::Advisory("CVE-2021-3011")),
    ("Google Titan BLE recall 2019", Fate::Advisory("TITAN-BLE-2019")),
    ("CVE-2020-27208", Fate::Advisory("CVE-2020-27208")),
    ("CVE-2020-12061", Fate::Advisory("CVE-2020-12061")),
    ("T2-SA-RP2350-Dec2025", Fate::LeftOut("such keys have no vendor attestation, and so no AAGUID here")),
    ("MDS REVOKED ba86dc56-635f-4141-aef6-00227b1b9af6", Fate::Advisory("MDS-REVOKED-TRUU")),
    ("MDS compromise statuses", Fate::LeftOut("imported metadata tell them")),
    ("MDS signing root change", Fate::LeftOut("both roots are there")),
    ("Solo 2 EdDSA faults", Fate::Quirk("eddsa-signed-wrongly")),
];

#[test]
fn advisories_row_by_row() {
    let Some(table) = table("aaguids/advisories.csv") else { return };
    let catalogue = catalogue();
    assert_eq!(table.len(), FATES.len());
    for (row, (name, fate)) in table.iter().zip(FATES) {
        assert_eq!(row["id"], name);
        match fate {
            Fate::Advisory(id) => {
                let advisory = catalogue.advisories().iter().find(|advisory| advisory.id == id).expect(id);
                assert_eq!(advisory.date, row["date"], "{id}");
                if let Some(score) = row["severity"].split("CVSS ").nth(1) {
                    assert!(advisory.severity.contains(&score[..3]), "{id}");
                }
                for alias in advisory.aliases.iter().filter(|alias| alias.starts_with("CVE-")) {
                    assert!(name.contains(alias.as_str()), "{id}: {alias}");
                }
            }
            Fate::Topic(id) => assert!(catalogue.topics().iter().any(|topic| topic.id == id)),
            Fate::Quirk(id) => assert!(catalogue.quirks().iter().any(|quirk| quirk.id == id)),
            Fate::LeftOut(why) => assert!(!why.is_empty()),
        }
    }
}

/// Whether some firmware that the model can have has the fault.
fn some_firmware_has(catalogue: &Catalogue, aaguid: Uuid, advisory: &str) -> bool {
    let model = catalogue.model(aaguid).unwrap();
    let series = model.firmware_min.zip(model.firmware_max);
    let versions: Vec<Option<Firmware>> = match series {
        None => vec![None],
        Some((min, max)) => (min.minor..=max.minor)
            .flat_map(|minor| (0..8).map(move |patch| Some(Firmware::new(min.major, minor, patch))))
            .collect(),
    };
    versions.iter().any(|version| {
        let found = catalogue.advisories_for(aaguid, *version);
        let found = found.into_iter().find(|(one, _)| one.id == advisory);
        found.is_some_and(|(one, applies)| one.affects == Affects::Fido && applies != Applies::No)
    })
}

#[test]
fn the_models_that_an_advisory_can_be_about_are_those_of_the_research() {
    let Some(table) = table("aaguids/advisories.csv") else { return };
    let catalogue = catalogue();
    for (row, (_, fate)) in table.iter().zip(FATES) {
        let Fate::Advisory(advisory) = fate else { continue };
        let listed: BTreeSet<Uuid> =
            row["affected_aaguids"].split(" ; ").filter(|text| !text.is_empty()).map(id).collect();
        if listed.is_empty() {
            continue;
        }
        let hardware =
            catalogue.models().filter(|model| model.kind.is_hardware_key() || listed.contains(&model.aaguid));
        let found: BTreeSet<Uuid> = hardware
            .filter(|model| some_firmware_has(&catalogue, model.aaguid, advisory))
            .map(|model| model.aaguid)
            .collect();
        let missing: Vec<_> = listed.difference(&found).collect();
        assert!(missing.is_empty(), "{advisory} is not about {missing:?}");
        // The research lists the models of which a firmware is known to have the fault; others share the series, and no
        // release of theirs is known to have it. A key tells its release, and then the range decides.
        let more: BTreeSet<_> = found.difference(&listed).copied().collect();
        let could: BTreeSet<_> = more
            .iter()
            .filter(|aaguid| {
                let model = catalogue.model(**aaguid).unwrap();
                let series = model.firmware_min.map(|series| (series.major, series.minor));
                model.vendor == "Yubico" && series == Some((5, 7))
            })
            .copied()
            .collect();
        assert_eq!(more, could, "{advisory}");
    }
}
