//! Whom a FIDO2 configuration is for, as far as a file can tell: groups are named in it, their members aren't.

use super::judge::{Allowed, Reason};
use super::model::{Fido2Config, MethodState, PasskeyProfile, Target, same_id};
use super::note::Note;

/// Is the method on?
pub(super) fn state(state: &MethodState) -> Allowed {
    match state {
        MethodState::Enabled => Allowed::Yes,
        MethodState::Disabled => Allowed::No(Reason::MethodDisabled),
        MethodState::Unsaid => Allowed::CannotTell(Reason::StateUnknown { word: None }),
        MethodState::Unknown(word) => Allowed::CannotTell(Reason::StateUnknown { word: Some(word.clone()) }),
    }
}

/// Does the configuration reach anybody, through `profile` if there are profiles? What only a person can
/// check, the membership in groups, becomes a note.
pub(super) fn reach(
    config: &Fido2Config,
    profile: Option<&PasskeyProfile>,
    notes: &mut Vec<Note>,
) -> Allowed {
    excluded(config, notes).and(included(config, profile, notes))
}

fn excluded(config: &Fido2Config, notes: &mut Vec<Note>) -> Allowed {
    match config.exclude.as_deref() {
        None => notes.push(Note::ExclusionsUnsaid),
        Some([]) => {}
        Some(targets) if targets.iter().any(Target::is_everybody) => {
            return Allowed::No(Reason::EverybodyExcluded);
        }
        Some(targets) => notes.push(Note::Excludes { ids: ids(targets) }),
    }
    Allowed::Yes
}

fn included(config: &Fido2Config, profile: Option<&PasskeyProfile>, notes: &mut Vec<Note>) -> Allowed {
    let Some(targets) = config.include.as_deref() else {
        notes.push(Note::TargetsUnsaid);
        return Allowed::Yes;
    };
    if targets.is_empty() {
        return Allowed::No(Reason::NobodyIncluded);
    }
    let Some(profile) = profile else {
        only_for(targets, notes);
        return Allowed::Yes;
    };
    let held = |id: &str| config.profiles.iter().any(|p| p.id.as_deref().is_some_and(|own| same_id(own, id)));
    let lost: Vec<_> = targets.iter().flat_map(|t| &t.profiles).filter(|id| !held(id)).cloned().collect();
    if !lost.is_empty() {
        notes.push(Note::ProfilesNotInFile { ids: lost });
    }
    let Some(id) = profile.id.as_deref() else {
        notes.push(Note::TargetsUnsaid); // a profile that is still to be made
        return Allowed::Yes;
    };
    let users: Vec<_> =
        targets.iter().filter(|t| t.profiles.iter().any(|p| same_id(p, id))).cloned().collect();
    if !users.is_empty() {
        only_for(&users, notes);
        return Allowed::Yes;
    }
    let is_default = config.default_profile.as_deref().is_some_and(|default| same_id(default, id));
    if is_default && targets.iter().any(|t| t.profiles.is_empty()) {
        notes.push(Note::DefaultByOmission);
        return Allowed::Yes;
    }
    Allowed::No(Reason::ProfileUnused)
}

fn only_for(targets: &[Target], notes: &mut Vec<Note>) {
    if !targets.iter().any(Target::is_everybody) {
        notes.push(Note::OnlyFor { ids: ids(targets) });
    }
}

fn ids(targets: &[Target]) -> Vec<String> {
    targets.iter().map(|target| target.id.clone()).collect()
}
