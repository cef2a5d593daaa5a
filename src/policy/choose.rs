//! Which profile of a configuration, or which strength of a list, counts.

use super::error::PolicyError;
use super::judge::{Allowed, Policy, Reason};
use super::model::{Attestation, Fido2Config, KeyRestrictions, PasskeyProfile};
use super::model::{PasskeyType, label, same_id};
use super::note::Note;
use super::reach::{reach, state};
use super::source::{Content, PolicySource};

impl PolicySource {
    /// The policy to judge by. `profile` names a passkey profile by id or name; strengths and plain lists ignore it.
    ///
    /// A user passes in Entra if the key fully satisfies **one** of the profiles that the user's groups give. Those
    /// groups aren't known offline. So, in this order:
    ///
    /// 1. a profile named by id, else by name (case and outer blanks don't matter), is the one;
    /// 2. one profile alone is the one;
    /// 3. profiles that admit synced passkeys only are set aside: no hardware key passes through them;
    /// 4. profiles that ask nothing of a hardware key (no enforced restriction, no attestation) are set aside: what passes
    ///    the profile that is left passes them too;
    /// 5. if 3, or 3 and 4, leave exactly one, it is the one, and a note names the others;
    /// 6. else the person must name one: [`PolicyError::ProfileNeeded`].
    ///
    /// Of several strengths in one file, the only one that names AAGUIDs for `fido2` counts; if none does, they all say the
    /// same; if several do, each wants a file of its own.
    ///
    /// # Errors
    /// [`PolicyError::UnknownProfile`], [`PolicyError::ProfileNeeded`] or [`PolicyError::StrengthNeeded`].
    pub fn choose(&self, profile: Option<&str>) -> Result<Policy, PolicyError> {
        match &self.content {
            Content::List(list) => {
                Ok(self.policy(None, Allowed::Yes, KeyRestrictions::Allow(list.clone()), None, vec![]))
            }
            Content::Strengths(all) => self.by_strength(all),
            Content::Fido2(config) if config.profiles.is_empty() => self.by_legacy(config, profile),
            Content::Fido2(config) => self.by_profile(config, profile),
        }
    }

    fn by_profile(&self, config: &Fido2Config, wanted: Option<&str>) -> Result<Policy, PolicyError> {
        let (profile, mut notes) = self.chosen(config, wanted)?;
        let gate = state(&config.state).and(reach(config, Some(profile), &mut notes)).and(hardware(profile));
        note_attestation(&profile.attestation_enforcement, &mut notes);
        let name = profile.name.clone().or_else(|| profile.id.clone());
        let attestation = profile.attestation_enforcement.required();
        Ok(self.policy(name, gate, profile.key_restrictions.clone(), attestation, notes))
    }

