//! Policies and stored registrations as people read them.

use super::{Tone, escape, heading, line, paint, row};
use crate::catalogue::Catalogue;
use crate::policy::{ProfileSummary, Restriction, Summary};
use crate::verdict::finding::Status;
use crate::webauthn::stored::StoredAnswer;

/// What policy files say, AAGUIDs by the names of their models.
#[must_use]
pub fn policies(summaries: &[Summary], catalogue: &Catalogue) -> String {
    let mut text = String::new();
    for summary in summaries {
        text.push_str(&heading(&escape(&summary.source)));
        text.push_str(&line("kind", Some(word(&summary.kind))));
        if let Some(state) = &summary.state {
            text.push_str(&line("state", Some(word(state))));
        }
        if !summary.excluded.is_empty() {
            text.push_str(&line("shut out", Some(summary.excluded.join(", "))));
        }
        for profile in &summary.profiles {
            text.push_str(&one_profile(profile, catalogue));
        }
    }
    text
}

fn one_profile(profile: &ProfileSummary, catalogue: &Catalogue) -> String {
    let name = profile.name.as_deref().or(profile.id.as_deref()).unwrap_or("the list");
    let mut text = format!("\n  {}\n", paint(Tone::Strong, &escape(name)));
    let mut add = |name: &str, value: String| text.push_str(&line(name, Some(value)));
    if let Some(id) = &profile.id {
        add("id", id.clone());
    }
    if let Some(types) = &profile.passkey_types {
        add("passkeys", types.iter().map(word).collect::<Vec<_>>().join(", "));
    }
    if let Some(attestation) = &profile.attestation {
        add("attestation", word(attestation));
    }
    if let Some(combination) = &profile.fido2_combination {
        add("fido2 combination", word(combination));
    }
    if !profile.targets.is_empty() {
        add("used for", profile.targets.join(", "));
    }
    let meaning = match profile.restriction {
        Restriction::Open => "every model may be used",
        Restriction::Allow => "only these models may be used",
        Restriction::Block => "these models may not be used",
        Restriction::Unknown => "what the list means cannot be told",
    };
    add("key restrictions", meaning.to_owned());
    for aaguid in &profile.aaguids {
        let name = catalogue
            .model(*aaguid)
            .map_or_else(|| "unknown model".to_owned(), |model| format!("{} · {}", model.name, model.vendor));
        text.push_str(&format!("    {aaguid}  {}\n", escape(&name)));
    }
    for note in &profile.notes {
        text.push_str(&format!("    {} {}\n", paint(Tone::Warn, "!"), escape(&note.to_string())));
    }
    text
}

/// An enum as its JSON word.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.replace('_', " "),
        // A word of a file that this program does not know: `{"unknown": "the word"}`.
        Ok(serde_json::Value::Object(said)) if said.len() == 1 => {
            said.iter().map(|(kind, word)| format!("{} ({word})", kind.replace('_', " "))).collect()
        }
        Ok(other) => other.to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// Stored registrations, one a line.
#[must_use]
pub fn attestations(answers: &[StoredAnswer]) -> String {
    let mut text = String::new();
    for answer in answers {
        let status = if answer.verified { Status::Pass } else { Status::Fail };
        let told = [
            answer.model.clone().or_else(|| answer.aaguid.map(|aaguid| aaguid.to_string())),
            answer.anchor.as_ref().map(|anchor| format!("by {anchor}")),
            answer.flags.as_ref().map(|flags| format!("flags {flags}")),
            answer.reason.clone(),
        ];
        let saw = told.into_iter().flatten().collect::<Vec<_>>().join("; ");
        text.push_str(&row(status, &escape(&answer.file), &saw, None));
    }
    text
}
