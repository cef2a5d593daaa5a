//! Runs the fault cases, each with a key of its own, and prints the table.

use std::fmt::Write as _;
use std::time::Duration;

use glasskey::soft::Touch;
use glasskey_hw_tests::catalogue::{AAGUID, retries};
use glasskey_hw_tests::plug::Plugged;
use serde_json::Value;

use crate::cases::{CASES, Case, Expect, TOUCH, Verb};
use crate::healthy::{status, text};
use crate::lab::{Lab, PIN_LINE, node, with_fault};
use crate::process::Ran;

pub(crate) struct Row {
    pub(crate) name: String,
    exit: String,
    said: String,
    took: Duration,
    bound: u64,
    retries: String,
    pub(crate) wrong: Option<String>,
}

pub(crate) fn run(lab: &Lab, only: &str) -> Vec<Row> {
    let wanted = CASES.iter().enumerate().filter(|(_, case)| name(case).contains(only));
    wanted
        .map(|(number, case)| {
            let row = one(lab, number, case);
            let word = if row.wrong.is_some() { "FAIL" } else { "pass" };
            println!("{word} {:5.1} s  {}: exit {}", row.took.as_secs_f32(), row.name, row.exit);
            row
        })
        .collect()
}

fn name(case: &Case) -> String {
    let verb = match case.verb {
        Verb::Keys => "keys",
        Verb::Info => "info",
        Verb::Check => "check --no-passkeys",
        Verb::Whole => "check",
        Verb::Verify => "pin verify",
        Verb::Set => "pin set",
        Verb::Change => "pin change",
    };
    format!("{verb}: {}", case.fault)
}

fn one(lab: &Lab, number: usize, case: &Case) -> Row {
    let (name, bound) = (name(case), case.bound.seconds());
    let mut row = Row {
        name,
        exit: String::new(),
        said: String::new(),
        took: Duration::ZERO,
        bound,
        retries: String::new(),
        wrong: None,
    };
    if let Err(wrong) = judge(lab, number, case, &mut row) {
        row.wrong = Some(wrong);
    }
    row
}

