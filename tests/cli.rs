//! The program as a person or a script meets it: words, JSON and exit codes.
#![expect(clippy::disallowed_methods, reason = "helpers of tests")]

#[cfg(test)] // clippy allows helpers of tests what it allows tests
#[path = "support/ran.rs"]
mod ran;
#[cfg(feature = "softkey")]
#[cfg(test)] // clippy allows helpers of tests what it allows tests
#[path = "cli/soft.rs"]
mod soft;

use std::process::Command;

use ran::Ran;

impl Ran {
    /// Whether each of these words stands in what was said.
    fn says(&self, words: &[&str]) -> bool {
        words.iter().all(|word| self.out.contains(word) || self.err.contains(word))
    }
}

fn run(arguments: &[&str]) -> Ran {
    run_with("", arguments)
}

/// `input` is standard input.
fn run_with(input: &str, arguments: &[&str]) -> Ran {
    Ran::of(Command::new(env!("CARGO_BIN_EXE_glasskey")).args(arguments), input)
}

#[test]
fn transcripts() {
    let cases = trycmd::TestCases::new();
    cases.env("COLUMNS", "100").case("tests/cmd/*.trycmd");
}

/// The verbs that a help lists, each with the words after its name.
fn verbs(help: &str) -> Vec<(String, String)> {
    let lines =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    lines
        .filter(|line| line.starts_with("  ") && !line.starts_with("    "))
        .map(|line| line.trim_start().split_once(' ').unwrap_or((line.trim(), "")))
        .map(|(verb, words)| (verb.to_owned(), words.trim().to_owned()))
        .filter(|(verb, _)| verb != "help")
        .collect()
}

/// Every verb of the program with its ancestors, e.g. `pin verify`.
fn all_verbs() -> Vec<Vec<String>> {
    let mut found = vec![vec![]];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        let path: Vec<String> = path;
        let arguments: Vec<&str> = path.iter().map(String::as_str).chain(["-h"]).collect();
        found.extend(verbs(&run(&arguments).out).into_iter().map(|(verb, _)| [&path[..], &[verb]].concat()));
        next += 1;
    }
    found
}

#[test]
fn every_verb_has_help_that_names_it_and_says_what_it_does() {
    let all = all_verbs();
    let of = |verb: &str| all.iter().any(|path| path.join(" ") == verb);
    assert!(of("keys") && of("check") && of("pin verify") && of("catalogue show") && of("man"), "{all:?}");
    for path in all {
        for flag in ["-h", "--help"] {
            let ran = run(&path.iter().map(String::as_str).chain([flag]).collect::<Vec<_>>());
            let usage = format!("Usage: {}", [&["glasskey".to_owned()], &path[..]].concat().join(" "));
            assert!(ran.code == 0 && ran.err.is_empty() && ran.out.contains(&usage), "{path:?}: {ran:?}");
            assert!(ran.says(&["--key", "--pin-stdin", "--touch-timeout", "--json", "--color", "--quiet"]));
            for (verb, words) in verbs(&ran.out) {
                assert!(!words.is_empty(), "{path:?} {verb} is not explained");
            }
            assert!(ran.out.lines().all(|line| line.chars().count() <= 100), "{path:?}");
        }
    }
    for word in ["0 yes", "1 no", "2 could not tell", "3 no key", "5 PIN", "7 the key", "130 interrupted"] {
        assert!(run(&["--help"]).says(&[word]), "{word}");
    }
    let bare = run(&[]);
    assert!(bare.code == 2 && bare.out.is_empty() && bare.says(&["Usage: glasskey"]), "{bare:?}");
}

#[test]
fn completions_know_every_verb_and_the_flags() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = run(&["completions", shell]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert!(ran.says(&["no-touch", "pin-stdin", "touch-timeout"]), "{shell}");
        for verb in all_verbs().into_iter().flatten() {
            assert!(ran.says(&[&verb]), "{shell} {verb}");
        }
    }
    assert_eq!(run(&["completions", "teletype"]).code, 2);
}

