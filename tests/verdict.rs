//! The verdict over real firmware: a good key, and keys bent in one way each.
#![cfg(feature = "softkey")]

#[cfg(test)] // clippy allows helpers of tests what it allows tests
#[path = "support/exercise.rs"]
mod exercise;

#[cfg(test)]
mod bends {
    use glasskey::catalogue::Catalogue;
    use glasskey::ctap::client_pin::TokenKind;
    use glasskey::ctap::pin::Pin;
    use glasskey::facts::{Exercise, Facts};
    use glasskey::key::guard::{Guard, PinRefusal};
    use glasskey::key::session::KeyError;
    use glasskey::policy::{PolicySet, PolicySource};
    use glasskey::soft::{self, Options, Overlay};
    use glasskey::verdict::finding::Status::{self, Fail, Pass, Skipped, Warn};
    use glasskey::verdict::{Case, Outcome, Verdict, judge};
    use glasskey::webauthn::anchor::{Anchor, AnchorKind};
    use glasskey::webauthn::client_data::Challenge;
    use glasskey::webauthn::relying_party::RelyingParty;
    use uuid::Uuid;

    use super::exercise;

    /// YubiKey 5 NFC of the 5.7 series.
    const GOOD: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";

    fn options(aaguid: &str, firmware: &str) -> Options {
        Options {
            aaguid: aaguid.parse().unwrap(),
            firmware: Some(firmware.parse().unwrap()),
            ..Options::default()
        }
    }

    fn overlaid(info: Overlay) -> Options {
        Options { info, ..options(GOOD, "5.7.4") }
    }

    /// The catalogue that trusts the folder's test CA for one model.
    fn catalogue(dir: &std::path::Path, aaguid: Uuid) -> Catalogue {
        let mut catalogue = Catalogue::builtin().unwrap();
        let (der, name) = (soft::ca_certificate(dir).unwrap(), "test CA".to_owned());
        let anchor = Anchor { der, kind: AnchorKind::Issuer, name, soft: true };
        catalogue.add_soft_anchor(&[aaguid], &anchor).unwrap();
        catalogue
    }

    fn judged(options: &Options, policy: &str) -> Verdict {
        let home = tempfile::tempdir().unwrap();
        let key = exercise::key(home.path(), options);
        let (mut session, _) = exercise::open(&key);
        let facts = exercise::check(&mut session);
        verdict(&facts, &catalogue(home.path(), options.aaguid), policy)
    }

    fn verdict(facts: &Facts, catalogue: &Catalogue, policy: &str) -> Verdict {
        let source = PolicySource::parse("policy", policy.as_bytes()).unwrap();
        let policy = PolicySet::choose(&[source], None).unwrap();
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        judge(&Case { policy: Some(&policy), ..Case::alone(facts, catalogue, now) })
    }

    fn status(verdict: &Verdict, id: &str) -> Status {
        verdict.findings.iter().find(|finding| finding.id.name() == id).unwrap().status
    }

    #[track_caller]
    fn assert_bends(options: &Options, policy: &str, outcome: Outcome, bent: &[(&str, Status)]) {
        let verdict = judged(options, policy);
        for (id, wanted) in bent {
            assert_eq!(status(&verdict, id), *wanted, "{id}: {:#?}", verdict.findings);
        }
        let others =
            verdict.findings.iter().filter(|finding| !bent.iter().any(|(id, _)| *id == finding.id.name()));
        for finding in others {
            assert!(matches!(finding.status, Pass | Skipped), "nothing else is wrong: {finding:#?}");
        }
        assert_eq!(verdict.outcome, outcome);
    }

    #[test]
    fn a_good_key_is_fit() {
        assert_bends(&options(GOOD, "5.7.4"), GOOD, Outcome::Fit, &[]);
    }

