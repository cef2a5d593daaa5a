//! Verification: every hash recomputed in order, every receipt checked over all cores. Memory does not grow with the count.

mod job;

use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde::Serialize;

use super::bytes::Hash;
use super::chain::{Break, Chain, Entry, Reason};
use super::error::LedgerError;
use super::event::{BodyError, FORMAT};
use super::inventory::{Inventory, Oddity};
use super::receipt::Signer;
use super::store::{Looked, Rows};
use job::{Failure, Job};

/// Jobs handed to a worker at a time, and how many handfuls may wait.
const HANDFUL: usize = 64;
const WAITING: usize = 4;

/// What was proved of the events up to some place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Proved {
    events: u64,
    receipts: u64,
    head: Option<Hash>,
    signed_to: Option<u64>,
}

/// Where a ledger is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The first event that is not good; `None` where the file as a whole is not.
    pub seq: Option<u64>,
    /// Why.
    pub reason: String,
    /// Whether nothing is wrong but that a later version of this program wrote it.
    #[serde(skip)]
    pub newer: bool,
}

impl Fault {
    fn new(seq: Option<u64>, reason: impl ToString) -> Self {
        Self { seq, reason: reason.to_string(), newer: false }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn cure(&self) -> &'static str {
        if self.newer {
            "use the version of glasskey that wrote it, or a later one"
        } else {
            "keep this file for whoever looks into it, and bring the ledger back from a copy"
        }
    }
}

impl From<&Break> for Fault {
    fn from(broken: &Break) -> Self {
        let newer = matches!(broken.reason, Reason::Body(BodyError::Newer(_)));
        Self { newer, ..Self::new(Some(broken.seq), &broken.reason) }
    }
}

/// The head that a label or a report told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The hash.
    pub hash: Hash,
    /// The event that has it; `None`: the ledger does not hold what was told, so it was cut off or replaced.
    pub seq: Option<u64>,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many events are good, from the first on: all, unless the ledger is broken.
    pub events: u64,
    /// How many receipts among them are good.
    pub receipts: u64,
    /// The hash of the last good event.
    pub head: Option<Hash>,
    /// Whether all is good, and the told head was found if one was told.
    pub intact: bool,
    /// What is not.
    pub broken: Option<Fault>,
    /// The told head.
    pub told: Option<Told>,
    /// The last good event that a key signed. What stands before it nobody can have changed without that key; what
    /// comes after it is only chained, so whoever may write the file could have.
    pub signed_to: Option<u64>,
    /// Whether the keys are soft keys; `None` where there are none.
    pub soft: Option<bool>,
    /// How many events this program would not have written, though they are sealed and in their place.
    pub odd: u64,
    /// The first of them.
    pub oddities: Vec<Oddity>,
}

/// Verifies a ledger.
///
/// # Errors
/// [`LedgerError`] where there is nothing to verify: no file, no plain file, no permission. What is wrong with the
/// record is no error but the report.
pub fn verify(path: &Path, told: Option<Hash>) -> Result<Report, LedgerError> {
    let looked = match Looked::at(path) {
        Ok(looked) => looked,
        Err(error @ (LedgerError::Guards | LedgerError::Damaged(_))) => {
            let fault = Fault::new(None, error);
            return Ok(Walk::new(told).report(Proved::default(), Some(fault)));
        }
        Err(error) => return Err(error),
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let failures = Mutex::new(None);
    let mut walk = Walk::new(told);
    let (sender, receiver) = sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    let stopped = thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| work(&receiver, &failures));
        }
        // The sender goes with the walk's end, and with it the workers.
        walk.walk(&looked, sender)
    })?;
    let failure = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (proved, broken) = match (failure, stopped) {
        (Some(failure), _) => (failure.before, Some(Fault::from(&failure.broken))),
        (None, Some(Stop::Broken(broken))) => (walk.proved, Some(Fault::from(&broken))),
        (None, Some(Stop::Damaged(reason))) => {
            (walk.proved, Some(Fault::new(Some(walk.chain.next_seq()), reason)))
        }
        (None, None) => (walk.proved, looked.whole()?.map(|reason| Fault::new(None, reason))),
    };
    let newer = looked.newer().map(|version| {
        let reason = format!("it is of format {version}, and this program knows {FORMAT}: it cannot tell");
        Fault { newer: true, ..Fault::new(None, reason) }
    });
    Ok(walk.report(proved, broken.or(newer)))
}

