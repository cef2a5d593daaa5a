//! The documents, held against the program: ids, exit codes, verbs, flags, links, schemas.
#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "helpers of tests read the documents")]

// `cfg(test)`: clippy allows helpers of tests what it allows tests. Without soft keys there is nothing to run.
#[cfg(test)]
#[path = "docs/cures.rs"]
mod cures;
#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "docs/guides.rs"]
mod guides;
#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "support/plan.rs"]
mod plan;
#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "support/schema.rs"]
mod schema;
#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "docs/schemas.rs"]
mod schemas;
#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "support/skip.rs"]
mod skip;
#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "docs/verbs.rs"]
mod verbs;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use glasskey::exit::Exit;
use glasskey::onboard::finding as onboard;
use glasskey::verdict::finding::Id;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect(name)
}

fn walk(folder: &Path, deep: bool, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if deep && path.is_dir() {
            walk(&path, true, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

/// Files with an ending, in the top level and in `docs`, `aaguids` and `.github`.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(root(), false, ending, &mut found);
    for folder in ["docs", "aaguids", ".github"] {
        walk(&root().join(folder), true, ending, &mut found);
    }
    found.sort();
    found
}

fn documents() -> Vec<(String, String)> {
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root()).expect("inside").display().to_string();
        (name, std::fs::read_to_string(&path).expect("text"))
    };
    files(".md").into_iter().map(named).collect()
}

#[test]
fn every_finding_is_documented_and_no_other() {
    let text = read("docs/findings.md");
    let sections: Vec<_> =
        text.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    let ids: BTreeSet<_> = Id::ALL.iter().map(|id| id.name()).collect();
    assert_eq!(sections.iter().copied().collect::<BTreeSet<_>>(), ids);
    assert_eq!(sections.len(), ids.len(), "a finding has two sections");
}

#[test]
fn the_document_says_which_findings_decide_and_why_they_matter() {
    let text = read("docs/findings.md");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for id in Id::ALL {
        let section = text.split(&format!("### `{}`\n", id.name())).nth(1).expect("a section");
        let section = section.split("\n### ").next().expect("an end");
        let decides = section.contains("\nDecides: yes.");
        assert!(decides || section.contains("\nDecides: no."), "{}: decides, or not?", id.name());
        assert_eq!(decides, id.decides(), "{}", id.name());
        assert!(
            flat.contains(id.why()),
            "{}: its reason in the program is not the documented one",
            id.name()
        );
        for status in ["pass", "warn", "fail", "skipped"] {
            assert!(section.contains(&format!("| {status} |")), "{}: {status} is missing", id.name());
        }
    }
}

/// The ids in the first column of the table under a heading.
fn ids_in_table(document: &str, heading: &str) -> Vec<String> {
    let text = read(document);
    let section = text.split(&format!("## {heading}\n")).nth(1).expect("a section");
    let section = section.split("\n## ").next().expect("an end");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(id, _)| id.to_owned()).collect()
}

#[test]
fn every_finding_about_the_tenant_is_documented_in_its_order_and_no_other() {
    let tenant: Vec<_> = glasskey::tenant::Id::ALL.iter().map(|id| id.name()).collect();
    assert_eq!(ids_in_table("docs/tenant.md", "What it looks at"), tenant);
    let matched: Vec<_> = glasskey::entra::matching::Id::ALL.iter().map(|id| id.name()).collect();
    assert_eq!(ids_in_table("docs/entra.md", "6. Does every passkey have its key?"), matched);
}

#[test]
fn all_that_the_doctor_looks_at_is_documented() {
    let schema: Value = serde_json::from_str(&read("docs/schemas/doctor-1.schema.json")).expect("JSON");
    let ids = schema.pointer("/properties/symptoms/items/properties/id/enum").expect("the ids");
    assert_eq!(&Value::from(ids_in_table("docs/findings.md", "What the doctor looks at")), ids);
}

#[test]
fn every_question_of_an_onboarding_is_documented_with_its_clause_and_whether_it_decides() {
    let text = read("docs/onboarding.md");
    let rows: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("| `")).collect();
    let expected = onboard::Id::ALL.iter().map(|id| {
        let decides = if id.decides() { "yes" } else { "no" };
        format!("{}` | {} | {decides} |", id.name(), id.clause())
    });
    let expected: Vec<_> = expected.collect();
    assert_eq!(rows.len(), expected.len());
    for (row, expected) in rows.iter().zip(&expected) {
        assert!(row.starts_with(expected.as_str()), "{row}\nshould begin with\n{expected}");
    }
    for section in onboard::Section::ALL {
        assert!(text.contains(&format!("\n### {}\n", section.heading())), "{}", section.heading());
    }
}

/// All exit codes; the match makes a new one fail to compile here.
fn exits() -> Vec<Exit> {
    fn next(exit: Exit) -> Option<Exit> {
        match exit {
            Exit::Yes => Some(Exit::No),
            Exit::No => Some(Exit::CouldNotTell),
            Exit::CouldNotTell => Some(Exit::NoKey),
            Exit::NoKey => Some(Exit::NotPermitted),
            Exit::NotPermitted => Some(Exit::Pin),
            Exit::Pin => Some(Exit::Ledger),
            Exit::Ledger => Some(Exit::Misbehaved),
            Exit::Misbehaved => Some(Exit::Interrupted),
            Exit::Interrupted => None,
        }
    }
    std::iter::successors(Some(Exit::Yes), |exit| next(*exit)).collect()
}

