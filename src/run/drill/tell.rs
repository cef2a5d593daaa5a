//! What a drill tells in the end: what is done, what it amounts to, what is left and what remains to be done.

use serde_json::{Value, json};

use super::Run;
use crate::drill::judge::Judged;
use crate::drill::left::asked;
use crate::drill::logs::Stands;
use crate::drill::{Asked, judge};
use crate::error::Error;
use crate::ledger::inventory::Drill;
use crate::ledger::inventory::drill::{Came, DrilledKey};
use crate::ledger::payload::{DrillVerdict, SignInSeen};
use crate::ledger::{Event, Inventory};
use crate::plan::same;
use crate::run::World;
use crate::term::show;

/// Tells of the drill; with the event that ended it in this run.
pub(super) fn drill(run: &Run<'_>, event: Option<&Event>) -> Result<(), Error> {
    run.state(|inventory, drill| {
        let judged =
            judge(inventory, drill, drill.ended.as_ref().map_or_else(World::clock, |ended| ended.seen.at));
        if run.world.term.json {
            run.world.term.document(&document(inventory, drill, &judged, event))
        } else {
            run.world.term.out(&show::drill::drill(drill, &judged, inventory))
        }
    })??;
    Ok(())
}

/// Tells that an action is done.
pub(super) fn closed(world: &World, drill: u64, action: u32, event: &Event) -> Result<(), Error> {
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.drill-action/1", "drill": drill, "action": action,
            "event": { "seq": event.seq, "hash": event.hash },
        }))?;
    } else {
        world.term.out(&show::ledger::recorded(&format!("action {action} of drill {drill}"), event))?;
    }
    Ok(())
}

/// Whether a drill that has ended is over as it was recorded, else as it stands.
fn verdict(drill: &Drill, judged: &Judged<'_>) -> DrillVerdict {
    drill.ended.as_ref().map_or(judged.verdict, |ended| ended.how.verdict)
}

fn document(inventory: &Inventory, drill: &Drill, judged: &Judged<'_>, event: Option<&Event>) -> Value {
    let of = |account: &str| -> Value {
        let keys = drill.keys.iter().filter(|key| same(&key.account, account)).map(key);
        keys.collect()
    };
    let accounts = judged.accounts.iter().map(|account| {
        let (ended, name) = (&account.ended, account.ended.account.as_str());
        json!({
            "account": name,
            "verdict": ended.verdict,
            "next_due": ended.next_due,
            "alert_delay_seconds": ended.alert_delay_seconds,
            "keys": of(name),
            "answers": answers(drill, |asked| asked.account == Some(name)),
            "sign_ins": sign_ins(&account.shown.sign_ins),
            "changes": account.shown.changes,
        })
    });
    let actions = drill.ended.as_ref().map_or(&judged.actions, |ended| &ended.how.actions);
    let left = &judged.left;
    let open = left.before.iter().chain(&left.after);
    let logs = drill.evidence.iter().map(|attached| {
        let log = &attached.evidence;
        json!({
            "account": log.account, "log": log.log, "file": log.file, "sha256": log.sha256, "entries": log.entries,
            "first": log.first, "last": log.last, "partial": log.partial, "left_out": log.left_out,
        })
    });
    json!({
        "schema": "glasskey.drill/1",
        "drill": drill.number(),
        "soft": inventory.soft() == Some(true),
        "begun": drill.begun.at,
        "ended": drill.ended.as_ref().map(|ended| ended.seen.at),
        "by": drill.set_out.by,
        "present": drill.set_out.present,
        "verdict": verdict(drill, judged),
        "why": drill.ended.as_ref().and_then(|ended| ended.how.why.clone()),
        "alert_limit_minutes": drill.set_out.alert_limit_minutes,
        "interval_days": drill.set_out.interval_days,
        "accounts": accounts.collect::<Vec<_>>(),
        "answers": answers(drill, |asked| asked.about().is_none()),
        "logs": logs.collect::<Vec<_>>(),
        "actions": (1_u32..).zip(actions).map(|(number, action)| json!({
            "number": number, "id": action.id, "what": action.what, "owner": action.owner, "about": action.about,
        })).collect::<Vec<_>>(),
        "left": {
            "keys": left.keys.iter().map(|key| key.label.as_str()).collect::<Vec<_>>(),
            "questions": open.map(|asked| json!({
                "question": asked.question.id, "about": asked.about(), "required": asked.question.required,
            })).collect::<Vec<_>>(),
        },
        "head": inventory.head(),
        "event": event.map(|event| json!({ "seq": event.seq, "hash": event.hash })),
    })
}

fn key(key: &DrilledKey) -> Value {
    let tried = key.tried();
    let (verdict, signed, wrong, because, why) = match tried.map(|tried| &tried.came) {
        Some(Came::Checked { verdict, signed, wrong }) => {
            (Some(verdict), Some(signed), Some(wrong), None, None)
        }
        Some(Came::NotChecked { because, why, .. }) => (None, None, None, Some(because), Some(why)),
        None => (None, None, None, None, None),
    };
    let wrong = wrong.into_iter().flatten().map(|found| {
        let status = if found.fails { "fail" } else { "warn" };
        json!({ "id": found.id, "status": status, "saw": found.saw, "cure": found.cure })
    });
    json!({
        "label": key.label,
        "site": key.site,
        "bag": key.bag,
        "back_in_bag": key.back.as_ref().and_then(|back| back.bag.clone()),
        "good": tried.is_some_and(|tried| tried.came.good()),
        "verdict": verdict,
        "signed": signed,
        "not_checked": because,
        "why": why,
        "findings": wrong.collect::<Vec<_>>(),
        "event": tried.map(|tried| tried.seen.seq),
    })
}

/// The questions that are asked of something, each with the answer that counts.
fn answers(drill: &Drill, of: impl Fn(&Asked<'_>) -> bool) -> Vec<Value> {
    let all = asked(drill).filter(|asked| of(asked)).map(|asked| {
        let answered = drill.answer(&asked.question.id, asked.account, asked.label);
        let said = answered.map(|answered| &answered.said);
        json!({
            "question": asked.question.id,
            "text": asked.question.text,
            "required": asked.question.required,
            "answer": said.map(|said| said.answer),
            "told": said.and_then(|said| said.told),
            "note": said.and_then(|said| said.note.clone()),
            "by": said.and_then(|said| said.by.clone()),
            "at": answered.map(|answered| answered.seen.at),
        })
    });
    all.collect()
}

/// Sign-ins, each with how it stands to what is on record.
pub(super) fn sign_ins(shown: &[(Stands, &SignInSeen)]) -> Vec<Value> {
    let one = |(stands, one): &(Stands, &SignInSeen)| {
        json!({
            "at": one.at, "stands": stands.word(), "error_code": one.error_code, "methods": one.methods,
            "application": one.application, "address": one.address, "id": one.id,
        })
    };
    shown.iter().map(one).collect()
}
