//! A soft key takes the place of the key, and a session of our own the place of the crate; then the report is bent.

use glasskey::catalogue::Catalogue;
use glasskey::ctap::client_pin::{Retries, TokenKind};
use glasskey::ctap::credential::{ES256, Extensions, GetAssertion, MakeCredential};
use glasskey::ctap::pin::Pin;
use glasskey::facts::{Facts, Step};
use glasskey::key::guard::Guard;
use glasskey::key::session::{ProvenPin, Session};
use glasskey::second::child::{Client, serve};
use glasskey::second::compare::{Difference, compare};
use glasskey::second::job::{Bytes, Job};
use glasskey::second::report::{Assertion, End, Info, Line, Registration, Report};
use glasskey::second::{Leave, Second, Trial, WhyNot};
use glasskey::soft::{Options, SoftKey};
use glasskey::verdict::finding::{Finding, Id, Status};
use glasskey::verdict::{Case, judge};
use glasskey::webauthn::assertion::AssertionError;
use glasskey::webauthn::ceremony::FlagsError;
use glasskey::webauthn::client_data::{Challenge, ClientData};
use glasskey::webauthn::registration::RegistrationError;
use glasskey::webauthn::relying_party::RelyingParty;
use sha2::{Digest, Sha256};

use crate::exercise::{PIN, check, key, open};

const REGISTER: Challenge = Challenge::new([3; 32]);
const ASSERT: Challenge = Challenge::new([4; 32]);

/// A client that does all that the crate does, without the crate.
struct Ours {
    session: Session,
    credential: Vec<u8>,
}

impl Ours {
    fn token(&mut self, pin: &str) -> ProvenPin {
        let protocol = self.session.info().unwrap().protocol().unwrap();
        let shared = self.session.agree(protocol).unwrap();
        let permit = Guard::default().permit(self.session.retries(protocol).unwrap()).unwrap();
        self.session.token(permit, &shared, &Pin::parse(pin.to_owned()).unwrap(), TokenKind::Plain).unwrap()
    }
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn hash(bytes: &Bytes) -> [u8; 32] {
    Sha256::digest(&bytes.0).into()
}

impl Client for Ours {
    fn channel(&mut self) -> Result<[u8; 4], String> {
        Ok([1, 2, 3, 4])
    }

    fn info(&mut self) -> Result<Info, String> {
        let info = self.session.info().map_err(words)?;
        Ok(Info {
            aaguid: Bytes(info.aaguid.as_bytes().to_vec()),
            options: info.options.into_iter().collect(),
        })
    }

    fn retries(&mut self) -> Result<i64, String> {
        let protocol = self.session.info().map_err(words)?.protocol().unwrap();
        Ok(self.session.retries(protocol).map_err(words)?.left.try_into().unwrap())
    }

    fn register(&mut self, job: &Job, pin: &str) -> Result<Registration, String> {
        let token = self.token(pin);
        let wanted = MakeCredential {
            client_data_hash: hash(&job.register),
            rp_id: &job.rp_id,
            rp_name: "",
            user_id: &[0],
            user_name: " ",
            display_name: " ",
            algorithms: &[ES256],
            exclude: &[],
            extensions: Extensions::default(),
            discoverable: false,
        };
        let made = self.session.make_credential(&wanted, Some(token.token())).map_err(words)?;
        self.credential = made.auth_data.attested.as_ref().unwrap().credential_id.clone();
        let object: ciborium::Value = ciborium::from_reader(made.object.as_slice()).unwrap();
        let member = |map: &ciborium::Value, name: &str| {
            let map = map.as_map().unwrap();
            map.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value.clone())
        };
        let statement = member(&object, "attStmt").unwrap();
        let bytes = |value: ciborium::Value| Bytes(value.into_bytes().unwrap());
        Ok(Registration {
            fmt: made.format,
            auth_data: Bytes(made.auth_data.raw),
            alg: member(&statement, "alg").unwrap().as_integer().unwrap().try_into().unwrap(),
            sig: bytes(member(&statement, "sig").unwrap()),
            x5c: member(&statement, "x5c").unwrap().into_array().unwrap().into_iter().map(bytes).collect(),
        })
    }

