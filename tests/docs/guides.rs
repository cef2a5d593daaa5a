//! Every command in a block of a document, run as it is printed, in the document's order, on soft keys. What a guide takes
//! for granted, what a person does in between, and the few commands that cannot run here: `guides.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use assert_cmd::Command;
use serde::Deserialize;
use tempfile::TempDir;

use super::plan::{PLAN, profile, strength};
use super::{documents, read, root, skip};

const MODELS: [&str; 3] = [
    "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b",
    "a25342c0-3cdc-4414-8e46-f4807fca511c",
    "eabb46cc-e241-80bf-ae9e-96fa6d2975cf",
];
/// What people type where nobody says otherwise: the PIN, as often as it is asked for.
const TYPED: &str = "739201\n739201\n739201\n739201\n739201\n739201\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Book {
    /// Shell functions for every `before`.
    prelude: String,
    /// What a person puts in the place of a word.
    words: BTreeMap<String, String>,
    not_run: Vec<NotRun>,
    guide: Vec<Guide>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotRun {
    /// How the command begins.
    command: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Guide {
    document: String,
    /// What there is before its first command.
    #[serde(default)]
    before: String,
    /// In the order of the document.
    #[serde(default)]
    at: Vec<At>,
}

/// A command of which there is something to say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    /// How it begins.
    command: String,
    /// What a person, or a tenant, does before it.
    #[serde(default)]
    before: String,
    typed: Option<String>,
    /// What people do while it runs: a script, which knows it as `$pid` and what it said as the file `said`.
    meanwhile: Option<String>,
    /// Its exit code; `why` where it is not 0.
    #[serde(default)]
    ends: i32,
    #[serde(default)]
    why: String,
}

/// One command of a document.
#[derive(Debug)]
struct Printed {
    line: usize,
    command: String,
    /// In a transcript: what it is shown to say, and how it ends.
    shown: Option<(Vec<String>, i32)>,
}

/// The commands of a document: lines of blocks without a language, after `$ ` in transcripts (`console`), and of crontabs.
fn printed(text: &str) -> Vec<Printed> {
    let mut found: Vec<Printed> = Vec::new();
    let mut block: Option<&str> = None;
    let (mut code_follows, mut goes_on) = (false, false);
    for (number, line) in text.lines().enumerate() {
        let bare = line.trim_start();
        if let Some(language) = bare.strip_prefix("```") {
            block = if block.is_some() { None } else { Some(language) };
            continue;
        }
        let new = |command: &str, shown| Printed { line: number + 1, command: command.to_owned(), shown };
        match block {
            Some("" | "sh") if goes_on => found.last_mut().unwrap().command += &format!("\n{bare}"),
            Some("" | "sh") if !bare.is_empty() && !bare.starts_with('#') => found.push(new(bare, None)),
            Some("crontab") => found.push(new(bare.splitn(6, ' ').last().unwrap(), None)),
            Some("console") if line == "$ echo $?" => code_follows = true,
            Some("console") => match line.strip_prefix("$ ") {
                Some(command) => found.push(new(command, Some((Vec::new(), 0)))),
                None => {
                    let (lines, code) = found.last_mut().unwrap().shown.as_mut().expect("a command first");
                    if std::mem::take(&mut code_follows) {
                        *code = line.parse().unwrap();
                    } else {
                        lines.push(line.to_owned());
                    }
                }
            },
            _ => {}
        }
        goes_on = block.is_some() && bare.ends_with('\\');
    }
    found
}

/// Files that a document prints: blocks whose first line is a comment with the file's name.
fn files(text: &str) -> Vec<(String, String)> {
    let blocks = text.split("\n```toml\n# ").skip(1).filter_map(|rest| rest.split_once("\n```"));
    let named = blocks.filter_map(|(block, _)| {
        let name = block.split([';', ' ', '\n']).next()?;
        name.ends_with(".toml").then(|| (name.to_owned(), format!("# {block}\n")))
    });
    named.collect()
}

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

