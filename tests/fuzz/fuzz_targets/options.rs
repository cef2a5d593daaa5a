#![no_main]
//! Creation options as Graph gives them: read or refused; what is accepted is for Entra, the account, in time, and its client
//! data holds its challenge.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use glasskey::entra::options::CreationOptions;
use glasskey::entra::register::accept;
use glasskey::ledger::Inventory;
use glasskey::plan::Plan;
use glasskey_fuzz::assert_harmless;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

const UPN: &str = "ea-01@contoso.onmicrosoft.com";
const OBJECT_ID: &str = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f";
static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let text = format!(
        "organisation = \"Contoso\"\n[[account]]\nname = \"EA-01\"\nupn = \"{UPN}\"\nobject_id = \"{OBJECT_ID}\"\n\
         [rules]\npin_location = \"apart\"\n"
    );
    Plan::parse("p", &text).expect("a sound plan")
});

fuzz_target!(|bytes: &[u8]| {
    let options = match CreationOptions::parse("f", bytes) {
        Ok(options) => options,
        Err(error) => {
            assert_harmless(&error.to_string());
            assert!(!error.hint().is_empty());
            return;
        }
    };
    if let Ok(inner) = serde_json::from_slice::<Value>(bytes)
        && inner.get("value").is_none()
    {
        let wrapped = json!({ "value": inner }).to_string();
        // One level more may be one too many.
        if let Ok(again) = CreationOptions::parse("f", wrapped.as_bytes()) {
            assert_eq!(again, options);
        }
    }
    let account = PLAN.account("EA-01").expect("it is in the plan");
    let now = Timestamp::UNIX_EPOCH;
    let accepted = match accept(options, account, &Inventory::default(), now) {
        Ok(accepted) => accepted,
        Err(error) => {
            assert_harmless(&error.to_string());
            assert!(!error.hint().is_empty() && !error.misbehaved());
            return;
        }
    };
    let options = accepted.options();
    assert_eq!(accepted.rp().id().as_str(), "login.microsoft.com");
    let name = options.user.name.trim();
    assert!(name.eq_ignore_ascii_case(UPN) || name.eq_ignore_ascii_case(OBJECT_ID));
    assert!(options.algorithms.contains(&-7) && now < options.expires);
    assert!((1..=64).contains(&options.user.handle.len()) && options.challenge.len() >= 16);
    let [rp_name, _, display_name] = accepted.names();
    assert!(rp_name.len() <= 64 && display_name.len() <= 64);
    accepted.remarks().iter().for_each(|remark| assert_harmless(remark));
    let client_data: Value = serde_json::from_slice(accepted.client_data().as_bytes()).expect("JSON");
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(&options.challenge);
    let wanted = json!({
        "type": "webauthn.create", "challenge": challenge, "origin": "https://login.microsoft.com", "crossOrigin": false,
    });
    assert_eq!(client_data, wanted);
});
