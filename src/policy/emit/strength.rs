//! The combination configuration of an authentication strength.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::error::PolicyError;
use super::super::model::{AaguidList, Fido2Combination, KeyRestrictions, Strength, same_id};
use super::super::shape::Shape;
use super::super::source::Content;
use super::{EmitError, Emitted, Export, Merged, Wanted, as_json};
use crate::graph::Request;

const PATH: &str = "/identity/conditionalAccess/authenticationStrength/policies";

impl Export {
    /// The change of the strength's AAGUIDs.
    ///
    /// # Errors
    /// [`EmitError`], and [`PolicyError::StrengthNeeded`] where several strengths could be meant.
    pub fn authentication_strength(&self, wanted: Wanted<'_>) -> Result<Emitted, PolicyError> {
        let Content::Strengths(all) = &self.source.content else { return Err(self.other()) };
        let file = self.source.name.clone();
        let strength = self.source.chosen_strength(all)?;
        if strength.fido2 != Fido2Combination::Listed {
            return Err(EmitError::NoFido2 { file }.into());
        }
        if strength.configurations > 1 {
            return Err(EmitError::SeveralConfigurations { file, count: strength.configurations }.into());
        }
        let merged = wanted.merge(&file, &strength.key_restrictions)?;
        let strength_id = match strength.id.as_deref() {
            Some(id) => self.id(id)?.to_string(),
            None => "{id of the strength}".to_owned(),
        };
        let path = format!("{PATH}/{strength_id}/combinationConfigurations");
        if strength.configurations == 0 {
            return Ok(emitted("POST", &path, merged));
        }
        // A second configuration would leave only what both list.
        let why = "the strength's combination configuration has no id".to_owned();
        let id = self.configuration(strength).ok_or(EmitError::Unclear { file, why })?;
        Ok(emitted("PATCH", &format!("{path}/{}", self.id(&id)?), merged))
    }

    /// An id that is to stand in a URL.
    fn id(&self, id: &str) -> Result<Uuid, EmitError> {
        let unclear =
            |_| EmitError::Unclear { file: self.source.name.clone(), why: format!("{id} is no id") };
        Uuid::try_parse(id.trim()).map_err(unclear)
    }

    /// The id of the strength's one configuration for FIDO2 keys.
    fn configuration(&self, strength: &Strength) -> Option<String> {
        let is_ours = |value: &&&Value| {
            let id = value.get("id").and_then(Value::as_str);
            strength.id.as_deref().zip(id).is_some_and(|(own, id)| same_id(own, id))
        };
        let strengths = self.entities(Shape::Strength);
        let inside = strengths.iter().find(is_ours).and_then(|value| value.get("combinationConfigurations"));
        let inside = inside.and_then(Value::as_array).into_iter().flatten();
        let alone = self.entities(Shape::Combination);
        let mut ours = inside.chain(alone).filter(|value| value.get("allowedAAGUIDs").is_some());
        Some(ours.next()?.get("id")?.as_str()?.to_owned())
    }
}

impl Wanted<'_> {
    /// The configuration of a strength that is still to be made.
    ///
    /// # Errors
    /// [`EmitError`].
    pub fn new_strength(&self) -> Result<Emitted, EmitError> {
        let merged = self.merge("the new strength", &KeyRestrictions::Allow(AaguidList::default()))?;
        let path = format!("{PATH}/{{id of the strength}}/combinationConfigurations");
        Ok(emitted("POST", &path, merged))
    }
}

fn emitted(method: &'static str, path: &str, merged: Merged) -> Emitted {
    let body = json!({
        "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
        "allowedAAGUIDs": as_json(&merged.after),
        "appliesToCombinations": ["fido2"],
    });
    let requests = vec![Request::graph(method, path, body)];
    Emitted { requests, changes: merged.changes, warnings: merged.warnings }
}
