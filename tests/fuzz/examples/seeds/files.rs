//! Files that people give: policies, plans, lists, exports, logs, answers, catalogue folders, metadata.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{blob, custody, mint};

pub fn all(write: impl Fn(&str, &str, Vec<u8>) + Copy) {
    let run = |firmware: u32, status: &str| {
        format!(
            r#"{{"schema":"glasskey.onboard/1","at":"2026-11-22T10:00:00Z","verdict":"fit","key":{{"product":"Key","info":{{"firmware_version":{firmware},"versions":["FIDO_2_1"]}}}},"findings":[{{"id":"cancel","status":"{status}"}}]}}"#
        )
        .into_bytes()
    };
    write("onboard", "one", run(1, "pass"));
    write("onboard", "two", [run(1, "pass"), vec![0xff], run(2, "fail")].concat());
    for file in fs::read_dir("../data/policy").expect("policy files").flatten() {
        let name = file.path().file_stem().map(|name| name.to_string_lossy().into_owned()).expect("a name");
        write("policy", &name, fs::read(file.path()).expect("a policy file"));
    }
    write(
        "policy",
        "two",
        b"00000000-0000-0000-0000-000000000001\xff00000000-0000-0000-0000-000000000007".to_vec(),
    );
    write("catalogue", "folder", folder());
    write("catalogue", "hostile", MODELS.replace("three-byte", "\\u001b[31mowned").into_bytes());
    write("batch", "good", b"label,account,site\nEA-01-A,EA-01,Berlin\nEA-02-A,ea-02,\n".to_vec());
    let bad = b"\xef\xbb\xbflabel,account,site\r\n\"EA-01-A\",\"EA-01\",\"Berlin\"\r\nEA-01-a,EA-09,Atlantis\r\n-x\r\n";
    write("batch", "bad", bad.to_vec());
    let enrolled = "label,account,site\nBern-1,EA-01,\nbern-1,EA-02,Bonn\nEA-00001,EA-01,\nEA-00002,EA-01,\nEA-00003,EA-02,\n";
    write("batch", "enrolled", enrolled.into());
    let day = "label,account,site\nBern-1,ea-01,\nEA-02-B,EA-02,Bonn\n";
    write("batch", "enrolled-before", day.into());
    let long = format!("label,account,site\n{},EA-01,\n", "\u{18}".repeat(170));
    write("batch", "long-cell", long.into_bytes());
    write("plan", "template", glasskey::plan::TEMPLATE.as_bytes().to_vec());
    write("plan", "good", fs::read("../data/plan/good.toml").expect("a plan"));
    write(
        "plan",
        "hostile",
        b"organisation = \"\\u001b[31m\"\n[[account]]\nupn = 1\n[rules]\npin_location = \"x\"\n".to_vec(),
    );
    tenant(write);
    logs(write);
    answers(write);
    metadata(write);
}

/// The test logs, and the same sign-ins in the other shapes in which a log may come.
fn logs(write: impl Fn(&str, &str, Vec<u8>)) {
    let read = |name: &str| {
        let file = fs::read(format!("../data/logs/{name}.json")).expect(name);
        serde_json::from_slice::<Value>(&file).expect("JSON")
    };
    let (page, rows) = (read("beta"), read("log-analytics"));
    let (entries, rows) = (page["value"].as_array().expect("entries"), rows.as_array().expect("rows"));
    let record = |entry: &Value| json!({ "time": "2026-11-22T00:00:00Z", "category": "SignInLogs", "resultType": "0", "properties": entry });
    let lines = |values: Vec<Value>| values.iter().map(|value| format!("{value}\r\n")).collect::<String>();
    let names: Vec<_> = rows[1].as_object().expect("a row").keys().collect();
    let cells = |row: &Value| names.iter().map(|name| row[name.as_str()].clone()).collect::<Value>();
    let columns: Vec<_> = names.iter().map(|name| json!({ "name": name, "type": "string" })).collect();
    let table = json!({ "columns": columns, "rows": rows.iter().map(cells).collect::<Vec<_>>() });
    let first = json!({ "value": entries[..1], "@odata.nextLink": "https://graph.microsoft.com/beta" });
    let wide = json!(entries[1..]).to_string().encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    for (name, text) in [
        ("beta", page.to_string()),
        ("log-analytics", json!(rows).to_string()),
        ("audit", read("audit").to_string()),
        ("pages", format!("{first}\n{}", json!({ "value": entries[1..] }))),
        ("lines", lines(entries.clone())),
        ("records", json!({ "records": entries.iter().map(record).collect::<Vec<_>>() }).to_string()),
        ("table", json!({ "tables": [table], "error": { "code": "PartialError" } }).to_string()),
        ("mixed", json!([entries[1], read("audit")["value"][2]]).to_string()),
        ("empty", json!({ "@odata.context": page["@odata.context"], "value": [] }).to_string()),
    ] {
        write("logs", name, text.into_bytes());
    }
    write("logs", "utf-16", [&[0xff, 0xfe][..], &wide].concat());
}

