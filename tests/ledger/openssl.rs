//! A receipt checked with plain openssl, by the script in `docs/`.

use std::path::Path;
use std::process::Command;

use crate::custody::{folder, full};
use crate::skip;

fn missing() -> Vec<&'static str> {
    let there = |tool: &&str| Command::new("sh").args(["-c", &format!("command -v {tool}")]).output();
    let mut tools = vec!["bash", "jq", "openssl", "xxd", "base64"];
    tools.retain(|tool| !there(tool).unwrap().status.success());
    tools
}

fn script(export: &Path, number: u64) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-receipt.sh");
    let output = Command::new(script).arg(export).arg(number.to_string()).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn the_script_says_what_verification_says() {
    let missing = missing();
    if !missing.is_empty() {
        skip::without(missing.join(", "));
        return;
    }
    let folder = folder();
    let (path, _) = full(folder.path());
    let exported = Command::new(env!("CARGO_BIN_EXE_glasskey"))
        .args(["ledger", "export", "--format", "jsonl", "--ledger"])
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8(exported.stdout).unwrap();
    let file = folder.path().join("ledger.jsonl");
    std::fs::write(&file, &text).unwrap();
    for number in [4, 5, 19] {
        let (good, told) = script(&file, number);
        assert!(good && told.contains("Verified OK"), "{number}: {told}");
    }
    for (bent, number, word) in [
        (text.clone(), 20, "has no receipt"),
        (text.clone(), 99, "there is no event"),
        (text.replace("not-fit", "fit"), 19, "not the one that was sealed"),
        (text.replacen("Safe in Bern", "Safe in Chur", 1), 4, "not the one that was sealed"),
    ] {
        std::fs::write(&file, bent).unwrap();
        let (good, told) = script(&file, number);
        assert!(!good && told.contains(word), "{number}: {told}");
    }
    // A signature of another event, chained well: the key did not sign this.
    let mut events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let signature = events[14]["receipt"]["signature"].clone();
    events[18]["receipt"]["signature"] = signature;
    let seal: glasskey::ledger::bytes::Hash = events[18]["seal"].as_str().unwrap().parse().unwrap();
    let receipt = events[18]["receipt"].to_string();
    let receipt: glasskey::ledger::Receipt = serde_json::from_str(&receipt).unwrap();
    let hash = glasskey::ledger::event::hash(&seal, Some(&receipt.canonical().unwrap()));
    events[18]["hash"] = hash.to_string().into();
    let lines: Vec<_> = events.iter().map(ToString::to_string).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let (good, told) = script(&file, 19);
    assert!(!good && told.contains("not this key's"), "{told}");
}
