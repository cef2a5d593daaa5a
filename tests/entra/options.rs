//! Creation options as Graph gives them: read into types whatever their form, and what is then asked of a key.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use glasskey::ctap::cbor::map;
use glasskey::ctap::credential::Protection;
use glasskey::ctap::info::Info;
use glasskey::entra::RegisterError;
use glasskey::entra::options::{CreationOptions, Edition};
use glasskey::entra::register::{Accepted, accept, handle_hash};
use glasskey::ledger::Inventory;
use glasskey::ledger::payload::{EntraRegistered, Payload};
use proptest::prelude::*;
use serde_json::json;

use super::made_up::{AAGUID, Key, create, folder, nonce, time};
use super::*;

pub(crate) const UPN: &str = "ea-01@contoso.onmicrosoft.com";
pub(crate) const RP_ID: &str = "login.microsoft.com";

pub(crate) fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A user handle as Entra makes it: 51 bytes, the first three known.
pub(crate) fn handle(of: u8) -> Vec<u8> {
    [b"OF:".as_slice(), &[of; 48]].concat()
}

/// Options for EA-01, of Graph beta, with a challenge as long as the longest that was seen.
pub(crate) fn options() -> Value {
    serde_json::from_str(include_str!("../data/entra/creation-options.json")).unwrap()
}

/// One change to good options.
pub(crate) fn bent(pointer: &str, to: Value) -> Value {
    let mut options = options();
    *options.pointer_mut(pointer).unwrap() = to;
    options
}

fn parse(options: &Value) -> Result<CreationOptions, String> {
    CreationOptions::parse("o", options.to_string().as_bytes()).map_err(|error| error.to_string())
}

fn accepted(options: &Value, inventory: &Inventory) -> Result<Accepted, RegisterError> {
    let plan = plan(PLAN);
    accept(parse(options).unwrap(), plan.account("EA-01").unwrap(), inventory, time(1))
}

/// A key that says this of its extensions and its room.
fn info(extensions: &[&str], room: Option<u64>) -> Info {
    let extensions: Vec<Cbor> = extensions.iter().map(|name| (*name).into()).collect();
    let mut members = vec![
        (0x01, Cbor::Array(vec!["FIDO_2_1".into()])),
        (0x02, Cbor::Array(extensions)),
        (0x03, Cbor::Bytes(AAGUID.to_vec())),
    ];
    members.extend(room.map(|room| (0x14, room.into())));
    Info::parse(map(members).unwrap()).unwrap()
}

