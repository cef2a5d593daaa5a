//! The house rules that a compiler doesn't hold: which room uses which, what is pure, how long a file may be.
#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "helpers of tests read the sources")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 400;

/// What may lie at the top level: the house, and the usual files of a repository.
const TOP: &[&str] = &[
    "src",
    "aaguids",
    "udev",
    "tests",
    "hw-tests",
    "docs",
    "Cargo.toml",
    "Cargo.lock",
    "Makefile",
    "build.rs",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "deny.toml",
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".git",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".rustfmt.toml",
    "target",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// One source file: its room, its name for people, its text without comments.
struct Source {
    room: String,
    name: String,
    text: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut paths = Vec::new();
    files(&src, &mut paths);
    paths.sort();
    let source = |path: &PathBuf| {
        let inside = path.strip_prefix(&src).expect("inside src");
        let room = inside.iter().next().expect("a name").to_string_lossy().trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(path).expect("text");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        Source {
            room,
            name: inside.display().to_string(),
            lines: text.lines().count(),
            text: code.collect::<Vec<_>>().join("\n"),
        }
    };
    paths.iter().map(source).collect()
}

/// The rooms in the order of the table in `src/lib.rs`.
fn rooms() -> Vec<String> {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let cells = lib.lines().filter_map(|line| line.strip_prefix("//! | [")?.split(" | ").next());
    let names =
        cells.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches(['[', ']', '`']).to_owned());
    names.collect()
}

/// The rooms that a text names by `crate::`, also those in braces.
fn used(text: &str) -> BTreeSet<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for after in text.split("crate::").skip(1) {
        let Some(group) = after.strip_prefix('{') else {
            found.insert(name(after));
            continue;
        };
        let mut depth = 0_u32;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '}' if depth == 0 => break,
                ',' if depth == 0 => found.extend([name(std::mem::take(&mut item).trim())]),
                '{' => depth = depth.saturating_add(1),
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if c != ',' {
                item.push(c);
            }
        }
        found.insert(name(item.trim()));
    }
    found.retain(|name| !name.is_empty());
    found
}

/// All arrows from a room to a later one, with the file that draws them.
fn backward(rooms: &[String], sources: &[Source]) -> BTreeSet<(String, String, String)> {
    let place = |room: &str| rooms.iter().position(|known| known == room);
    let arrows = sources.iter().flat_map(|source| {
        used(&source.text).into_iter().map(|to| (source.room.clone(), to, source.name.clone()))
    });
    arrows
        .filter(|(from, to, _)| match (place(from), place(to)) {
            (Some(from), Some(to)) => from < to,
            _ => false,
        })
        .collect()
}

#[test]
fn braces_and_paths_are_both_seen() {
    let rooms = |text: &str| used(text).into_iter().collect::<Vec<_>>();
    assert_eq!(rooms("use crate::ctap::frame::{Channel, Command};"), ["ctap"]);
    assert_eq!(rooms("use crate::{facts::{self, Facts}, term, exit::Exit};"), ["exit", "facts", "term"]);
    assert_eq!(rooms("fn f(x: &crate::key::found::Found) -> crate::exit::Exit"), ["exit", "key"]);
}

#[test]
fn the_table_of_rooms_names_every_room_once() {
    let rooms = rooms();
    let in_table: BTreeSet<_> = rooms.iter().cloned().collect();
    let mut in_src: BTreeSet<_> = sources().into_iter().map(|source| source.room).collect();
    in_src.retain(|room| room != "lib" && room != "main");
    assert_eq!(in_table.len(), rooms.len(), "a room stands in the table twice: {rooms:?}");
    assert_eq!(in_table, in_src, "the table in src/lib.rs and the files in src differ");
}

#[test]
fn no_room_uses_a_room_below_it() {
    let arrows = backward(&rooms(), &sources());
    assert!(arrows.is_empty(), "these use a room below their own (room, room below, file): {arrows:#?}");
}

#[test]
fn an_arrow_back_is_caught() {
    let source = |room: &str, text: &str| Source {
        room: room.to_owned(),
        name: format!("{room}.rs"),
        text: text.to_owned(),
        lines: 1,
    };
    let rooms = ["ctap", "key", "run"].map(str::to_owned);
    let good = [source("run", "use crate::ctap::frame;"), source("key", "use crate::key::wire;")];
    assert!(backward(&rooms, &good).is_empty());
    let bad = [source("ctap", "use crate::key::wire;")];
    assert_eq!(backward(&rooms, &bad).len(), 1);
}

/// Whatever is forbidden in a room, with the files where it stands all the same.
fn offenders(rooms: impl Fn(&str) -> bool, forbidden: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| rooms(&source.room)) {
        let all = forbidden.iter().filter(|word| source.text.contains(**word));
        found.extend(all.map(|word| format!("{}: {word}", source.name)));
    }
    found
}

#[test]
fn the_language_the_relying_party_the_verdict_and_documents_are_pure() {
    let pure =
        |room: &str| ["ctap", "webauthn", "facts", "verdict", "escape", "report", "onboard"].contains(&room);
    let forbidden = ["std::fs", "std::env", "std::net", "Instant::now", "SystemTime::now", "Timestamp::now"];
    assert_eq!(offenders(pure, &forbidden), [""; 0]);
    let random = |room: &str| ["ctap", "webauthn", "verdict", "onboard"].contains(&room);
    assert_eq!(offenders(random, &["getrandom", "rand::"]), [""; 0]);
}

#[test]
fn only_the_key_touches_hardware() {
    assert_eq!(offenders(|room| room != "key", &["hidapi::", "/dev/hidraw"]), [""; 0]);
}

#[test]
fn only_the_terminal_prints() {
    let forbidden = ["println!", "print!(", "io::stdout", "io::stderr", "dbg!"];
    let mut found = offenders(|room| room != "term", &forbidden);
    // The child of the second client: its standard output is a pipe to its parent.
    found.retain(|offender| offender != "second/child.rs: io::stdout");
    assert_eq!(found, [""; 0]);
}

#[test]
fn only_the_child_uses_the_second_client() {
    let found = offenders(|_| true, &["ctap_hid_fido2"]);
    assert_eq!(found, ["second/client.rs: ctap_hid_fido2"]);
}

#[test]
fn nothing_opens_a_network_connection() {
    assert_eq!(offenders(|_| true, &["std::net", "TcpStream", "UdpSocket", "reqwest"]), [""; 0]);
}

#[test]
fn no_file_is_too_long_to_read_at_once() {
    let long = sources().into_iter().filter(|source| source.lines > LONGEST_FILE);
    let long: Vec<_> = long.map(|source| format!("{}: {} lines", source.name, source.lines)).collect();
    assert!(long.is_empty(), "longer than {LONGEST_FILE} lines: {long:#?}");
}

#[test]
fn the_top_level_holds_nothing_else() {
    let entries = std::fs::read_dir(root()).expect("the repository");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let strange: Vec<_> = names.filter(|name| !TOP.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "not one of the names in TOP: {strange:?}");
}
