//! Every Yubico firmware at the edges of each advisory, by product class: the table is written down here from the
//! vendor's advisories, not taken from the catalogue.

use glasskey::catalogue::{Affects, Firmware, FirmwareSource, FirmwareTold, Told};

use super::*;

/// Releases that are known, and the versions next to every edge.
const VERSIONS: [&str; 40] = [
    "4.3.4", "4.3.5", "4.4.2", "4.4.4", "4.4.5", "5.0.0", "5.0.1", "5.0.2", "5.1.0", "5.1.1", "5.1.2",
    "5.2.0", "5.2.3", "5.2.4", "5.2.6", "5.2.7", "5.2.8", "5.3.0", "5.3.1", "5.3.2", "5.4.0", "5.4.1",
    "5.4.2", "5.4.3", "5.5.4", "5.5.5", "5.5.6", "5.6.3", "5.6.4", "5.6.6", "5.6.255", "5.7.0", "5.7.1",
    "5.7.2", "5.7.3", "5.7.4", "5.7.5", "5.8.0", "5.8.1", "6.0.0",
];

/// One key of each class: series without fingerprint or FIPS claim, FIPS, fingerprint.
const FIVE: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
const FIVE_7: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";
const SECURITY_KEY: &str = "b92c3f9a-c014-4056-887f-140a2501163b";
const CSPN: &str = "c5ef55ff-ad9a-4b9f-b580-adebafe026d0";
const FIPS: &str = "c1f9a0bc-1dd2-404a-b27f-8e29047a43fd";
const FIPS_3: &str = "fcc0118f-cd45-435b-8da1-9782b2da0715";
const BIO: &str = "d8522d9f-575b-4866-88a9-ba99fa02f35b";
const BIO_7: &str = "7409272d-1ff9-4e10-9fc9-ac0019c124fd";

/// From, inside; below, outside.
type Spans = &'static [(&'static str, &'static str)];

/// An advisory, the keys, the versions that have it, and those of which the vendor's pages disagree.
const TABLE: &[(&str, &[&str], Spans, Spans)] = &[
    ("YSA-2024-03", &[FIVE, FIVE_7, SECURITY_KEY, CSPN], &[("0.0.0", "5.7.0")], &[]),
    ("YSA-2024-03", &[FIPS, FIPS_3], &[("0.0.0", "5.7.0")], &[("5.7.0", "5.7.2")]),
    ("YSA-2024-03", &[BIO, BIO_7], &[("0.0.0", "5.7.2")], &[]),
    (
        "YSA-2025-02",
        &[FIVE, FIVE_7, SECURITY_KEY, CSPN, FIPS, FIPS_3, BIO, BIO_7],
        &[("5.4.1", "5.7.4")],
        &[],
    ),
    ("YSA-2024-02", &[FIVE, FIVE_7, SECURITY_KEY, CSPN], &[("0.0.0", "5.7.0")], &[]),
    ("YSA-2024-02", &[FIPS, FIPS_3], &[("0.0.0", "5.7.2")], &[]),
    ("YSA-2024-02", &[BIO, BIO_7], &[("0.0.0", "5.6.4")], &[]),
    // Over NFC only: the Bio has none.
    ("YSA-2020-04", &[FIVE, FIVE_7, FIPS, FIPS_3], &[("5.0.0", "5.2.7"), ("5.3.0", "5.3.2")], &[]),
    ("YSA-2020-04", &[BIO, BIO_7, CSPN], &[], &[]),
    ("YSA-2020-05", &[FIVE, FIVE_7, FIPS, BIO], &[("5.2.0", "5.2.7")], &[]),
    // Of keys that speak only U2F.
    ("YSA-2019-02", &[FIVE, FIPS, BIO], &[], &[]),
    ("YSA-2017-01", &[FIVE, FIPS, BIO], &[], &[]),
];

fn version(text: &str) -> Firmware {
    text.parse().unwrap()
}

fn within(spans: Spans, firmware: Firmware) -> bool {
    spans.iter().any(|(from, below)| version(from) <= firmware && firmware < version(below))
}

#[test]
fn every_yubico_firmware_at_the_edges_of_each_advisory() {
    let catalogue = catalogue();
    for (advisory, keys, has, unclear) in TABLE {
        for (key, firmware) in keys.iter().flat_map(|key| VERSIONS.map(|firmware| (key, version(firmware)))) {
            let expected = if within(has, firmware) {
                Applies::Yes
            } else if within(unclear, firmware) {
                Applies::CannotTell
            } else {
                Applies::No
            };
            let found = catalogue.advisories_for(id(key), Some(firmware));
            let found = found.iter().find(|(one, _)| one.id == *advisory);
            let found = found.map_or(Applies::No, |(_, applies)| *applies);
            assert_eq!(found, expected, "{advisory} of {key} with {firmware}");
        }
    }
}

