//! Do several policies let in the same models?

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::error::quoted;
use super::judge::{Allowed, Policy, Reason};
use super::model::KeyRestrictions;

/// Whether policies let in the same models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", content = "details", rename_all = "snake_case")]
pub enum Agreement {
    /// Fewer than two policies.
    NothingToCompare,
    /// The same models pass all of them.
    Agree,
    /// These pairs differ.
    Differ(Vec<Difference>),
    /// These policies can't be understood; the others agree.
    CannotTell(Vec<Doubt>),
}

/// How two policies differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// File of the first one.
    pub a: String,
    /// File of the second one.
    pub b: String,
    /// Models named in either that only the first lets in.
    pub only_in_a: BTreeSet<Uuid>,
    /// Models named in either that only the second lets in.
    pub only_in_b: BTreeSet<Uuid>,
    /// What becomes of the models that neither names.
    pub unnamed: Unnamed,
}

/// What two policies make of a model that neither names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unnamed {
    /// The same.
    Same,
    /// Only the first lets it in.
    OnlyA,
    /// Only the second lets it in.
    OnlyB,
}

/// A policy that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// Its file.
    pub source: String,
    /// Why.
    pub reason: Reason,
}

/// Compares policies, each pair of them, by what they let in and not by how they write it: a block-list and an
/// allow-list differ; so does a policy without restrictions from one with a list.
#[must_use]
pub fn agreement(policies: &[Policy]) -> Agreement {
    if policies.len() < 2 {
        return Agreement::NothingToCompare;
    }
    let (clear, doubts): (Vec<_>, Vec<_>) = policies.iter().partition(|p| doubt(p).is_none());
    let mut differences = Vec::new();
    let mut rest = clear.as_slice();
    while let [a, others @ ..] = rest {
        differences.extend(others.iter().filter_map(|b| difference(a, b)));
        rest = others;
    }
    if !differences.is_empty() {
        return Agreement::Differ(differences);
    }
    let doubts: Vec<_> = doubts.into_iter().filter_map(doubt).collect();
    if doubts.is_empty() { Agreement::Agree } else { Agreement::CannotTell(doubts) }
}

/// Why the whole policy can't be understood. One that lets in nothing for sure is clear.
fn doubt(policy: &Policy) -> Option<Doubt> {
    match rest(policy) {
        Allowed::CannotTell(reason) => Some(Doubt { source: policy.source.clone(), reason }),
        Allowed::Yes | Allowed::No(_) => None,
    }
}

/// What becomes of a model that the policy doesn't name.
fn rest(policy: &Policy) -> Allowed {
    let unnamed = match &policy.key_restrictions {
        KeyRestrictions::Open { .. } | KeyRestrictions::Block(_) => Allowed::Yes,
        // A doubtful gate makes the whole list doubtful, so the list's own no must not hide it.
        KeyRestrictions::Allow(_) if matches!(policy.gate, Allowed::CannotTell(_)) => Allowed::Yes,
        KeyRestrictions::Allow(list) => Allowed::No(Reason::NotListed { listed: list.aaguids.len() }),
        KeyRestrictions::Unknown { why, .. } => {
            Allowed::CannotTell(Reason::RestrictionsUnknown { why: why.clone() })
        }
    };
    policy.gate.clone().and(unnamed)
}

fn difference(a: &Policy, b: &Policy) -> Option<Difference> {
    let named = &a.key_restrictions.list().aaguids | &b.key_restrictions.list().aaguids;
    let only = |x: &Policy, y: &Policy| -> BTreeSet<Uuid> {
        let yes = |p: &Policy, m| p.allows(m) == Allowed::Yes;
        named.iter().copied().filter(|m| yes(x, *m) && !yes(y, *m)).collect()
    };
    let unnamed = match (rest(a) == Allowed::Yes, rest(b) == Allowed::Yes) {
        (true, false) => Unnamed::OnlyA,
        (false, true) => Unnamed::OnlyB,
        (true, true) | (false, false) => Unnamed::Same,
    };
    let (only_in_a, only_in_b) = (only(a, b), only(b, a));
    if only_in_a.is_empty() && only_in_b.is_empty() && unnamed == Unnamed::Same {
        return None;
    }
    Some(Difference { a: a.source.clone(), b: b.source.clone(), only_in_a, only_in_b, unnamed })
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b) = (quoted(&self.a), quoted(&self.b));
        let mut parts = Vec::new();
        for (file, models) in [(&a, &self.only_in_a), (&b, &self.only_in_b)] {
            if !models.is_empty() {
                let models: Vec<_> = models.iter().map(Uuid::to_string).collect();
                parts.push(format!("only {file} lets in {}", models.join(", ")));
            }
        }
        match self.unnamed {
            Unnamed::Same => {}
            Unnamed::OnlyA => parts.push(format!("{a} lets in models that neither names, {b} doesn't")),
            Unnamed::OnlyB => parts.push(format!("{b} lets in models that neither names, {a} doesn't")),
        }
        f.write_str(&parts.join("; "))
    }
}