/// A home of its own, with the files that administrators gave, and a `PATH` on which stand this program, told of the soft keys
/// in `keys`, and an `az` that prints what `az.json` holds.
struct Scene<'b> {
    home: TempDir,
    book: &'b Book,
}

impl<'b> Scene<'b> {
    fn new(book: &'b Book) -> Self {
        let memory = Path::new("/dev/shm");
        let home = tempfile::tempdir_in(if memory.is_dir() {
            memory
        } else {
            Path::new(env!("CARGO_TARGET_TMPDIR"))
        });
        let scene = Self { home: home.unwrap(), book };
        let glasskey = format!(
            "#!/bin/sh\nsoft=\"--soft $HOME/keys\" pin=--pin-stdin\n\
             for word; do case $word in --soft) soft= ;; --pin-stdin) pin= ;; esac; done\n\
             exec '{}' $soft $pin \"$@\"\n",
            env!("CARGO_BIN_EXE_glasskey")
        );
        let policy = profile(&MODELS).to_string();
        for (name, text) in [
            ("bin/glasskey", glasskey.as_str()),
            ("bin/az", "#!/bin/sh\ncat \"$HOME/az.json\"\n"),
            ("plan.toml", &PLAN.replace("min_pin_length = 8", "")),
            ("fido2.json", &policy),
            ("passkey-policy.json", &policy),
            ("new-policy.json", &profile(&MODELS[1..]).to_string()),
            ("strength.json", &strength(&MODELS).to_string()),
            ("pin", "739201\n"),
            ("keys/none", ""),
        ] {
            scene.write(name, text);
        }
        let made = scene.sh("chmod +x bin/*; rm keys/none; ln -s \"$REPO/docs\" docs", "");
        assert_eq!(made.code, 0, "{made:?}");
        scene
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn sh(&self, script: &str, typed: &str) -> Ran {
        let home = self.home.path();
        let path = format!("{}:{}", home.join("bin").display(), std::env::var("PATH").unwrap_or_default());
        // One that hangs is ended with all that it started.
        let output = Command::new("timeout")
            .args(["--kill-after=5", "60", "sh", "-c", script])
            .current_dir(home)
            .env("PATH", path)
            .env("HOME", home)
            .env("REPO", root())
            .env_remove("XDG_DATA_HOME")
            .env_remove("GLASSKEY_PLAN")
            .env_remove("GLASSKEY_LEDGER")
            .write_stdin(typed)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let said = format!("{} {}", text(&output.stderr), text(&output.stdout));
        Ran { code: output.status.code().unwrap_or(-1), said }
    }

    fn before(&self, script: &str) -> Result<(), String> {
        if script.is_empty() {
            return Ok(());
        }
        let ran = self.sh(&format!("set -eu\n{}\n{script}", self.book.prelude), TYPED);
        if ran.code == 0 { Ok(()) } else { Err(format!("{script}: {ran:?}")) }
    }

    /// What is wrong with a command as it is printed.
    fn run(&self, printed: &Printed, at: Option<&At>) -> Result<(), String> {
        self.before(at.map_or("", |at| &at.before))?;
        let command =
            self.book.words.iter().fold(printed.command.clone(), |line, (word, is)| line.replace(word, is));
        let typed = at.and_then(|at| at.typed.as_deref()).unwrap_or(TYPED);
        let command = match at.and_then(|at| at.meanwhile.as_deref()) {
            None => command,
            Some(meanwhile) => {
                self.write("typed", typed);
                format!(
                    "{}\n{command} <typed >said 2>&1 &\npid=$!\n{meanwhile}\nwait $pid; code=$?; cat said; exit $code",
                    self.book.prelude
                )
            }
        };
        let ran = self.sh(&command, typed);
        let ends = at.map_or(0, |at| at.ends);
        let (shown, ends) = printed.shown.as_ref().map_or((&[][..], ends), |(lines, code)| (lines, *code));
        if ran.code != ends || ran.said.contains("panicked") {
            return Err(format!("ends with {}, not {ends}: {}", ran.code, ran.said));
        }
        let said = plain(&ran.said);
        match shown.iter().filter(|line| *line != "…").find(|line| !said.contains(&plain(line))) {
            Some(line) => Err(format!("{line}\nis not in\n{}", ran.said)),
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
struct Ran {
    code: i32,
    said: String,
}

fn book() -> Book {
    toml::from_str(&read("tests/docs/guides.toml")).unwrap()
}

/// Runs one guide from its first command to its last; what is wrong in it.
fn walk(book: &Book, guide: &Guide, text: &str) -> Vec<String> {
    let scene = Scene::new(book);
    for (name, text) in files(text) {
        scene.write(&format!("printed/{name}"), &text);
    }
    let mut wrong: Vec<_> = scene.before(&guide.before).err().into_iter().collect();
    let mut at = guide.at.iter().peekable();
    for one in printed(text) {
        if book.not_run.iter().any(|not_run| one.command.starts_with(&not_run.command)) {
            continue;
        }
        let at = at.next_if(|at| one.command.starts_with(&at.command));
        wrong.extend(
            scene.run(&one, at).err().map(|fault| format!("line {}: {}: {fault}", one.line, one.command)),
        );
    }
    wrong.extend(at.map(|at| format!("guides.toml: no command begins with `{}`, or not there", at.command)));
    wrong.into_iter().map(|fault| format!("{}: {fault}", guide.document)).collect()
}

#[test]
fn every_command_in_the_documents_runs_as_it_is_printed() {
    let there =
        |tool: &&str| std::process::Command::new("sh").args(["-c", &format!("command -v {tool}")]).output();
    if let Some(tool) = ["jq", "openssl", "python3", "timeout", "xxd"]
        .iter()
        .find(|tool| !there(tool).unwrap().status.success())
    {
        return skip::without(tool);
    }
    let book = book();
    let documents: BTreeMap<_, _> = documents().into_iter().collect();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let walk = |guide| walk(&book, guide, &documents[&guide.document]);
        let walks: Vec<_> = book.guide.iter().map(|guide| scope.spawn(move || walk(guide))).collect();
        walks.into_iter().flat_map(|walk| walk.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_document_with_commands_is_walked_and_what_is_not_run_is_still_printed() {
    let book = book();
    let walked: BTreeSet<_> = book.guide.iter().map(|guide| guide.document.as_str()).collect();
    assert_eq!(walked.len(), book.guide.len(), "a document stands twice in guides.toml");
    let mut used = BTreeSet::new();
    let (mut runs, mut wrong) = (0, Vec::new());
    for (document, text) in documents() {
        for one in printed(&text) {
            let at = book.not_run.iter().position(|not_run| one.command.starts_with(&not_run.command));
            match at {
                None if walked.contains(document.as_str()) => runs += 1,
                None => wrong.push(format!("{document}: {}: not in guides.toml", one.command)),
                Some(at) => {
                    used.insert(at);
                    wrong.extend(
                        lost(&one.command).map(|word| format!("{document}: {}: no {word}", one.command)),
                    );
                }
            }
        }
    }
    let stale =
        book.not_run.iter().enumerate().filter(|(at, not_run)| !used.contains(at) || not_run.why.is_empty());
    wrong.extend(stale.map(|(_, not_run)| format!("guides.toml: nobody prints `{}`", not_run.command)));
    let codes = book.guide.iter().flat_map(|guide| &guide.at);
    wrong.extend(
        codes.filter(|at| (at.ends != 0) == at.why.is_empty()).map(|at| format!("{}: why?", at.command)),
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(runs > 80, "only {runs} commands were found");
}

/// What a command names that is not in the repository, though it cannot run here: a file, a target of the Makefile.
fn lost(command: &str) -> Option<String> {
    let command = command.split(" #").next().unwrap_or_default();
    if let Some(target) = command.strip_prefix("make ") {
        let makefile = read("Makefile");
        return (!makefile.contains(&format!("\n{}:", target.trim()))).then(|| target.to_owned());
    }
    let inside = |word: &&str| word.contains('/') && !word.starts_with(['/', '"']) && !word.contains("://");
    command.split_whitespace().filter(inside).find(|word| !root().join(word).exists()).map(str::to_owned)
}
