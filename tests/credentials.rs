//! The passkeys on a key: listed, judged, deleted, erased. Soft keys run real firmware; what that does not do is
//! played by keys made by hand.
#![cfg(feature = "softkey")]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests, of which some look at the clock"
)]

#[cfg(test)] // clippy allows helpers of tests what it allows tests
#[path = "support/exercise.rs"]
#[expect(dead_code, reason = "this binary uses a part")]
mod exercise;

#[cfg(test)]
#[path = "support/passkeys.rs"]
mod passkeys;
#[cfg(test)]
#[path = "credentials/preview.rs"]
mod preview;

use std::time::Duration;

use glasskey::catalogue::Catalogue;
use glasskey::ctap::client_pin::Permissions;
use glasskey::ctap::credential::Protection;
use glasskey::ctap::credential_management::Dialect;
use glasskey::ctap::status::Code;
use glasskey::facts::credentials::{PasskeyLook, is_named, try_list};
use glasskey::facts::{self, Exercise, Facts, Step};
use glasskey::key::cancel::Cancel;
use glasskey::key::guard::Guard;
use glasskey::key::patience::Patience;
use glasskey::key::session::{KeyError, Session};
use glasskey::soft::{FaultSpec, Op, Options, Touch};
use glasskey::verdict::evidence::Evidence;
use glasskey::verdict::finding::{Finding, Id, Status};
use glasskey::verdict::{Case, judge};
use glasskey::webauthn::client_data::Challenge;
use glasskey::webauthn::relying_party::{ENTRA_RP_ID, RelyingParty};
use passkeys::{holding, list, pin, prove, register};

const UPN: &str = "ea-01@contoso.onmicrosoft.com";

/// The look and the exercise that `check` makes.
fn checked(session: &mut Session, user: Option<&str>) -> Facts {
    let mut facts = exercise::look(session);
    let permit = Guard::default().permit(facts.retries.unwrap()).unwrap();
    let exercise = Exercise {
        rp: RelyingParty::custody(),
        register: Challenge::new([1; 32]),
        assert: Challenge::new([2; 32]),
        exclude: Vec::new(),
        custody: None,
        passkeys: Some(PasskeyLook { challenge: Challenge::new([3; 32]), user: user.map(str::to_owned) }),
    };
    facts::exercise(session, &mut facts, Some((permit, &pin())), exercise).unwrap();
    facts
}

/// What is found on the passkeys: stray ones, the one for Entra.
fn found(facts: &Facts, user: Option<&str>) -> (Finding, Finding) {
    let catalogue = Catalogue::builtin().unwrap();
    let case = Case { user, ..Case::alone(facts, &catalogue, jiff::Timestamp::UNIX_EPOCH) };
    let verdict = judge(&case);
    let of = |id| verdict.findings.iter().find(|finding| finding.id == id).unwrap().clone();
    (of(Id::StrayCredentials), of(Id::EntraCredential))
}

/// A check of a key with these passkeys.
fn judged(passkeys: &[(&str, &str)], user: Option<&str>) -> (Finding, Finding) {
    let (_home, key) = holding(&Options::default(), passkeys);
    let facts = checked(&mut exercise::open(&key).0, user);
    assert!(facts.registration.done().is_some() && facts.assertion.done().is_some());
    found(&facts, user)
}

/// A check of a key that holds its Entra passkey and has this fault.
fn faulty(fault: &str) -> (Facts, Finding, Finding) {
    let (_home, key) = holding(&Options::default(), &[(ENTRA_RP_ID, UPN)]);
    let key = key.with_faults([fault.parse::<FaultSpec>().unwrap()]);
    let facts = checked(&mut exercise::open(&key).0, None);
    let (stray, entra) = found(&facts, None);
    (facts, stray, entra)
}

