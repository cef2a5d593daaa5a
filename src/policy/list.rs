//! A plain list: one AAGUID a line, or a JSON array of strings.

use serde_json::Value;

use super::error::PolicyError;
use super::json::typed;
use super::model::AaguidList;
use super::wire::Aaguid;

/// One AAGUID a line; behind it a name may stand, and behind `#` a comment.
pub(super) fn from_lines(file: &str, text: &str) -> Result<AaguidList, PolicyError> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1_usize..) {
        let said = line.split('#').next().unwrap_or_default().trim();
        let word =
            said.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).next().unwrap_or_default();
        if said.is_empty() {
            continue;
        }
        let aaguid = Aaguid::parse(word).map_err(|reason| PolicyError::Invalid {
            file: file.to_owned(),
            at: format!("line {number}"),
            reason,
        })?;
        found.push(aaguid.0);
    }
    filled(file, found)
}

/// A JSON array of strings.
pub(super) fn from_json(file: &str, value: &Value) -> Result<AaguidList, PolicyError> {
    let found: Vec<Aaguid> = typed(file, "$", value)?;
    filled(file, found.into_iter().map(|aaguid| aaguid.0).collect())
}

fn filled(file: &str, found: Vec<uuid::Uuid>) -> Result<AaguidList, PolicyError> {
    if found.is_empty() {
        return Err(PolicyError::Empty { file: file.to_owned() });
    }
    Ok(found.into_iter().collect())
}
