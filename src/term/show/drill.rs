//! A drill, as people read it.

use super::{Tone, escape, heading, line, paint, row};
use crate::drill::judge::Judged;
use crate::drill::left::asked;
use crate::drill::logs::Stands;
use crate::drill::{Asked, JudgedAccount};
use crate::ledger::Inventory;
use crate::ledger::inventory::Drill;
use crate::ledger::inventory::drill::{Came, DrilledKey};
use crate::ledger::payload::{Answer, Because, DrillVerdict, EvidenceAttached, SignInSeen};
use crate::plan::same;
use crate::verdict::finding::Status;
use crate::verdict::words::{counted, day, second};
use crate::verdict::{Outcome, Verdict};

/// A key that was checked: what is not as it should be, and the verdict.
#[must_use]
pub fn checked(label: &str, verdict: &Verdict, event: Option<u64>) -> String {
    let mut text = String::new();
    for found in verdict.findings.iter().filter(|found| matches!(found.status, Status::Warn | Status::Fail)) {
        text.push_str(&row(found.status, found.id.name(), &found.saw, found.cure.as_deref()));
    }
    let tone = if verdict.outcome == Outcome::NotFit { Tone::Bad } else { Tone::Good };
    let event = event.map(|event| format!(" (event {event})")).unwrap_or_default();
    format!("{text}{}: {}{event}", escape(label), paint(tone, verdict.outcome.words()))
}

/// The whole drill: account by account, what remains to be done, the verdict last.
#[must_use]
pub fn drill(drill: &Drill, judged: &Judged<'_>, inventory: &Inventory) -> String {
    let names: Vec<&str> = drill.set_out.accounts.iter().map(|account| account.name.as_str()).collect();
    let mut text = heading(&escape(&format!("Drill {} · {}", drill.number(), names.join(", "))));
    if inventory.soft() == Some(true) {
        text.push_str(&format!("{}\n", paint(Tone::Warn, "SOFT KEYS: no hardware; this is a rehearsal")));
    }
    text.push_str(&line("begun", Some(second(&drill.begun.at))));
    if let Some(ended) = &drill.ended {
        text.push_str(&line("ended", Some(second(&ended.seen.at))));
    }
    if let Some(by) = &drill.set_out.by {
        text.push_str(&line("led by", Some(by.clone())));
    }
    if !drill.set_out.present.is_empty() {
        text.push_str(&line("present", Some(drill.set_out.present.join(", "))));
    }
    for account in &judged.accounts {
        text.push('\n');
        text.push_str(&of_account(drill, account));
    }
    text.push('\n');
    text.push_str(&heading("the whole"));
    text.extend(asked(drill).filter(|asked| asked.about().is_none()).map(|asked| answer(drill, &asked)));
    let ended = drill.ended.as_ref().map(|ended| &ended.how);
    let actions = ended.map_or(judged.actions.as_slice(), |ended| ended.actions.as_slice());
    if !actions.is_empty() {
        text.push('\n');
        text.push_str(&heading("to do"));
        for (number, action) in (1_usize..).zip(actions) {
            let of = [action.about.as_deref(), action.owner.as_deref()].into_iter().flatten();
            let of = of.map(escape).collect::<Vec<_>>().join(", ");
            let of = if of.is_empty() { String::new() } else { format!(" ({of})") };
            text.push_str(&format!("  {number}. {}{of}: {}\n", escape(&action.id), escape(&action.what)));
        }
    }
    if drill.open() {
        text.push_str(&left(judged));
    }
    let verdict = ended.map_or(judged.verdict, |ended| ended.verdict);
    let open = if drill.open() {
        "open; `glasskey drill` goes on".to_owned()
    } else {
        format!("head {}", inventory.head().map(|head| head.to_string()).unwrap_or_default())
    };
    text.push_str(&format!("\n{}  ({open})\n", paint(tone(verdict), words(verdict))));
    text
}

