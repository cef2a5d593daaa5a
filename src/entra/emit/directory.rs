//! The group and the administrative unit of the accounts.

use serde_json::json;

use super::Artefact;
use crate::graph::Request;
use crate::graph::request::GRAPH;
use crate::plan::{ObjectId, Plan};

/// The group, where the plan has no id for it; else its members.
pub(super) fn group(plan: &Plan) -> Vec<Artefact> {
    if let Some(id) = &plan.entra.group {
        return members(plan, "group", &format!("/groups/{id}/members/$ref"));
    }
    let body = json!({
        "displayName": "sg-emergency-access",
        "description": description(plan),
        "mailEnabled": false,
        "mailNickname": "sgemergencyaccess",
        "securityEnabled": true,
        "isAssignableToRole": true,
    });
    let what = "makes the role-assignable group of the accounts; its id goes into the plan, [entra] group";
    vec![Artefact::request("group", what, Request::graph("POST", "/groups", body))]
}

/// The restricted management administrative unit, where the plan has no id for it; else its members.
pub(super) fn rmau(plan: &Plan) -> Vec<Artefact> {
    if let Some(id) = &plan.entra.administrative_unit {
        return members(plan, "rmau", &format!("/directory/administrativeUnits/{id}/members/$ref"));
    }
    let body = json!({
        "displayName": "Emergency access",
        "description": description(plan),
        "isMemberManagementRestricted": true,
    });
    let what = "makes the restricted management administrative unit; its id goes into the plan, [entra] administrative_unit";
    vec![Artefact::request("rmau", what, Request::graph("POST", "/directory/administrativeUnits", body))]
}

fn description(plan: &Plan) -> String {
    format!("Break-glass accounts of {}", plan.organisation)
}

/// One request an account. Files are numbered: a name may hold what no file's name can.
fn members(plan: &Plan, of: &str, path: &str) -> Vec<Artefact> {
    let member = |(number, id, name): (usize, ObjectId, String)| {
        let body = json!({ "@odata.id": format!("{GRAPH}/directoryObjects/{id}") });
        let what = format!("puts {name} into the {of}");
        Artefact::request(&format!("{of}-member-{number}"), what, Request::graph("POST", path, body))
    };
    let accounts = (1..).zip(&plan.accounts);
    accounts.map(|(number, account)| member((number, *account.object_id, account.name.to_string()))).collect()
}
