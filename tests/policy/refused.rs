//! What is refused, where, and in which words.

use glasskey::policy::LIMIT;

use super::*;

#[test]
fn utf_16_is_read_where_a_byte_order_mark_says_so() {
    for name in ["list.txt", "two-profiles.json"] {
        let bytes = std::fs::read(data(name)).unwrap();
        let plain = PolicySource::parse("f", &bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let units: Vec<u16> = "\u{feff}".chars().chain(text.trim_start_matches('\u{feff}').chars()).fold(
            Vec::new(),
            |mut units, c| {
                units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
                units
            },
        );
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        assert_eq!(PolicySource::parse("f", &little).unwrap(), plain);
        assert_eq!(PolicySource::parse("f", &big).unwrap(), plain);
        for bad in [&little[2..], &little[..little.len() - 1], b"\xff\xfe\x00\xd8"] {
            assert!(matches!(PolicySource::parse("f", bad), Err(PolicyError::NotText { .. })));
        }
    }
}

#[test]
fn what_is_refused_is_told_with_its_place() {
    let bad = |pointer: &str, new: Value| {
        refusal(with(fixture("two-profiles.json"), pointer, new).to_string().as_bytes())
    };
    let profile = "/passkeyProfiles/1";
    let all = [
        bad("/state", json!(true)),
        bad("/keyRestrictions", json!([false, "allow", []])),
        bad("/keyRestrictions/isEnforced", json!("true")),
        bad("/includeTargets/1", json!({"targetType": "group"})),
        bad("/includeTargets/0/allowedPasskeyProfiles", json!("all")),
        bad("/excludeTargets", json!({"id": "g"})),
        bad("/passkeyProfiles", json!("none")),
        bad(profile, Value::Null),
        bad(&format!("{profile}/name"), json!(7)),
        bad(&format!("{profile}/passkeyTypes"), json!(["deviceBound"])),
        bad(&format!("{profile}/attestationEnforcement"), json!(false)),
        bad(&format!("{profile}/keyRestrictions/aaGuids"), json!({})),
        bad(&format!("{profile}/keyRestrictions/aaGuids/1"), Value::Null),
        bad(
            &format!("{profile}/keyRestrictions/aaGuids/1"),
            json!("eabb46cc-e241-80bf-ae9e-96fa6d2975c\u{1b}"),
        ),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    $.state: invalid type: boolean `true`, expected a string
    $.keyRestrictions: invalid type: sequence, expected an object
    $.keyRestrictions.isEnforced: invalid type: string "true", expected a boolean
    $.includeTargets[1]: missing field `id`
    $.includeTargets[0].allowedPasskeyProfiles: invalid type: string "all", expected a sequence
    $.excludeTargets: invalid type: map, expected a sequence
    $.passkeyProfiles: invalid type: string "none", expected a sequence
    $.passkeyProfiles[1]: invalid type: null, expected an object
    $.passkeyProfiles[1].name: invalid type: integer `7`, expected a string
    $.passkeyProfiles[1].passkeyTypes: invalid type: sequence, expected a string
    $.passkeyProfiles[1].attestationEnforcement: invalid type: boolean `false`, expected a string
    $.passkeyProfiles[1].keyRestrictions.aaGuids: invalid type: map, expected a sequence
    $.passkeyProfiles[1].keyRestrictions.aaGuids[1]: invalid type: null, expected a string
    $.passkeyProfiles[1].keyRestrictions.aaGuids[1]: "eabb46cc-e241-80bf-ae9e-96fa6d2975c\u{1b}" is not an AAGUID (8-4-4-4-12 hexadecimal digits)
    "#);
    let wrapped = json!({"authenticationMethodConfigurations": [{"id": "Sms"}, {"id": "Fido2", "state": 1}]});
    let strength =
        with(fixture("strengths.json"), "/value/1/combinationConfigurations/0/allowedAAGUIDs/0", json!("x"));
    let mixed = json!({"value": [{"allowedCombinations": []}, {"allowedAAGUIDs": []}]});
    let texts = [
        wrapped.to_string(),
        strength.to_string(),
        mixed.to_string(),
        r#"{"id":"Fido2","keyRestrictions":{"isEnforced":true,"isEnforced":false}}"#.to_owned(),
        r#"{"id":"Fido2","state":"#.to_owned(),
        r#"{"id":"Fido2"} {}"#.to_owned(),
        format!("{}{}", r#"{"a":"#.repeat(200), "[".repeat(9000)),
        format!("[\"{YUBI}\", 3]"),
        format!("# ok\n{YUBI} YubiKey\n{TOKEN2}x Token2\n"),
        "<html>\u{202e}</html>".to_owned(),
        " \r\n\t".to_owned(),
        String::new(),
        "# nothing\n".to_owned(),
    ];
    assert_snapshot!(texts.map(|text| refusal(text.as_bytes())).map(|said| shorten(&said)).join("\n"), @r#"
    $.authenticationMethodConfigurations[1].state: invalid type: integer `1`, expected a string
    $.value[1].combinationConfigurations[0].allowedAAGUIDs[0]: "x" is not an AAGUID (8-4-4-4-12 hexadecimal digits)
    $.value[1]: of another kind than the entries before it
    $.keyRestrictions: two members are called "isEnforced" at line 1 column 63
    $.state: EOF while parsing a value at line 1 column 22
    $: trailing characters at line 1 column 16
    $.a.a.a.a.a.a.a: recursion limit exceeded at line 1 column 636
    $[1]: invalid type: integer `3`, expected a string
    line 3: "eabb46cc-e241-80bf-ae9e-96fa6d2975cfx" is not an AAGUID (8-4-4-4-12 hexadecimal digits)
    line 1: "<html>\u{202e}</html>" is not an AAGUID (8-4-4-4-12 hexadecimal digits)
    empty
    empty
    empty
    "#);
    assert!(matches!(PolicySource::parse("f", b"\xff\x00{}"), Err(PolicyError::NotText { .. })));
    let huge = vec![b'['; LIMIT + 1];
    assert!(matches!(PolicySource::parse("f", &huge), Err(PolicyError::TooLarge { limit: LIMIT, .. })));
    let full = vec![b'['; LIMIT];
    assert!(matches!(PolicySource::parse("f", &full), Err(PolicyError::Invalid { .. })));
    assert!(matches!(PolicySource::load(&data("absent.json")), Err(PolicyError::Read { .. })));
}

/// The deep document's path is 200 members long; its middle says nothing.
fn shorten(said: &str) -> String {
    said.replace(&".a".repeat(20), "")
}

#[test]
fn other_files_are_called_what_they_are() {
    let powershell = PolicySource::load(&data("powershell.json")).unwrap_err();
    assert!(matches!(powershell, PolicyError::NotAPolicy { found: Found::PowerShell, .. }));
    assert_snapshot!(powershell.hint().unwrap(), @"export with `Invoke-MgGraphRequest -OutputType Json`, which keeps Graph's own names");
    let found = |value: Value| match source(&value) {
        Err(PolicyError::NotAPolicy { found, .. }) => found,
        other => panic!("{value}: {other:?}"),
    };
    assert_eq!(found(json!({"error": {"code": "Forbidden"}})), Found::GraphError);
    assert_eq!(found(json!({"value": []})), Found::EmptyList);
    assert_eq!(found(json!([])), Found::EmptyList);
    assert_eq!(found(json!({})), Found::Other);
    assert_eq!(found(json!([1, 2])), Found::Other);
    assert_eq!(found(json!({"value": {"publicKey": {}}})), Found::CreationOptions);
    assert_eq!(found(json!({"authenticationMethodConfigurations": [{"id": "Sms"}]})), Found::OtherMethods);
    assert_eq!(
        found(json!([{"appliesToCombinations": ["x509CertificateMultiFactor"]}])),
        Found::OtherMethods
    );
    assert_eq!(found(json!({"name": "Safe keys", "passkeyTypes": "deviceBound"})), Found::LoneProfile);
}

/// The whole error as a person sees it, without the file.
fn refusal(bytes: &[u8]) -> String {
    PolicySource::parse("f", bytes).unwrap_err().to_string().trim_start_matches("f: ").to_owned()
}