    /// The profile that counts, by the rule of [`PolicySource::choose`].
    pub(super) fn chosen<'p>(
        &self,
        config: &'p Fido2Config,
        wanted: Option<&str>,
    ) -> Result<(&'p PasskeyProfile, Vec<Note>), PolicyError> {
        match wanted {
            Some(wanted) => Ok((self.named(&config.profiles, wanted)?, vec![])),
            None => self.only(&config.profiles),
        }
    }

    fn named<'p>(
        &self,
        profiles: &'p [PasskeyProfile],
        wanted: &str,
    ) -> Result<&'p PasskeyProfile, PolicyError> {
        let name = |p: &PasskeyProfile| {
            p.name.as_deref().is_some_and(|n| n.trim().to_lowercase() == wanted.trim().to_lowercase())
        };
        let by_id = profiles.iter().filter(|p| p.id.as_deref().is_some_and(|id| same_id(id, wanted)));
        let by_name = profiles.iter().filter(|p| name(p));
        let mut found: Vec<_> = by_id.collect();
        if found.is_empty() {
            found = by_name.collect();
        }
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(PolicyError::UnknownProfile {
                file: self.name.clone(),
                wanted: wanted.to_owned(),
                known: profiles.iter().map(profile_label).collect(),
            }),
            several => Err(self.profile_needed(several)),
        }
    }

    fn only<'p>(
        &self,
        profiles: &'p [PasskeyProfile],
    ) -> Result<(&'p PasskeyProfile, Vec<Note>), PolicyError> {
        let all: Vec<_> = profiles.iter().collect();
        let for_hardware: Vec<_> = all.iter().copied().filter(|p| !is_synced_only(p)).collect();
        let asking: Vec<_> = for_hardware.iter().copied().filter(|p| !asks_nothing(p)).collect();
        for left in [&all, &for_hardware, &asking] {
            if let [one] = left.as_slice() {
                let others: Vec<_> =
                    all.iter().filter(|p| !std::ptr::eq(**p, *one)).map(|p| profile_label(p)).collect();
                let note = (!others.is_empty()).then_some(Note::SetAside { profiles: others });
                return Ok((one, note.into_iter().collect()));
            }
        }
        Err(self.profile_needed(&all))
    }

    fn profile_needed(&self, candidates: &[&PasskeyProfile]) -> PolicyError {
        let candidates = candidates.iter().map(|p| profile_label(p)).collect();
        PolicyError::ProfileNeeded { file: self.name.clone(), candidates }
    }

    fn by_legacy(&self, config: &Fido2Config, wanted: Option<&str>) -> Result<Policy, PolicyError> {
        if let Some(wanted) = wanted {
            return Err(PolicyError::UnknownProfile {
                file: self.name.clone(),
                wanted: wanted.to_owned(),
                known: vec![],
            });
        }
        let mut notes = vec![];
        let gate = state(&config.state).and(reach(config, None, &mut notes));
        if config.is_migrated() {
            // What stands outside the profiles only mirrors the default one, so it decides nothing.
            let gate = gate.and(Allowed::CannotTell(Reason::ProfilesMissing));
            let open = KeyRestrictions::Open { inert: config.legacy_restrictions.list().clone() };
            return Ok(Policy { notes, ..self.policy(None, gate, open, None, vec![]) });
        }
        notes.push(Note::Legacy);
        note_attestation(&config.legacy_attestation, &mut notes);
        let attestation = config.legacy_attestation.required();
        Ok(self.policy(None, gate, config.legacy_restrictions.clone(), attestation, notes))
    }

    pub(super) fn policy(
        &self,
        profile: Option<String>,
        gate: Allowed,
        key_restrictions: KeyRestrictions,
        attestation_required: Option<bool>,
        mut notes: Vec<Note>,
    ) -> Policy {
        notes.extend(Note::on(&key_restrictions));
        let (source, kind) = (self.name.clone(), self.kind);
        Policy { source, kind, profile, gate, key_restrictions, attestation_required, notes }
    }
}

fn hardware(profile: &PasskeyProfile) -> Allowed {
    if profile.passkey_types.contains(&PasskeyType::DeviceBound) {
        return Allowed::Yes;
    }
    if is_synced_only(profile) {
        return Allowed::No(Reason::SyncedOnly);
    }
    let unknown = |t: &PasskeyType| match t {
        PasskeyType::Unknown(word) => Some(word.clone()),
        PasskeyType::DeviceBound | PasskeyType::Synced => None,
    };
    let words = profile.passkey_types.iter().filter_map(unknown).collect();
    Allowed::CannotTell(Reason::TypesUnknown { words })
}

fn is_synced_only(profile: &PasskeyProfile) -> bool {
    profile.passkey_types.iter().eq([&PasskeyType::Synced])
}

fn asks_nothing(profile: &PasskeyProfile) -> bool {
    hardware(profile) == Allowed::Yes
        && profile.attestation_enforcement == Attestation::Disabled
        && matches!(profile.key_restrictions, KeyRestrictions::Open { .. })
}

fn note_attestation(attestation: &Attestation, notes: &mut Vec<Note>) {
    let word = match attestation {
        Attestation::Disabled | Attestation::RegistrationOnly => return,
        Attestation::Unsaid => None,
        Attestation::Unknown(word) => Some(word.clone()),
    };
    notes.push(Note::AttestationUnknown { word });
}

pub(super) fn profile_label(profile: &PasskeyProfile) -> String {
    label(profile.name.as_deref(), profile.id.as_deref())
}
