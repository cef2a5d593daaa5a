//! What rules tell: one row a rule that is kept, and one for each thing that breaks it.

use jiff::Timestamp;
use serde::Serialize;

use super::finding::Status;

/// A rule by its stable id.
pub trait Rule: Copy {
    /// Why it matters.
    fn why(self) -> &'static str;
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row<I> {
    /// Which rule.
    pub id: I,
    /// `fail`: the rule is broken.
    pub status: Status,
    /// What it is about: an account, a key, a site; `None` where it is about all of them.
    pub about: Option<String>,
    /// What was seen. May hold what a file or the ledger says: foreign text.
    pub saw: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it; `None` where nothing is to be done.
    pub cure: Option<String>,
}

impl<I: Rule> Row<I> {
    fn new(id: I, status: Status, saw: impl Into<String>, cure: Option<String>) -> Self {
        Self { id, status, about: None, saw: saw.into(), why: id.why(), cure }
    }

    /// The rule is kept.
    pub fn pass(id: I, saw: impl Into<String>) -> Self {
        Self::new(id, Status::Pass, saw, None)
    }

    /// To be looked at.
    pub fn warn(id: I, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(id, Status::Warn, saw, Some(cure.into()))
    }

    /// The rule is broken.
    pub fn fail(id: I, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(id, Status::Fail, saw, Some(cure.into()))
    }

    /// It could not be told.
    pub fn skipped(id: I, saw: impl Into<String>) -> Self {
        Self::new(id, Status::Skipped, saw, None)
    }

    /// What it is about.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        Self { about: Some(what.to_owned()), ..self }
    }

    /// What to do about it.
    #[must_use]
    pub fn cure(self, cure: impl Into<String>) -> Self {
        Self { cure: Some(cure.into()), ..self }
    }
}

/// The rows of a rule: those that tell what breaks it, or one that it is kept.
pub fn or_pass<I: Rule>(rows: Vec<Row<I>>, id: I, saw: impl Into<String>) -> Vec<Row<I>> {
    if rows.is_empty() { vec![Row::pass(id, saw)] } else { rows }
}

/// Names in a sentence. Of many only the first are told.
pub fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const MOST: usize = 12;
    let told: Vec<&str> = names.iter().take(MOST).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(MOST) {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

/// `1 key`, `2 keys`.
#[must_use]
pub fn counted<N: std::fmt::Display>(count: N, one: &str) -> String {
    match count.to_string().as_str() {
        "1" => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}

/// A day, in UTC: `2026-05-01`.
#[must_use]
pub fn day(at: &Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// A second, in UTC, as the portal can be made to show it: `2026-05-01 09:30:12Z`.
#[must_use]
pub fn second(at: &Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Rules by their stable ids: each with its name, and why it matters.
macro_rules! rule_ids {
    ($($variant:ident $name:literal $why:literal;)*) => {
        /// The rules, by their stable ids.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
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
        }

        impl $crate::verdict::row::Rule for Id {
            fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }
        }
    };
}
pub(crate) use rule_ids;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..15).map(|n| n.to_string()).collect();
        assert_eq!(listed(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more");
    }
}
