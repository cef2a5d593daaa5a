//! Commands that the program tells people to run: each must run as it is printed, once its placeholders are filled in.

use clap::{CommandFactory, Parser, error::ErrorKind};
use glasskey::cli::Cli;

use super::{root, walk};

/// The texts of the sources, without comments, and lines that go on joined.
fn texts() -> Vec<(String, String)> {
    let read = |path: std::path::PathBuf| {
        let source = std::fs::read_to_string(&path).expect("a source");
        let lines: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let text: Vec<String> =
            lines.join("\n").split("\\\n").map(|part| part.trim_start().to_owned()).collect();
        (path.strip_prefix(root()).expect("inside").display().to_string(), text.concat())
    };
    let mut sources = Vec::new();
    walk(&root().join("src"), true, ".rs", &mut sources);
    sources.into_iter().map(read).collect()
}

/// What a person would type in a placeholder's place. `{quoted}` parts are one word each.
fn filled(word: &str) -> String {
    let mut text = word.to_owned();
    while let (Some(from), Some(to)) = (text.find('{'), text.find('}')) {
        if to < from {
            break;
        }
        text.replace_range(from..=to, "5");
    }
    match text.as_str() {
        "HASH" => "ab".repeat(32),
        "AAGUID" => "a25342c0-3cdc-4414-8e46-f4807fca511c".to_owned(),
        _ => text,
    }
}

/// What is wrong with a command, if anything. One that only names a verb need not be whole.
fn fault(line: &str) -> Option<String> {
    let words: Vec<String> = line.split_whitespace().map(filled).collect();
    let mut command = Cli::command();
    command.build();
    let mut verb = &command;
    let bare = words.iter().all(|word| match verb.find_subcommand(word) {
        Some(sub) => {
            verb = sub;
            true
        }
        None => false,
    });
    if bare {
        return None;
    }
    let error = Cli::try_parse_from(std::iter::once("glasskey".to_owned()).chain(words)).err()?;
    let harmless = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    (!harmless).then(|| error.to_string().lines().next().unwrap_or_default().to_owned())
}

#[test]
fn faults_of_cures_are_seen() {
    assert_eq!(fault("inventory retire {label} --why REASON"), None);
    assert_eq!(fault("credentials delete"), None, "it only names the verb");
    assert!(fault("inventory retire {label}").is_some());
    assert!(fault("inventory use {account} …").is_some());
    assert!(fault("entra match --with-key").is_some());
    assert!(fault("inventory vanish").is_some());
}

#[test]
fn every_command_in_a_cure_runs_as_it_is_printed() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for (name, text) in texts() {
        for line in text.split("`glasskey ").skip(1).filter_map(|rest| rest.split('`').next()) {
            seen += 1;
            wrong.extend(fault(line).map(|fault| format!("{name}: glasskey {line}: {fault}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 100, "only {seen} commands were found");
}
