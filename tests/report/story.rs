//! A year and a half of custody, made up: two accounts, five keys, five drills. The same bytes every time.

use glasskey::catalogue::Catalogue;
use glasskey::drill::set_out;
use glasskey::ledger::bytes::Hash;
use glasskey::ledger::payload::*;
use glasskey::ledger::{Ledger, LedgerError, Writer};
use glasskey::plan::{About, Plan};
use glasskey::policy::PolicySet;
use glasskey::report::label::Stand;
use glasskey::report::{Case, Label, Past, Report};
use glasskey::status::status;
use glasskey::verdict::finding::Id;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::custody::{Key, folder, nonce};

const YUBIKEY: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";
const TOKEN2: &str = "eabb46cc-e241-80bf-ae9e-96fa6d2975cf";

pub(crate) const PLAN: &str = r#"
organisation = "Contoso Versicherungen AG"
[[account]]
name = "EA-01"
upn = "ea-01@contoso.onmicrosoft.com"
object_id = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f"
sites = ["Berlin"]
custodians = ["Ana Ader", "Chris Čapek"]
[[account]]
name = "EA-02"
upn = "ea-02@contoso.onmicrosoft.com"
object_id = "2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10"
sites = ["Bonn"]
custodians = ["Bo Berg"]
[[site]]
name = "Berlin"
place = "Head office, room 1.23, safe 4"
[[site]]
name = "Bonn"
[[custodian]]
name = "Ana Ader"
[[custodian]]
name = "Bo Berg"
[[custodian]]
name = "Chris Čapek"
[rules]
diversity = "disjoint"
keys_per_account = 2
drill_interval_days = 90
pin_location = "apart"
[policy]
passkey_profile = "profile.txt"
authentication_strength = "strength.txt"
[labels]
contact = "Found? Call +49 30 1234567"
"#;

/// A ledger in the making, with a clock of its own.
pub(crate) struct Story {
    pub(crate) home: TempDir,
    pub(crate) writer: Writer,
    now: Timestamp,
}

impl Story {
    pub(crate) fn begins(at: &str) -> Self {
        let home = folder();
        let now: Timestamp = at.parse().unwrap();
        let created = LedgerCreated { organisation: Some("Contoso Versicherungen AG".into()) };
        let writer = Writer::create(&home.path().join("ledger.db"), created, now, nonce(0)).unwrap();
        Self { home, writer, now }
    }

    pub(crate) fn on(&mut self, at: &str) -> &mut Self {
        self.now = at.parse().unwrap();
        self
    }

    fn later(&mut self, minutes: i64) {
        self.now = self.now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    }

    pub(crate) fn write(&mut self, payload: Payload) -> u64 {
        self.writer.record(payload, self.now, nonce(2)).unwrap().seq
    }

    pub(crate) fn signed(&mut self, key: &mut Key, payload: Payload) -> u64 {
        key.signed_at(&mut self.writer, payload, self.now).seq
    }

    /// Enrolls a key; its number makes it the same one every time.
    fn enroll(&mut self, number: u32, label: &str, account: &str) -> Key {
        let mut key = Key::new(number);
        label.clone_into(&mut key.label);
        let yubikey = account == "EA-01";
        key.aaguid = *uuid::Uuid::parse_str(if yubikey { YUBIKEY } else { TOKEN2 }).unwrap().as_bytes();
        let mut enrolled = key.enrolled(account, false);
        let told = if yubikey { ("YubiKey 5 NFC", "Yubico") } else { ("Token2 PIN+ Release3", "Token2") };
        (enrolled.model, enrolled.vendor) = (Some(told.0.into()), Some(told.1.into()));
        let at = if yubikey { ("Berlin", "Ana Ader", "Bo Berg") } else { ("Bonn", "Bo Berg", "Ana Ader") };
        (enrolled.site, enrolled.custodian, enrolled.witness) =
            (Some(at.0.into()), Some(at.1.into()), Some(at.2.into()));
        (enrolled.findings, enrolled.facts) = (findings(&[]), facts(8));
        enrolled.firmware = yubikey.then_some(329_476);
        self.later(6);
        self.signed(&mut key, Payload::Enrolled(Box::new(enrolled)));
        self.bag(label, number * 7 + 4600, None);
        key
    }

