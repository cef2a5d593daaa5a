//! An account's passkeys against the record: each has its key, each key is registered, nothing else is.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use glasskey::catalogue::Catalogue;
use glasskey::entra::matching::{Case, Id, Matched, OnKey, matched};
use glasskey::entra::methods::Methods;
use glasskey::ledger::Writer;
use glasskey::ledger::payload::{Lost, Payload};
use glasskey::verdict::finding::Status;
use serde_json::json;
use uuid::Uuid;

use super::made_up::{AAGUID, Key, create, folder, nonce, time};
use super::*;

/// The id of a passkey, by its number.
fn id(number: u32) -> Vec<u8> {
    Key::new(number).enrolled("", true).custody.credential_id.0
}

/// A ledger with one key for each account, each with a passkey for Entra: 11 on the first, 12 on the second.
fn ledger(path: &Path, recorded: bool) -> Writer {
    let mut ledger = create(path);
    for (number, account) in [(1, "EA-01"), (2, "ea-02")] {
        let mut key = Key::new(number);
        key.enroll(&mut ledger, account);
        let registered = Key::new(number + 10).passkey(&key.label, account);
        if recorded {
            ledger.record(Payload::EntraRegistered(Box::new(registered)), time(2), nonce(2)).unwrap();
        }
    }
    ledger
}

/// As beta and lists of methods write ids: 32 bytes, so with the ambiguous digit 1.
fn passkey(number: u32) -> Value {
    json!({
        "id": format!("{}1", BASE64_URL_SAFE_NO_PAD.encode(id(number))), "displayName": format!("key {number}"),
        "createdDateTime": "2026-11-03T08:15:30Z", "aaGuid": Uuid::from_bytes(AAGUID), "model": "x",
        "attestationCertificates": [], "attestationLevel": "attested", "passkeyType": "deviceBound",
    })
}

fn list(passkeys: &[Value]) -> Value {
    let context = "https://graph.microsoft.com/v1.0/$metadata#users('ea-01%40contoso.onmicrosoft.com')/authentication/fido2Methods";
    json!({ "@odata.context": context, "value": passkeys })
}

fn methods(value: &Value) -> Methods {
    Methods::parse("methods.json", value.to_string().as_bytes()).unwrap()
}

fn answer(ledger: &Writer, value: &Value, all: Option<&Value>, on_key: Option<&OnKey>) -> Matched {
    let (plan, catalogue) = (plan(PLAN), Catalogue::builtin().unwrap());
    let (methods, all) = (self::methods(value), all.map(self::methods));
    matched(&Case {
        account: plan.account("EA-01").unwrap(),
        inventory: ledger.inventory(),
        methods: &methods,
        all: all.as_ref(),
        on_key,
        catalogue: &catalogue,
    })
}

/// The findings that do not pass, but for what nobody asked for.
fn bad(answer: &Matched) -> Vec<(Id, Status)> {
    let asked = |id| id != Id::OnTheKey && id != Id::OtherMethods;
    let bad = answer
        .findings
        .iter()
        .filter(|row| row.status != Status::Pass && (row.status != Status::Skipped || asked(row.id)));
    bad.map(|row| (row.id, row.status)).collect()
}

#[test]
fn on_record_each_passkey_has_its_key() {
    let folder = folder();
    let ledger = ledger(&folder.path().join("ledger.db"), true);
    let good = answer(&ledger, &list(&[passkey(11)]), None, None);
    assert_eq!((bad(&good), good.well), (vec![], Some(true)));
    assert_eq!(good.passkeys[0].key.as_deref(), Some("EA-00001"));
    // In the other encodings too.
    for written in [BASE64_URL_SAFE_NO_PAD.encode(id(11)), base64::prelude::BASE64_STANDARD.encode(id(11))] {
        let mut one = passkey(11);
        one["id"] = json!(written);
        assert_eq!(answer(&ledger, &list(&[one]), None, None).well, Some(true));
    }
}

