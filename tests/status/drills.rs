//! Drills: when an account is due, who has left, what is left to do, who signs in between.

use glasskey::ledger::bytes::Hash;
use glasskey::ledger::chain::Entry;
use glasskey::ledger::event::{Body, Event};
use glasskey::ledger::payload::*;

use super::*;

/// A record of events, each so long before now.
#[derive(Default)]
pub(crate) struct Record(Inventory);

impl Record {
    fn add(mut self, ago: SignedDuration, payload: Payload) -> Self {
        let (at, zero) = (now() - ago, Hash::ZERO);
        let event = Event {
            seq: self.0.events() + 1,
            at,
            kind: payload.kind().to_owned(),
            body: String::new(),
            prev: zero,
            seal: zero,
            receipt: None,
            hash: zero,
        };
        self.0.apply(&Entry { event, body: Some(Body::new(at, [0; 32], payload)) });
        assert_eq!(self.0.odd(), 0, "{:?}", self.0.oddities());
        self
    }

    /// A ledger that was made long ago, with a log that shows nothing.
    fn new() -> Self {
        Self::default()
            .add(days(400), Payload::LedgerCreated(LedgerCreated::default()))
            .add(days(400), log("EA-02", vec![]))
    }

    fn begin(self, ago: SignedDuration, accounts: &[(&str, &str)]) -> Self {
        let account = |(name, custodian): &(&str, &str)| DrillAccount {
            name: (*name).to_owned(),
            custodians: vec![(*custodian).to_owned()],
            keys: vec![],
        };
        self.add(
            ago,
            Payload::DrillBegun(Box::new(DrillBegun {
                accounts: accounts.iter().map(account).collect(),
                questions: vec![],
                interval_days: 90,
                alert_limit_minutes: 15,
                by: Some("Ana Ader".to_owned()),
                present: vec![],
            })),
        )
    }

    fn end(
        self,
        ago: SignedDuration,
        verdicts: &[(&str, DrillVerdict)],
        actions: &[(&str, Option<&str>)],
    ) -> Self {
        let one = |(account, verdict): &(&str, DrillVerdict)| DrilledAccount {
            account: (*account).to_owned(),
            verdict: *verdict,
            next_due: now(),
            alert_delay_seconds: None,
        };
        let action = |(id, about): &(&str, Option<&str>)| Action {
            id: (*id).to_owned(),
            what: "Mend it.".to_owned(),
            owner: Some("Bo Berg".to_owned()),
            about: about.map(str::to_owned),
        };
        let drill = self.0.open_drill().unwrap().number();
        let verdict = verdicts.first().map_or(DrillVerdict::Abandoned, |(_, verdict)| *verdict);
        let how = DrillEnded {
            drill,
            verdict,
            why: None,
            accounts: verdicts.iter().map(one).collect(),
            actions: actions.iter().map(action).collect(),
        };
        self.add(ago, Payload::DrillEnded(Box::new(how)))
    }
}

/// A sign-in log that was looked through.
fn log(account: &str, sign_ins: Vec<SignInSeen>) -> Payload {
    Payload::EvidenceAttached(Box::new(EvidenceAttached {
        drill: None,
        account: account.to_owned(),
        log: LogKind::SignIns,
        file: "signins.json".to_owned(),
        sha256: Hash::ZERO,
        entries: 1,
        first: None,
        last: None,
        partial: false,
        sign_ins,
        changes: vec![],
        left_out: 0,
    }))
}

const BOTH: &[(&str, &str)] = &[("EA-01", "Ana Ader"), ("ea-02", "bo berg")];
const PASSED: &[(&str, DrillVerdict)] = &[("EA-01", DrillVerdict::Passed), ("ea-02", DrillVerdict::Passed)];

/// Both accounts passed a drill so long ago.
pub(crate) fn passed(ago: SignedDuration) -> Inventory {
    Record::new().begin(ago + days(1), BOTH).end(ago, PASSED, &[]).0
}

fn with(inventory: Inventory) -> Status {
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
    let never = with(Record::new().0);
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
    let record = || Record::new().begin(days(31), BOTH).end(days(30), PASSED, &[]);
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
    assert_eq!(only(&with(Record::new().0), Id::PersonnelChange).status, Sign::Skipped);
}

