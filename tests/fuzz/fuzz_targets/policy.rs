#![no_main]
//! Policy files, one or two: read or refused with a place and a cure; what is not said never allows.

use std::sync::LazyLock;

use glasskey::catalogue::Catalogue;
use glasskey::policy::{
    Agreement, Allowed, Content, KeyRestrictions, Kind, MethodState, Policy, PolicyError, PolicySet,
    PolicySource, Restriction, agreement,
};
use glasskey::term::show;
use glasskey_fuzz::{assert_harmless, assert_harmless_screen};
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;

/// Two files stand in one input with this between them: no text holds it.
const BETWEEN: u8 = 0xff;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the compiled-in files are sound"));

fuzz_target!(|bytes: &[u8]| {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]);
    let mut files = bytes.splitn(if utf16 { 1 } else { 2 }, |byte| *byte == BETWEEN);
    let policies: Vec<_> = files.by_ref().filter_map(one).collect();
    let answer = agreement(&policies);
    let turned: Vec<_> = policies.iter().rev().cloned().collect();
    let again = agreement(&turned);
    let kind = |answer: &Agreement| std::mem::discriminant(answer);
    assert_eq!(kind(&answer), kind(&again), "agreement hangs on the order");
    if let ([a, b], Agreement::Agree) = (policies.as_slice(), &answer) {
        for model in models(a).chain(models(b)) {
            let yes = |policy: &Policy| policy.judge(model).allowed == Allowed::Yes;
            assert_eq!(yes(a), yes(b), "{model}");
        }
    }
    if let Agreement::Differ(all) = answer {
        all.iter().for_each(|difference| assert_harmless(&difference.to_string()));
    }
});

fn refused(error: PolicyError) {
    assert_harmless(&error.to_string());
    assert!(error.hint().is_some());
}

fn one(bytes: &[u8]) -> Option<Policy> {
    let source = match PolicySource::parse("f", bytes) {
        Ok(source) => source,
        Err(error) => {
            refused(error);
            return None;
        }
    };
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.starts_with('\u{feff}')
    {
        let wide: Vec<u8> =
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(PolicySource::parse("f", &wide).ok().as_ref(), Some(&source), "the same in UTF-16");
    }
    let summary = source.summary();
    serde_json::to_value(&summary).expect("a summary can be written");
    assert_harmless_screen(&show::policies(std::slice::from_ref(&summary), &CATALOGUE));
    for profile in &summary.profiles {
        profile.notes.iter().for_each(|note| assert_harmless(&note.to_string()));
        assert!(profile.duplicates.is_subset(&profile.aaguids));
        assert!(!profile.inert || profile.restriction == Restriction::Open);
        let named = profile.id.as_deref().or(profile.name.as_deref());
        match named.map(|named| source.choose(Some(named))) {
            Some(Ok(policy)) => check(&source, &policy),
            Some(Err(error)) => refused(error),
            None => {}
        }
    }
    if let Err(error) = PolicySet::choose(std::slice::from_ref(&source), Some("\u{1b}no such profile")) {
        refused(error);
    }
    match source.choose(None) {
        Ok(policy) => {
            check(&source, &policy);
            Some(policy)
        }
        Err(error) => {
            refused(error);
            None
        }
    }
}

fn models(policy: &Policy) -> impl Iterator<Item = Uuid> {
    policy.key_restrictions.list().aaguids.iter().copied().chain([
        Uuid::nil(),
        Uuid::max(),
        Uuid::from_u128(7),
    ])
}

/// A yes rests on something that the file says.
fn check(source: &PolicySource, policy: &Policy) {
    policy.notes.iter().for_each(|note| assert_harmless(&note.to_string()));
    assert_eq!(policy.kind, source.kind);
    let list = policy.key_restrictions.list();
    for model in models(policy) {
        let judgement = policy.judge(model);
        serde_json::to_value(&judgement).expect("a judgement can be written");
        match judgement.allowed {
            Allowed::No(reason) | Allowed::CannotTell(reason) => assert_harmless(&reason.to_string()),
            Allowed::Yes => {
                assert_eq!(policy.gate, Allowed::Yes);
                match &policy.key_restrictions {
                    KeyRestrictions::Open { .. } => {}
                    KeyRestrictions::Allow(_) => assert!(list.aaguids.contains(&model)),
                    KeyRestrictions::Block(_) => assert!(!list.aaguids.contains(&model)),
                    KeyRestrictions::Unknown { .. } => panic!("unknown restrictions allow"),
                }
                if let Content::Fido2(config) = &source.content {
                    assert_eq!(
                        (source.kind, &config.state),
                        (Kind::Fido2Configuration, &MethodState::Enabled)
                    );
                    assert!(!config.include.as_ref().is_some_and(Vec::is_empty));
                }
            }
        }
    }
}