    #[test]
    fn a_model_is_known_hardware_allowed_and_what_its_certificate_says() {
        let stranger = "12345678-1234-1234-1234-123456789abc";
        let unknown = [("model-known", Fail), ("entra-ready", Warn)];
        assert_bends(&options(stranger, "1.0.0"), stranger, Outcome::NotFit, &unknown);
        assert_bends(
            &options(GOOD, "5.7.4"),
            "eabb46cc-e241-80bf-ae9e-96fa6d2975cf",
            Outcome::NotFit,
            &[("allow-list", Fail)],
        );
        let lie = format!("hex:{}", "ee882879721c491397753dfcce97072a");
        let verdict = judged(&overlaid(Overlay::default().set(3, lie)), GOOD);
        assert_eq!((status(&verdict, "aaguid-consistent"), verdict.outcome), (Fail, Outcome::NotFit));
        // A passkey provider in software is called what it is.
        let bitwarden = "d548826e-79b4-db40-a3d8-11116f7e8349";
        let verdict = judged(&options(bitwarden, "1.0.0"), bitwarden);
        assert_eq!((status(&verdict, "hardware-model"), verdict.outcome), (Fail, Outcome::NotFit));
    }

    #[test]
    fn without_a_policy_it_cannot_be_told_and_a_key_is_never_plainly_fit() {
        let home = tempfile::tempdir().unwrap();
        let key = exercise::key(home.path(), &options(GOOD, "5.7.4"));
        let (mut session, _) = exercise::open(&key);
        let facts = exercise::check(&mut session);
        let catalogue = catalogue(home.path(), key.aaguid());
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let verdict = judge(&Case::alone(&facts, &catalogue, now));
        assert_eq!((status(&verdict, "allow-list"), verdict.outcome), (Skipped, Outcome::FitWithWarnings));
    }

    #[test]
    fn advisories_follow_the_firmware_and_a_false_version_clears_none() {
        let saw = |aaguid: &str, firmware: &str| {
            let verdict = judged(&options(aaguid, firmware), aaguid);
            let finding =
                verdict.findings.into_iter().find(|finding| finding.id.name() == "advisory").unwrap();
            (finding.status, finding.saw)
        };
        let old = "fa2b99dc-9e39-4257-8f92-4a30d23c4118";
        let (status, told) = saw(old, "5.1.2");
        assert!(status == Warn && told.contains("EUCLEAK") && told.contains("firmware 5.1.2"), "{told}");
        // A model of the 5.1 series that says 5.7.4 is still held to what its series has.
        let (status, told) = saw(old, "5.7.4");
        assert!(status == Warn && told.contains("EUCLEAK") && told.contains("never had"), "{told}");
        let (status, told) = saw(GOOD, "5.7.0");
        assert!(status == Warn && !told.contains("EUCLEAK"), "{told}");
        assert_eq!(saw(GOOD, "5.7.4").0, Pass);
        assert_eq!(saw(GOOD, "5.6.9").0, Warn);
    }

