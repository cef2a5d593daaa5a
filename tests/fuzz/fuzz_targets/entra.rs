#![no_main]
//! An account's methods as Graph lists them: read or refused; a credential id means no more than its encodings say; a
//! passkey is matched with the key that has it on record, and with no other.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use glasskey::catalogue::Catalogue;
use glasskey::entra::credential_id::CredentialId;
use glasskey::entra::matching::{Case, Id, OnKey, matched};
use glasskey::entra::methods::{Methods, Registered};
use glasskey::ledger::Inventory;
use glasskey::ledger::payload::{Lost, Payload};
use glasskey::plan::Plan;
use glasskey::term::show;
use glasskey::verdict::finding::Status;
use glasskey_fuzz::{assert_harmless, assert_harmless_screen};
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;

#[path = "../../ledger/custody.rs"]
#[allow(dead_code)]
mod custody;

use custody::Key;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the compiled-in files are sound"));
static PLAN: LazyLock<Plan> = LazyLock::new(|| Plan::parse("p", PLAN_TEXT).expect("a sound plan"));
const PLAN_TEXT: &str = r#"
organisation = "Contoso"
[[account]]
name = "EA-01"
upn = "ea-01@contoso.onmicrosoft.com"
object_id = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f"
[rules]
pin_location = "apart"
"#;

/// Two keys of EA-01, the second of them lost, and one of EA-02: each holds a passkey, that of its number plus 10.
static RECORD: LazyLock<Inventory> = LazyLock::new(|| {
    let folder = custody::folder();
    let mut ledger = custody::create(&folder.path().join("ledger.db"));
    for (number, account) in [(1, "EA-01"), (2, "EA-01"), (3, "EA-02")] {
        let mut key = Key::new(number);
        key.enroll(&mut ledger, account);
        let registered =
            Payload::EntraRegistered(Box::new(Key::new(number + 10).passkey(&key.label, account)));
        ledger.record(registered, custody::time(2), custody::nonce(2)).expect("a passkey on record");
    }
    let lost = Payload::Lost(Lost { label: Key::new(2).label, why: "x".into() });
    ledger.record(lost, custody::time(3), custody::nonce(3)).expect("a lost key");
    ledger.inventory().clone()
});
/// What those passkeys have for ids.
static IDS: LazyLock<[Vec<u8>; 3]> =
    LazyLock::new(|| [11, 12, 13].map(|number| Key::new(number).enrolled("", true).custody.credential_id.0));

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        credential_id(text);
    }
    let methods = match Methods::parse("f", bytes) {
        Ok(methods) => methods,
        Err(error) => {
            assert_harmless(&error.to_string());
            assert!(!error.hint().is_empty());
            return;
        }
    };
    methods.passkeys.iter().for_each(|passkey| credential_id(&passkey.id));
    let account = PLAN.account("EA-01").expect("it is in the plan");
    let inventory = Inventory::default();
    let case = Case {
        account,
        inventory: &inventory,
        methods: &methods,
        all: Some(&methods),
        on_key: None,
        catalogue: &CATALOGUE,
    };
    let answer = matched(&case);
    // No key is on record: nothing is ever matched, and every passkey is spoken of.
    assert_eq!(answer.well, Some(false));
    let spoken = answer.findings.iter().filter(|row| row.id == Id::PasskeyKnown);
    assert_eq!(spoken.clone().count(), methods.passkeys.len().max(1));
    assert!(spoken.into_iter().all(|row| row.status != Status::Pass));
    assert_harmless_screen(&show::matched(account, &answer));
    recorded(case);
});

/// The same against keys on record, with the first of them plugged in.
fn recorded(case: Case<'_>) {
    let on_key = OnKey {
        label: Some(Key::new(1).label),
        aaguid: Uuid::from_bytes(custody::AAGUID),
        passkeys: vec![(IDS[0].clone(), None)],
    };
    let answer = matched(&Case { inventory: &RECORD, on_key: Some(&on_key), ..case });
    let holder = |passkey: &Registered| {
        let id = passkey.credential_id.as_ref().ok()?;
        (1..).zip(IDS.iter()).find(|(_, held)| id.may_be(held)).map(|(number, _)| Key::new(number).label)
    };
    let holders: Vec<_> = case.methods.passkeys.iter().map(holder).collect();
    assert!(answer.passkeys.iter().map(|pair| &pair.key).eq(&holders), "{:?} {holders:?}", answer.passkeys);
    let status = |id| answer.findings.iter().filter(move |row| row.id == id).map(|row| row.status);
    // The second is lost, the third another account's.
    let ours = |holder: &Option<String>| *holder == on_key.label;
    assert!(status(Id::PasskeyKnown).map(|status| status == Status::Pass).eq(match holders.as_slice() {
        [] => vec![false],
        holders => holders.iter().map(ours).collect(),
    }));
    for id in [Id::OnTheKey, Id::KeyRegistered] {
        let passes = status(id).all(|status| status == Status::Pass);
        assert_eq!(passes, holders.iter().any(ours), "{id:?}");
    }
    assert!(answer.well != Some(true) || !holders.is_empty() && holders.iter().all(ours));
    assert_harmless_screen(&show::matched(case.account, &answer));
}

/// Each reading, written again in one of the encodings, is the text.
fn credential_id(text: &str) {
    let id = match CredentialId::parse(text) {
        Ok(id) => id,
        Err(error) => return assert_harmless(&error.to_string()),
    };
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(id.readings().count() <= 2);
    for reading in id.readings() {
        assert!(!reading.is_empty() && reading.len() <= 1023 && id.may_be(reading));
        let bare = BASE64_URL_SAFE_NO_PAD.encode(reading);
        let padding = BASE64_URL_SAFE.encode(reading).len() - bare.len();
        let forms = [
            format!("{bare}{padding}"),
            BASE64_STANDARD.encode(reading),
            BASE64_STANDARD_NO_PAD.encode(reading),
            BASE64_URL_SAFE.encode(reading),
            bare,
        ];
        // Padding is taken in any number, so it is left out of the comparison where the text has some.
        let same = |form: &String| {
            *form == text || (text.contains('=') && form.trim_end_matches('=') == text.trim_end_matches('='))
        };
        assert!(forms.iter().any(same), "{text:?} is none of {forms:?}");
    }
}
