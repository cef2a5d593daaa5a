//! An entry of the audit log.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::entry::{Entry, wrong};
use super::{LogError, Who, cut};
use crate::ledger::payload::ChangeSeen;

/// Changes that decide who gets in, whoever they were about: words that the activity's name holds, in small letters.
const POLICIES: &[&[&str]] = &[
    &["authentication methods policy"],
    &["authentication strength", "policy"],
    &["authentication strength combination configuration"],
    &["conditional access policy"],
];

/// Something that was done in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// When.
    pub at: Timestamp,
    /// The entry's id.
    pub id: Option<String>,
    /// What was done.
    pub name: String,
    /// Whether it was done.
    pub success: bool,
    /// By which user, by id and by name, where a user did it.
    pub by: (Option<Uuid>, Option<String>),
    /// To what, by id and, where it is a user, by name.
    pub targets: Vec<(Option<Uuid>, Option<String>)>,
}

impl Activity {
    pub(super) fn of(entry: &Entry<'_>) -> Result<Self, LogError> {
        let name = match entry.text("activityDisplayName")? {
            Some(name) => Some(name),
            None => entry.text("operationName")?,
        };
        let name = name.ok_or_else(|| wrong(entry.place("activityDisplayName"), "must be a text"))?;
        let result = entry.text("result")?;
        let result = result
            .ok_or_else(|| wrong(entry.place("result"), "must say how it ended: success or failure"))?;
        let place = entry.place("targetResources");
        let targets = entry.objects("targetResources")?.into_iter().map(|target| {
            let target = Entry::new(&place, &target);
            Ok((target.uuid("id")?, target.text("userPrincipalName")?.map(str::to_owned)))
        });
        Ok(Self {
            at: entry.time(&["activityDateTime", "timeGenerated", "time"])?,
            id: entry.text("id")?.map(str::to_owned),
            name: name.to_owned(),
            success: result.eq_ignore_ascii_case("success"),
            by: by(entry)?,
            targets: targets.collect::<Result<_, LogError>>()?,
        })
    }

    /// What is kept of it, if it concerns the account or what lets it in.
    pub(super) fn seen(&self, who: &Who) -> Option<ChangeSeen> {
        let of_account = self.targets.iter().any(|(id, upn)| who.is(*id, upn.as_deref()));
        let by_account = who.is(self.by.0, self.by.1.as_deref());
        if !of_account && !by_account && !of_policies(&self.name) {
            return None;
        }
        Some(ChangeSeen {
            at: self.at,
            id: self.id.as_deref().map(cut),
            activity: cut(&self.name),
            success: self.success,
            of_account,
            by_account,
        })
    }
}

/// `initiatedBy.user`; an application, and nobody, are no user.
fn by(entry: &Entry<'_>) -> Result<(Option<Uuid>, Option<String>), LogError> {
    let place = entry.place("initiatedBy");
    let object = |value: Option<Cow<'_, Value>>, place: &str| match value.map(Cow::into_owned) {
        None => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(wrong(place, "must be an object")),
    };
    let Some(initiator) = object(entry.nested("initiatedBy")?, &place)? else { return Ok((None, None)) };
    let initiator = Entry::new(&place, &initiator);
    let place = initiator.place("user");
    let Some(user) = object(initiator.nested("user")?, &place)? else { return Ok((None, None)) };
    let user = Entry::new(&place, &user);
    Ok((user.uuid("id")?, user.text("userPrincipalName")?.map(str::to_owned)))
}

/// Whether a change of this name is one of what lets accounts sign in, whoever it was about.
#[must_use]
pub fn of_policies(activity: &str) -> bool {
    let name = activity.to_lowercase();
    POLICIES.iter().any(|words| words.iter().all(|word| name.contains(word)))
}
