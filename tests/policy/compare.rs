//! Several lists side by side, and which enrolled keys each locks out.

use glasskey::catalogue::Catalogue;
use glasskey::policy::{Comparison, EnrolledKey, Party, compare};

use super::*;

const ZERO: Uuid = Uuid::nil();
/// Microsoft Authenticator on iOS.
const PHONE: Uuid = uuid!("90a3ccdf-635c-4729-a248-9b709135078f");
const NOBODY: Uuid = uuid!("12345678-1234-4234-8234-123456789abc");

fn key(label: &str, aaguid: Uuid) -> EnrolledKey {
    EnrolledKey { label: label.into(), account: "EA-01".into(), aaguid }
}

fn named(value: &Value, name: &str) -> PolicySource {
    PolicySource::parse(name, value.to_string().as_bytes()).unwrap()
}

fn compared(sources: &[PolicySource], keys: &[EnrolledKey]) -> Comparison {
    let parties: Vec<_> = sources.iter().map(|source| Party::file(source, None).unwrap()).collect();
    compare(&parties, keys, &Catalogue::builtin().unwrap())
}

fn strength(ids: &[Uuid]) -> Value {
    json!({ "allowedCombinations": ["fido2"], "combinationConfigurations": [
        { "appliesToCombinations": ["fido2"], "allowedAAGUIDs": ids },
    ] })
}

#[test]
fn lists_that_agree_and_lock_nobody_out_are_well() {
    let sources = [named(&fixture("two-profiles.json"), "a"), named(&strength(&[TOKEN2, YUBI]), "b")];
    let told = compared(&sources, &[key("A", YUBI), key("B", TOKEN2)]);
    assert_eq!((told.well(), &told.agreement), (Some(true), &Agreement::Agree));
    assert_eq!(told.models.len(), 2);
    assert!(told.models.iter().all(|model| model.vendor.is_some() && model.keys.len() == 1));
}

#[test]
fn a_key_that_only_one_list_knows_registers_and_does_not_sign_in() {
    let sources = [named(&fixture("two-profiles.json"), "profile"), named(&strength(&[YUBI]), "strength")];
    let told = compared(&sources, &[key("A", YUBI), key("B", TOKEN2)]);
    assert_eq!(told.well(), Some(false));
    let [out] = told.locked_out.as_slice() else { panic!("{:?}", told.locked_out) };
    assert_eq!((out.label.as_str(), out.source.as_str()), ("B", "strength"));
    assert_eq!(out.registration, None, "a strength is asked at sign-in only");
    assert!(matches!(out.sign_in, Allowed::No(Reason::NotListed { .. })));
    assert!(matches!(&told.agreement, Agreement::Differ(all) if all[0].only_in_a.contains(&TOKEN2)));
}

#[test]
fn attestation_counts_at_registration_alone() {
    // Every model may be used, and attestation is enforced: a model that Microsoft does not list registers no more.
    let restrictions = json!({ "isEnforced": false, "enforcementType": "allow", "aaGuids": [] });
    let open = with(fixture("two-profiles.json"), "/passkeyProfiles/1/keyRestrictions", restrictions);
    let sources = [named(&open, "a"), named(&open, "b")];
    let unlisted = Catalogue::builtin().unwrap();
    let unlisted = unlisted
        .models()
        .find(|model| model.entra_listed == glasskey::catalogue::Said::No && model.kind.is_hardware_key());
    let unlisted = unlisted.expect("the catalogue knows models that Microsoft does not list").aaguid;
    let told = compared(&sources, &[key("A", unlisted), key("B", NOBODY), key("C", YUBI)]);
    let outs: Vec<_> =
        told.locked_out.iter().map(|out| (out.label.as_str(), out.registration.clone())).collect();
    let no = Some(Allowed::No(Reason::NotAttestable));
    let unclear = Some(Allowed::CannotTell(Reason::AttestabilityUnknown));
    assert_eq!(outs, [("A", no.clone()), ("B", unclear.clone()), ("A", no), ("B", unclear)]);
    assert!(told.locked_out.iter().all(|out| out.sign_in == Allowed::Yes));
    let doubtful = compared(&sources, &[key("B", NOBODY)]);
    assert_eq!(doubtful.well(), None, "could not tell is not yes");
}

#[test]
fn a_plan_stands_for_the_models_of_its_keys() {
    let source = named(&fixture("two-profiles.json"), "a");
    let keys = [key("A", YUBI)];
    let parties = [Party::file(&source, None).unwrap(), Party::plan("custody.toml", &keys)];
    let told = compare(&parties, &keys, &Catalogue::builtin().unwrap());
    assert!(matches!(&told.agreement, Agreement::Differ(all) if all[0].only_in_a.contains(&TOKEN2)));
    assert_eq!(told.sources[1].kind, None);
}

#[test]
fn what_is_odd_about_a_list_is_told() {
    let codes = |value: &Value| {
        let told = compared(&[named(value, "a")], &[]);
        told.sources[0].remarks.iter().map(|remark| remark.code.clone()).collect::<Vec<_>>()
    };
    let restrictions = "/passkeyProfiles/1/keyRestrictions";
    let list =
        |ids: &[Uuid]| with(fixture("two-profiles.json"), &format!("{restrictions}/aaGuids"), json!(ids));
    assert!(codes(&list(&[NOBODY])).contains(&"unknown_models".to_owned()));
    assert!(codes(&list(&[PHONE])).contains(&"no_hardware".to_owned()));
    let zero = codes(&list(&[ZERO]));
    assert!(zero.contains(&"zero_allowed".to_owned()), "{zero:?}");
    assert!(codes(&list(&[YUBI, YUBI])).contains(&"duplicates".to_owned()));
    let inert = with(fixture("two-profiles.json"), &format!("{restrictions}/isEnforced"), json!(false));
    assert!(codes(&inert).contains(&"inert_list".to_owned()));
    let synced =
        with(fixture("two-profiles.json"), "/passkeyProfiles/1/passkeyTypes", json!("deviceBound, synced"));
    assert!(codes(&synced).contains(&"synced_allowed".to_owned()));
    let mut off = fixture("two-profiles.json");
    off["isSelfServiceRegistrationAllowed"] = json!(false);
    assert!(codes(&off).contains(&"self_service_off".to_owned()));
    off.as_object_mut().unwrap().remove("isSelfServiceRegistrationAllowed");
    assert!(codes(&off).contains(&"self_service_unsaid".to_owned()));
    let many = |count: u128| list(&(0..count).map(Uuid::from_u128).collect::<Vec<_>>());
    let near = codes(&many(400));
    assert!(near.contains(&"near_limit".to_owned()) && !near.contains(&"over_limit".to_owned()));
    assert!(codes(&many(500)).contains(&"over_limit".to_owned()));
}
