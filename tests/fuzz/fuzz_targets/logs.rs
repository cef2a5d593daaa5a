#![no_main]
//! Exported logs: read or refused with a place and a cure; what is kept of the account was in the file, is short, and can
//! be recorded and read back; nobody else's sign-in is kept.

use std::sync::LazyLock;

use glasskey::ledger::payload::{EvidenceAttached, LogKind};
use glasskey::logs::{Log, MOST, Who};
use glasskey::plan::Plan;
use glasskey_fuzz::assert_harmless;
use libfuzzer_sys::fuzz_target;

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    Plan::parse("custody.toml", include_str!("../../data/plan/good.toml")).expect("a good plan")
});

fuzz_target!(|bytes: &[u8]| {
    let log = match Log::parse(bytes) {
        Ok(log) => log,
        Err(error) => {
            assert_harmless(&error.to_string());
            assert!(!error.hint().is_empty());
            return;
        }
    };
    assert!(log.kind.is_some() || log.sign_ins.is_empty() && log.activities.is_empty());
    assert!(log.sign_ins.is_empty() || log.activities.is_empty(), "one kind alone");
    for kind in [LogKind::SignIns, LogKind::Audit] {
        let wanted = log.clone().wanted(Some(kind));
        assert_eq!(wanted.is_ok(), log.kind.is_none_or(|is| is == kind));
    }
    let account = PLAN.account("EA-01").expect("an account");
    let who = Who::from(account);
    let evidence = log.evidence(account, Some(7), "f.json", None, |_| false);
    let ours = log.sign_ins.iter().filter(|one| who.is(one.user_id, one.upn.as_deref()));
    let kept = evidence.sign_ins.len() + evidence.changes.len();
    assert!(evidence.sign_ins.len() <= MOST && evidence.changes.len() <= MOST);
    assert!(ours.count() as u64 <= kept as u64 + evidence.left_out);
    assert!(
        evidence.sign_ins.is_sorted_by_key(|one| one.at) && evidence.changes.is_sorted_by_key(|one| one.at)
    );
    for one in &evidence.sign_ins {
        let same = |other: &&glasskey::logs::SignIn| other.at == one.at && other.error_code == one.error_code;
        assert!(log.sign_ins.iter().filter(same).any(|other| who.is(other.user_id, other.upn.as_deref())));
        let texts = one.methods.iter().chain(&one.id).chain(&one.application).chain(&one.address);
        assert!(texts.into_iter().all(|text| text.chars().count() <= 200));
    }
    let text = serde_json::to_string(&evidence).expect("it can be recorded");
    assert!(text.len() < 1 << 20);
    let back: EvidenceAttached = serde_json::from_str(&text).expect("it can be read back");
    assert_eq!(back, evidence);
    let Some(last) = evidence.last else { return };
    let late = log.evidence(account, None, "f.json", Some(last), |_| false);
    assert!(late.sign_ins.iter().all(|one| one.at >= last) && late.changes.iter().all(|one| one.at >= last));
});
