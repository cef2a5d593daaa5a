//! `drill`: every key and everything else that must work on the day. Each step is recorded at once, so that an
//! interrupted drill goes on where it was.

mod aside;
mod guide;
mod keys;
mod logs;
mod questions;
mod said;
mod tell;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::World;
use questions::Leader;

use super::check::Check;
use super::world::Access;
use crate::cli::{ActionName, Check as CheckArguments, Drill as Arguments};
use crate::drill::{Answers, judge, set_out};
use crate::error::Error;
use crate::exit::Exit;
use crate::key::found::Found;
use crate::ledger::inventory::drill::Came;
use crate::ledger::inventory::{Drill, Refusal, Seen};
use crate::ledger::payload::{
    ActionClosed, Because, DrillEnded, DrillVerdict, LogKind, Moved, NotChecked, Payload,
};
use crate::ledger::{Event, Inventory, LedgerError, Writer};
use crate::plan::{Account, Plan, same};
use crate::policy::PolicySet;
use crate::term::escape::escape;
use crate::verdict::words::second;

pub(super) use logs::{attach, used};
pub(super) use said::time;

/// A drill that goes on.
struct Run<'a> {
    world: &'a World,
    arguments: &'a Arguments,
    /// How a key is checked; it holds plan and ledger, too.
    check: Check<'a>,
    /// The event that began the drill.
    number: u64,
    /// How many events were on record when this run began.
    from: u64,
    /// The key that `--key` names.
    only: Option<Only>,
    /// The accounts that this run is about.
    accounts: Vec<String>,
    /// Who leads it, or answers.
    by: Option<String>,
    /// Whether somebody sits here who can be asked.
    attended: bool,
    /// The keys that are plugged in and were spoken of.
    spoken_of: Vec<Found>,
}

/// The key that `--key` names, looked up once: in a drill keys come and go.
enum Only {
    /// By its label: the event of its enrolment.
    Enrolled(u64),
    /// By its path or its number.
    Plugged(Found),
}

pub(super) fn drill(world: &World, arguments: &Arguments) -> Result<Exit, Error> {
    // All that can be wrong without a key is found before one is touched, and before anything is recorded.
    let plan = world.plan()?;
    let mut answers = said::gather(arguments)?;
    let mut files = logs::load(&arguments.signins, LogKind::SignIns)?;
    files.extend(logs::load(&arguments.audit, LogKind::Audit)?);
    let catalogue = world.catalogue_of(Some(&plan))?;
    let policy = match plan.policy_files() {
        paths if paths.is_empty() || arguments.no_keys => None,
        paths => Some(PolicySet::load(&paths, plan.profile())?),
    };
    let mut writer = world.writer_of(&plan)?;
    if let Some(action) = arguments.close {
        return close(world, arguments, &mut writer, action);
    }
    let attended = !world.pins.is_stdin() && world.term.attended();
    let accounts = chosen(&plan, &writer, arguments)?;
    let only =
        if arguments.no_keys || arguments.abandon { None } else { keys::only(world, writer.inventory())? };
    if attended && answers.by.is_none() && !arguments.abandon {
        let usual = writer.inventory().open_drill().and_then(|drill| drill.set_out.by.as_deref());
        match questions::leader(world, usual)? {
            Leader::Is(by) => answers.by = by,
            Leader::Stopped => {
                world.term.complain("stopped: nothing was begun or recorded");
                return Ok(Exit::No);
            }
        }
    }
    let number = match writer.inventory().open_drill() {
        Some(drill) => {
            said::fits(&answers, drill)?;
            drill.number()
        }
        None if arguments.abandon || arguments.end => return Err(Error::NoDrill),
        None => begin(world, &plan, &mut writer, &accounts, &answers)?,
    };
    let plain = CheckArguments::whole(arguments.pin);
    let mut run = Run {
        world,
        arguments,
        from: writer.inventory().events(),
        only,
        check: Check {
            world,
            arguments: &plain,
            plan: Some(Arc::new(plan)),
            policy: policy.map(Arc::new),
            catalogue: Arc::new(catalogue),
            inventory: Some(writer.inventory().clone()),
            ledger: Some(Arc::new(Mutex::new(Access::Write(writer)))),
            unreadable: None,
            label: None,
            account: None,
            drill: Some(number),
        },
        number,
        accounts,
        by: answers.by.clone(),
        attended,
        spoken_of: Vec::new(),
    };
    run.go(&answers, &files)
}

