//! A record of events, each so long before a fixed moment, without keys and without a file: for what is judged by the
//! record alone.

use glasskey::ledger::Inventory;
use glasskey::ledger::bytes::Hash;
use glasskey::ledger::chain::Entry;
use glasskey::ledger::event::{Body, Event};
use glasskey::ledger::payload::*;
use glasskey::plan::About;
use glasskey::plan::question::{ALERT, SIGN_IN};
use jiff::{SignedDuration, Timestamp};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

pub(crate) fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// What is asked here: the two questions that the program itself understands.
fn question(id: &str) -> Question {
    Question {
        id: id.to_owned(),
        text: format!("What about {id}?"),
        about: About::Account,
        required: true,
        may_not_apply: false,
        timed: true,
        before: false,
        owner: None,
    }
}

#[derive(Clone)]
pub(crate) struct Record(pub(crate) Inventory);

impl Record {
    /// A ledger that was made long ago.
    pub(crate) fn new() -> Self {
        Self(Inventory::default()).add(days(400), Payload::LedgerCreated(LedgerCreated::default()))
    }

    pub(crate) fn add(mut self, ago: SignedDuration, payload: Payload) -> Self {
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

    /// A drill of these accounts, each with its custodian, of the keys that are enrolled for them.
    pub(crate) fn begin(self, ago: SignedDuration, accounts: &[(&str, &str)]) -> Self {
        let key = |key: &glasskey::ledger::inventory::Key| DrillKey {
            label: key.label.clone(),
            site: None,
            bag: None,
        };
        let account = |(name, custodian): &(&str, &str)| DrillAccount {
            name: (*name).to_owned(),
            custodians: vec![(*custodian).to_owned()],
            keys: self.0.keys().iter().filter(|one| one.account == *name).map(key).collect(),
        };
        let begun = DrillBegun {
            accounts: accounts.iter().map(account).collect(),
            questions: [SIGN_IN, ALERT].map(question).into(),
            interval_days: 90,
            alert_limit_minutes: 15,
            by: Some("Ana Ader".to_owned()),
            present: vec![],
        };
        self.add(ago, Payload::DrillBegun(Box::new(begun)))
    }

    /// The number of the drill that goes on.
    pub(crate) fn drill(&self) -> u64 {
        self.0.open_drill().unwrap().number()
    }

    /// An answer about an account, with the time that was told.
    pub(crate) fn said(
        self,
        ago: SignedDuration,
        (question, account): (&str, &str),
        answer: Answer,
        told: Option<SignedDuration>,
    ) -> Self {
        let said = DrillAnswered {
            drill: self.drill(),
            question: question.to_owned(),
            account: Some(account.to_owned()),
            label: None,
            answer,
            told: told.map(|told| now() - told),
            note: None,
            by: None,
        };
        self.add(ago, Payload::DrillAnswered(said))
    }

    /// Looks a log through for the drill that goes on.
    pub(crate) fn looked(self, ago: SignedDuration, log: EvidenceAttached) -> Self {
        let drill = Some(self.drill());
        self.add(ago, Payload::EvidenceAttached(Box::new(EvidenceAttached { drill, ..log })))
    }

    /// Looks a log through apart from drills.
    pub(crate) fn attached(self, ago: SignedDuration, log: EvidenceAttached) -> Self {
        self.add(ago, Payload::EvidenceAttached(Box::new(log)))
    }

    /// The drill ends; without a verdict it is given up.
    pub(crate) fn end(
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
        let how = DrillEnded {
            drill: self.drill(),
            verdict: verdicts.first().map_or(DrillVerdict::Abandoned, |(_, verdict)| *verdict),
            why: None,
            accounts: verdicts.iter().map(one).collect(),
            actions: actions.iter().map(action).collect(),
        };
        self.add(ago, Payload::DrillEnded(Box::new(how)))
    }
}

/// A sign-in so long ago; error code 0 is success.
pub(crate) fn sign_in(ago: SignedDuration, error_code: i64) -> SignInSeen {
    SignInSeen {
        at: now() - ago,
        id: Some(format!("id-{}-{error_code}", ago.as_secs())),
        error_code,
        methods: vec![],
        application: None,
        address: Some("203.0.113.7".to_owned()),
    }
}

/// A sign-in log of the last 400 days up to so long ago, with these sign-ins of the account.
pub(crate) fn log(account: &str, last: SignedDuration, sign_ins: &[SignInSeen]) -> EvidenceAttached {
    EvidenceAttached {
        drill: None,
        account: account.to_owned(),
        log: LogKind::SignIns,
        file: "signins.json".to_owned(),
        sha256: Hash::ZERO,
        entries: 1,
        first: Some(now() - days(400)),
        last: Some(now() - last),
        partial: false,
        sign_ins: sign_ins.to_vec(),
        changes: vec![],
        left_out: 0,
    }
}
