//! The custody plan and the status of the inventory, as people read them.

use super::{Tone, answer, escape, finding, heading, line, paint, row};
use crate::plan::{Plan, Remark, Weight};
use crate::status::{AccountState, Status as Answer};
use crate::verdict::finding::Status;
use crate::verdict::words::day;

/// What a plan says in short, and every remark with its line; the answer last.
#[must_use]
pub fn plan(plan: &Plan, remarks: &[Remark]) -> String {
    let mut text = heading(&escape(&format!("{} · {}", plan.organisation, plan.file)));
    for account in &plan.accounts {
        let sites: Vec<_> = account.sites.iter().map(ToString::to_string).collect();
        let at = if sites.is_empty() { String::new() } else { format!(", at {}", sites.join(", ")) };
        let keys = if *account.keys == 1 { "key" } else { "keys" };
        let what = format!("{}, {} {keys}{at}", account.upn, account.keys);
        text.push_str(&line(&escape(account.name.as_str()), Some(what)));
    }
    let rules = &plan.rules;
    text.push_str(&line("diversity", Some(rules.diversity.word().to_owned())));
    text.push_str(&line("drill every", Some(format!("{} days", rules.drill_interval_days))));
    let asked = format!(
        "{} questions, alert within {} min",
        plan.drill.questions.len(),
        plan.drill.alert_limit_minutes
    );
    text.push_str(&line("a drill asks", Some(asked)));
    text.push_str(&line("PINs are kept", Some(rules.pin_location.word().to_owned())));
    text.push('\n');
    for remark in remarks {
        let status = match remark.status {
            Weight::Warn => Status::Warn,
            Weight::Fail => Status::Fail,
        };
        let place = if remark.line == 0 { String::new() } else { format!("line {}: ", remark.line) };
        text.push_str(&row(status, remark.id, &format!("{place}{}", remark.what), Some(&remark.cure)));
    }
    let count = |weight| remarks.iter().filter(|remark| remark.status == weight).count();
    let (fail, warn) = (count(Weight::Fail), count(Weight::Warn));
    let word = if fail == 0 { paint(Tone::Good, "SOUND") } else { paint(Tone::Bad, "NOT SOUND") };
    text.push_str(&format!("{word}  ({warn} warn, {fail} fail)\n"));
    text
}

/// The accounts in short, every rule and what breaks it, the answer last.
#[must_use]
pub fn status(plan: &Plan, status: &Answer) -> String {
    let mut text = heading(&escape(&format!("{} · {}", plan.organisation, plan.file)));
    text.extend(status.accounts.iter().map(|account| line(&escape(&account.name), Some(stands(account)))));
    text.push('\n');
    text.extend(status.findings.iter().map(finding));
    let (tone, word) = if status.well { (Tone::Good, "NO RULE BROKEN") } else { (Tone::Bad, "RULES BROKEN") };
    text + &answer(tone, word, status.findings.iter().map(|found| found.status))
}

fn stands(account: &AccountState) -> String {
    let mut parts = vec![format!("{} of {} keys", account.active, account.wanted)];
    if !account.makers.is_empty() {
        parts.push(format!("by {}", account.makers.join(", ")));
    }
    if !account.sites.is_empty() {
        parts.push(format!("at {}", account.sites.join(", ")));
    }
    if let Some(due) = account.due {
        parts.push(format!("next check by {}", day(&due)));
    }
    if let Some(due) = account.drill_due {
        let last = account.last_passed_drill.map(|at| format!(" (last passed {})", day(&at)));
        parts.push(format!("next drill by {}{}", day(&due), last.unwrap_or_default()));
    }
    parts.join(", ")
}