/// Verifies the receipts of some events over all cores, each with the key that may sign it; every one must have a receipt.
///
/// # Errors
/// The first event that is not good.
pub(super) fn receipts(events: Vec<(Entry, Arc<Signer>)>) -> Result<(), Break> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let jobs: Vec<Job> = events
        .into_iter()
        .map(|(entry, signer)| Job { entry, signer: Some(signer), before: Proved::default() })
        .collect();
    let share = jobs.len().div_ceil(cores).max(1);
    let first = |jobs: &[Job]| {
        jobs.iter().filter_map(Job::check).map(|failure| failure.broken).min_by_key(|broken| broken.seq)
    };
    let failures = thread::scope(|scope| {
        let workers: Vec<_> = jobs.chunks(share).map(|jobs| scope.spawn(|| first(jobs))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect::<Vec<_>>()
    });
    failures.into_iter().flatten().min_by_key(|broken| broken.seq).map_or(Ok(()), Err)
}

/// Why the walk ended before the last event.
enum Stop {
    Broken(Break),
    Damaged(String),
}

/// The walk along the chain.
struct Walk {
    chain: Chain,
    inventory: Inventory,
    proved: Proved,
    told: Option<Told>,
}

impl Walk {
    fn new(told: Option<Hash>) -> Self {
        Self {
            chain: Chain::default(),
            inventory: Inventory::default(),
            proved: Proved::default(),
            told: told.map(|hash| Told { hash, seq: None }),
        }
    }

    fn walk(&mut self, looked: &Looked, workers: SyncSender<Vec<Job>>) -> Result<Option<Stop>, LedgerError> {
        let mut rows = Rows::after(0);
        let mut jobs = Vec::with_capacity(HANDFUL);
        let send = |jobs: &mut Vec<Job>, at_least: usize| {
            if jobs.len() >= at_least {
                // Nobody takes it only where all workers are dead, which `scope` then tells.
                drop(workers.send(std::mem::take(jobs)));
            }
        };
        let stop = loop {
            let chunk = match rows.next_chunk(looked.connection()) {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break None,
                Err(LedgerError::Damaged(reason)) => break Some(Stop::Damaged(reason)),
                Err(error) => return Err(error),
            };
            let found = chunk.into_iter().try_for_each(|row| {
                jobs.push(self.step(row)?);
                send(&mut jobs, HANDFUL);
                Ok(())
            });
            if let Err(broken) = found {
                break Some(Stop::Broken(broken));
            }
        };
        send(&mut jobs, 1);
        let empty = stop.is_none() && self.chain.seq == 0;
        Ok(if empty { Some(Stop::Broken(Break { seq: 1, reason: Reason::Empty })) } else { stop })
    }

    fn step(&mut self, row: Result<super::chain::Row, Break>) -> Result<Job, Break> {
        let before = self.proved;
        let entry = self.chain.follow(row?)?;
        let seq = entry.event.seq;
        let Some(body) = &entry.body else {
            let later = BodyError::Newer(u64::from(FORMAT).saturating_add(1));
            return Err(Break { seq, reason: Reason::Body(later) });
        };
        let signer = self.inventory.signer(&body.event);
        self.inventory.apply(&entry);
        self.proved.events = seq;
        self.proved.head = Some(entry.event.hash);
        if entry.event.receipt.is_some() {
            self.proved.receipts = self.proved.receipts.saturating_add(1);
            self.proved.signed_to = Some(seq);
        }
        if let Some(told) = self.told.as_mut().filter(|told| told.hash == entry.event.hash) {
            told.seq = Some(seq);
        }
        Ok(Job { entry, signer, before })
    }

    fn report(self, proved: Proved, broken: Option<Fault>) -> Report {
        let told = self.told.map(|told| Told { seq: told.seq.filter(|seq| *seq <= proved.events), ..told });
        Report {
            events: proved.events,
            receipts: proved.receipts,
            head: proved.head,
            intact: broken.is_none() && told.is_none_or(|told| told.seq.is_some()),
            broken,
            told,
            signed_to: proved.signed_to,
            soft: self.inventory.soft(),
            odd: self.inventory.odd(),
            oddities: self.inventory.oddities().to_vec(),
        }
    }
}

/// One worker: takes jobs until there are no more, and keeps the earliest failure of all.
fn work(jobs: &Mutex<Receiver<Vec<Job>>>, failures: &Mutex<Option<Failure>>) {
    loop {
        let taken = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(handful) = taken else { return };
        for failure in handful.iter().filter_map(Job::check) {
            let mut earliest = failures.lock().unwrap_or_else(PoisonError::into_inner);
            if earliest.as_ref().is_none_or(|known| failure.broken.seq < known.broken.seq) {
                *earliest = Some(failure);
            }
        }
    }
}