    fn assert(&mut self, job: &Job, pin: &str) -> Result<Assertion, String> {
        let token = self.token(pin);
        let allow = [self.credential.clone()];
        let wanted = GetAssertion {
            rp_id: &job.rp_id,
            client_data_hash: hash(&job.assert),
            allow: &allow,
            touch: true,
        };
        let made = self.session.get_assertion(&wanted, Some(token.token())).map_err(words)?;
        Ok(Assertion {
            credential_id: Bytes(made.credential_id.unwrap_or_default()),
            auth_data: Bytes(made.auth_data.raw),
            signature: Bytes(made.signature),
        })
    }
}

/// Facts of our own client as if over USB, and a trial by the other one, on a key with these faults for the latter.
fn tried(faults: &[&str]) -> (Facts, Trial) {
    let dir = tempfile::tempdir().unwrap();
    let key = key(dir.path(), &Options::default());
    let mut facts = check(&mut open(&key).0);
    facts.soft = false;
    let faults = faults.iter().map(|fault| fault.parse().unwrap());
    let (report, end) = report(&key.with_faults(faults));
    let eight = Retries { left: 8, power_cycle: Some(false) };
    (facts, Trial { report, end, before: eight, after: Ok(eight), register: REGISTER, assert: ASSERT })
}

/// What the child tells, as its parent reads it.
fn report(key: &SoftKey) -> (Report, End) {
    let rp = RelyingParty::custody();
    let job = Job {
        marker: "marker".into(),
        path: String::new(),
        aaguid: Bytes(key.aaguid().as_bytes().to_vec()),
        retries: 8,
        protocol: 2,
        rp_id: rp.id().as_str().into(),
        register: Bytes(ClientData::create(&rp, &REGISTER).as_bytes().to_vec()),
        assert: Bytes(ClientData::get(&rp, &ASSERT).as_bytes().to_vec()),
        seconds: 60,
    };
    let mut told = Vec::new();
    let session = open(key).0;
    serve(&job, PIN, |_| Ok(Ours { session, credential: Vec::new() }), &mut told).unwrap();
    let (mut report, mut end) = (Report::default(), End::Nonsense("it has no end"));
    for line in String::from_utf8(told).unwrap().lines().filter_map(|line| line.strip_prefix("marker")) {
        match serde_json::from_str(line).unwrap() {
            Line::Channel { id } => report.channel = Some(glasskey::ctap::frame::Channel(id)),
            Line::Info(info) => report.info = Some(info),
            Line::Retries { left } => report.retries = Some(left),
            Line::Registration(made) => report.registration = Some(made),
            Line::Assertion(made) => report.assertion = Some(made),
            Line::Failed { why } => end = End::GaveUp { during: report.during(), why },
            Line::Done {} => end = End::Finished,
            Line::Touch {} | Line::Panicked { .. } => {}
        }
    }
    (report, end)
}

fn finding(facts: &Facts, second: &Second) -> Finding {
    let catalogue = Catalogue::builtin().unwrap();
    let now = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    let case = Case { second: Some(second), ..Case::alone(facts, &catalogue, now) };
    judge(&case).findings.into_iter().find(|finding| finding.id == Id::SecondClient).unwrap()
}

/// The one difference, and that the key is refused for it.
fn only_difference(facts: &Facts, trial: Trial) -> Difference {
    let mut comparison = compare(facts, &trial);
    assert_eq!(comparison.differences.len(), 1, "{:?}", comparison.differences);
    let found = finding(facts, &Second::Tried(Box::new(trial)));
    assert_eq!(found.status, Status::Fail);
    assert!(found.saw.len() < 1500 && !found.saw.contains('\u{1b}'), "{}", found.saw);
    comparison.differences.remove(0)
}

#[test]
fn two_clients_that_agree_pass() {
    let (facts, trial) = tried(&[]);
    let comparison = compare(&facts, &trial);
    assert_eq!((comparison.differences, comparison.unfinished), (vec![], None));
    assert_eq!(finding(&facts, &Second::Tried(Box::new(trial))).status, Status::Pass);
}

