//! Near-real-time rules of Microsoft Sentinel, as a template: one rule a table, each run every minute.

use serde_json::{Value, json};

use super::Artefact;
use super::alert::metadata;
use super::kql::{Table, query};
use crate::plan::Plan;

fn rule(plan: &Plan, table: Table) -> Value {
    let name =
        format!("[guid(resourceGroup().id, parameters('workspaceName'), 'glasskey-{}')]", table.slug());
    json!({
        "type": "Microsoft.SecurityInsights/alertRules",
        "apiVersion": "2024-03-01",
        "scope": "[format('Microsoft.OperationalInsights/workspaces/{0}', parameters('workspaceName'))]",
        "name": name,
        "kind": "NRT",
        "properties": {
            "displayName": table.tells(),
            "description": format!("{} of {}", table.tells(), plan.organisation),
            "severity": "High",
            "enabled": true,
            "query": query(plan, table),
            "suppressionDuration": "PT5H",
            "suppressionEnabled": false,
            "tactics": ["InitialAccess", "PrivilegeEscalation"],
            "techniques": ["T1078"],
            "incidentConfiguration": { "createIncident": true },
        },
    })
}

pub(super) fn rules(plan: &Plan) -> Artefact {
    let name = plan.entra.workspace.as_deref().and_then(|id| id.as_str().rsplit('/').next());
    let workspace = match name {
        Some(name) => json!({ "type": "string", "defaultValue": name }),
        None => json!({ "type": "string" }),
    };
    let body = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "metadata": metadata(),
        "parameters": { "workspaceName": workspace },
        "resources": Table::ALL.iter().map(|table| rule(plan, *table)).collect::<Vec<_>>(),
    });
    Artefact::template(
        "sentinel-rules",
        "makes near-real-time rules of Microsoft Sentinel, one a table",
        body,
    )
}
