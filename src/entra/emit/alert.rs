//! Alert rules of Azure Monitor, as a template: one rule a table, every minute, threshold 0, severity 0.

use serde_json::{Value, json};

use super::Artefact;
use super::kql::{Table, query};
use crate::escape::quote;
use crate::plan::{Plan, ResourceId};

/// How far a rule looks back. It looks for when something happened; Entra's logs reach a workspace minutes later. So it looks
/// back much further than the minute that it pauses: that it tells of the same sign-in again does no harm.
const WINDOW: &str = "PT30M";

/// By which `tenant check` knows that a template is no export.
pub(super) fn metadata() -> Value {
    json!({ "_generator": { "name": "glasskey", "version": env!("CARGO_PKG_VERSION") } })
}

/// A parameter that the plan may know.
fn parameter(known: Option<&ResourceId>) -> Value {
    match known {
        Some(id) => json!({ "type": "string", "defaultValue": id.as_str() }),
        None => json!({ "type": "string" }),
    }
}

fn rule(plan: &Plan, table: Table) -> Value {
    json!({
        "type": "Microsoft.Insights/scheduledQueryRules",
        "apiVersion": "2021-08-01",
        "name": format!("emergency-access-{}", table.slug()),
        "location": "[parameters('location')]",
        "tags": {},
        "properties": {
            "description": format!("{} of {}", table.tells(), plan.organisation),
            "severity": 0,
            "enabled": true,
            "scopes": ["[parameters('workspaceId')]"],
            "evaluationFrequency": "PT1M",
            "windowSize": WINDOW,
            "criteria": { "allOf": [{
                "query": query(plan, table),
                "dimensions": [],
                "operator": "GreaterThan",
                "threshold": 0,
                "timeAggregation": "Count",
                "failingPeriods": { "numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1 },
            }] },
            "autoMitigate": false,
            "checkWorkspaceAlertsStorageConfigured": false,
            "actions": { "actionGroups": ["[parameters('actionGroupId')]"] },
        },
    })
}

pub(super) fn rules(plan: &Plan) -> Artefact {
    let body = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "metadata": metadata(),
        "parameters": {
            "workspaceId": parameter(plan.entra.workspace.as_deref()),
            "actionGroupId": parameter(plan.entra.action_group.as_deref()),
            "location": { "type": "string", "defaultValue": "[resourceGroup().location]" },
        },
        "resources": Table::ALL.iter().map(|table| rule(plan, *table)).collect::<Vec<_>>(),
    });
    Artefact::template("alert-rules", "makes the alert rules of Azure Monitor, one a table", body)
}

/// The command that deploys a template into the workspace's resource group.
pub(super) fn deploy(plan: &Plan, file: &str) -> String {
    let group = plan.entra.workspace.as_deref().and_then(|id| {
        let mut parts =
            id.as_str().split('/').skip_while(|part| !part.eq_ignore_ascii_case("resourceGroups"));
        parts.nth(1).map(quote)
    });
    let group = group.unwrap_or_else(|| "RESOURCE-GROUP".to_owned());
    format!("az deployment group create --resource-group {group} --template-file {}", quote(file))
}
