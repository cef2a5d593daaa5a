//! Where the logs go.

use super::ids::{Id, Row};
use super::view::View;
use super::wire::{Resource, Setting};

/// The categories without which nothing is seen, and the one that is wise.
const NEEDED: [&str; 2] = ["SignInLogs", "AuditLogs"];
const WISE: &str = "NonInteractiveUserSignInLogs";

fn has(setting: &Resource<Setting>, category: &str) -> bool {
    let is = |told: &Option<String>, wanted: &str| {
        told.as_deref().is_some_and(|told| told.eq_ignore_ascii_case(wanted))
    };
    let logs = setting.properties.logs.iter().filter(|log| log.enabled == Some(true));
    logs.into_iter().any(|log| is(&log.category, category) || is(&log.category_group, "allLogs"))
}

fn goes_somewhere(setting: &&Resource<Setting>) -> bool {
    let places = [
        &setting.properties.workspace_id,
        &setting.properties.storage_account_id,
        &setting.properties.event_hub_authorization_rule_id,
    ];
    places.into_iter().flatten().any(|place| !place.is_empty())
}

/// The workspaces that a category goes to.
pub(super) fn workspaces<'v>(view: &'v View<'_>, category: &str) -> Vec<&'v str> {
    let all = view.settings.iter().filter(|setting| has(setting, category));
    all.filter_map(|setting| setting.properties.workspace_id.as_deref()).filter(|id| !id.is_empty()).collect()
}

/// Whether a category goes anywhere at all.
pub(super) fn is_kept(view: &View<'_>, category: &str) -> bool {
    view.settings.iter().filter(goes_somewhere).any(|setting| has(setting, category))
}

pub(super) fn kept(view: &View<'_>) -> Vec<Row> {
    let id = Id::LogsKept;
    let somewhere = |category: &str| is_kept(view, category);
    let lost: Vec<_> = NEEDED.into_iter().filter(|category| !somewhere(category)).collect();
    let cure = "Add a diagnostic setting of Entra that sends them to a Log Analytics workspace.";
    if !lost.is_empty() {
        return vec![Row::fail(id, format!("{} go nowhere", lost.join(" and ")), cure)];
    }
    if !somewhere(WISE) {
        let saw = format!("{} are kept; {WISE} are not", NEEDED.join(" and "));
        return vec![Row::warn(id, saw, cure)];
    }
    vec![Row::pass(id, format!("{} and {WISE} are kept", NEEDED.join(", ")))]
}