#[test]
fn what_is_wrong_is_told() {
    let folder = folder();
    let mut ledger = ledger(&folder.path().join("ledger.db"), true);
    let fail = |id| (id, Status::Fail);
    let with = |member: &str, value: Value| {
        let mut one = passkey(11);
        one[member] = value;
        list(&[one])
    };
    let told = |value: &Value| bad(&answer(&ledger, value, None, None));
    assert_eq!(told(&list(&[])), [fail(Id::PasskeyKnown), fail(Id::KeyRegistered)]);
    let foreign = list(&[passkey(11), passkey(12)]);
    assert_eq!(told(&foreign), [fail(Id::PasskeyKnown)], "it is on the other account's key");
    let mut stranger = passkey(13);
    stranger["aaGuid"] = json!("de1e552d-db1d-4423-a619-566b625cdc84");
    assert_eq!(told(&list(&[passkey(11), stranger])), [fail(Id::PasskeyKnown)], "no key of that model");
    assert_eq!(told(&list(&[passkey(13)])), [(Id::PasskeyKnown, Status::Skipped), fail(Id::KeyRegistered)]);
    assert_eq!(told(&with("passkeyType", json!("synced"))), [fail(Id::PasskeyAsItIs)]);
    assert_eq!(told(&with("attestationLevel", json!("notAttested"))), [(Id::PasskeyAsItIs, Status::Warn)]);
    assert_eq!(told(&with("passkeyType", json!(null))), [(Id::PasskeyAsItIs, Status::Warn)]);
    let other_model = with("aaGuid", json!("a25342c0-3cdc-4414-8e46-f4807fca511c"));
    assert_eq!(told(&other_model), [fail(Id::PasskeyAsItIs)]);
    let mut theirs = list(&[passkey(11)]);
    theirs["@odata.context"] =
        json!("https://graph.microsoft.com/v1.0/$metadata#users('x')/authentication/fido2Methods");
    assert_eq!(told(&theirs), [fail(Id::Account)]);
    let mut cut = list(&[passkey(11)]);
    cut["@odata.nextLink"] = json!("https://graph.microsoft.com/more");
    assert_eq!(told(&cut), [(Id::WholeList, Status::Skipped)]);
    assert_eq!(answer(&ledger, &cut, None, None).well, None);
    let lost = Lost { label: "EA-00001".into(), why: "fire".into() };
    ledger.record(Payload::Lost(lost), time(3), nonce(3)).unwrap();
    let told = bad(&answer(&ledger, &list(&[passkey(11)]), None, None));
    assert_eq!(told, [fail(Id::PasskeyKnown), fail(Id::KeyRegistered)], "whoever found it has a way in");
}

#[test]
fn methods_of_other_kinds_are_findings() {
    let folder = folder();
    let ledger = ledger(&folder.path().join("ledger.db"), true);
    let mut all = list(&[passkey(11)]);
    all["@odata.context"] = json!(
        "https://graph.microsoft.com/v1.0/$metadata#users('1F0C3E5A-7b2d-4c61-9e80-5a4b3c2d1e0f')/authentication/methods"
    );
    all["value"][0]["@odata.type"] = json!("#microsoft.graph.fido2AuthenticationMethod");
    let password = json!({ "@odata.type": "#microsoft.graph.passwordAuthenticationMethod", "id": "p" });
    all["value"].as_array_mut().unwrap().push(password);
    let told = |all: &Value| bad(&answer(&ledger, &list(&[passkey(11)]), Some(all), None));
    assert_eq!(told(&all), []);
    let phone = json!({ "@odata.type": "#microsoft.graph.phoneAuthenticationMethod", "id": "p" });
    let mut more = all.clone();
    more["value"].as_array_mut().unwrap().push(phone);
    assert_eq!(told(&more), [(Id::OtherMethods, Status::Fail)]);
    all["value"].as_array_mut().unwrap().remove(0);
    assert_eq!(told(&all), [(Id::OtherMethods, Status::Fail)], "the two files are of different times");
    // A list that can hold no other kind tells of none.
    let unfit = answer(&ledger, &list(&[passkey(11)]), Some(&list(&[passkey(11)])), None);
    let row = unfit.findings.iter().find(|row| row.id == Id::OtherMethods).unwrap();
    assert_eq!((row.status, unfit.well), (Status::Skipped, None), "it was asked for");
    let mut bare = list(&[passkey(11)]);
    bare.as_object_mut().unwrap().remove("@odata.context");
    assert_eq!(answer(&ledger, &list(&[passkey(11)]), Some(&bare), None).well, None);
}

