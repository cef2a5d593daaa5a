//! The README's transcripts, held against what the program really says. Spaces and counters don't count.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use super::read;

const MODEL: &str = "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b";
const OTHER: &str = "ab32f0c6-2239-afbb-c470-d2ef4e254db7";

/// One space between words, `#` for every number of the signature counter.
fn plain(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let counter = |at: usize| {
        let next = words.get(at + 1).copied().unwrap_or_default();
        next == "at" && words.get(at + 2) == Some(&"registration,") || next == "after"
    };
    let word = |(at, word): (usize, &&str)| if counter(at) { "#".to_owned() } else { (*word).to_owned() };
    words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

/// The blocks of the README that show this program at work on soft keys, each with its first line.
fn shown() -> Vec<(String, Vec<String>)> {
    let text = read("README.md");
    let blocks = text.split("```console\n$ glasskey --soft ").skip(1);
    let block = |block: &str| {
        let block = block.split("```").next().unwrap_or_default();
        let mut lines = block.lines().map(str::to_owned);
        (lines.next().unwrap(), lines.take_while(|line| !line.starts_with('$')).collect())
    };
    blocks.map(block).collect()
}

fn policies(dir: &Path) {
    let profile = "11111111-1111-4111-8111-111111111111";
    let policy = |aaguids: &[&str]| {
        json!({
            "id": "Fido2", "state": "enabled", "defaultPasskeyProfile": profile, "excludeTargets": [],
            "includeTargets": [{
                "targetType": "group", "id": "22222222-2222-4222-8222-222222222222", "allowedPasskeyProfiles": [profile],
            }],
            "passkeyProfiles": [{
                "id": profile, "name": "Break-glass keys", "passkeyTypes": "deviceBound",
                "attestationEnforcement": "registrationOnly",
                "keyRestrictions": { "isEnforced": true, "enforcementType": "allow", "aaGuids": aaguids },
            }],
        })
    };
    let strength = json!({
        "displayName": "Break-glass", "policyType": "custom", "allowedCombinations": ["fido2"],
        "combinationConfigurations": [{
            "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
            "allowedAAGUIDs": [MODEL, OTHER], "appliesToCombinations": ["fido2"],
        }],
    });
    let files = [
        ("passkey-policy.json", policy(&[MODEL, OTHER]).to_string()),
        ("new-policy.json", policy(&[OTHER]).to_string()),
        ("strength.json", strength.to_string()),
        ("pin", "739201\n".to_owned()),
    ];
    for (name, text) in files {
        std::fs::write(dir.join(name), text).unwrap();
    }
}

#[test]
fn the_readme_shows_what_the_program_says() {
    let dir = tempfile::tempdir().unwrap();
    policies(dir.path());
    let glasskey = |arguments: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasskey"));
        command.current_dir(dir.path()).args(arguments.split_whitespace());
        command
    };
    let create = format!("soft create soft safe-1 --aaguid {MODEL} --pin 739201 --firmware 5.7.4");
    assert!(glasskey(&create).stdout(Stdio::null()).status().unwrap().success());
    let shown = shown();
    assert_eq!(shown.len(), 2);
    for (line, expected) in shown {
        let arguments = format!("--soft {}", line.strip_suffix(" < pin").unwrap());
        let pin = std::fs::File::open(dir.path().join("pin")).unwrap();
        let output = glasskey(&arguments).stdin(pin).output().unwrap();
        let said = format!(
            "{} {}",
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout)
        );
        let said = plain(&said);
        for line in expected.iter().filter(|line| !line.trim().is_empty() && *line != "…") {
            assert!(said.contains(&plain(line)), "README.md: {line}\nis not in\n{said}");
        }
    }
}
