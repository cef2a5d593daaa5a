//! An entry of the audit log.

use jiff::Timestamp;
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
            targets: targets.collect::<Result<_, LogError>>()?,
        })
    }

    /// What is kept of it, if it concerns the account or what lets it in.
    pub(super) fn seen(&self, who: &Who) -> Option<ChangeSeen> {
        let of_account = self.targets.iter().any(|(id, upn)| who.is(*id, upn.as_deref()));
        if !of_account && !self.of_policies() {
            return None;
        }
        Some(ChangeSeen {
            at: self.at,
            id: self.id.as_deref().map(cut),
            activity: cut(&self.name),
            success: self.success,
            of_account,
        })
    }

    fn of_policies(&self) -> bool {
        let name = self.name.to_lowercase();
        POLICIES.iter().any(|words| words.iter().all(|word| name.contains(word)))
    }
}