#[test]
fn every_edge_of_every_yubico_advisory_stands_in_the_table() {
    let catalogue = catalogue();
    for advisory in catalogue.advisories() {
        let ours = advisory.rules.iter().filter(|rule| rule.vendors.contains(&"Yubico".to_owned()));
        let edges: BTreeSet<Firmware> = ours
            .filter(|rule| !rule.u2f_only)
            .flat_map(|rule| &rule.firmware)
            .flat_map(|range| range.from.into_iter().chain([range.below]))
            .collect();
        let rows = TABLE.iter().filter(|(id, ..)| *id == advisory.id);
        let written: BTreeSet<Firmware> = rows
            .flat_map(|(.., has, unclear)| has.iter().chain(unclear.iter()))
            .flat_map(|(from, below)| [version(from), version(below)])
            .filter(|edge| edge.major > 0)
            .collect();
        assert_eq!(edges, written, "{}", advisory.id);
        for edge in edges {
            let before = VERSIONS.iter().map(|text| version(text)).filter(|version| *version < edge).max();
            assert!(VERSIONS.contains(&edge.to_string().as_str()) && before.is_some(), "{edge}");
        }
    }
}

#[test]
fn without_firmware_the_series_of_the_model_decides_and_never_acquits() {
    let catalogue = catalogue();
    for model in catalogue.models().filter(|model| model.vendor == "Yubico" && model.kind == Kind::Hardware) {
        let (min, max) = (model.firmware_min.unwrap(), model.firmware_max.unwrap());
        for (advisory, applies) in catalogue.advisories_for(model.aaguid, None) {
            let all = VERSIONS.iter().map(|text| version(text));
            let mut own = all.filter(|version| min.first() <= *version && *version <= max.last());
            let has = |version| {
                let found = catalogue.advisories_for(model.aaguid, Some(version));
                found.iter().any(|(one, applies)| one.id == advisory.id && *applies == Applies::Yes)
            };
            let every = own.all(has);
            assert!(applies != Applies::Yes || every, "{} of {}", advisory.id, model.name);
        }
        if min >= "5.8".parse().unwrap() {
            let fido =
                |(advisory, _): &(&glasskey::catalogue::Advisory, _)| advisory.affects == Affects::Fido;
            let against = catalogue.advisories_for(model.aaguid, Some(min.first()));
            assert!(!against.iter().any(fido), "{}", model.name);
        }
    }
}

#[test]
fn getinfo_is_believed_first_then_the_certificate_then_the_plug() {
    use FirmwareSource::{Certificate, Device, Info};
    let catalogue = catalogue();
    let told = |key: &str, info: Option<u64>, certificate: Option<[u8; 3]>, device: Option<[u8; 3]>| {
        catalogue.told_firmware(id(key), Told { info, certificate, device })
    };
    let is = |text: &str, source| FirmwareTold::Version(version(text), source);
    let (four, seven) = (Some([5, 4, 3]), Some([5, 7, 1]));
    assert_eq!(told(FIVE, Some(0x05_04_03), four, seven), is("5.4.3", Info));
    assert_eq!(told(FIVE, Some(0x05_04_03), None, seven), is("5.4.3", Info));
    assert_eq!(told(FIVE, None, four, seven), is("5.4.3", Certificate));
    assert_eq!(told(FIVE, None, None, Some([5, 2, 4])), is("5.2.4", Device));
    assert_eq!(told(FIVE, None, None, Some([0, 0, 1])), FirmwareTold::Unsaid, "unfinished firmware");
    assert_eq!(told(FIVE, None, None, None), FirmwareTold::Unsaid);
    let contradicts = |told| matches!(told, FirmwareTold::Contradiction(_));
    assert!(contradicts(told(FIVE, Some(0x05_04_03), Some([5, 2, 4]), None)), "the vendor signed another");
    assert!(contradicts(told(FIVE, Some(0x05_07_00), None, None)), "this model never had it");
    assert!(contradicts(told(FIVE_7, None, None, four)), "nor this one that");
    // Other vendors count in ways that nobody has told.
    let token2 = "eabb46cc-e241-80bf-ae9e-96fa6d2975cf";
    assert_eq!(told(token2, Some(0x05_04_03), four, seven), FirmwareTold::Unsaid);
    assert_eq!(
        told("deadbeef-0000-4000-8000-000000000000", Some(0x05_04_03), None, None),
        FirmwareTold::Unsaid
    );
}

#[test]
fn swissbits_firmware_is_not_told_over_fido2_so_only_the_model_acquits() {
    let catalogue = catalogue();
    let about = |key: &str| {
        let found = catalogue.advisories_for(id(key), None);
        found.iter().find(|(one, _)| one.id == "SB-2024-01").map_or(Applies::No, |(_, applies)| *applies)
    };
    let swissbit = catalogue.models().filter(|model| model.vendor == "Swissbit");
    for model in swissbit {
        let first = ["Swissbit iShield Key Pro", "Swissbit iShield Key FIDO2"].contains(&model.name.as_str());
        let expected = if first { Applies::CannotTell } else { Applies::No };
        assert_eq!(about(&model.aaguid.to_string()), expected, "{}", model.name);
    }
}
