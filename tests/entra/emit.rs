//! Bodies from the plan: of the documented shapes, with the plan's ids, whatever names the plan holds.

use glasskey::entra::EntraError;
use glasskey::entra::emit::{Artefact, Form, Table, What, make};
use serde_json::json;
use uuid::{Uuid, uuid};

use super::*;

const STRENGTH: Uuid = uuid!("9c3a7a55-3c54-4ad5-8a2b-6f0b5d1e4c20");

fn all(text: &str) -> Vec<Artefact> {
    let plan = plan(text);
    What::ALL.iter().flat_map(|what| make(&plan, *what, Some(STRENGTH)).unwrap()).collect()
}

/// The shape that an artefact should have.
fn shape(name: &str) -> &str {
    let name = name.trim_end_matches(".json");
    if name.contains("-member-") { "member" } else { name }
}

#[test]
fn every_body_has_the_documented_shape() {
    let mut seen = std::collections::BTreeSet::new();
    let first = plan(PLAN);
    let before =
        [What::Group, What::Rmau].map(|what| make(&first, what, None).unwrap()).into_iter().flatten();
    for artefact in before.chain(all(&format!("{PLAN}{TENANT}"))) {
        let Some(body) = artefact.body() else { continue };
        let wrong = faults(shape(&artefact.name), body);
        assert!(wrong.is_empty(), "{}: {wrong:#?}", artefact.name);
        seen.insert(shape(&artefact.name).to_owned());
    }
    let wanted = ["alert-rules", "ca-policy", "group", "member", "rmau", "sentinel-rules", "strength"];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
}

#[test]
fn the_reference_bodies_have_the_same_shapes() {
    let Some(folder) = shared("requests") else { return };
    for (file, shape) in [
        ("alert_rule_arm.json", "alert-rules"),
        ("patch_fido2_add_profile.json", "fido2"),
        ("patch_fido2_legacy_keyrestrictions.json", "fido2"),
        ("patch_fido2_targets.json", "fido2"),
        ("post_authentication_strength.json", "strength"),
        ("post_ca_policy.json", "ca-policy"),
        ("post_combination_configuration.json", "combination"),
        ("post_group_role_assignable.json", "group"),
        ("post_rmau.json", "rmau"),
    ] {
        assert_eq!(faults(shape, &read(&folder.join(file))), [""; 0], "{file}");
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 9, "a body that no shape is held against");
}

#[test]
fn a_shape_refuses_what_the_documents_do_not_have() {
    let bodies = all(&format!("{PLAN}{TENANT}"));
    let mut policy = bodies.iter().find(|one| one.name == "ca-policy.json").unwrap().body().unwrap().clone();
    policy["sessionControls"]["persistentBrowser"]["mode"] = json!("always");
    policy["surprise"] = json!(1);
    assert_eq!(faults("ca-policy", &policy).len(), 2);
}

#[test]
fn what_exists_is_not_made_again_and_what_is_lacking_is_told() {
    let first = plan(PLAN);
    let names = |plan: &Plan, what| {
        make(plan, what, None).unwrap().into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&first, What::Group), ["group.json"]);
    let later = plan(&format!("{PLAN}{TENANT}"));
    assert_eq!(names(&later, What::Group), ["group-member-1.json", "group-member-2.json"]);
    assert_eq!(names(&later, What::Rmau), ["rmau-member-1.json", "rmau-member-2.json"]);
    let Form::Request(request) = &make(&later, What::Group, None).unwrap()[1].form else { panic!() };
    assert!(request.url.ends_with("/groups/5e1a8c0e-7f43-4e0e-9d0b-0d7a2f6c1b11/members/$ref"));
    assert!(request.body["@odata.id"].as_str().unwrap().ends_with("/2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10"));
    for (plan, strength, word) in
        [(&first, Some(STRENGTH), "[entra] group"), (&later, None, "authentication_strength")]
    {
        let error = make(plan, What::CaPolicies, strength).unwrap_err();
        assert!(matches!(&error, EntraError::Lacks { lacks, .. } if lacks.contains(word)), "{error}");
        assert!(error.hint().contains("glasskey entra emit"), "{}", error.hint());
    }
}