/// Answers to a drill, first of all those that its page shows; times as people tell them.
fn answers(write: impl Fn(&str, &str, Vec<u8>)) {
    let page = fs::read_to_string("../../docs/drill.md").expect("the page about drills");
    let (_, shown) = page.split_once("```toml\n").expect("it shows a file of answers");
    let (shown, _) = shown.split_once("```").expect("it ends");
    write("answers", "toml", shown.as_bytes().to_vec());
    let json = json!({
        "present": ["Bo"], "answers": { "people-reviewed": { "answer": "no", "note": "n" } },
        "account": { "EA": { "alert": { "answer": true, "at": "10:15" } } },
        "key": { "K": { "seal": "not-applicable", "bag": "7" }, "L": { "missing": "m" }, "M": { "left-out": "l" } },
    });
    write("answers", "json", json.to_string().into_bytes());
    for (name, text) in [
        ("contradiction", "[key.K]\nbag = \"7\"\nmissing = \"gone\"\nleft-out = \"\"\n"),
        ("flags", "[answers]\nseal = true\n[account.A]\nrole = { answer = false, note = \"\\u001b[31m\" }\n"),
        ("date", "2026-11-21 10:15"),
        ("clock", "10:29:59"),
        ("offset", "2026-11-21T05:00:00-04:00"),
        ("now", "now"),
    ] {
        write("answers", name, text.as_bytes().to_vec());
    }
}

/// The good tenant of the tests, whole and in parts; an account's methods; lists to merge into.
fn tenant(write: impl Fn(&str, &str, Vec<u8>)) {
    let compact = |name: &str| {
        let file = fs::read(Path::new("../data/tenant").join(name)).expect(name);
        let value: Value = serde_json::from_slice(&file).expect("JSON");
        value.to_string().into_bytes()
    };
    let mut names: Vec<_> = fs::read_dir("../data/tenant")
        .expect("the tenant's files")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    write("tenant", "good", names.iter().map(|name| compact(name)).collect::<Vec<_>>().join(&0xff));
    for name in ["conditional-access", "alert-rules", "group", "users"] {
        write("tenant", name, compact(&format!("{name}.json")));
    }
    // By the names of the keys that the target has on record.
    let passkey = |number: u32| {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as engine};
        let id = engine.encode(custody::Key::new(number).enrolled("", true).custody.credential_id.0);
        json!({ "id": format!("{id}1"), "aaGuid": Uuid::from_bytes(custody::AAGUID), "attestationLevel": "attested",
            "passkeyType": "deviceBound", "@odata.type": "#microsoft.graph.fido2AuthenticationMethod" })
    };
    let password = json!({ "id": "x", "@odata.type": "#microsoft.graph.passwordAuthenticationMethod" });
    for (name, list) in [
        ("record", vec![password.clone(), passkey(11)]),
        ("record-lost", vec![passkey(12), passkey(11), passkey(14)]),
        ("record-other", vec![password, passkey(13)]),
    ] {
        let context = "https://graph.microsoft.com/v1.0/$metadata#users('ea-01%40contoso.onmicrosoft.com')/authentication/methods";
        write("entra", name, json!({ "@odata.context": context, "value": list }).to_string().into_bytes());
    }
    write("entra", "methods", compact("methods-2.json"));
    write("entra", "passkeys", compact("methods-1.json"));
    for (name, id) in [
        ("ambiguous", "MMeD8wrNCZ-0hbfdYvvAIzrsrTGd_uXdt2iXbYlGJSs1"),
        ("digit", "-2_GRUg2-HYz6_1YG4YRAQ2"),
        ("classic", "+/8="),
        ("name", "8ed2d357-73d2-4f13-9926-87f61b24a342"),
    ] {
        write("entra", name, id.as_bytes().to_vec());
    }
    for (name, inner) in [("beta", "{}"), ("wrapped", r#"{"value": {}}"#)] {
        let options = r#"{"@odata.context":"https://graph.microsoft.com/beta/$metadata#x","challengeTimeoutDateTime":"2099-01-01T00:00:00Z",
            "publicKey":{"rp":{"id":"login.microsoft.com","name":"Microsoft"},"user":{"id":"T0Y6AQ","displayName":"EA","name":
            "ea-01@contoso.onmicrosoft.com"},"challenge":"AAECAwQFBgcICQoLDA0ODw","pubKeyCredParams":[{"type":"public-key","alg":-7}],
            "excludeCredentials":[{"id":"-2_GRUg2-HYz6_1YG4YRAQ2"}],"attestation":"direct","extensions":{"hmacCreateSecret":true,
            "enforceCredentialProtectionPolicy":true,"credentialProtectionPolicy":"userVerificationOptional"}}}"#;
        let value: Value = serde_json::from_str(options).expect("options");
        write("options", name, inner.replace("{}", &value.to_string()).into_bytes());
    }
    write("policy_emit", "two-profiles", compact("fido2.json"));
    write("policy_emit", "strengths", compact("strengths.json"));
    write("policy_emit", "legacy-block", fs::read("../data/policy/legacy-block.json").expect("a policy"));
}

