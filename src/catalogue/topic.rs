//! Faults of chips, which concern vendors who have said nothing of them: no statement is not "not affected".

use serde::{Deserialize, Serialize};

/// What a vendor said of a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Who.
    pub vendors: Vec<String>,
    /// What, in a few words.
    pub says: String,
    /// Where.
    pub source: String,
}

/// A fault that lies deeper than one vendor's product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its name.
    pub id: String,
    /// One line.
    pub title: String,
    /// Whose chips have it.
    pub chip_maker: String,
    /// The advisories in which vendors say which of their keys have it.
    pub advisories: Vec<String>,
    /// What it means for a key that lies in a safe.
    pub meaning: String,
    /// What to do where the vendor says nothing.
    pub cure: String,
    /// Where it is from.
    pub sources: Vec<String>,
    /// Vendors who said that their keys don't have it.
    #[serde(default, rename(deserialize = "statement"))]
    pub statements: Vec<Statement>,
}

/// How a fault of chips stands with a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "how", content = "by", rename_all = "kebab-case")]
pub enum Stand<'a> {
    /// Its vendor published an advisory: that decides.
    Judged,
    /// Its vendor said that it doesn't have it.
    Denied(&'a Statement),
    /// A source says that its chip is another maker's.
    OtherChip(String),
    /// Its chip is of those that have it, and its vendor said nothing.
    ThatChip(String),
    /// Nothing is known: neither a statement nor the chip.
    NoStatement,
}