/// The accounts that this run is about.
fn chosen(plan: &Plan, writer: &Writer, arguments: &Arguments) -> Result<Vec<String>, Error> {
    let open = writer.inventory().open_drill();
    let of_drill =
        |drill: &Drill| drill.set_out.accounts.iter().map(|account| account.name.clone()).collect();
    match (&arguments.account, open) {
        (Some(name), Some(drill)) if !drill.has_account(name) && plan.account(name).is_some() => {
            Err(Error::NotInDrill { number: drill.number(), account: name.clone() })
        }
        (Some(name), Some(drill)) if drill.has_account(name) => {
            Ok(vec![crate::drill::answers::account(drill, name)?])
        }
        (Some(name), _) => match plan.account(name) {
            Some(account) => Ok(vec![account.name.to_string()]),
            None => Err(Error::UnknownAccount(name.clone())),
        },
        (None, Some(drill)) => Ok(of_drill(drill)),
        (None, None) => Ok(plan.accounts.iter().map(|account| account.name.to_string()).collect()),
    }
}

/// Begins a drill, where the answers fit what it will ask.
fn begin(
    world: &World,
    plan: &Plan,
    writer: &mut Writer,
    accounts: &[String],
    answers: &Answers,
) -> Result<u64, Error> {
    let accounts: Vec<&Account> = accounts.iter().filter_map(|name| plan.account(name)).collect();
    let (by, present) = (answers.by.clone(), answers.present.clone());
    let begun = set_out(plan, writer.inventory(), &accounts, by, present);
    let preview = writer.inventory().drill_of(Seen { seq: 0, at: world.now }, &begun);
    said::fits(answers, &preview)?;
    Ok(writer.record(Payload::DrillBegun(Box::new(begun)), World::clock(), World::nonce()?)?.seq)
}

/// Records that an action is done: of the drill that is named, or of the only one that has it open.
fn close(
    world: &World,
    arguments: &Arguments,
    writer: &mut Writer,
    ActionName { drill, number: action }: ActionName,
) -> Result<Exit, Error> {
    let named = |one: &&Drill| drill.is_none_or(|drill| drill == one.number());
    let open = |one: &&Drill| one.open_actions().any(|(number, _)| number == action);
    let drills: Vec<u64> =
        writer.inventory().drills().iter().filter(named).filter(open).map(Drill::number).collect();
    let drill = match drills.as_slice() {
        [one] => *one,
        [] => return Err(LedgerError::Refused(Refusal::NoSuchAction(action)).into()),
        _ => return Err(Error::SeveralActions { number: action, drills }),
    };
    let closed = ActionClosed {
        drill,
        action,
        how: arguments.why.clone().unwrap_or_default(),
        by: arguments.by.clone(),
    };
    let event = writer.record(Payload::ActionClosed(closed), World::clock(), World::nonce()?)?;
    tell::closed(world, drill, action, &event)?;
    Ok(Exit::Yes)
}

