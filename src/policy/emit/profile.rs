//! The body that changes a passkey profile: always all profiles, for what is left out may be deleted.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::choose::profile_label;
use super::super::compare::size;
use super::super::error::PolicyError;
use super::super::model::{AaguidList, Fido2Config, KeyRestrictions, PasskeyProfile, PasskeyType, same_id};
use super::super::shape::Shape;
use super::super::source::Content;
use super::{EmitError, Emitted, Export, Merged, Wanted, as_json, without_annotations};
use crate::graph::Request;
use crate::graph::words::quoted;

const TYPE: &str = "#microsoft.graph.fido2AuthenticationMethodConfiguration";
const PATH: &str = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2";
/// The most profiles that a tenant may have.
const MOST: usize = 3;

impl Export {
    /// The change of the passkey profile that is meant for the accounts. One that is named and is not there is made.
    /// `group` is the accounts' group, which then is a target of the profile.
    ///
    /// # Errors
    /// [`EmitError`], and those of [`super::PolicySource::choose`] where several profiles could be meant.
    pub fn passkey_profile(
        &self,
        profile: Option<&str>,
        group: Option<Uuid>,
        wanted: Wanted<'_>,
    ) -> Result<Emitted, PolicyError> {
        let entities = self.entities(Shape::Fido2);
        let (Content::Fido2(config), [value]) = (&self.source.content, entities.as_slice()) else {
            return Err(self.other());
        };
        let file = self.source.name.clone();
        if config.profiles.is_empty() {
            return match profile {
                _ if config.is_migrated() => Err(EmitError::ProfilesMissing { file }.into()),
                Some(name) => Err(EmitError::NotMigrated { file, wanted: name.to_owned() }.into()),
                None => self.legacy(config, value, wanted),
            };
        }
        let chosen = match self.source.chosen(config, profile) {
            Ok((chosen, _)) => Some(chosen),
            Err(PolicyError::UnknownProfile { .. }) => None,
            Err(error) => return Err(error),
        };
        let profiles = value.get("passkeyProfiles").and_then(Value::as_array);
        let mut profiles: Vec<Value> = profiles.into_iter().flatten().map(without_annotations).collect();
        let Some(chosen) = chosen else {
            if config.profiles.len() >= MOST {
                return Err(EmitError::TooManyProfiles { file, count: config.profiles.len() }.into());
            }
            let name = profile.unwrap_or_default();
            let merged = wanted.merge(&file, &KeyRestrictions::Allow(AaguidList::default()))?;
            profiles.push(made(name, &merged.after));
            return Ok(new_profile(config, profiles, merged, name));
        };
        let place = config.profiles.iter().position(|one| std::ptr::eq(one, chosen));
        let raw = place.and_then(|place| profiles.get(place));
        let mut merged = wanted.merge(&file, &meant(&chosen.key_restrictions, raw))?;
        if let Some(Value::Object(members)) = place.and_then(|place| profiles.get_mut(place)) {
            members.insert("keyRestrictions".to_owned(), restrictions(&merged.after));
        }
        let mut body = json!({ "@odata.type": TYPE, "passkeyProfiles": profiles });
        if let Some(targets) = targets(config, value, chosen, group) {
            merged.changes.push(format!("makes the group of the accounts a target of {}", name(chosen)));
            if let Value::Object(members) = &mut body {
                members.insert("includeTargets".to_owned(), targets);
            }
        }
        watch(config, chosen, group, &mut merged);
        Ok(emitted(config, body, merged))
    }

    /// A tenant without profiles: the members outside them, which hold for everybody.
    fn legacy(
        &self,
        config: &Fido2Config,
        value: &Value,
        wanted: Wanted<'_>,
    ) -> Result<Emitted, PolicyError> {
        let mut merged = wanted.merge(&self.source.name, &meant(&config.legacy_restrictions, Some(value)))?;
        merged.warnings.push(
            "this tenant has no passkey profiles: the list holds for every user, not for the accounts alone"
                .to_owned(),
        );
        let body = json!({ "@odata.type": TYPE, "keyRestrictions": restrictions(&merged.after) });
        Ok(emitted(config, body, merged))
    }
}

/// A list without effect stays a list of allowed models only if it was meant as one.
fn meant(restrictions: &KeyRestrictions, raw: Option<&Value>) -> KeyRestrictions {
    let kind = raw.and_then(|raw| raw.pointer("/keyRestrictions/enforcementType")).and_then(Value::as_str);
    match restrictions {
        KeyRestrictions::Open { .. } if kind.map(str::trim) != Some("allow") => {
            KeyRestrictions::Open { inert: AaguidList::default() }
        }
        other => other.clone(),
    }
}

