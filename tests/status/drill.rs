//! When a key is due, to the second.

use super::*;

fn checked(ago: SignedDuration) -> Status {
    good()
        .bend(|good| {
            good.keys[0].last_good_check = Some(now() - ago);
            good.keys[0].last_checked = Some(now() - ago);
        })
        .status()
}

#[test]
fn the_boundaries_of_an_interval() {
    let second = SignedDuration::from_secs(1);
    let cases = [
        (days(0), Drill::Good),
        (days(76) - second, Drill::Good),
        (days(76), Drill::Soon),
        (days(90) - second, Drill::Soon),
        (days(90), Drill::Soon),
        (days(90) + second, Drill::Overdue),
        (days(9000), Drill::Overdue),
        (-days(1), Drill::Good),
        (-days(1) - second, Drill::InTheFuture),
    ];
    for (ago, wanted) in cases {
        let status = checked(ago);
        assert_eq!(status.keys[0].drill, Some(wanted), "{ago:#}");
        let sign = match wanted {
            Drill::Good => Sign::Pass,
            Drill::Soon | Drill::NeverChecked => Sign::Warn,
            Drill::Overdue | Drill::InTheFuture => Sign::Fail,
        };
        assert_eq!(rows(&status, Id::Drill)[0].status, sign, "{ago:#}");
        assert_eq!(status.well, sign != Sign::Fail, "{ago:#}");
        all_else_passes(&status, &[Id::Drill, Id::Advisory]);
    }
}

#[test]
fn the_words_name_days() {
    let row = |ago| only(&checked(ago), Id::Drill).clone();
    assert_eq!(row(days(80)).saw, "last checked well on 2026-09-02; due on 2026-12-01, in 10 days");
    assert_eq!(row(days(93)).saw, "last checked well on 2026-08-20; overdue since 2026-11-18, for 3 days");
    assert!(row(days(90)).saw.ends_with("in less than a day"));
    assert!(row(days(93)).cure.unwrap().contains("check --key EA-01-A"));
}

#[test]
fn a_key_that_was_never_checked() {
    let never = |enrolled, checked: Option<Timestamp>| {
        good()
            .bend(|good| {
                good.keys[0] = Held {
                    enrolled,
                    last_checked: checked,
                    last_good_check: None,
                    last_verdict: checked.map(|_| Verdict::NotFit),
                    ..good.keys[0]
                };
            })
            .status()
    };
    let new = never(now() - days(1), None);
    assert_eq!((new.keys[0].drill, only(&new, Id::Drill).status), (Some(Drill::NeverChecked), Sign::Warn));
    assert!(
        only(&new, Id::Drill)
            .saw
            .contains("never checked since its enrolment on 2026-11-20; due on 2027-02-18")
    );
    let old = never(now() - days(91), None);
    assert_eq!((old.keys[0].drill, only(&old, Id::Drill).status), (Some(Drill::Overdue), Sign::Fail));
    let unwell = never(now() - days(91), Some(now() - days(1)));
    assert_eq!(unwell.keys[0].drill, Some(Drill::Overdue), "a check that failed does not count");
    assert!(rows(&unwell, Id::Drill)[0].saw.contains("never checked well"));
}

#[test]
fn a_key_that_was_lost_and_found_is_due_at_once_until_it_is_checked_well() {
    let found = |bend: fn(&mut Held<'_>)| {
        good()
            .bend(|good| {
                let key = &mut good.keys[0];
                (key.found, key.last_good_check, key.last_verdict) = (Some(now()), None, None);
                (key.enrolled, key.last_checked) = (now() - days(10), Some(now() - days(9)));
                bend(key);
            })
            .status()
    };
    let status = found(|_| {});
    assert_eq!((status.keys[0].drill, status.keys[0].due), (Some(Drill::Overdue), Some(now())));
    let row = only(&status, Id::Drill);
    assert_eq!(row.status, Sign::Fail);
    assert_eq!(
        row.saw,
        "found again, and not checked well since; overdue since 2026-11-21, for less than a day"
    );
    let checked = found(|key| key.last_good_check = Some(now()));
    assert_eq!(checked.keys[0].drill, Some(Drill::Good));
    all_else_passes(&checked, &[]);
}

#[test]
fn a_short_interval_is_not_always_soon() {
    let case = |ago| {
        let good = good().plan("drill_interval_days = 90", "drill_interval_days = 10");
        let good = good.bend(|good| {
            good.keys.iter_mut().for_each(|key| key.last_good_check = Some(now() - ago));
        });
        good.status().keys[0].drill
    };
    assert_eq!(case(days(4)), Some(Drill::Good));
    assert_eq!(case(days(5)), Some(Drill::Soon));
}

#[test]
fn the_worst_comes_first_and_dates_at_the_ends_of_time_break_nothing() {
    let status = good()
        .bend(|good| {
            good.keys[0].last_good_check = Some(now() - days(80));
            good.keys[1].last_good_check = Some(Timestamp::MIN);
            good.keys[2].last_good_check = Some(Timestamp::MAX);
        })
        .status();
    let about: Vec<_> = rows(&status, Id::Drill).iter().map(|row| row.about.as_deref().unwrap()).collect();
    assert_eq!(about, ["EA-02-A", "EA-01-B", "EA-01-A"]);
    for now in [Timestamp::MIN, Timestamp::MAX] {
        assert!(!good().bend(|good| good.now = now).status().well);
    }
}
