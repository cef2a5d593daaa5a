//! Requests that change lists: merged, complete, and never without an enrolled key's model.

use std::collections::BTreeSet;

use glasskey::catalogue::Catalogue;
use glasskey::policy::{EmitError, Emitted, EnrolledKey, Export, Wanted};
use proptest::prelude::*;

use super::*;

const GROUP: Uuid = uuid!("7b0c1c8e-33aa-4a52-9c0d-2f6e1b7d9a10");

/// What is wanted, with what it borrows.
struct Want {
    keys: Vec<EnrolledKey>,
    add: BTreeSet<Uuid>,
    drop: BTreeSet<Uuid>,
    catalogue: Catalogue,
}

fn want(keys: &[Uuid], add: &[Uuid], drop: &[Uuid]) -> Want {
    let key = |(number, aaguid): (usize, &Uuid)| EnrolledKey {
        label: format!("K{number}"),
        account: "EA-01".into(),
        aaguid: *aaguid,
    };
    Want {
        keys: keys.iter().enumerate().map(key).collect(),
        add: add.iter().copied().collect(),
        drop: drop.iter().copied().collect(),
        catalogue: Catalogue::builtin().unwrap(),
    }
}

impl Want {
    fn wanted(&self) -> Wanted<'_> {
        Wanted { keys: &self.keys, add: &self.add, drop: &self.drop, catalogue: &self.catalogue }
    }
}

fn export(value: &Value) -> Export {
    Export::parse("export.json", value.to_string().as_bytes()).unwrap()
}

fn profile(
    value: &Value,
    name: Option<&str>,
    group: Option<Uuid>,
    want: &Want,
) -> Result<Emitted, PolicyError> {
    export(value).passkey_profile(name, group, want.wanted())
}