#[test]
fn without_a_record_the_key_itself_tells() {
    let folder = folder();
    let ledger = ledger(&folder.path().join("ledger.db"), false);
    let value = list(&[passkey(11)]);
    let unclear = answer(&ledger, &value, None, None);
    assert_eq!(unclear.well, None);
    assert_eq!(bad(&unclear), [(Id::PasskeyKnown, Status::Skipped), (Id::KeyRegistered, Status::Skipped)]);
    let upn = Some("EA-01@contoso.onmicrosoft.com".to_owned());
    let on_key = |label: Option<&str>, passkeys: Vec<(Vec<u8>, Option<String>)>| OnKey {
        label: label.map(str::to_owned),
        aaguid: Uuid::from_bytes(AAGUID),
        passkeys,
    };
    let told = |key: &OnKey| {
        let answer = answer(&ledger, &value, None, Some(key));
        let open =
            answer.findings.iter().filter(|row| row.status != Status::Pass && row.id != Id::OtherMethods);
        (answer.well, open.map(|row| (row.id, row.status)).collect::<Vec<_>>())
    };
    let good = on_key(Some("EA-00001"), vec![(id(11), upn.clone())]);
    assert_eq!(told(&good), (Some(true), vec![]));
    let swapped = on_key(Some("EA-00001"), vec![(id(14), upn.clone())]);
    let (well, rows) = told(&swapped);
    assert_eq!(well, Some(false));
    assert!(
        rows.contains(&(Id::OnTheKey, Status::Fail)) && rows.contains(&(Id::KeyRegistered, Status::Fail))
    );
    let other = on_key(Some("EA-00002"), vec![(id(11), upn.clone())]);
    assert!(told(&other).1.contains(&(Id::PasskeyKnown, Status::Fail)), "another account's key");
    let nobodys = on_key(None, vec![(id(11), upn)]);
    assert!(told(&nobodys).1.contains(&(Id::PasskeyKnown, Status::Fail)), "a key that is not enrolled");
    let empty = on_key(Some("EA-00001"), vec![]);
    assert!(told(&empty).1.contains(&(Id::OnTheKey, Status::Fail)));
}

#[test]
fn an_opaque_name_tells_nothing_of_the_key() {
    let folder = folder();
    let ledger = ledger(&folder.path().join("ledger.db"), true);
    let mut one = passkey(11);
    one["id"] = json!("8ed2d357-73d2-4f13-9926-87f61b24a342");
    let told = bad(&answer(&ledger, &list(&[one]), None, None));
    assert_eq!(told, [(Id::PasskeyKnown, Status::Skipped), (Id::KeyRegistered, Status::Fail)]);
}

#[test]
fn what_is_no_list_of_methods_is_refused() {
    let refused = |value: Value| Methods::parse("x", value.to_string().as_bytes()).is_err();
    assert!(refused(json!({})) && refused(json!([])) && refused(json!({ "value": [] })));
    assert!(refused(json!({ "value": [{ "id": "x" }] })));
    assert!(refused(json!({ "@odata.context": "https://x/$metadata#users", "value": [] })));
    assert!(refused(json!({ "value": [["x"]] })));
    assert!(!refused(list(&[])), "an account without passkeys");
}
