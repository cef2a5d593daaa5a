//! Authentication strengths: which models they let sign in, and which strength of a list counts.

use super::error::PolicyError;
use super::judge::{Allowed, Policy, Reason};
use super::model::{AaguidList, Fido2Combination, KeyRestrictions, Strength, label};
use super::note::Note;
use super::source::{Content, Kind, PolicySource};
use super::wire;
use uuid::Uuid;

impl From<wire::Strength> for Strength {
    fn from(strength: wire::Strength) -> Self {
        // Each entry is one conjunction: `password,fido2` is not `fido2`.
        let fido2 = match strength.allowed_combinations {
            None => Fido2Combination::Unsaid,
            Some(words) if words.iter().any(|word| word.trim() == "fido2") => Fido2Combination::Listed,
            Some(_) => Fido2Combination::Absent,
        };
        let (key_restrictions, configurations) = match strength.combination_configurations {
            None => (unknown("combinationConfigurations is missing"), 0),
            Some(all) => restrictions(all.into_iter().map(|one| one.0).collect()),
        };
        Self { id: strength.id, name: strength.display_name, fido2, key_restrictions, configurations }
    }
}

impl From<Vec<wire::Combination>> for Strength {
    /// Combination configurations without the strength around them: taken for those of one strength with `fido2`.
    fn from(all: Vec<wire::Combination>) -> Self {
        let (key_restrictions, configurations) = restrictions(all);
        Self { id: None, name: None, fido2: Fido2Combination::Listed, key_restrictions, configurations }
    }
}

impl wire::Combination {
    /// Does it say something about FIDO2 keys? One that doesn't say what it applies to counts.
    pub(super) fn is_for_fido2(&self) -> bool {
        let typed = self.odata_type.as_deref().is_some_and(|t| t.ends_with("fido2CombinationConfiguration"));
        typed || self.allowed_aaguids.is_some() || self.applies_to_fido2()
    }

    fn applies_to_fido2(&self) -> bool {
        self.applies_to_combinations.iter().flatten().any(|word| word.trim() == "fido2")
    }
}

/// What all the configurations for FIDO2 keys together let in, and how many they are.
fn restrictions(all: Vec<wire::Combination>) -> (KeyRestrictions, usize) {
    let ours: Vec<_> = all.into_iter().filter(wire::Combination::is_for_fido2).collect();
    let count = ours.len();
    let mut allowed: Option<AaguidList> = None;
    for one in ours {
        if !one.applies_to_fido2() {
            return (unknown("appliesToCombinations doesn't name fido2"), count);
        }
        let list: AaguidList = one.allowed_aaguids.into_iter().flatten().map(|aaguid| aaguid.0).collect();
        if list.aaguids.is_empty() {
            return (unknown("allowedAAGUIDs is missing or empty"), count);
        }
        allowed = Some(match allowed {
            None => list,
            Some(before) => AaguidList {
                aaguids: &before.aaguids & &list.aaguids,
                duplicates: &before.duplicates | &list.duplicates,
            },
        });
    }
    let open = KeyRestrictions::Open { inert: AaguidList::default() };
    (allowed.map_or(open, KeyRestrictions::Allow), count)
}

fn unknown(why: &str) -> KeyRestrictions {
    KeyRestrictions::Unknown { why: why.to_owned(), list: AaguidList::default() }
}

impl PolicySource {
    /// Which strength guards the account isn't in the file. Of those with `fido2` it is the only one that names AAGUIDs,
    /// the strictest; if none does, they all say the same, and the first is it.
    pub(super) fn chosen_strength<'s>(&self, all: &'s [Strength]) -> Result<&'s Strength, PolicyError> {
        let with_fido2: Vec<_> = all.iter().filter(|s| s.fido2 != Fido2Combination::Absent).collect();
        let says_more = |s: &&&Strength| {
            s.fido2 == Fido2Combination::Unsaid || !matches!(s.key_restrictions, KeyRestrictions::Open { .. })
        };
        let naming: Vec<_> = with_fido2.iter().filter(says_more).copied().collect();
        let chosen = match naming.as_slice() {
            [one] => Some(*one),
            [] => with_fido2.first().copied().or(all.first()),
            several => {
                let candidates = several.iter().map(|s| strength_label(s)).collect();
                return Err(PolicyError::StrengthNeeded { file: self.name.clone(), candidates });
            }
        };
        chosen.ok_or_else(|| PolicyError::Empty { file: self.name.clone() })
    }

    /// The id of the strength that counts; `None` where the file doesn't say, or holds no strength.
    #[must_use]
    pub fn strength_id(&self) -> Option<Uuid> {
        match &self.content {
            Content::Strengths(all) => {
                Uuid::try_parse(self.chosen_strength(all).ok()?.id.as_deref()?.trim()).ok()
            }
            Content::Fido2(_) | Content::List(_) => None,
        }
    }

    pub(super) fn by_strength(&self, all: &[Strength]) -> Result<Policy, PolicyError> {
        let strength = self.chosen_strength(all)?;
        let gate = match strength.fido2 {
            Fido2Combination::Listed => Allowed::Yes,
            Fido2Combination::Absent => Allowed::No(Reason::NoFido2Combination),
            Fido2Combination::Unsaid => Allowed::CannotTell(Reason::CombinationsMissing),
        };
        let others: Vec<_> = all.iter().filter(|s| !std::ptr::eq(*s, strength)).map(strength_label).collect();
        let mut notes = vec![];
        if !others.is_empty() {
            notes.push(Note::OtherStrengths { strengths: others });
        }
        if self.kind == Kind::CombinationConfiguration {
            notes.push(Note::StrengthNotInFile);
        }
        if strength.configurations > 1 {
            notes.push(Note::Intersection { configurations: strength.configurations });
        }
        let name = strength.name.clone().or_else(|| strength.id.clone());
        Ok(self.policy(name, gate, strength.key_restrictions.clone(), None, notes))
    }
}

fn strength_label(strength: &Strength) -> String {
    label(strength.name.as_deref(), strength.id.as_deref())
}