impl Run<'_> {
    fn go(&mut self, answers: &Answers, files: &[logs::File]) -> Result<Exit, Error> {
        if self.arguments.abandon {
            let ended = DrillEnded {
                drill: self.number,
                verdict: DrillVerdict::Abandoned,
                why: self.arguments.why.clone(),
                accounts: Vec::new(),
                actions: Vec::new(),
            };
            let event = self.record(Payload::DrillEnded(Box::new(ended)))?;
            tell::drill(self, Some(&event))?;
            return Ok(Exit::Yes);
        }
        self.tell_where_it_stands()?;
        for said in &answers.said {
            self.answer(said)?;
        }
        self.keys_told(answers)?;
        for file in files {
            self.attach(file)?;
        }
        if self.attended {
            self.guide(answers)?;
        } else if !self.arguments.no_keys {
            self.keys(answers)?;
        }
        self.bags(answers)?;
        self.end()
    }

    /// Ends the drill where all is done, or where that is asked for, and tells what it amounts to.
    fn end(&self) -> Result<Exit, Error> {
        let why = if self.arguments.end { self.arguments.why.clone() } else { None };
        let ended = loop {
            let (judged_by, ended) = self.state(|inventory, drill| {
                let judged = judge(inventory, drill, World::clock());
                let over = self.arguments.end || judged.left.may_end();
                (inventory.events(), over.then(|| judged.ended(self.number, why.clone())))
            })?;
            let Some(ended) = ended else { break None };
            let verdict = ended.verdict;
            let event = self.ledger(|writer| {
                let payload = Payload::DrillEnded(Box::new(ended));
                let draft = writer.begin(payload, World::clock(), World::nonce()?)?;
                // An answer from another machine makes it another case, and the verdict stays for ever.
                let same = draft.inventory().events() == judged_by;
                Ok(same.then(|| draft.commit(None)).transpose()?)
            })?;
            if let Some(event) = event {
                break Some((verdict, event));
            }
        };
        tell::drill(self, ended.as_ref().map(|(_, event)| event))?;
        let passed = ended.is_some_and(|(verdict, _)| verdict == DrillVerdict::Passed);
        Ok(if passed { Exit::Yes } else { Exit::No })
    }

    /// Keys of which people say that they are missing or left out.
    fn keys_told(&self, answers: &Answers) -> Result<(), Error> {
        for (label, told) in &answers.keys {
            let (because, why) = match (&told.missing, &told.left_out) {
                (Some(why), _) => (Because::Missing, why),
                (None, Some(why)) => (Because::LeftOut, why),
                (None, None) => continue,
            };
            self.not_checked(label, because, why)?;
        }
        Ok(())
    }

    /// Records that a key could not be checked, unless just that is on record.
    fn not_checked(&self, label: &str, because: Because, why: &str) -> Result<(), Error> {
        let label = self.state(|_, drill| crate::drill::answers::key(drill, label))??;
        let known = self.state(|_, drill| {
            let key = drill.keys.iter().find(|key| key.label == label);
            let came = key.and_then(|key| key.tried()).map(|tried| &tried.came);
            matches!(came, Some(Came::NotChecked { because: last, why: words, .. }) if *last == because && words == why)
        })?;
        // Of a key that is named another word counts, too, if it is the same.
        if !known || self.to_do()?.contains(&label) {
            let (why, by) = (why.to_owned(), self.by.clone());
            self.record(Payload::NotChecked(NotChecked { drill: self.number, label, because, why, by }))?;
        }
        Ok(())
    }

    /// Records into which bags keys were put, where they were tried and that is not on record.
    fn bags(&self, answers: &Answers) -> Result<(), Error> {
        for (label, told) in &answers.keys {
            if let Some(bag) = &told.bag {
                let tried = self.state(|_, drill| {
                    let key = drill.keys.iter().find(|key| same(&key.label, label) && key.tried().is_some());
                    let back = |key: &crate::ledger::inventory::drill::DrilledKey| {
                        key.back.as_ref().and_then(|back| back.bag.clone())
                    };
                    key.filter(|key| back(key).as_ref() != Some(bag)).map(|key| key.label.clone())
                })?;
                if let Some(label) = tried {
                    self.put_back(label, bag)?;
                }
            }
        }
        Ok(())
    }

    fn put_back(&self, label: String, bag: &str) -> Result<(), Error> {
        let (bag, drill) = (Some(bag.to_owned()), Some(self.number));
        self.record(Payload::Moved(Moved { label, bag, drill, ..Moved::default() })).map(drop)
    }

    /// At the beginning, what is done already.
    fn tell_where_it_stands(&self) -> Result<(), Error> {
        let told = self.state(|_, drill| {
            // One that was left out or is missing is not done, though nothing is left to be tried of it.
            let mut counts = BTreeMap::from([("checked", 0_usize)]);
            for tried in drill.keys.iter().filter_map(|key| key.tried()) {
                let word = match &tried.came {
                    Came::Checked { .. } => "checked",
                    Came::NotChecked { because, .. } => because.words(),
                };
                *counts.entry(word).or_default() += 1;
            }
            let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
            let by = drill.set_out.by.as_deref().map(|by| format!(" by {}", escape(by))).unwrap_or_default();
            format!(
                "drill {}, begun at {}{by}: {}, of {} {}",
                drill.number(),
                second(&drill.begun.at),
                counts.join(", "),
                drill.keys.len(),
                if drill.keys.len() == 1 { "key" } else { "keys" }
            )
        })?;
        self.world.term.note(&told);
        Ok(())
    }

    /// Does something with the ledger.
    fn ledger<T>(&self, does: impl FnOnce(&mut Writer) -> Result<T, Error>) -> Result<T, Error> {
        let mut ledger = self.check.ledger.as_ref().ok_or(Error::Bug)?.lock().map_err(|_| Error::Bug)?;
        match &mut *ledger {
            Access::Write(writer) => does(writer),
            Access::Read(_) => Err(Error::Bug),
        }
    }

    fn record(&self, payload: Payload) -> Result<Event, Error> {
        self.ledger(|writer| Ok(writer.record(payload, World::clock(), World::nonce()?)?))
    }

    /// The drill as it stands on record.
    fn state<T>(&self, of: impl FnOnce(&Inventory, &Drill) -> T) -> Result<T, Error> {
        self.ledger(|writer| {
            let inventory = writer.inventory();
            Ok(of(inventory, inventory.drill(self.number).ok_or(Error::Bug)?))
        })
    }

    /// Whether this run is about an account.
    fn ours(&self, account: &str) -> bool {
        self.accounts.iter().any(|ours| same(ours, account))
    }
}
