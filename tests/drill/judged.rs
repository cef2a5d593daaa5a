//! What a drill leaves to do, each from one bend of a record.

use std::collections::BTreeSet;

use glasskey::drill::judge::OWN_ACTIONS;
use glasskey::drill::{Judged, judge};
use glasskey::ledger::payload::*;

use super::made_up::Key;
use super::record::{Record, days, log, minutes, now, sign_in};

const EA: &[(&str, &str)] = &[("EA-01", "Ana Ader")];

/// A key of EA-01 in a drill that began three hours ago; nothing was done in it yet.
fn begun() -> Record {
    let key = Key::new(1);
    Record::new()
        .begin(days(60), EA)
        .end(days(59), &[("EA-01", DrillVerdict::Passed)], &[])
        .add(days(50), Payload::Enrolled(Box::new(key.enrolled("EA-01", false))))
        .begin(minutes(180), EA)
}

fn label() -> String {
    Key::new(1).label
}

fn not_checked(because: Because) -> Record {
    let begun = begun();
    let drill = begun.drill();
    let (label, why) = (label(), "as was said".to_owned());
    begun.add(minutes(170), Payload::NotChecked(NotChecked { drill, label, because, why, by: None }))
}

fn checked(verdict: Verdict) -> Record {
    let begun = begun();
    let Payload::Checked(mut checked) = Key::new(1).checked(verdict) else { panic!("a check") };
    checked.drill = Some(begun.drill());
    begun.add(minutes(170), Payload::Checked(checked))
}

/// People said that it signed in, an hour ago.
fn signed_in() -> Record {
    begun().said(minutes(58), ("sign-in", "EA-01"), Answer::Yes, Some(minutes(60)))
}

/// And that the alert came, so many minutes ago.
fn alert(ago: i64) -> Record {
    signed_in().said(minutes(5), ("alert", "EA-01"), Answer::Yes, Some(minutes(ago)))
}

/// A log that goes on until now, with these sign-ins.
fn shows(record: Record, sign_ins: &[SignInSeen]) -> Record {
    record.looked(minutes(0), log("EA-01", minutes(0), sign_ins))
}

fn changed(change: ChangeSeen) -> Record {
    let log =
        EvidenceAttached { log: LogKind::Audit, changes: vec![change], ..log("EA-01", minutes(0), &[]) };
    signed_in().looked(minutes(0), log)
}

fn change(ago: i64, activity: &str, of_account: bool, by_account: bool) -> ChangeSeen {
    let at = now() - minutes(ago);
    ChangeSeen { at, id: None, activity: activity.to_owned(), success: true, of_account, by_account }
}

fn judged(record: &Record) -> Judged<'_> {
    judge(&record.0, record.0.open_drill().unwrap(), now())
}

/// The verdict, and the ids of what is left to do but for what was not done or answered yet.
fn told(record: &Record) -> (DrillVerdict, Vec<String>) {
    let judged = judged(record);
    let ids = judged.actions.iter().map(|action| action.id.clone());
    let undone = judged.undone.iter().map(|action| action.id.clone());
    let own = undone.filter(|id| OWN_ACTIONS.contains(&id.as_str()) && id != "key-not-checked");
    (judged.verdict, ids.chain(own).collect())
}

