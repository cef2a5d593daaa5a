//! What of a payload is read: a bad entry costs itself alone, and each is accounted for.

use glasskey::mds::{MdsError, Metadata, Standing};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::blob::{Blob, NOVEL, entry, then};

const SECOND: &str = "0c0ffee0-5afe-4000-8000-00000000cafe";

fn read(entries: &[Value]) -> Metadata {
    Metadata::read(&Blob::with(entries).payload.to_string(), &[], then(), true).unwrap()
}

fn bent(bend: impl FnOnce(&mut Value)) -> Value {
    let mut entry = entry(NOVEL);
    bend(&mut entry);
    entry
}

#[test]
fn a_bad_entry_costs_itself_alone() {
    let bad = [
        bent(|entry| entry["aaguid"] = "no uuid".into()),
        bent(|entry| entry["aaguid"] = "00000000-0000-0000-0000-000000000000".into()),
        bent(|entry| entry["aaguid"] = SECOND.into()),
        bent(|entry| drop(entry.as_object_mut().unwrap().remove("metadataStatement"))),
        bent(|entry| entry["metadataStatement"]["description"] = 7.into()),
        bent(|entry| drop(entry.as_object_mut().unwrap().remove("statusReports"))),
        bent(|entry| entry["statusReports"] = json!([{ "effectiveDate": "2026-01-01" }])),
        bent(|entry| drop(entry.as_object_mut().unwrap().remove("aaguid"))),
        json!("what is this"),
        json!(null),
    ];
    let good =
        [entry(NOVEL), json!({ "aaid": "1234#5678" }), json!({ "attestationCertificateKeyIdentifiers": [] })];
    let metadata = read(&[&bad[..], &good[..]].concat());
    let tally = &metadata.tally;
    assert_eq!((tally.entries, tally.models, tally.u2f, tally.uaf), (13, 1, 1, 1));
    assert_eq!(tally.left_out.len(), bad.len());
    assert_eq!(tally.left_out.iter().map(|out| out.place).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    assert_eq!(tally.left_out[0].name.as_deref(), Some("Novel Key"));
    assert!(metadata.entry(NOVEL.parse().unwrap()).is_some());
}

#[test]
fn a_bad_part_costs_that_part() {
    let bend = |entry: &mut Value| {
        entry["statusReports"] = json!([
            { "status": "FIDO_CERTIFIED_L2", "effectiveDate": "the other day", "more": [1] },
            { "status": "QUANTUM_CERTIFIED" },
        ]);
        entry["metadataStatement"]["attestationRootCertificates"] =
            json!(["\nAA EC\r\nAw", "AAECAw==", "AAECAw", "A", "%%", 7]);
        entry["metadataStatement"]["keyProtection"] = "hardware".into();
        entry["unheard"] = json!({ "of": true });
    };
    let metadata = read(&[bent(bend)]);
    let entry = metadata.entry(NOVEL.parse().unwrap()).unwrap();
    assert_eq!(entry.roots, [vec![0, 1, 2, 3]], "blanks and padding matter not, and each is kept once");
    assert_eq!(entry.remarks.len(), 5, "{:?}", entry.remarks);
    assert!(entry.remarks.iter().any(|remark| remark.contains("QUANTUM_CERTIFIED")));
    assert!(entry.key_protection.is_empty());
    assert_eq!(entry.standing(), Standing::Certified { level: "L2", status: "FIDO_CERTIFIED_L2" });
    assert_eq!(metadata.tally.left_out, []);
}

#[test]
fn an_entry_that_stands_there_twice_loses_no_warning() {
    let revoked = bent(|entry| {
        entry["statusReports"] = json!([{ "status": "REVOKED", "effectiveDate": "2026-11-02" }])
    });
    for entries in [[entry(NOVEL), revoked.clone()], [revoked, entry(NOVEL)]] {
        let metadata = read(&entries);
        let entry = metadata.entry(NOVEL.parse().unwrap()).unwrap();
        assert_eq!(entry.warning().unwrap().to_string(), "REVOKED since 2026-11-02");
        assert_eq!((metadata.tally.models, metadata.tally.left_out.len()), (1, 1));
    }
}

#[test]
fn certification_is_what_no_later_report_took_back() {
    let of = |reports: &[(&str, Option<&str>)]| {
        let reports: Vec<_> = reports
            .iter()
            .map(|(status, date)| match date {
                Some(date) => json!({ "status": status, "effectiveDate": date }),
                None => json!({ "status": status }),
            })
            .collect();
        let metadata = read(&[bent(|entry| entry["statusReports"] = reports.into())]);
        metadata.entry(NOVEL.parse().unwrap()).unwrap().standing()
    };
    let is = |level| move |standing| matches!(standing, Standing::Certified { level: found, .. } if found == level);
    assert!(is("L1")(of(&[
        ("FIDO_CERTIFIED_L1", Some("2020-01-01")),
        ("FIDO_CERTIFIED", Some("2020-01-01"))
    ])));
    assert!(is("L3+")(of(&[
        ("FIDO_CERTIFIED_L3plus", Some("2025-01-01")),
        ("FIDO_CERTIFIED_L1", Some("2026-01-01"))
    ])));
    assert!(is("L2")(of(&[
        ("NOT_FIDO_CERTIFIED", Some("2020-01-01")),
        ("FIDO_CERTIFIED_L2", Some("2021-01-01"))
    ])));
    assert!(is("certified")(of(&[("FIDO_CERTIFIED", None)])));
    for taken_back in ["NOT_FIDO_CERTIFIED", "REVOKED", "RETIRED"] {
        let later = of(&[("FIDO_CERTIFIED_L2", Some("2020-01-01")), (taken_back, Some("2021-01-01"))]);
        assert_eq!(later, Standing::NotCertified, "{taken_back}");
        let undated = of(&[(taken_back, None), ("FIDO_CERTIFIED_L2", Some("2020-01-01"))]);
        assert_eq!(undated, Standing::NotCertified, "without a date it holds while it is there");
    }
    assert_eq!(of(&[]), Standing::Unsaid);
    assert_eq!(of(&[("UPDATE_AVAILABLE", None)]), Standing::Unsaid);
}

#[test]
fn a_warning_tells_its_version_and_whether_an_update_came() {
    let warning = |reports: Value| {
        let metadata = read(&[bent(|entry| entry["statusReports"] = reports)]);
        metadata.entry(NOVEL.parse().unwrap()).unwrap().warning().map(|warning| warning.to_string())
    };
    for status in [
        "ATTESTATION_KEY_COMPROMISE",
        "REVOKED",
        "USER_KEY_PHYSICAL_COMPROMISE",
        "USER_KEY_REMOTE_COMPROMISE",
        "USER_VERIFICATION_BYPASS",
    ] {
        assert_eq!(warning(json!([{ "status": status }])).as_deref(), Some(status));
    }
    let history = json!([
        { "status": "FIDO_CERTIFIED_L1", "effectiveDate": "2020-01-01" },
        { "status": "UPDATE_AVAILABLE", "effectiveDate": "2024-03-01", "authenticatorVersion": 8 },
        { "status": "USER_VERIFICATION_BYPASS", "effectiveDate": "2024-02-01", "authenticatorVersion": 7 },
    ]);
    let told = "USER_VERIFICATION_BYPASS since 2024-02-01, of its version 7; an update came out since";
    assert_eq!(warning(history).as_deref(), Some(told));
    assert_eq!(warning(json!([{ "status": "FIDO_CERTIFIED_L1" }, { "status": "UPDATE_AVAILABLE" }])), None);
}

#[test]
fn a_payload_without_its_heart_is_refused() {
    for payload in [
        json!({}),
        json!({ "no": 1, "nextUpdate": "2026-01-01" }),
        json!({ "no": -1, "nextUpdate": "2026-01-01", "entries": [] }),
        json!({ "no": 1, "nextUpdate": "soon", "entries": [] }),
        json!({ "no": 1, "nextUpdate": "2026-01-01", "entries": {} }),
    ] {
        let read = Metadata::read(&payload.to_string(), &[], then(), true);
        assert!(matches!(read, Err(MdsError::Payload(_))), "{payload}");
    }
    let twice = r#"{ "no": 9, "no": 1, "nextUpdate": "2026-01-01", "entries": [] }"#;
    assert!(Metadata::read(twice, &[], then(), true).is_err(), "a number that stands there twice");
    let deep = format!("{{\"no\": 1, \"nextUpdate\": \"2026-01-01\", \"entries\": [{}]}}", "[".repeat(5000));
    assert!(Metadata::read(&deep, &[], then(), true).is_err());
}

/// Any JSON, not too large.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        Just(Value::from(NOVEL)),
        Just(Value::from("REVOKED")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((member(), inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn member() -> impl Strategy<Value = String> {
    let known = [
        "aaguid",
        "aaid",
        "metadataStatement",
        "description",
        "statusReports",
        "status",
        "effectiveDate",
        "attestationRootCertificates",
        "authenticatorGetInfo",
    ];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(str::to_owned), "[a-z]{1,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn every_entry_is_accounted_for_and_good_ones_survive(
        strangers in prop::collection::vec(any_json(), 0..6),
        member in member(),
        value in any_json(),
    ) {
        let bent = bent(|entry| { entry.as_object_mut().unwrap().insert(member, value); });
        let good = entry(SECOND);
        let metadata = read(&[&strangers[..], &[bent, good]].concat());
        let tally = &metadata.tally;
        prop_assert_eq!(tally.entries, strangers.len() + 2);
        prop_assert_eq!(tally.models + tally.u2f + tally.uaf + tally.left_out.len(), tally.entries);
        prop_assert_eq!(metadata.entries().count(), tally.models);
        prop_assert!(metadata.entry(SECOND.parse().unwrap()).is_some());
    }
}