#[test]
fn a_key_lists_what_it_holds_page_by_page() {
    let (_home, key) = holding(&Options::default(), &[]);
    let (mut session, _) = exercise::open(&key);
    let mut expected = Vec::new();
    for site in 0..4 {
        for user in 0..3 {
            let (rp_id, user) = (format!("site-{site}.example"), format!("user-{user}"));
            let protection =
                [Protection::Optional, Protection::OptionalWithId, Protection::Required][site % 3];
            let id = register(&mut session, &pin(), &rp_id, &user, Some(protection));
            expected.push((rp_id, Some(user), id, Some(format!("{protection:?}"))));
        }
    }
    drop(session);
    let (mut session, stats) = exercise::open(&key);
    let listed = list(&mut session).unwrap();
    assert!(listed.whole());
    assert_eq!(listed.count.existing, 12);
    let mut told: Vec<_> = listed
        .passkeys
        .iter()
        .map(|p| {
            let protection = p.protection.map(|protection| format!("{protection:?}"));
            (p.rp_id.clone(), p.user_name.clone(), p.credential_id.clone(), protection)
        })
        .collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    // One token; one count, one exchange for each relying party and one for each credential.
    assert_eq!((stats.transactions(Op::PinToken), stats.transactions(Op::CredMgmt)), (1, 1 + 4 + 12));
    assert!(!session.deviations().iter().any(|(during, _)| during.contains("Cred")));
}

#[test]
fn an_empty_key_has_nothing_stray_and_no_passkey_yet() {
    let (stray, entra) = judged(&[], None);
    assert_eq!((stray.status, entra.status), (Status::Pass, Status::Skipped));
    assert!(entra.saw.contains("yet"), "{entra:?}");
    let (_, entra) = judged(&[], Some(UPN));
    assert_eq!(entra.status, Status::Warn);
}

#[test]
fn the_passkey_for_entra_is_had_to_sign_and_verified() {
    for user in [None, Some(UPN), Some("EA-01@Contoso.onmicrosoft.com")] {
        let (stray, entra) = judged(&[(ENTRA_RP_ID, UPN)], user);
        assert_eq!((stray.status, entra.status), (Status::Pass, Status::Pass), "{entra:?}");
        assert!(entra.saw.contains(UPN) && entra.saw.contains("twice over"), "{entra:?}");
    }
}