    fn bag(&mut self, label: &str, number: u32, drill: Option<u64>) {
        self.later(1);
        let bag = Some(format!("S-{number:05}"));
        self.write(Payload::Moved(Moved { label: label.into(), site: None, custodian: None, bag, drill }));
    }

    pub(crate) fn check(&mut self, key: &mut Key, drill: Option<u64>, left: u64, wrong: &[(Id, &str, &str)]) {
        self.later(4);
        let failed = wrong.iter().any(|(_, status, _)| *status == "fail");
        let verdict = match (failed, wrong) {
            (true, _) => Verdict::NotFit,
            (false, []) => Verdict::Fit,
            (false, _) => Verdict::FitWithWarnings,
        };
        let Payload::Checked(mut checked) = key.checked(verdict) else { panic!("a check") };
        (checked.findings, checked.facts, checked.drill) = (findings(wrong), facts(left), drill);
        self.signed(key, Payload::Checked(checked));
    }

    /// A drill of both accounts: each key, the answers, the end.
    fn drill(
        &mut self,
        at: &str,
        keys: &mut [&mut Key],
        delay: i64,
        verdict: DrillVerdict,
        actions: Vec<Action>,
    ) -> u64 {
        self.on(at);
        let plan = Plan::parse("custody.toml", PLAN).unwrap();
        let accounts: Vec<_> = plan.accounts.iter().collect();
        let present = vec!["Ana Ader".into(), "Bo Berg".into()];
        let begun = set_out(&plan, self.writer.inventory(), &accounts, Some("Dana Dahl".into()), present);
        // What is asked of every single bag is left out.
        let questions: Vec<_> =
            begun.questions.iter().filter(|question| question.about != About::Key).cloned().collect();
        let begun = DrillBegun { questions: questions.clone(), ..begun };
        let drill = self.write(Payload::DrillBegun(Box::new(begun)));
        for key in keys.iter_mut() {
            self.check(key, Some(drill), 8, &[]);
            let letters = key.label.bytes().fold(0, |sum: u32, byte| (sum * 3 + u32::from(byte)) % 1000);
            let bag = u32::try_from(drill).unwrap() * 13 + 4700 + letters;
            self.bag(&key.label, bag, Some(drill));
        }
        let signed_in = self.now;
        for question in questions {
            let abouts: &[_] = match question.about {
                About::Account => &[Some("EA-01"), Some("EA-02")],
                About::Drill | About::Key => &[None],
            };
            for account in abouts {
                self.later(1);
                let seconds = match question.id.as_str() {
                    "sign-in" => Some(0),
                    "alert" => Some(delay),
                    _ => None,
                };
                let (answer, note) = match question.id.as_str() {
                    "role" => (Answer::Yes, Some("read the list of role members".into())),
                    "two-networks" => (Answer::No, Some("the second line is ordered".into())),
                    _ => (Answer::Yes, None),
                };
                self.write(Payload::DrillAnswered(DrillAnswered {
                    drill,
                    question: question.id.clone(),
                    account: account.map(str::to_owned),
                    label: None,
                    answer,
                    told: seconds
                        .map(|after| signed_in.checked_add(SignedDuration::from_secs(after)).unwrap()),
                    note,
                    by: Some("Dana Dahl".into()),
                }));
            }
        }
        self.look_through(drill, signed_in);
        self.later(5);
        let next_due = self.now.checked_add(SignedDuration::from_hours(90 * 24)).unwrap();
        let told = |name: &str| DrilledAccount {
            account: name.into(),
            verdict,
            next_due,
            alert_delay_seconds: Some(delay),
        };
        self.write(Payload::DrillEnded(Box::new(DrillEnded {
            drill,
            verdict,
            why: None,
            accounts: vec![told("EA-01"), told("EA-02")],
            actions,
        })));
        drill
    }
}

