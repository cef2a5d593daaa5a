//! Exported logs, looked through and recorded.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Run;
use crate::drill::logs::{Stands, answers_for, on_record, shown};
use crate::drill::{Histories, History};
use crate::error::Error;
use crate::exit::Exit;
use crate::ledger::inventory::Drill;
use crate::ledger::payload::{AccountUsed, LogKind, Payload, SignInSeen};
use crate::logs::{LIMIT, Log};
use crate::plan::{Account, Plan};
use crate::run::{World, record};
use crate::term::show;

/// How long before the last drill began entries are kept: what belongs to it is told apart from what does not.
const BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// From when on entries are kept.
fn from(history: &History<'_>) -> Option<Timestamp> {
    history.since().and_then(|since| since.checked_sub(BEFORE).ok())
}

/// A log and its file's name.
pub(super) struct File {
    name: String,
    log: Log,
}

/// Reads logs of one kind.
pub(super) fn load(paths: &[PathBuf], kind: LogKind) -> Result<Vec<File>, Error> {
    paths.iter().map(|path| one(path, Some(kind))).collect()
}

#[expect(clippy::disallowed_methods, reason = "the log that was named")]
fn one(path: &Path, kind: Option<LogKind>) -> Result<File, Error> {
    use std::io::Read as _;
    let file = || path.display().to_string();
    let most = u64::try_from(LIMIT).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(|source| Error::File { file: file(), source })?;
    let log = Log::parse(&bytes).and_then(|log| log.wanted(kind));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(File { name, log: log.map_err(|source| Error::Log { file: file(), source })? })
}

impl Run<'_> {
    /// Looks a log through for each account of the run, and records what it shows, unless it is on record.
    pub(super) fn attach(&self, file: &File) -> Result<(), Error> {
        let plan = self.check.plan.as_ref().ok_or(Error::Bug)?;
        for account in plan.accounts.iter().filter(|account| self.ours(account.name.as_str())) {
            let evidence = self.state(|inventory, drill| {
                let history = Histories::before(inventory.drills(), Some(drill)).get(account.name.as_str());
                let name = account.name.as_str();
                let new = |one: &SignInSeen| !on_record(inventory, &file.log.sha256, name, one);
                let evidence = file.log.evidence(account, Some(self.number), &file.name, from(&history), new);
                let known = drill.evidence.iter().any(|attached| attached.evidence == evidence);
                (!known).then_some(evidence)
            })?;
            if let Some(evidence) = evidence {
                self.record(Payload::EvidenceAttached(Box::new(evidence)))?;
            }
        }
        Ok(())
    }
}

/// `inventory attach`: apart from a drill, or for the one that is open.
pub(in crate::run) fn attach(world: &World, path: &Path, account: &str) -> Result<Exit, Error> {
    let plan = world.plan()?;
    let account: &Account = plan.account(account).ok_or_else(|| Error::UnknownAccount(account.to_owned()))?;
    let file = one(path, None)?;
    let mut writer = world.writer_of(&plan)?;
    let name = account.name.as_str();
    let (number, evidence) = {
        let inventory = writer.inventory();
        let drill = inventory.open_drill().filter(|drill| drill.has_account(name));
        let number = drill.map(Drill::number);
        let history = Histories::before(inventory.drills(), drill).get(name);
        let new = |one: &SignInSeen| !on_record(inventory, &file.log.sha256, name, one);
        (number, file.log.evidence(account, number, &file.name, from(&history), new))
    };
    let event = writer.record(
        Payload::EvidenceAttached(Box::new(evidence.clone())),
        World::clock(),
        World::nonce()?,
    )?;
    let inventory = writer.inventory();
    let drill = number.and_then(|number| inventory.drill(number));
    let ours = |attached: &SignInSeen| evidence.sign_ins.contains(attached);
    let history = Histories::before(inventory.drills(), drill).get(name);
    let shown = shown(inventory, &history, drill, name, World::clock());
    let sign_ins: Vec<_> = shown.sign_ins.into_iter().filter(|(_, one)| ours(one)).collect();
    let alarm = sign_ins.iter().any(|(stands, one)| *stands == Stands::Outside && one.error_code == 0);
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.evidence/1", "drill": number, "account": name, "log": evidence.log,
            "file": evidence.file, "sha256": evidence.sha256, "entries": evidence.entries,
            "first": evidence.first, "last": evidence.last, "partial": evidence.partial,
            "sign_ins": super::tell::sign_ins(&sign_ins), "changes": evidence.changes, "left_out": evidence.left_out,
            "alarm": alarm, "event": { "seq": event.seq, "hash": event.hash },
        }))?;
    } else {
        world.term.out(&show::drill::evidence(&evidence, &sign_ins))?;
        world.term.out(&show::ledger::recorded(name, &event))?;
    }
    Ok(if alarm { Exit::No } else { Exit::Yes })
}

/// `inventory use`: somebody answers for a time. Which sign-ins on record that is about is told at once.
pub(in crate::run) fn used(world: &World, plan: &Plan, used: AccountUsed) -> Result<Exit, Error> {
    let mut writer = world.writer_of(plan)?;
    let name = used.account.clone();
    let event = writer.record(Payload::AccountUsed(used.clone()), World::clock(), World::nonce()?)?;
    let inventory = writer.inventory();
    let history = Histories::before(inventory.drills(), None).get(&name);
    let all = shown(inventory, &history, None, &name, World::clock()).sign_ins.into_iter();
    let ours = |(stands, one): &(Stands, &SignInSeen)| {
        *stands == Stands::Answered && answers_for(&used, &name, one.at)
    };
    let sign_ins: Vec<_> = all.filter(ours).collect();
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.inventory-event/1", "label": name, "kind": event.kind,
            "event": record::place(&event), "sign_ins": super::tell::sign_ins(&sign_ins),
        }))?;
    } else {
        world.term.out(&show::ledger::recorded(&name, &event))?;
        world.term.out(&show::drill::answered(&sign_ins))?;
    }
    Ok(Exit::Yes)
}