    #[test]
    fn what_entra_asks_must_be_offered() {
        let no_rk = overlaid(Overlay::default().remove("4.rk"));
        assert_bends(&no_rk, GOOD, Outcome::NotFit, &[("entra-ready", Fail)]);
        let no_hmac = overlaid(Overlay::default().set(2, toml::Value::Array(vec!["credProtect".into()])));
        assert_bends(&no_hmac, GOOD, Outcome::FitWithWarnings, &[("entra-ready", Warn)]);
        let enforced = format!(
            r#"{{"id":"Fido2","state":"enabled","isAttestationEnforced":true,"includeTargets":[{{"id":"all_users","targetType":"group"}}],
               "excludeTargets":[],"keyRestrictions":{{"isEnforced":true,"enforcementType":"allow","aaGuids":["{GOOD}"]}}}}"#
        );
        assert_bends(&no_hmac, &enforced, Outcome::NotFit, &[("entra-ready", Fail)]);
        // What cannot be told counts as enforced.
        let unclear = enforced.replace("\"isAttestationEnforced\":true,", "");
        assert_ne!(unclear, enforced);
        let verdict = judged(&no_hmac, &unclear);
        assert_eq!(status(&verdict, "entra-ready"), Fail, "{:#?}", verdict.findings);
        let full = overlaid(Overlay::default().set(0x14, 0));
        assert_bends(&full, GOOD, Outcome::FitWithWarnings, &[("slots", Warn)]);
    }

    #[test]
    fn a_clock_that_is_behind_is_told_as_that_and_not_as_a_counterfeit_key() {
        let home = tempfile::tempdir().unwrap();
        let key = exercise::key(home.path(), &options(GOOD, "5.7.4"));
        let (mut session, _) = exercise::open(&key);
        let facts = exercise::check(&mut session);
        let catalogue = catalogue(home.path(), key.aaguid());
        let dead = "2010-01-01T00:00:00Z".parse().unwrap();
        let verdict = judge(&Case::alone(&facts, &catalogue, dead));
        let attested = verdict.findings.iter().find(|finding| finding.id.name() == "attestation").unwrap();
        let cure = attested.cure.as_deref().unwrap();
        assert_eq!(attested.status, Fail);
        assert!(cure.contains("clock") && !cure.contains("counterfeit"), "{cure}");
    }

    #[test]
    fn a_key_without_a_pin_is_not_fit_and_the_run_goes_on_as_far_as_it_can() {
        let home = tempfile::tempdir().unwrap();
        let key = soft::create(home.path(), "k", &options(GOOD, "5.7.4")).unwrap();
        let (mut session, _) = exercise::open(&key);
        let mut facts = exercise::look(&mut session);
        let exercise = Exercise {
            rp: RelyingParty::custody(),
            register: Challenge::new([1; 32]),
            assert: Challenge::new([2; 32]),
            exclude: Vec::new(),
            custody: None,
            passkeys: None,
        };
        glasskey::facts::exercise(&mut session, &mut facts, None, exercise).unwrap();
        let verdict = verdict(&facts, &catalogue(home.path(), key.aaguid()), GOOD);
        assert_eq!(verdict.outcome, Outcome::NotFit);
        let told =
            ["pin-set", "uv-proven", "pin-retries", "attestation", "test-registration", "test-assertion"];
        assert_eq!(told.map(|id| status(&verdict, id)), [Fail, Fail, Skipped, Pass, Pass, Pass]);
    }

    #[test]
    fn attempts_are_told_guarded_and_restored_by_the_right_pin() {
        let home = tempfile::tempdir().unwrap();
        let key = exercise::key(home.path(), &options(GOOD, "5.7.4"));
        let wrong = |times: usize| {
            for _ in 0..times {
                // Each in a new session, as after plugging the key in again: three wrong in a row lock until then.
                let (mut session, _) = exercise::open(&key);
                let facts = exercise::look(&mut session);
                let guard = Guard { floor: 0, spend_scarce: true };
                let permit = guard.permit(facts.retries.unwrap()).unwrap();
                let shared = session.agree(facts.info.protocol().unwrap()).unwrap();
                let pin = Pin::parse("000000".to_owned()).unwrap();
                let refused = session.token(permit, &shared, &pin, TokenKind::Plain).err();
                assert!(matches!(refused, Some(KeyError::Pin(PinRefusal::Wrong { left: Some(_) }))));
            }
        };
        wrong(1);
        let (mut session, _) = exercise::open(&key);
        let facts = exercise::check(&mut session);
        let verdict = verdict(&facts, &catalogue(home.path(), key.aaguid()), GOOD);
        assert_eq!((status(&verdict, "pin-retries"), verdict.outcome), (Warn, Outcome::FitWithWarnings));
        drop(session);
        // The right PIN has restored all eight; five wrong ones leave three, and there the guard stands.
        wrong(5);
        let (mut session, stats) = exercise::open(&key);
        let facts = exercise::look(&mut session);
        let refused = Guard::default().permit(facts.retries.unwrap()).err();
        assert_eq!(refused, Some(PinRefusal::Guarded { left: 3 }));
        assert_eq!(stats.transactions(glasskey::soft::Op::PinToken), 0);
    }
}
