//! What people should know of a list, beside what it lets in.

use serde::Serialize;
use uuid::Uuid;

use super::super::choose::profile_label;
use super::super::error::listed;
use super::super::judge::Policy;
use super::super::model::{Fido2Config, PasskeyType};
use super::super::note::Weight;
use super::size;
use crate::catalogue::Catalogue;

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// A stable word: the code of a note of `policy show`, or one of `unknown_models`, `no_hardware`, `synced_allowed`,
    /// `self_service_off`, `self_service_unsaid`, `near_limit`, `over_limit`.
    pub code: String,
    /// How much it weighs.
    pub weight: Weight,
    /// In words; foreign text in it is escaped.
    pub words: String,
}

impl Remark {
    fn new(code: &str, weight: Weight, words: String) -> Self {
        Self { code: code.to_owned(), weight, words }
    }
}

pub(super) fn remarks(policy: &Policy, config: Option<&Fido2Config>, catalogue: &Catalogue) -> Vec<Remark> {
    let code = |note| match serde_json::to_value(note) {
        Ok(value) => value.get("code").and_then(|code| code.as_str()).unwrap_or_default().to_owned(),
        Err(_) => String::new(),
    };
    let notes = policy.notes.iter();
    let mut found: Vec<Remark> = notes
        .map(|note| Remark { code: code(note), weight: note.weight(), words: note.to_string() })
        .collect();
    let aaguids = &policy.key_restrictions.list().aaguids;
    let unknown: Vec<Uuid> =
        aaguids.iter().copied().filter(|aaguid| catalogue.model(*aaguid).is_none()).collect();
    if !unknown.is_empty() {
        let all: Vec<_> = unknown.iter().map(Uuid::to_string).collect();
        let words = format!("names models that the catalogue does not know: {}", all.join(", "));
        found.push(Remark::new("unknown_models", Weight::Warn, words));
    }
    let software = aaguids.iter().filter_map(|aaguid| catalogue.model(*aaguid));
    let software: Vec<_> = software
        .filter(|model| !model.kind.is_hardware_key())
        .map(|model| format!("{} ({}), {}", model.name, model.aaguid, model.kind.words()))
        .collect();
    if !software.is_empty() {
        let words = format!("names what is no hardware key: {}", software.join("; "));
        found.push(Remark::new("no_hardware", Weight::Warn, words));
    }
    found.extend(config.map(of_configuration).into_iter().flatten());
    found
}

fn of_configuration(config: &Fido2Config) -> Vec<Remark> {
    let mut found = Vec::new();
    let synced = config.profiles.iter().filter(|one| one.passkey_types.contains(&PasskeyType::Synced));
    let synced: Vec<_> = synced.map(profile_label).collect();
    if !synced.is_empty() {
        let words =
            format!("profiles that let in synced passkeys, which anybody can copy: {}", listed(&synced));
        found.push(Remark::new("synced_allowed", Weight::Warn, words));
    }
    match config.self_service {
        Some(true) => {}
        Some(false) => {
            let words = "self-service set-up is off: the provisioning API is known to fail then";
            found.push(Remark::new("self_service_off", Weight::Warn, words.to_owned()));
        }
        None => {
            let words =
                "the file doesn't say whether self-service set-up is on, which the provisioning API needs";
            found.push(Remark::new("self_service_unsaid", Weight::Check, words.to_owned()));
        }
    }
    let (size, limit) = (size::of(config), size::LIMIT);
    let words = format!("about {size} of the {limit} bytes that Entra takes");
    if size > limit {
        found.push(Remark::new("over_limit", Weight::Warn, words));
    } else if size > limit / 5 * 4 {
        found.push(Remark::new("near_limit", Weight::Check, words));
    }
    found
}
