//! Policies as files: what is read, what is refused and where, and what each rule says of a model.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "helpers of tests"
)]

use std::path::{Path, PathBuf};

use glasskey::policy::{
    Agreement, Allowed, Found, KeyRestrictions, Kind, Note, Policy, PolicyError, PolicySet, PolicySource,
    Reason, Restriction, Weight,
};
use insta::assert_snapshot;
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

#[path = "policy/agreement.rs"]
mod agreement;
#[path = "policy/compare.rs"]
mod compare;
#[path = "policy/emit.rs"]
mod emit;
#[path = "policy/random.rs"]
mod random;
#[path = "policy/refused.rs"]
mod refused;
#[path = "support/skip.rs"]
mod skip;

const YUBI: Uuid = uuid!("a25342c0-3cdc-4414-8e46-f4807fca511c");
const TOKEN2: Uuid = uuid!("eabb46cc-e241-80bf-ae9e-96fa6d2975cf");
const OTHER: Uuid = uuid!("2fc0579f-8113-47ea-b116-bb5a8db9202a");

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/policy").join(name)
}

fn fixture(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(data(name)).unwrap()).unwrap()
}

fn source(value: &Value) -> Result<PolicySource, PolicyError> {
    PolicySource::parse("policy.json", value.to_string().as_bytes())
}

fn policy(value: &Value) -> Policy {
    source(value).unwrap().choose(None).unwrap()
}

/// `value` with the member at `pointer` replaced; with `null` it counts as missing.
fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    *value.pointer_mut(pointer).unwrap() = new;
    value
}

fn notes(policy: &Policy) -> Vec<String> {
    policy.notes.iter().map(Note::to_string).collect()
}