#[test]
fn man_pages_are_written_for_every_verb() {
    let dir = tempfile::tempdir().unwrap();
    let pages = dir.path().join("not/there/yet");
    let ran = run(&["man", pages.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    for path in all_verbs() {
        let name = format!("{}.1", [&["glasskey".to_owned()], &path[..]].concat().join("-"));
        let page = std::fs::read_to_string(pages.join(&name)).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ran = run(&["man", file.to_str().unwrap()]);
    assert!(ran.code == 2 && ran.says(&["file"]), "{ran:?}");
}

#[test]
fn json_holds_what_a_stranger_wrote_and_no_terminal_command() {
    let ran = run(&["--json", "policy", "show", "tests/data/cli/hostile.json"]);
    let document = ran.json();
    assert_eq!((ran.code, &document["schema"]), (0, &"glasskey.policy/1".into()));
    let name = &document["policies"][0]["profiles"][0]["name"];
    assert_eq!(name, "\u{1b}[31mRed\u{9b}2J \u{202e}lamron\u{7f}", "not a character is lost");
    assert!(ran.out.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')));
}

#[test]
fn a_name_that_a_stranger_wrote_commands_no_terminal() {
    for color in ["always", "never"] {
        let ran = run(&["--color", color, "policy", "show", "tests/data/cli/hostile.json"]);
        assert!(ran.says(&[r"\u{1b}[31mRed\u{9b}2J \u{202e}lamron\u{7f}"]), "{}", ran.out);
        let plain = anstream::adapter::strip_str(&ran.out).to_string();
        assert!(ran.out.matches('\u{1b}').count() <= 2 * plain.lines().count(), "only our own colours");
        assert!(!plain.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{7f}']));
    }
}

/// Found by fuzzing: the error about a catalogue file quoted its values as they were.
#[test]
fn an_error_that_quotes_a_file_commands_no_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let file =
        "updated = \"2026-01-01\"\n[vendor]\nname = \"A\"\nfirmware_scheme = \"\\u001b[31mowned\\u009b2J\"\n";
    std::fs::write(dir.path().join("a.toml"), file).unwrap();
    let ran = run(&["--color", "always", "--catalogue", dir.path().to_str().unwrap(), "catalogue", "list"]);
    assert!(ran.code == 2 && ran.says(&[r"`\u{1b}[31mowned\u{9b}2J`", "line 4"]), "{ran:?}");
    let plain = anstream::adapter::strip_str(&ran.err).to_string();
    assert!(!plain.contains(['\u{1b}', '\u{9b}']), "{plain}");
}

#[test]
fn each_error_is_one_json_document_where_json_is_asked_for() {
    for (arguments, kind, words) in [
        (&["policy", "show", "tests/data/cli/bent.txt"][..], "policy", "bent.txt: line 2"),
        (&["policy", "show", "tests/data/cli/none.json"], "policy", "none.json"),
        (&["catalogue", "show", "00000000-0000-4000-8000-000000000000"], "catalogue", "00000000-0000-4000"),
        (&["attestation", "verify", "tests/data/cli/cut.json"], "file", "cut.json"),
        (&["frobnicate"], "usage", "frobnicate"),
    ] {
        let ran = run(&[&["--json"], arguments].concat());
        let document = ran.json();
        assert_eq!((ran.code, ran.err.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(document["schema"], "glasskey.error/1");
        let error = document["error"].as_object().unwrap();
        assert_eq!(error.keys().collect::<Vec<_>>(), ["hint", "kind", "message"]);
        assert_eq!(error["kind"], kind, "{arguments:?}");
        assert!(error["message"].as_str().unwrap().contains(words), "{document}");
    }
}

#[test]
fn the_catalogue_answers_in_json() {
    let list = run(&["--json", "catalogue", "list", "TOKEN2"]).json();
    assert_eq!(list["schema"], "glasskey.catalogue/1");
    let models = list["models"].as_array().unwrap();
    assert!(!models.is_empty() && models.iter().all(|model| model["vendor"] == "Token2"), "{list}");
    let show = run(&["--json", "catalogue", "show", "eabb46cc-e241-80bf-ae9e-96fa6d2975cf"]).json();
    assert_eq!(show["schema"], "glasskey.model/1");
    assert_eq!(show["model"]["aaguid"], "eabb46cc-e241-80bf-ae9e-96fa6d2975cf");
    assert!(show["anchors"].as_array().is_some_and(|anchors| !anchors.is_empty()), "{show}");
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_a_usage_error() {
    use std::os::unix::ffi::OsStrExt as _;
    let odd = std::ffi::OsStr::from_bytes(b"\xff");
    for before in [&[][..], &["--key"], &["policy"]] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_glasskey")).args(before).arg(odd).arg("keys").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{before:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
