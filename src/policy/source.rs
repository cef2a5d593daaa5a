//! One policy file, read.

use serde::Serialize;
use serde_json::Value;

use super::error::{Found, PolicyError};
use super::model::{AaguidList, Fido2Config, Strength};
use super::shape::{Shape, shape};
use super::{json, list, wire};

/// What kind of policy a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The tenant's FIDO2 configuration, alone or inside the authentication methods policy.
    Fido2Configuration,
    /// One or more authentication strengths.
    AuthenticationStrength,
    /// Combination configurations without their strength.
    CombinationConfiguration,
    /// A plain list of AAGUIDs.
    AaguidList,
}

/// One policy file, read and understood, before a profile is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySource {
    /// The name the caller gave it, e.g. a path.
    pub name: String,
    /// What kind it is.
    pub kind: Kind,
    /// What it says.
    pub content: Content,
}

/// What a policy file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A FIDO2 configuration.
    Fido2(Fido2Config),
    /// Strengths; never none.
    Strengths(Vec<Strength>),
    /// A plain allow-list; never empty.
    List(AaguidList),
}

impl PolicySource {
    /// Reads a policy from the bytes of a file; `name` stands for the file in messages.
    ///
    /// # Errors
    /// [`PolicyError::TooLarge`], [`PolicyError::NotText`], [`PolicyError::Empty`], [`PolicyError::Invalid`]
    /// with the place, or [`PolicyError::NotAPolicy`].
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, PolicyError> {
        let text = json::text(name, bytes)?;
        let (kind, content) = if text.trim_start().starts_with(['{', '[']) {
            Reader { file: name }.document(&json::document(name, &text)?)?
        } else {
            (Kind::AaguidList, Content::List(list::from_lines(name, &text)?))
        };
        Ok(Self { name: name.to_owned(), kind, content })
    }
}

/// Entries of a list, each with its JSON path.
type Entries<'v> = Vec<(String, &'v Value)>;

fn entries<'v>(at: &str, items: &'v [Value]) -> Entries<'v> {
    items.iter().enumerate().map(|(i, item)| (format!("{at}[{i}]"), item)).collect()
}

struct Reader<'a> {
    file: &'a str,
}

impl Reader<'_> {
    fn document(&self, value: &Value) -> Result<(Kind, Content), PolicyError> {
        if let Value::Array(items) = value {
            return match items.first() {
                Some(Value::String(_)) => {
                    Ok((Kind::AaguidList, Content::List(list::from_json(self.file, value)?)))
                }
                _ => self.entries(&entries("$", items)),
            };
        }
        match (shape(value), value.get("value")) {
            (Shape::Not(Found::Other), Some(Value::Array(items))) => self.entries(&entries("$.value", items)),
            (Shape::Not(Found::Other), Some(inner @ Value::Object(_))) => {
                self.entries(&[("$.value".to_owned(), inner)])
            }
            (Shape::Wrapper, _) => match value.get("authenticationMethodConfigurations") {
                Some(Value::Array(items)) => {
                    self.methods(&entries("$.authenticationMethodConfigurations", items))
                }
                _ => Err(self.invalid("$.authenticationMethodConfigurations", "expected a list")),
            },
            _ => self.entries(&[("$".to_owned(), value)]),
        }
    }

    /// Entries of one kind, which the first one tells. A FIDO2 configuration may stand among those of other methods.
    fn entries(&self, items: &[(String, &Value)]) -> Result<(Kind, Content), PolicyError> {
        let Some((_, first)) = items.first() else { return Err(self.not_a_policy(Found::EmptyList)) };
        if items.iter().any(|(_, item)| shape(item) == Shape::Fido2) {
            return self.methods(items);
        }
        let kind = shape(first);
        if let Shape::Not(found) = kind {
            return Err(self.not_a_policy(found));
        }
        if let Some((at, _)) = items.iter().find(|(_, item)| shape(item) != kind) {
            return Err(self.invalid(at, "of another kind than the entries before it"));
        }
        match kind {
            Shape::Strength => {
                let all: Vec<wire::Strength> = self.each(items)?;
                let all = all.into_iter().map(Strength::from).collect();
                Ok((Kind::AuthenticationStrength, Content::Strengths(all)))
            }
            Shape::Combination => {
                let all: Vec<wire::Combination> = self.each(items)?;
                if !all.iter().any(wire::Combination::is_for_fido2) {
                    return Err(self.not_a_policy(Found::OtherMethods));
                }
                Ok((Kind::CombinationConfiguration, Content::Strengths(vec![Strength::from(all)])))
            }
            Shape::Fido2 | Shape::Wrapper | Shape::Not(_) => Err(self.not_a_policy(Found::Other)),
        }
    }

    /// The one FIDO2 configuration among those of other methods.
    fn methods(&self, items: &[(String, &Value)]) -> Result<(Kind, Content), PolicyError> {
        let mut fido2 = items.iter().filter(|(_, item)| shape(item) == Shape::Fido2);
        let Some((at, value)) = fido2.next() else { return Err(self.not_a_policy(Found::OtherMethods)) };
        if let Some((second, _)) = fido2.next() {
            return Err(self.invalid(second, "a second FIDO2 configuration; a tenant has one"));
        }
        let config: wire::Fido2 = json::typed(self.file, at, value)?;
        Ok((Kind::Fido2Configuration, Content::Fido2(config.into())))
    }

    fn each<T: serde::de::DeserializeOwned>(
        &self,
        items: &[(String, &Value)],
    ) -> Result<Vec<T>, PolicyError> {
        items.iter().map(|(at, item)| json::typed(self.file, at, item)).collect()
    }

    fn invalid(&self, at: &str, reason: &str) -> PolicyError {
        PolicyError::Invalid { file: self.file.to_owned(), at: at.to_owned(), reason: reason.to_owned() }
    }

    fn not_a_policy(&self, found: Found) -> PolicyError {
        PolicyError::NotAPolicy { file: self.file.to_owned(), found }
    }
}