fn restrictions(aaguids: &BTreeSet<Uuid>) -> Value {
    json!({ "isEnforced": true, "enforcementType": "allow", "aaGuids": as_json(aaguids) })
}

/// A profile that is to be made has no id yet.
fn made(name: &str, aaguids: &BTreeSet<Uuid>) -> Value {
    json!({
        "name": name,
        "passkeyTypes": "deviceBound",
        "attestationEnforcement": "registrationOnly",
        "keyRestrictions": restrictions(aaguids),
    })
}

fn new_profile(config: &Fido2Config, profiles: Vec<Value>, mut merged: Merged, name: &str) -> Emitted {
    let what = format!("makes the passkey profile {}: device-bound keys with attestation only", quoted(name));
    merged.changes.insert(0, what);
    merged.warnings.push(
        "a new profile is for nobody yet: export the configuration again once it is made, and run this again, which makes the accounts' group its target"
            .to_owned(),
    );
    let body = json!({ "@odata.type": TYPE, "passkeyProfiles": profiles });
    emitted(config, body, merged)
}

fn name(profile: &PasskeyProfile) -> String {
    quoted(&profile_label(profile))
}

/// All include targets, with the group for this profile among them; `None` where it is already, or is not known.
fn targets(
    config: &Fido2Config,
    value: &Value,
    profile: &PasskeyProfile,
    group: Option<Uuid>,
) -> Option<Value> {
    let (group, id) = (group?.to_string(), profile.id.as_deref()?);
    let known = config.include.as_deref()?;
    let own = known.iter().position(|target| same_id(&target.id, &group));
    let uses = |place: usize| known.get(place).is_some_and(|t| t.profiles.iter().any(|one| same_id(one, id)));
    if own.is_some_and(uses) {
        return None;
    }
    let mut all: Vec<Value> =
        value.get("includeTargets")?.as_array()?.iter().map(without_annotations).collect();
    match own.and_then(|place| all.get_mut(place)) {
        Some(Value::Object(members)) => {
            let ids = members.entry("allowedPasskeyProfiles").or_insert_with(|| json!([]));
            match ids {
                Value::Array(ids) => ids.push(id.into()),
                other => *other = json!([id]),
            }
        }
        _ => all.push(json!({
            "targetType": "group", "id": group, "isRegistrationRequired": false, "allowedPasskeyProfiles": [id],
        })),
    }
    Some(Value::Array(all))
}

/// What a person must see to: whom else the profile is for, and what would keep a key out all the same.
fn watch(config: &Fido2Config, profile: &PasskeyProfile, group: Option<Uuid>, merged: &mut Merged) {
    let is_group = |id: &str| group.is_some_and(|group| same_id(id, &group.to_string()));
    let uses =
        |ids: &[String]| profile.id.as_deref().is_some_and(|own| ids.iter().any(|id| same_id(id, own)));
    let targets = config.include.iter().flatten().filter(|target| uses(&target.profiles));
    let others: Vec<_> =
        targets.map(|target| &target.id).filter(|id| !is_group(id)).map(|id| quoted(id)).collect();
    if merged.before != merged.after && !others.is_empty() {
        merged.warnings.push(format!("{} is also for {}", name(profile), others.join(", ")));
    }
    if !profile.passkey_types.contains(&PasskeyType::DeviceBound) {
        merged
            .warnings
            .push(format!("{} lets in no device-bound key, and every hardware key is one", name(profile)));
    }
    if config.exclude.iter().flatten().any(|target| is_group(&target.id)) {
        merged.warnings.push(
            "the accounts' group is excluded from the method, which wins over every profile".to_owned(),
        );
    }
}

fn emitted(config: &Fido2Config, body: Value, merged: Merged) -> Emitted {
    let mut warnings = merged.warnings;
    let grown = merged.after.len().saturating_sub(merged.before.len()).saturating_mul(size::AAGUID);
    let size = size::of(config).saturating_add(grown);
    if size > size::LIMIT {
        warnings.push(format!("about {size} bytes: Entra takes {} of a FIDO2 policy", size::LIMIT));
    }
    Emitted { requests: vec![Request::graph("PATCH", PATH, body)], changes: merged.changes, warnings }
}