/// What is still to be done and asked in a drill that goes on.
fn left(judged: &Judged<'_>) -> String {
    let left = &judged.left;
    let keys: Vec<String> = left.keys.iter().map(|key| escape(&key.label)).collect();
    let questions = left.before.iter().chain(&left.after).map(|asked| {
        let about = asked.about().map(|about| format!("{}: ", escape(about))).unwrap_or_default();
        format!("{about}{}", escape(&asked.question.id))
    });
    let questions: Vec<String> = questions.collect();
    let mut text = String::new();
    for (name, list) in [("keys left", keys), ("answers left", questions)] {
        if !list.is_empty() {
            text.push_str(&format!("\n{}  {}\n", heading(name), list.join("\n  ")));
        }
    }
    text
}

fn of_account(drill: &Drill, account: &JudgedAccount<'_>) -> String {
    let (ended, name) = (&account.ended, account.ended.account.as_str());
    let mut head = format!("{}  {}", escape(name), paint(tone(ended.verdict), words(ended.verdict)));
    let due = day(&ended.next_due);
    head.push_str(&match ended.verdict {
        DrillVerdict::Failed | DrillVerdict::Incomplete if drill.open() => format!("  so far; due by {due}"),
        DrillVerdict::Passed => format!("  next drill by {due}"),
        DrillVerdict::Failed | DrillVerdict::Incomplete | DrillVerdict::Abandoned => {
            format!("  to be drilled again once that is mended, by {due} at the latest")
        }
    });
    if let Some(delay) = ended.alert_delay_seconds {
        head.push_str(&format!(", alert after {} min {} s", delay / 60, (delay % 60).abs()));
    }
    let mut text = format!("{head}\n");
    for key in drill.keys.iter().filter(|key| same(&key.account, name)) {
        text.push_str(&of_key(key));
        text.extend(
            asked(drill)
                .filter(|asked| asked.label == Some(key.label.as_str()))
                .map(|asked| answer(drill, &asked)),
        );
    }
    text.extend(asked(drill).filter(|asked| asked.account == Some(name)).map(|asked| answer(drill, &asked)));
    text.extend(account.shown.sign_ins.iter().map(|(stands, one)| sign_in(*stands, one)));
    text
}

fn of_key(key: &DrilledKey) -> String {
    let (status, mut saw) = match key.tried().map(|tried| (&tried.came, tried.seen.seq)) {
        None => (Status::Skipped, "not checked yet".to_owned()),
        Some((came @ Came::Checked { verdict, signed, wrong }, event)) => {
            let ids: Vec<&str> = wrong.iter().map(|found| found.id.as_str()).collect();
            let ids = if ids.is_empty() { String::new() } else { format!(": {}", ids.join(", ")) };
            let unsigned = if *signed { "" } else { ", not signed by the key" };
            let status = match came.good() {
                true if wrong.is_empty() => Status::Pass,
                true => Status::Warn,
                false => Status::Fail,
            };
            (status, format!("{}{ids}{unsigned} (event {event})", Outcome::from(*verdict).words()))
        }
        Some((Came::NotChecked { because, why, .. }, event)) => {
            // Somebody decided not to try it: the account is incomplete then, not failed.
            let status = if *because == Because::LeftOut { Status::Skipped } else { Status::Fail };
            (status, format!("{}: {why} (event {event})", because.words()))
        }
    };
    if let Some(bag) = key.back.as_ref().and_then(|back| back.bag.as_ref()) {
        saw.push_str(&format!("; now in the bag {bag}"));
    }
    row(status, &escape(&key.label), &saw, None)
}

fn answer(drill: &Drill, asked: &Asked<'_>) -> String {
    let said = drill.answer(&asked.question.id, asked.account, asked.label).map(|answered| &answered.said);
    let (status, mut saw) = match said.map(|said| said.answer) {
        None if asked.question.required => (Status::Skipped, "not answered".to_owned()),
        None => (Status::Skipped, "not answered, and not required".to_owned()),
        Some(Answer::Yes) => (Status::Pass, "yes".to_owned()),
        Some(Answer::NotApplicable) => (Status::Skipped, "does not apply".to_owned()),
        Some(Answer::No) if asked.question.required => (Status::Fail, "no".to_owned()),
        Some(Answer::No) => (Status::Warn, "no".to_owned()),
    };
    if let Some(told) = said.and_then(|said| said.told) {
        saw.push_str(&format!(", at {}", second(&told)));
    }
    if let Some(note) = said.and_then(|said| said.note.as_deref()) {
        saw.push_str(&format!(": {note}"));
    }
    row(status, &escape(&asked.question.id), &saw, None)
}