impl Story {
    /// Logs of a drill: each account signed in with a passkey, and of the first one a method was changed.
    fn look_through(&mut self, drill: u64, signed_in: Timestamp) {
        self.later(2);
        let after = |seconds: i64| signed_in.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        for (account, seconds) in [("EA-01", 20_i64), ("EA-02", 80)] {
            let sign_in = SignInSeen {
                at: after(seconds),
                id: Some(format!("66ea54eb-6301-4ee5-be62-{drill:08}{seconds:04}")),
                error_code: 0,
                methods: vec!["Passkey (device-bound)".into()],
                application: Some("Azure Portal".into()),
                address: Some("203.0.113.7".into()),
            };
            let of = |log, sign_ins, changes| EvidenceAttached {
                drill: Some(drill),
                account: account.into(),
                log,
                file: if log == LogKind::Audit { "audit.json".into() } else { "signins.json".into() },
                sha256: Hash::new([7; 32]),
                entries: 212,
                first: Some(after(-86_400)),
                last: Some(after(600)),
                partial: false,
                sign_ins,
                changes,
                left_out: 0,
            };
            self.write(Payload::EvidenceAttached(Box::new(of(LogKind::SignIns, vec![sign_in], vec![]))));
            if account == "EA-01" {
                let change = ChangeSeen {
                    at: after(-4000),
                    id: None,
                    activity: "User registered security info".into(),
                    success: true,
                    of_account: true,
                    by_account: false,
                };
                self.write(Payload::EvidenceAttached(Box::new(of(LogKind::Audit, vec![], vec![change]))));
            }
        }
    }
}

/// Many keys, each checked so many times; one check in ten finds something. A fiftieth as many accounts.
pub(crate) fn crowd(keys: u32, checks: u32) -> (Story, Plan) {
    let mut story = Story::begins("2021-01-01T00:00:00Z");
    let account = |number: u32| format!("EA-{:02}", number / 50 + 1);
    let mut crowd: Vec<Key> = (0..keys)
        .map(|number| story.enroll(number, &format!("{}-{number}", account(number)), &account(number)))
        .collect();
    for round in 0..checks {
        story.on(&format!("{}-{:02}-01T00:00:00Z", 2021 + (round + 2) / 12, (round + 2) % 12 + 1));
        for (number, key) in (0_u32..).zip(&mut crowd) {
            let wrong: &[_] = match (round + number) % 20 {
                3 => &[(Id::PinRetries, "warn", "3 attempts left before this check")],
                7 => &[(Id::AllowList, "fail", "the passkey profile does not allow the model any more")],
                _ => &[],
            };
            story.check(key, None, 8, wrong);
        }
    }
    let accounts = (0..keys).step_by(50).map(|number| {
        format!(
            "[[account]]\nname = \"{0}\"\nupn = \"{0}@contoso.onmicrosoft.com\"\nobject_id = \"1f0c3e5a-7b2d-4c61-9e80-5a4b{number:08x}\"\nkeys = 50\n",
            account(number)
        )
    });
    let rules = "[rules]\npin_location = \"apart\"\n[policy]\npasskey_profile = \"profile.txt\"\n";
    let text =
        format!("organisation = \"Contoso Versicherungen AG\"\n{}{rules}", accounts.collect::<String>());
    (story, Plan::parse("custody.toml", &text).unwrap())
}

/// Twenty findings, all of them passes but these.
pub(crate) fn findings(wrong: &[(Id, &str, &str)]) -> Value {
    let one = |id: &Id| match wrong.iter().find(|(wrong, ..)| wrong == id) {
        Some((_, status, saw)) => {
            json!({ "id": id.name(), "status": status, "saw": saw, "why": id.why(), "cure": "Look into it." })
        }
        None => json!({ "id": id.name(), "status": "pass", "saw": "well", "why": id.why(), "cure": null }),
    };
    // So many that the story stays the same when there are more.
    Id::ALL.iter().take(20).map(one).collect()
}

pub(crate) fn facts(left: u64) -> Value {
    let extensions: Vec<String> =
        (0..40).map(|number| format!("what a key tells of itself, {number}")).collect();
    json!({
        "path": "/dev/hidraw3", "product": "YubiKey FIDO", "retries": { "left": left, "power_cycle": false }, "soft": false,
        "info": { "extensions": extensions },
    })
}