fn refused(result: Result<Emitted, PolicyError>) -> EmitError {
    match result {
        Err(PolicyError::Emit(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// What the tenant has after the request: members of the body in place of its own, as PATCH does.
fn applied(export: &Value, emitted: &Emitted) -> Value {
    let mut after = export.clone();
    for (name, value) in emitted.requests[0].body.as_object().unwrap() {
        after[name] = value.clone();
    }
    after
}

fn listed(body: &Value, pointer: &str) -> BTreeSet<Uuid> {
    let list = body.pointer(pointer).unwrap().as_array().unwrap();
    list.iter().map(|id| id.as_str().unwrap().parse().unwrap()).collect()
}

const LIST: &str = "/passkeyProfiles/1/keyRestrictions/aaGuids";

#[test]
fn a_key_is_let_in_and_the_other_profiles_stay() {
    let before = fixture("two-profiles.json");
    let emitted = profile(&before, None, None, &want(&[OTHER, YUBI], &[], &[])).unwrap();
    let [request] = emitted.requests.as_slice() else { panic!() };
    assert_eq!((request.method, request.url.rsplit('/').next()), ("PATCH", Some("fido2")));
    assert_eq!(request.body["@odata.type"], "#microsoft.graph.fido2AuthenticationMethodConfiguration");
    assert_eq!(request.body["passkeyProfiles"][0], before["passkeyProfiles"][0], "the other one, as it was");
    assert_eq!(listed(&request.body, LIST), BTreeSet::from([YUBI, TOKEN2, OTHER]));
    assert_snapshot!(emitted.changes.join("\n"), @"adds 2fc0579f-8113-47ea-b116-bb5a8db9202a, YubiKey 5 NFC / 5C NFC / CSPN variants by Yubico, of K0");
    assert_eq!(request.body.get("includeTargets"), None, "nobody asked for another target");
}

#[test]
fn round_trip_emit_apply_compare_no_difference() {
    let before = fixture("two-profiles.json");
    let want = want(&[OTHER], &[], &[TOKEN2]);
    let after = applied(&before, &profile(&before, None, Some(GROUP), &want).unwrap());
    let strengths = fixture("strengths.json");
    let emitted =
        export(&strengths).authentication_strength(self::want(&[OTHER], &[], &[]).wanted()).unwrap();
    let mut strength = strengths["value"][1].clone();
    for (member, value) in emitted.requests[0].body.as_object().unwrap() {
        strength["combinationConfigurations"][0][member] = value.clone();
    }
    let set = PolicySet::choose(&[source(&after).unwrap(), source(&strength).unwrap()], None).unwrap();
    assert_eq!(set.agreement(), Agreement::Agree, "{after:#}\n{strength:#}");
    // Once more: nothing changes, whichever of the two is asked.
    let none = self::want(&[OTHER], &[], &[]);
    assert_eq!(profile(&after, None, Some(GROUP), &none).unwrap().changes, [""; 0]);
    assert_eq!(export(&strength).authentication_strength(none.wanted()).unwrap().changes, [""; 0]);
}

#[test]
fn an_enrolled_model_leaves_only_by_name_and_with_a_warning() {
    let emitted = profile(&fixture("two-profiles.json"), None, None, &want(&[YUBI], &[], &[YUBI])).unwrap();
    assert_eq!(listed(&emitted.requests[0].body, LIST), BTreeSet::from([TOKEN2]));
    assert!(emitted.warnings.iter().any(|words| words.starts_with("K0 can neither register nor sign in")));
    assert!(emitted.changes[0].starts_with(&format!("removes {YUBI}")), "{:?}", emitted.changes);
}

#[test]
fn what_would_lock_out_or_says_nothing_is_refused() {
    let base = || fixture("two-profiles.json");
    let all = want(&[], &[], &[YUBI, TOKEN2]);
    assert!(matches!(refused(profile(&base(), None, None, &all)), EmitError::NothingLeft { .. }));
    let typo = want(&[], &[], &[OTHER]);
    assert!(matches!(refused(profile(&base(), None, None, &typo)), EmitError::NotListed { .. }));
    let both = want(&[], &[OTHER], &[OTHER]);
    assert!(matches!(refused(profile(&base(), None, None, &both)), EmitError::Contradiction { .. }));
    let some = want(&[OTHER], &[], &[]);
    let unclear = with(base(), "/passkeyProfiles/1/keyRestrictions/enforcementType", json!("perhaps"));
    assert!(matches!(refused(profile(&unclear, None, None, &some)), EmitError::Unclear { .. }));
    let cut = with(base(), "/passkeyProfiles", json!([]));
    assert!(matches!(refused(profile(&cut, None, None, &some)), EmitError::ProfilesMissing { .. }));
    assert!(matches!(
        refused(profile(&fixture("strengths.json"), None, None, &some)),
        EmitError::OtherKind { .. }
    ));
    let list = Export::parse("l", YUBI.to_string().as_bytes()).unwrap_err();
    assert!(matches!(list, PolicyError::Emit(EmitError::PlainList { .. })));
    let legacy = refused(profile(&fixture("legacy-block.json"), Some("New"), None, &some));
    assert!(matches!(legacy, EmitError::NotMigrated { .. }), "opting in to profiles cannot be undone");
    assert!(!legacy.hint().is_empty());
}

#[test]
fn a_named_profile_that_is_not_there_is_made_as_the_third_and_no_fourth() {
    let base = fixture("two-profiles.json");
    let some = want(&[OTHER], &[], &[]);
    let emitted = profile(&base, Some("New"), Some(GROUP), &some).unwrap();
    let profiles = emitted.requests[0].body["passkeyProfiles"].as_array().unwrap();
    assert_eq!(profiles.len(), 3);
    assert_eq!(
        profiles[..2],
        base["passkeyProfiles"].as_array().unwrap()[..],
        "all that are there are sent along"
    );
    assert_eq!((profiles[2].get("id"), &profiles[2]["name"]), (None, &json!("New")));
    assert_eq!(profiles[2]["passkeyTypes"], "deviceBound");
    let mut full = base.clone();
    full["passkeyProfiles"].as_array_mut().unwrap().push(json!({ "id": "x", "name": "Third" }));
    assert!(matches!(
        refused(profile(&full, Some("New"), None, &some)),
        EmitError::TooManyProfiles { count: 3, .. }
    ));
}

#[test]
fn the_group_becomes_a_target_once() {
    let stranger = uuid!("00000000-1111-4222-8333-444444444444");
    let base = fixture("two-profiles.json");
    let some = want(&[], &[], &[]);
    assert_eq!(
        profile(&base, None, Some(GROUP), &some).unwrap().requests[0].body.get("includeTargets"),
        None
    );
    let emitted = profile(&base, None, Some(stranger), &some).unwrap();
    let targets = emitted.requests[0].body["includeTargets"].as_array().unwrap();
    assert_eq!(targets[..2], base["includeTargets"].as_array().unwrap()[..], "the others stay");
    assert_eq!(targets[2]["id"], stranger.to_string());
    assert_eq!(targets[2]["allowedPasskeyProfiles"], json!(["3d5f0a7b-6e21-4c84-9b7a-0c1d2e3f4a5b"]));
}

#[test]
fn a_list_that_was_a_block_list_or_without_effect_is_not_taken_for_an_allow_list() {
    let restrictions =
        |value: Value| with(fixture("two-profiles.json"), "/passkeyProfiles/1/keyRestrictions", value);
    let some = want(&[OTHER], &[], &[]);
    for (enforced, kind, kept) in [(true, "block", false), (false, "block", false), (false, "allow", true)] {
        let value =
            restrictions(json!({ "isEnforced": enforced, "enforcementType": kind, "aaGuids": [YUBI] }));
        let emitted = profile(&value, Some("Safe keys"), None, &some).unwrap();
        let wanted = if kept { BTreeSet::from([OTHER, YUBI]) } else { BTreeSet::from([OTHER]) };
        assert_eq!(listed(&emitted.requests[0].body, LIST), wanted, "{enforced} {kind}");
        assert!(
            emitted.warnings.iter().any(|words| words.contains("no other model")),
            "{:?}",
            emitted.warnings
        );
    }
}

#[test]
fn a_tenant_without_profiles_gets_its_own_members_and_a_warning() {
    let emitted = profile(&fixture("legacy-block.json"), None, None, &want(&[YUBI], &[], &[])).unwrap();
    let body = &emitted.requests[0].body;
    assert_eq!(listed(body, "/keyRestrictions/aaGuids"), BTreeSet::from([YUBI]));
    assert_eq!(body.get("passkeyProfiles"), None);
    assert!(emitted.warnings.iter().any(|words| words.contains("every user")));
}

#[test]
fn a_strength_is_patched_where_it_has_a_configuration_and_else_given_one() {
    let list = fixture("strengths.json");
    let one = list["value"][1].clone();
    let some = want(&[OTHER], &[], &[]);
    let emit = |value: &Value| export(value).authentication_strength(some.wanted());
    let request = emit(&one).unwrap().requests.remove(0);
    assert_eq!(request.method, "PATCH");
    assert!(request.url.ends_with(
        "/policies/b1a5c0de-0000-4000-8000-00000000000a/combinationConfigurations/96cb1a17-e45e-4b4f-8b4b-4a9490d63d66"
    ));
    assert_eq!(listed(&request.body, "/allowedAAGUIDs"), BTreeSet::from([OTHER, YUBI]));
    assert_eq!(request.body["appliesToCombinations"], json!(["fido2"]));
    let open = with(one.clone(), "/combinationConfigurations", json!([]));
    let made = emit(&open).unwrap();
    assert_eq!(made.requests[0].method, "POST");
    assert!(made.changes[0].contains("until now every model may"));
    let hostile = with(one.clone(), "/id", json!("../../users"));
    assert!(matches!(refused(emit(&hostile)), EmitError::Unclear { .. }), "no foreign text in a URL");
    for nameless in ["", "/combinationConfigurations/0"] {
        let mut export = one.clone();
        export.pointer_mut(nameless).unwrap().as_object_mut().unwrap().remove("id").unwrap();
        let why = "a second configuration would leave only what both list";
        assert!(matches!(refused(emit(&export)), EmitError::Unclear { .. }), "{nameless}: {why}");
    }
    let both = json!([one["combinationConfigurations"][0], one["combinationConfigurations"][0]]);
    let several = with(one.clone(), "/combinationConfigurations", both);
    assert!(matches!(refused(emit(&several)), EmitError::SeveralConfigurations { count: 2, .. }));
    let other = with(one, "/allowedCombinations", json!(["password"]));
    assert!(matches!(refused(emit(&other)), EmitError::NoFido2 { .. }));
    assert_eq!(some.wanted().new_strength().unwrap().requests[0].method, "POST");
}

/// One of few models, so that lists, keys and what is dropped meet.
fn model() -> impl Strategy<Value = Uuid> {
    (0..9_u128).prop_map(Uuid::from_u128)
}

fn models(most: usize) -> impl Strategy<Value = Vec<Uuid>> {
    prop::collection::vec(model(), 0..most)
}

fn restrictions() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["allow", "block", " allow ", "unknownFutureValue"]);
    (any::<bool>(), kind, models(8), any::<bool>()).prop_map(|(enforced, kind, ids, upper)| {
        let write = |id: &Uuid| if upper { id.to_string().to_uppercase() } else { format!(" {id}") };
        json!({ "isEnforced": enforced, "enforcementType": kind, "aaGuids": ids.iter().map(write).collect::<Vec<_>>() })
    })
}

fn policy_of() -> impl Strategy<Value = Value> {
    (prop::collection::vec(restrictions(), 1..4), prop::collection::vec(any::<bool>(), 3)).prop_map(|(lists, synced)| {
        let profile = |(number, list): (usize, &Value)| {
            json!({
                "id": Uuid::from_u128(0x1000 + number as u128), "name": format!("P{number}"),
                "passkeyTypes": if synced[number] { "deviceBound,synced" } else { "deviceBound" },
                "attestationEnforcement": "registrationOnly", "keyRestrictions": list,
                "keyRestrictions@odata.context": "x", "somethingNew": { "kept": [1, null, "\u{1b}"] },
            })
        };
        let profiles: Vec<_> = lists.iter().enumerate().map(profile).collect();
        let target = json!({ "targetType": "group", "id": "all_users", "allowedPasskeyProfiles": [profiles[0]["id"]] });
        json!({
            "@odata.context": "x", "id": "Fido2", "state": "enabled", "defaultPasskeyProfile": profiles[0]["id"],
            "includeTargets": [target], "excludeTargets": [], "passkeyProfiles": profiles,
        })
    })
}

proptest! {
    #[test]
    fn an_enrolled_keys_model_never_leaves_unnamed(
        value in policy_of(), keys in models(5), add in models(3), drop in models(3), which in any::<prop::sample::Index>(),
    ) {
        let want = want(&keys, &add, &drop);
        let count = value["passkeyProfiles"].as_array().unwrap().len();
        let place = which.index(count);
        let name = format!("P{place}");
        match profile(&value, Some(&name), None, &want) {
            Err(PolicyError::Emit(_)) => {}
            Err(other) => panic!("{other}"),
            Ok(emitted) => {
                let body = &emitted.requests[0].body;
                let pointer = format!("/passkeyProfiles/{place}/keyRestrictions");
                let list = listed(body, &format!("{pointer}/aaGuids"));
                for key in &want.keys {
                    prop_assert!(list.contains(&key.aaguid) || want.drop.contains(&key.aaguid), "{key:?}");
                }
                prop_assert!(want.drop.is_disjoint(&list) && want.add.is_subset(&list));
                prop_assert_eq!(body.pointer(&format!("{pointer}/isEnforced")), Some(&json!(true)));
                // All profiles, in their order; the others as they were, but for annotations.
                let sent = body["passkeyProfiles"].as_array().unwrap();
                prop_assert_eq!(sent.len(), count);
                for (number, (sent, had)) in sent.iter().zip(value["passkeyProfiles"].as_array().unwrap()).enumerate() {
                    let mut had = had.clone();
                    had.as_object_mut().unwrap().remove("keyRestrictions@odata.context");
                    if number == place {
                        had["keyRestrictions"] = sent["keyRestrictions"].clone();
                    }
                    prop_assert_eq!(sent, &had);
                }
                // Emit, apply, compare: no difference, and a second time nothing changes.
                let after = applied(&value, &emitted);
                let judged = source(&after).unwrap().choose(Some(&name)).unwrap();
                let unrestricted = glasskey::policy::Policy { gate: Allowed::Yes, ..judged };
                for aaguid in (0..9).map(Uuid::from_u128) {
                    prop_assert_eq!(unrestricted.judge(aaguid).allowed == Allowed::Yes, list.contains(&aaguid));
                }
                let again = profile(&after, Some(&name), None, &self::want(&keys.iter().filter(|one| !want.drop.contains(one)).copied().collect::<Vec<_>>(), &[], &[])).unwrap();
                prop_assert_eq!(again.changes, Vec::<String>::new());
                prop_assert_eq!(&again.requests[0].body, body);
            }
        }
    }

    #[test]
    fn nor_does_it_leave_a_strength(ids in models(6), keys in models(5), drop in models(3)) {
        let want = want(&keys, &[], &drop);
        let mut value = fixture("strengths.json")["value"][1].clone();
        value["combinationConfigurations"][0]["allowedAAGUIDs"] = json!(ids);
        let emitted = export(&value).authentication_strength(want.wanted());
        let sound = !ids.is_empty() && drop.iter().all(|id| ids.contains(id) && !keys.contains(id));
        prop_assert!(emitted.is_ok() || !sound || drop.len() >= ids.len(), "{emitted:?}");
        if let Ok(emitted) = emitted {
            let list = listed(&emitted.requests[0].body, "/allowedAAGUIDs");
            prop_assert!(keys.iter().all(|key| list.contains(key) || want.drop.contains(key)));
            prop_assert!(ids.iter().all(|id| list.contains(id) || want.drop.contains(id)));
        }
    }
}