#[test]
fn what_it_signs_no_site_accepts() {
    let (_home, key) = holding(&Options::default(), &[(ENTRA_RP_ID, UPN)]);
    let facts = checked(&mut exercise::open(&key).0, None);
    let proof = facts.entra.done().unwrap();
    let client_data = String::from_utf8(proof.asserted.client_data.as_bytes().to_vec()).unwrap();
    assert!(client_data.contains(r#""type":"webauthn.get""#), "{client_data}");
    assert!(client_data.contains(r#""origin":"https://glasskey.invalid""#), "{client_data}");
    assert!(!client_data.contains("microsoft"), "{client_data}");
}

#[test]
fn another_accounts_passkey_fails_and_is_not_had_to_sign() {
    let (_home, key) = holding(&Options::default(), &[(ENTRA_RP_ID, "alice@contoso.com")]);
    let (mut session, stats) = exercise::open(&key);
    let facts = checked(&mut session, Some(UPN));
    let (_, entra) = found(&facts, Some(UPN));
    assert_eq!(entra.status, Status::Fail);
    assert!(entra.saw.contains("alice@contoso.com") && entra.saw.contains(UPN), "{entra:?}");
    assert_eq!(stats.transactions(Op::GetAssertion), 1, "no touch is spent on it");
}

#[test]
fn several_entra_passkeys_are_all_told_and_the_accounts_own_signs() {
    let two = [(ENTRA_RP_ID, "ea-02@contoso.onmicrosoft.com"), (ENTRA_RP_ID, UPN)];
    let (stray, entra) = judged(&two, Some(UPN));
    assert_eq!((stray.status, entra.status), (Status::Pass, Status::Warn));
    assert!(
        entra.saw.contains("ea-02") && entra.saw.ends_with(&format!("that of '{UPN}' signed")),
        "{entra:?}"
    );
    let (_, entra) = judged(&two, None);
    assert_eq!(entra.status, Status::Warn);
}

#[test]
fn other_sites_are_told_by_name() {
    let (stray, entra) = judged(&[("github.com", "alice"), (ENTRA_RP_ID, UPN), ("example.com", "a")], None);
    assert_eq!((stray.status, entra.status), (Status::Warn, Status::Pass));
    assert!(
        stray.saw.contains("2 passkeys") && stray.saw.contains("'example.com', 'github.com'"),
        "{stray:?}"
    );
}

#[test]
fn a_key_that_does_not_tell_is_skipped_and_never_passes() {
    let mut options = Options::default();
    options.info = options.info.remove("4.credMgmt");
    let (_home, key) = holding(&options, &[("github.com", "alice"), (ENTRA_RP_ID, UPN)]);
    let (mut session, stats) = exercise::open(&key);
    let facts = checked(&mut session, Some(UPN));
    let (stray, entra) = found(&facts, Some(UPN));
    assert_eq!((stray.status, entra.status), (Status::Skipped, Status::Skipped));
    assert_eq!((stats.transactions(Op::CredMgmt), stats.transactions(Op::PinToken)), (0, 2));
    assert!(facts.assertion.done().is_some());
}

#[test]
fn a_key_with_the_preview_of_credential_management_is_checked_alike() {
    let mut options = Options::default();
    let preview = toml::Table::from_iter([("credentialMgmtPreview".to_owned(), true.into())]);
    options.info = options.info.remove("4.credMgmt").set(4, preview);
    let (_home, key) = holding(&options, &[(ENTRA_RP_ID, UPN), ("github.com", "alice")]);
    let (mut session, stats) = exercise::open(&key);
    let facts = checked(&mut session, Some(UPN));
    assert_eq!(Dialect::of(&facts.info), Some(Dialect::Preview));
    let (stray, entra) = found(&facts, Some(UPN));
    assert_eq!((stray.status, entra.status), (Status::Warn, Status::Pass), "{stray:?} {entra:?}");
    assert_eq!(stats.transactions(Op::CredMgmt), 1 + 2 + 2);
}

#[test]
fn faults_while_it_lists_are_told_and_the_rest_is_checked() {
    for (fault, status, broke) in [
        ("truncated-cbor@credmgmt", Status::Fail, true),
        ("wrong-types@credmgmt", Status::Fail, true),
        ("wrong-types@credmgmt+1", Status::Fail, true),
        ("truncated-cbor@credmgmt+2", Status::Fail, true),
        ("deep-cbor@credmgmt", Status::Fail, true),
        ("bad-seq@credmgmt+2", Status::Fail, true),
        ("ctap-error=0x33@credmgmt", Status::Warn, false),
        ("ctap-error=0x30@credmgmt+1", Status::Warn, false),
        ("ctap-error=0x01@credmgmt", Status::Warn, false),
    ] {
        let (facts, stray, entra) = faulty(fault);
        assert_eq!((stray.status, entra.status), (status, status), "{fault}: {stray:?}");
        assert_eq!(facts.credentials.broke(), broke, "{fault}");
        assert!(facts.assertion.done().is_some(), "{fault}: the rest is checked all the same");
        let catalogue = Catalogue::builtin().unwrap();
        let now = jiff::Timestamp::UNIX_EPOCH;
        let case = Case::alone(&facts, &catalogue, now);
        assert_eq!(Evidence::broke(&case), broke, "{fault}");
    }
}

#[test]
fn silence_while_it_lists_ends_and_the_rest_is_checked() {
    let (_home, key) = holding(&Options::default(), &[(ENTRA_RP_ID, UPN)]);
    let key = key.with_faults(["silent@credmgmt+1".parse().unwrap()]);
    let patience = Patience { work: Duration::from_secs(2), ..Patience::default() };
    let wire = Box::new(key.plug_in().unwrap());
    let mut session = Session::open(wire, patience, Cancel::default(), Box::new(|_| {})).unwrap();
    let facts = checked(&mut session, None);
    assert!(matches!(&facts.credentials, Step::Broke(why) if why.contains("enumerateRPs")));
    assert!(facts.assertion.done().is_some());
}

#[test]
fn a_key_that_ends_its_list_early_is_not_believed_to_hold_nothing_else() {
    let (facts, stray, entra) = faulty("ctap-error=0x2e@credmgmt+1");
    assert!(!facts.credentials.done().unwrap().whole());
    assert_eq!((stray.status, entra.status), (Status::Warn, Status::Skipped), "{stray:?} {entra:?}");
}

#[test]
fn a_refused_token_for_the_list_is_not_asked_for_again_and_fails_the_check() {
    let (facts, stray, entra) = faulty("ctap-error=0x40@pintoken*1");
    assert!(matches!(facts.registration, Step::Refused(_)) && !facts.pin_proven);
    assert_eq!((stray.status, entra.status), (Status::Skipped, Status::Skipped));
    assert!(stray.saw.contains("--no-passkeys"), "{stray:?}");
}

#[test]
fn a_bent_signature_of_the_entra_passkey_is_found() {
    // The first assertion is that of the test credential.
    for fault in
        ["wrong-signature", "wrong-challenge", "wrong-rpidhash", "uv-flag-missing", "up-flag-missing"]
    {
        let (facts, _, entra) = faulty(&format!("{fault}@getassertion+1"));
        assert!(facts.entra.done().is_some(), "{fault}");
        assert_eq!(entra.status, Status::Fail, "{fault}: {entra:?}");
    }
    let (facts, _, entra) = faulty("ctap-error=0x27@getassertion+1");
    assert!(matches!(facts.entra, Step::NotTouched(_)));
    assert_eq!(entra.status, Status::Fail);
    let (facts, _, entra) = faulty("truncated-cbor@getassertion+1");
    assert!(facts.entra.broke());
    assert_eq!(entra.status, Status::Fail);
    // A key that fails with its test credential is not asked for another touch.
    let (facts, _, entra) = faulty("ctap-error=0x27@getassertion");
    assert!(matches!(facts.entra, Step::Skipped(_)));
    assert_eq!(entra.status, Status::Warn);
}

#[test]
fn a_name_that_the_key_has_cut_short_is_still_the_accounts() {
    let long = format!("{}@contoso.onmicrosoft.com", "e".repeat(60));
    let (_home, key) = holding(&Options::default(), &[(ENTRA_RP_ID, &long)]);
    let listed = list(&mut exercise::open(&key).0).unwrap();
    let mut passkey = listed.passkeys[0].clone();
    for (told, expected, same) in [
        (&long[..64], long.as_str(), true),
        (&long[..61], &long, true),
        (&long[..60], &long, false),
        (&long[..64], &long[..65], true),
        (&long[..61], &long[..62], false),
        (UPN, UPN, true),
        (&UPN[..20], UPN, false),
    ] {
        passkey.user_name = Some(told.to_owned());
        assert_eq!(is_named(&passkey, expected), same, "{told} {expected}");
    }
    passkey.user_name = None;
    assert!(!is_named(&passkey, ""));
}

#[test]
fn slots_are_counted_where_get_info_does_not_say() {
    let mut options = Options::default();
    options.info = options.info.remove("20");
    let (_home, key) = holding(&options, &[]);
    let facts = checked(&mut exercise::open(&key).0, None);
    assert_eq!(facts.info.remaining_discoverable_credentials, None);
    let catalogue = Catalogue::builtin().unwrap();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let verdict = judge(&Case::alone(&facts, &catalogue, now));
    let slots = verdict.findings.iter().find(|finding| finding.id == Id::Slots).unwrap();
    assert_eq!(slots.status, Status::Pass, "{slots:?}");
}

#[test]
fn a_credential_is_deleted_and_a_reset_empties_the_key() {
    let (_home, key) = holding(&Options::default(), &[("a.example", "a"), ("b.example", "b")]);
    let (mut session, _) = exercise::open(&key);
    let before = list(&mut session).unwrap();
    let pin = pin();
    let authority = prove(&mut session, &pin, Permissions::CREDENTIAL_MANAGEMENT, None);
    let id = &before.passkeys[0].credential_id;
    session.delete_credential(Dialect::Final, authority.proof(), id).unwrap();
    let gone = session.delete_credential(Dialect::Final, authority.proof(), id).err();
    assert!(matches!(gone, Some(KeyError::Refused { .. })), "{gone:?}");
    let after = list(&mut session).unwrap();
    assert_eq!(after.passkeys, before.passkeys[1..]);

    session.reset().unwrap();
    assert_eq!(session.info().unwrap().option("clientPin"), Some(false));
}

#[test]
fn a_token_of_another_permission_lists_nothing() {
    let (_home, key) = holding(&Options::default(), &[("a.example", "a")]);
    let (mut session, _) = exercise::open(&key);
    let pin = pin();
    let authority = prove(&mut session, &pin, Permissions::GET_ASSERTION, Some("a.example"));
    let refused = try_list(&mut session, Dialect::Final, &authority).err();
    assert!(
        matches!(refused, Some(KeyError::Refused { refusal, .. }) if refusal.is(Code::PinAuthInvalid)),
        "{refused:?}"
    );
}

#[test]
fn a_denied_touch_erases_nothing() {
    let (_home, key) = holding(&Options::default(), &[("a.example", "a")]);
    let denied = key.clone().with_options(|options| options.touch = Touch::Deny);
    let refused = exercise::open(&denied).0.reset().err();
    assert!(
        matches!(refused, Some(KeyError::Refused { refusal, .. }) if refusal.is(Code::OperationDenied)),
        "{refused:?}"
    );
    assert_eq!(list(&mut exercise::open(&key).0).unwrap().count.existing, 1);
}