#[test]
fn every_action_comes_of_what_it_says() {
    use DrillVerdict::{Failed, Incomplete};
    let at = |ago: i64| sign_in(minutes(ago), 0);
    let password = SignInSeen { methods: vec!["Password".to_owned()], ..at(60) };
    let early = |partial| EvidenceAttached { partial, ..log("EA-01", minutes(50), &[]) };
    let cut = EvidenceAttached { left_out: 1, ..log("EA-01", minutes(0), &[]) };
    let untimed = || begun().said(minutes(58), ("sign-in", "EA-01"), Answer::Yes, None);
    let no = || begun().said(minutes(58), ("sign-in", "EA-01"), Answer::No, None);
    let cases: Vec<(&str, Record, DrillVerdict, &[&str])> = vec![
        ("nothing yet", begun(), Incomplete, &[]),
        ("as it was told", shows(signed_in(), &[at(45)]), Incomplete, &[]),
        ("no key", Record::new().begin(minutes(1), EA), Failed, &["no-key"]),
        ("missing", not_checked(Because::Missing), Failed, &["key-missing"]),
        ("blocked", not_checked(Because::PinBlocked), Failed, &["key-pin-blocked"]),
        ("broken", not_checked(Because::Misbehaved), Failed, &["key-misbehaved"]),
        ("left out", not_checked(Because::LeftOut), Incomplete, &["key-left-out"]),
        ("unfit", checked(Verdict::NotFit), Failed, &["key-not-fit"]),
        ("unsigned", checked(Verdict::Fit), Failed, &["key-not-signed"]),
        ("late", alert(44), Failed, &["alert-late"]),
        ("just in time", alert(45), Incomplete, &[]),
        ("too early", alert(76), Failed, &["alert-before-sign-in"]),
        ("by clocks that differ", alert(75), Incomplete, &[]),
        // The log's time counts.
        ("late by the log", shows(alert(50), &[at(70)]), Failed, &["alert-late"]),
        ("untimed", untimed(), Incomplete, &["time-not-told"]),
        ("untimed, one", shows(untimed(), &[at(70)]), Incomplete, &["time-not-told"]),
        (
            "untimed, two",
            shows(untimed(), &[at(70), at(120)]),
            Incomplete,
            &["time-not-told", "sign-in-untold"],
        ),
        ("not in the log", shows(signed_in(), &[]), Failed, &["sign-in-not-in-log"]),
        (
            "the log ends",
            signed_in().looked(minutes(0), early(false)),
            Incomplete,
            &["sign-in-log-ends-early"],
        ),
        ("a part", signed_in().looked(minutes(0), early(true)), Incomplete, &["sign-in-log-ends-early"]),
        ("left out of it", signed_in().looked(minutes(0), cut), Incomplete, &["sign-in-log-ends-early"]),
        ("another time", shows(signed_in(), &[at(76)]), Incomplete, &["sign-in-time-differs"]),
        (
            "another two",
            shows(signed_in(), &[at(76), at(90)]),
            Incomplete,
            &["sign-in-time-differs", "sign-in-untold"],
        ),
        ("it did", shows(no(), &[at(60)]), Failed, &["sign-in-told-otherwise", "sign-in"]),
        (
            "it did twice",
            shows(no(), &[at(60), at(61)]),
            Failed,
            &["sign-in-told-otherwise", "sign-in-untold", "sign-in"],
        ),
        ("with a password", shows(signed_in(), &[password]), Failed, &["sign-in-method"]),
        ("one more", shows(signed_in(), &[at(60), at(80)]), Incomplete, &["sign-in-untold"]),
        ("nobody told of any", shows(begun(), &[at(60)]), Incomplete, &["sign-in-untold"]),
        ("outside", shows(signed_in(), &[at(60), at(2000)]), Failed, &["sign-in-outside-drills"]),
        (
            "an attempt outside",
            shows(signed_in(), &[at(60), sign_in(minutes(2000), 50126)]),
            Incomplete,
            &["sign-in-attempts"],
        ),
        (
            "an attempt inside",
            shows(signed_in(), &[at(60), sign_in(minutes(90), 50126)]),
            Incomplete,
            &["sign-in-attempts"],
        ),
        ("a slip of the finger", shows(signed_in(), &[at(60), sign_in(minutes(61), 50126)]), Incomplete, &[]),
        ("before the last drill", shows(signed_in(), &[at(60), sign_in(days(61), 0)]), Incomplete, &[]),
        ("changed", changed(change(2000, "Update user", true, false)), Incomplete, &["account-changed"]),
        (
            "changed by itself",
            changed(change(2000, "User registered security info", true, true)),
            Incomplete,
            &["account-changed"],
        ),
        (
            "it acted",
            changed(change(2000, "Add member to role", false, true)),
            Incomplete,
            &["account-acted"],
        ),
        ("the task of the drill", changed(change(50, "Add member to role", false, true)), Incomplete, &[]),
        (
            "before its sign-in",
            changed(change(61, "Add member to role", false, true)),
            Incomplete,
            &["account-acted"],
        ),
        (
            "a policy",
            changed(change(2000, "Update conditional access policy", false, false)),
            Incomplete,
            &["policy-changed"],
        ),
        (
            "a policy, by it",
            changed(change(2000, "Update conditional access policy", false, true)),
            Incomplete,
            &["account-acted", "policy-changed"],
        ),
        ("before", changed(change(61 * 24 * 60, "Update user", true, false)), Incomplete, &[]),
    ];
    let mut seen = BTreeSet::new();
    for (what, record, verdict, wanted) in cases {
        let (is, mut ids) = told(&record);
        seen.extend(ids.iter().filter(|id| OWN_ACTIONS.contains(&id.as_str())).cloned());
        ids.sort();
        let mut wanted: Vec<String> = wanted.iter().map(|id| (*id).to_owned()).collect();
        wanted.sort();
        assert_eq!((is, ids), (verdict, wanted), "{what}: {:#?}", judged(&record).actions);
    }
    let undone = begun();
    seen.extend(
        judged(&undone).undone.into_iter().map(|action| action.id).filter(|id| id == "key-not-checked"),
    );
    let all: BTreeSet<String> = OWN_ACTIONS.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(seen, all, "each is shown here");
}

/// What somebody answers for is no business of a drill, whenever it was.
#[test]
fn what_was_answered_for_is_neither_untold_nor_outside() {
    for ago in [90, 2000] {
        let one = sign_in(minutes(ago), 0);
        let (from, until) = (one.at, one.at);
        let used = AccountUsed { account: "ea-01".into(), from, until, why: "an emergency".into(), by: None };
        let record = signed_in().add(minutes(1), Payload::AccountUsed(used));
        assert_eq!(told(&shows(record, &[sign_in(minutes(60), 0), one])).1, [""; 0], "{ago}");
    }
}

/// A key that goes by another label is the same key: what was done and said of it stays with it.
#[test]
fn a_key_that_is_relabelled_stays_in_the_drill() {
    let record = not_checked(Because::Missing);
    let (label, new_label) = (label(), "Safe-7".to_owned());
    let renamed = record.add(minutes(100), Payload::Relabelled(Relabelled { label, new_label }));
    let drill = renamed.0.open_drill().unwrap();
    assert_eq!(drill.keys.iter().map(|key| key.label.as_str()).collect::<Vec<_>>(), ["Safe-7"]);
    let judged = judged(&renamed);
    assert!(judged.left.keys.is_empty());
    assert_eq!(
        judged.actions.iter().map(|action| action.about.as_deref()).collect::<Vec<_>>(),
        [Some("Safe-7")]
    );
}