#[test]
fn the_policy_names_the_group_and_the_strength() {
    let bodies = all(&format!("{PLAN}{TENANT}"));
    let policy = bodies.iter().find(|one| one.name == "ca-policy.json").unwrap();
    let body = policy.body().unwrap();
    assert_eq!(body["conditions"]["users"]["includeGroups"], json!(["5e1a8c0e-7f43-4e0e-9d0b-0d7a2f6c1b11"]));
    assert_eq!(body["grantControls"]["authenticationStrength"]["id"], STRENGTH.to_string());
    assert_eq!(body["state"], "enabledForReportingButNotEnforced", "a person switches it on");
    let command = policy.command(&plan(PLAN), "it's.json").unwrap();
    assert!(command.ends_with(r"--body '@it'\''s.json'"), "{command}");
}

#[test]
fn one_rule_a_table_with_the_ids_of_the_plan_as_defaults() {
    let bodies = all(&format!("{PLAN}{TENANT}"));
    for (name, word) in [("alert-rules.json", "workspaceId"), ("sentinel-rules.json", "workspaceName")] {
        let artefact = bodies.iter().find(|one| one.name == name).unwrap();
        let body = artefact.body().unwrap();
        assert_eq!(body["resources"].as_array().unwrap().len(), Table::ALL.len());
        assert!(body["parameters"][word]["defaultValue"].as_str().unwrap().ends_with("law-1"));
        let command = artefact.command(&plan(&format!("{PLAN}{TENANT}")), "x.json").unwrap();
        assert!(command.contains("--resource-group rg-log "), "{command}");
    }
}

/// Every text in a value.
fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(all) => all.iter().for_each(|one| texts(one, found)),
        Value::Object(all) => all.values().for_each(|one| texts(one, found)),
        _ => {}
    }
}

#[test]
fn a_hostile_name_is_data_everywhere() {
    let hostile = r#"[concat('x')] \"); SigninLogs | take 1 // "#;
    let text = PLAN
        .replace("\"Contoso\"", &format!("'''{hostile}'''"))
        .replace("\"EA-01\"", "'''[reference('x')]\"); drop \\'''");
    let plain: Vec<String> = all(&format!("{PLAN}{TENANT}")).iter().map(structure).collect();
    let bodies = all(&format!("{text}{TENANT}"));
    for (artefact, plain) in bodies.iter().zip(plain) {
        assert_eq!(structure(artefact), plain, "{}: names change no structure", artefact.name);
        let Some(body) = artefact.body() else { continue };
        let mut all = Vec::new();
        texts(body, &mut all);
        let expressions = all.iter().filter(|text| text.starts_with('['));
        assert!(
            expressions.into_iter().all(|text| !text.contains("concat('x')") && !text.contains("reference"))
        );
    }
}

/// An artefact without what people named.
fn structure(artefact: &Artefact) -> String {
    let query =
        |text: &str| text.lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n");
    fn blank(value: &mut Value, query: &dyn Fn(&str) -> String) {
        match value {
            Value::Object(all) => {
                for (name, inner) in all {
                    match name.as_str() {
                        "description" => *inner = Value::Null,
                        "query" => *inner = query(inner.as_str().unwrap()).into(),
                        _ => blank(inner, query),
                    }
                }
            }
            Value::Array(all) => all.iter_mut().for_each(|one| blank(one, query)),
            _ => {}
        }
    }
    match &artefact.form {
        Form::Query { text } => query(text),
        _ => {
            let mut body = artefact.body().unwrap().clone();
            blank(&mut body, &query);
            body.to_string()
        }
    }
}
