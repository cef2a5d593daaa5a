//! Request bodies that change allow-lists, merged into what the tenant has.
//!
//! One rule stands above all others: **the model of an enrolled key never leaves a list unless it is named.** So a list is
//! what it was, and the models of the enrolled keys, and what is added by name, without what is dropped by name.

mod error;
mod profile;
mod strength;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::compare::EnrolledKey;
use super::error::PolicyError;
use super::json;
use super::model::KeyRestrictions;
use super::shape::{Shape, shape};
use super::source::PolicySource;
use crate::catalogue::Catalogue;
use crate::graph::Request;
pub use error::EmitError;

/// A policy as it was exported: understood, and as it stands.
#[derive(Debug, Clone)]
pub struct Export {
    source: PolicySource,
    document: Value,
}

impl Export {
    /// Reads an export.
    ///
    /// # Errors
    /// Those of [`PolicySource::parse`], and [`EmitError::PlainList`].
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, PolicyError> {
        let source = PolicySource::parse(name, bytes)?;
        let text = json::text(name, bytes)?;
        if !text.trim_start().starts_with('{') && !text.trim_start().starts_with('[') {
            return Err(EmitError::PlainList { file: name.to_owned() }.into());
        }
        let document = json::document(name, &text)?;
        Ok(Self { source, document })
    }

    /// The entities of a shape, wherever Graph puts them.
    fn entities(&self, wanted: Shape) -> Vec<&Value> {
        let inner = |member: &str| self.document.get(member);
        let places = [Some(&self.document), inner("value"), inner("authenticationMethodConfigurations")];
        let all = places.into_iter().flatten().flat_map(|place| match place {
            Value::Array(items) => items.iter().collect(),
            one => vec![one],
        });
        all.filter(|one| one.is_object() && shape(one) == wanted).collect()
    }

    fn other(&self) -> PolicyError {
        EmitError::OtherKind { file: self.source.name.clone() }.into()
    }
}

/// What a list must hold, and may lose.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The enrolled keys.
    pub keys: &'a [EnrolledKey],
    /// Models to add by name.
    pub add: &'a BTreeSet<Uuid>,
    /// Models to take away by name.
    pub drop: &'a BTreeSet<Uuid>,
    /// Names for them.
    pub catalogue: &'a Catalogue,
}

/// Requests, and what they change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Emitted {
    /// The requests, in the order in which they are to be sent.
    pub requests: Vec<Request>,
    /// What they change, in words; empty where nothing changes. Foreign text in them is escaped.
    pub changes: Vec<String>,
    /// What a person must see to before sending them.
    pub warnings: Vec<String>,
}

/// A list, as it was and as it will be.
struct Merged {
    before: BTreeSet<Uuid>,
    after: BTreeSet<Uuid>,
    changes: Vec<String>,
    warnings: Vec<String>,
}

impl Wanted<'_> {
    /// The list that comes of these restrictions.
    fn merge(&self, file: &str, restrictions: &KeyRestrictions) -> Result<Merged, EmitError> {
        let listed = &restrictions.list().aaguids;
        let (before, mut changes) = match restrictions {
            KeyRestrictions::Allow(_) => (listed.clone(), vec![]),
            KeyRestrictions::Open { .. } if listed.is_empty() => (
                BTreeSet::new(),
                vec!["from now on only listed models may be used; until now every model may".to_owned()],
            ),
            KeyRestrictions::Open { .. } => (
                listed.clone(),
                vec!["the list that is there becomes enforced; until now every model may be used".to_owned()],
            ),
            KeyRestrictions::Block(_) => (
                BTreeSet::new(),
                vec!["the block-list becomes an allow-list: only listed models may be used".to_owned()],
            ),
            KeyRestrictions::Unknown { why, .. } => {
                return Err(EmitError::Unclear { file: file.to_owned(), why: why.clone() });
            }
        };
        let narrows = !changes.is_empty();
        if let Some(both) = self.add.intersection(self.drop).next() {
            return Err(EmitError::Contradiction { aaguid: *both });
        }
        let enrolled: BTreeSet<Uuid> = self.keys.iter().map(|key| key.aaguid).collect();
        let full = &(&before | &enrolled) | self.add;
        if let Some(unlisted) = self.drop.difference(&full).next() {
            return Err(EmitError::NotListed { file: file.to_owned(), aaguid: *unlisted });
        }
        let after = &full - self.drop;
        if after.is_empty() {
            return Err(EmitError::NothingLeft { file: file.to_owned() });
        }
        changes.extend((&after - &before).iter().map(|aaguid| format!("adds {}", self.name(*aaguid))));
        changes.extend((&before - &after).iter().map(|aaguid| format!("removes {}", self.name(*aaguid))));
        let twice: Vec<_> = restrictions.list().duplicates.intersection(&after).collect();
        if !twice.is_empty()
            && matches!(restrictions, KeyRestrictions::Allow(_) | KeyRestrictions::Open { .. })
        {
            let twice: Vec<_> = twice.iter().map(ToString::to_string).collect();
            changes.push(format!("lists once what was listed more than once: {}", twice.join(", ")));
        }
        let mut warnings: Vec<String> =
            self.drop.intersection(&enrolled).map(|one| self.lost(*one)).collect();
        if narrows {
            warnings.push(
                "whoever else this list is for can use no other model any more, neither to register nor to sign in"
                    .to_owned(),
            );
        }
        Ok(Merged { before, after, changes, warnings })
    }

    /// A model by its name, and the enrolled keys of it.
    fn name(&self, aaguid: Uuid) -> String {
        let model = self.catalogue.model(aaguid);
        let model = model.map_or_else(
            || "a model that the catalogue does not know".to_owned(),
            |model| format!("{} by {}", model.name, model.vendor),
        );
        let keys = self.labels(aaguid);
        if keys.is_empty() { format!("{aaguid}, {model}") } else { format!("{aaguid}, {model}, of {keys}") }
    }

    fn labels(&self, aaguid: Uuid) -> String {
        let own = self.keys.iter().filter(|key| key.aaguid == aaguid);
        let labels: Vec<_> = own.map(|key| key.label.escape_debug().to_string()).collect();
        labels.join(", ")
    }

    fn lost(&self, aaguid: Uuid) -> String {
        format!("{} can neither register nor sign in any more: {aaguid} is dropped", self.labels(aaguid))
    }
}

/// A list of AAGUIDs as Graph writes them.
fn as_json(aaguids: &BTreeSet<Uuid>) -> Value {
    aaguids.iter().map(|aaguid| Value::String(aaguid.to_string())).collect()
}

/// A part of an export as it may stand in a request: without the annotations that only answers have.
fn without_annotations(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !name.contains("@odata.") || *name == "@odata.type");
            Value::Object(kept.map(|(name, value)| (name.clone(), without_annotations(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_annotations).collect(),
        other => other.clone(),
    }
}