fn sign_in(stands: Stands, one: &SignInSeen) -> String {
    let good = one.error_code == 0;
    let status = match stands {
        Stands::Outside if good => Status::Fail,
        Stands::Outside | Stands::Untold => Status::Warn,
        Stands::Unseen(_) if good => Status::Warn,
        Stands::Told if good => Status::Pass,
        Stands::Told
        | Stands::OtherDrill(_)
        | Stands::Answered
        | Stands::Earlier
        | Stands::Unseen(_)
        | Stands::BeforeDrills => Status::Skipped,
    };
    let ended = if good { "signed in".to_owned() } else { format!("failed with {}", one.error_code) };
    let part =
        |word: &str, text: &str| if text.is_empty() { String::new() } else { format!(" {word} {text}") };
    let saw = format!(
        "{} {ended}{}{}{}: {}",
        second(&one.at),
        part("with", &one.methods.join(", ")),
        part("into", one.application.as_deref().unwrap_or_default()),
        part("from", one.address.as_deref().unwrap_or_default()),
        stands.words()
    );
    row(status, "log", &saw, None)
}

/// A log that was looked through for an account.
#[must_use]
pub fn evidence(log: &EvidenceAttached, shown: &[(Stands, &SignInSeen)]) -> String {
    let mut text = heading(&escape(&format!("{} · {}", log.account, log.file)));
    let span =
        log.first.zip(log.last).map(|(first, last)| format!("{} to {}", second(&first), second(&last)));
    text.push_str(&line("entries", Some(log.entries.to_string())));
    text.push_str(&line("from", span));
    text.push_str(&line("SHA-256", Some(log.sha256.to_string())));
    if log.partial {
        text.push_str(&row(Status::Warn, "partial", "the file says that there is more than it holds", None));
    }
    text.extend(shown.iter().map(|(stands, one)| sign_in(*stands, one)));
    for change in &log.changes {
        let done = if change.success { "" } else { " (tried in vain)" };
        let saw = format!("{} {}{done}", second(&change.at), change.activity);
        let name = match (change.of_account, change.by_account) {
            (true, _) => "account",
            (false, true) => "by-account",
            (false, false) => "policy",
        };
        text.push_str(&row(Status::Warn, name, &saw, None));
    }
    if log.left_out > 0 {
        text.push_str(&line("more, not kept", Some(log.left_out.to_string())));
    }
    text
}

/// The sign-ins on record that somebody answers for now.
#[must_use]
pub fn answered(sign_ins: &[(Stands, &SignInSeen)]) -> String {
    if sign_ins.is_empty() {
        return "it answers for no sign-in on record; one in a log that is attached later counts, too\n"
            .to_owned();
    }
    let rows = sign_ins.iter().map(|(stands, one)| sign_in(*stands, one));
    std::iter::once(format!("it answers for {}:\n", counted(sign_ins.len(), "sign-in on record")))
        .chain(rows)
        .collect()
}

fn words(verdict: DrillVerdict) -> &'static str {
    match verdict {
        DrillVerdict::Passed => "PASSED",
        DrillVerdict::Failed => "FAILED",
        DrillVerdict::Incomplete => "INCOMPLETE",
        DrillVerdict::Abandoned => "ABANDONED",
    }
}

fn tone(verdict: DrillVerdict) -> Tone {
    match verdict {
        DrillVerdict::Passed => Tone::Good,
        DrillVerdict::Failed => Tone::Bad,
        DrillVerdict::Incomplete | DrillVerdict::Abandoned => Tone::Warn,
    }
}