#[test]
fn other_facts_are_told() {
    let (facts, good) = tried(&[]);
    let bent = |bend: &dyn Fn(&mut Trial)| {
        let Trial { report, end, before, after, register, assert } = &good;
        let (report, end, after) = (report.clone(), end.clone(), after.clone());
        let mut trial = Trial { report, end, before: *before, after, register: *register, assert: *assert };
        bend(&mut trial);
        only_difference(&facts, trial)
    };
    let info = |bend: fn(&mut Info)| bent(&move |trial| bend(trial.report.info.as_mut().unwrap()));

    let difference = info(|info| info.aaguid.0[0] ^= 1);
    assert!(matches!(difference, Difference::Aaguid { .. }), "{difference}");
    // "FOREIGN-CHANNEL!" and then nothing: what the crate takes from another program's answer may be of any length.
    let difference = info(|info| info.aaguid.0.clear());
    assert!(
        matches!(&difference, Difference::Aaguid { theirs, .. } if theirs == "of 0 bytes"),
        "{difference}"
    );

    let difference = info(|info| info.options.retain(|(name, _)| name != "rk"));
    assert_eq!(difference.to_string(), "the second client reads other options: rk is unsaid, not yes");
    let difference = info(|info| info.options.push(("clientPin".into(), false)));
    assert!(difference.to_string().ends_with("clientPin is no, not yes"), "{difference}");
    let difference = info(|info| {
        info.options.extend((0..999).map(|n| (format!("\u{1b}[2J{n}{}", "x".repeat(999)), true)))
    });
    assert!(difference.to_string().ends_with("and 991 more"), "{difference}");

    for theirs in [7, 0, -1, i64::MAX] {
        let difference = bent(&move |trial| trial.report.retries = Some(theirs));
        assert_eq!(difference, Difference::Retries { ours: 8, theirs });
    }
    let seven = Retries { left: 7, power_cycle: None };
    assert_eq!(bent(&move |trial| trial.after = Ok(seven)), Difference::Spent { before: 8, after: 7 });
    let unread = || "the key did not answer INIT".to_owned();
    assert_eq!(bent(&move |trial| trial.after = Err(unread())), Difference::Unread(unread()));

    let difference = bent(&|trial| trial.report.registration.as_mut().unwrap().x5c.clear());
    assert!(matches!(difference, Difference::Registration(RegistrationError::Object(_))), "{difference}");
    let difference = bent(&|trial| trial.report.registration.as_mut().unwrap().fmt = "\u{1b}[2J".into());
    assert!(matches!(difference, Difference::Registration(RegistrationError::Object(_))), "{difference}");
    let difference = bent(&|trial| *trial.report.registration.as_mut().unwrap() = Registration::default());
    assert!(matches!(difference, Difference::Registration(_)), "{difference}");
    // A registration or an assertion of another time.
    let difference = bent(&|trial| trial.register = ASSERT);
    assert_eq!(difference, Difference::Registration(RegistrationError::BadSignature));
    let difference = bent(&|trial| trial.assert = REGISTER);
    assert_eq!(difference, Difference::Assertion(AssertionError::BadSignature));
    let difference = bent(&|trial| trial.report.assertion.as_mut().unwrap().credential_id.0.push(0));
    assert_eq!(difference, Difference::Assertion(AssertionError::WrongCredential));
    let difference = bent(&|trial| trial.report.assertion.as_mut().unwrap().auth_data.0.truncate(36));
    assert!(matches!(difference, Difference::Assertion(AssertionError::AuthData(_))), "{difference}");
}

#[test]
fn flags_that_the_crate_does_not_look_at_are_looked_at() {
    let difference = |fault: &str| {
        let (facts, trial) = tried(&[fault]);
        assert_eq!(trial.end, End::Finished, "{fault}");
        only_difference(&facts, trial)
    };
    let verified = |difference: &Difference| match difference {
        Difference::Registration(RegistrationError::Flags(error))
        | Difference::Assertion(AssertionError::Flags(error)) => Some(*error),
        _ => None,
    };
    for fault in ["uv-flag-missing@getassertion", "uv-flag-missing@makecred"] {
        let difference = difference(fault);
        assert!(
            matches!(verified(&difference), Some(FlagsError::UserNotVerified(_))),
            "{fault}: {difference}"
        );
    }
    for fault in ["up-flag-missing@getassertion", "up-flag-missing@makecred"] {
        let difference = difference(fault);
        assert!(
            matches!(verified(&difference), Some(FlagsError::UserNotPresent(_))),
            "{fault}: {difference}"
        );
    }
}

