use serde_json::{Value, json};
use uuid::uuid;

use super::*;
use crate::ledger::payload::{Custody, RawRegistration};

fn facts() -> Value {
    json!({
        "vendor_id": 0x1050, "product_id": 0x0407, "pin_set": true, "product": "A key", "path": "/dev/hidraw0",
        "device": { "protocol": 2, "device": [5, 7, 1], "capabilities": 5 },
        "retries": { "left": 8, "power_cycle": null },
        "info": {
            "aaguid": "a25342c0-3cdc-4414-8e46-f4807fca511c", "firmware_version": 0x05_07_01,
            "versions": ["FIDO_2_0", "FIDO_2_1"], "extensions": ["credProtect", "hmac-secret"],
            "options": { "rk": true, "clientPin": true, "alwaysUv": false },
            "algorithms": [{ "type": "public-key", "alg": -7 }],
            "pin_uv_auth_protocols": [2, 1], "certifications": null,
            "force_pin_change": false, "min_pin_length": null, "max_pin_length": 63, "pin_complexity_policy": null,
            "remaining_discoverable_credentials": 100,
        },
    })
}

/// A YubiKey with these facts, as it stands in the ledger.
fn enrolled(facts: Value) -> Enrolled {
    let bytes = || vec![1].into();
    Enrolled {
        label: "EA-01-A".into(),
        account: "EA-01".into(),
        site: None,
        custodian: None,
        witness: None,
        aaguid: uuid!("a25342c0-3cdc-4414-8e46-f4807fca511c"),
        model: None,
        vendor: None,
        firmware: Some(0x05_07_01),
        soft: false,
        custody: Custody {
            rp_id: "glasskey.invalid".into(),
            credential_id: bytes(),
            public_key: bytes(),
            counter: 1,
        },
        registration: RawRegistration { attestation_object: bytes(), client_data: bytes() },
        facts,
        findings: json!([]),
        override_reason: None,
    }
}

/// What is told: name, before, after; `unsaid` where nothing is.
fn told(then: Value, now: &Value) -> Vec<String> {
    let catalogue = Catalogue::builtin().unwrap();
    let changes = changes(&catalogue, &enrolled(then), now);
    let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "unsaid".into());
    changes.iter().map(|one| format!("{}: {} -> {}", one.what, word(&one.before), word(&one.after))).collect()
}

#[test]
fn nothing_is_told_of_what_is_as_it_was_or_changes_by_itself() {
    assert_eq!(told(facts(), &facts()), [""; 0]);
    let mut now = facts();
    now["path"] = json!("/dev/hidraw9");
    now["retries"]["left"] = json!(5);
    now["info"]["remaining_discoverable_credentials"] = json!(99);
    now["info"]["versions"] = json!(["FIDO_2_1", "FIDO_2_0"]);
    now["info"]["pin_uv_auth_protocols"] = json!([1, 2]);
    assert_eq!(told(facts(), &now), [""; 0], "neither is an order");
}

#[test]
fn each_thing_that_changed_is_told_by_its_name() {
    let info = |member: &str, value: Value| {
        let mut now = facts();
        now["info"][member] = value;
        now
    };
    let top = |member: &str, value: Value| {
        let mut now = facts();
        now[member] = value;
        now
    };
    let options = |options: Value| info("options", options);
    for (now, wanted) in [
        (info("firmware_version", json!(0x05_07_04)), "firmware: 5.7.1 -> 5.7.4"),
        (info("firmware_version", json!(null)), "firmware: 5.7.1 -> unsaid"),
        // What its vendor would never write is shown as it is.
        (info("firmware_version", json!(7)), "firmware: 5.7.1 -> 7"),
        (
            info("aaguid", json!("eabb46cc-e241-80bf-ae9e-96fa6d2975cf")),
            "AAGUID: a25342c0-3cdc-4414-8e46-f4807fca511c -> eabb46cc-e241-80bf-ae9e-96fa6d2975cf",
        ),
        (options(json!({ "rk": true, "clientPin": true, "alwaysUv": true })), "option alwaysUv: no -> yes"),
        (options(json!({ "rk": true, "clientPin": true })), "option alwaysUv: no -> unsaid"),
        (
            options(json!({ "rk": true, "clientPin": true, "alwaysUv": false, "uv": true })),
            "option uv: unsaid -> yes",
        ),
        (info("min_pin_length", json!(6)), "minimum PIN length: unsaid -> 6"),
        (info("max_pin_length", json!(null)), "maximum PIN length: 63 -> unsaid"),
        (info("force_pin_change", json!(true)), "forced PIN change: no -> yes"),
        (info("pin_complexity_policy", json!(true)), "PIN complexity policy: unsaid -> yes"),
        (info("extensions", json!(["hmac-secret"])), "extension credProtect: present -> absent"),
        (
            info("extensions", json!(["credProtect", "hmac-secret", "credBlob"])),
            "extension credBlob: absent -> present",
        ),
        (info("versions", json!(["FIDO_2_1"])), "version FIDO_2_0: present -> absent"),
        (info("algorithms", json!(null)), "algorithm -7: present -> unsaid"),
        (info("pin_uv_auth_protocols", json!([2])), "PIN protocol 1: present -> absent"),
        (info("certifications", json!({ "FIDO": 2 })), "certification FIDO: unsaid -> 2"),
        (top("device", json!({ "device": [5, 7, 4] })), "device version: 5.7.1 -> 5.7.4"),
        (top("product_id", json!(0x0402)), "USB id: 1050:0407 -> 1050:0402"),
    ] {
        assert_eq!(told(facts(), &now), [wanted]);
    }
    // Whether a PIN is set is told once, and as that.
    let mut now = options(json!({ "rk": true, "clientPin": false, "alwaysUv": false }));
    now["pin_set"] = json!(false);
    assert_eq!(told(facts(), &now), ["PIN set: yes -> no"]);
}

#[test]
fn what_an_older_program_did_not_write_down_is_not_compared() {
    assert_eq!(told(json!({}), &facts()), [""; 0]);
    assert_eq!(
        told(json!({ "info": { "options": { "rk": true, "alwaysUv": true } } }), &facts()),
        ["option alwaysUv: yes -> no"]
    );
    // A number that JSON would not carry unharmed is a text in the ledger.
    let (mut then, mut now) = (facts(), facts());
    then["info"]["max_pin_length"] = json!("9007199254740993");
    now["info"]["max_pin_length"] = json!(9_007_199_254_740_993_u64);
    assert_eq!(told(then, &now), [""; 0]);
}
