//! Sign-ins between drills: an alarm until somebody answers for them; no log, and no drill, is no proof that there were none.

use glasskey::ledger::inventory::Refusal;
use glasskey::ledger::payload::*;

use super::drills::{BOTH, PASSED, with};
use super::*;

const NO_LOG: &str = "no sign-in log was looked through (`glasskey inventory attach`)";

/// Both passed a drill a month ago; of EA-02 there is a log until now that shows nothing.
fn drilled() -> Record {
    Record::new()
        .begin(days(31), BOTH)
        .end(days(30), PASSED, &[])
        .attached(days(30), log("EA-02", days(0), &[]))
}

/// The rows of the rule: how each stands, and what it is about.
fn told(record: Record) -> Vec<(Sign, Option<String>)> {
    rows(&with(record.0), Id::SignIns).iter().map(|row| (row.status, row.about.clone())).collect()
}

fn first(record: Record) -> Row {
    rows(&with(record.0), Id::SignIns)[0].clone()
}

#[test]
fn a_sign_in_that_nobody_answers_for_is_an_alarm_until_somebody_does() {
    let record = |one: SignInSeen| drilled().attached(days(1), log("ea-01", days(1), &[one.clone(), one]));
    let alarm = first(record(sign_in(days(3), 0)));
    assert_eq!((alarm.status, alarm.about.as_deref()), (Sign::Fail, Some("EA-01")));
    assert_eq!(
        alarm.saw,
        "1 sign-in outside drills that nobody answers for, the first on 2026-11-18 12:00:00Z from 203.0.113.7"
    );
    let of = |one| first(record(one)).status;
    assert_eq!(of(sign_in(days(3), 50126)), Sign::Warn, "somebody tried");
    assert_eq!(of(sign_in(days(60), 0)), Sign::Pass, "the last drill's business");
    let used = |from: SignedDuration, until: SignedDuration| {
        Payload::AccountUsed(AccountUsed {
            account: "EA-01".to_owned(),
            from: now() - from,
            until: now() - until,
            why: "federation was down".to_owned(),
            by: None,
        })
    };
    let answered = |from, until| first(record(sign_in(days(3), 0)).add(days(0), used(from, until))).status;
    assert_eq!(answered(days(3), days(3)), Sign::Pass);
    assert_eq!(answered(days(3) + minutes(60), days(3) + minutes(15)), Sign::Pass, "clocks differ");
    assert_eq!(answered(days(3) + minutes(60), days(3) + minutes(16)), Sign::Fail, "another time");
    let refusal = |from, until| drilled().0.admit(&used(from, until)).err();
    assert_eq!(refusal(days(10), days(3)), None);
    assert_eq!(refusal(days(10) + minutes(1), days(3)), Some(Refusal::TooLong));
    assert!(matches!(refusal(days(400) + minutes(1), days(400)), Some(Refusal::BeforeTheLedger(_))));
    let pass = first(record(sign_in(days(60), 0)));
    assert!(pass.saw.ends_with("is accounted for, until 2026-11-20"), "{}", pass.saw);
}

/// A drill explains its own sign-in, and hides no other one.
#[test]
fn no_drill_hides_a_sign_in() {
    const WELL: &[(&str, DrillVerdict)] = &[("EA-01", DrillVerdict::Passed)];
    const FAILED: &[(&str, DrillVerdict)] = &[("EA-01", DrillVerdict::Failed)];
    const LEFT: &[(&str, DrillVerdict)] = &[("EA-01", DrillVerdict::Incomplete)];
    let one: &[(&str, &str)] = &[("EA-01", "Ana Ader")];
    let signed_in = ("sign-in", "EA-01");
    let begun = || drilled().begin(days(6), one);
    let timed = |told| begun().said(days(3), signed_in, Answer::Yes, Some(told));
    let untimed = || begun().said(days(3), signed_in, Answer::Yes, None);
    let outside: &[(&str, Option<&str>)] = &[("sign-in-outside-drills", Some("ea-01"))];
    let seen = |record: Record, ago| record.looked(days(2), log("EA-01", days(2), &[sign_in(ago, 0)]));
    let close = |record: Record| {
        let drill = record.0.drills().last().unwrap().number();
        let closed = ActionClosed { drill, action: 1, how: "it was ours".into(), by: None };
        record.add(days(1), Payload::ActionClosed(closed))
    };
    let near = days(3) + minutes(15);
    for (what, record, ago, wanted) in [
        ("given up", timed(days(3)).end(days(2), &[], &[]), days(3), Sign::Fail),
        ("given up, untimed", untimed().end(days(2), &[], &[]), days(3), Sign::Fail),
        ("goes on", begun(), days(3), Sign::Fail),
        ("goes on, told", timed(days(3)), near, Sign::Pass),
        ("goes on, told otherwise", timed(days(3)), near + minutes(1), Sign::Fail),
        ("goes on, untimed", untimed(), days(3), Sign::Fail),
        ("left, told", timed(days(3)).end(days(2), LEFT, &[]), near, Sign::Pass),
        ("left, told otherwise", timed(days(3)).end(days(2), LEFT, &[]), near + minutes(1), Sign::Fail),
        ("left, untimed", untimed().end(days(2), LEFT, &[]), days(3), Sign::Fail),
        ("left, and it was before it", begun().end(days(2), LEFT, &[]), days(9), Sign::Fail),
        ("passed, told", timed(days(3)).end(days(2), WELL, &[]), near, Sign::Pass),
        ("passed, attached later", timed(days(3)).end(days(2), WELL, &[]), near + minutes(1), Sign::Fail),
        ("passed, untimed, the only one", untimed().end(days(2), WELL, &[]), days(5), Sign::Pass),
        (
            "passed, it said no",
            begun().said(days(3), signed_in, Answer::No, None).end(days(2), WELL, &[]),
            days(3),
            Sign::Fail,
        ),
        (
            "passed, its own log showed it",
            seen(timed(days(3)), days(4)).end(days(2), WELL, &[]),
            days(4),
            Sign::Pass,
        ),
        ("passed, and it was before it", begun().end(days(2), WELL, &[]), days(9), Sign::Pass),
        ("failed, and it was before it", begun().end(days(2), FAILED, &[]), days(9), Sign::Pass),
        ("failed over it", seen(begun(), days(9)).end(days(2), FAILED, outside), days(9), Sign::Fail),
        (
            "failed over it, and closed",
            close(seen(begun(), days(9)).end(days(2), FAILED, outside)),
            days(9),
            Sign::Pass,
        ),
        (
            "another account failed",
            begun().end(days(2), &[("EA-02", DrillVerdict::Failed)], &[]),
            days(9),
            Sign::Fail,
        ),
    ] {
        let record = record.attached(days(0), log("EA-01", days(0), &[sign_in(ago, 0)]));
        let row = first(record);
        assert_eq!(row.status, wanted, "{what}: {row:#?}");
    }
    // Of several only the one nearest to when people said so is the drill's.
    let many = [days(5), days(3) + minutes(20), days(2) + minutes(20)].map(|ago| sign_in(ago, 0));
    let row = first(untimed().end(days(2), WELL, &[]).attached(days(0), log("EA-01", days(0), &many)));
    assert!(row.status == Sign::Fail && row.saw.starts_with("2 sign-ins outside drills"), "{row:#?}");
}

