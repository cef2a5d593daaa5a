//! What the tenant allows now, and what has come up against the models.

use super::*;

#[test]
fn an_aaguid_that_was_taken_off_a_list_is_an_alarm() {
    let status = good().bend(|good| good.policy = Some(lists(&[&[TOKEN2, YUBIKEY], &[TOKEN2]]))).status();
    let row = only(&status, Id::AllowList);
    assert_eq!(row.status, Sign::Fail);
    assert!(row.saw.contains("EA-01-A, EA-01-B") && row.saw.contains("list-1.txt"), "{}", row.saw);
    assert!(row.cure.as_ref().unwrap().contains("cannot sign in either"));
    assert_eq!(only(&status, Id::AllowListAgreement).status, Sign::Warn);
    all_else_passes(&status, &[Id::AllowList, Id::AllowListAgreement]);
}

#[test]
fn a_model_that_no_key_has_may_differ() {
    let status = good()
        .bend(|good| good.policy = Some(lists(&[&[TOKEN2, YUBIKEY, EPASS], &[TOKEN2, YUBIKEY]])))
        .status();
    assert_eq!(only(&status, Id::AllowListAgreement).status, Sign::Warn);
    all_else_passes(&status, &[Id::AllowListAgreement]);
    assert!(status.well);
}

#[test]
fn a_key_out_of_service_needs_no_list() {
    let status = good()
        .bend(|good| good.keys.push(Held { state: State::Retired, ..key("OLD", "EA-01", EPASS, "Berlin") }))
        .status();
    all_else_passes(&status, &[]);
}

#[test]
fn without_policy_files_it_cannot_be_told() {
    for policy in [None, Some(PolicySet::default())] {
        let status = good().bend(|good| good.policy = policy).status();
        assert_eq!(only(&status, Id::AllowList).status, Sign::Skipped);
        assert_eq!(only(&status, Id::AllowListAgreement).status, Sign::Skipped);
        all_else_passes(&status, &[Id::AllowList, Id::AllowListAgreement]);
    }
}

#[test]
fn a_policy_that_leaves_it_open_is_no_yes() {
    let text = r##"{"@odata.type":"#microsoft.graph.fido2AuthenticationMethodConfiguration","id":"Fido2","keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":[]}}"##;
    let source = PolicySource::parse("fido2.json", text.as_bytes()).unwrap();
    let status = good().bend(|good| good.policy = PolicySet::choose(&[source], None).ok()).status();
    let not_yes = rows(&status, Id::AllowList);
    assert!(not_yes.iter().all(|row| row.status != Sign::Pass), "{not_yes:#?}");
}

/// YubiKey 5 NFC of the 5.1 series: YSA-2024-03 is about it.
const OLD: Uuid = uuid!("fa2b99dc-9e39-4257-8f92-4a30d23c4118");

fn with_old(enrolled: &str, checked: Option<&str>) -> Status {
    good()
        .bend(|good| {
            for key in &mut good.keys[..2] {
                key.aaguid = OLD;
                key.firmware = Some(0x05_01_02).into();
                key.enrolled = enrolled.parse().unwrap();
                key.last_good_check = checked.map(|at| at.parse().unwrap());
            }
            good.policy = Some(lists(&[&[OLD, TOKEN2]]));
        })
        .status()
}

#[test]
fn an_advisory_that_nobody_has_seen_yet_is_an_alarm() {
    let fresh = with_old("2023-01-01T00:00:00Z", Some("2024-09-02T00:00:00Z"));
    let rows: Vec<_> =
        rows(&fresh, Id::Advisory).into_iter().filter(|row| row.status == Sign::Fail).collect();
    assert!(
        rows.iter()
            .any(|row| row.saw.contains("came out after these were last checked well: EA-01-A, EA-01-B")),
        "{rows:#?}"
    );
    assert!(!fresh.well);
}

#[test]
fn an_advisory_that_a_check_has_told_is_a_warning() {
    let seen = with_old("2023-01-01T00:00:00Z", Some("2026-01-01T00:00:00Z"));
    let signs = |status| -> Vec<Sign> { rows(status, Id::Advisory).iter().map(|row| row.status).collect() };
    // What the other vendor has not spoken of is told, and no warning.
    assert!(signs(&seen).contains(&Sign::Warn) && !signs(&seen).contains(&Sign::Fail), "{seen:#?}");
    assert!(rows(&seen, Id::Advisory).iter().any(|row| row.saw.contains("it is about EA-01-A, EA-01-B")));
    all_else_passes(&seen, &[Id::Advisory, Id::AllowListAgreement, Id::Drill]);
    let enrolled = with_old("2026-01-01T00:00:00Z", None);
    assert!(!signs(&enrolled).contains(&Sign::Fail), "enrolment is a check as well: {enrolled:#?}");
}

#[test]
fn firmware_that_is_not_told_may_have_the_fault() {
    let status = good().bend(|good| good.keys[0].firmware = Told::default()).status();
    let told: Vec<_> = rows(&status, Id::Advisory);
    assert!(told.iter().all(|row| row.status != Sign::Fail), "{told:#?}");
}

#[test]
fn a_model_that_nobody_has_described() {
    let status = good()
        .bend(|good| {
            good.keys[3].aaguid = NOBODY;
            good.keys[3].vendor = Some("Acme");
            good.policy = Some(lists(&[&[YUBIKEY, TOKEN2, NOBODY]]));
        })
        .status();
    assert_eq!(only(&status, Id::ModelKnown).status, Sign::Fail);
    assert!(only(&status, Id::ModelKnown).saw.contains("EA-02-B"));
    assert_eq!(rows(&status, Id::VendorDiversity)[0].status, Sign::Pass, "its vendor was known at enrolment");
}