#[test]
fn every_form_means_the_same() {
    let plain = parse(&options()).unwrap();
    assert_eq!((plain.edition, plain.challenge.len(), plain.user.handle.len()), (Edition::Beta, 5198, 51));
    assert_eq!((plain.algorithms.as_slice(), plain.hmac_secret), ([-7, -257].as_slice(), true));
    assert_eq!((plain.protection, plain.enforce_protection), (Some(Protection::Optional), true));
    let classic = |pointer: &str| {
        let bytes =
            BASE64_URL_SAFE_NO_PAD.decode(options().pointer(pointer).unwrap().as_str().unwrap()).unwrap();
        bent(pointer, json!(format!(" {}\n", BASE64_STANDARD.encode(bytes))))
    };
    let mut stranger = options();
    stranger["publicKey"]["hints"] = json!(["security-key"]);
    stranger["publicKey"]["user"]["@odata.type"] = json!("#x");
    stranger["surprise"] = json!({ "publicKey": 3 });
    for same in [
        json!({ "value": options() }),
        classic("/publicKey/challenge"),
        classic("/publicKey/user/id"),
        stranger,
    ] {
        assert_eq!(parse(&same).as_ref(), Ok(&plain));
    }
    let utf16: Vec<u8> =
        [0xFEFF].into_iter().chain(options().to_string().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(CreationOptions::parse("o", &utf16).unwrap(), plain, "as Windows PowerShell writes it");
    let v1 = bent(
        "/@odata.context",
        json!("https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.webauthnCredentialCreationOptions"),
    );
    assert_eq!(parse(&v1).unwrap(), CreationOptions { edition: Edition::V1, ..plain });
    let mut bare = options();
    for member in ["excludeCredentials", "extensions", "authenticatorSelection", "attestation", "timeout"] {
        bare["publicKey"].as_object_mut().unwrap().remove(member);
    }
    let bare = parse(&bare).unwrap();
    assert_eq!(
        (bare.hmac_secret, bare.protection, bare.exclude.len()),
        (false, None, 0),
        "unsaid is not asked"
    );
}

#[test]
fn a_key_gets_every_reading_of_every_id_that_it_may_not_hold() {
    let folder = folder();
    let mut ledger = create(&folder.path().join("ledger.db"));
    Key::new(1).enroll(&mut ledger, "EA-01");
    let key = &ledger.inventory().keys()[0];
    let ids = json!([
        { "id": format!("{}1", base64url(&[0x10; 32])) }, { "id": base64url(&[2; 48]) }, { "id": BASE64_STANDARD.encode([0xff; 16]) },
        { "id": "8ED2D357-73D2-4F13-9926-87F61B24A342" }, { "id": "!" },
    ]);
    let accepted = accepted(&bent("/publicKey/excludeCredentials", ids), ledger.inventory()).unwrap();
    let both = BASE64_URL_SAFE_NO_PAD.decode(format!("{}1", base64url(&[0x10; 32]))).unwrap();
    let asked = accepted.ask(key, &info(&["hmac-secret", "credProtect"], None), None, false).unwrap();
    assert_eq!(asked.exclude, [vec![0x10; 32], both, vec![2; 48], vec![0xff; 16]]);
    assert_eq!(
        (accepted.remarks().len(), asked.remarks.len()),
        (2, 0),
        "what cannot be read is told: {:?}",
        accepted.remarks()
    );
    assert_eq!(
        (asked.extensions.hmac_secret, asked.extensions.protection),
        (true, Some(Protection::Optional))
    );
    let asked = accepted.ask(key, &info(&[], None), None, false).unwrap();
    assert_eq!((asked.extensions, asked.remarks.len()), (Default::default(), 1));
    assert!(matches!(accepted.ask(key, &info(&[], Some(0)), None, false), Err(RegisterError::Full(_))));
}

#[test]
fn what_the_record_knows_is_not_made_again_nor_for_another_account() {
    let folder = folder();
    let mut ledger = create(&folder.path().join("ledger.db"));
    for (number, account) in [(1, "EA-01"), (2, "EA-02")] {
        let mut key = Key::new(number);
        key.enroll(&mut ledger, account);
        let registered = EntraRegistered {
            user_handle_sha256: handle_hash(&handle(u8::try_from(number).unwrap())),
            ..Key::new(number + 10).passkey(&key.label, account)
        };
        ledger.record(Payload::EntraRegistered(Box::new(registered)), time(2), nonce(2)).unwrap();
    }
    let inventory = ledger.inventory();
    let [one, two] = inventory.keys() else { panic!("two keys") };
    let other = bent("/publicKey/user/id", json!(base64url(&handle(2))));
    assert!(
        matches!(accepted(&other, inventory), Err(RegisterError::OtherHandle(account)) if account == "EA-02")
    );
    let good = accepted(&options(), inventory).unwrap();
    let open = info(&[], None);
    assert!(matches!(good.ask(one, &open, None, true), Err(RegisterError::Holds { recorded: true, .. })));
    assert!(good.ask(two, &open, None, false).is_ok());
    // In each encoding, the one that the record has.
    let id = one.entra[0].credential_id.0.clone();
    assert_eq!(id.len(), 32);
    for text in [base64url(&id), format!("{}1", base64url(&id)), BASE64_STANDARD.encode(&id)] {
        let excluded = accepted(&bent("/publicKey/excludeCredentials/0/id", json!(text)), inventory).unwrap();
        assert!(
            matches!(excluded.ask(one, &open, None, true), Err(RegisterError::Excluded { id: Some(id), .. }) if id == text)
        );
    }
    let anew = accepted(&bent("/publicKey/user/id", json!(base64url(&handle(3)))), inventory).unwrap();
    assert!(anew.remarks()[0].contains("another user handle"), "{:?}", anew.remarks());
}

#[test]
fn a_name_is_cut_at_a_letters_end_as_a_key_keeps_it() {
    let long = bent("/publicKey/user/displayName", json!("ä".repeat(40)));
    let accepted = accepted(&long, &Inventory::default()).unwrap();
    assert_eq!(accepted.names(), ["Microsoft", UPN, "ä".repeat(32).as_str()]);
}

proptest! {
    #[test]
    fn any_bytes_are_options_or_an_error_with_a_cure(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = CreationOptions::parse("o", &bytes) {
            prop_assert!(!error.hint().is_empty());
        }
    }

    #[test]
    fn one_bend_is_read_or_told_with_its_place(at in 0..2200_usize, to in any::<char>()) {
        let small = bent("/publicKey/challenge", json!(base64url(&[7; 64]))).to_string();
        let mut text: Vec<char> = small.chars().collect();
        let at = at % text.len();
        text[at] = to;
        let text: String = text.into_iter().collect();
        if let Ok(options) = CreationOptions::parse("o", text.as_bytes()) {
            prop_assert!(options.challenge.len() >= 16 && (1..=64).contains(&options.user.handle.len()));
        }
    }
}