#[test]
fn where_no_drill_has_settled_anything_sign_ins_are_warned_of() {
    let seen = || Record::new().attached(days(1), log("EA-01", days(0), &[sign_in(days(60), 0)]));
    let of_both = |record: Record| record.attached(days(1), log("EA-02", days(0), &[]));
    let row = first(of_both(seen()));
    assert_eq!((row.status, row.about.as_deref()), (Sign::Warn, Some("EA-01")));
    assert!(row.saw.ends_with("and no drill has been passed or failed since"), "{}", row.saw);
    assert!(row.cure.unwrap().contains("inventory use EA-01"));
    let given_up = of_both(seen()).begin(days(0), BOTH).end(days(0), &[], &[]);
    assert_eq!(first(given_up).status, Sign::Warn);
    assert_eq!(first(of_both(seen()).begin(days(0), BOTH).end(days(0), PASSED, &[])).status, Sign::Pass);
}

#[test]
fn each_account_needs_a_log_of_its_own_that_reaches_beyond_its_last_drill_and_is_whole() {
    let begun = || Record::new().begin(days(31), BOTH).end(days(30), PASSED, &[]);
    let well = || log("EA-01", days(1), &[]);
    let rows_of = |logs: &[EvidenceAttached]| {
        let second = begun().attached(days(0), log("EA-02", days(0), &[]));
        told(logs.iter().fold(second, |record, log| record.attached(days(0), log.clone())))
    };
    let ours = |sign| vec![(sign, Some("EA-01".to_owned()))];
    assert_eq!(rows_of(&[well()]), [(Sign::Pass, None)]);
    assert_eq!(rows_of(&[]), ours(Sign::Skipped), "the log of another account is none");
    assert_eq!(first(begun()).saw, NO_LOG);
    let audit = EvidenceAttached { log: LogKind::Audit, ..well() };
    assert_eq!(rows_of(&[audit]), ours(Sign::Skipped), "an audit log shows no sign-ins");
    let old = |last| rows_of(&[log("EA-01", last, &[])]);
    assert_eq!(old(days(31)), [(Sign::Pass, None)], "up to the beginning of the drill");
    assert_eq!(old(days(31) + minutes(1)), ours(Sign::Skipped));
    let empty = EvidenceAttached { first: None, last: None, entries: 0, ..well() };
    assert_eq!(rows_of(&[empty]), ours(Sign::Skipped), "a log without entries may be of any time");
    for torn in [EvidenceAttached { partial: true, ..well() }, EvidenceAttached { left_out: 1, ..well() }] {
        assert_eq!(rows_of(std::slice::from_ref(&torn)), ours(Sign::Warn));
        assert_eq!(rows_of(&[torn.clone(), well()]), [(Sign::Pass, None)], "a whole one covers it");
        let short = EvidenceAttached { first: Some(now() - days(20)), ..log("EA-01", days(0), &[]) };
        assert_eq!(rows_of(&[torn.clone(), short]), ours(Sign::Warn), "not from its beginning");
        let before = EvidenceAttached { last: Some(now() - days(40)), ..torn };
        assert_eq!(rows_of(&[before, well()]), [(Sign::Pass, None)], "that was before the drill");
    }
    // What is found stands beside what is missing.
    let both = EvidenceAttached { partial: true, sign_ins: vec![sign_in(days(3), 0)], ..well() };
    assert_eq!(
        rows_of(&[both]),
        [(Sign::Fail, Some("EA-01".to_owned())), (Sign::Warn, Some("EA-01".to_owned()))]
    );
}