#[test]
fn what_was_not_finished_is_no_pass_and_no_failure_of_the_key() {
    let (facts, trial) = tried(&["ctap-error=0x7f@getassertion"]);
    assert!(matches!(trial.end, End::GaveUp { during: "getAssertion", .. }), "{}", trial.end);
    let found = finding(&facts, &Second::Tried(Box::new(trial)));
    assert_eq!(found.status, Status::Warn);
    let during = "getInfo";
    for end in [
        End::GaveUp { during, why: "\u{1b}[2J\u{202e}".into() },
        End::Panicked { during, at: "\u{1b}".into() },
        End::Died { during, status: "signal: 9".into() },
        End::TimeUp { during, seconds: 70 },
        End::NotTouched { during },
        End::Nonsense("it is too long"),
        End::NotStarted("no such file".into()),
    ] {
        let (facts, mut trial) = tried(&[]);
        (trial.report, trial.end) = (Report::default(), end);
        let found = finding(&facts, &Second::Tried(Box::new(trial)));
        assert_eq!(found.status, Status::Warn, "{}", found.saw);
        assert!(!found.saw.contains(['\u{1b}', '\u{202e}']), "{}", found.saw);
    }
}

/// A client whose attempts are these, one after the other, and that shouts when the PIN is sent too often.
struct Counting {
    retries: Vec<i64>,
    may_send: u32,
}

impl Counting {
    fn send(&mut self) {
        self.may_send = self.may_send.checked_sub(1).expect("the PIN is not sent again");
    }
}

impl Client for Counting {
    fn channel(&mut self) -> Result<[u8; 4], String> {
        Ok([1; 4])
    }
    fn info(&mut self) -> Result<Info, String> {
        Ok(Info { aaguid: Bytes(vec![7; 16]), options: Vec::new() })
    }
    fn retries(&mut self) -> Result<i64, String> {
        Ok(self.retries.remove(0))
    }
    fn register(&mut self, _: &Job, _: &str) -> Result<Registration, String> {
        self.send();
        Ok(Registration::default())
    }
    fn assert(&mut self, _: &Job, _: &str) -> Result<Assertion, String> {
        self.send();
        Ok(Assertion::default())
    }
}

#[test]
fn the_pin_is_not_sent_to_another_key_nor_again_where_attempts_fall() {
    let done = |model: u8, retries: &[i64], may_send| {
        let job = Job {
            marker: String::new(),
            path: String::new(),
            aaguid: Bytes(vec![model; 16]),
            retries: 8,
            protocol: 1,
            rp_id: String::new(),
            register: Bytes::default(),
            assert: Bytes::default(),
            seconds: 1,
        };
        let client = Counting { retries: retries.to_vec(), may_send };
        serve(&job, PIN, |_| Ok(client), &mut Vec::new()).unwrap()
    };
    assert!(done(7, &[8, 8], 2));
    assert!(!done(6, &[8], 0), "another model");
    assert!(!done(7, &[7], 0), "fewer attempts than there were");
    assert!(!done(7, &[9], 0), "more attempts than there were");
    assert!(!done(7, &[8, 7], 1), "the right PIN took an attempt");
}

#[test]
fn leave_is_given_for_a_proven_pin_only() {
    let (facts, _) = tried(&[]);
    let ask = |facts: &Facts, left| {
        Leave::ask(facts, Retries { left, power_cycle: None }, Guard::default()).map(|_| ()).err()
    };
    assert_eq!(ask(&facts, 8), None);
    assert_eq!(ask(&facts, 7), Some(WhyNot::Fell { before: 8, now: 7 }));
    let few = Facts { retries: Some(Retries { left: 2, power_cycle: None }), ..facts.clone() };
    assert!(matches!(ask(&few, 3), Some(WhyNot::Guarded(_))));
    assert_eq!(ask(&Facts { soft: true, ..facts.clone() }, 8), Some(WhyNot::Soft));
    assert_eq!(ask(&Facts { pin_set: Some(false), ..facts.clone() }, 8), Some(WhyNot::NoPin));
    assert_eq!(ask(&Facts { pin_proven: false, ..facts.clone() }, 8), Some(WhyNot::PinNotProven));
    let skipped = Facts { assertion: Step::Skipped(""), ..facts.clone() };
    assert_eq!(ask(&skipped, 8), Some(WhyNot::OursFailed));
    for why in [WhyNot::NotAsked, WhyNot::NotInBuild, WhyNot::Soft, WhyNot::OursFailed] {
        assert_eq!(finding(&facts, &Second::Skipped(why)).status, Status::Skipped);
    }
    // A key that takes attempts for a right PIN, or does not tell how many it has, is no good.
    let bad = [Second::Skipped(WhyNot::Fell { before: 8, now: 7 }), Second::Unread("it is silent".into())];
    for bad in &bad {
        assert_eq!(finding(&facts, bad).status, Status::Fail);
    }
    assert!(!bad[0].broke() && bad[1].broke());
}
