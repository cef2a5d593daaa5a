//! The README's transcripts, held against what the program really says. Spaces, counters and hashes don't count.

use std::path::Path;
use std::process::{Command, Stdio};

use super::plan::{PLAN, profile, strength};
use super::read;

const MODEL: &str = "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b";
const OTHER: &str = "ab32f0c6-2239-afbb-c470-d2ef4e254db7";

/// One space between words, `#` for every number of the signature counter and for every hash.
fn plain(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let counter = |at: usize| {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let after = words.get(at + 2).copied().unwrap_or_default();
        matches!((next, after), ("at", "registration,") | ("when", "last") | ("after" | "now", _))
    };
    let hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let word = |(at, word): (usize, &&str)| {
        if counter(at) || hash(word) { "#".to_owned() } else { (*word).to_owned() }
    };
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
    let plan = PLAN
        .replace("Ana Ader", "Ada")
        .replace("min_pin_length = 8", "")
        .replace("fido2.json", "passkey-policy.json");
    let files = [
        ("custody.toml", plan),
        ("passkey-policy.json", profile(&[MODEL, OTHER]).to_string()),
        ("new-policy.json", profile(&[OTHER]).to_string()),
        ("strength.json", strength(&[MODEL, OTHER]).to_string()),
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
    let ledger = dir.path().join("ledger.db");
    let glasskey = |arguments: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasskey"));
        command.current_dir(dir.path()).args(arguments.split_whitespace());
        command.env_remove("GLASSKEY_PLAN").env_remove("GLASSKEY_LEDGER").env("XDG_DATA_HOME", dir.path());
        // The keys in the first part of the README are in nobody's custody.
        if !arguments.starts_with("--soft soft ") {
            command.env("GLASSKEY_LEDGER", &ledger);
        }
        command
    };
    let done = |arguments: &str| {
        assert!(glasskey(arguments).stdout(Stdio::null()).status().unwrap().success(), "{arguments}");
    };
    let create = |key: &str, pin: &str| {
        done(&format!("soft create {key} --aaguid {MODEL} {pin} --firmware 5.7.4"));
    };
    create("soft safe-1", "--pin 739201");
    create("safe key", "");
    create("swapped key", "--pin 739201");
    done("ledger init --organisation Contoso");
    let shown = shown();
    assert_eq!(shown.len(), 5);
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
