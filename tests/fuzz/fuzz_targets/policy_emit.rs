#![no_main]
//! Requests merged into any export: an enrolled key's model never leaves a list unnamed, and what is sent is understood.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use glasskey::catalogue::Catalogue;
use glasskey::policy::{Emitted, EnrolledKey, Export, PolicyError, PolicySource, Wanted};
use glasskey_fuzz::assert_harmless;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use uuid::{Uuid, uuid};

const KEY: Uuid = uuid!("a25342c0-3cdc-4414-8e46-f4807fca511c");
const DROPPED: Uuid = uuid!("eabb46cc-e241-80bf-ae9e-96fa6d2975cf");
const GROUP: Uuid = uuid!("5e1a8c0e-7f43-4e0e-9d0b-0d7a2f6c1b11");

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the compiled-in files are sound"));

fuzz_target!(|bytes: &[u8]| {
    let export = match Export::parse("f", bytes) {
        Ok(export) => export,
        Err(error) => return refused(&error),
    };
    let key = |label: &str, aaguid| EnrolledKey { label: label.into(), account: "EA-01".into(), aaguid };
    let keys = [key("A", KEY), key("\u{1b}B", DROPPED)];
    for drop in [BTreeSet::new(), BTreeSet::from([DROPPED])] {
        let wanted = Wanted { keys: &keys, add: &BTreeSet::new(), drop: &drop, catalogue: &CATALOGUE };
        for profile in [None, Some("Break glass keys"), Some("New")] {
            match export.passkey_profile(profile, Some(GROUP), wanted) {
                Ok(emitted) => holds(&emitted, &drop),
                Err(error) => refused(&error),
            }
        }
        match export.authentication_strength(wanted) {
            Ok(emitted) => holds(&emitted, &drop),
            Err(error) => refused(&error),
        }
    }
});

fn refused(error: &PolicyError) {
    assert_harmless(&error.to_string());
    assert!(error.hint().is_some());
}

/// Some list of the body is the one that was asked for.
fn holds(emitted: &Emitted, drop: &BTreeSet<Uuid>) {
    let [request] = emitted.requests.as_slice() else { panic!("one request") };
    let mut lists = Vec::new();
    collect(&request.body, &mut lists);
    let wanted = |list: &BTreeSet<String>| {
        list.contains(&KEY.to_string()) && list.contains(&DROPPED.to_string()) != drop.contains(&DROPPED)
    };
    assert!(lists.iter().any(wanted), "{request:?}");
    let shown = request.url.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    assert!(
        shown && request.url.starts_with("https://graph.microsoft.com/v1.0/") && !request.url.contains("..")
    );
    emitted.changes.iter().chain(&emitted.warnings).for_each(|words| assert_harmless(words));
    assert_harmless(&request.az_rest("f"));
    // What is sent is itself a policy, or a part of one, that this program understands.
    PolicySource::parse("sent", request.body.to_string().as_bytes()).expect("it is understood");
}

fn collect(value: &Value, lists: &mut Vec<BTreeSet<String>>) {
    match value {
        Value::Object(all) => {
            for (name, inner) in all {
                if let ("aaGuids" | "allowedAAGUIDs", Value::Array(ids)) = (name.as_str(), inner) {
                    lists.push(ids.iter().filter_map(Value::as_str).map(str::to_owned).collect());
                }
                collect(inner, lists);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| collect(one, lists)),
        _ => {}
    }
}