/// The files of a catalogue folder, in the order in which the target takes them.
fn folder() -> Vec<u8> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};
    let der = mint::Draft::ca("Soft Root CA", 2).self_signed().der;
    let base64 = BASE64_STANDARD.encode(&der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    let sha256: String = Sha256::digest(&der).iter().map(|byte| format!("{byte:02x}")).collect();
    let anchors = format!(
        r#"updated = "2026-01-01"
[[anchor]]
id = "a"
file = "a.pem"
name = "A"
kind = "issuer"
sha256 = "{sha256}"
subject = "CN=A"
issuer = "self"
not_before = "2020-01-01"
not_after = "2040-01-01"
source = "s"
"#
    );
    [MODELS, ADVISORIES, USB, &anchors, &pem, CHIPS, QUIRKS].map(str::as_bytes).join(&0xff)
}

/// The first byte is the kind of attack.
fn metadata(write: impl Fn(&str, &str, Vec<u8>)) {
    let known = "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b";
    let bad = json!({
        "aaguid": known, "metadataStatement": { "description": "K", "attestationRootCertificates": ["AAAA"] },
        "statusReports": [{ "status": "REVOKED", "effectiveDate": "2026-01-31", "url": "https://example.org" }],
    });
    let u2f = json!({ "attestationCertificateKeyIdentifiers": ["00"], "metadataStatement": {} });
    let payload = blob::Blob::with(&[blob::entry(blob::NOVEL), bad, u2f, 7.into()]).payload.to_string();
    write("mds", "bare", [b"\0", payload.as_bytes()].concat());
    let mut forged = blob::Blob::with(&[]).jwt();
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    write("mds", "forged", [b"\0", forged.as_bytes()].concat());
    write("mds", "signed", [b"\x01\0\0\0", payload.as_bytes()].concat());
    write("mds", "chain", vec![2, 2, 2, 1]);
    write("mds", "chain-of-strangers", vec![2, 6, 4, 1, 2, 3, 0, 5, 0]);
    let times = [2_000_000_000_u32, 2_000_000_001].map(u32::to_be_bytes).concat();
    write("mds", "kept", [&[3, 0][..], &times, &[0]].concat());
    let kept = json!({
        "schema": "glasskey.mds/1", "sha256": "00", "imported": "2026-11-22T10:00:00Z", "at": "2026-11-22T10:00:00Z",
        "source": "s", "raw": "{}",
    });
    write("mds", "kept-raw", [b"\x03\x01", kept.to_string().as_bytes()].concat());
}

const CHIPS: &str = r#"updated = "2026-01-01"
[[chip]]
maker = "Infineon"
family = "F"
aaguids = ["00000000-0000-0000-0000-000000000007"]
basis = "b"
source = "s"
confidence = "stated"
"#;

const QUIRKS: &str = r#"updated = "2026-01-01"
[[quirk]]
id = "q"
title = "t"
aaguids = ["19083c3d-8383-4b18-bc03-8f1c9ab2fd1b"]
seen_on = "s"
handled = "h"
effect = "no-exclude-list"
matters = "m"
cure = "c"
sources = ["s"]
confidence = "inferred"
"#;

const MODELS: &str = r#"updated = "2026-01-01"
[vendor]
name = "Acme"
firmware_scheme = "three-byte"
usb_vendor_ids = ["1050"]
related = [{ name = "B", role = "oem", basis = "b", source = "s", confidence = "stated" }]
[[model]]
aaguid = "00000000-0000-0000-0000-000000000007"
name = "Key"
kind = "hardware"
firmware_min = "5.7"
firmware_max = "5.8"
certified_firmware = "5.7.1"
transports = ["usb", "nfc"]
bio = "no"
certification = "L1+"
mds_status_date = "2026-01-01"
anchors = ["a"]
sources = ["s"]
replaces = false
"#;

const ADVISORIES: &str = r#"updated = "2026-01-01"
[[advisory]]
id = "A-1"
title = "t"
date = "2026-01"
severity = "s"
affects = "fido"
meaning = "m"
cure = "c"
sources = ["s"]
confidence = "confirmed"
[[advisory.rule]]
vendors = ["Acme"]
aaguids = ["00000000-0000-0000-0000-000000000007"]
bio = "no"
fips = "yes"
transports = ["ble"]
u2f_only = true
firmware = [{ from = "5.0.0", below = "5.7.0" }]
undecidable = true
"#;

const USB: &str = r#"updated = "2026-01-01"
[[device]]
vendor_id = "1050"
product_id = "0407"
vendor = "Acme"
source = "s"
"#;
