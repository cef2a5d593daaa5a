//! The queries: each object id once, one table each, and KQL by Microsoft's own parser where it is at hand.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use glasskey::entra::emit::{Form, Table, What, make};
use serde_json::json;

use super::*;

/// Every query that any artefact holds, with its name.
fn queries(text: &str) -> Vec<(String, String)> {
    let plan = plan(text);
    let mut found = Vec::new();
    for what in [What::Kql, What::AlertRule, What::SentinelRule] {
        for artefact in make(&plan, what, None).unwrap() {
            match &artefact.form {
                Form::Query { text } => found.push((artefact.name.clone(), text.clone())),
                _ => {
                    for resource in artefact.body().unwrap()["resources"].as_array().unwrap() {
                        let properties = &resource["properties"];
                        let query =
                            properties.get("query").unwrap_or(&properties["criteria"]["allOf"][0]["query"]);
                        found.push((artefact.name.clone(), query.as_str().unwrap().to_owned()));
                    }
                }
            }
        }
    }
    found
}

#[test]
fn each_names_every_object_id_exactly_once_and_one_table() {
    let mut tables: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, query) in queries(PLAN) {
        for account in &plan(PLAN).accounts {
            assert_eq!(query.matches(&account.object_id.to_string()).count(), 1, "{name}: {query}");
        }
        let code = query.lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n");
        let read = Table::ALL.iter().map(|table| table.name());
        let read: Vec<_> = read.filter(|name| code.split_whitespace().any(|word| word == *name)).collect();
        assert_eq!(read.len(), 1, "{name}: {query}");
        let of = if name.ends_with(".json") { name.clone() } else { "queries".to_owned() };
        tables.entry(of).or_default().extend(read);
        for forbidden in ["union", "search", "take", "limit", "ingestion_time", "adx"] {
            assert!(
                !code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == forbidden),
                "{name}"
            );
        }
    }
    let all: Vec<_> = Table::ALL.iter().map(|table| table.name()).collect();
    let whole = ["alert-rules.json", "queries", "sentinel-rules.json"].map(|of| (of.to_owned(), all.clone()));
    assert_eq!(tables, whole.into(), "each makes one for every table");
}

#[test]
fn a_query_reads_like_this() {
    let all = queries(PLAN);
    insta::assert_snapshot!(all[0].1, @r#"
    // Any sign-in of an emergency access account of Contoso: EA-01, EA-02
    let accounts = dynamic([
      "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f",
      "2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10"
    ]);
    SigninLogs
    | where UserId in~ (accounts)
    "#);
    insta::assert_snapshot!(all[2].1, @r#"
    // Any change by or to an emergency access account of Contoso: EA-01, EA-02
    let accounts = dynamic([
      "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f",
      "2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10"
    ]);
    AuditLogs
    | where tostring(InitiatedBy.user.id) in~ (accounts) or tostring(TargetResources) has_any (accounts)
    "#);
}

/// What Microsoft's parser finds wrong with each query; `None`, and a word about it, where it is not at hand.
fn parsed(queries: &[(String, String)]) -> Option<Vec<(String, Vec<String>)>> {
    let input: Vec<_> = queries.iter().map(|(name, query)| json!({ "name": name, "query": query })).collect();
    let child = Command::new("node")
        .arg(root("tests/kql/check.js"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        skip::skip("there is no node, so no KQL was parsed");
        return None;
    };
    // A script that finds no package is gone before it reads.
    drop(child.stdin.take().unwrap().write_all(json!(input).to_string().as_bytes()));
    let output = child.wait_with_output().unwrap();
    if output.status.code() == Some(3) {
        skip::skip("`npm ci --prefix tests/kql` was not run, so no KQL was parsed");
        return None;
    }
    assert!(output.status.success(), "the parser failed");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let faults = |one: &Value| one["faults"].as_array().unwrap().iter().map(ToString::to_string).collect();
    Some(told.as_array().unwrap().iter().map(|one| (one["name"].to_string(), faults(one))).collect())
}

#[test]
fn microsofts_parser_takes_every_query_also_of_hostile_plans() {
    let hostile = PLAN
        .replace("\"Contoso\"", "'''\"); SigninLogs | take 1 // \\'''")
        .replace("\"EA-01\"", "'''*/ ]); union * | where 1==1 //'''");
    let all = [queries(PLAN), queries(&hostile)].concat();
    let Some(told) = parsed(&all) else { return };
    assert_eq!(told.len(), all.len());
    for (name, faults) in told {
        assert_eq!(faults, [""; 0], "{name}");
    }
    // And it is no parser that takes everything.
    let bent = ("bent".to_owned(), all[0].1.replace("UserId", "UserIdentifier").replace("]);", "];"));
    assert!(parsed(&[bent]).is_some_and(|told| !told[0].1.is_empty()));
}
