//! What `status` tells: one row a rule that is kept, and one for each thing that breaks it.

use std::fmt::Display;

use serde::Serialize;

use crate::verdict::finding::Status as Sign;

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which rule.
    pub id: Id,
    /// `fail`: the rule is broken.
    pub status: Sign,
    /// The account, key or site that it is about; `None` where it is about all of them.
    pub about: Option<String>,
    /// What was seen. May hold what a file or the ledger says: foreign text.
    pub saw: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it; `None` where nothing is to be done.
    pub cure: Option<String>,
}

impl Row {
    fn new(id: Id, status: Sign, saw: impl Into<String>, cure: Option<String>) -> Self {
        Self { id, status, about: None, saw: saw.into(), why: id.why(), cure }
    }

    pub(super) fn pass(id: Id, saw: impl Into<String>) -> Self {
        Self::new(id, Sign::Pass, saw, None)
    }

    pub(super) fn warn(id: Id, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(id, Sign::Warn, saw, Some(cure.into()))
    }

    pub(super) fn fail(id: Id, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(id, Sign::Fail, saw, Some(cure.into()))
    }

    pub(super) fn skipped(id: Id, saw: impl Into<String>) -> Self {
        Self::new(id, Sign::Skipped, saw, None)
    }

    pub(super) fn about(self, what: &str) -> Self {
        Self { about: Some(what.to_owned()), ..self }
    }
}

/// The rows of a rule: those that tell what breaks it, or one that it is kept.
pub(super) fn or_pass(rows: Vec<Row>, id: Id, saw: impl Into<String>) -> Vec<Row> {
    if rows.is_empty() { vec![Row::pass(id, saw)] } else { rows }
}

/// Names in a sentence. Of many only the first are told.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const MOST: usize = 12;
    let told: Vec<&str> = names.iter().take(MOST).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(MOST) {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

/// `1 key`, `2 keys`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    if count == N::from(1) { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// One row a rule: its id, and why it matters.
macro_rules! ids {
    ($($variant:ident $name:literal $why:literal;)*) => {
        /// The rules, by their stable ids.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Id { $(#[doc = $why] $variant,)* }

        impl Id {
            /// Every rule, in the order in which they are told.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable id, in kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Why it matters.
            #[must_use]
            pub fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }
        }
    };
}

ids! {
    Plan "plan" "A plan that contradicts itself, or is not filled in, cannot be kept.";
    Organisation "organisation" "A plan and a ledger of two organisations say nothing about each other.";
    Ledger "ledger" "What this program does not understand in the record, it does not count.";
    Pending "pending" "A step that was begun and not ended may have left a key half done.";
    SoftKey "soft-key" "A soft key is a program: nothing told here speaks of hardware.";
    AccountKnown "account-known" "A key for an account that is not in the plan is nobody's to judge.";
    KeysPerAccount "keys-per-account" "An account without its keys does not sign in on the day.";
    CustodyCredential "custody-credential" "A key is known again only by its custody credential, under the plan's relying party.";
    KeyReset "key-reset" "A reset erases every passkey: this key signs nobody in.";
    VendorAllowed "vendor-allowed" "The organisation decided whose keys an account may hold.";
    VendorDiversity "vendor-diversity" "One vendor's fault must not take out every account.";
    SitesApart "sites-apart" "One fire, or one locked door, must not take out every account.";
    SitePlanned "site-planned" "On the day the key must be where the plan says.";
    CustodianPlanned "custodian-planned" "On the day somebody must be called who has the key.";
    ModelKnown "model-known" "Nothing can be said for a model that nobody has described.";
    AllowList "allow-list" "Entra lets a model register and sign in only while the passkey profile and the authentication strength allow its AAGUID.";
    AllowListAgreement "allow-list-agreement" "A model that only one of the lists allows registers and then cannot sign in.";
    Advisory "advisory" "A known fault in the firmware may let somebody copy the key or lock you out.";
    Drill "drill" "A key that nobody has tried for long may have died since.";
    LastVerdict "last-verdict" "A key that was found not fit is no way back in.";
    Counter "counter" "A signature counter that stands still or goes back hints at a copy.";
    Changed "changed" "A key that is not as it was at enrolment was changed by somebody.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_json_says() {
        for id in Id::ALL {
            assert_eq!(serde_json::to_value(id).unwrap(), id.name());
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..15).map(|n| n.to_string()).collect();
        assert_eq!(listed(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more");
    }
}