/// The whole story; the last day is 2026-05-04.
pub(crate) fn told() -> Story {
    let mut story = Story::begins("2025-01-14T09:00:00Z");
    let mut a1 = story.on("2025-01-14T09:10:00Z").enroll(1, "EA-01-A", "EA-01");
    let mut b1 = story.enroll(2, "EA-01-B", "EA-01");
    let mut a2 = story.on("2025-01-15T13:00:00Z").enroll(3, "EA-02-A", "EA-02");
    let mut b2 = story.enroll(4, "EA-02-B", "EA-02");
    let late = Action {
        id: "alert".into(),
        what: "Find out why the alert came 41 minutes after the sign-in, and mend the rule.".into(),
        owner: Some("Security Operations".into()),
        about: Some("EA-02".into()),
    };
    story.drill(
        "2025-04-08T08:00:00Z",
        &mut [&mut a1, &mut b1, &mut a2, &mut b2],
        95,
        DrillVerdict::Passed,
        vec![],
    );
    let second = story.drill(
        "2025-07-03T08:00:00Z",
        &mut [&mut a1, &mut b1, &mut a2, &mut b2],
        41 * 60,
        DrillVerdict::Failed,
        vec![late],
    );
    story.on("2025-07-10T10:00:00Z");
    story.write(Payload::ActionClosed(ActionClosed {
        drill: second,
        action: 1,
        how: "The alert rule ran once an hour; it runs every 5 minutes now".into(),
        by: Some("Dana Dahl".into()),
    }));
    story.drill(
        "2025-09-25T08:00:00Z",
        &mut [&mut a1, &mut b1, &mut a2, &mut b2],
        140,
        DrillVerdict::Passed,
        vec![],
    );
    story.on("2025-11-20T15:00:00Z").check(
        &mut b2,
        None,
        5,
        &[(Id::PinRetries, "warn", "5 attempts left before this check")],
    );
    story
        .on("2025-12-01T09:00:00Z")
        .write(Payload::Lost(Lost { label: "EA-02-B".into(), why: "water in the safe in Bonn".into() }));
    let mut c2 = story.on("2025-12-03T09:00:00Z").enroll(5, "EA-02-C", "EA-02");
    story.drill(
        "2025-12-18T08:00:00Z",
        &mut [&mut a1, &mut b1, &mut a2, &mut c2],
        120,
        DrillVerdict::Passed,
        vec![],
    );
    let review = Action {
        id: "two-networks".into(),
        what:
            "Have a second network ready for the emergency computer, one that does not fail with the first."
                .into(),
        owner: Some("Network Operations".into()),
        about: None,
    };
    story.drill(
        "2026-03-17T08:00:00Z",
        &mut [&mut a1, &mut b1, &mut a2, &mut c2],
        104,
        DrillVerdict::Passed,
        vec![review],
    );
    let gone = "3 attempts left before this check";
    story.on("2026-04-28T07:30:00Z").check(&mut c2, None, 3, &[(Id::PinRetries, "warn", gone)]);
    story.on("2026-05-04T06:45:00Z");
    story
}

impl Story {
    pub(crate) fn plan(&self) -> Plan {
        Plan::parse("custody.toml", PLAN).unwrap()
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::open(&self.home.path().join("ledger.db")).unwrap()
    }

    /// The report of the present moment.
    pub(crate) fn report(&self, plan: &Plan) -> Report {
        let (ledger, catalogue) = (self.ledger(), Catalogue::builtin().unwrap());
        let lists = ["profile.txt", "strength.txt"].map(|name| self.home.path().join(name));
        for list in &lists {
            std::fs::write(list, format!("{YUBIKEY}\n{TOKEN2}\n")).unwrap();
        }
        let policy = PolicySet::load(&lists, None).unwrap();
        let status = status(plan, ledger.inventory(), Some(&policy), &catalogue, self.now);
        let mut past = Past::default();
        ledger
            .for_each::<LedgerError>(0, |entry| {
                past.take(&entry);
                Ok(())
            })
            .unwrap();
        Report::new(&Case {
            plan,
            inventory: ledger.inventory(),
            status: &status,
            catalogue: &catalogue,
            past: &past,
            ledger: "ledger.db",
            verified: None,
            now: self.now,
        })
    }

    /// The labels of all keys.
    pub(crate) fn labels(&self, plan: &Plan) -> Vec<Label> {
        let ledger = self.ledger();
        let stand = Stand { seq: ledger.chain().seq, head: ledger.head() };
        let keys = ledger.inventory().keys();
        keys.iter().map(|key| Label::new(key, Some(plan), stand, self.now).unwrap()).collect()
    }
}
