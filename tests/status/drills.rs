//! Drills: when an account is due, who has left, what is left to do.

use glasskey::ledger::payload::*;

use super::*;

/// A ledger that was made long ago, and logs that show nothing and never end.
fn record() -> Record {
    let empty = |account| log(account, -days(10), &[]);
    Record::new().attached(days(400), empty("EA-01")).attached(days(400), empty("EA-02"))
}

pub(crate) const BOTH: &[(&str, &str)] = &[("EA-01", "Ana Ader"), ("ea-02", "bo berg")];
pub(crate) const PASSED: &[(&str, DrillVerdict)] =
    &[("EA-01", DrillVerdict::Passed), ("ea-02", DrillVerdict::Passed)];

/// Both accounts passed a drill so long ago.
pub(crate) fn passed(ago: SignedDuration) -> Inventory {
    record().begin(ago + days(1), BOTH).end(ago, PASSED, &[]).0
}

pub(crate) fn with(inventory: Inventory) -> Status {
    good().bend(|good| good.inventory = inventory).status()
}

#[test]
fn an_account_is_due_an_interval_after_the_last_drill_that_it_passed() {
    let second = SignedDuration::from_secs(1);
    for (ago, wanted, sign) in [
        (days(0), Drill::Good, Sign::Pass),
        (days(76) - second, Drill::Good, Sign::Pass),
        (days(76), Drill::Soon, Sign::Warn),
        (days(90), Drill::Soon, Sign::Warn),
        (days(90) + second, Drill::Overdue, Sign::Fail),
        (-days(2), Drill::InTheFuture, Sign::Fail),
    ] {
        let status = with(passed(ago));
        assert_eq!(status.accounts[0].drill, Some(wanted), "{ago:#}");
        assert_eq!(status.accounts[1].drill_due, Some(now() - ago + days(90)));
        assert_eq!(rows(&status, Id::AccountDrill)[0].status, sign, "{ago:#}");
        assert_eq!(status.well, sign != Sign::Fail);
        all_else_passes(&status, &[Id::AccountDrill]);
    }
    let never = with(record().0);
    assert_eq!(never.accounts[0].drill, Some(Drill::Overdue), "enrolled 200 days ago");
    assert!(
        rows(&never, Id::AccountDrill)[0]
            .saw
            .contains("never drilled since its first key was enrolled on 2026-05-05")
    );
}

#[test]
fn a_failed_drill_is_no_drill_and_an_abandoned_one_is_nothing() {
    let one_failed = [("EA-01", DrillVerdict::Failed), ("EA-02", DrillVerdict::Passed)];
    let record = || record().begin(days(31), BOTH).end(days(30), PASSED, &[]);
    let failed = with(record().begin(days(6), BOTH).end(days(5), &one_failed, &[]).0);
    let row = only(&failed, Id::AccountDrill);
    assert_eq!((row.status, row.about.as_deref()), (Sign::Warn, Some("EA-01")));
    assert!(
        row.saw.starts_with("last drill failed on 2026-11-16, last passed on 2026-10-22; due on"),
        "{}",
        row.saw
    );
    assert_eq!(failed.accounts[0].last_drill.as_ref().unwrap().verdict, DrillVerdict::Failed);
    assert_eq!(failed.accounts[0].drill_due, Some(now() + days(60)));
    assert_eq!(failed.accounts[1].drill_due, Some(now() + days(85)));
    let abandoned = with(record().begin(days(6), BOTH).end(days(5), &[], &[("x", None)]).0);
    all_else_passes(&abandoned, &[]);
    assert_eq!(abandoned.accounts[0].last_drill.as_ref().unwrap().verdict, DrillVerdict::Passed);
}

#[test]
fn who_left_since_the_last_drill_makes_it_due_now_and_who_came_is_warned_of() {
    let since = |custodians: &str| {
        let names = custodians.split(", ").map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let people = custodians.split(", ").filter(|name| !["ana ader", "Ana Ader"].contains(name));
        let more: String = people.map(|name| format!("[[custodian]]\nname = \"{name}\"\n")).collect();
        let status = good()
            .plan("custodians = [\"Ana Ader\"]", &format!("custodians = [{names}]"))
            .plan("[rules]", &format!("{more}[rules]"))
            .bend(|good| good.keys[0].custodian = None)
            .status();
        let row = rows(&status, Id::PersonnelChange)[0].clone();
        all_else_passes(&status, &[Id::PersonnelChange]);
        (row.status, row.saw)
    };
    assert_eq!(since("ana ader").0, Sign::Pass, "the same person in other letters");
    let (sign, saw) = since("Ana Ader, Cleo");
    assert!(sign == Sign::Warn && saw.ends_with("these came: Cleo"), "{saw}");
    let (sign, saw) = since("Cleo");
    assert!(sign == Sign::Fail && saw.contains("custodians no more: Ana Ader"), "{saw}");
    assert_eq!(only(&with(record().0), Id::PersonnelChange).status, Sign::Skipped);
}

#[test]
fn a_drill_that_is_open_is_told_and_one_that_was_forgotten_breaks_a_rule() {
    let open = |ago| with(record().begin(days(31), BOTH).end(days(30), PASSED, &[]).begin(ago, BOTH).0);
    let new = open(days(1));
    assert_eq!((only(&new, Id::DrillOpen).status, new.well), (Sign::Warn, true));
    assert_eq!(new.open_drill.as_ref().unwrap().drill, 6);
    assert_eq!(only(&open(days(15)), Id::DrillOpen).status, Sign::Fail);
}

#[test]
fn what_a_drill_found_is_told_until_it_is_done_or_the_next_drill_ends() {
    let actions = [("combinations-changed", None), ("role", Some("EA-01")), ("alert-late", Some("EA-02"))];
    let first = || record().begin(days(6), BOTH).end(days(5), PASSED, &actions);
    let status = with(first().0);
    assert_eq!(status.actions.len(), 3);
    assert_eq!((status.actions[1].drill, status.actions[1].number), (4, 2));
    let told = rows(&status, Id::DrillActions);
    assert!(told.iter().all(|row| row.status == Sign::Warn) && status.well);
    let cure = told[1].cure.as_deref().unwrap();
    assert!(cure.contains("`glasskey drill --close 4.2 --why REASON`"), "{cure}");
    let closed = Payload::ActionClosed(ActionClosed { drill: 4, action: 2, how: "done".into(), by: None });
    let left = |status: &Status| status.actions.iter().map(|open| open.action.id.clone()).collect::<Vec<_>>();
    assert_eq!(left(&with(first().add(days(4), closed).0)), ["combinations-changed", "alert-late"]);
    let again = first().begin(days(3), &[("EA-02", "Bo Berg")]).end(days(2), &PASSED[1..], &[]);
    assert_eq!(left(&with(again.0)), ["combinations-changed", "role"], "the second drill was about EA-02");
}