#[test]
fn a_profile_lets_in_what_it_lists() {
    let source = PolicySource::load(&data("two-profiles.json")).unwrap();
    assert_eq!(source.kind, Kind::Fido2Configuration);
    let policy = source.choose(None).unwrap();
    assert_eq!(policy.profile.as_deref(), Some("Safe keys"), "the other profile asks nothing of a key");
    assert_eq!(policy.attestation_required, Some(true));
    let by_name = source.choose(Some(" safe KEYS ")).unwrap();
    let by_id = source.choose(Some("3D5F0A7B-6E21-4C84-9B7A-0C1D2E3F4A5B")).unwrap();
    assert_eq!(by_name, by_id);
    for policy in [policy, by_name] {
        assert_eq!(policy.judge(YUBI).allowed, Allowed::Yes);
        assert_eq!(policy.judge(TOKEN2).allowed, Allowed::Yes);
        assert_eq!(policy.judge(OTHER).allowed, Allowed::No(Reason::NotListed { listed: 2 }));
    }
    let standard = source.choose(Some("standard")).unwrap();
    assert_eq!(standard.judge(OTHER).allowed, Allowed::Yes);
    assert_eq!(standard.attestation_required, Some(false));
    assert_snapshot!(notes(&source.choose(None).unwrap()).join("\n"), @r#"
    chosen by itself; set aside, as they admit no hardware key or ask nothing of it: "Standard (00000000-0000-0000-0000-000000000001)"
    reaches only "7b0c1c8e-33aa-4a52-9c0d-2f6e1b7d9a10": the account must be among them
    "#);
}

#[test]
fn the_rules_of_a_configuration() {
    let tell = |reason| Allowed::CannotTell(reason);
    let no = Allowed::No;
    let restrictions = "/passkeyProfiles/1/keyRestrictions";
    let unknown = |why: &str| tell(Reason::RestrictionsUnknown { why: why.to_owned() });
    let safe = json!("3d5f0a7b-6e21-4c84-9b7a-0c1d2e3f4a5b");
    let list = json!([YUBI]);
    // Where, what, and what YUBI (which is listed) then gets under the profile "Safe keys".
    let table = [
        ("/state", json!("disabled"), no(Reason::MethodDisabled)),
        ("/state", Value::Null, tell(Reason::StateUnknown { word: None })),
        ("/state", json!("Enabled!"), tell(Reason::StateUnknown { word: Some("Enabled!".into()) })),
        ("/includeTargets", json!([]), no(Reason::NobodyIncluded)),
        ("/includeTargets", Value::Null, Allowed::Yes),
        ("/includeTargets/1/allowedPasskeyProfiles", json!([]), no(Reason::ProfileUnused)),
        ("/includeTargets/0/allowedPasskeyProfiles", json!([safe]), Allowed::Yes),
        ("/excludeTargets", json!([{"id": "ALL_USERS"}]), no(Reason::EverybodyExcluded)),
        ("/excludeTargets", json!([{"id": "some group"}]), Allowed::Yes),
        ("/passkeyProfiles/1/passkeyTypes", json!("synced"), no(Reason::SyncedOnly)),
        ("/passkeyProfiles/1/passkeyTypes", json!(" synced ,deviceBound"), Allowed::Yes),
        ("/passkeyProfiles/1/passkeyTypes", json!(""), tell(Reason::TypesUnknown { words: vec![] })),
        (
            "/passkeyProfiles/1/passkeyTypes",
            json!("synced,DEVICEBOUND"),
            tell(Reason::TypesUnknown { words: vec!["DEVICEBOUND".into()] }),
        ),
        ("/passkeyProfiles/1/attestationEnforcement", json!("unknownFutureValue"), Allowed::Yes),
        (restrictions, Value::Null, unknown("keyRestrictions is missing")),
        (
            restrictions,
            json!({"aaGuids": list, "enforcementType": "allow"}),
            unknown("isEnforced is missing"),
        ),
        (restrictions, json!({"aaGuids": list, "isEnforced": true}), unknown("enforcementType is missing")),
        (
            restrictions,
            json!({"enforcementType": "block", "isEnforced": true}),
            unknown("aaGuids is missing"),
        ),
        (
            restrictions,
            json!({"aaGuids": list, "enforcementType": "unknownFutureValue", "isEnforced": true}),
            unknown("enforcementType is \"unknownFutureValue\""),
        ),
        (
            restrictions,
            json!({"aaGuids": [], "enforcementType": "allow", "isEnforced": true}),
            no(Reason::NotListed { listed: 0 }),
        ),
        (
            restrictions,
            json!({"aaGuids": list, "enforcementType": "block", "isEnforced": true}),
            no(Reason::Blocked),
        ),
        (
            restrictions,
            json!({"aaGuids": [OTHER], "enforcementType": "whatever", "isEnforced": false}),
            Allowed::Yes,
        ),
    ];
    for (pointer, new, expected) in table {
        let source = source(&with(fixture("two-profiles.json"), pointer, new.clone())).unwrap();
        let policy = source.choose(Some("Safe keys")).unwrap();
        assert_eq!(policy.judge(YUBI).allowed, expected, "{pointer} = {new}");
    }
}

#[test]
fn notes_tell_what_a_person_must_see_to() {
    let said = |pointer: &str, new: Value| {
        let source = source(&with(fixture("two-profiles.json"), pointer, new)).unwrap();
        let policy = source.choose(Some("Safe keys")).unwrap();
        let warns: Vec<_> = policy.notes.iter().filter(|n| n.weight() > Weight::Info).collect();
        warns.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let restrictions = "/passkeyProfiles/1/keyRestrictions";
    assert_snapshot!(said("/includeTargets/1/id", json!("\u{1b}]0;x")), @r#"reaches only "\u{1b}]0;x": the account must be among them"#);
    assert_snapshot!(said("/excludeTargets", json!([{"id": "g1"}, {"id": "g2"}])), @r#"
    shuts out the members of "g1", "g2": the account must not be one
    reaches only "7b0c1c8e-33aa-4a52-9c0d-2f6e1b7d9a10": the account must be among them
    "#);
    assert_snapshot!(said("/includeTargets/0/allowedPasskeyProfiles", json!(["lost"])), @r#"
    the file is cut short: targets use profiles that it doesn't hold: "lost"
    reaches only "7b0c1c8e-33aa-4a52-9c0d-2f6e1b7d9a10": the account must be among them
    "#);
    assert_snapshot!(said(&format!("{restrictions}/isEnforced"), json!(false)), @r#"
    reaches only "7b0c1c8e-33aa-4a52-9c0d-2f6e1b7d9a10": the account must be among them
    AAGUIDs are listed (2), but the list is not enforced: every model may be used
    "#);
    assert_snapshot!(said(&format!("{restrictions}/aaGuids"), json!([Uuid::nil()])), @r#"
    reaches only "7b0c1c8e-33aa-4a52-9c0d-2f6e1b7d9a10": the account must be among them
    allows the all-zero AAGUID: any key that hides its model
    "#);
    assert_snapshot!(said("/passkeyProfiles/1/attestationEnforcement", json!("always")), @r#"
    reaches only "7b0c1c8e-33aa-4a52-9c0d-2f6e1b7d9a10": the account must be among them
    attestation enforcement is "always", an unknown word
    "#);
    let default = with(fixture("two-profiles.json"), "/includeTargets/0/allowedPasskeyProfiles", json!([]));
    let policy = source(&default).unwrap().choose(Some("standard")).unwrap();
    assert_eq!(policy.notes, [Note::DefaultByOmission]);
    assert_eq!(policy.judge(OTHER).allowed, Allowed::Yes);
}

#[test]
fn a_profile_is_chosen_by_rule_or_by_name_and_never_guessed() {
    let base = || fixture("two-profiles.json");
    let chosen = |value: &Value| source(value).unwrap().choose(None).map(|p| p.profile.unwrap());
    let attested = with(base(), "/passkeyProfiles/0/attestationEnforcement", json!("registrationOnly"));
    assert!(matches!(chosen(&attested), Err(PolicyError::ProfileNeeded { .. })), "the default one asks too");
    let synced = with(attested.clone(), "/passkeyProfiles/0/passkeyTypes", json!("synced"));
    assert_eq!(chosen(&synced).unwrap(), "Safe keys");
    let odd = with(attested.clone(), "/passkeyProfiles/0/passkeyTypes", json!("synced, quantum"));
    assert!(
        matches!(chosen(&odd), Err(PolicyError::ProfileNeeded { .. })),
        "an unknown kind is not set aside"
    );
    let open = with(base(), "/passkeyProfiles/1", base().pointer("/passkeyProfiles/0").unwrap().clone());
    assert!(matches!(chosen(&open), Err(PolicyError::ProfileNeeded { .. })));
    let alone = with(base(), "/passkeyProfiles", json!([base().pointer("/passkeyProfiles/0").unwrap()]));
    assert_eq!(chosen(&alone).unwrap(), "Standard");

    let needed = chosen(&attested).unwrap_err();
    assert_snapshot!(needed, @r#"policy.json: several passkey profiles could be meant: "Standard (00000000-0000-0000-0000-000000000001)", "Safe keys (3d5f0a7b-6e21-4c84-9b7a-0c1d2e3f4a5b)""#);
    assert_snapshot!(needed.hint().unwrap(), @"name the one meant for the emergency access accounts with `--profile`, by name or id");
    let unknown = source(&base()).unwrap().choose(Some("Saef\u{7}")).unwrap_err();
    assert_snapshot!(unknown, @r#"policy.json: no passkey profile "Saef\u{7}" (it holds "Standard (00000000-0000-0000-0000-000000000001)", "Safe keys (3d5f0a7b-6e21-4c84-9b7a-0c1d2e3f4a5b)")"#);
    let twins = with(base(), "/passkeyProfiles/0/name", json!("SAFE keys"));
    let twins = source(&twins).unwrap().choose(Some("Safe keys"));
    assert!(matches!(twins, Err(PolicyError::ProfileNeeded { .. })), "two of that name");
    let none = source(&fixture("legacy-block.json")).unwrap().choose(Some("Safe keys")).unwrap_err();
    assert_snapshot!(none, @r#"policy.json: no passkey profile "Safe keys" (it holds none)"#);
    let unused = PolicySet::load(&[data("list.txt")], Some("Safe keys")).unwrap_err();
    assert_snapshot!(unused, @r#"no policy file holds passkey profiles, so "Safe keys" can't be chosen"#);
}

#[test]
fn a_tenant_without_profiles_is_judged_by_the_members_outside_them() {
    let policy = policy(&fixture("legacy-block.json"));
    assert_eq!(policy.judge(TOKEN2).allowed, Allowed::No(Reason::Blocked));
    assert_eq!(policy.judge(YUBI).allowed, Allowed::Yes);
    assert_eq!(policy.attestation_required, Some(false));
    assert_snapshot!(notes(&policy).join("\n"), @r#"
    shuts out the members of "f3b0c9a4-1111-4222-8333-0a1b2c3d4e5f": the account must not be one
    a tenant without passkey profiles: its restrictions stand in members that Graph drops on 2027-10-15
    listed more than once: eabb46cc-e241-80bf-ae9e-96fa6d2975cf
    "#);
    // With a default profile named, those members only mirror it: an export without its profiles decides nothing.
    let cut = with(fixture("legacy-block.json"), "/defaultPasskeyProfile", json!("p"));
    for model in [TOKEN2, YUBI] {
        assert_eq!(self::policy(&cut).judge(model).allowed, Allowed::CannotTell(Reason::ProfilesMissing));
    }
}

#[test]
fn profiles_win_over_the_members_outside_them() {
    let restrictions = json!({"isEnforced": true, "enforcementType": "block", "aaGuids": [YUBI]});
    let value = with(fixture("two-profiles.json"), "/keyRestrictions", restrictions);
    assert_eq!(policy(&value).judge(YUBI).allowed, Allowed::Yes);
}

#[test]
fn strengths() {
    let list = fixture("strengths.json");
    let one = |i: usize| list.pointer(&format!("/value/{i}")).unwrap().clone();
    assert_eq!(policy(&list).profile.as_deref(), Some("Keys in the safes"));
    assert_eq!(policy(&one(0)).judge(OTHER).allowed, Allowed::Yes, "no AAGUIDs named");
    for value in [list.clone(), one(1), json!([one(1)]), with(one(1), "/displayName", Value::Null)] {
        assert_eq!(policy(&value).judge(YUBI).allowed, Allowed::Yes);
        assert_eq!(policy(&value).judge(OTHER).allowed, Allowed::No(Reason::NotListed { listed: 1 }));
        assert_eq!(policy(&value).attestation_required, None);
    }
    assert_eq!(policy(&one(2)).judge(YUBI).allowed, Allowed::No(Reason::NoFido2Combination));
    let unsaid = with(one(1), "/allowedCombinations", Value::Null);
    assert_eq!(policy(&unsaid).judge(YUBI).allowed, Allowed::CannotTell(Reason::CombinationsMissing));
    let configs = "/combinationConfigurations";
    for doubtful in [
        Value::Null,
        json!([{"allowedAAGUIDs": [YUBI]}]),
        json!([{"appliesToCombinations": ["fido2"]}]),
        json!([{"appliesToCombinations": ["fido2"], "allowedAAGUIDs": []}]),
    ] {
        let judged = policy(&with(one(1), configs, doubtful)).judge(YUBI).allowed;
        assert!(matches!(judged, Allowed::CannotTell(Reason::RestrictionsUnknown { .. })), "{judged:?}");
    }
    let two = json!({"value": [one(1), one(0), one(1)]});
    assert_snapshot!(source(&two).unwrap().choose(None).unwrap_err(), @r#"policy.json: several authentication strengths name AAGUIDs: "Keys in the safes (b1a5c0de-0000-4000-8000-00000000000a)", "Keys in the safes (b1a5c0de-0000-4000-8000-00000000000a)""#);

    // A configuration without its strength, one and several.
    let config = |ids: &[Uuid]| json!({"appliesToCombinations": ["fido2"], "allowedAAGUIDs": ids});
    assert_eq!(policy(&config(&[YUBI])).judge(YUBI).allowed, Allowed::Yes);
    let both = policy(&json!([config(&[YUBI, TOKEN2]), config(&[YUBI, OTHER])]));
    assert_eq!(both.kind, Kind::CombinationConfiguration);
    assert_eq!(both.judge(YUBI).allowed, Allowed::Yes);
    assert_eq!(both.judge(TOKEN2).allowed, Allowed::No(Reason::NotListed { listed: 1 }));
    assert!(both.notes.contains(&Note::Intersection { configurations: 2 }));
}

#[test]
fn plain_lists() {
    let text = PolicySource::load(&data("list.txt")).unwrap();
    let json = source(&json!([YUBI, format!(" {TOKEN2}\n").to_uppercase(), YUBI])).unwrap();
    assert_eq!(text.content, json.content);
    let policy = text.choose(None).unwrap();
    assert_eq!(policy.judge(TOKEN2).allowed, Allowed::Yes);
    assert_eq!(policy.judge(OTHER).allowed, Allowed::No(Reason::NotListed { listed: 2 }));
    assert_eq!(policy.notes, [Note::Duplicates { aaguids: vec![YUBI] }]);
}

#[test]
fn a_summary_keeps_what_the_file_says() {
    let summary = PolicySource::load(&data("two-profiles.json")).unwrap().summary();
    assert_eq!(summary.profiles[0].restriction, Restriction::Open);
    assert!(!summary.profiles[0].inert);
    assert_eq!(summary.profiles[1].targets, ["7b0c1c8e-33aa-4a52-9c0d-2f6e1b7d9a10"]);
    insta::assert_json_snapshot!(source(&fixture("legacy-block.json")).unwrap().summary(), @r#"
    {
      "source": "policy.json",
      "kind": "fido2_configuration",
      "state": "enabled",
      "excluded": [
        "f3b0c9a4-1111-4222-8333-0a1b2c3d4e5f"
      ],
      "profiles": [
        {
          "name": null,
          "id": null,
          "passkey_types": null,
          "attestation": "disabled",
          "fido2_combination": null,
          "restriction": "block",
          "aaguids": [
            "eabb46cc-e241-80bf-ae9e-96fa6d2975cf"
          ],
          "duplicates": [
            "eabb46cc-e241-80bf-ae9e-96fa6d2975cf"
          ],
          "inert": false,
          "targets": [
            "all_users"
          ],
          "notes": [
            {
              "code": "duplicates",
              "aaguids": [
                "eabb46cc-e241-80bf-ae9e-96fa6d2975cf"
              ]
            }
          ]
        }
      ]
    }
    "#);
    assert_eq!(source(&fixture("strengths.json")).unwrap().summary().profiles.len(), 3);
}

const SAMPLES: [(&str, Option<Found>); 9] = [
    ("authentication_methods_policy_wrapper.json", None),
    ("authentication_strength_fido2.json", None),
    ("fido2_config_legacy_no_profiles.json", None),
    ("fido2_config_two_profiles.json", None),
    ("creation_options_beta_suffix_ids.json", Some(Found::CreationOptions)),
    ("creation_options_beta_value_wrapper.json", Some(Found::CreationOptions)),
    ("creation_options_v1.json", Some(Found::CreationOptions)),
    ("fido2_methods_list.json", Some(Found::MethodsList)),
    ("register_request_shape.json", Some(Found::RegisterRequest)),
];

#[test]
fn samples_of_the_shared_research() {
    let Some(folder) = skip::research("entra/samples") else { return };
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    assert_eq!(files.count(), SAMPLES.len(), "a sample that nobody asks for");
    let mut policies = Vec::new();
    for (name, expected) in SAMPLES {
        match (PolicySource::load(&folder.join(name)), expected) {
            (Ok(source), None) => policies.push(source.choose(None).unwrap()),
            (Err(PolicyError::NotAPolicy { found, .. }), Some(expected)) => assert_eq!(found, expected),
            (other, _) => panic!("{name}: {other:?}"),
        }
    }
    let [wrapper, strength, legacy, profiles] = policies.as_slice() else { panic!() };
    assert_eq!(wrapper.key_restrictions, profiles.key_restrictions);
    assert_eq!(wrapper.profile.as_deref(), Some("Break glass keys"));
    assert_eq!(strength.judge(OTHER).allowed, Allowed::No(Reason::NotListed { listed: 2 }));
    assert_eq!(legacy.judge(OTHER).allowed, Allowed::Yes);
    assert_eq!(legacy.attestation_required, Some(true));
    assert!(matches!(
        PolicySet { policies: vec![profiles.clone(), strength.clone()] }.agreement(),
        Agreement::Differ(d) if d[0].only_in_a.len() == 2 && d[0].only_in_b.is_empty()
    ));
}