fn judge(lab: &Lab, number: usize, case: &Case, row: &mut Row) -> Result<(), String> {
    let words = |error: std::io::Error| error.to_string();
    let (ran, left) = act(lab, number, case).map_err(words)?;
    row.took = ran.took;
    row.exit = if ran.hung {
        "HUNG".to_owned()
    } else {
        ran.code.map_or("signal".to_owned(), |code| code.to_string())
    };
    row.said = said(case, &ran);
    row.retries = left.clone().unwrap_or_else(|why| why);
    let mut wrong = Vec::new();
    if ran.took > Duration::from_secs(row.bound) {
        wrong.push(format!("{:.1} s", ran.took.as_secs_f32()));
    }
    if left? != "8" {
        wrong.push("PIN attempts lost".to_owned());
    }
    if [&ran.out, &ran.err].iter().any(|text| text.contains('\u{1b}')) {
        wrong.push("an escape sequence was printed".to_owned());
    }
    wrong.extend(meets(case, &ran).err());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

fn act(lab: &Lab, number: usize, case: &Case) -> std::io::Result<(Ran, Result<String, String>)> {
    let name = format!("fault-{number}");
    let key = if case.verb == Verb::Set { lab.blank_key(&name) } else { lab.key(&name) }?;
    let key = match case.fault.strip_prefix("touch=") {
        Some("never") => key.with_options(|options| options.touch = Touch::Never),
        Some("deny") => key.with_options(|options| options.touch = Touch::Deny),
        Some(delay) => {
            let delay = delay.parse().map_err(std::io::Error::other)?;
            key.with_options(|options| options.touch_delay_ms = delay)
        }
        None => with_fault(key, case.fault)?,
    };
    let plugged = Plugged::new(&key, &name)?;
    let (node, touch) = (node(&plugged), TOUCH.to_string());
    let verb = match case.verb {
        Verb::Keys => vec!["keys"],
        Verb::Info => vec!["info"],
        Verb::Check => vec!["check", "--no-passkeys", "--policy", lab.policy()],
        Verb::Whole => vec!["check", "--policy", lab.policy()],
        Verb::Verify => vec!["pin", "verify"],
        Verb::Set => vec!["pin", "set"],
        Verb::Change => vec!["pin", "change"],
    };
    let rest = ["--json", "--pin-stdin", "--touch-timeout", &touch, "--key", &node];
    let input = if case.verb == Verb::Change { format!("{PIN_LINE}135790\n") } else { PIN_LINE.to_owned() };
    let limit = Duration::from_secs(case.bound.seconds() * 2 + 20);
    let ran = lab.glasskey(&[&verb, &rest[..]].concat()).input(&input).limit(limit).run()?;
    drop(plugged);
    Ok((ran, retries(&key).map(|left| left.to_string()).map_err(|error| error.to_string())))
}

fn meets(case: &Case, ran: &Ran) -> Result<(), String> {
    if ran.hung || ran.err.contains("panicked at") {
        return Err(ran.brief());
    }
    if ran.code != Some(case.exit) {
        return Err(format!("exit {:?} instead of {}: {}", ran.code, case.exit, ran.brief()));
    }
    let document = ran.json()?;
    match case.expect {
        Expect::Error(kind) if text(&document, "/error/kind") != kind => {
            Err(format!("no error {kind}: {}", ran.brief()))
        }
        Expect::Finding(id, wanted) if status(&document, id) != wanted => {
            Err(format!("{id} is {:?} instead of {wanted}: {}", status(&document, id), ran.brief()))
        }
        // The dead key is listed, with the reason.
        Expect::Well if case.verb == Verb::Keys && !is_listed_dead(&document) => {
            Err(format!("the dead key is not listed as such: {}", ran.brief()))
        }
        // What it read is this key's, whatever came before or in between.
        Expect::Well if case.verb == Verb::Info && !is_ours(&document) => {
            Err(format!("it read another key: {}", ran.brief()))
        }
        Expect::Error(_) | Expect::Finding(..) | Expect::Well => Ok(()),
    }
}

fn is_ours(info: &Value) -> bool {
    text(info, "/key/info/aaguid") == AAGUID.to_string()
        && info.pointer("/key/retries/left") == Some(&8.into())
}

fn is_listed_dead(listed: &Value) -> bool {
    let [key] = listed["keys"].as_array().map(Vec::as_slice).unwrap_or_default() else { return false };
    key["aaguid"].is_null() && key["reason"].is_string()
}

/// What it said, short.
fn said(case: &Case, ran: &Ran) -> String {
    let Ok(document) = ran.json() else { return "(no JSON)".to_owned() };
    let finding = match case.expect {
        Expect::Finding(id, _) => {
            document["findings"].as_array().into_iter().flatten().find(|one| one["id"] == id)
        }
        _ => None,
    };
    if let Some(finding) = finding {
        return format!("{} {}: {}", text(finding, "/id"), text(finding, "/status"), text(finding, "/saw"));
    }
    let message = text(&document, "/error/message");
    if message.is_empty() { text(&document, "/verdict") } else { message }
}

pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| | verb: fault | exit | said | time | bound | PIN attempts left |\n|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let said: String =
            row.said.replace('|', "/").chars().take(110).flat_map(char::escape_debug).collect();
        let sign = if row.wrong.is_some() { "**WRONG**" } else { "ok" };
        let _ = writeln!(
            text,
            "| {sign} | {} | {} | {said} | {:.1} s | {} s | {} |",
            row.name,
            row.exit,
            row.took.as_secs_f32(),
            row.bound,
            row.retries
        );
    }
    text.push('\n');
    for row in rows {
        if let Some(wrong) = &row.wrong {
            let _ = writeln!(text, "WRONG {}: {wrong}", row.name);
        }
    }
    text
}
