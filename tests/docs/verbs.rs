//! Verbs and flags that the documents name, held against the arguments that the program takes.

use clap::{Command, CommandFactory};
use glasskey::cli::Cli;

use super::documents;

/// Every command line in a text: code spans, and lines of code blocks, that begin with the program's name.
fn commands(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            let parts = line.trim_start().trim_start_matches("$ ").split(['|', ';']);
            found.extend(parts.map(|part| part.trim().to_owned()));
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let words = |line: &String| line.strip_prefix("glasskey ").map(str::to_owned);
    found.iter().filter_map(words).collect()
}

fn flag<'c>(command: &'c Command, name: &str) -> Option<&'c clap::Arg> {
    let name = name.trim_start_matches('-').split('=').next().unwrap_or_default();
    command.get_arguments().find(|argument| {
        argument.get_long() == Some(name)
            || argument.get_short().is_some_and(|short| short.to_string() == name)
    })
}

/// What is wrong with a command line.
fn fault(line: &str) -> Option<String> {
    let mut root = Cli::command();
    root.build();
    let mut command = &root;
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['[', ']', '…'])).peekable();
    while let Some(word) = words.next() {
        // What follows is the shell's.
        if ["<", ">", "2>", "|", "&&"].contains(&word) {
            break;
        }
        if word.starts_with('-') && word.len() > 1 {
            let known = flag(command, word).or_else(|| flag(&root, word));
            let built_in = ["--help", "--version", "-h", "-V"].contains(&word);
            match known {
                Some(argument) if argument.get_action().takes_values() && !word.contains('=') => {
                    words.next();
                }
                Some(_) => {}
                None if built_in => {}
                None => return Some(format!("no flag {word}")),
            }
        } else if command.has_subcommands() {
            // `status|set` names several.
            let all: Option<Vec<_>> = word.split('|').map(|name| command.find_subcommand(name)).collect();
            match all.as_deref() {
                Some([one, ..]) => command = one,
                _ => return Some(format!("no verb {word}")),
            }
        }
    }
    None
}

#[test]
fn faults_are_seen() {
    assert_eq!(fault("pin status|set"), None);
    assert_eq!(fault("--soft DIR check --policy FILE < pin"), None);
    assert_eq!(fault("soft create soft safe --aaguid X --pin 1"), None);
    assert_eq!(fault("unenroll"), Some("no verb unenroll".to_owned()));
    assert_eq!(fault("pin unblock"), Some("no verb unblock".to_owned()));
    assert_eq!(fault("check --force"), Some("no flag --force".to_owned()));
}

#[test]
fn every_verb_and_flag_in_the_documents_exists() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, text) in documents() {
        for line in commands(&text) {
            seen += 1;
            wrong.extend(fault(&line).map(|fault| format!("{name}: glasskey {line}: {fault}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 20, "only {seen} command lines were found in the documents");
}

#[test]
fn every_verb_is_documented() {
    let all: String = documents().into_iter().map(|(_, text)| text).collect();
    let lines = commands(&all);
    let command = Cli::command();
    for verb in command.get_subcommands().map(Command::get_name).filter(|name| *name != "help") {
        let named = lines.iter().any(|line| line.split_whitespace().any(|word| word == verb));
        assert!(named, "no document shows `glasskey {verb}`");
    }
}