#[test]
fn a_drill_that_is_open_is_told_and_one_that_was_forgotten_breaks_a_rule() {
    let open = |ago| with(Record::new().begin(days(31), BOTH).end(days(30), PASSED, &[]).begin(ago, BOTH).0);
    let new = open(days(1));
    assert_eq!((only(&new, Id::DrillOpen).status, new.well), (Sign::Warn, true));
    assert_eq!(new.open_drill.as_ref().unwrap().drill, 5);
    assert_eq!(only(&open(days(15)), Id::DrillOpen).status, Sign::Fail);
}

#[test]
fn what_a_drill_found_is_told_until_it_is_done_or_the_next_drill_ends() {
    let actions = [("combinations-changed", None), ("role", Some("EA-01")), ("alert-late", Some("EA-02"))];
    let first = || Record::new().begin(days(6), BOTH).end(days(5), PASSED, &actions);
    let status = with(first().0);
    assert_eq!(status.actions.len(), 3);
    assert_eq!((status.actions[1].drill, status.actions[1].number), (3, 2));
    assert!(rows(&status, Id::DrillActions).iter().all(|row| row.status == Sign::Warn) && status.well);
    let closed = Payload::ActionClosed(ActionClosed { drill: 3, action: 2, how: "done".into(), by: None });
    let left = |status: &Status| status.actions.iter().map(|open| open.action.id.clone()).collect::<Vec<_>>();
    assert_eq!(left(&with(first().add(days(4), closed).0)), ["combinations-changed", "alert-late"]);
    let again = first().begin(days(3), &[("EA-02", "Bo Berg")]).end(days(2), &PASSED[1..], &[]);
    assert_eq!(left(&with(again.0)), ["combinations-changed", "role"], "the second drill was about EA-02");
}

#[test]
fn a_sign_in_that_nobody_answers_for_is_an_alarm_until_somebody_does() {
    let sign_in = |ago: SignedDuration, error_code| SignInSeen {
        at: now() - ago,
        id: Some("id-1".to_owned()),
        error_code,
        methods: vec![],
        application: None,
        address: Some("203.0.113.7".to_owned()),
    };
    let record = |one: SignInSeen| {
        Record::new()
            .begin(days(31), BOTH)
            .end(days(30), PASSED, &[])
            .add(days(1), log("ea-01", vec![one.clone(), one]))
    };
    let row = |record: Record| rows(&with(record.0), Id::SignIns)[0].clone();
    let alarm = row(record(sign_in(days(3), 0)));
    assert_eq!((alarm.status, alarm.about.as_deref()), (Sign::Fail, Some("EA-01")));
    assert_eq!(
        alarm.saw,
        "1 sign-in outside drills that nobody answers for, the first on 2026-11-18 12:00:00Z from 203.0.113.7"
    );
    assert_eq!(row(record(sign_in(days(3), 50126))).status, Sign::Warn, "somebody tried");
    assert_eq!(row(record(sign_in(days(30), 0))).status, Sign::Pass, "in the drill");
    assert_eq!(row(record(sign_in(days(60), 0))).status, Sign::Pass, "the last drill's business");
    let used = |from: SignedDuration, until: SignedDuration| {
        Payload::AccountUsed(AccountUsed {
            account: "EA-01".to_owned(),
            from: now() - from,
            until: now() - until,
            why: "federation was down".to_owned(),
            by: None,
        })
    };
    let minutes = SignedDuration::from_mins;
    let answered = |from, until| row(record(sign_in(days(3), 0)).add(days(0), used(from, until))).status;
    assert_eq!(answered(days(3), days(3)), Sign::Pass);
    assert_eq!(answered(days(3) + minutes(60), days(3) + minutes(15)), Sign::Pass, "clocks differ");
    assert_eq!(answered(days(3) + minutes(60), days(3) + minutes(16)), Sign::Fail, "another time");
    let abandoned = record(sign_in(days(3), 0)).begin(days(0), BOTH).end(days(0), &[], &[]);
    assert_eq!(row(abandoned).status, Sign::Fail, "to begin a drill and give it up explains nothing");
}