#[test]
fn every_exit_code_is_in_its_tables_and_no_other() {
    let codes: Vec<_> = exits().into_iter().map(|exit| exit.code().to_string()).collect();
    for document in ["README.md", "docs/exit-codes.md"] {
        let text = read(document);
        let after = text.split("| code | meaning |").nth(1).expect("a table of exit codes");
        let rows = after.lines().skip(2).take_while(|line| line.starts_with('|'));
        let listed: Vec<_> = rows.filter_map(|row| Some(row.split('|').nth(1)?.trim().to_owned())).collect();
        assert_eq!(listed, codes, "{document}");
    }
}

/// A heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The targets of a text's links, without those in code.
fn links(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if !fenced {
            found
                .extend(line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())));
        }
    }
    found
}

#[test]
fn every_link_inside_the_repository_leads_somewhere() {
    let mut dead = Vec::new();
    for (name, text) in documents() {
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (path, section) = link.split_once('#').unwrap_or((&link, ""));
            let here = root().join(&name);
            let file = if path.is_empty() { here } else { here.with_file_name("").join(path) };
            let found = file.exists()
                && (section.is_empty()
                    || std::fs::read_to_string(&file).is_ok_and(|text| {
                        text.lines().any(|line| {
                            line.starts_with('#') && anchor(line.trim_start_matches('#')) == section
                        })
                    }));
            if !found {
                dead.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(dead.is_empty(), "dead links: {dead:#?}");
}

/// In the package the documents lie elsewhere, but to each other as here.
#[test]
fn what_the_packaged_documents_link_to_is_in_the_package() {
    let cargo: toml::Table = toml::from_str(&read("Cargo.toml")).expect("TOML");
    let deb = cargo.get("package").and_then(|it| it.get("metadata")?.get("deb")?.get("assets")?.as_array());
    let pair =
        |asset: &toml::Value| Some((asset.get(0)?.as_str()?.to_owned(), asset.get(1)?.as_str()?.to_owned()));
    let assets: Vec<_> = deb.expect("assets").iter().filter_map(pair).collect();
    let held = |path: &str| {
        assets.iter().any(|(pattern, _)| {
            let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
            let inside = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            inside.is_some_and(|rest| !rest.contains('/'))
        })
    };
    for (from, to) in
        assets.iter().filter_map(|(from, to)| Some((from, to.strip_prefix("usr/share/doc/glasskey/")?)))
    {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        assert!(
            from.starts_with("target/") || to.trim_end_matches('/') == folder,
            "{from} would lie in {to}"
        );
    }
    let mut lost = Vec::new();
    for (name, text) in documents().into_iter().filter(|(name, _)| held(name)) {
        for link in links(&text).into_iter().filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let target =
                root().join(&name).with_file_name("").join(link.split('#').next().unwrap_or_default());
            let target = target.canonicalize().expect("a link that leads somewhere");
            let inside = target.strip_prefix(root().canonicalize().expect("the repository")).expect("inside");
            let inside = inside.display().to_string();
            let there = if target.is_dir() {
                assets.iter().any(|(from, _)| from.starts_with(&format!("{inside}/")))
            } else {
                held(&inside)
            };
            if !there {
                lost.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(lost.is_empty(), "not in the package: {lost:#?}");
}

#[test]
fn every_document_can_be_reached_from_the_readme() {
    let mut reached = BTreeSet::from([PathBuf::from("README.md")]);
    let mut todo = vec![PathBuf::from("README.md")];
    while let Some(document) = todo.pop() {
        let full = root().join(&document);
        let text = std::fs::read_to_string(&full).expect("a document");
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let path = link.split('#').next().unwrap_or_default();
            let Ok(target) = full.with_file_name("").join(path).canonicalize() else { continue };
            let top = root().canonicalize().expect("the repository");
            let Ok(inside) = target.strip_prefix(top) else { continue };
            // A folder that is linked shows what it holds.
            let held = |name: &String| Path::new(name).starts_with(inside);
            let all = documents().into_iter().map(|(name, _)| name).filter(held).map(PathBuf::from);
            todo.extend(all.filter(|path| reached.insert(path.clone())));
        }
    }
    let lost: Vec<_> =
        documents().into_iter().filter(|(name, _)| !reached.contains(Path::new(name))).collect();
    let lost: Vec<_> = lost.into_iter().map(|(name, _)| name).collect();
    assert!(lost.is_empty(), "no link leads to {lost:?}");
}

#[test]
fn every_schema_is_json_and_is_listed() {
    let list = read("docs/json.md");
    let schemas = files(".schema.json");
    assert!(!schemas.is_empty());
    for path in schemas {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("text");
        let schema: Value = serde_json::from_str(&text).expect(&name);
        assert_eq!(schema.get("$schema"), Some(&Value::from("https://json-schema.org/draft/2020-12/schema")));
        assert!(list.contains(&format!("(schemas/{name})")), "docs/json.md does not link {name}");
    }
}
